//! A link to a heading that only some readers have.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::{Findings, Severity};
use crate::render::markdown::readership::hidden_lines;

pub struct PrivateReference;

const DOC: &str = "\
A link to a part of the text that only some of its readers get.

For the others it is no link: of `[závěr](#závěr)` the word stays. Say it
without the link, or put it into a block for the same readers.
";

impl Rule for PrivateReference {
    fn name(&self) -> &'static str {
        "private-reference"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let body = &text.manuscript.body;
        let mut told = Vec::new();
        for segment in text.readers() {
            let hidden = hidden_lines(text.root, body, segment);
            if hidden.is_empty() {
                continue;
            }
            let anchors = text.headings().anchors_for(body, segment);
            for node in text.nodes() {
                let data = node.data();
                let NodeValue::Link(link) = &data.value else { continue };
                let Some(anchor) = link.url.strip_prefix('#') else { continue };
                let has = |anchors: &[String]| anchors.iter().any(|known| known == anchor);
                let start = data.sourcepos.start;
                let is_read = !hidden.contains_key(&start.line);
                if is_read && has(&text.anchors) && !has(&anchors) && !told.contains(&start) {
                    told.push(start);
                    let readers = text.readers_called(segment);
                    let message = format!("#{anchor} stands in a block that {readers} do not get");
                    findings.push(text.finding(self, node, message).help(
                        "say it without the link, or put it into a block for the same readers",
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_link_of_all_to_a_heading_of_some_is_a_warning_where_it_stands() {
        let body = "\
Viz [zákulisí](#zákulisí) a [pohled](#pohled-poradna-u-mostu).

::::only politicians
## Zákulisí

Viz [zákulisí](#zákulisí).

:::perspective most
Text.
:::
::::
";
        assert_eq!(
            told(body),
            [
                "6:5 private-reference Warning: #zákulisí stands in a block that the public do not get",
                "6:29 private-reference Warning: #pohled-poradna-u-mostu stands in a block that the public do not get",
            ]
        );
    }
}
