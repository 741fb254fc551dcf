//! Postfix's `smtp-sink`, which looks at every byte it takes by itself: about as
//! much work as a real server has before it writes anything.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

pub struct PostfixSink {
    server: Child,
    pub address: SocketAddr,
}

impl PostfixSink {
    /// `None` where it is not installed (Debian package postfix).
    pub fn start() -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let mut command = Command::new("/usr/sbin/smtp-sink");
        if std::fs::metadata("/proc/self").is_ok_and(|ours| ours.uid() == 0) {
            // It asks root to say as whom it should run.
            command.args(["-u", "nobody"]);
        }
        command.args([&address.to_string(), "100"]).stdout(Stdio::null()).stderr(Stdio::null());
        let sink = Self { server: command.spawn().ok()?, address };
        let listens = |_| {
            thread::sleep(Duration::from_millis(20));
            TcpStream::connect(address).is_ok()
        };
        (0..100).any(listens).then_some(sink)
    }
}

impl Drop for PostfixSink {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
