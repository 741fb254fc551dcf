//! The AST as an HTML fragment, in three dialects: page, mail and feed.
//!
//! comrak's own formatter does the walking and most of the tags; here stands
//! only what differs by medium or by language. Pages are read in browsers, with
//! our stylesheet. Mail clients follow `#note` only to `<a name>` (Gmail web,
//! Outlook on Windows) and want whole-number widths. Feed readers drop ids,
//! names and styles, and have no page to jump to.
//!
//! The surprise: links are written as they stand in the AST, escaped but never
//! percent-encoded again as comrak would, so that HTML and text part carry the
//! same addresses to the character.

mod figure;

use std::fmt::{self, Write};

use comrak::Options;
use comrak::html::{ChildRendering, Context, format_document_with_formatter, format_node_default};
use comrak::nodes::{
    AlertType, Node, NodeAlert, NodeFootnoteDefinition, NodeFootnoteReference, NodeLink, NodeValue,
    TableAlignment,
};
use comrak::options::Plugins;

use super::markdown::{Directive, Figure};
use super::picture_address::picture_address;
use super::theme::Words;
use super::{Document, mail_box, picture};
use crate::model::Picture;

/// Where the HTML will be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Page,
    Mail,
    Feed,
}

/// The body of a document, as HTML to stand inside another.
///
/// Headings start at `<h2>`. Footnotes end it as a section of their own, whose
/// heading is the word `notes` of the theme.
pub fn fragment(document: &Document<'_>, dialect: Dialect, words: &Words) -> String {
    let mut html = String::new();
    let pen =
        Pen { dialect, document, words, headings: 0, tables: 0, column: 0, notes: 0, held: false };
    let (options, plugins) = (Options::default(), Plugins::default());
    format_document_with_formatter(document.root, &options, &mut html, &plugins, node, pen)
        .expect("writing into a String does not fail");
    html
}

/// What the formatter knows on its way through one document.
struct Pen<'d, 'a> {
    dialect: Dialect,
    document: &'d Document<'a>,
    words: &'d Words,
    /// How many headings, tables and notes have begun, and cells of this row.
    headings: usize,
    tables: usize,
    column: usize,
    notes: usize,
    /// Whether a note's mark is being held to the character before it.
    held: bool,
}

/// The fragment of a mail in two: the text, and the list of notes, which is
/// empty where there are none. Its heading is the theme's to set.
pub fn mail_parts(document: &Document<'_>, words: &Words) -> (String, String) {
    let html = fragment(document, Dialect::Mail, words);
    match html.split_once(NOTES_BEGIN) {
        Some((text, notes)) => (text.to_owned(), notes.to_owned()),
        None => (html, String::new()),
    }
}

/// Stands where the notes of a mail begin. Made of the characters of holes,
/// which no author can write.
const NOTES_BEGIN: &str = "\u{E010}notes\u{E011}";

type Html<'o, 'c, 'd, 'a> = Context<'o, 'c, Pen<'d, 'a>>;
type Step = Result<ChildRendering, fmt::Error>;

fn node<'a>(html: &mut Html<'_, '_, '_, '_>, node: Node<'a>, entering: bool) -> Step {
    if let Some(step) = figure::write(html, node, entering) {
        return step;
    }
    match &node.data().value {
        NodeValue::Heading(heading) => write_heading(html, node, heading.level, entering),
        NodeValue::Link(link) => write_link(html, link, node, entering),
        NodeValue::List(_) if is_works(html, node) => write_works(html, entering),
        NodeValue::Item(_) if work(html, node).is_some() => write_work(html, node, entering),
        NodeValue::Image(link) => write_picture(html, link, entering),
        NodeValue::Paragraph if ends_note(node) && !entering => {
            write_way_back(html, node.parent())?;
            html.write_str("</p>\n")?;
            Ok(ChildRendering::HTML)
        }
        NodeValue::Paragraph if entering => match html.user.document.foreign(node) {
            Some(language) => {
                html.cr()?;
                write!(html, "<p lang=\"{language}\">")?;
                Ok(ChildRendering::HTML)
            }
            None => format_node_default(html, node, entering),
        },
        NodeValue::BlockQuote if entering => match html.user.document.foreign(node) {
            Some(language) => {
                html.cr()?;
                writeln!(html, "<blockquote lang=\"{language}\">")?;
                Ok(ChildRendering::HTML)
            }
            None => format_node_default(html, node, entering),
        },
        NodeValue::Table(_) => figure::write_table(html, node, entering),
        NodeValue::TableRow(_) if entering => {
            html.user.column = 0;
            format_node_default(html, node, entering)
        }
        NodeValue::CodeBlock(code) if html.user.dialect == Dialect::Mail => {
            write_code(html, &code.literal, entering)
        }
        NodeValue::TableCell => write_cell(html, node, entering),
        NodeValue::TaskItem(task) => write_task(html, task.symbol.is_some(), node, entering),
        NodeValue::Alert(alert) => write_alert(html, alert, entering),
        NodeValue::BlockDirective(_) => write_block(html, node, entering),
        NodeValue::Text(text) if entering && leads_to_mark(node) => {
            write_up_to_mark(html, text)?;
            Ok(ChildRendering::HTML)
        }
        NodeValue::FootnoteReference(reference) => {
            write_reference(html, reference, entering)?;
            if !entering && html.user.held && !leads_to_mark(node) {
                html.user.held = false;
                html.write_str("</span>")?;
            }
            Ok(ChildRendering::HTML)
        }
        NodeValue::FootnoteDefinition(_) => write_note(html, node, entering),
        _ => format_node_default(html, node, entering),
    }
}

fn write_heading(
    html: &mut Html<'_, '_, '_, '_>,
    node: Node<'_>,
    level: u8,
    entering: bool,
) -> Step {
    if !entering {
        writeln!(html, "</h{level}>")?;
        return Ok(ChildRendering::HTML);
    }
    html.cr()?;
    let anchor = next_anchor(&html.user).to_owned();
    html.user.headings += 1;
    let class = if is_label(node) { " class=\"label\"" } else { "" };
    match html.user.dialect {
        Dialect::Page => {
            write!(html, "<h{level}{class} id=\"")?;
            html.escape(&anchor)?;
            html.write_str("\">")?;
        }
        Dialect::Mail => {
            let name = part_name(html.user.headings);
            write!(html, "<h{level}{class}><a name=\"{name}\"></a>")?;
        }
        Dialect::Feed => write!(html, "<h{level}>")?,
    }
    Ok(ChildRendering::HTML)
}

/// The anchor of the heading that comes next.
fn next_anchor<'d>(pen: &Pen<'d, '_>) -> &'d str {
    pen.document.anchors.get(pen.headings).map_or("", String::as_str)
}

/// Whether a heading says what the block is that it begins.
fn is_label(node: Node<'_>) -> bool {
    let in_block =
        node.parent().is_some_and(|up| matches!(up.data().value, NodeValue::BlockDirective(_)));
    let is_heading = matches!(node.data().value, NodeValue::Heading(_));
    in_block && is_heading && node.previous_sibling().is_none()
}

fn is_works(html: &Html<'_, '_, '_, '_>, list: Node<'_>) -> bool {
    list.first_child().is_some_and(|item| work(html, item).is_some())
}

fn work(html: &Html<'_, '_, '_, '_>, item: Node<'_>) -> Option<usize> {
    html.user.document.works.as_ref()?.position(item)
}

fn write_works(html: &mut Html<'_, '_, '_, '_>, entering: bool) -> Step {
    html.cr()?;
    html.write_str(if entering { "<ul class=\"works\">\n" } else { "</ul>\n" })?;
    Ok(ChildRendering::HTML)
}

/// A work, where the citations of it lead.
fn write_work(html: &mut Html<'_, '_, '_, '_>, item: Node<'_>, entering: bool) -> Step {
    if !entering {
        html.write_str("</li>\n")?;
        return Ok(ChildRendering::HTML);
    }
    let position = work(html, item).unwrap_or_default();
    match html.user.dialect {
        Dialect::Page => {
            let works = html.user.document.works.as_ref();
            let anchor = works.and_then(|works| works.anchors.get(position)).cloned();
            html.write_str("<li id=\"")?;
            html.escape(&anchor.unwrap_or_default())?;
            html.write_str("\">")?;
        }
        Dialect::Mail => write!(html, "<li><a name=\"{}\"></a>", work_name(position + 1))?,
        Dialect::Feed => html.write_str("<li>")?,
    }
    Ok(ChildRendering::HTML)
}

fn write_link(
    html: &mut Html<'_, '_, '_, '_>,
    link: &NodeLink,
    node: Node<'_>,
    entering: bool,
) -> Step {
    let works = html.user.document.works.as_ref();
    let cited = works.and_then(|works| works.target(&link.url));
    // A feed has no page to jump on, and the list stands in the same text.
    if cited.is_some() && html.user.dialect == Dialect::Feed {
        return Ok(ChildRendering::HTML);
    }
    if !entering {
        html.write_str("</a>")?;
        return Ok(ChildRendering::HTML);
    }
    html.write_str("<a href=\"")?;
    let href = match (cited, html.user.dialect) {
        (Some(position), Dialect::Mail) => format!("#{}", work_name(position + 1)),
        _ => href(&html.user, &link.url),
    };
    html.escape(&href)?;
    if cited.is_some() && html.user.dialect == Dialect::Page {
        html.write_str("\" role=\"doc-biblioref")?;
    }
    if !link.title.is_empty() {
        html.write_str("\" title=\"")?;
        html.escape(&link.title)?;
    }
    if let Some(language) = html.user.document.foreign(node) {
        // Both the words (WCAG 2.2, 3.1.2) and where they lead.
        write!(html, "\" lang=\"{language}\" hreflang=\"{language}")?;
    }
    html.write_str("\">")?;
    Ok(ChildRendering::HTML)
}

/// A link inside the document leads to the heading in page and mail, and from
/// a feed to the heading on the page.
fn href(pen: &Pen<'_, '_>, url: &str) -> String {
    let Some(anchor) = url.strip_prefix('#') else { return url.to_owned() };
    let Document { edition, workspace, anchors, .. } = pen.document;
    match pen.dialect {
        Dialect::Page => url.to_owned(),
        // Numbers, because nobody knows which clients decode a name in Czech.
        Dialect::Mail => {
            let position = anchors.iter().position(|known| known == anchor);
            format!("#{}", part_name(position.map_or(1, |position| position + 1)))
        }
        Dialect::Feed => {
            let page = edition.publication.page_path(&edition.manuscript.language);
            let mut page = workspace.url(&page);
            page.set_fragment(Some(anchor));
            page.into()
        }
    }
}

fn write_picture(html: &mut Html<'_, '_, '_, '_>, link: &NodeLink, entering: bool) -> Step {
    let Some(picture) = html.user.document.edition.publication.picture(&link.url) else {
        // `Document` keeps only pictures that are there.
        return Ok(ChildRendering::Plain);
    };
    let chart = html.user.document.edition.manuscript.chart(&link.url);
    let chart = chart.filter(|_| html.user.dialect == Dialect::Page);
    if entering {
        if let Some(chart) = chart {
            let small = picture_address(html.user.document, html.user.dialect, &chart.small);
            let Picture { width, height, .. } = chart.small;
            html.write_str("<picture><source media=\"(max-width: 32rem)\" srcset=\"")?;
            html.escape(&small)?;
            write!(html, "\" width=\"{width}\" height=\"{height}\">")?;
        }
        let picture = chart.map_or(picture, |chart| &chart.wide);
        html.write_str("<img src=\"")?;
        let src = picture_address(html.user.document, html.user.dialect, picture);
        html.escape(&src)?;
        html.write_str("\" alt=\"")?;
        return Ok(ChildRendering::Plain);
    }
    let shown = chart.map_or(picture, |chart| &chart.wide);
    let (width, height) = shown_size(html.user.dialect, shown);
    write!(html, "\" width=\"{width}\" height=\"{height}\"")?;
    if !link.title.is_empty() {
        html.write_str(" title=\"")?;
        html.escape(&link.title)?;
        html.write_str("\"")?;
    }
    html.write_str(if chart.is_some() { "></picture>" } else { ">" })?;
    Ok(ChildRendering::HTML)
}

fn shown_size(dialect: Dialect, picture: &Picture) -> (u32, u32) {
    match dialect {
        Dialect::Mail => picture::in_mail(picture.width, picture.height),
        Dialect::Page | Dialect::Feed => (picture.width.max(1), picture.height.max(1)),
    }
}

/// Lines of code in mail. Where a client reads no CSS, Gecko, Blink and WebKit
/// still break the lines of `<pre wrap>`, so nothing scrolls sideways.
fn write_code(html: &mut Html<'_, '_, '_, '_>, code: &str, entering: bool) -> Step {
    if entering {
        html.cr()?;
        writeln!(html, "<pre wrap=\"wrap\"><code>{}</code></pre>", escape(code))?;
    }
    Ok(ChildRendering::Skip)
}

fn write_cell(html: &mut Html<'_, '_, '_, '_>, node: Node<'_>, entering: bool) -> Step {
    let row = node.parent();
    let in_header = row.is_some_and(|row| matches!(row.data().value, NodeValue::TableRow(true)));
    // A header cell that says nothing would be announced with every value below.
    let names = in_header && node.first_child().is_some();
    // What was drawn is known to have names in its first column.
    let is_drawn = row.and_then(|row| row.parent()).and_then(Figure::drawn_from).is_some();
    let names_row = is_drawn && !in_header && node.previous_sibling().is_none();
    if !entering {
        html.write_str(if names || names_row { "</th>" } else { "</td>" })?;
        return Ok(ChildRendering::HTML);
    }
    html.cr()?;
    html.write_str(match (names, names_row) {
        (true, _) => "<th scope=\"col\"",
        (_, true) => "<th scope=\"row\"",
        _ => "<td",
    })?;
    let alignment = alignment(node, html.user.column);
    html.user.column += 1;
    match (alignment, html.user.dialect) {
        (None, _) => {}
        // `align` is obsolete in HTML, and what Outlook and feed readers honour.
        (Some(side), Dialect::Page) => write!(html, " class=\"{side}\"")?,
        (Some(side), _) => write!(html, " align=\"{side}\"")?,
    }
    html.write_str(">")?;
    Ok(ChildRendering::HTML)
}

/// The side a column leans to; left is how everything stands anyway.
fn alignment(cell: Node<'_>, column: usize) -> Option<&'static str> {
    let table = cell.parent()?.parent()?;
    let NodeValue::Table(table) = &table.data().value else { return None };
    match table.alignments.get(column)? {
        TableAlignment::Right => Some("right"),
        TableAlignment::Center => Some("center"),
        TableAlignment::Left | TableAlignment::None => None,
    }
}

/// The mark of a task: characters, since forms do not work in mail and a
/// disabled check box has no name.
pub fn task_mark(done: bool) -> &'static str {
    if done { "☑" } else { "☐" }
}

fn write_task(html: &mut Html<'_, '_, '_, '_>, done: bool, node: Node<'_>, entering: bool) -> Step {
    let in_list = node.parent().is_some_and(|up| matches!(up.data().value, NodeValue::List(_)));
    match (entering, in_list) {
        (true, true) => {
            html.cr()?;
            write!(html, "<li class=\"task\">{} ", task_mark(done))?;
        }
        (true, false) => write!(html, "{} ", task_mark(done))?,
        (false, true) => html.write_str("</li>\n")?,
        (false, false) => {}
    }
    Ok(ChildRendering::HTML)
}

/// What an alert is called: as its author wrote, or by the theme's words.
pub fn alert_title<'a>(alert: &'a NodeAlert, words: &'a Words) -> &'a str {
    alert.title.as_deref().unwrap_or_else(|| words.get(&format!("alert.{}", kind(alert))))
}

fn kind(alert: &NodeAlert) -> &'static str {
    match alert.alert_type {
        AlertType::Note => "note",
        AlertType::Tip => "tip",
        AlertType::Important => "important",
        AlertType::Warning => "warning",
        AlertType::Caution => "caution",
    }
}

fn write_alert(html: &mut Html<'_, '_, '_, '_>, alert: &NodeAlert, entering: bool) -> Step {
    html.cr()?;
    if !entering {
        html.write_str(match html.user.dialect {
            Dialect::Page => "</div>\n",
            Dialect::Mail => mail_box::END,
            Dialect::Feed => "</blockquote>\n",
        })?;
        return Ok(ChildRendering::HTML);
    }
    match html.user.dialect {
        Dialect::Page => write!(html, "<div class=\"alert {}\" role=\"note\">\n<p>", kind(alert))?,
        Dialect::Mail => {
            mail_box::open(html, "alert")?;
            html.write_str("<p class=\"lead\">")?;
        }
        Dialect::Feed => html.write_str("<blockquote>\n<p>")?,
    }
    html.write_str("<strong>")?;
    html.escape(alert_title(alert, html.user.words))?;
    html.write_str("</strong></p>\n")?;
    Ok(ChildRendering::HTML)
}

/// A block with its name as class. On a page it is a region that people who
/// listen can go to and leave (WCAG 2.2, 1.3.1), named by its heading.
fn write_block(html: &mut Html<'_, '_, '_, '_>, node: Node<'_>, entering: bool) -> Step {
    html.cr()?;
    if !entering {
        html.write_str(match html.user.dialect {
            Dialect::Page => "</section>\n",
            Dialect::Mail => mail_box::END,
            Dialect::Feed => "</blockquote>\n",
        })?;
        return Ok(ChildRendering::HTML);
    }
    let class = Directive::of(node).map_or("", |directive| directive.name());
    match html.user.dialect {
        Dialect::Page if node.first_child().is_some_and(is_label) => {
            write!(html, "<section class=\"{class}\" aria-labelledby=\"")?;
            let anchor = next_anchor(&html.user);
            html.escape(anchor)?;
            html.write_str("\">\n")?;
        }
        Dialect::Page => writeln!(html, "<section class=\"{class}\">")?,
        Dialect::Mail => mail_box::open(html, class)?,
        Dialect::Feed => html.write_str("<blockquote>\n")?,
    }
    Ok(ChildRendering::HTML)
}

/// Names of the n-th heading in mail, of a note, and of the places that refer
/// to it. Capital letters keep them apart from anchors made of headings, which
/// are lower-case.
fn part_name(number: usize) -> String {
    format!("Part-{number}")
}

fn work_name(number: usize) -> String {
    format!("Work-{number}")
}

fn note_name(number: u32) -> String {
    format!("Note-{number}")
}

fn reference_name(number: u32, time: u32) -> String {
    if time > 1 { format!("Ref-{number}-{time}") } else { format!("Ref-{number}") }
}

fn leads_to_mark(node: Node<'_>) -> bool {
    let next = node.next_sibling();
    next.is_some_and(|next| matches!(next.data().value, NodeValue::FootnoteReference(_)))
}

/// A mark never begins a line. After a letter none can, for no line is broken
/// between a letter and a bracket (UAX #14, LB30); after anything else the last
/// character is held to the mark. A character that joins words would do the
/// same, and show as a box in old fonts.
fn write_up_to_mark(html: &mut Html<'_, '_, '_, '_>, text: &str) -> fmt::Result {
    let last = text.chars().last().filter(|last| !last.is_alphanumeric() && !last.is_whitespace());
    let Some(last) = last.filter(|_| html.user.dialect != Dialect::Feed) else {
        return html.escape(text);
    };
    html.escape(&text[..text.len() - last.len_utf8()])?;
    html.write_str("<span class=\"nobreak\">")?;
    html.user.held = true;
    html.escape(last.encode_utf8(&mut [0; 4]))
}

fn write_reference(
    html: &mut Html<'_, '_, '_, '_>,
    reference: &NodeFootnoteReference,
    entering: bool,
) -> Step {
    if !entering {
        return Ok(ChildRendering::HTML);
    }
    let (number, here) = (reference.ix, reference_name(reference.ix, reference.ref_num));
    let note = note_name(number);
    match html.user.dialect {
        Dialect::Page => write!(
            html,
            "<sup><a id=\"{here}\" href=\"#{note}\" role=\"doc-noteref\">[{number}]</a></sup>"
        )?,
        Dialect::Mail => {
            write!(html, "<sup><a name=\"{here}\" href=\"#{note}\">[{number}]</a></sup>")?;
        }
        Dialect::Feed => write!(html, "<sup>[{number}]</sup>")?,
    }
    Ok(ChildRendering::HTML)
}

/// comrak moves the definitions that are referred to to the end, in order of
/// number, so the first opens the section and the last closes it.
fn write_note(html: &mut Html<'_, '_, '_, '_>, node: Node<'_>, entering: bool) -> Step {
    if !entering {
        if !node.last_child().is_some_and(ends_note) {
            write_way_back(html, Some(node))?;
        }
        html.write_str("</li>\n")?;
        if node.next_sibling().is_none() {
            let page = html.user.dialect == Dialect::Page;
            html.write_str(if page { "</ol>\n</section>\n" } else { "</ol>\n" })?;
        }
        return Ok(ChildRendering::HTML);
    }
    html.user.notes += 1;
    if html.user.notes == 1 {
        open_notes(html)?;
    }
    let name = note_name(u32::try_from(html.user.notes).unwrap_or(u32::MAX));
    match html.user.dialect {
        Dialect::Page => write!(html, "<li id=\"{name}\">")?,
        Dialect::Mail => write!(html, "<li><a name=\"{name}\"></a>")?,
        Dialect::Feed => html.write_str("<li>")?,
    }
    Ok(ChildRendering::HTML)
}

fn open_notes(html: &mut Html<'_, '_, '_, '_>) -> fmt::Result {
    html.cr()?;
    let title = html.user.words.get("notes");
    match html.user.dialect {
        Dialect::Page => {
            html.write_str("<section class=\"notes\" role=\"doc-endnotes\" aria-labelledby=\"Notes\">\n<h2 id=\"Notes\">")?;
        }
        Dialect::Mail => {
            html.write_str(NOTES_BEGIN)?;
            return html.write_str("<ol>\n");
        }
        Dialect::Feed => html.write_str("<h2>")?,
    }
    html.escape(title)?;
    html.write_str("</h2>\n<ol>\n")
}

/// Whether a node is the paragraph that a note ends with.
fn ends_note(node: Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::Paragraph)
        && node.next_sibling().is_none()
        && node
            .parent()
            .is_some_and(|up| matches!(up.data().value, NodeValue::FootnoteDefinition(_)))
}

/// Links from a note to each place that refers to it.
fn write_way_back(html: &mut Html<'_, '_, '_, '_>, note: Option<Node<'_>>) -> fmt::Result {
    let times = match note.map(|note| note.data().value.clone()) {
        Some(NodeValue::FootnoteDefinition(NodeFootnoteDefinition {
            total_references, ..
        })) => total_references,
        _ => return Ok(()),
    };
    if html.user.dialect == Dialect::Feed {
        return Ok(());
    }
    let number = u32::try_from(html.user.notes).unwrap_or(u32::MAX);
    for time in 1..=times {
        let place = reference_name(number, time);
        // U+FE0E asks for the arrow as a character: phones draw a blue button.
        write!(html, " <a href=\"#{place}\" class=\"back\"")?;
        if html.user.dialect == Dialect::Page {
            html.write_str(" role=\"doc-backlink\"")?;
        }
        let label = html.user.words.get("back_to_text");
        html.write_str(" aria-label=\"")?;
        html.escape(label)?;
        write!(html, " [{number}]")?;
        if time > 1 {
            write!(html, " ({time})")?;
        }
        html.write_str("\">↩\u{fe0e}</a>")?;
    }
    Ok(())
}

/// Escapes text for HTML content and attributes, for templates.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    comrak::html::escape(&mut escaped, text).expect("writing into a String does not fail");
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::specimen::{self, EVERYTHING};
    use super::*;
    use crate::model::Readership;

    fn html(dialect: Dialect, body: &str) -> String {
        let publication = specimen::publication(&[("cs", body)]);
        let theme = specimen::theme();
        specimen::document(&publication, "cs", Readership::Public, |document| {
            fragment(document, dialect, theme.words(&"cs".into()))
        })
    }

    #[test]
    fn every_node_on_a_page() {
        insta::assert_snapshot!(html(Dialect::Page, EVERYTHING));
    }

    #[test]
    fn every_node_in_mail() {
        insta::assert_snapshot!(html(Dialect::Mail, EVERYTHING));
    }

    #[test]
    fn every_node_in_a_feed() {
        insta::assert_snapshot!(html(Dialect::Feed, EVERYTHING));
    }

    const BLOCKS: &str = "\
:::summary
- Nález.
:::

## Díl

:::perspective most
Ano.
:::

:::recommendations
## Co dál

Text.
:::
";

    #[test]
    fn blocks_on_a_page() {
        insta::assert_snapshot!(html(Dialect::Page, BLOCKS));
    }

    #[test]
    fn blocks_in_mail() {
        insta::assert_snapshot!(html(Dialect::Mail, BLOCKS));
    }

    #[test]
    fn blocks_in_a_feed() {
        insta::assert_snapshot!(html(Dialect::Feed, BLOCKS));
    }

    #[test]
    fn a_picture_in_mail_fits_the_column_in_whole_pixels() {
        let mail = html(Dialect::Mail, "![graf](graf.svg) ![mapa](mapa%20čtvrti.png)");
        insta::assert_snapshot!(mail, @r#"<p><img src="https://hlas.example.org/2026-10-14-fronta/graf.svg.png" alt="graf" width="552" height="276"> <img src="https://hlas.example.org/2026-10-14-fronta/mapa%20%C4%8Dtvrti.png" alt="mapa" width="300" height="200"></p>"#);
    }

    #[test]
    fn a_picture_is_embedded_where_its_readers_or_its_author_have_it_so() {
        use crate::model::MailPictures::{Embedded, Hosted};
        let theme = specimen::theme();
        let html = |stated, pictures, dialect| {
            let mut publication = specimen::publication(&[("cs", "![graf](graf.svg)")]);
            publication.mail_pictures = stated;
            let Readership::Segment { id, title, .. } = specimen::politicians() else { panic!() };
            let readership = Readership::Segment { id, title, pictures };
            specimen::document(&publication, "cs", readership, |document| {
                fragment(document, dialect, theme.words(&"cs".into()))
            })
        };
        insta::assert_snapshot!(html(None, Embedded, Dialect::Mail), @r#"<div class="figure"><img src="cid:357fef84a2017b3a5c26d514@hlas.example.org" alt="graf" width="552" height="276"></div>"#);
        let embedded = html(None, Embedded, Dialect::Mail);
        assert_eq!(html(Some(Embedded), Hosted, Dialect::Mail), embedded);
        assert!(html(Some(Hosted), Embedded, Dialect::Mail).contains("src=\"https://"));
        assert!(html(None, Hosted, Dialect::Mail).contains("src=\"https://"));
        assert!(html(Some(Embedded), Embedded, Dialect::Feed).contains("src=\"https://"));
        assert!(html(Some(Embedded), Embedded, Dialect::Page).contains("src=\"graf.svg\""));
    }

    #[test]
    fn text_that_looks_like_html_stays_text() {
        let page = html(Dialect::Page, "a < b & \\<script> `<b>` ![\"><x](graf.svg)");
        insta::assert_snapshot!(page, @r#"<p>a &lt; b &amp; &lt;script&gt; <code>&lt;b&gt;</code> <img src="graf.svg" alt="&quot;&gt;&lt;x" width="800" height="400"></p>"#);
    }

    #[test]
    fn a_paragraph_of_nothing_but_tags_is_none() {
        let page =
            html(Dialect::Page, "<a name=\"x\"></a>\n\n<b><br></b>\n\n<b>[^1]</b>\n\n[^1]: A\n");
        let (text, _) = page.split_once("<section").unwrap();
        insta::assert_snapshot!(text, @r##"<p><sup><a id="Ref-1" href="#Note-1" role="doc-noteref">[1]</a></sup></p>"##);
    }

    #[test]
    fn of_a_picture_that_is_not_there_the_alt_text_stays_as_plain_as_it_is_in_alt() {
        let page = html(Dialect::Page, "![*Kraje* `obce` ![x](y.png)](chybi.png)");
        insta::assert_snapshot!(page, @"<p>Kraje obce x</p>");
    }
}
