//! A mail server on loopback that says what the story tells it to say.
//!
//! It runs on threads of its own, so a test cannot starve it, and keeps what
//! it took. *Took* means that the whole message arrived, whatever the server
//! said afterwards: a server that hangs up after the final dot has the mail.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// Where in the dialogue the server is asked for its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// A line was opened: the first, the second, …
    Greeting(usize),
    Ehlo,
    /// AUTH, with what came after the word.
    Auth(String),
    Mail(String),
    Rcpt(String),
    /// DATA, for this recipient.
    Data(String),
    /// The first line of the message for this recipient is in: only hanging up
    /// is heard at this moment.
    FirstLine(String),
    /// The whole message for this recipient is in.
    Body(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What a friendly server says.
    Yes,
    Say(&'static str),
    /// Says it, then closes the line, as 421 does.
    SayAndHangUp(&'static str),
    HangUp,
    /// Never answers.
    Silence,
}

/// One message, as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub sender: String,
    pub recipient: String,
    pub bytes: Vec<u8>,
    /// When it was whole, by the server's own clock.
    pub at: Instant,
}

const OFFERS: &str =
    "250-sink.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN";

type Script = Box<dyn FnMut(&Moment) -> Answer + Send>;

pub struct Sink {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: Mutex<Script>,
    taken: Mutex<Vec<Taken>>,
    lines: Mutex<usize>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sink {
    pub fn friendly() -> Self {
        Self::saying(|_| Answer::Yes)
    }

    pub fn saying(script: impl FnMut(&Moment) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            script: Mutex::new(Box::new(script)),
            taken: Mutex::default(),
            lines: Mutex::default(),
        });
        let for_lines = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&for_lines);
                thread::spawn(move || Talk::over(stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// The address of a server that is not there.
    pub fn url_of_nobody() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("smtp://{}", listener.local_addr().expect("an address"))
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn taken(&self) -> Vec<Taken> {
        lock(&self.shared.taken).clone()
    }

    pub fn recipients(&self) -> Vec<String> {
        lock(&self.shared.taken).iter().map(|taken| taken.recipient.clone()).collect()
    }

    pub fn count(&self) -> usize {
        lock(&self.shared.taken).len()
    }

    /// How many lines were opened to it.
    pub fn lines(&self) -> usize {
        *lock(&self.shared.lines)
    }
}

/// One line, and what was said on it so far.
struct Talk<'s> {
    read: BufReader<TcpStream>,
    write: TcpStream,
    shared: &'s Shared,
    sender: String,
    recipient: String,
}

impl<'s> Talk<'s> {
    /// Ends when either side hangs up, which is no failure of the test.
    fn over(stream: TcpStream, shared: &'s Shared) {
        let Ok(write) = stream.try_clone() else { return };
        let read = BufReader::new(stream);
        let mut talk =
            Self { read, write, shared, sender: String::new(), recipient: String::new() };
        let _ = talk.talk();
    }

    fn talk(&mut self) -> io::Result<()> {
        let number = {
            let mut lines = lock(&self.shared.lines);
            *lines += 1;
            *lines
        };
        self.answer(&Moment::Greeting(number), "220 sink.example.org ESMTP")?;
        while let Some(command) = self.line()? {
            let command = String::from_utf8_lossy(&command).into_owned();
            let verb = command.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    self.answer(&Moment::Ehlo, OFFERS)?;
                }
                "AUTH" => {
                    let said = command.trim_end()[4..].trim_start().to_owned();
                    self.answer(&Moment::Auth(said), "235 2.7.0 Welcome")?;
                }
                "MAIL" => {
                    self.sender = between_brackets(&command);
                    self.answer(&Moment::Mail(self.sender.clone()), "250 2.1.0 Ok")?;
                }
                "RCPT" => {
                    let recipient = between_brackets(&command);
                    let taken = self.answer(&Moment::Rcpt(recipient.clone()), "250 2.1.5 Ok")?;
                    self.recipient = if taken { recipient } else { String::new() };
                }
                "DATA" if self.recipient.is_empty() => self.say("503 5.5.1 For whom?")?,
                "DATA" => self.data()?,
                "RSET" | "NOOP" => self.say("250 2.0.0 Ok")?,
                "QUIT" => {
                    self.say("221 2.0.0 Bye")?;
                    return hang_up();
                }
                _ => self.say("502 5.5.2 What?")?,
            }
        }
        Ok(())
    }

    fn data(&mut self) -> io::Result<()> {
        let go_on = "354 End data with <CR><LF>.<CR><LF>";
        if !self.answer(&Moment::Data(self.recipient.clone()), go_on)? {
            return Ok(());
        }
        let (mut bytes, mut is_first) = (Vec::new(), true);
        loop {
            let Some(line) = self.line()? else { return hang_up() };
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if std::mem::take(&mut is_first) {
                let moment = Moment::FirstLine(self.recipient.clone());
                match (lock(&self.shared.script))(&moment) {
                    Answer::HangUp => return hang_up(),
                    Answer::SayAndHangUp(line) => return self.say(line).and_then(|()| hang_up()),
                    Answer::Yes | Answer::Say(_) | Answer::Silence => {}
                }
            }
        }
        let (sender, recipient) = (self.sender.clone(), self.recipient.clone());
        lock(&self.shared.taken).push(Taken { sender, recipient, bytes, at: Instant::now() });
        self.answer(&Moment::Body(self.recipient.clone()), "250 2.0.0 Ok: queued").map(|_| ())
    }

    /// Says what the script wants; true where that is what was `usual`.
    fn answer(&mut self, moment: &Moment, usual: &str) -> io::Result<bool> {
        let answer = (lock(&self.shared.script))(moment);
        match answer {
            Answer::Yes => self.say(usual).map(|()| true),
            Answer::Say(line) => self.say(line).map(|()| false),
            Answer::SayAndHangUp(line) => self.say(line).and_then(|()| hang_up()),
            Answer::HangUp => hang_up(),
            Answer::Silence => {
                while self.line()?.is_some() {}
                hang_up()
            }
        }
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.write.write_all(format!("{text}\r\n").as_bytes())
    }

    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = self.read.read_until(b'\n', &mut line)?;
        Ok((read > 0).then_some(line))
    }
}

fn hang_up<T>() -> io::Result<T> {
    Err(io::ErrorKind::ConnectionAborted.into())
}

fn between_brackets(command: &str) -> String {
    let inside = command.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}
