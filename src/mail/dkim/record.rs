//! What DNS says of a key (RFC 6376 section 3.6.1), written and judged.

use std::fmt;

use super::key::{Algorithm, Key};

/// A TXT record holds strings of at most so many octets (RFC 1035 section 3.3),
/// which readers put together without anything between.
const STRING: usize = 255;

/// The record of one key, as it should stand in DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Without the dot at the end.
    pub name: String,
    pub value: String,
}

impl Record {
    pub fn new(selector: &str, domain: &str, key: &Key) -> Self {
        let (k, p) = (key.algorithm().name(), key.public());
        Self { name: record_name(selector, domain), value: format!("v=DKIM1; k={k}; p={p}") }
    }
}

pub fn record_name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// A TXT record as zone files have it (RFC 1035 section 5.1). Only values in
/// ASCII without quotes, which is what those of DKIM are.
pub fn zone_line(name: &str, value: &str) -> String {
    let strings: Vec<_> = value.as_bytes().chunks(STRING).map(String::from_utf8_lossy).collect();
    match strings.as_slice() {
        [one] => format!("{name}. IN TXT \"{one}\"\n"),
        several => format!("{name}. IN TXT ( \"{}\" )\n", several.join("\"\n    \"")),
    }
}

/// `v=DKIM1; k=rsa; …` as names and values (RFC 6376 section 3.2); the same
/// form has DMARC (RFC 7489 section 6.4). `None` if it is not such a list.
pub fn tags(text: &str) -> Option<Vec<(&str, &str)>> {
    let tags = text.split(';').map(str::trim).filter(|tag| !tag.is_empty());
    tags.map(|tag| tag.split_once('=').map(|(name, value)| (name.trim(), value.trim()))).collect()
}

/// What is wrong with a published record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    Missing,
    /// RFC 6376 section 3.6.2.2: with several, the result is undefined.
    Several(usize),
    NotARecord,
    /// An empty `p=`.
    Revoked,
    OtherKey,
    OtherAlgorithm(String),
    /// `h=` without sha256.
    NotSha256,
    /// `s=` without email.
    NotForMail,
    /// `t=y`: receivers treat the mail as if it were unsigned.
    Testing,
}

impl Flaw {
    /// What is wrong with `published`, the TXT records under the key's name.
    pub fn all(published: &[String], key: &Key) -> Vec<Self> {
        let record = match published {
            [] => return vec![Self::Missing],
            [record] => record,
            several => return vec![Self::Several(several.len())],
        };
        let Some(tags) = tags(record) else { return vec![Self::NotARecord] };
        let value = |name: &str| tags.iter().find(|(tag, _)| *tag == name).map(|(_, value)| *value);
        let lists = |name: &str, wanted: &[&str]| {
            value(name).is_none_or(|it| it.split(':').any(|one| wanted.contains(&one.trim())))
        };
        let Some(p) = value("p").filter(|_| value("v").is_none_or(|it| it == "DKIM1")) else {
            return vec![Self::NotARecord];
        };
        let p: String = p.split_whitespace().collect();
        let k = value("k").unwrap_or(Algorithm::Rsa.name());
        let mut flaws = Vec::new();
        if p.is_empty() {
            flaws.push(Self::Revoked);
        } else if k != key.algorithm().name() {
            flaws.push(Self::OtherAlgorithm(k.to_owned()));
        } else if p != key.public() {
            flaws.push(Self::OtherKey);
        }
        if !lists("h", &["sha256"]) {
            flaws.push(Self::NotSha256);
        }
        if !lists("s", &["*", "email"]) {
            flaws.push(Self::NotForMail);
        }
        if value("t").is_some_and(|it| it.split(':').any(|flag| flag.trim() == "y")) {
            flaws.push(Self::Testing);
        }
        flaws
    }

    /// The way out.
    pub fn mend(&self) -> &'static str {
        match self {
            Self::Missing => "publish the record that `hlas dkim records` prints",
            Self::Several(_) => "leave one record there; a new key needs a new selector",
            Self::Revoked => "a key that was given up must not sign: take it out of [dkim]",
            Self::OtherAlgorithm(_) | Self::OtherKey | Self::NotARecord => {
                "publish what `hlas dkim records` prints, or name the right key file in [dkim]"
            }
            Self::NotSha256 => "take `h=` out of the record",
            Self::NotForMail => "take `s=` out of the record",
            Self::Testing => "take `t=y` out of the record once mail arrives well",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no record"),
            Self::Several(count) => write!(f, "there are {count} records, and one is allowed"),
            Self::NotARecord => f.write_str("the record is none of DKIM"),
            Self::Revoked => f.write_str("the record says that the key was given up (`p=`)"),
            Self::OtherKey => f.write_str("the record holds another key"),
            Self::OtherAlgorithm(k) => write!(f, "the record is about a key of kind `{k}`"),
            Self::NotSha256 => f.write_str("the record does not allow sha256 (`h=`)"),
            Self::NotForMail => f.write_str("the record is not about mail (`s=`)"),
            Self::Testing => f.write_str("the record says that DKIM is only tried out (`t=y`)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(record: impl Fn(&str) -> String, key: &Key) -> Vec<String> {
        Flaw::all(&[record(&key.public())], key).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_record_is_held_against_the_key_that_signs() {
        let (key, _) = Key::generate(Algorithm::Ed25519).expect("a key");
        let (other, _) = Key::generate(Algorithm::Ed25519).expect("a key");
        let own = Record::new("hlas", "example.org", &key).value;
        assert_eq!(Flaw::all(std::slice::from_ref(&own), &key), []);
        assert_eq!(Flaw::all(std::slice::from_ref(&own), &other), [Flaw::OtherKey]);
        assert_eq!(Flaw::all(&[], &key), [Flaw::Missing]);
        assert_eq!(Flaw::all(&[own.clone(), own], &key), [Flaw::Several(2)]);
        assert_eq!(flaws(|p| format!("k=ed25519;p={}  {};", &p[..9], &p[9..]), &key), [""; 0]);
        assert_eq!(
            flaws(|_| "v=DKIM1; k=ed25519; p=; t=s:y; s=tlsrpt; h=sha1".to_owned(), &key),
            [
                "the record says that the key was given up (`p=`)",
                "the record does not allow sha256 (`h=`)",
                "the record is not about mail (`s=`)",
                "the record says that DKIM is only tried out (`t=y`)",
            ]
        );
        assert_eq!(flaws(|p| format!("p={p}"), &key), ["the record is about a key of kind `rsa`"]);
        assert_eq!(flaws(|_| "v=spf1 -all".to_owned(), &key), ["the record is none of DKIM"]);
    }

    #[test]
    fn a_long_record_is_cut_into_strings_that_dns_can_hold() {
        let (key, _) = Key::generate(Algorithm::Rsa).expect("a key");
        let record = Record::new("hlas", "example.org", &key);
        let line = zone_line(&record.name, &record.value);
        let strings: Vec<_> = line.split('"').skip(1).step_by(2).collect();
        assert_eq!(strings.len(), 2, "{line}");
        assert!(strings.iter().all(|string| string.len() <= STRING));
        assert_eq!(strings.concat(), record.value);
        assert!(line.starts_with("hlas._domainkey.example.org. IN TXT ( \"v=DKIM1; k=rsa; p="));
    }
}
