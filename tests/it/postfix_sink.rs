//! Postfix's `smtp-sink`: a server that is none of ours, and what it took.
//!
//! It writes every message into a file of its own and takes the file away
//! again when the line breaks before the end, so the files are its own count.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::desk::has;

pub struct PostfixSink {
    server: Child,
    address: String,
    folder: TempDir,
}

impl PostfixSink {
    /// `None` where it is not installed.
    pub fn start() -> Option<Self> {
        let program = if has("smtp-sink") { "smtp-sink" } else { "/usr/sbin/smtp-sink" };
        let folder = tempfile::tempdir().expect("a folder");
        let address = free_address();
        let mut command = Command::new(program);
        if fs::metadata(folder.path()).expect("ours").uid() == 0 {
            // It asks root to say as whom it should run.
            command.args(["-u", "root"]);
        }
        command.args(["-d", "mail."]).arg(&address).arg("100").current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut sink = Self { server: command.spawn().ok()?, address, folder };
        for _ in 0..100 {
            if TcpStream::connect(&sink.address).is_ok() {
                return Some(sink);
            }
            thread::sleep(Duration::from_millis(20));
        }
        let ended = sink.server.try_wait();
        panic!("smtp-sink does not listen on {}: {ended:?}", sink.address);
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// How many messages it has, or is about to have.
    pub fn count(&self) -> usize {
        fs::read_dir(self.folder.path()).expect("its folder").count()
    }

    /// Recipients of whole messages.
    pub fn recipients(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path()).expect("its folder");
        let texts = files.map(|file| {
            let bytes = fs::read(file.expect("a file").path()).expect("a message");
            String::from_utf8(bytes).expect("mail is ASCII")
        });
        let recipient = |text: String| {
            let line = text.lines().find_map(|line| line.strip_prefix("X-Rcpt-Args: <"));
            line.and_then(|rest| rest.split_once('>')).expect("a recipient").0.to_owned()
        };
        texts.map(recipient).collect()
    }
}

impl Drop for PostfixSink {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}
