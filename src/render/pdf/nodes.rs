//! The AST as the JSON that `templates/pdf/render.typ` reads.
//!
//! Author text goes to Typst as data and is never evaluated: `#read(…)`, `$x$`
//! and `@ref` are letters. Two things differ from the AST. A paragraph is not
//! a node but its inlines with a `par-break` between it and the next, for that
//! is how Typst builds paragraphs (and it saves a level: Typst stops at about
//! seventy). And a footnote's text stands at its first mark, wherever its
//! definition was written.

use std::collections::HashMap;

use comrak::nodes::{
    AlertType, ListDelimType, ListType, Node, NodeList, NodeValue, TableAlignment,
};
use serde::Serialize;

use super::columns;
use super::decimals::Column;
use super::glyphs::is_invisible;
use super::stops;
use crate::chart::{self, Pen, Size};
use crate::model::{self, Finding, Language};
use crate::render::markdown::{Directive, Figure, plain_text, spoken};
use crate::render::theme::Words;
use crate::render::{Document, Theme};

/// How deep elements may nest: twelve quotes or lists in each other are past
/// any reader, and Typst gives up at 64 levels of layout.
pub const MAX_DEPTH: usize = 24;

pub(super) type Elements = Vec<Element>;

/// One element of the text, as JSON `{"kind": "emph", "children": […]}`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Element {
    Text {
        text: String,
    },
    Space,
    LineBreak,
    ParBreak,
    /// Before a paragraph with a footnote, and between words of it: see
    /// [`super::stops`].
    Hold {
        of: String,
    },
    Stop {
        of: String,
    },
    Emph {
        children: Elements,
    },
    Strong {
        children: Elements,
    },
    Strike {
        children: Elements,
    },
    Code {
        text: String,
    },
    /// `underlined` is false where a line already runs through the text: PDF
    /// attributes can say only one of the two (ISO 32000-1, 14.8.5.4.5).
    Link {
        url: String,
        underlined: bool,
        children: Elements,
    },
    /// To a heading of this text.
    Jump {
        anchor: String,
        underlined: bool,
        children: Elements,
    },
    /// In another language than the text around it: the words of a link, or of
    /// a paragraph (ISO 14289-1, 7.2; hyphenation follows it).
    Foreign {
        language: String,
        children: Elements,
    },
    Footnote {
        id: usize,
        children: Elements,
    },
    FootnoteAgain {
        id: usize,
    },
    Heading {
        level: u8,
        /// Whether the page shows its number; the contents and outline do too.
        numbered: bool,
        anchor: String,
        children: Elements,
    },
    /// A heading inside a footnote, where no outline can lead.
    Lead {
        anchor: String,
        children: Elements,
    },
    List {
        tight: bool,
        children: Elements,
    },
    /// What the text cites: a list without marks.
    Works {
        children: Elements,
    },
    Work {
        anchor: String,
        children: Elements,
    },
    Enum {
        tight: bool,
        start: usize,
        numbering: &'static str,
        children: Elements,
    },
    /// `marks` stand before the items: boxes, and bullets where it is mixed.
    TaskList {
        tight: bool,
        marks: Vec<char>,
        children: Elements,
    },
    Item {
        children: Elements,
    },
    Quote {
        /// Kept on one page.
        brief: bool,
        children: Elements,
    },
    Alert {
        tone: &'static str,
        title: String,
        children: Elements,
    },
    /// Key findings, recommendations, a perspective.
    Block {
        role: &'static str,
        /// Kept on one page.
        brief: bool,
        children: Elements,
    },
    CodeBlock {
        text: String,
    },
    Rule,
    Table(Table),
    Figure {
        #[serde(flatten)]
        shown: Shown,
        caption: Elements,
        source: Elements,
        /// Whether it may move to the top or foot of a page.
        float: bool,
    },
    Picture(Shown),
    /// Takes room and is not seen.
    Pad {
        text: String,
    },
    Chart(Chart),
}

impl Element {
    /// What stands in it, if that is part of the lines around it.
    pub(super) fn inner(&self) -> &[Self] {
        match self {
            Self::Emph { children }
            | Self::Strong { children }
            | Self::Strike { children }
            | Self::Link { children, .. }
            | Self::Jump { children, .. }
            | Self::Foreign { children, .. }
            | Self::Item { children } => children,
            _ => &[],
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Table {
    /// Share of the width that each column gets.
    widths: Vec<usize>,
    align: Vec<&'static str>,
    /// Empty where the author left the header row empty.
    header: Elements,
    /// Whether the header may stand again on the next page: there it is an
    /// artifact, which may hold no link (ISO 14289-1, 7.18.5).
    repeats: bool,
    cells: Elements,
    caption: Elements,
    source: Elements,
    /// Whether it may move to the top or foot of a page.
    float: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Shown {
    /// Index into the publication's pictures.
    picture: usize,
    alt: String,
    /// Natural size in points.
    width: f64,
    height: f64,
    vector: bool,
}

/// A chart: marks and what is said of it.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    /// With its numbers, for no table has them here.
    alt: String,
    drawing: serde_json::Value,
    caption: Elements,
    unit: Elements,
    note: Elements,
    source: Elements,
    float: bool,
}

/// The elements of a document's text, and where each begins in its body.
///
/// # Errors
/// Nesting deeper than [`MAX_DEPTH`], and a picture without a word about what
/// it shows (ISO 14289-1, 7.3).
pub(super) fn elements(
    document: &Document<'_>,
    theme: &Theme,
    words: &Words,
) -> Result<(Elements, Vec<(usize, usize)>), Finding> {
    let mut walk = Walk::new(document, theme, words);
    Ok((walk.blocks(document.root)?, walk.starts))
}

/// A picture's alternative text: its alt, else its caption.
pub(super) fn alternative(alt: &str, caption: &str) -> Option<String> {
    [alt, caption].map(str::trim).into_iter().find(|text| !text.is_empty()).map(legible)
}

/// Without control characters and invisible ones, which no font draws and PDF
/// text may not hold (U+FEFF breaks ISO 14289-1, 7.21.7). Those that say where
/// a line may break stay: soft hyphen, zero-width space, word joiner.
pub(super) fn legible(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
            '\u{ad}' | '\u{200b}' | '\u{2060}' => Some(c),
            c if c.is_control() || is_invisible(c) => None,
            c => Some(c),
        })
        .collect()
}

struct Walk<'d, 'a> {
    document: &'d Document<'a>,
    theme: &'d Theme,
    words: &'d Words,
    anchors: HashMap<*const (), &'d str>,
    notes: HashMap<String, Node<'a>>,
    /// Footnotes whose text has been set already.
    told: HashMap<String, usize>,
    depth: usize,
    surroundings: Surroundings,
    numbered: bool,
    /// How many paragraphs have got marks between their words.
    marked: usize,
    /// Line and column of every element that nothing holds.
    starts: Vec<(usize, usize)>,
}

/// What an element has to know of the elements around it.
#[derive(Clone, Copy, Default)]
struct Surroundings {
    heading: bool,
    footnote: bool,
    link: bool,
    strike: bool,
    /// Inside anything at all: figures float only at the top.
    nested: bool,
}

impl<'d, 'a> Walk<'d, 'a> {
    fn new(document: &'d Document<'a>, theme: &'d Theme, words: &'d Words) -> Self {
        let mut anchors = document.anchors.iter();
        let mut by_node = HashMap::new();
        let mut notes = HashMap::new();
        for node in document.root.descendants() {
            match &node.data().value {
                NodeValue::Heading(_) => {
                    by_node.extend(anchors.next().map(|anchor| (identity(node), anchor.as_str())));
                }
                NodeValue::FootnoteDefinition(note) => {
                    notes.insert(note.name.clone(), node);
                }
                _ => {}
            }
        }
        Self {
            document,
            theme,
            words,
            anchors: by_node,
            notes,
            told: HashMap::new(),
            depth: 0,
            surroundings: Surroundings::default(),
            numbered: numbers_headings(document),
            marked: 0,
            starts: Vec::new(),
        }
    }

    /// The children of a block that holds blocks.
    fn blocks(&mut self, parent: Node<'a>) -> Result<Elements, Finding> {
        let mut elements = Elements::new();
        let mut after_paragraph = false;
        for node in parent.children() {
            let is_paragraph = matches!(node.data().value, NodeValue::Paragraph);
            if is_paragraph && after_paragraph {
                elements.push(Element::ParBreak);
            }
            after_paragraph = is_paragraph;
            match is_paragraph {
                true => elements.extend(self.paragraph(node)?),
                false => elements.extend(self.element(node)?),
            }
            if self.depth == 0 {
                let start = node.data().sourcepos.start;
                self.starts.resize(elements.len(), (start.line, start.column));
            }
        }
        Ok(elements)
    }

    fn paragraph(&mut self, node: Node<'a>) -> Result<Elements, Finding> {
        let mut children = self.children(node)?;
        if self.depth == 0 && self.document.foreign(node).is_none() {
            children = stops::marked(children, &mut self.marked);
        }
        Ok(self.in_its_language(node, children))
    }

    fn in_its_language(&self, node: Node<'a>, children: Elements) -> Elements {
        match self.document.foreign(node) {
            Some(language) => vec![Element::Foreign { language: primary(language), children }],
            None => children,
        }
    }

    fn children(&mut self, parent: Node<'a>) -> Result<Elements, Finding> {
        let mut elements = Elements::new();
        for node in parent.children() {
            elements.extend(self.element(node)?);
        }
        Ok(elements)
    }

    /// Runs `inside` one level deeper, where `change` holds.
    fn within<T>(
        &mut self,
        node: Node<'a>,
        change: impl FnOnce(&mut Surroundings),
        inside: impl FnOnce(&mut Self) -> Result<T, Finding>,
    ) -> Result<T, Finding> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep(node));
        }
        let outside = self.surroundings;
        change(&mut self.surroundings);
        self.surroundings.nested = true;
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        self.surroundings = outside;
        result
    }

    fn inlines(&mut self, node: Node<'a>) -> Result<Elements, Finding> {
        self.within(node, |_| {}, |walk| walk.children(node))
    }

    fn inner_blocks(&mut self, node: Node<'a>) -> Result<Elements, Finding> {
        self.within(node, |_| {}, |walk| walk.blocks(node))
    }

    fn element(&mut self, node: Node<'a>) -> Result<Option<Element>, Finding> {
        let data = node.data();
        Ok(Some(match &data.value {
            NodeValue::Text(text) if text.is_empty() => return Ok(None),
            NodeValue::Text(text) => Element::Text { text: legible(text) },
            NodeValue::SoftBreak => Element::Space,
            NodeValue::LineBreak => Element::LineBreak,
            NodeValue::Code(code) => Element::Code { text: legible(&code.literal) },
            NodeValue::Emph => Element::Emph { children: self.inlines(node)? },
            NodeValue::Strong => Element::Strong { children: self.inlines(node)? },
            NodeValue::Strikethrough => self.strike(node)?,
            NodeValue::Link(link) => self.link(node, &link.url)?,
            NodeValue::Image(_) => self.picture(node)?,
            NodeValue::FootnoteReference(mark) => self.footnote(node, &mark.name)?,
            NodeValue::FootnoteDefinition(_) => return Ok(None),
            NodeValue::Heading(heading) => self.heading(node, heading.level)?,
            NodeValue::List(_) if node.first_child().is_some_and(|it| self.work(it).is_some()) => {
                let children = self.within(node, |_| {}, |walk| walk.children(node))?;
                Element::Works { children }
            }
            NodeValue::List(list) => self.list(node, list)?,
            NodeValue::Item(_) if self.work(node).is_some() => Element::Work {
                anchor: self.work(node).unwrap_or_default().to_owned(),
                children: self.inner_blocks(node)?,
            },
            NodeValue::Item(_) | NodeValue::TaskItem(_) => {
                Element::Item { children: self.inner_blocks(node)? }
            }
            NodeValue::BlockQuote => self.quote(node)?,
            NodeValue::Alert(alert) => {
                self.alert(node, alert.alert_type, alert.title.as_deref())?
            }
            NodeValue::BlockDirective(_) => match Figure::of(node) {
                Some(figure) => self.figure(figure)?,
                None => {
                    let role = Directive::of(node).map_or("", |directive| directive.name());
                    let brief = is_brief(node, BRIEF_BLOCK);
                    Element::Block { role, brief, children: self.inner_blocks(node)? }
                }
            },
            NodeValue::CodeBlock(code) => Element::CodeBlock { text: code_text(&code.literal) },
            NodeValue::ThematicBreak => Element::Rule,
            NodeValue::Table(table) => self.table(node, &table.alignments)?,
            // `Document` keeps no other node; were one to come, its text stays.
            _ => Element::Item { children: self.inner_blocks(node)? },
        }))
    }

    /// The anchor of an item in the list of works.
    fn work(&self, item: Node<'a>) -> Option<&'d str> {
        let works = self.document.works.as_ref()?;
        works.anchors.get(works.position(item)?).map(String::as_str)
    }

    /// A short one is not parted by the end of a page, least of all from the
    /// line that says whose words they are.
    fn quote(&mut self, node: Node<'a>) -> Result<Element, Finding> {
        let children = self.inner_blocks(node)?;
        let brief = is_brief(node, BRIEF_QUOTE);
        let quote = Element::Quote { brief, children };
        Ok(match self.document.foreign(node) {
            Some(language) => {
                Element::Foreign { language: primary(language), children: vec![quote] }
            }
            None => quote,
        })
    }

    fn strike(&mut self, node: Node<'a>) -> Result<Element, Finding> {
        let children =
            self.within(node, |around| around.strike = true, |walk| walk.children(node))?;
        Ok(Element::Strike { children })
    }

    /// A link in a link (an address inside link text) is its text alone:
    /// annotations may not nest (ISO 14289-1, 7.18.5).
    fn link(&mut self, node: Node<'a>, url: &str) -> Result<Element, Finding> {
        let mut children =
            self.within(node, |around| around.link = true, |walk| walk.children(node))?;
        if self.surroundings.link {
            return Ok(Element::Item { children });
        }
        if children.is_empty() {
            children.push(Element::Text { text: legible(url) });
        }
        children = self.in_its_language(node, children);
        let underlined = !self.surroundings.strike && !holds_strike(node);
        Ok(match url.strip_prefix('#') {
            Some(anchor) => Element::Jump { anchor: anchor.to_owned(), underlined, children },
            None => Element::Link { url: url.to_owned(), underlined, children },
        })
    }

    /// A picture among words. In a heading its alternative text stands for it,
    /// since a heading of pictures alone has no name in the outline.
    fn picture(&mut self, node: Node<'a>) -> Result<Element, Finding> {
        let shown = self.shown(node, "")?;
        Ok(match self.surroundings.heading {
            true => Element::Text { text: shown.alt },
            false => Element::Picture(shown),
        })
    }

    /// A picture with what is said about it, or a table with it.
    fn figure(&mut self, figure: Figure<'a>) -> Result<Element, Finding> {
        let Some(image) = figure.picture() else {
            return Ok(self.element(figure.body)?.unwrap_or(Element::Rule));
        };
        let float = !self.surroundings.nested;
        if let Some(chart) = self.drawn(image) {
            return Ok(Element::Chart(Chart {
                alt: legible(&spoken(chart, self.words)),
                drawing: self.drawing(chart),
                caption: self.said(figure.caption)?,
                unit: self.said(figure.unit)?,
                note: self.said(figure.note)?,
                source: self.said(figure.source)?,
                float,
            }));
        }
        Ok(Element::Figure {
            shown: self.shown(image, &figure.caption.map(plain_text).unwrap_or_default())?,
            caption: self.said(figure.caption)?,
            source: self.said(figure.source)?,
            float,
        })
    }

    /// The chart that a picture is.
    fn drawn(&self, image: Node<'a>) -> Option<&'d model::Chart> {
        let data = image.data();
        let NodeValue::Image(link) = &data.value else { return None };
        self.document.edition.manuscript.chart(&link.url).map(|drawn| &drawn.chart)
    }

    /// The marks that a page shows as well, set by Typst.
    fn drawing(&self, chart: &model::Chart) -> serde_json::Value {
        let ruler = self.theme.ruler();
        let pen = Pen {
            numerals: &self.words.numerals(),
            measure: &|text, bold| ruler.width(text, bold),
            missing: self.words.get("chart.missing"),
        };
        chart::draw(chart, Size::Wide, &pen).json(self.theme.charts())
    }

    fn said(&mut self, part: Option<Node<'a>>) -> Result<Elements, Finding> {
        part.map_or_else(|| Ok(Elements::new()), |part| self.inner_blocks(part))
    }

    fn shown(&self, node: Node<'a>, caption: &str) -> Result<Shown, Finding> {
        let data = node.data();
        let NodeValue::Image(link) = &data.value else {
            unreachable!("only images are shown");
        };
        let publication = self.document.edition.publication;
        let found = publication.pictures.iter().position(|picture| picture.name == link.url);
        let index = found.expect("a document shows only pictures of its publication");
        let picture = &publication.pictures[index];
        let said = if caption.is_empty() { &link.title } else { caption };
        let alt = alternative(&plain_text(node), said)
            .ok_or_else(|| self.without_alternative(node, &picture.name))?;
        Ok(Shown {
            picture: index,
            alt,
            width: f64::from(picture.width) * POINTS_PER_PIXEL,
            height: f64::from(picture.height) * POINTS_PER_PIXEL,
            vector: picture.is_svg(),
        })
    }

    /// The first mark of a note brings its text, later marks repeat its number.
    fn footnote(&mut self, node: Node<'a>, name: &str) -> Result<Element, Finding> {
        if let Some(&id) = self.told.get(name) {
            return Ok(Element::FootnoteAgain { id });
        }
        let Some(&definition) = self.notes.get(name) else {
            return Ok(Element::Text { text: legible(&format!("[^{name}]")) });
        };
        let id = self.told.len();
        self.told.insert(name.to_owned(), id);
        let children = self.within(
            node,
            |around| *around = Surroundings { footnote: true, ..Surroundings::default() },
            |walk| walk.blocks(definition),
        )?;
        Ok(Element::Footnote { id, children })
    }

    fn heading(&mut self, node: Node<'a>, level: u8) -> Result<Element, Finding> {
        let anchor = self.anchors.get(&identity(node)).copied().unwrap_or_default().to_owned();
        let children =
            self.within(node, |around| around.heading = true, |walk| walk.children(node))?;
        Ok(match self.surroundings.footnote {
            true => Element::Lead { anchor, children },
            false => {
                let numbered = self.numbers(node, level);
                Element::Heading { level, numbered, anchor, children }
            }
        })
    }

    /// Chapters and their parts, two deep; what stands in a box stands outside
    /// of the count, and so does the list of works.
    fn numbers(&self, heading: Node<'a>, level: u8) -> bool {
        let list = self.document.works.as_ref().map(|works| works.list);
        let is_over_works = list
            .is_some_and(|list| heading.next_sibling().is_some_and(|next| next.same_node(list)));
        self.numbered
            && level <= 3
            && !self.surroundings.nested
            && !is_over_works
            && !(level == 2 && is_back_matter(&plain_text(heading)))
    }

    fn list(&mut self, node: Node<'a>, list: &NodeList) -> Result<Element, Finding> {
        let tight = list.tight;
        let children = self.within(node, |_| {}, |walk| walk.children(node))?;
        if node.children().any(|item| matches!(item.data().value, NodeValue::TaskItem(_))) {
            let marks = node.children().map(task_mark).collect();
            return Ok(Element::TaskList { tight, marks, children });
        }
        Ok(match list.list_type {
            ListType::Bullet => Element::List { tight, children },
            ListType::Ordered => {
                let numbering = match list.delimiter {
                    ListDelimType::Period => "1.",
                    ListDelimType::Paren => "1)",
                };
                Element::Enum { tight, start: list.start, numbering, children }
            }
        })
    }

    fn alert(
        &mut self,
        node: Node<'a>,
        kind: AlertType,
        title: Option<&str>,
    ) -> Result<Element, Finding> {
        let tone = match kind {
            AlertType::Note => "note",
            AlertType::Tip => "tip",
            AlertType::Important => "important",
            AlertType::Warning => "warning",
            AlertType::Caution => "caution",
        };
        let title = legible(title.unwrap_or_else(|| self.words.get(&format!("pdf.alert.{tone}"))));
        Ok(Element::Alert { tone, title, children: self.inner_blocks(node)? })
    }

    fn table(&mut self, node: Node<'a>, alignments: &[TableAlignment]) -> Result<Element, Finding> {
        let mut header = Elements::new();
        let mut cells = Elements::new();
        let mut repeats = true;
        for row in node.children() {
            let is_header = matches!(row.data().value, NodeValue::TableRow(true));
            repeats &= !(is_header && holds_link(row));
            for cell in row.children() {
                let children = self.inlines(cell)?;
                let into = if is_header { &mut header } else { &mut cells };
                into.push(Element::Item { children });
            }
        }
        let nameless =
            |cell: &Element| matches!(cell, Element::Item { children } if children.is_empty());
        if header.iter().all(nameless) {
            header.clear();
        }
        let columns = self.number_columns(node, alignments.len());
        let align = alignments.iter().zip(&columns).map(|(alignment, numbers)| match alignment {
            TableAlignment::None if numbers.is_some() => "right",
            TableAlignment::None | TableAlignment::Left => "left",
            TableAlignment::Center => "center",
            TableAlignment::Right => "right",
        });
        let align: Vec<_> = align.collect();
        align_decimals(&mut cells, &align, &columns);
        let widths = columns::widths(node, align.len(), columns::letters_across(self.document));
        let figure = Figure::around(node);
        let caption = self.said(figure.and_then(|figure| figure.caption))?;
        let source = self.said(figure.and_then(|figure| figure.source))?;
        let float = !self.surroundings.nested;
        Ok(Element::Table(Table { widths, align, header, repeats, cells, caption, source, float }))
    }

    /// What is known of the columns that hold numbers.
    fn number_columns(&self, table: Node<'a>, columns: usize) -> Vec<Option<Column>> {
        let is_body = |row: &Node<'_>| matches!(row.data().value, NodeValue::TableRow(false));
        let rows: Vec<_> = table.children().filter(is_body).collect();
        let texts = |column: usize| -> Vec<String> {
            let cell = |row: &Node<'a>| row.children().nth(column).map(plain_text);
            rows.iter().map(|row| cell(row).unwrap_or_default()).collect()
        };
        (0..columns).map(|column| Column::of(&texts(column), self.words)).collect()
    }

    fn too_deep(&self, node: Node<'a>) -> Finding {
        let start = node.data().sourcepos.start;
        let manuscript = self.document.edition.manuscript;
        Finding::error(
            "pdf-nesting",
            manuscript.place(start.line, start.column),
            format!("the text is nested more than {MAX_DEPTH} levels deep here"),
        )
        .help("take the inner quotes or lists out into paragraphs of their own")
        .source(&manuscript.text)
    }

    fn without_alternative(&self, node: Node<'a>, name: &str) -> Finding {
        let start = node.data().sourcepos.start;
        let manuscript = self.document.edition.manuscript;
        Finding::error(
            "pdf-alt",
            manuscript.place(start.line, start.column),
            format!("nothing says in words what “{name}” shows"),
        )
        .help(format!("describe it between the brackets: ![what it shows]({name})"))
        .source(&manuscript.text)
    }
}

/// Letters in what is kept on one page: a quotation of a dozen lines, a box of
/// half a page. Where more is kept together, more is left empty above it.
const BRIEF_QUOTE: usize = 900;
const BRIEF_BLOCK: usize = 1700;

fn is_brief(node: Node<'_>, letters: usize) -> bool {
    plain_text(node).chars().nth(letters).is_none()
}

/// A CSS pixel is 1/96 inch, a point 1/72.
const POINTS_PER_PIXEL: f64 = 0.75;

/// A tag without its region, which is all that Typst takes for a language.
fn primary(language: &Language) -> String {
    language.as_str().split('-').next().unwrap_or_default().to_owned()
}

/// Two nodes are the same one only if they lie at the same place in the arena.
fn identity(node: Node<'_>) -> *const () {
    std::ptr::from_ref(node).cast()
}

fn holds_strike(node: Node<'_>) -> bool {
    node.descendants().any(|inner| matches!(inner.data().value, NodeValue::Strikethrough))
}

fn task_mark(item: Node<'_>) -> char {
    match &item.data().value {
        NodeValue::TaskItem(task) if task.symbol.is_some() => '☑',
        NodeValue::TaskItem(_) => '☐',
        _ => '•',
    }
}

/// Whether a text has its headings numbered: its kind does, and its author has
/// not done it by hand.
fn numbers_headings(document: &Document<'_>) -> bool {
    let kind = document.workspace.kind(&document.edition.publication.kind);
    let is_chapter = |node: &Node<'_>| matches!(node.data().value, NodeValue::Heading(_));
    kind.is_some_and(|kind| kind.numbered)
        && !document.root.children().filter(is_chapter).any(|node| is_numbered(&plain_text(node)))
}

/// What stands behind a text and is none of its chapters, by its first word.
fn is_back_matter(heading: &str) -> bool {
    const WORDS: [&str; 16] = [
        "literatura",
        "prameny",
        "zdroje",
        "použitá",
        "použité",
        "seznam",
        "poznámky",
        "příloha",
        "přílohy",
        "poděkování",
        "references",
        "bibliography",
        "sources",
        "annex",
        "appendix",
        "acknowledgements",
    ];
    let first = heading.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    WORDS.contains(&first.to_lowercase().as_str())
}

/// `1. Úvod`, `2.1 Metoda`, `IV. Závěr`; not `2025 v číslech`.
fn is_numbered(heading: &str) -> bool {
    let number = heading.split_whitespace().next().unwrap_or_default();
    let parts: Vec<_> = number.trim_end_matches(['.', ')']).split('.').collect();
    let is_count =
        |part: &&str| (1..=2).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    let is_roman = number.ends_with(['.', ')']) && {
        let roman = number.trim_end_matches(['.', ')']);
        !roman.is_empty() && roman.chars().all(|c| matches!(c, 'I' | 'V' | 'X'))
    };
    is_roman || (parts.iter().all(is_count) && (parts.len() > 1 || number.ends_with(['.', ')'])))
}

/// Adds unseen decimals to the cells of numeric columns that lean to the right.
fn align_decimals(cells: &mut [Element], align: &[&str], columns: &[Option<Column>]) {
    for (index, cell) in cells.iter_mut().enumerate() {
        let (row, column) = (index / columns.len().max(1), index % columns.len().max(1));
        let Some(Some(numbers)) = columns.get(column).filter(|_| align[column] == "right") else {
            continue;
        };
        let lacks = numbers.lacks.get(row).filter(|lacks| !lacks.is_empty());
        if let (Some(lacks), Element::Item { children }) = (lacks, cell) {
            children.push(Element::Pad { text: lacks.clone() });
        }
    }
}

fn holds_link(node: Node<'_>) -> bool {
    node.descendants().any(|inner| {
        matches!(inner.data().value, NodeValue::Link(_) | NodeValue::FootnoteReference(_))
    })
}

/// Lines stay, tabs become spaces: PDF text knows no tab stops.
fn code_text(literal: &str) -> String {
    let lines: Vec<_> =
        literal.trim_end_matches('\n').split('\n').map(|line| line.replace('\t', "    ")).collect();
    lines.iter().map(|line| legible(line)).collect::<Vec<_>>().join("\n")
}
