//! Bold type in place of a heading: it looks like one, but nobody can go to it
//! (WCAG 2.2, 1.3.1, failure F2).

use comrak::nodes::{Node, NodeValue};

use super::{Rule, Text};
use crate::model::{Findings, Severity};
use crate::render::markdown::plain_text;

/// Longer ones are sentences that somebody wanted to be seen.
const MAX_CHARACTERS: usize = 80;

pub struct BoldHeading;

const DOC: &str = "\
A paragraph in bold that stands for a heading.

It is in no table of contents, and a screen reader does not stop at it. A
paragraph is taken for one if it is all bold, at most 80 characters, without a
full stop, and something follows it.

Wrong:  **Co navrhujeme**
Right:  ## Co navrhujeme
";

impl Rule for BoldHeading {
    fn name(&self) -> &'static str {
        "bold-heading"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.root.children().filter(|node| is_heading(node)) {
            let words = plain_text(node);
            let message = format!("“{}” is bold, but no heading", words.trim());
            let help = format!("make it one: ## {}", words.trim().trim_end_matches(':'));
            findings.push(text.finding(self, node, message).help(help));
        }
    }
}

fn is_heading(node: Node<'_>) -> bool {
    let is_bold = |node: Node<'_>| matches!(node.data().value, NodeValue::Strong);
    let alone = node.first_child().is_some_and(|it| is_bold(it) && it.next_sibling().is_none());
    let followed = node.next_sibling().is_some_and(|next| {
        matches!(next.data().value, NodeValue::Paragraph | NodeValue::List(_))
            && !next.first_child().is_some_and(is_bold)
    });
    let words = plain_text(node);
    let is_short = words.chars().count() <= MAX_CHARACTERS;
    matches!(node.data().value, NodeValue::Paragraph)
        && alone
        && followed
        && is_short
        && !words.trim_end().ends_with(['.', '!', '…', ',', ';'])
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_bold_line_above_a_paragraph_is_a_heading_and_a_bold_sentence_is_not() {
        assert_eq!(
            told("Úvod.\n\n**Co navrhujeme**\n\nTři kroky.\n\n**To je důležité.**\n\nKonec.\n"),
            ["8:1 bold-heading Warning: “Co navrhujeme” is bold, but no heading"]
        );
    }

    #[test]
    fn a_signature_of_two_lines_is_none() {
        assert_eq!(
            told("Text.\n\n**Jana Nováková**\n\n**Poradna U Mostu**\n"),
            Vec::<String>::new()
        );
    }
}
