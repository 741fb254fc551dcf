//! Characters that the fonts cannot draw, named before Typst is asked.
//!
//! PDF/UA wants every glyph to be one of the font's own (ISO 14289-1, 7.21.8:
//! no `.notdef`), and Typst refuses such a document without saying where. Here
//! each character gets the place of its first use. Private-use characters are
//! refused even where a font draws them: nobody can read them aloud
//! (ISO 19005-2, 6.2.11.7.3).

use std::collections::BTreeMap;

use comrak::nodes::{Node, NodeValue, Sourcepos};

use super::Front;
use crate::model::{Finding, Findings, Manuscript, Place};
use crate::render::Document;
use crate::render::fonts::Fonts;

/// One finding for each character that cannot be drawn, at its first place.
pub(super) fn findings(document: &Document<'_>, front: &Front, fonts: &Fonts) -> Findings {
    let mut missing = Missing { fonts, found: BTreeMap::new() };
    let manuscript = document.edition.manuscript;
    for text in front.texts() {
        missing.look(text, |c| in_front_matter(manuscript, c));
    }
    for node in document.root.descendants().filter(|node| !is_inside_picture(node)) {
        let data = node.data();
        if let Some(text) = drawn_text(&data.value) {
            missing.look(text, |c| in_body(manuscript, data.sourcepos, c));
        }
    }
    let mut findings: Findings =
        missing.found.into_iter().map(|(c, found)| finding(manuscript, c, &found)).collect();
    findings.sort_by(|a, b| a.place.cmp(&b.place));
    findings
}

struct Found {
    place: Place,
    times: usize,
}

struct Missing<'f> {
    fonts: &'f Fonts,
    found: BTreeMap<char, Found>,
}

impl Missing<'_> {
    fn look(&mut self, text: &str, place: impl Fn(char) -> Place) {
        let fonts = self.fonts;
        for c in text.chars().filter(|c| !c.is_ascii() && !draws(fonts, *c)) {
            let found = self.found.entry(c).or_insert_with(|| Found { place: place(c), times: 0 });
            found.times += 1;
        }
    }
}

fn draws(fonts: &Fonts, c: char) -> bool {
    c.is_control() || is_invisible(c) || (!is_private(c) && c != KEYCAP && fonts.draw(c))
}

/// Makes a key of the digit before it. The digit stays one of the text's own
/// face, which has no keys.
const KEYCAP: char = '\u{20e3}';

/// Unicode's default-ignorable characters as far as they come up in text: they
/// shape or break what is around them and have no glyph.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// An alternative text is read aloud, not drawn.
fn is_inside_picture(node: Node<'_>) -> bool {
    node.ancestors().skip(1).any(|outer| matches!(outer.data().value, NodeValue::Image(_)))
}

fn drawn_text(value: &NodeValue) -> Option<&str> {
    match value {
        NodeValue::Text(text) => Some(text),
        NodeValue::Code(code) => Some(&code.literal),
        NodeValue::CodeBlock(code) => Some(&code.literal),
        NodeValue::Image(link) => Some(&link.title),
        NodeValue::Alert(alert) => alert.title.as_deref(),
        _ => None,
    }
}

/// Where `c` stands in the lines of a node. A node's own position would be
/// enough for a word; a code block has many lines, and an entity (`&#x1F600;`)
/// does not stand there as itself: then it is the node's start.
fn in_body(manuscript: &Manuscript, at: Sourcepos, c: char) -> Place {
    let (start, end) = (at.start, at.end);
    let lines = manuscript.body.lines().enumerate();
    for (index, line) in lines.take(end.line).skip(start.line.saturating_sub(1)) {
        let skipped = if index + 1 == start.line { start.column.saturating_sub(1) } else { 0 };
        if let Some(column) = line.chars().skip(skipped).position(|found| found == c) {
            return manuscript.place(index + 1, skipped + column + 1);
        }
    }
    manuscript.place(start.line, start.column)
}

fn in_front_matter(manuscript: &Manuscript, c: char) -> Place {
    let lines = manuscript.text.lines().take(manuscript.lines_before_body).enumerate();
    for (index, line) in lines {
        if let Some(column) = line.chars().position(|found| found == c) {
            return Place::new(&manuscript.file, index + 1, column + 1);
        }
    }
    Place::start(&manuscript.file)
}

fn finding(manuscript: &Manuscript, c: char, found: &Found) -> Finding {
    let code = u32::from(c);
    let help = if matches!(c, '\u{f000}'..='\u{f0ff}') {
        "it came from Word, as a bullet maybe: begin the items of a list with a hyphen and a space"
    } else {
        "write it in words, or add a font that has it to templates/fonts/"
    };
    let times = if found.times > 1 { format!(", {} times", found.times) } else { String::new() };
    Finding::error(
        "pdf-glyph",
        found.place.clone(),
        format!("the PDF's fonts have no character “{c}” (U+{code:04X}){times}"),
    )
    .help(help)
    .source(&manuscript.text)
}
