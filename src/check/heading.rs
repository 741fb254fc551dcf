//! Headings that a reader cannot find the way by: without words, or a level
//! too deep (WCAG 2.2, 1.3.1 and 2.4.6; technique G141).
//!
//! Formats never show a gap, `render/markdown/` closes it; but then a heading
//! stands where its author did not put it, and ought to know.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::{Findings, Severity};
use crate::render::markdown::plain_text;

pub struct Heading;

const DOC: &str = "\
A heading without words, or one that skips a level.

People who listen go from heading to heading, and take a level that is missing
for a part that is. Begin at whatever level you like, but go down one at a
time. A heading without a word in it is not published.

Wrong:  ## Zjištění          Right:  ## Zjištění
        #### Počty                   ### Počty
";

impl Rule for Heading {
    fn name(&self) -> &'static str {
        "heading"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let mut before = None;
        for node in text.nodes() {
            let NodeValue::Heading(heading) = node.data().value else { continue };
            let words = plain_text(node);
            if !words.contains(char::is_alphanumeric) {
                let message = if words.trim().is_empty() {
                    "the heading is empty".to_owned()
                } else {
                    format!("there is no word in the heading “{}”", words.trim())
                };
                let help = "say what the part below is about, or take the line away";
                findings.push(text.finding(self, node, message).help(help));
                continue;
            }
            if let Some(before) = before
                && heading.level > before + 1
            {
                let marks = |level: u8| "#".repeat(level.into());
                let message = format!(
                    "the heading goes from level {before} to level {} at once",
                    heading.level
                );
                let help = format!(
                    "write it with {}, or the one above it with {}",
                    marks(before + 1),
                    marks(heading.level - 1)
                );
                findings.push(text.finding(self, node, message).help(help));
            }
            before = Some(heading.level);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_level_that_is_skipped_is_named_once_and_going_up_is_no_skip() {
        assert_eq!(
            told(
                "### Úvod\n\n#### Počty\n\n## Zjištění\n\nA\n\n#### Obce\n\n#### Kraje\n\n## Závěr\n"
            ),
            ["14:1 heading Warning: the heading goes from level 2 to level 4 at once"]
        );
    }

    #[test]
    fn a_heading_needs_a_word() {
        assert_eq!(
            told("##\n\nA\n\n> ## **—**\n\n## 2026\n"),
            [
                "6:1 heading Warning: the heading is empty",
                "10:3 heading Warning: there is no word in the heading “—”"
            ]
        );
    }
}
