//! An address as it may stand in an SMTP command, or on a command line.
//!
//! RFC 5321 section 4.1.2, `Mailbox`, with the UTF-8 of RFC 6531 section 3.3 in
//! the local part. What this type holds has no line end, no control character,
//! and outside of quotation marks no space and no angle bracket: no address of
//! a list can end a command, begin another or add a parameter to it. That is
//! why commands are made of this and not of text.
//!
//! The surprise: the domain is always ASCII (A-labels, RFC 5890 section 2.3.2.1;
//! RFC 6531 section 3.2 allows it). So `jana@háčkyčárky.example` needs nothing
//! of the server; only a local part beyond ASCII needs SMTPUTF8.

use std::fmt;

use lettre::Address;

/// `local@domain`; see the module for what cannot stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvelopeAddress {
    local: String,
    domain: String,
}

/// RFC 5321 section 4.5.3.1.3, without the angle brackets.
const LONGEST: usize = 254;

/// Why an address cannot be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoEnvelopeAddress {
    #[error("what stands before the @ is no local part of RFC 5321")]
    Local,
    #[error("what stands behind the @ is no domain name")]
    Domain,
    #[error("it has more than {LONGEST} octets")]
    Long,
}

impl TryFrom<&Address> for EnvelopeAddress {
    type Error = NoEnvelopeAddress;

    fn try_from(address: &Address) -> Result<Self, NoEnvelopeAddress> {
        Self::new(address.user(), address.domain())
    }
}

impl EnvelopeAddress {
    pub fn new(local: &str, domain: &str) -> Result<Self, NoEnvelopeAddress> {
        if !is_dot_string(local) && !is_quoted_string(local) {
            return Err(NoEnvelopeAddress::Local);
        }
        let domain = ascii_domain(domain).ok_or(NoEnvelopeAddress::Domain)?;
        if local.len() + 1 + domain.len() > LONGEST {
            return Err(NoEnvelopeAddress::Long);
        }
        Ok(Self { local: local.to_owned(), domain })
    }

    /// False where a server must know SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii()
    }
}

impl fmt::Display for EnvelopeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// RFC 5322 section 3.2.3 `atext`, and letters of other scripts.
fn is_dot_string(local: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let atom = |atom: &str| !atom.is_empty() && atom.chars().all(|c| plain(c) || is_beyond(c));
    local.split('.').all(atom)
}

fn is_quoted_string(local: &str) -> bool {
    let inside = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inside) = inside else { return false };
    let mut characters = inside.chars();
    while let Some(c) = characters.next() {
        let sound = match c {
            '\\' => characters.next().is_some_and(|c| matches!(c, ' '..='~')),
            '"' => false,
            c => matches!(c, ' '..='~') || is_beyond(c),
        };
        if !sound {
            return false;
        }
    }
    true
}

/// Beyond ASCII, and no control character, space or separator of lines.
fn is_beyond(c: char) -> bool {
    !c.is_ascii() && !c.is_control() && !c.is_whitespace()
}

/// A-labels in lower case, or an address literal.
fn ascii_domain(domain: &str) -> Option<String> {
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let sound = |c: char| c.is_ascii_alphanumeric() || ".:-".contains(c);
        return literal.chars().all(sound).then(|| domain.to_owned());
    }
    let ascii = idna::domain_to_ascii(domain).ok()?;
    let label = |label: &str| {
        let sound = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=63).contains(&label.len()) && label.chars().all(sound)
    };
    ascii.split('.').all(label).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(local: &str, domain: &str) -> Result<String, NoEnvelopeAddress> {
        EnvelopeAddress::new(local, domain).map(|address| address.to_string())
    }

    #[test]
    fn a_domain_is_written_in_a_labels() {
        let jana = EnvelopeAddress::new("jana", "háčkyčárky.example").expect("an address");
        assert_eq!(jana.to_string(), "jana@xn--hkyrky-ptac70bc.example");
        assert!(jana.is_ascii());
        assert_eq!(shown("Jana", "EXAMPLE.org"), Ok("Jana@example.org".to_owned()));
        assert!(!EnvelopeAddress::new("žofie", "example.org").expect("an address").is_ascii());
    }

    #[test]
    fn unusual_addresses_are_addresses() {
        for (local, domain) in [
            ("a+tag", "example.org"),
            ("o'brien", "example.org"),
            ("\"jana nováková\"", "example.org"),
            (r#""a\"b""#, "example.org"),
            ("\"a>b\"", "example.org"),
            ("postmaster", "[192.0.2.1]"),
            ("postmaster", "[IPv6:2001:db8::1]"),
            ("a", "under_score.example.org"),
        ] {
            assert_eq!(shown(local, domain), Ok(format!("{local}@{domain}")));
        }
    }

    #[test]
    fn what_could_end_a_command_or_add_to_it_is_none() {
        for local in [
            "a\r\nDATA",
            "a\n",
            "a\0",
            "a b",
            "a>",
            "<a",
            "a..b",
            "",
            "\"a\r\n\"",
            "\"a\\\n\"",
            "\"a",
            "a\u{85}b",
            "\"a\u{2028}b\"",
        ] {
            assert_eq!(shown(local, "example.org"), Err(NoEnvelopeAddress::Local), "{local:?}");
        }
        for domain in [
            "example.org\r\n",
            "example.org> SIZE=1",
            "exa mple.org",
            "",
            "a..org",
            "[1]\r\n[2]",
            "[a b]",
        ] {
            assert_eq!(shown("a", domain), Err(NoEnvelopeAddress::Domain), "{domain:?}");
        }
        assert_eq!(shown(&"a".repeat(300), "example.org"), Err(NoEnvelopeAddress::Long));
    }

    proptest! {
        /// Whatever is taken for an address stays within its angle brackets.
        #[test]
        fn no_address_leaves_its_angle_brackets(
            local in r#"([a-z.]|\PC|[\r\n\t\x00 "\\<>@]){0,12}"#,
            quoted: bool,
            domain in r"([a-z.]|\PC|[\r\n\t\x00 <>\[\]:]){0,12}",
        ) {
            let local = if quoted { format!("\"{local}\"") } else { local };
            if let Ok(address) = EnvelopeAddress::new(&local, &domain) {
                let shown = address.to_string();
                prop_assert!(!shown.chars().any(char::is_control), "{shown:?}");
                let (before, domain) = shown.rsplit_once('@').expect("an @");
                prop_assert!(domain.is_ascii());
                if !before.starts_with('"') {
                    prop_assert!(!before.contains(|c: char| c.is_whitespace() || "<>\",;:@".contains(c)));
                }
                prop_assert!(!domain.contains(|c: char| c.is_whitespace() || "<>\"@,;".contains(c)));
            }
        }

        /// The very type that lists are read into holds nothing worse.
        #[test]
        fn whatever_a_list_holds_is_an_address_or_none(text in r#"\PC{0,8}[\r\n\t\x00 "<>a]{0,3}@?[a-zž.]{0,9}"#) {
            if let Ok(address) = text.parse::<Address>()
                && let Ok(address) = EnvelopeAddress::try_from(&address)
            {
                prop_assert!(!address.to_string().contains(['\r', '\n', '\0']));
            }
        }
    }
}
