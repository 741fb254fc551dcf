//! What an edition says, read back from each of its renditions.
//!
//! Formats may differ in looks, never in content: headings, links, notes,
//! figures and numbers of an edition stand in all of them, in the same order.
//! One outline is taken from the AST, one from the bytes of every rendition;
//! `check::parity` compares. So a renderer (or a workspace's template) that
//! drops a footnote is found out by the build, not by a reader.
//!
//! The surprise: a rendition may say more. Mastheads, footers, marks of notes
//! and addresses written out are the theme's, so every comparison asks only
//! whether what is expected is there, in order.

mod html;
mod pdf;
mod text;

use std::collections::BTreeMap;

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{Node, NodeValue};

pub(super) use html::read as of_html;
pub(super) use pdf::read as of_pdf;
pub(super) use text::read as of_text;

use super::Document;
use super::markdown::{self, is_data, plain_text};
use super::theme::Words;
use crate::model::Manuscript;

/// What an edition says, in reading order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// What stands before the first heading, then a section a heading.
    pub sections: Vec<Section>,
    /// The notes, in order, wherever a format puts them.
    pub notes: Section,
    /// The text of each note. Only of a document: a rendition's are all in the
    /// text of `notes`.
    pub each_note: Vec<String>,
}

/// A heading and what follows it, up to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    pub heading: String,
    pub text: String,
    /// Where links lead that leave the document.
    pub links: Vec<String>,
    /// Alternative texts of pictures.
    pub figures: Vec<String>,
}

impl Outline {
    /// What a document says: what each of its renditions has to say.
    pub fn of_document(document: &Document<'_>) -> Self {
        Self::read(document, None)
    }

    /// What a document says where charts have no table: their numbers are in
    /// what is said of them.
    pub fn of_document_without_tables_of_charts(document: &Document<'_>, words: &Words) -> Self {
        Self::read(document, Some(words))
    }

    fn read(document: &Document<'_>, spoken: Option<&Words>) -> Self {
        let spoken = spoken.map(|words| (document.edition.manuscript, words));
        let mut outline = Self { sections: vec![Section::default()], ..Self::default() };
        let note = |node: &Node<'_>| matches!(node.data().value, NodeValue::FootnoteDefinition(_));
        for node in document.root.children().filter(|node| !note(node)) {
            walk(node, spoken, &mut outline.sections);
        }
        for node in document.root.children().filter(note) {
            // A heading inside a note is none that anybody could jump to.
            let mut sections = vec![Section::default()];
            walk(node, spoken, &mut sections);
            let mut text = String::new();
            for section in sections {
                text.push_str(&format!("{} {} ", section.heading, section.text));
                outline.notes.links.extend(section.links);
                outline.notes.figures.extend(section.figures);
            }
            outline.notes.text.push_str(&text);
            outline.each_note.push(if holds_chart(node) { before_chart(node) } else { text });
        }
        outline
    }

    /// Headings, without the nothing before the first.
    pub fn headings(&self) -> Vec<&str> {
        self.sections.iter().skip(1).map(|section| section.heading.as_str()).collect()
    }
}

impl Section {
    fn titled(heading: String) -> Self {
        Self { heading, ..Self::default() }
    }
}

fn holds_chart(node: Node<'_>) -> bool {
    node.descendants().any(is_data)
}

/// What a note says before its first chart, about which each format has words
/// of its own.
fn before_chart(note: Node<'_>) -> String {
    let blocks = note.children().take_while(|block| !holds_chart(block));
    blocks.map(plain_text).collect::<Vec<_>>().join(" ")
}

/// The manuscript whose charts are told in words, and these.
type Spoken<'s> = (&'s Manuscript, &'s Words);

/// Adds what a block says to the last section, and opens sections at headings.
/// Without recursion: an inline may nest thousands deep.
fn walk(block: Node<'_>, spoken: Option<Spoken<'_>>, sections: &mut Vec<Section>) {
    let mut in_heading = false;
    let mut in_picture = false;
    let mut in_data = false;
    for edge in block.traverse() {
        match edge {
            NodeEdge::Start(node) if spoken.is_some() && is_data(node) => in_data = true,
            NodeEdge::End(node) if is_data(node) => in_data = false,
            NodeEdge::Start(_) if in_data => {}
            NodeEdge::Start(node) => {
                if let NodeValue::Heading(_) = node.data().value {
                    sections.push(Section::titled(plain_text(node)));
                    in_heading = true;
                }
                let Some(section) = sections.last_mut() else { return };
                match &node.data().value {
                    NodeValue::Image(link) => {
                        let chart = spoken.and_then(|(manuscript, words)| {
                            Some(markdown::spoken(&manuscript.chart(&link.url)?.chart, words))
                        });
                        section.figures.push(chart.unwrap_or_else(|| plain_text(node)));
                        in_picture = true;
                    }
                    NodeValue::Link(link) if !link.url.starts_with('#') => {
                        section.links.push(link.url.clone());
                    }
                    _ if in_picture || in_heading => {}
                    NodeValue::Text(text) => section.text.push_str(text),
                    NodeValue::Code(code) => section.text.push_str(&code.literal),
                    NodeValue::CodeBlock(code) => section.text.push_str(&code.literal),
                    value if value.block() => section.text.push(' '),
                    NodeValue::SoftBreak
                    | NodeValue::LineBreak
                    | NodeValue::FootnoteReference(_) => section.text.push(' '),
                    _ => {}
                }
            }
            NodeEdge::End(node) => match &node.data().value {
                NodeValue::Heading(_) => in_heading = false,
                NodeValue::Image(_) => in_picture = false,
                _ => {}
            },
        }
    }
}

/// Letters and digits alone, in small: what is left of a text when lines,
/// hyphens, quotes and spaces are set as each medium sets them.
pub fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How often each run of digits occurs.
pub fn numbers(text: &str) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for number in text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
        *counts.entry(number).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::super::specimen::{self, EVERYTHING};
    use super::*;
    use crate::model::Readership;

    #[test]
    fn a_document_says_its_headings_links_notes_figures_and_numbers() {
        let publication = specimen::publication(&[("cs", EVERYTHING)]);
        specimen::document(&publication, "cs", Readership::Public, |document| {
            insta::assert_debug_snapshot!(Outline::of_document(document));
        });
    }
}
