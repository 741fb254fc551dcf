//! The text part of a mail, written from the AST and not from the HTML.
//!
//! It says what the HTML part says, in the same order: headings, links, notes,
//! masthead and footer. Lines are at most 72 columns wide, as e-mail has had it
//! since terminals; only code and addresses that cannot be broken are longer.
//!
//! The surprise: every block gives back its lines, and the block around it
//! puts its mark before them. A quote in a list in a quote needs no special case.
//! Paragraphs and quotes flow ([`flowed`], RFC 3676); what hangs on its
//! columns (lists, tables, notes, code) is made fast by the block that marks it.

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListType, Node, NodeList, NodeValue, TableAlignment};
use textwrap::{WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr;
use url::Url;

use super::email::{mail_path, why};
use super::flowed::{fast, flowing, indented, quoted, stuffed};
use super::html::{alert_title, task_mark};
use super::markdown::{Figure, plain_text, valid};
use super::picture_address::text_address;
use super::theme::Words;
use super::{Credits, Document, Format, Outline, Serves, Theme, outline};
use crate::model::{Edition, Finding, Rendition, hole};

/// Columns of a line.
const WIDTH: usize = 72;
/// However deeply blocks are nested, their text keeps this much room.
const NARROWEST: usize = 24;
/// Blocks nested deeper than this are flattened: nobody writes such a text,
/// and a stack has its bottom.
const DEEPEST: usize = 24;

/// The plain text of a mail.
pub struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn serves(&self) -> Serves {
        Serves::Segments
    }

    fn path(&self, edition: &Edition<'_>) -> String {
        mail_path(edition, "txt")
    }

    fn render(&self, document: &Document<'_>, theme: &Theme) -> Result<Rendition, Finding> {
        let words = theme.words(&document.edition.manuscript.language);
        let credits = Credits::new(document, words);
        let mut lines = opening(&credits, words);
        let mut writer = Writer { document, words, links: Vec::new() };
        lines.extend(writer.blocks(document.root, WIDTH, 0));
        lines.extend(writer.link_list());
        lines.extend(closing(&credits, &why(document.edition, &credits, words), words));
        let mut text = lines.join("\n");
        text.push('\n');
        Ok(Rendition { path: self.path(document.edition), bytes: text.into_bytes() })
    }

    fn outline(&self, document: &Document<'_>, theme: &Theme, bytes: &[u8]) -> Outline {
        let words = theme.words(&document.edition.manuscript.language);
        let expected = Outline::of_document(document);
        let [notes, links, picture] = ["notes", "email.links", "picture"].map(|key| words.get(key));
        let text = String::from_utf8_lossy(bytes);
        outline::of_text(&text, &expected, notes, links, picture)
    }
}

/// Masthead, title block and greeting.
fn opening(credits: &Credits, words: &Words) -> Vec<String> {
    let mut lines = paragraph(&[&credits.organisation, &credits.tagline, &credits.website]);
    lines.extend(address(words.get("email.view_online"), &credits.page_url));
    let stamp = [credits.kind.as_str(), credits.date.as_str()];
    let stamp: Vec<&str> = stamp.into_iter().filter(|part| !part.is_empty()).collect();
    lines.extend(paragraph(&[&stamp.join(" · ")]));
    let title = wrap(&credits.title, WIDTH);
    let rule = "=".repeat(widest(&title));
    lines.push(rule.clone());
    lines.extend(title);
    lines.extend([rule, String::new()]);
    lines.extend(paragraph(&[&credits.subtitle]));
    let labelled = |key: &str, value: &str| {
        if value.is_empty() { String::new() } else { format!("{}: {value}", words.get(key)) }
    };
    lines.extend(paragraph(&[
        &credits.authors,
        &labelled("working_group", &credits.working_group),
        &labelled("members", &credits.members),
    ]));
    lines.extend(paragraph(&[hole::SALUTATION]));
    lines
}

/// Where else to read it, who sent it and why, and the way out.
fn closing(credits: &Credits, why: &str, words: &Words) -> Vec<String> {
    let mut lines = vec!["-".repeat(WIDTH), String::new()];
    lines.extend(address(words.get("email.read_online"), &credits.page_url));
    lines.extend(address(words.get("email.read_pdf"), &credits.pdf_url));
    lines.extend(paragraph(&[&credits.organisation, &credits.address, &credits.email]));
    lines.extend(paragraph(&[why]));
    lines.extend(address(words.get("email.sent_to"), hole::ADDRESS));
    lines.extend(address(words.get("email.unsubscribe"), hole::UNSUBSCRIBE));
    lines.pop();
    lines
}

/// Those lines that say something, wrapped, and an empty one after them.
fn paragraph(facts: &[&str]) -> Vec<String> {
    let facts = facts.iter().filter(|fact| !fact.is_empty());
    let mut lines: Vec<String> = facts.flat_map(|fact| flow(fact, WIDTH)).collect();
    lines = stuffed(lines);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// An address on a line of its own, so that clients make a link of all of it.
fn address(label: &str, address: &str) -> Vec<String> {
    vec![format!("{label}:"), address.to_owned(), String::new()]
}

struct Writer<'d, 'a> {
    document: &'d Document<'a>,
    words: &'d Words,
    /// Addresses by their number, from 1, in order of first use.
    links: Vec<String>,
}

impl Writer<'_, '_> {
    /// The blocks below a node, an empty line after each.
    fn blocks(&mut self, parent: Node<'_>, width: usize, depth: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut notes = 0;
        for node in parent.children() {
            if matches!(node.data().value, NodeValue::FootnoteDefinition(_)) {
                notes += 1;
                if notes == 1 {
                    lines.extend(underlined(self.words.get("notes"), '=', width));
                    lines.push(String::new());
                }
            }
            let mut block = self.block(node, width, depth, notes);
            if depth == 0 {
                block = behind_a_space(node, block);
            }
            if !block.is_empty() {
                lines.extend(block);
                lines.push(String::new());
            }
        }
        lines
    }

    /// The lines of one block; none for one that says nothing.
    fn block(&mut self, node: Node<'_>, width: usize, depth: usize, note: usize) -> Vec<String> {
        if depth > DEEPEST {
            return wrap(&plain_text(node), width);
        }
        match &node.data().value {
            NodeValue::Heading(heading) => {
                let mark = match heading.level {
                    0..=2 => '=',
                    3 => '-',
                    4 => '~',
                    _ => '^',
                };
                underlined(&self.inline(node, Marks::None), mark, width)
            }
            NodeValue::Paragraph => flow(&self.inline(node, Marks::Emphasis), width),
            NodeValue::BlockDirective(_) => match Figure::of(node) {
                Some(figure) => self.figure(figure, width, depth),
                None => {
                    let lines = self.inner(node, width, 2, depth);
                    prefixed(&fast(lines), "| ", "| ")
                }
            },
            NodeValue::BlockQuote | NodeValue::MultilineBlockQuote(_) => {
                quoted(self.inner(node, width, 2, depth))
            }
            NodeValue::Alert(alert) => {
                let mut lines = wrap(alert_title(alert, self.words), width.saturating_sub(2));
                lines.push(String::new());
                lines.extend(self.inner(node, width, 2, depth));
                prefixed(&fast(lines), "| ", "| ")
            }
            NodeValue::List(_) if self.is_works(node) => self.works(node, width, depth),
            NodeValue::List(list) => self.list(node, list, width, depth),
            NodeValue::CodeBlock(code) => {
                let lines: Vec<String> = code.literal.lines().map(str::to_owned).collect();
                prefixed(&lines, "    ", "    ")
            }
            NodeValue::ThematicBreak => vec!["* * *".to_owned()],
            NodeValue::Table(table) => self.table(node, &table.alignments, width),
            NodeValue::FootnoteDefinition(_) => {
                let mark = format!("[*{note}] ");
                let lines = fast(self.inner(node, width, mark.width(), depth));
                prefixed(&lines, &mark, &" ".repeat(mark.width()))
            }
            _ if node.first_child().is_some() => self.inner(node, width, 0, depth),
            _ => Vec::new(),
        }
    }

    /// The blocks in a node, with room for a mark of some columns before them.
    fn inner(&mut self, node: Node<'_>, width: usize, mark: usize, depth: usize) -> Vec<String> {
        let width = width.saturating_sub(mark).max(NARROWEST);
        let mut lines = self.blocks(node, width, depth + 1);
        lines.pop();
        lines
    }

    fn is_works(&self, list: Node<'_>) -> bool {
        let works = self.document.works.as_ref();
        let first = list.first_child();
        works.zip(first).is_some_and(|(works, item)| works.position(item).is_some())
    }

    /// What the text cites, the names at the margin.
    fn works(&mut self, list: Node<'_>, width: usize, depth: usize) -> Vec<String> {
        const INDENT: &str = "    ";
        let items: Vec<_> = list.children().collect();
        let lines = items.into_iter().map(|item| {
            let lines = self.inner(item, width, INDENT.len(), depth);
            prefixed(&lines, "", INDENT)
        });
        lines.collect::<Vec<_>>().join(&String::new())
    }

    fn list(&mut self, node: Node<'_>, list: &NodeList, width: usize, depth: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (index, item) in node.children().enumerate() {
            let mark = match (&item.data().value, list.list_type) {
                (NodeValue::TaskItem(task), _) => format!("{} ", task_mark(task.symbol.is_some())),
                (_, ListType::Bullet) => "- ".to_owned(),
                (_, ListType::Ordered) => format!("{}. ", list.start + index),
            };
            if !list.tight && !lines.is_empty() {
                lines.push(String::new());
            }
            let indent = " ".repeat(mark.width());
            let mut inside = fast(self.inner(item, width, mark.width(), depth));
            if list.tight {
                inside.retain(|line| !line.is_empty());
            }
            if inside.is_empty() {
                inside.push(String::new());
            }
            lines.extend(prefixed(&inside, &mark, &indent));
        }
        lines
    }

    /// A picture with its address, caption and source; or caption, table and
    /// source, with room around the table.
    fn figure(&mut self, figure: Figure<'_>, width: usize, depth: usize) -> Vec<String> {
        let Some(image) = figure.picture() else {
            let mut lines = Vec::new();
            if let Some(caption) = figure.caption {
                lines.extend(self.inner(caption, width, 0, depth));
                lines.push(String::new());
            }
            lines.extend(self.block(figure.body, width, depth, 0));
            if let Some(source) = figure.source {
                lines.push(String::new());
                lines.extend(self.inner(source, width, 0, depth));
            }
            return lines;
        };
        let mut lines = Vec::new();
        let is_chart = figure.table.is_some();
        for part in [figure.caption, figure.unit].into_iter().flatten().filter(|_| is_chart) {
            lines.extend(self.inner(part, width, 0, depth));
        }
        lines.extend(flow(&self.picture(image), width));
        if let NodeValue::Image(link) = &image.data().value {
            lines.extend(self.picture_address(&link.url));
        }
        let caption = figure.caption.filter(|_| !is_chart);
        for part in [caption, figure.note, figure.source].into_iter().flatten() {
            lines.extend(self.inner(part, width, 0, depth));
        }
        if let Some(table) = figure.table {
            lines.push(String::new());
            lines.extend(indented(self.block(table, width, depth, 0)));
        }
        lines
    }

    fn picture(&self, image: Node<'_>) -> String {
        format!("[{}: {}]", self.words.get("picture"), plain_text(image))
    }

    fn picture_address(&self, name: &str) -> Option<String> {
        text_address(self.document, self.document.edition.publication.picture(name)?)
    }

    /// Text, links and marks below a node on one line, hard breaks as `\n`.
    /// Walks without recursion: a line may nest emphasis thousands deep.
    fn inline(&mut self, parent: Node<'_>, marks: Marks) -> String {
        let mut text = String::new();
        let mut skipping: Option<Node<'_>> = None;
        for edge in parent.traverse() {
            match edge {
                NodeEdge::Start(node) if skipping.is_none() => {
                    if self.open(node, marks, &mut text) == Below::Skip {
                        skipping = Some(node);
                    }
                }
                NodeEdge::End(node) if skipping.is_none_or(|skipped| skipped.same_node(node)) => {
                    skipping = None;
                    self.close(node, marks, &mut text);
                }
                NodeEdge::Start(_) | NodeEdge::End(_) => {}
            }
        }
        text
    }

    fn open(&mut self, node: Node<'_>, marks: Marks, text: &mut String) -> Below {
        match &node.data().value {
            NodeValue::Text(literal) => text.push_str(literal),
            NodeValue::Code(code) if marks == Marks::None => text.push_str(&code.literal),
            NodeValue::Code(code) => text.push_str(&format!("`{}`", code.literal)),
            NodeValue::SoftBreak => text.push(' '),
            NodeValue::LineBreak => text.push(if marks == Marks::None { ' ' } else { '\n' }),
            NodeValue::FootnoteReference(reference) => {
                text.push_str(&format!("[*{}]", reference.ix));
            }
            NodeValue::Image(link) => {
                text.push_str(&self.picture(node));
                if let Some(address) = self.picture_address(&link.url) {
                    text.push_str(&format!(" {address}"));
                }
                return Below::Skip;
            }
            NodeValue::Link(link) if says_its_address(node, &link.url) => {
                text.push_str(link.url.strip_prefix("mailto:").unwrap_or(&link.url));
                return Below::Skip;
            }
            value => text.push_str(mark(value, marks)),
        }
        Below::Walk
    }

    fn close(&mut self, node: Node<'_>, marks: Marks, text: &mut String) {
        match &node.data().value {
            NodeValue::Link(link) if link.url.starts_with('#') => {}
            NodeValue::Link(link) if says_its_address(node, &link.url) => {}
            NodeValue::Link(link) => {
                let number = self.link_number(&link.url);
                text.push_str(&format!("\u{a0}[{number}]"));
            }
            value => text.push_str(mark(value, marks)),
        }
    }

    fn link_number(&mut self, url: &str) -> usize {
        let known = self.links.iter().position(|link| link == url);
        known.unwrap_or_else(|| {
            self.links.push(url.to_owned());
            self.links.len() - 1
        }) + 1
    }

    fn link_list(&self) -> Vec<String> {
        if self.links.is_empty() {
            return Vec::new();
        }
        let numbered = self.links.iter().enumerate();
        let mut lines = vec![format!("{}:", self.words.get("email.links"))];
        lines.extend(numbered.map(|(index, link)| format!("[{}] {link}", index + 1)));
        lines.push(String::new());
        lines
    }

    /// A table in columns where it fits, else each row as a record.
    fn table(
        &mut self,
        table: Node<'_>,
        alignments: &[TableAlignment],
        width: usize,
    ) -> Vec<String> {
        let rows: Vec<Vec<String>> = table
            .children()
            .map(|row| row.children().map(|cell| self.inline(cell, Marks::None)).collect())
            .collect();
        let Some((head, body)) = rows.split_first() else { return Vec::new() };
        match column_widths(&rows, width) {
            Some(widths) => columns(head, body, &widths, alignments),
            None => records(head, body, width),
        }
    }
}

/// What starts a line may mean something to a client, and goes behind a space.
/// Blocks that stand in columns all do, so that one list is like the next.
fn behind_a_space(node: Node<'_>, lines: Vec<String>) -> Vec<String> {
    match node.data().value {
        NodeValue::BlockQuote | NodeValue::MultilineBlockQuote(_) => lines,
        NodeValue::List(_)
        | NodeValue::Table(_)
        | NodeValue::CodeBlock(_)
        | NodeValue::FootnoteDefinition(_) => indented(lines),
        _ => stuffed(lines),
    }
}

/// Whether emphasis is marked: `*strong*`, `_stressed_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    Emphasis,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Walk,
    Skip,
}

fn mark(value: &NodeValue, marks: Marks) -> &'static str {
    match (value, marks) {
        // What is struck out must not read as if it stood.
        (NodeValue::Strikethrough, _) => "~~",
        (NodeValue::Strong, Marks::Emphasis) => "*",
        (NodeValue::Emph, Marks::Emphasis) => "_",
        _ => "",
    }
}

/// Whether a link's text is its address already, as an autolink's is.
fn says_its_address(link: Node<'_>, url: &str) -> bool {
    let text = plain_text(link);
    url.strip_prefix("mailto:") == Some(&text)
        || Url::parse(&text).is_ok_and(|said| valid(&said) == url)
}

const GAP: &str = "  ";

/// Cells of more lines than this read better as records.
const TALLEST: usize = 4;

/// Widths at which a table fits: as wide as its cells, else narrowed, the widest
/// column first, but never below a word. `None` where it cannot be read so.
fn column_widths(table: &[Vec<String>], width: usize) -> Option<Vec<usize>> {
    let (head, rows) = table.split_first()?;
    let cells = |column: usize| table.iter().filter_map(move |row| row.get(column));
    let words = |cell: &String| cell.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0);
    let narrowest: Vec<usize> =
        (0..head.len()).map(|column| cells(column).map(words).max().unwrap_or(0).max(1)).collect();
    let room = width.checked_sub(GAP.len() * head.len().saturating_sub(1))?;
    if narrowest.iter().sum::<usize>() > room {
        return None;
    }
    let mut widths: Vec<usize> = (0..head.len())
        .map(|column| cells(column).map(|cell| cell.width()).max().unwrap_or(0).clamp(1, room))
        .collect();
    // A heading may be folded at no cost but a line; a column of names not.
    let below: Vec<usize> = (0..head.len())
        .map(|column| cells(column).skip(1).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    while widths.iter().sum::<usize>() > room {
        let folds = |column: &usize| widths[*column] > narrowest[*column].max(below[*column]);
        let Some(widest) = (0..widths.len()).filter(folds).max_by_key(|column| widths[*column])
        else {
            break;
        };
        widths[widest] -= 1;
    }
    while widths.iter().sum::<usize>() > room {
        let foldable = (0..widths.len()).filter(|column| widths[*column] > narrowest[*column]);
        let widest = foldable.max_by_key(|column| widths[*column])?;
        widths[widest] -= 1;
    }
    let tall = |row: &Vec<String>| {
        row.iter().zip(&widths).any(|(cell, width)| wrap(cell, *width).len() > TALLEST)
    };
    (!rows.iter().any(tall)).then_some(widths)
}

fn columns(
    head: &[String],
    rows: &[Vec<String>],
    widths: &[usize],
    alignments: &[TableAlignment],
) -> Vec<String> {
    let row = |cells: &[String]| {
        let cells: Vec<Vec<String>> =
            cells.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let line = |index: usize| {
            let parts = cells.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
                let part = cell.get(index).map_or("", String::as_str);
                padded(part, *width, alignments.get(column))
            });
            parts.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
        };
        (0..height).map(line).collect::<Vec<_>>()
    };
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join(GAP);
    let mut lines = row(head);
    lines.push(rule);
    lines.extend(rows.iter().flat_map(|cells| row(cells)));
    lines
}

fn padded(text: &str, width: usize, alignment: Option<&TableAlignment>) -> String {
    let space = width.saturating_sub(text.width());
    let before = match alignment {
        Some(TableAlignment::Right) => space,
        Some(TableAlignment::Center) => space / 2,
        _ => 0,
    };
    format!("{}{text}{}", " ".repeat(before), " ".repeat(space - before))
}

/// Every row as lines of `heading: value`, the first of them marked.
fn records(head: &[String], rows: &[Vec<String>], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for row in rows {
        let mut mark = "- ";
        for (name, value) in head.iter().zip(row).filter(|(_, value)| !value.is_empty()) {
            let fact = if name.is_empty() { value.clone() } else { format!("{name}: {value}") };
            let fact = wrap(&fact, width.saturating_sub(4).max(NARROWEST));
            lines.extend(prefixed(&fact, mark, "    "));
            mark = "  ";
        }
    }
    lines
}

/// `first` before the first line, `rest` before the others; no trailing spaces.
fn prefixed(lines: &[String], first: &str, rest: &str) -> Vec<String> {
    let marked = lines.iter().enumerate().map(|(index, line)| {
        let mark = if index == 0 { first } else { rest };
        format!("{mark}{line}").trim_end().to_owned()
    });
    marked.collect()
}

fn underlined(text: &str, mark: char, width: usize) -> Vec<String> {
    let mut lines = wrap(text, width);
    lines.push(mark.to_string().repeat(widest(&lines)));
    lines
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| line.width()).max().unwrap_or(0)
}

/// A paragraph whose lines flow, but not over a break that its author made.
fn flow(text: &str, width: usize) -> Vec<String> {
    text.lines().flat_map(|line| flowing(wrap(line, width))).collect()
}

/// Breaks at plain spaces only: never inside an address or at a non-breaking
/// space, and never at the hyphen of an address.
fn wrap(text: &str, width: usize) -> Vec<String> {
    // Stated, because textwrap's defaults differ by what other crates switch on.
    let options = textwrap::Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let lines = text.trim().lines().flat_map(|line| textwrap::wrap(line.trim(), &options));
    lines.map(|line| line.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::specimen::{self, EVERYTHING};
    use super::*;

    /// The lines between greeting and footer.
    fn body(markdown: &str) -> String {
        let text = specimen::rendered(&Text, markdown);
        let (_, rest) = text.split_once(hole::SALUTATION).unwrap();
        let (body, _) = rest.split_once(&format!("\n{}", "-".repeat(WIDTH))).unwrap();
        body.trim_matches('\n').to_owned()
    }

    #[test]
    fn a_whole_text_part() {
        insta::assert_snapshot!(specimen::rendered(&Text, EVERYTHING));
    }

    #[test]
    fn whatever_the_html_part_links_to_or_heads_stands_in_the_text_part() {
        let html = specimen::rendered(&crate::render::email::Email, EVERYTHING);
        let text = specimen::rendered(&Text, EVERYTHING);
        let links: Vec<_> = html.split("href=\"").skip(1).collect();
        let links = links.iter().filter_map(|rest| rest.split('"').next());
        for link in links.filter(|link| !link.starts_with('#')) {
            let link = link.replace("&amp;", "&");
            assert!(text.contains(link.trim_start_matches("mailto:")), "{link}");
        }
        for heading in ["Hlavní zjištění", "Čísla", "Závěr", "Poznámky"] {
            assert!(html.contains(&format!("{heading}</h")), "{heading}");
            let line = format!("\n{heading}\n");
            assert!(text.contains(&line), "{heading}");
        }
    }

    #[test]
    fn lines_break_at_72_columns_and_never_inside_an_address() {
        let address = format!("https://example.org/{}", "velmi-dlouha-cesta/".repeat(6));
        let long = format!("{} <{address}> {}", "slovo".repeat(3), "žluťoučký kůň ".repeat(20));
        let text = body(&long);
        assert!(text.contains(&address));
        let lines = text.lines().map(str::trim_end);
        let wide: Vec<_> = lines.filter(|line| line.width() > WIDTH).collect();
        assert_eq!(wide, [address]);
    }

    #[test]
    fn one_letter_words_stay_with_the_next_when_the_author_tied_them() {
        let text = body(&"v\u{a0}Praze ".repeat(30));
        assert!(text.lines().all(|line| line.starts_with('v')));
    }

    #[test]
    fn a_table_a_little_too_wide_folds_its_cells() {
        let text = body(
            "| Obec | Počet obyvatel | Pracovníků na 1 000 obyvatel obce | Míra čerpání dávky (%) |\n\
             |:--|--:|--:|--:|\n| Žďár nad Sázavou | 36 038 | 1,1 | 17,1 |\n",
        );
        insta::assert_snapshot!(text, @r"
        Obec              Počet obyvatel       Pracovníků na  Míra čerpání dávky
                                              1 000 obyvatel                 (%)
                                                        obce
        ----------------  --------------  ------------------  ------------------
        Žďár nad Sázavou          36 038                 1,1                17,1
        ");
    }

    #[test]
    fn a_table_with_long_texts_becomes_records() {
        let text = body(
            "| Obec | Vysvětlení, které je delší než by se vešlo | Poznámka |\n|--|--|--|\n\
             | Říčany | Pracoviště běží blízko své kapacity a malý přírůstek návštěv prodlouží \
             čekání násobně, malý úbytek je násobně zkrátí, a to po celý rok, nejen v létě, kdy \
             se do čekáren vracejí studenti, a proto záleží na každé zbytečné návštěvě | ano |\n\
             | Krnov | Málo lidí | |\n",
        );
        insta::assert_snapshot!(text, @r"
        - Obec: Říčany
          Vysvětlení, které je delší než by se vešlo: Pracoviště běží blízko
            své kapacity a malý přírůstek návštěv prodlouží čekání násobně, malý
            úbytek je násobně zkrátí, a to po celý rok, nejen v létě, kdy se do
            čekáren vracejí studenti, a proto záleží na každé zbytečné návštěvě
          Poznámka: ano
        - Obec: Krnov
          Vysvětlení, které je delší než by se vešlo: Málo lidí
        ");
    }

    #[test]
    fn a_table_of_figures_folds_its_headings_before_the_names_of_its_rows() {
        let text = body(
            "| Modelový příklad | Návštěv za hodinu | Minut na návštěvu | Přepážek | Vytížení (%) | Průměrné čekání (min) |\n\
             |:--|--:|--:|--:|--:|--:|\n| O 10 % méně návštěv | 24,8 | 17 | 8 | 87,7 | 11,0 |\n\
             | Souběh: o 10 % méně a o dvě minuty kratší | 24,8 | 15 | 8 | 77,3 | 3,3 |\n",
        );
        insta::assert_snapshot!(text, @r"
        Modelový příklad         Návštěv  Minut na  Přepážek  Vytížení  Průměrné
                                      za  návštěvu                 (%)    čekání
                                  hodinu                                   (min)
        -----------------------  -------  --------  --------  --------  --------
        O 10 % méně návštěv         24,8        17         8      87,7      11,0
        Souběh: o 10 % méně         24,8        15         8      77,3       3,3
        a o dvě minuty kratší
        ");
    }

    #[test]
    fn a_block_has_its_name_and_a_line_down_its_side() {
        let text = body("Text.\n\n:::perspective most\nAno,\n\n- ale.\n:::\n\nDál.\n");
        insta::assert_snapshot!(text, @r"
        Text.

        | Pohled: Poradna U Mostu
        | =======================
        |
        | Ano,
        |
        | - ale.

        Dál.
        ");
    }

    #[test]
    fn a_client_that_knows_flowed_text_gets_paragraphs_and_one_that_does_not_gets_lines() {
        use super::super::flowed::unflowed;
        let sentence = "Čekání má cenu a\u{a0}viníka, > 5\u{a0}% lidí se vzdá. From Brno to Praha.";
        let long = [sentence; 4].join(" ");
        let text = specimen::rendered(
            &Text,
            &format!(
                "{long}\n\n> {long}\n>\n> > {long}\n\n- {long}\n  - kratší\n\n```\n  kód\nkonec\n```\n\n\\> a\n"
            ),
        );
        assert!(text.lines().all(|line| line.trim_end().width() <= WIDTH + 1), "{text}");
        let read = unflowed(&text);
        let has = |depth: usize, line: &str| read.contains(&(depth, line.to_owned()));
        assert!(has(0, &long) && has(1, &long) && has(2, &long), "{read:#?}");
        // What hangs on its columns keeps every line, and its indentation.
        assert!(
            has(0, "  - kratší") && has(0, "      kód") && has(0, "    konec") && has(0, "> a")
        );
        let item: Vec<_> = read.iter().filter(|(_, line)| line.starts_with("- Čekání")).collect();
        assert!(item.len() == 1 && item[0].1.width() <= WIDTH, "{item:?}");
    }

    #[test]
    fn a_link_gets_one_number_however_often_it_stands() {
        let text = body(
            "[b](https://example.org/1) [c](https://example.org/2) [d](https://example.org/1)",
        );
        insta::assert_snapshot!(text, @r"
        b [1] c [2] d [1]

        Odkazy:
        [1] https://example.org/1
        [2] https://example.org/2
        ");
    }

    #[test]
    fn a_text_nested_a_thousand_deep_is_still_written() {
        let text = body(&format!("{} dno", ">".repeat(1000)));
        assert!(text.contains("dno"));
        let text = body(&format!("{}dno{}", "*a ".repeat(2000), "*".repeat(2000)));
        assert!(text.contains("dno"));
    }
}
