//! Raw HTML: every format but the page would have to guess at it, so all
//! formats take just its text. The author ought to know.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::{Findings, Severity};

pub struct RawHtml;

const DOC: &str = "\
HTML tags in the text.

Mail, PDF and text part have no HTML of an author's, so of every tag only the
text between is published, in all formats alike. Write it in Markdown.

Wrong:  <b>důležité</b>
Right:  **důležité**
";

impl Rule for RawHtml {
    fn name(&self) -> &'static str {
        "raw-html"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            let data = node.data();
            let html = match &data.value {
                NodeValue::HtmlBlock(block) => block.literal.as_str(),
                NodeValue::HtmlInline(html) => html.as_str(),
                _ => continue,
            };
            let harmless = html.trim_start().starts_with("<!--") || html.starts_with("</");
            if harmless {
                continue;
            }
            let tag: String =
                html.trim().chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
            findings.push(
                text.finding(
                    self,
                    node,
                    format!("of the HTML `{tag}>` only the text is published"),
                )
                .help("write it in Markdown"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn html_is_warned_of_and_comments_are_not() {
        assert_eq!(
            told("A <b>b</b>.\n\n<!-- pozn. -->\n\n<div class=\"x\">\nc\n</div>\n"),
            [
                "6:3 raw-html Warning: of the HTML `<b>` only the text is published",
                "10:1 raw-html Warning: of the HTML `<div>` only the text is published",
            ]
        );
    }
}
