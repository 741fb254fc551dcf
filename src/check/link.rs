//! Links that lead nowhere, or where no reader should be led.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::load::nearest;
use crate::model::Findings;
use crate::render::markdown::{self, LinkTarget as Target};

pub struct LinkTarget;

const DOC: &str = "\
A link that leads nowhere, or where no reader should be led.

A mail has no place that a relative link could start from, and `#heading` must
name a heading of the same text. Only http:, https: and mailto: are published.

Wrong:  [zpráva](zprava.html)
Right:  [zpráva](https://www.example.org/zprava.html)
";

impl Rule for LinkTarget {
    fn name(&self) -> &'static str {
        "link"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let anchors = &text.anchors;
        for node in text.nodes() {
            let data = node.data();
            let NodeValue::Link(link) = &data.value else { continue };
            let (message, help) = match markdown::link_target(&link.url, anchors) {
                Target::Away(_) | Target::Anchor(_) => continue,
                Target::NoSuchAnchor(anchor) => (
                    format!("no heading in this text has the anchor #{anchor}"),
                    match nearest(&anchor, anchors.iter().map(String::as_str)) {
                        Some(close) => format!("did you mean #{close}?"),
                        None => "anchors are headings in small letters with hyphens".to_owned(),
                    },
                ),
                Target::Forbidden(scheme) => (
                    format!("links to `{scheme}:` are not published"),
                    "link to http:, https: or mailto: addresses".to_owned(),
                ),
                Target::Relative => (
                    format!("`{}` is not the whole of an address", link.url),
                    "write it with https:// in front, or #heading for a place in this text"
                        .to_owned(),
                ),
                Target::Broken => (
                    format!("`{}` is no address", link.url),
                    "write the whole address: https://…".to_owned(),
                ),
            };
            findings.push(text.finding(self, node, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use comrak::nodes::NodeValue;

    use crate::check::tests::{told, told_of};
    use crate::model::Readership;
    use crate::render::specimen;

    #[test]
    fn the_list_of_works_has_a_heading_that_an_author_may_lead_to() {
        let mut publication = specimen::commentary(
            "Viz [prameny](#literatura-a-prameny) a [@vrbova2024].\n\n## Závěr\n\nText.\n",
        );
        let told = |publication: &_| told_of(&specimen::workspace(), publication);
        assert_eq!(told(&publication), Vec::<String>::new());
        specimen::document(&publication, "cs", Readership::Public, |document| {
            let leads = |url: &str| {
                document.root.descendants().any(
                    |node| matches!(&node.data().value, NodeValue::Link(link) if link.url == url),
                )
            };
            assert!(leads("#literatura-a-prameny") && leads("#Work-vrbova2024"));
            assert_eq!(document.anchors, ["závěr", "literatura-a-prameny"]);
        });
        publication.manuscripts[0].body = "Viz [prameny](#literatura-a-prameny).\n".to_owned();
        let dead = "6:5 link Error: no heading in this text has the anchor #literatura-a-prameny";
        assert_eq!(told(&publication), [dead]);
    }

    #[test]
    fn dead_anchors_forbidden_schemes_and_nonsense_are_errors() {
        assert_eq!(
            told(
                "## Závěr\n\nViz [závěr](#zaver), [a](javascript:alert(1)), [b](http://), [c](#závěr), [d](www.example.org).\n"
            ),
            [
                "8:5 link Error: no heading in this text has the anchor #zaver",
                "8:22 link Error: links to `javascript:` are not published",
                "8:48 link Error: `http://` is no address",
                "8:75 link Error: `www.example.org` is not the whole of an address",
            ]
        );
    }
}
