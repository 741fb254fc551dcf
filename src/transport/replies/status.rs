//! Enhanced status codes (RFC 3463): where one stands in a reply, and which.
//!
//! By RFC 2034 section 4 it is the first word of each line, and its class is
//! the first digit of the basic code. Real replies put a dash, a bracket or a
//! host name before it, repeat it with another one (chkuser's `552 5.1.1 5.2.2`),
//! or say `#5.1.1`. A number that is no code must not be taken for one: host
//! addresses (192.0.2.1) and versions stand in replies too. So: three numbers
//! of at most three digits (RFC 3463 section 2), not part of a longer run, and
//! of the class that the basic code has.

use crate::model::Enhanced;

/// The first one in `text` that fits the basic `code`.
pub fn status(code: u16, text: &str) -> Option<Enhanced> {
    words(text).filter_map(parse).find(|status| u16::from(status.class) == code / 100)
}

fn parse(word: &str) -> Option<Enhanced> {
    let mut numbers = word.split('.').map(number);
    let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let class = u8::try_from(class).ok().filter(|class| matches!(class, 2 | 4 | 5))?;
    numbers.next().is_none().then_some(Enhanced { class, subject, detail })
}

/// Runs of digits and dots. What stands at their ends decides whether they are
/// a number of their own: `v5.1.1` and `5.1.1-beta` are versions.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "()[]<>,;:#\"'=".contains(c)).map(|word| {
        let word = word.trim_end_matches(['.', '-']);
        word.trim_start_matches('-')
    })
}

fn number(digits: &str) -> Option<u16> {
    let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: u16, text: &str) -> String {
        status(code, text).map_or_else(|| "none".to_owned(), |it| it.to_string())
    }

    #[test]
    fn it_is_found_where_servers_put_it() {
        for (code, text, expected) in [
            (550, "5.1.1 No such user", "5.1.1"),
            (550, "5.1.1", "5.1.1"),
            (550, "5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10"),
            (550, "5.7.606 Access denied, banned sending IP [192.0.2.1]", "5.7.606"),
            (550, "Mailbox unavailable (#5.1.1)", "5.1.1"),
            (552, "mx1.example.org 5.2.2: over quota", "5.2.2"),
            (552, "5.1.1 5.2.2 sorry, final recipient mailbox is full", "5.1.1"),
            (450, "-4.2.0 greylisted", "4.2.0"),
            (451, "host mx.example.org [192.0.2.1] said: 4.7.1 later", "4.7.1"),
        ] {
            assert_eq!(found(code, text), expected, "{code} {text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for (code, text) in [
            (550, ""),
            (550, "No such user"),
            (550, "blocked: 5.1.1.9 is listed"),
            (550, "192.0.2.1 is listed"),
            (550, "4.2.2 of another class"),
            (550, "mailer v5.1.1 speaking"),
            (550, "5.1.1-beta"),
            (550, "5.1"),
            (550, "5..1"),
            (550, "5.1234.1"),
            (550, "5.+1.1"),
            (550, "٥.١.١"),
            (354, "3.0.0 go on"),
        ] {
            assert_eq!(found(code, text), "none", "{code} {text}");
        }
    }
}
