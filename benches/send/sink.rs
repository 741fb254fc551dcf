//! A mail server that takes everything, says so, and forgets it: as fast as a
//! server can be that reads every byte. A thread a line.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

pub struct Sink {
    address: SocketAddr,
    taken: Arc<AtomicU64>,
}

impl Sink {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let taken = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&taken);
        thread::spawn(move || {
            for line in listener.incoming().map_while(Result::ok) {
                let count = Arc::clone(&count);
                thread::spawn(move || serve(line, &count));
            }
        });
        Self { address, taken }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn count(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

/// Ends when the other side does.
fn serve(mut line: TcpStream, taken: &AtomicU64) -> Option<()> {
    line.set_nodelay(true).ok()?;
    line.write_all(b"220 sink ESMTP\r\n").ok()?;
    let mut buffer = vec![0; 256 * 1024];
    // Of a command what has come so far; of a message its last five bytes.
    let mut rest: Vec<u8> = Vec::new();
    let mut in_message = false;
    loop {
        let read = line.read(&mut buffer).ok().filter(|read| *read > 0)?;
        let mut bytes = &buffer[..read];
        let mut answer = Vec::new();
        while !bytes.is_empty() {
            if in_message {
                bytes = skip_message(bytes, &mut rest, &mut in_message);
                if !in_message {
                    taken.fetch_add(1, Ordering::Relaxed);
                    answer.extend_from_slice(b"250 2.0.0 Ok\r\n");
                }
            } else {
                let end = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
                rest.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
                bytes = &bytes[end.unwrap_or(bytes.len())..];
                if end.is_some() {
                    in_message = reply(&rest, &mut answer);
                    rest.clear();
                    if in_message {
                        // The command's own line end may begin the end.
                        rest.extend_from_slice(b"\r\n");
                    }
                }
            }
        }
        line.write_all(&answer).ok()?;
    }
}

/// What comes after the message, or nothing.
fn skip_message<'b>(bytes: &'b [u8], tail: &mut Vec<u8>, in_message: &mut bool) -> &'b [u8] {
    const END: &[u8] = b"\r\n.\r\n";
    // Across the border between two reads, then within this one.
    let head = &bytes[..bytes.len().min(END.len())];
    tail.extend_from_slice(head);
    if let Some(at) = tail.windows(END.len()).position(|window| window == END) {
        let used = at + END.len() - (tail.len() - head.len());
        tail.clear();
        *in_message = false;
        return &bytes[used..];
    }
    tail.clear();
    if let Some(at) = memchr::memmem::find(bytes, END) {
        *in_message = false;
        return &bytes[at + END.len()..];
    }
    tail.extend_from_slice(&bytes[bytes.len().saturating_sub(END.len() - 1)..]);
    &[]
}

/// True when a message follows.
fn reply(command: &[u8], answer: &mut Vec<u8>) -> bool {
    let verb = command.get(..4).unwrap_or_default().to_ascii_uppercase();
    answer.extend_from_slice(match verb.as_slice() {
        b"EHLO" => b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n".as_slice(),
        b"DATA" => b"354 Go on\r\n",
        b"QUIT" => b"221 2.0.0 Bye\r\n",
        _ => b"250 2.0.0 Ok\r\n",
    });
    verb == b"DATA"
}
