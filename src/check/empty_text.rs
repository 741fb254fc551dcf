//! A publication that says nothing.

use comrak::Arena;
use comrak::nodes::Node;

use super::{Rule, Text};
use crate::model::{Findings, Status};
use crate::render::markdown::readership::hidden_lines;
use crate::render::markdown::{is_chart, parse_for, plain_text};

pub struct EmptyText;

const DOC: &str = "\
A publication without a text.

It would go out as a mail with nothing in it. Write the text below the front
matter, or set `status: draft`. Where blocks for some readers leave nothing to
others, write what those shall read: the page is always public.
";

impl Rule for EmptyText {
    fn name(&self) -> &'static str {
        "empty-text"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        if text.manuscript.status != Status::Ready {
            return;
        }
        let empty = text.readers().find(|segment| {
            let body = &text.manuscript.body;
            if hidden_lines(text.root, body, *segment).is_empty() {
                return is_empty(text.root);
            }
            let arena = Arena::new();
            is_empty(parse_for(&arena, body, *segment))
        });
        let Some(segment) = empty else { return };
        let place = text.manuscript.place(1, 1);
        let finding = match is_empty(text.root) {
            true => text
                .finding_at(self, place, "there is no text")
                .help("write it below the front matter, or set status: draft"),
            false => text
                .finding_at(
                    self,
                    place,
                    format!("there is no text for {}", text.readers_called(segment)),
                )
                .help("write something that stands in no block for other readers"),
        };
        findings.push(finding);
    }
}

/// Whether a text says nothing; a chart says something.
fn is_empty(root: Node<'_>) -> bool {
    plain_text(root).trim().is_empty() && !root.descendants().any(|node| is_chart(&node))
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn front_matter_alone_is_no_publication() {
        assert_eq!(told("\n<!-- později -->\n"), ["6:1 empty-text Error: there is no text"]);
    }

    #[test]
    fn a_text_for_some_leaves_the_others_with_nothing() {
        assert_eq!(
            told(":::only politicians\nA.\n:::\n"),
            ["6:1 empty-text Error: there is no text for the public"]
        );
    }
}
