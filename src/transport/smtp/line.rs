//! A line to a mail server: bytes out, replies in.
//!
//! lettre has the commands and the logins, but sends a message in one call,
//! its final dot included, and waits for an answer to every command. The
//! ledger must be written *between* the message and its dot, and MAIL, RCPT
//! and DATA go out together where the server allows it, so the stream is ours
//! (docs/adr/0020).
//!
//! The surprise: a reply is read by its code. Its text may be in any encoding
//! and of any taste; what it asks of us stands in three digits.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use crate::model::Reply;

/// RFC 5321 section 4.5.3.1.5 allows 512 octets; servers say more.
const LONGEST_LINE: u64 = 4096;
const MOST_LINES: usize = 100;

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub struct Line {
    stream: BufReader<Box<dyn Stream>>,
    pub offers: Offers,
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub code: u16,
    /// Without the codes before them.
    pub lines: Vec<String>,
}

impl Said {
    /// 2xx and 3xx (RFC 5321 section 4.2.1).
    pub fn is_yes(&self) -> bool {
        self.code < 400
    }

    pub fn reply(&self) -> Reply {
        Reply::new(Some(self.code), self.lines.join(" "))
    }
}

/// Why nothing was heard, or nothing that makes sense.
#[derive(Debug)]
pub enum Broken {
    /// The line, or our patience, has ended.
    Lost(String),
    /// It was an answer, but none of SMTP.
    Unreadable(String),
}

impl Broken {
    pub fn reason(self) -> String {
        match self {
            Self::Lost(reason) => reason,
            Self::Unreadable(text) => format!("an answer that cannot be read: {text}"),
        }
    }
}

impl Line {
    pub fn over(stream: impl Stream + 'static) -> Self {
        Self { stream: BufReader::new(Box::new(stream)), offers: Offers::default() }
    }

    /// The stream below, for TLS to be put on. `None` when the server has said
    /// more already: whatever was said in the clear must not be heard as if it
    /// had been said under TLS (CVE-2011-0411).
    pub fn into_stream(self) -> Option<Box<dyn Stream>> {
        self.stream.buffer().is_empty().then(|| self.stream.into_inner())
    }

    pub async fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<(), Broken> {
        let stream = self.stream.get_mut();
        let written = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        within(wait, written).await
    }

    /// Commands end with CRLF, as lettre writes them.
    pub async fn command(
        &mut self,
        command: impl Display + Send,
        wait: Duration,
    ) -> Result<Said, Broken> {
        let command = command.to_string();
        self.write(command.as_bytes(), wait).await?;
        self.hear(wait).await
    }

    /// The next reply, all its lines (RFC 5321 section 4.2.1).
    pub async fn hear(&mut self, wait: Duration) -> Result<Said, Broken> {
        timeout(wait, self.reply())
            .await
            .unwrap_or_else(|_| Err(Broken::Lost("no answer in time".to_owned())))
    }

    async fn reply(&mut self) -> Result<Said, Broken> {
        let mut lines = Vec::new();
        let mut buffer = Vec::with_capacity(128);
        loop {
            buffer.clear();
            let mut limited = (&mut self.stream).take(LONGEST_LINE);
            limited.read_until(b'\n', &mut buffer).await.map_err(|error| lost(&error))?;
            if !buffer.ends_with(b"\n") && (buffer.len() as u64) < LONGEST_LINE {
                return Err(Broken::Lost("the server closed the line".to_owned()));
            }
            let shown = || String::from_utf8_lossy(&buffer).trim_end().chars().take(80).collect();
            let part = Part::parse(&buffer).ok_or_else(|| Broken::Unreadable(shown()))?;
            lines.push(part.text);
            if part.is_last {
                return Ok(Said { code: part.code, lines });
            }
            if lines.len() > MOST_LINES {
                return Err(Broken::Unreadable("it has no end".to_owned()));
            }
        }
    }
}

async fn within(wait: Duration, work: impl Future<Output = io::Result<()>>) -> Result<(), Broken> {
    match timeout(wait, work).await {
        Ok(done) => done.map_err(|error| lost(&error)),
        Err(_) => Err(Broken::Lost("not taken in time".to_owned())),
    }
}

fn lost(error: &io::Error) -> Broken {
    Broken::Lost(error.to_string())
}

/// One line of a reply.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    code: u16,
    is_last: bool,
    text: String,
}

impl Part {
    /// `None` for what is no line of a reply (RFC 5321 section 4.2).
    fn parse(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\n")?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (code, rest) = line.split_at_checked(3)?;
        let class = matches!(code[0], b'2'..=b'5');
        if !class || !code.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let code = code.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        let (is_last, text) = match rest {
            [] => (true, rest),
            [b' ', text @ ..] => (true, text),
            [b'-', text @ ..] => (false, text),
            _ => return None,
        };
        Some(Self { code, is_last, text: String::from_utf8_lossy(text).into_owned() })
    }
}

/// What a server can do, as it says after EHLO.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// RFC 2920: several commands in one go.
    pub pipelining: bool,
    /// RFC 3207
    pub starttls: bool,
    /// RFC 6152
    pub eight_bit: bool,
    /// RFC 6531
    pub smtp_utf8: bool,
    /// RFC 1870: the largest message; 0 for no limit. `None` where it does not
    /// say.
    pub size: Option<u64>,
    /// RFC 4954: names of mechanisms, in capitals.
    pub auth: Vec<String>,
}

impl Offers {
    /// The first line is a greeting.
    pub fn read(ehlo: &Said) -> Self {
        let mut offers = Self::default();
        for line in ehlo.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("PIPELINING") => offers.pipelining = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.smtp_utf8 = true,
                Some("SIZE") => {
                    offers.size = Some(words.next().and_then(|it| it.parse().ok()).unwrap_or(0));
                }
                Some("AUTH") => offers.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A_SECOND: Duration = Duration::from_secs(1);

    async fn heard(bytes: &[u8]) -> Result<Said, String> {
        let (mut server, ours) = tokio::io::duplex(64 * 1024);
        server.write_all(bytes).await.expect("said");
        drop(server);
        Line::over(ours).hear(A_SECOND).await.map_err(Broken::reason)
    }

    #[tokio::test]
    async fn a_reply_may_have_many_lines_and_any_encoding() {
        let said = heard(b"250-first\r\n250-\r\n250 last\r\n").await.expect("a reply");
        assert_eq!((said.code, said.lines.join("|")), (250, "first||last".to_owned()));
        let bare = heard(b"354\n").await.expect("a reply");
        assert_eq!((bare.code, bare.lines), (354, vec![String::new()]));
        let latin = heard(b"550 p\xf8\xedjemce nezn\xe1me\r\n").await.expect("a reply");
        assert_eq!(latin.code, 550);
    }

    #[tokio::test]
    async fn what_is_no_reply_is_told_apart_from_silence() {
        for nonsense in ["HTTP/1.1 400 Bad Request\r\n", "25 ok\r\n", "250_ok\r\n", "650 x\r\n"] {
            let told = heard(nonsense.as_bytes()).await.expect_err(nonsense);
            assert!(told.starts_with("an answer that cannot be read"), "{told}");
        }
        for end in ["", "250-first\r\n", "250 half"] {
            let told = heard(end.as_bytes()).await.expect_err(end);
            assert_eq!(told, "the server closed the line");
        }
        let endless = "250-and\r\n".repeat(1000);
        let told = heard(endless.as_bytes()).await.expect_err("endless");
        assert!(told.contains("it has no end"), "{told}");
        let told = heard(&b"2".repeat(10_000)).await.expect_err("one endless line");
        assert!(told.starts_with("an answer that cannot be read"), "{told}");
    }

    #[test]
    fn offers_are_read_whatever_their_case() {
        let lines = ["mail.example.org", "PIPELINING", "size 10240000", "8bitmime", "AUTH PLAIN x"];
        let ehlo = Said { code: 250, lines: lines.map(str::to_owned).to_vec() };
        let offers = Offers {
            pipelining: true,
            eight_bit: true,
            size: Some(10_240_000),
            auth: vec!["PLAIN".to_owned(), "X".to_owned()],
            ..Offers::default()
        };
        assert_eq!(Offers::read(&ehlo), offers);
    }

    #[tokio::test]
    async fn what_was_said_in_the_clear_does_not_survive_into_tls() {
        let (mut server, ours) = tokio::io::duplex(1024);
        server.write_all(b"220 go\r\n250 injected\r\n").await.expect("said");
        let mut line = Line::over(ours);
        line.hear(A_SECOND).await.expect("a reply");
        assert!(line.into_stream().is_none());
    }
}
