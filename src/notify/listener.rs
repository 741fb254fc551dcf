//! A server on loopback for whoever is told of a run. It keeps what it was told,
//! and answers what the story wants: these statuses in their order, the last of
//! them for ever.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

pub struct Listener {
    port: u16,
    told: Arc<Mutex<Vec<Told>>>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `POST /path?query`
    pub what: String,
    pub body: String,
}

impl Listener {
    pub fn answering(statuses: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let told = Arc::new(Mutex::default());
        let seen = Arc::clone(&told);
        thread::spawn(move || {
            let last = statuses.last().expect("something to say");
            for status in statuses.iter().chain(std::iter::repeat(last)) {
                let Ok((stream, _)) = listener.accept() else { return };
                // A client that went away is nobody's fault here.
                let _ = serve(stream, status, &seen);
            }
        });
        Self { port, told }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests' first lines, in order.
    pub fn asked(&self) -> Vec<String> {
        self.told().into_iter().map(|told| told.what).collect()
    }
}

fn serve(mut stream: TcpStream, status: &str, seen: &Mutex<Vec<Told>>) -> std::io::Result<()> {
    let mut read = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if read.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    read.read_exact(&mut body)?;
    let what = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let body = String::from_utf8_lossy(&body).into_owned();
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(Told { what, body });
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())
}
