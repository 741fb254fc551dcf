//! Envelope and bytes, and what came of handing them over.

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

impl std::fmt::Debug for EmbeddedPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

/// What the other side said, or what happened instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// SMTP reply code (RFC 5321 section 4.2), where there was one.
    pub code: Option<u16>,
    pub text: String,
}

impl Reply {
    /// What a server says reaches terminals and files, so control characters
    /// (escape sequences among them) become spaces, and a speech is cut.
    pub fn new(code: Option<u16>, text: impl Into<String>) -> Self {
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        Self { code, text: text.into().chars().map(plain).take(500).collect() }
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
