//! Raw HTML: of an author's tags a page has none, only the text between them.

use std::sync::LazyLock;

use comrak::Arena;
use comrak::nodes::NodeValue;
use hlas::render::markdown;
use regex::{Captures, Regex};

use crate::spec::example::Specification;
use crate::spec::tree::{each, parsed, plain};

/// GFM 0.29 takes for text what is a comment in a line since CommonMark 0.31. One
/// that ends in `--->` is none to comrak either way.
pub fn newer_comments(specification: &Specification, html: String, _body: &str) -> String {
    static COMMENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("&lt;!--(?:&gt;|.*?[^-]--&gt;)").expect("a pattern"));
    if specification.name != "GFM" {
        return html;
    }
    let raw = |found: &Captures<'_>| found[0].replace("&lt;", "<").replace("&gt;", ">");
    let lines = html.split_inclusive('\n').map(|line| match line.starts_with("<p>") {
        true => COMMENT.replace_all(line, raw),
        false => line.into(),
    });
    lines.collect()
}

/// Tags go, and their paragraph if it held nothing else; `<br>` is a new line;
/// blocks become a paragraph of their text.
pub fn text_of_html(_: &Specification, html: String, body: &str) -> String {
    let arena = Arena::new();
    let (mut done, mut rest) = (String::new(), html.as_str());
    for node in markdown::parse(&arena, body).descendants() {
        let data = node.data();
        let (raw, instead) = match &data.value {
            NodeValue::HtmlInline(raw) if raw.starts_with("<br") => (raw.as_str(), "<br />".into()),
            NodeValue::HtmlInline(raw) => (raw.as_str(), String::new()),
            NodeValue::HtmlBlock(block) => {
                (block.literal.trim_end_matches('\n'), paragraph(&block.literal))
            }
            _ => continue,
        };
        let found = rest.split_once(raw).or_else(|| rest.split_once(filtered(raw).as_str()));
        let (before, after) = found.unwrap_or_else(|| panic!("no {raw:?} in {html:?}"));
        done += before;
        done += &instead;
        rest = after;
    }
    if rest == html {
        return html;
    }
    static SILENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"<p>\s*</p>\n?").expect("a pattern"));
    SILENT.replace_all(&(done + rest), "").into_owned()
}

/// Tags that GFM disarms (6.11), as it writes them.
fn filtered(raw: &str) -> String {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        let names = "title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext";
        Regex::new(&format!(r"(?i)<(/?(?:{names})\b)")).expect("a pattern")
    });
    TAG.replace_all(raw, "&lt;$1").into_owned()
}

/// Whether there is more to tell an author of than comments, ends of what began
/// elsewhere, and new lines, which stay.
pub fn lacks_something(body: &str) -> bool {
    let arena = Arena::new();
    markdown::parse(&arena, body).descendants().any(|node| {
        let html = match &node.data().value {
            NodeValue::HtmlInline(html) => html.clone(),
            NodeValue::HtmlBlock(block) => block.literal.trim().to_owned(),
            _ => return false,
        };
        let is_comment = html.starts_with("<!--") && html.ends_with("-->");
        let is_end = html.starts_with("</") && html.ends_with('>');
        !is_comment && !is_end && !html.starts_with("<br")
    })
}

fn paragraph(html: &str) -> String {
    let seen = each(parsed(html), &mut |element| match element.name.as_str() {
        "script" | "style" => Vec::new(),
        name if name.starts_with('#') => Vec::new(),
        _ => vec![element.into()],
    });
    let said = plain(&seen).split_whitespace().collect::<Vec<_>>().join(" ");
    if said.is_empty() {
        return said;
    }
    format!("<p>{}</p>", said.replace('&', "&amp;").replace('<', "&lt;"))
}
