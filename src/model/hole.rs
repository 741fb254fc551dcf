//! What differs from reader to reader inside a frozen mail.
//!
//! An edition is rendered once and frozen with holes in it; composing a
//! message fills them. A hole is its name between two private-use characters
//! (U+E010, U+E011) that loading refuses in authors' text, so nothing that a
//! person wrote can be mistaken for one.

/// Opens a hole.
pub const OPEN: char = '\u{E010}';
/// Closes a hole.
pub const CLOSE: char = '\u{E011}';

/// The greeting line, with its comma: `Vážená paní poslankyně,`.
pub const SALUTATION: &str = "\u{E010}salutation\u{E011}";
/// The reader's own address, for "this mail was sent to …".
pub const ADDRESS: &str = "\u{E010}address\u{E011}";
/// The way out, a URL (mailto for now).
pub const UNSUBSCRIBE: &str = "\u{E010}unsubscribe\u{E011}";

/// `text` with its holes filled. `value` gives a hole's text by its name,
/// already escaped for the format at hand; `None` leaves it empty.
pub fn fill<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(open) = rest.find(OPEN) {
        filled.push_str(&rest[..open]);
        let after = &rest[open + OPEN.len_utf8()..];
        let Some(close) = after.find(CLOSE) else {
            rest = after;
            continue;
        };
        filled.push_str(value(&after[..close]).unwrap_or(""));
        rest = &after[close + CLOSE.len_utf8()..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hole_is_filled_and_the_rest_stays() {
        let text = format!("<p>{SALUTATION}</p> {ADDRESS}, {ADDRESS}.");
        let filled = fill(&text, |name| match name {
            "salutation" => Some("Vážená paní poslankyně,"),
            "address" => Some("a@example.org"),
            _ => None,
        });
        assert_eq!(filled, "<p>Vážená paní poslankyně,</p> a@example.org, a@example.org.");
    }

    #[test]
    fn a_hole_that_never_closes_takes_nothing_with_it() {
        assert_eq!(fill("a\u{E010}b", |_| Some("x")), "ab");
    }
}
