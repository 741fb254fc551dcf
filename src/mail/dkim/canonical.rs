//! What of a message is hashed: the *relaxed* canonical forms of RFC 6376
//! section 3.4, which survive what relays do to blanks and folds.

use std::borrow::Cow;

use aws_lc_rs::digest::{Context, SHA256};
use memchr::memchr2_iter;

/// A header field (RFC 6376 section 3.4.2): name in small letters, folds undone,
/// each run of blanks one space, none around the colon or at the end.
pub(super) fn relaxed_field(field: &str, canonical: &mut String) {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    canonical.push_str(&name.trim_end().to_ascii_lowercase());
    canonical.push(':');
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let mut words = value.split(blank).filter(|word| !word.is_empty());
    canonical.push_str(words.next().unwrap_or_default());
    for word in words {
        canonical.push(' ');
        canonical.push_str(word);
    }
    canonical.push_str("\r\n");
}

/// Lines of a body (RFC 6376 section 3.4.4): each run of blanks one space, none
/// at the end of a line. Whole lines, of which a body may have more after them:
/// empty ones at the end are not for this to judge.
pub fn relaxed_body(lines: &[u8]) -> Cow<'_, [u8]> {
    let blank = |at: usize| matches!(lines.get(at), Some(b' ' | b'\t'));
    let ends = |at: usize| matches!(lines.get(at), None | Some(b'\r' | b'\n'));
    let changes = |at: usize| lines[at] == b'\t' || blank(at + 1) || ends(at + 1);
    if !memchr2_iter(b' ', b'\t', lines).any(changes) {
        return Cow::Borrowed(lines);
    }
    let mut relaxed = Vec::with_capacity(lines.len());
    let mut copied = 0;
    for at in memchr2_iter(b' ', b'\t', lines) {
        if at < copied {
            continue;
        }
        relaxed.extend_from_slice(&lines[copied..at]);
        copied = at + 1;
        while blank(copied) {
            copied += 1;
        }
        if !ends(copied) {
            relaxed.push(b' ');
        }
    }
    relaxed.extend_from_slice(&lines[copied..]);
    Cow::Owned(relaxed)
}

/// SHA-256 of a body in its canonical form: `bh=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyHash(pub(super) [u8; 32]);

impl BodyHash {
    /// Of lines that are canonical already, the last of them not empty.
    pub fn of<'l>(canonical: impl Iterator<Item = Cow<'l, [u8]>>) -> Self {
        let mut context = Context::new(&SHA256);
        for lines in canonical {
            context.update(&lines);
        }
        let digest = context.finish();
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 octets"))
    }

    /// Of a body as it is sent.
    pub fn of_body(body: &[u8]) -> Self {
        let relaxed = relaxed_body(body);
        let mut lines: &[u8] = &relaxed;
        while let Some(shorter) = lines.strip_suffix(b"\r\n") {
            lines = shorter;
        }
        let end: &[u8] = if lines.is_empty() { b"" } else { b"\r\n" };
        Self::of([Cow::Borrowed(lines), Cow::Borrowed(end)].into_iter())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(field: &str) -> String {
        let mut canonical = String::new();
        relaxed_field(field, &mut canonical);
        canonical
    }

    /// RFC 6376 section 3.4.5.
    #[test]
    fn the_standards_own_example() {
        assert_eq!(field("A: X\r\n"), "a:X\r\n");
        assert_eq!(field("B : Y\t\r\n\tZ  \r\n"), "b:Y Z\r\n");
        let body = b" C \r\nD \t E\r\n\r\n\r\n";
        assert_eq!(relaxed_body(body).as_ref(), b" C\r\nD E\r\n\r\n\r\n");
        assert_eq!(BodyHash::of_body(body), BodyHash::of_body(b" C\r\nD E\r\n"));
        assert_eq!(BodyHash::of_body(b" C\r\nD E"), BodyHash::of_body(b" C\r\nD E\r\n"));
    }

    /// RFC 6376 section 3.4.4 gives the hash of no body.
    #[test]
    fn an_empty_body_has_the_hash_of_nothing() {
        use base64::prelude::*;
        let known = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(BASE64_STANDARD.encode(BodyHash::of_body(b"").0), known);
        assert_eq!(BodyHash::of_body(b"\r\n \r\n"), BodyHash::of_body(b""));
    }

    /// The standard's words, read slowly.
    fn obvious(body: &str) -> String {
        let lines = body.split("\r\n").map(|line| {
            let mut canonical = String::new();
            for c in line.chars() {
                match (c, canonical.ends_with(' ')) {
                    (' ' | '\t', true) => {}
                    (' ' | '\t', false) => canonical.push(' '),
                    (c, _) => canonical.push(c),
                }
            }
            canonical.trim_end_matches(' ').to_owned()
        });
        lines.collect::<Vec<_>>().join("\r\n")
    }

    proptest! {
        #[test]
        fn lines_are_relaxed_as_the_standard_says(words in "([a= \t]|\r\n){0,40}") {
            let relaxed = relaxed_body(words.as_bytes()).into_owned();
            prop_assert_eq!(String::from_utf8(relaxed).expect("ASCII"), obvious(&words));
        }
    }
}
