//! A name for bytes: the same for the same, whoever asks.

use std::fmt;

use sha2::{Digest, Sha256};

/// SHA-256 in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A digest of several things, one after the other, each as itself: `ab`, `c`
/// is not `a`, `bc`.
#[derive(Debug, Clone, Default)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self.0.update((bytes.len() as u64).to_le_bytes());
        self
    }

    /// What `value` looks like to its programmer. Derived `Debug` names every
    /// field, so a new one cannot be forgotten.
    #[must_use]
    pub fn debug(mut self, value: &impl fmt::Debug) -> Self {
        use fmt::Write as _;
        let mut written = Written(&mut self.0, 0);
        // Hashing never fails; a `Debug` that does is the same every time.
        let _ = write!(written, "{value:?}");
        let length = written.1;
        self.0.update(length.to_le_bytes());
        self
    }

    pub fn end(self) -> String {
        hex(&self.0.finalize())
    }
}

struct Written<'h>(&'h mut Sha256, u64);

impl fmt::Write for Written<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        self.1 += text.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_one_that_everybody_computes() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(b"abc"), known);
    }

    #[test]
    fn things_do_not_run_together() {
        let of = |parts: &[&str]| {
            let all = parts.iter().fold(Fingerprint::default(), |all, it| all.bytes(it.as_bytes()));
            all.end()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }
}
