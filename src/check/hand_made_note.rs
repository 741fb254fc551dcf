//! Notes numbered by hand: nothing leads from the number to the note, and in
//! mail, PDF and feed they stand wherever they were typed.

use std::sync::LazyLock;

use comrak::nodes::NodeValue;
use regex::Regex;

use super::{Passage, Rule, Text};
use crate::model::{Findings, Severity};

/// Not after a unit of length (m², km³), a letter of a formula or a number.
static RAISED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\p{L}{3,}|[.,;:!?“”’)»])([¹²³⁰⁴-⁹]{1,3})").expect("a pattern")
});
static BRACKETED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[\d{1,3}(?:, ?\d{1,3})*\]").expect("a pattern"));
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\(?\[?\d{1,3}\]?\)?$").expect("a pattern"));

pub struct HandMadeNote;

const DOC: &str = "\
A note numbered by hand: **(2)**, [2] or ².

Write a footnote, and hlas numbers it, links both ways, puts it at the foot of
the page in the PDF and at the end in mail.

Wrong:  Počet žádostí vzrostl **(2)**, o třetinu [3] a dál²
Right:  Počet žádostí vzrostl.[^mv]

        [^mv]: Ministerstvo vnitra, výroční zpráva 2025, s. 12.
";

impl Rule for HandMadeNote {
    fn name(&self) -> &'static str {
        "hand-made-note"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for passage in text.passages() {
            for part in marks(&passage) {
                let mark = &passage.text[part.clone()];
                let message = format!("`{mark}` looks like a note numbered by hand");
                let place = passage.place(text.manuscript, part.clone());
                findings.push(text.finding_at(self, place, message).help(HELP));
            }
        }
        for node in text.nodes() {
            if matches!(node.data().value, NodeValue::Strong | NodeValue::Superscript) {
                let words = crate::render::markdown::plain_text(node);
                if NUMBER.is_match(&words) && words.contains(['(', '[']) {
                    let message = format!("`{words}` looks like a note numbered by hand");
                    findings.push(text.finding(self, node, message).help(HELP));
                }
            }
        }
    }
}

const HELP: &str = "write [^name] there, and on a line of its own [^name]: the note";

fn marks(passage: &Passage<'_>) -> Vec<std::ops::Range<usize>> {
    let bracketed = BRACKETED.find_iter(&passage.text).map(|found| found.range());
    let raised = RAISED.captures_iter(&passage.text).filter_map(|it| Some(it.get(1)?.range()));
    bracketed.chain(raised).collect()
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn bold_bracketed_and_raised_numbers_are_notes_and_units_are_not() {
        assert_eq!(
            told(
                "Podíl **(2)** vzrostl [3] v Praze.⁴ Byt má 45 m², 10³ lidí, CO₂. [1](https://example.org/)\n"
            ),
            [
                "6:7 hand-made-note Warning: `(2)` looks like a note numbered by hand",
                "6:23 hand-made-note Warning: `[3]` looks like a note numbered by hand",
                "6:35 hand-made-note Warning: `⁴` looks like a note numbered by hand",
            ]
        );
    }
}
