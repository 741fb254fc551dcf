//! Comments that are none to Markdown, or take more with them than they ought.
//!
//! What an author wrote to colleagues must not reach readers, and what was for
//! readers must not vanish. The surprise is how few hyphens it takes: `--->`
//! ends a comment on a line of its own, but not one in a paragraph, for
//! comrak reads comments in lines as cmark does (commonmark/cmark#476).

use comrak::Arena;
use comrak::nodes::{Node, NodeValue, Sourcepos};

use super::{Rule, Text};
use crate::model::{Findings, Place};
use crate::render::markdown;

pub struct Comment;

const DOC: &str = "\
A comment that would be printed, or that takes text with it.

A comment begins with <!-- and ends with -->, with two hyphens. One that does
not end in its paragraph is printed for everybody to read; one that began a
line takes all that follows. What stands behind a comment on the same line is
not read as Markdown if the comment began the line.

Wrong:  Text. <!-- ověřit u Jany --->      <!-- ověřit --> Čeká se *déle*.
Right:  Text. <!-- ověřit u Jany -->       <!-- ověřit -->
                                           Čeká se *déle*.
";

impl Rule for Comment {
    fn name(&self) -> &'static str {
        "comment"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            let data = node.data();
            let found = match &data.value {
                NodeValue::HtmlBlock(block) => {
                    fault(&block.literal).map(|(said, help)| (text.place(node), said, help))
                }
                NodeValue::Text(literal) if literal.contains("<!--") => {
                    printed(text, node).map(|place| (place, PRINTED.0, PRINTED.1))
                }
                _ => None,
            };
            if let Some((place, said, help)) = found {
                findings.push(text.finding_at(self, place, said).help(help));
            }
        }
    }
}

const PRINTED: (&str, &str) = (
    "`<!--` begins no comment here, and would be printed",
    "end the comment with -->, two hyphens; to show the characters, write \\<!--",
);

/// What is wrong with a block of HTML, as a comment, and the way out.
fn fault(html: &str) -> Option<(&'static str, &'static str)> {
    let comment = html.trim_start().strip_prefix("<!--")?;
    if !comment.contains("-->") {
        let said = "the comment does not end, and nothing below it is published";
        return Some((said, "end it with -->"));
    }
    let said = "behind a comment that begins a line Markdown is not read, but printed";
    holds_markdown(html).then_some((said, "put the comment on a line of its own"))
}

/// Whether what is left of HTML would be more than words to Markdown.
pub(super) fn holds_markdown(html: &str) -> bool {
    let arena = Arena::new();
    let root = markdown::parse(&arena, &markdown::text_of_html(html));
    root.descendants().any(|node| {
        !matches!(
            node.data().value,
            NodeValue::Document | NodeValue::Paragraph | NodeValue::Text(_) | NodeValue::SoftBreak
        )
    })
}

/// Where the author wrote what begins a comment, unless as characters.
fn printed(text: &Text<'_>, node: Node<'_>) -> Option<Place> {
    let Sourcepos { start, end } = node.data().sourcepos;
    let lines = text.prose.lines().take(end.line).skip(start.line.saturating_sub(1));
    for (number, line) in lines {
        let skipped = if number == start.line { start.column.saturating_sub(1) } else { 0 };
        let line = line.replace("\\<!--", "     ");
        let rest: String = line.chars().skip(skipped).collect();
        if let Some(found) = rest.find("<!--") {
            let column = skipped + rest[..found].chars().count() + 1;
            return Some(text.manuscript.place(number, column).spanning(4));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_comment_that_does_not_end_in_its_paragraph_would_be_printed() {
        let printed = "comment Error: `<!--` begins no comment here, and would be printed";
        assert_eq!(
            told("Á *b* <!-- Jana --->\n\n- c\n  d <!-- e\n\nf <!-- g -- h --> i <!--> j\n"),
            [format!("6:7 {printed}"), format!("9:5 {printed}")]
        );
    }

    #[test]
    fn characters_may_be_shown() {
        assert_eq!(told("\\<!-- a, &lt;!-- b, `<!-- c`\n"), Vec::<String>::new());
    }

    #[test]
    fn a_comment_that_begins_a_line_and_does_not_end_takes_the_rest_of_the_text() {
        let takes =
            "8:1 comment Error: the comment does not end, and nothing below it is published";
        assert_eq!(told("A\n\n<!-- b\n\n## C\n"), [takes]);
        assert_eq!(told("A\n\n<!-- b --->\n\nC\n"), Vec::<String>::new());
    }

    #[test]
    fn what_stands_behind_a_comment_on_its_line_is_not_read() {
        let printed = "8:1 comment Error: behind a comment that begins a line Markdown is not read, but printed";
        assert_eq!(told("A\n\n<!-- b --> C *d*.\n"), [printed]);
        assert_eq!(told("A\n\n<!-- *b* --> C, d.\n"), Vec::<String>::new());
    }
}
