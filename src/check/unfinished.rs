//! A note to oneself that would go out with the text.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::{Findings, Severity, Status};

/// What authors leave where something is still missing.
const MARKS: [&str; 4] = ["TODO", "FIXME", "XXX", "Lorem ipsum"];

pub struct Unfinished;

const DOC: &str = "\
A note to oneself that would go out with the text.

TODO, FIXME, XXX and Lorem ipsum. An error in a text that is ready, a warning in a draft.
";

impl Rule for Unfinished {
    fn name(&self) -> &'static str {
        "unfinished"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            let data = node.data();
            let NodeValue::Text(literal) = &data.value else { continue };
            let Some(mark) = MARKS.into_iter().find(|mark| has_word(literal, mark)) else {
                continue;
            };
            let message = format!("`{mark}` is left in the text");
            let mut finding = text.finding_at(self, text.place_of(node, mark), message);
            if text.manuscript.status == Status::Draft {
                finding.severity = Severity::Warning;
            }
            findings.push(finding.help("finish the place, or take the mark away"));
        }
    }
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_todo_does_not_leave_the_house() {
        assert_eq!(
            told("Úvod.\n\nTODO: doplnit čísla\n"),
            ["8:1 unfinished Error: `TODO` is left in the text"]
        );
        assert_eq!(told("Metoda METODOU.\n"), Vec::<String>::new());
    }
}
