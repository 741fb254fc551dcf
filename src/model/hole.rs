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

/// A stretch of text, or the name of the hole that stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch<'t> {
    Text(&'t str),
    Hole(&'t str),
}

/// `text` cut at its holes. A hole that never closes is none: its mark is
/// dropped, and what follows stays.
pub fn stretches(text: &str) -> impl Iterator<Item = Stretch<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let Some(after) = rest.strip_prefix(OPEN) {
            rest = after;
            if let Some((name, after)) = after.split_once(CLOSE) {
                rest = after;
                return Some(Stretch::Hole(name));
            }
        }
        let (text, after) = rest.split_at(rest.find(OPEN).unwrap_or(rest.len()));
        rest = after;
        (!text.is_empty()).then_some(Stretch::Text(text))
    })
}

/// `text` with its holes filled. `value` gives a hole's text by its name,
/// already escaped for the format at hand; `None` leaves it empty.
pub fn fill<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    for stretch in stretches(text) {
        match stretch {
            Stretch::Text(text) => filled.push_str(text),
            Stretch::Hole(name) => filled.push_str(value(name).unwrap_or("")),
        }
    }
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
        assert_eq!(fill("a\u{E010}", |_| Some("x")), "a");
    }
}
