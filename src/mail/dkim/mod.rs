//! DKIM (RFC 6376): the house signs what it sends, so that others can tell its
//! mail from what only pretends to be.
//!
//! With every key that `[dkim]` names, so with RSA and Ed25519 (RFC 8463) at
//! once: the second is shorter and faster, the first is what everybody reads.
//!
//! The surprise: the header fields that we sign, we sign once more often than
//! they are there (RFC 6376 section 8.15). So a second From, Subject or
//! List-Unsubscribe-Post that somebody adds on the way breaks the signature,
//! also where we wrote none.

mod canonical;
mod key;
mod record;

use std::path::Path;

use base64::prelude::*;
use jiff::Timestamp;

use crate::mail::ComposeError;
use crate::model::DkimSettings;
use canonical::relaxed_field;

pub use canonical::{BodyHash, relaxed_body};
pub use key::{Algorithm, Key, KeyError, exposed, write_secret};
pub use record::{Flaw, Record, record_name, tags, zone_line};

/// What is signed, in the order of `h=`. What a reader sees of the message, who
/// may leave the list and how, and what says how to read the rest. Trace
/// fields and `Return-Path` are not ours (RFC 6376 section 5.4.1).
pub const SIGNED: [&str; 12] = [
    "From",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
];

/// Signs for one domain, with one key or several.
#[derive(Debug)]
pub struct Signer {
    domain: String,
    keys: Vec<(String, Key)>,
}

impl Signer {
    /// Reads all keys; relative paths are below `root`.
    pub fn open(settings: &DkimSettings, root: &Path) -> Result<Self, KeyError> {
        let keys = settings
            .keys
            .iter()
            .map(|(selector, file)| Key::read(&root.join(file)).map(|key| (selector.clone(), key)));
        Ok(Self { domain: settings.domain.clone(), keys: keys.collect::<Result<_, _>>()? })
    }

    pub fn new(domain: &str, keys: Vec<(String, Key)>) -> Self {
        Self { domain: domain.to_owned(), keys }
    }

    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Selectors with their keys.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &Key)> {
        self.keys.iter().map(|(selector, key)| (selector.as_str(), key))
    }

    /// The signatures of a finished message, to stand in front of it.
    pub fn sign(&self, message: &[u8], at: Timestamp) -> Result<String, ComposeError> {
        let end = memchr::memmem::find(message, b"\r\n\r\n").ok_or(ComposeError::LooseLineEnd)?;
        let head = str::from_utf8(&message[..end + 2]).map_err(|_| ComposeError::NotSevenBit)?;
        self.sign_hashed(head, BodyHash::of_body(&message[end + 4..]), at)
    }

    /// The same of header fields and the hash of a body. They are not folded
    /// into one field each (`DKIM-Signature`, ended by CRLF).
    pub fn sign_hashed(
        &self,
        head: &str,
        body: BodyHash,
        at: Timestamp,
    ) -> Result<String, ComposeError> {
        let fields: Vec<&str> = fields(head).collect();
        let (names, mut signed) = over_signed(&fields);
        let (names, length) = (folded(&names, ':'), signed.len());
        let bh = BASE64_STANDARD.encode(body.0);
        let mut signatures = String::with_capacity(1024);
        for (selector, key) in &self.keys {
            let field = format!(
                "DKIM-Signature: v=1; a={}-sha256; c=relaxed/relaxed;\r\n d={};\r\n s={selector}; t={};\r\n h={names};\r\n bh={bh};\r\n b=",
                key.algorithm().name(),
                self.domain,
                at.as_second(),
            );
            signed.truncate(length);
            relaxed_field(&field, &mut signed);
            // RFC 6376 section 3.7: without `b=`'s value, and without an end.
            let data = signed.trim_end_matches("\r\n").as_bytes();
            let b = key.sign(data).ok_or_else(|| ComposeError::Unsigned(selector.clone()))?;
            signatures.push_str(&field);
            signatures.push_str(&folded_anywhere(&b));
            signatures.push_str("\r\n");
        }
        Ok(signatures)
    }
}

/// Header fields, each with its folds and its end.
pub(in crate::mail) fn fields(head: &str) -> impl Iterator<Item = &str> {
    let mut rest = head;
    std::iter::from_fn(move || {
        let mut end = 0;
        loop {
            match memchr::memmem::find(&rest.as_bytes()[end..], b"\r\n") {
                None => end = rest.len(),
                Some(at) => end += at + 2,
            }
            // RFC 5322 section 2.2.3: a line that begins with a blank goes on
            // with the field before it.
            if !rest[end..].starts_with([' ', '\t']) {
                break;
            }
        }
        let (field, after) = rest.split_at(end);
        rest = after;
        (!field.is_empty()).then_some(field)
    })
}

/// The names for `h=`, each once more than it is there, and the fields that
/// they stand for in canonical form. Of several fields the lowest comes first,
/// and a name too many stands for nothing (RFC 6376 section 5.4.2).
fn over_signed(fields: &[&str]) -> (Vec<&'static str>, String) {
    let (mut names, mut canonical) = (Vec::with_capacity(24), String::with_capacity(2048));
    for name in SIGNED {
        for field in fields.iter().rev().filter(|field| is_named(field, name)) {
            names.push(name);
            relaxed_field(field, &mut canonical);
        }
        names.push(name);
    }
    (names, canonical)
}

fn is_named(field: &str, name: &str) -> bool {
    let written = field.split(':').next().unwrap_or_default().trim_end();
    written.eq_ignore_ascii_case(name)
}

/// Below the 78 that RFC 5322 section 2.1.1 asks for.
const LINE: usize = 72;

fn folded(names: &[&str], separator: char) -> String {
    let (mut text, mut length) = (String::new(), 2);
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            text.push(separator);
            length += 1;
        }
        if length + name.len() > LINE {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push_str(name);
        length += name.len();
    }
    text
}

/// Base64 may be folded anywhere (RFC 6376 section 3.5, `b=`).
fn folded_anywhere(base64: &str) -> String {
    let lines: Vec<_> = base64.as_bytes().chunks(LINE).map(String::from_utf8_lossy).collect();
    lines.join("\r\n ")
}

#[cfg(test)]
mod tests;
