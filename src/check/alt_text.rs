//! A picture without an alternative text says nothing to a blind reader, and
//! no PDF/UA can be made with it (WCAG 2.2, 1.1.1; ISO 14289-1, 7.3).

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::Findings;
use crate::render::markdown::plain_text;

pub struct AltText;

const DOC: &str = "\
A picture without an alternative text.

A blind reader hears the alternative text in place of the picture, and a
reader whose mail program loads no pictures sees it. Without one no PDF/UA can
be made. Say what the picture shows, not that it is a picture.

Wrong:  ![](graf.svg)
Right:  ![Počet žádostí vzrostl za tři roky o polovinu](graf.svg)
";

impl Rule for AltText {
    fn name(&self) -> &'static str {
        "alt-text"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            if matches!(node.data().value, NodeValue::Image(_))
                && plain_text(node).trim().is_empty()
            {
                findings.push(
                    text.finding(self, node, "the picture has no alternative text").help(
                        "say in the square brackets what it shows: ![Graf počtu žádostí](graf.svg)",
                    ),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_picture_without_words_is_an_error() {
        assert_eq!(
            told("Text.\n\nV textu ![](graf.svg) je graf.\n"),
            ["8:9 alt-text Error: the picture has no alternative text"]
        );
    }
}
