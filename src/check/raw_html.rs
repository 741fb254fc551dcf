//! Raw HTML: every format but the page would have to guess at it, so all
//! formats take just its text. The author ought to know.

use comrak::nodes::NodeValue;

use super::comment::holds_markdown;
use super::{Rule, Text};
use crate::model::{Findings, Severity};

/// Tags, with what to write instead.
const INSTEAD: [(&[&str], &str); 23] = [
    (&["a"], "write a link: [text](https://…)"),
    (
        &["abbr", "center", "div", "font", "section", "small", "span"],
        "take the tag away and keep the words",
    ),
    (&["aside"], "write a box: > [!NOTE], below it lines that begin with >"),
    (&["b", "strong"], "write **bold**"),
    (&["blockquote"], "begin its lines with >"),
    (&["caption"], "write it above the table: Tabulka 1: …"),
    (&["code", "pre"], "write `code`, or whole lines of it between lines of ```"),
    (&["del", "s", "strike"], "write ~~struck out~~"),
    (&["details"], "write it as a part with a heading: nothing folds in mail and PDF"),
    (&["em", "i"], "write *emphasis*"),
    (&["figcaption"], "write it below the picture, in the line that follows"),
    (&["figure", "img", "picture"], "write ![What it shows](picture.png), below it the caption"),
    (&["h1", "h2"], "write a heading: ##, a space and its words"),
    (&["h3", "h4", "h5", "h6"], "write a heading: ###, a space and its words"),
    (&["hr"], "write *** on a line of its own"),
    (&["iframe", "video", "audio", "embed", "object"], "link to the page: [text](https://…)"),
    (&["ol"], "begin its items with 1., 2., …"),
    (&["p"], "leave an empty line between paragraphs"),
    (&["script", "style", "link", "meta"], "take it away: it is not published"),
    (&["sub", "sup"], "write the sign itself (CO₂, m²), or a footnote: [^name]"),
    (
        &["table", "tbody", "td", "th", "thead", "tr"],
        "write a table: | a | b |, below it |---|---|",
    ),
    (&["u"], "write *emphasis*: what is underlined looks like a link"),
    (&["ul", "li"], "begin each item with a hyphen and a space"),
];

pub struct RawHtml;

const DOC: &str = "\
HTML tags in the text.

Mail, PDF and text part have no HTML of an author's, so of every tag only the
text between is published, in all formats alike. Write it in Markdown. Only
<br> is taken for what it is, a new line.

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
                NodeValue::HtmlBlock(block) => block.literal.trim(),
                NodeValue::HtmlInline(html) => html.trim(),
                _ => continue,
            };
            if let Some((message, help)) = behind(html) {
                findings.push(text.finding(self, node, message).help(help));
                continue;
            }
            let tag = name(html);
            // Comments and closing tags; `leftover` knows those of Word.
            let is_told_elsewhere = tag.is_empty() || tag.contains(':') || tag == "br";
            if is_told_elsewhere || text.is_in_tag(node) {
                continue;
            }
            let instead = INSTEAD.iter().find(|(tags, _)| tags.contains(&tag.as_str()));
            let message = format!("of the HTML `<{tag}>` only the text is published");
            let help = instead.map_or("write it in Markdown, or take the tag away", |it| it.1);
            findings.push(text.finding(self, node, message).help(help));
        }
    }
}

/// What is no opening tag, and yet not as harmless as a closing one: a block
/// that a closing tag begins goes on to the next empty line, and programs and
/// declarations are not text.
fn behind(html: &str) -> Option<(String, &'static str)> {
    let opening: String = html.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
    if html.starts_with("</") && holds_markdown(html) {
        let message = format!("behind `{opening}>` Markdown is not read, but printed");
        return Some((message, "take the tag away, or put an empty line below it"));
    }
    let is_of_word = html.starts_with("<![if") || html.starts_with("<![endif");
    let is_comment = html.starts_with("<!--") || is_of_word;
    if html.starts_with("<?") || (html.starts_with("<!") && !is_comment) {
        let help = "take it away; what it brought in has to be written here";
        return Some((format!("what stands in `{opening}` is not published"), help));
    }
    None
}

/// The name of an opening tag, in small letters; empty of anything else.
fn name(html: &str) -> String {
    let name = html.strip_prefix('<').unwrap_or_default();
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != ':');
    name[..end.unwrap_or(name.len())].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use crate::check::{check, tests::told};
    use crate::render::specimen;

    #[test]
    fn html_is_warned_of_and_comments_and_line_ends_are_not() {
        assert_eq!(
            told("A <b>b</b>.<BR/>\n\n<!-- pozn. -->\n\n<div class=\"x\">\nc\n</div>\n"),
            [
                "6:3 raw-html Warning: of the HTML `<b>` only the text is published",
                "10:1 raw-html Warning: of the HTML `<div>` only the text is published",
            ]
        );
    }

    #[test]
    fn what_a_closing_tag_spoils_and_what_is_no_text_is_warned_of() {
        assert_eq!(
            told("A</b>\n\n</div>\n*c*\n\n</div>\nd\n\nE <?php echo 1 ?>\n\n<![CDATA[ f ]]>\n"),
            [
                "8:1 raw-html Warning: behind `</div>` Markdown is not read, but printed",
                "14:3 raw-html Warning: what stands in `<?php` is not published",
                "16:1 raw-html Warning: what stands in `<![CDATA[` is not published",
            ]
        );
    }

    #[test]
    fn the_way_out_is_the_markdown_for_that_tag() {
        let publication = specimen::commentary("A <SUP>2</SUP>\n\n<table><tr></tr></table>\n");
        let findings = check(&specimen::workspace(), &specimen::THEME, &publication);
        let help: Vec<_> = findings.iter().map(|it| it.help.as_str()).collect();
        assert_eq!(
            help,
            [
                "write the sign itself (CO₂, m²), or a footnote: [^name]",
                "write a table: | a | b |, below it |---|---|"
            ]
        );
    }
}
