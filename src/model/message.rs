//! Envelope and bytes, and what came of handing them over.

use std::fmt;
use std::sync::Arc;

use lettre::Address;
use serde::Serialize;

/// Something that rides on a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// A picture that is part of a mail's HTML.
#[derive(Clone, PartialEq, Eq)]
pub struct EmbeddedPicture {
    /// RFC 2045 section 7, without angle brackets.
    pub content_id: String,
    pub name: String,
    pub media_type: String,
    /// Shared by all editions of a mailing that show it.
    pub bytes: Arc<[u8]>,
}

impl fmt::Debug for EmbeddedPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content_id, name, bytes, .. } = self;
        write!(f, "EmbeddedPicture({name}, {} bytes, <{content_id}>)", bytes.len())
    }
}

/// An RFC 5321 envelope with RFC 5322 bytes (CRLF line ends, no line over 998
/// octets). This is all that a transport ever sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Without angle brackets; unique, and the same however often it is tried.
    pub id: String,
    pub sender: Address,
    pub recipient: Address,
    pub bytes: Vec<u8>,
}

/// How far the handing over of one message has come. After a crash, whatever
/// stood before [`Stage::Reply`] cannot have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// TCP, the greeting and EHLO.
    Connect,
    Tls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// All of the message but what makes it whole (in SMTP the final dot).
    Body,
    /// It is whole, and what the other side makes of it is yet to be heard.
    Reply,
}

impl Stage {
    pub const ALL: [Self; 8] = [
        Self::Connect,
        Self::Tls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Body,
        Self::Reply,
    ];

    /// Stable name, in the ledger and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Body => "body",
            Self::Reply => "reply",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// As it is said in a sentence: "failed while …".
    pub fn doing(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Tls => "turning to TLS",
            Self::Auth => "logging in",
            Self::Mail => "naming the sender",
            Self::Rcpt => "naming the recipient",
            Self::Data => "announcing the message",
            Self::Body => "sending the message",
            Self::Reply => "answering the message",
        }
    }
}

/// An enhanced status code (RFC 3463): why, where the code alone says whether.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enhanced {
    /// 2, 4 or 5.
    pub class: u8,
    pub subject: u16,
    pub detail: u16,
}

impl Enhanced {
    /// The code at the head of `text`, where RFC 2034 section 4 puts it.
    pub fn at_head_of(text: &str) -> Option<Self> {
        let word = text.split_ascii_whitespace().next()?;
        let mut parts = word.split('.').map(|part| {
            let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<u16>().ok()).flatten()
        });
        let (class, subject, detail) = (parts.next()??, parts.next()??, parts.next()??);
        let class = u8::try_from(class).ok().filter(|class| matches!(class, 2 | 4 | 5))?;
        parts.next().is_none().then_some(Self { class, subject, detail })
    }
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl Serialize for Enhanced {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the other side said, or what happened instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// SMTP reply code (RFC 5321 section 4.2), where there was one.
    pub code: Option<u16>,
    /// Stands at the head of `text` too, which is kept as it was said.
    pub enhanced: Option<Enhanced>,
    pub text: String,
}

impl Reply {
    /// What a server says reaches terminals and files, so control characters
    /// (escape sequences among them) become spaces, and a speech is cut. An
    /// enhanced code counts beside a reply code of its own class only (RFC 2034
    /// section 3).
    pub fn new(code: Option<u16>, text: impl Into<String>) -> Self {
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let text: String = text.into().chars().map(plain).take(500).collect();
        let class = code.map(|code| code / 100);
        let enhanced = Enhanced::at_head_of(&text).filter(|it| class == Some(u16::from(it.class)));
        Self { code, enhanced, text }
    }
}

/// The code, where there was one, and the words.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code} {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// What came of handing one message over. We say *accepted*, never
/// *delivered*: what happens beyond the next server is not ours to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took responsibility (2xx after the body).
    Accepted(Reply),
    /// Not now (4xx): try again later.
    Deferred(Reply),
    /// Never (5xx).
    Refused(Reply),
    /// The line died after the body went out: it may or may not have arrived.
    Unsure(Reply),
}

impl Outcome {
    pub fn reply(&self) -> &Reply {
        match self {
            Self::Accepted(reply)
            | Self::Deferred(reply)
            | Self::Refused(reply)
            | Self::Unsure(reply) => reply,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enhanced(code: u16, text: &str) -> Option<String> {
        Reply::new(Some(code), text).enhanced.map(|it| it.to_string())
    }

    #[test]
    fn an_enhanced_code_is_read_where_it_belongs_and_nowhere_else() {
        assert_eq!(enhanced(550, "5.1.1 No such user").as_deref(), Some("5.1.1"));
        assert_eq!(enhanced(450, "4.7.1").as_deref(), Some("4.7.1"));
        assert_eq!(enhanced(250, "2.0.0 Ok").as_deref(), Some("2.0.0"));
        for (code, text) in [
            (550, "no such user 5.1.1"),
            (550, "4.7.1 of another class"),
            (550, "5.1 two parts"),
            (550, "5.1.1.1 four parts"),
            (550, "192.0.2.1 is on a list"),
            (550, "5.1234.1 too long"),
            (550, "5.+1.1 a sign"),
            (354, "3.0.0 no class of RFC 3463"),
        ] {
            assert_eq!(enhanced(code, text), None, "{code} {text}");
        }
        assert_eq!(Reply::new(None, "5.1.1 said by nobody").enhanced, None);
    }

    #[test]
    fn a_stage_is_found_by_its_name() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_name(stage.name()), Some(stage));
        }
    }
}
