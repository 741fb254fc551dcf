//! What fills the holes of an edition, made safe for where it goes.
//!
//! Names and salutations come from other people's lists. Whatever is in them,
//! they stay one line, open no tag and start no header.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One line of plain text: control characters (and the two line separators
/// that Unicode adds) become spaces, runs of blanks one, ends none.
///
/// No-break spaces are kept: they are typography, not layout.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let breaks = |c: char| c.is_control() || matches!(c, ' ' | '\u{2028}' | '\u{2029}');
    for word in text.split(breaks).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// `text` as HTML, in an element or in a quoted attribute.
///
/// Typographic quotes and the ellipsis become numeric entities: Roundcube
/// writes ASCII in place of the characters themselves, and leaves entities be.
pub fn html(text: &str) -> Cow<'_, str> {
    let special = |c: char| "&<>\"'“”„‚‘’…".contains(c);
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if special(c) {
            write!(escaped, "&#{};", u32::from(c)).expect("a String takes all that is written");
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_line() {
        assert_eq!(
            one_line(" Jana\r\nBcc: x@example.org\t\u{0} Nová\u{2028}k "),
            "Jana Bcc: x@example.org Nová k"
        );
        assert_eq!(one_line("Ing.\u{a0}Novák"), "Ing.\u{a0}Novák");
        assert_eq!(one_line("\r\n"), "");
    }

    #[test]
    fn markup_in_a_name_is_text_and_quotes_survive_roundcube() {
        assert_eq!(html("Jana"), "Jana");
        assert_eq!(
            html("<b>„Hlas“ & 'co'…"),
            "&#60;b&#62;&#8222;Hlas&#8220; &#38; &#39;co&#39;&#8230;"
        );
    }
}
