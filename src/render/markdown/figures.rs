//! Pictures and tables put together with what is said about them.
//!
//! Markdown has no figure: authors write a caption above or below, and where
//! the numbers come from below that. Here those lines become one node with
//! the picture or table, so that no format has to guess which lines belong
//! together (docs/adr/0007).
//!
//! The surprise: comrak has no node for a figure either, so it is a block
//! directive that no author can write (`unwrap_directives` came before), and
//! [`Figure::of`] reads it.

use comrak::Arena;
use comrak::nodes::{Node, NodeBlockDirective, NodeValue};

use super::captions::{self, Label, Labelled};
use super::plain_text;

pub(super) const FIGURE: &str = "figure";
pub(super) const CAPTION: &str = "caption";
pub(super) const SOURCE: &str = "source";
/// Parts that only a chart has: what its numbers count, what is to be known of
/// them, the table of them.
pub(super) const UNIT: &str = "unit";
pub(super) const NOTE: &str = "note";
pub(super) const DATA: &str = "data";

const PARTS: [&str; 5] = [CAPTION, SOURCE, UNIT, NOTE, DATA];

/// A picture that stands alone, or a table, with its caption and source.
///
/// The node has these children, in this order, each of them a block whose
/// paragraph holds the words: a picture's paragraph, then its caption, then
/// its source; or a caption, then its table, then the source. A table about
/// which nothing is said is in no figure. A chart has its caption and unit, its
/// picture's paragraph, note and source, and its table ([`super::charts`]).
#[derive(Clone, Copy)]
pub struct Figure<'a> {
    /// The paragraph with the picture, or the table.
    pub body: Node<'a>,
    pub caption: Option<Node<'a>>,
    pub source: Option<Node<'a>>,
    pub unit: Option<Node<'a>>,
    pub note: Option<Node<'a>>,
    /// The table that a chart was drawn from; only charts have one.
    pub table: Option<Node<'a>>,
}

impl<'a> Figure<'a> {
    /// The figure that a node is.
    pub fn of(node: Node<'a>) -> Option<Self> {
        is(node, FIGURE).then_some(())?;
        let part = |info| node.children().find(|child| is(child, info));
        let is_part = |child: &Node<'_>| PARTS.iter().any(|info| is(child, info));
        let body = node.children().find(|child| !is_part(child))?;
        Some(Self {
            body,
            caption: part(CAPTION),
            source: part(SOURCE),
            unit: part(UNIT),
            note: part(NOTE),
            table: part(DATA).and_then(|data| data.first_child()),
        })
    }

    /// The figure that a node is a part of.
    pub fn around(node: Node<'a>) -> Option<Self> {
        node.parent().and_then(Self::of)
    }

    /// The chart that a table is the data of.
    pub fn drawn_from(table: Node<'a>) -> Option<Self> {
        table.parent().filter(|up| is(up, DATA)).and_then(Self::around)
    }

    /// The picture, if it is one and not a table.
    pub fn picture(&self) -> Option<Node<'a>> {
        let is_image = |node: &Node<'_>| matches!(node.data().value, NodeValue::Image(_));
        self.body.first_child().filter(is_image)
    }
}

pub fn is_caption(node: Node<'_>) -> bool {
    is(node, CAPTION)
}

pub fn is_source(node: Node<'_>) -> bool {
    is(node, SOURCE)
}

pub fn is_unit(node: Node<'_>) -> bool {
    is(node, UNIT)
}

pub fn is_note(node: Node<'_>) -> bool {
    is(node, NOTE)
}

pub fn is_data(node: Node<'_>) -> bool {
    is(node, DATA)
}

fn is(node: Node<'_>, info: &str) -> bool {
    matches!(&node.data().value, NodeValue::BlockDirective(block) if block.info == info)
}

/// Makes figures of all pictures that stand alone, and of the tables that have
/// a caption or a source.
pub(super) fn gather<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    for node in root.descendants().collect::<Vec<_>>() {
        match &node.data().value {
            NodeValue::Paragraph | NodeValue::Table(_) => {}
            _ => continue,
        }
        // A chart is put together already.
        if node.ancestors().skip(1).any(|outer| is(outer, FIGURE)) {
            continue;
        }
        let said = if matches!(node.data().value, NodeValue::Table(_)) {
            said_of_table(arena, node)
        } else if let Some(said) = said_of_picture(arena, node) {
            said
        } else {
            continue;
        };
        assemble(arena, node, said);
    }
}

/// What is said about a picture or table, each a paragraph.
#[derive(Default)]
struct Said<'a> {
    caption: Option<Node<'a>>,
    source: Option<Node<'a>>,
}

impl<'a> Said<'a> {
    /// Takes in a paragraph that may be a caption, a source, or a caption with
    /// its source in the lines below; says whether it was.
    fn take(
        &mut self,
        arena: &'a Arena<'a>,
        paragraph: Node<'a>,
        labelled: Labelled,
        unlabelled: bool,
    ) -> bool {
        let text = plain_text(paragraph);
        if captions::is_source(&text) {
            part_lines(paragraph);
            return self.add_source(arena, paragraph);
        }
        let label = captions::label(&text, labelled);
        if self.caption.is_some() || (label.is_none() && !unlabelled) {
            return false;
        }
        if self.source.is_none() {
            self.source = split_source(arena, paragraph);
        }
        if let Some(Label { characters, printed: false }) = label {
            captions::strip(paragraph, characters);
        }
        put(&mut self.caption, paragraph);
        true
    }

    /// A note may stand before the source, or after it: they are lines of one.
    fn add_source(&mut self, arena: &'a Arena<'a>, paragraph: Node<'a>) -> bool {
        let Some(source) = self.source else { return put(&mut self.source, paragraph) };
        source.append(new(arena, source, NodeValue::LineBreak));
        paragraph.children().collect::<Vec<_>>().into_iter().for_each(|it| source.append(it));
        paragraph.detach();
        true
    }

    /// Looks at the paragraph before a block, then at the two after it.
    fn look_around(&mut self, arena: &'a Arena<'a>, block: Node<'a>, labelled: Labelled) {
        let is_paragraph = |node: &Node<'_>| matches!(node.data().value, NodeValue::Paragraph);
        if let Some(before) = block.previous_sibling().filter(is_paragraph)
            && !captions::is_source(&plain_text(before))
        {
            self.take(arena, before, labelled, false);
        }
        while let Some(after) = block.next_sibling().filter(is_paragraph) {
            if !self.take(arena, after, labelled, false) {
                break;
            }
        }
    }
}

/// `Pozn.: …` and `Zdroj: …` in one paragraph are two lines.
fn part_lines(paragraph: Node<'_>) {
    for node in paragraph.children().filter(|node| is_break(node)) {
        let rest: String = node.following_siblings().skip(1).map(plain_text).collect();
        if captions::is_source(&rest) {
            node.data_mut().value = NodeValue::LineBreak;
        }
    }
}

/// Keeps a paragraph out of the text, if its place is free.
fn put<'a>(place: &mut Option<Node<'a>>, paragraph: Node<'a>) -> bool {
    let free = place.is_none();
    if free {
        paragraph.detach();
        *place = Some(paragraph);
    }
    free
}

/// `None` for a paragraph that is not a picture alone, or with lines below it.
fn said_of_picture<'a>(arena: &'a Arena<'a>, paragraph: Node<'a>) -> Option<Said<'a>> {
    let image = paragraph.first_child().filter(|first| is_image(first))?;
    let below: Vec<_> = image.following_siblings().skip(1).collect();
    let breaks = below.first().is_none_or(|next| is_break(next));
    if !breaks || below.iter().any(|node| node.descendants().any(|inner| is_image(&inner))) {
        return None;
    }
    let mut said = Said::default();
    if let Some((line_end, rest)) = below.split_first() {
        line_end.detach();
        let lines = paragraph_of(arena, paragraph, rest);
        said.take(arena, lines, Labelled::Picture, true);
    }
    title_as_caption(arena, image, &mut said);
    said.look_around(arena, paragraph, Labelled::Picture);
    Some(said)
}

/// A picture's title, as CommonMark has it, is its caption too.
fn title_as_caption<'a>(arena: &'a Arena<'a>, image: Node<'a>, said: &mut Said<'a>) {
    let title = match &mut image.data_mut().value {
        NodeValue::Image(link) => std::mem::take(&mut link.title),
        _ => return,
    };
    if title.trim().is_empty() {
        return;
    }
    let text = new(arena, image, NodeValue::Text(title.trim().to_owned().into()));
    match said.caption {
        Some(caption) => {
            caption.prepend(new(arena, image, NodeValue::SoftBreak));
            caption.prepend(text);
        }
        None => said.caption = Some(paragraph_of(arena, image, &[text])),
    }
}

fn said_of_table<'a>(arena: &'a Arena<'a>, table: Node<'a>) -> Said<'a> {
    let mut said = Said::default();
    // A line right below a table is a row of it to GFM ("Tables (extension)").
    while let Some(line) = lone_cell(table) {
        let inlines: Vec<_> = line.children().collect();
        let (row, text) = (table.last_child(), plain_text(line));
        if !captions::is_source(&text) && captions::label(&text, Labelled::Table).is_none() {
            break;
        }
        let paragraph = paragraph_of(arena, table, &inlines);
        if !said.take(arena, paragraph, Labelled::Table, false) {
            inlines.into_iter().for_each(|inline| line.append(inline));
            break;
        }
        if let Some(row) = row {
            row.detach();
        }
    }
    said.look_around(arena, table, Labelled::Table);
    said
}

/// The first cell of the last row, where all others of it are empty.
fn lone_cell(table: Node<'_>) -> Option<Node<'_>> {
    let row = table.last_child()?;
    let is_body = matches!(row.data().value, NodeValue::TableRow(false));
    let first = row.first_child().filter(|_| is_body)?;
    first.following_siblings().skip(1).all(|cell| cell.first_child().is_none()).then_some(first)
}

fn assemble<'a>(arena: &'a Arena<'a>, body: Node<'a>, said: Said<'a>) {
    let is_table = matches!(body.data().value, NodeValue::Table(_));
    let part = |info, paragraph: Option<Node<'a>>| {
        let paragraph = paragraph.filter(|it| !plain_text(it).trim().is_empty())?;
        let part = block(arena, paragraph, info);
        part.append(paragraph);
        Some(part)
    };
    let (caption, source) = (part(CAPTION, said.caption), part(SOURCE, said.source));
    if is_table && caption.is_none() && source.is_none() {
        return;
    }
    let figure = block(arena, body, FIGURE);
    body.insert_before(figure);
    let order =
        if is_table { [caption, Some(body), source] } else { [Some(body), caption, source] };
    order.into_iter().flatten().for_each(|part| figure.append(part));
}

/// What stands from the first line that begins with a word for a source.
fn split_source<'a>(arena: &'a Arena<'a>, paragraph: Node<'a>) -> Option<Node<'a>> {
    let line_end = paragraph.children().find(|node| {
        let rest = node.following_siblings().skip(1);
        is_break(node) && captions::is_source(&rest.map(plain_text).collect::<String>())
    })?;
    let rest: Vec<_> = line_end.following_siblings().skip(1).collect();
    line_end.detach();
    Some(paragraph_of(arena, paragraph, &rest))
}

pub(super) fn paragraph_of<'a>(
    arena: &'a Arena<'a>,
    at: Node<'a>,
    inlines: &[Node<'a>],
) -> Node<'a> {
    let paragraph = new(arena, at, NodeValue::Paragraph);
    inlines.iter().for_each(|inline| paragraph.append(inline));
    paragraph
}

pub(super) fn block<'a>(arena: &'a Arena<'a>, at: Node<'a>, info: &str) -> Node<'a> {
    let directive = NodeBlockDirective { info: info.to_owned(), ..NodeBlockDirective::default() };
    new(arena, at, NodeValue::BlockDirective(Box::new(directive)))
}

/// A node that stands, as far as anybody asks, where `at` was written.
pub(super) fn new<'a>(arena: &'a Arena<'a>, at: Node<'a>, value: NodeValue) -> Node<'a> {
    let node = arena.alloc(value.into());
    node.data_mut().sourcepos = at.data().sourcepos;
    node
}

fn is_image(node: &Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::Image(_))
}

fn is_break(node: &Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::SoftBreak | NodeValue::LineBreak)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Readership;
    use crate::render::specimen;

    /// The blocks of a text, a line each: what is in a figure between brackets.
    fn blocks(body: &str) -> String {
        let publication = specimen::publication(&[("cs", body)]);
        specimen::document(&publication, "cs", Readership::Public, |document| {
            let lines = document.root.children().map(|node| match Figure::of(node) {
                None => plain_text(node),
                Some(figure) => {
                    let said = |part: Option<Node<'_>>| part.map(plain_text).unwrap_or_default();
                    let kind = if figure.picture().is_some() { "picture" } else { "table" };
                    format!("[{kind}: {} | {}]", said(figure.caption), said(figure.source))
                }
            });
            // Which spaces do not break is told by the tests of typography.
            lines.collect::<Vec<_>>().join("\n").replace('\u{a0}', " ")
        })
    }

    #[test]
    fn lines_right_below_a_picture_are_its_caption_and_source() {
        assert_eq!(
            blocks("Před.\n\n![a](graf.svg)\nKde se *čeká*\nnejdéle\nZdroj: MV, 2025\n\nPo.\n"),
            "Před.\n[picture: Kde se čeká nejdéle | Zdroj: MV, 2025]\nPo."
        );
        assert_eq!(blocks("![a](graf.svg)\nFoto: J. Malá\n"), "[picture:  | Foto: J. Malá]");
    }

    #[test]
    fn a_title_is_a_caption_too() {
        assert_eq!(
            blocks("![a](graf.svg \"Podíl\")\n\nZdroj: MV\n"),
            "[picture: Podíl | Zdroj: MV]"
        );
        assert_eq!(
            blocks("![a](graf.svg \"Podíl\")\nv roce 2025\n"),
            "[picture: Podíl v roce 2025 | ]"
        );
    }

    #[test]
    fn a_caption_may_stand_above_or_below_with_its_label() {
        for body in [
            "Graf 1: Podíl\n\n![a](graf.svg)\n\nZdroj: MV\n",
            "![a](graf.svg)\n\nGraf 1: Podíl\nZdroj: MV\n",
            "**Graf 1:** Podíl\n\n![a](graf.svg)\n*Zdroj: MV*\n",
        ] {
            assert_eq!(blocks(body), "[picture: Graf 1: Podíl | Zdroj: MV]", "{body}");
        }
        let table = "| a |\n|---|\n| 1 |\n";
        for body in [
            format!("Tabulka: Podíl\n\n{table}\nZdroj: MV\n"),
            format!("**Tabulka:** Podíl\n{table}\nZdroj: MV\n"),
            format!("{table}\n: Podíl\n\nZdroj: MV\n"),
            format!("Tabulka: Podíl\nZdroj: MV\n\n{table}"),
        ] {
            assert_eq!(blocks(&body), "[table: Podíl | Zdroj: MV]", "{body}");
        }
    }

    #[test]
    fn a_line_that_gfm_takes_for_a_row_is_still_what_it_says() {
        let body = "| a | b |\n|---|---|\n| 1 | 2 |\nTable 1: Waiting\nZdroj: MV\n";
        assert_eq!(blocks(body), "[table: Table 1: Waiting | Zdroj: MV]");
        let page = blocks("| a | b |\n|---|---|\n| Zdroj: MV | 2 |\n");
        assert_eq!(page, "abZdroj: MV2");
    }

    #[test]
    fn a_note_under_a_table_and_its_source_are_two_lines_of_one() {
        let table = "| a |\n|---|\n| 1 |\n";
        for said in ["Pozn.: bez Prahy\nZdroj: MV\n", "Pozn.: bez Prahy\n\nZdroj: MV\n"] {
            let body = format!("{table}\n{said}\nPo.\n");
            assert_eq!(blocks(&body), "[table:  | Pozn.: bez Prahy Zdroj: MV]\nPo.", "{said}");
            let publication = specimen::publication(&[("cs", &body)]);
            let breaks = specimen::document(&publication, "cs", Readership::Public, |document| {
                let all = document.root.descendants();
                all.filter(|node| matches!(node.data().value, NodeValue::LineBreak)).count()
            });
            assert_eq!(breaks, 1, "{said}");
        }
    }

    #[test]
    fn each_of_two_pictures_gets_its_own_caption_whether_above_or_below() {
        let (one, two) = ("![a](graf.svg)", "![b](graf.svg)");
        let both = "[picture: Graf 1: A | ]\n[picture: Graf 2: B | ]";
        assert_eq!(blocks(&format!("Graf 1: A\n\n{one}\n\nGraf 2: B\n\n{two}\n")), both);
        assert_eq!(blocks(&format!("{one}\n\nGraf 1: A\n\n{two}\n\nGraf 2: B\n")), both);
    }

    #[test]
    fn a_picture_among_words_and_a_bare_table_are_no_figures() {
        let body =
            "Viz ![a](graf.svg) zde.\n\n![a](graf.svg) hned za\n\n| a |\n|---|\n| 1 |\n\nText.\n";
        assert_eq!(blocks(body), "Viz a zde.\na hned za\na1\nText.");
    }
}
