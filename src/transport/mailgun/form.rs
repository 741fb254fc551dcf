//! The request's body: `multipart/form-data` (RFC 7578).
//!
//! Fields before the message are ours or an [`EnvelopeAddress`], which holds no
//! line end; the message comes last, so that nothing but the closing boundary
//! stands behind it.

use sha2::{Digest, Sha256};

use super::super::envelope::EnvelopeAddress;
use crate::model::Message;

pub struct Form {
    boundary: String,
    bytes: Vec<u8>,
}

impl Form {
    pub fn of(message: &Message, recipient: &EnvelopeAddress) -> Self {
        let boundary = boundary(&message.bytes);
        let delivery: String = message.id.chars().filter(char::is_ascii_graphic).collect();
        let mut bytes = Vec::with_capacity(message.bytes.len() + 1024);
        for (name, value) in [
            ("to", recipient.to_string().as_str()),
            ("o:tracking", "no"),
            ("o:tracking-clicks", "no"),
            ("o:tracking-opens", "no"),
            ("v:delivery", &delivery),
        ] {
            let field = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            bytes.extend_from_slice(field.as_bytes());
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"message\"; \
             filename=\"message.eml\"\r\nContent-Type: message/rfc822\r\n\r\n"
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&message.bytes);
        bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Self { boundary, bytes }
    }

    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Made of the message's own digest, which cannot stand in the message.
fn boundary(message: &[u8]) -> String {
    let digest = Sha256::digest(message);
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("hlas-{hex}")
}
