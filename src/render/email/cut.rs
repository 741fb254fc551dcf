//! A text too long for mail, cut where it can go on on the page.
//!
//! Gmail shows no more than 102,400 bytes of a message's HTML and hides the
//! rest, with the way to unsubscribe in it. What is counted is the HTML as a
//! client gets it, with transfer encoding undone. The cut is made in the AST,
//! so that notes of what is left out are left out too, and links to it lead to
//! the page. The surprise: the cut is found by rendering, not by estimate. A
//! block's bytes after inlining are the theme's business.
//!
//! The page is for everybody. A heading that only readers of the mail have is
//! no place where reading could go on, and what only they get must not be cut
//! off: see [`lost`].

use std::collections::BTreeSet;

use comrak::Arena;
use comrak::nodes::{Node, NodeValue};

use crate::model::{Edition, Readership};
use crate::render::markdown::{self, readership};
use crate::render::{Document, Theme};

/// How much HTML a mail may hold, its holes still open.
pub const ROOM: usize = LIMIT - RESERVE;

/// What Gmail shows of a message.
pub const LIMIT: usize = 102_400;

/// For what fills the holes: salutation, address (RFC 5321, 4.5.3.1: at most
/// 254 octets) and the way out.
const RESERVE: usize = 1_600;

/// Where a text is cut: after this many of its blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    pub blocks: usize,
    /// The anchor of the heading at which reading goes on; `None` for the page.
    pub anchor: Option<String>,
    /// The line of the text's body at which the cut is; `None` when nothing of
    /// it is left out, but only what stands below it, such as a list of works.
    pub line: Option<usize>,
}

/// The best cut at which the mail fits: before the last heading, unless that
/// left out half of the blocks that would fit; then before a block. `None`
/// where there is nothing to cut.
///
/// `fits` says whether the mail does when cut so; it is asked a few times.
pub fn best(document: &Document<'_>, fits: impl Fn(&Cut) -> bool) -> Option<Cut> {
    let blocks: Vec<Node<'_>> = blocks(document.root).collect();
    if blocks.is_empty() {
        return None;
    }
    // The more blocks, the longer the mail: halve the range.
    let (mut fitting, mut too_long) = (0, blocks.len());
    while fitting + 1 < too_long {
        let middle = usize::midpoint(fitting, too_long);
        if fits(&cut(document, &blocks, middle)) {
            fitting = middle;
        } else {
            too_long = middle;
        }
    }
    let heading = (fitting.div_ceil(2).max(1)..=fitting).rev().find(|it| is_heading(blocks[*it]));
    let mut kept = heading.unwrap_or(fitting);
    // A heading with nothing below it would promise what the page holds.
    while heading.is_none() && kept > 0 && is_heading(blocks[kept - 1]) {
        kept -= 1;
    }
    Some(cut(document, &blocks, kept))
}

fn cut(document: &Document<'_>, blocks: &[Node<'_>], kept: usize) -> Cut {
    let next = blocks[kept];
    let before = blocks[..kept].iter().flat_map(|block| block.descendants());
    let headings = before.chain([next]).filter(|node| is_heading(node)).count();
    let above = document.anchors[..headings.min(document.anchors.len())].last();
    // What the theme or another text brought in stands on no line of this one.
    let lines = blocks[kept..].iter().map(|block| block.data().sourcepos.start.line);
    let line = lines.into_iter().find(|line| *line > 0);
    Cut { blocks: kept, anchor: above.cloned(), line }
}

/// The first line behind a cut that is on no page, because only some readers
/// get it. They would get it nowhere.
pub fn lost(document: &Document<'_>, cut: &Cut) -> Option<usize> {
    let (segment, from) = (document.edition.readership.segment()?, cut.line?);
    let body = &document.edition.manuscript.body;
    if !body.contains(":::") {
        return None;
    }
    let arena = Arena::new();
    let written = markdown::parse(&arena, body);
    let theirs = readership::hidden_lines(written, body, Some(segment));
    let public = readership::hidden_lines(written, body, None);
    public.into_keys().find(|line| *line >= from && !theirs.contains_key(line))
}

/// The anchors that the page has, where reading goes on; `None` where they are
/// those of the mail.
pub fn on_page(document: &Document<'_>, theme: &Theme) -> Option<BTreeSet<String>> {
    let may_differ = document.edition.manuscript.body.contains(":::");
    may_differ.then(|| {
        let edition = Edition { readership: Readership::Public, ..document.edition.clone() };
        let arena = Arena::new();
        let page = Document::new(&arena, &edition, document.workspace, theme);
        let works = page.works.map(|works| works.anchors).unwrap_or_default();
        page.anchors.into_iter().chain(works).collect()
    })
}

/// Takes out of a document what a cut leaves to the page, whose address is
/// `page`. `has` says which anchors it has.
pub fn apply(document: &mut Document<'_>, cut: &Cut, page: &str, has: impl Fn(&str) -> bool) {
    let left: Vec<Node<'_>> = blocks(document.root).skip(cut.blocks).collect();
    left.iter().for_each(|node| node.detach());
    drop_notes(document.root);
    let kept = document.root.descendants().filter(|node| is_heading(node)).count();
    let mut gone: BTreeSet<String> = document.anchors.drain(kept..).collect();
    // Citations then lead to the list of works on the page.
    if let Some(works) = document.works.take_if(|works| works.list.parent().is_none()) {
        gone.extend(works.anchors);
    }
    for node in document.root.descendants() {
        if let NodeValue::Link(link) = &mut node.data_mut().value
            && link.url.strip_prefix('#').is_some_and(|anchor| gone.contains(anchor))
        {
            let anchor = if has(&link.url[1..]) { link.url.as_str() } else { "" };
            link.url = format!("{page}{anchor}");
        }
    }
}

/// Notes that nothing refers to any more go, and what is left of each knows
/// how often it is referred to. Numbers stay: notes are numbered in the order
/// in which the text comes to them, so those that go are the last.
fn drop_notes(root: Node<'_>) {
    loop {
        let notes: Vec<Node<'_>> = root.children().filter(|node| is_note(node)).collect();
        let before = notes.len();
        for note in &notes {
            let times = references(root, note);
            if times == 0 {
                note.detach();
            } else if let NodeValue::FootnoteDefinition(note) = &mut note.data_mut().value {
                note.total_references = times;
            }
        }
        if root.children().filter(|node| is_note(node)).count() == before {
            return;
        }
    }
}

fn references(root: Node<'_>, note: Node<'_>) -> u32 {
    let name = match &note.data().value {
        NodeValue::FootnoteDefinition(note) => note.name.clone(),
        _ => return 0,
    };
    let refers = |node: Node<'_>| match &node.data().value {
        NodeValue::FootnoteReference(reference) => reference.name == name,
        _ => false,
    };
    u32::try_from(root.descendants().filter(|node| refers(node)).count()).unwrap_or(u32::MAX)
}

/// What a text consists of at its top, notes apart.
fn blocks(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    root.children().filter(|node| !is_note(node))
}

fn is_note(node: Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::FootnoteDefinition(_))
}

fn is_heading(node: Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::Heading(_))
}
