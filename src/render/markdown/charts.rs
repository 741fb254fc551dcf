//! Charts in the tree: a block of code becomes a picture with a title, what is
//! said of it, and the table that it was drawn from.
//!
//! It is made of the nodes that every format knows already, so that one which
//! has never heard of charts would still show a figure and a table, and what
//! it says is held against the text like the rest (`check::parity`).

use comrak::Arena;
use comrak::nodes::{Node, NodeLink, NodeTable, NodeValue, TableAlignment};

use super::figures::{CAPTION, DATA, FIGURE, NOTE, SOURCE, UNIT, block, new, paragraph_of};
use super::{captions, close_holes, plain_html, plain_text};
use crate::chart::INFO;
use crate::model::{Chart, ChartRow, DrawnChart, Manuscript};
use crate::render::theme::Words;

/// Whether a node is a block that asks to be drawn.
pub fn is_chart(node: &Node<'_>) -> bool {
    match &node.data().value {
        NodeValue::CodeBlock(code) => {
            let word = code.info.split_whitespace().next().unwrap_or_default();
            code.fenced && word.eq_ignore_ascii_case(INFO)
        }
        _ => false,
    }
}

/// The chart that a block of a manuscript became. `None` while something is
/// wrong with it, which has its finding.
pub fn drawn<'m>(node: Node<'_>, manuscript: &'m Manuscript) -> Option<&'m DrawnChart> {
    let line = node.data().sourcepos.start.line;
    manuscript.charts.iter().find(|chart| is_chart(&node) && chart.line == line)
}

/// Puts figures in the places of blocks.
pub(super) fn insert<'a>(
    arena: &'a Arena<'a>,
    root: Node<'a>,
    manuscript: &Manuscript,
    words: &Words,
) {
    for node in root.descendants().collect::<Vec<_>>() {
        if let Some(chart) = drawn(node, manuscript) {
            let figure = Smith { arena, at: node, words }.figure(chart);
            node.insert_before(figure);
            node.detach();
        }
    }
}

/// Makes nodes that stand where the block was written.
struct Smith<'s, 'a> {
    arena: &'a Arena<'a>,
    at: Node<'a>,
    words: &'s Words,
}

impl<'a> Smith<'_, 'a> {
    fn figure(&self, drawn: &DrawnChart) -> Node<'a> {
        let DrawnChart { chart, small, .. } = drawn;
        let figure = block(self.arena, self.at, FIGURE);
        let said = |key: &str, hole: &str, text: &String| match captions::is_source(text) {
            true => text.clone(),
            false => self.words.phrase(key, &[(hole, text)]),
        };
        let picture = NodeLink { url: small.name.clone(), title: String::new() };
        let picture = self.node(NodeValue::Image(Box::new(picture)), &[self.text(&chart.alt)]);
        let parts = [
            Some(self.part(CAPTION, &[self.text(&chart.title)])),
            // A sign that every number carries says nothing more by itself.
            chart
                .unit
                .as_ref()
                .filter(|unit| *unit != "%")
                .map(|unit| self.part(UNIT, &[self.text(unit)])),
            Some(paragraph_of(self.arena, self.at, &[picture])),
            chart
                .note
                .as_ref()
                .map(|note| self.part(NOTE, &self.inlines(&said("chart.note", "note", note)))),
            chart.source.as_ref().map(|source| {
                self.part(SOURCE, &self.inlines(&said("chart.source", "source", source)))
            }),
            Some(self.data(chart)),
        ];
        parts.into_iter().flatten().for_each(|part| figure.append(part));
        figure
    }

    fn part(&self, info: &str, inlines: &[Node<'a>]) -> Node<'a> {
        let part = block(self.arena, self.at, info);
        part.append(paragraph_of(self.arena, self.at, inlines));
        part
    }

    /// A line of Markdown, as captions of pictures have it.
    fn inlines(&self, text: &str) -> Vec<Node<'a>> {
        let root = super::parse(self.arena, text);
        close_holes(root);
        plain_html(self.arena, root);
        for node in root.descendants().filter(|node| !node.same_node(root)) {
            node.data_mut().sourcepos = self.at.data().sourcepos;
        }
        let first = root.first_child();
        let is_line = |node: &Node<'_>| matches!(node.data().value, NodeValue::Paragraph);
        match first.filter(|first| is_line(first) && first.next_sibling().is_none()) {
            Some(line) => {
                let inlines: Vec<_> = line.children().collect();
                inlines.iter().for_each(|inline| inline.detach());
                inlines
            }
            None => vec![self.text(&plain_text(root))],
        }
    }

    fn data(&self, chart: &Chart) -> Node<'a> {
        let names =
            [chart.rows_are.as_str()].into_iter().chain(chart.series.iter().map(String::as_str));
        let head = self.row(true, names.map(str::to_owned));
        let rows = chart.rows.iter().map(|row| {
            let numbers =
                (0..row.values.len()).map(|series| number(chart, row, series, self.words));
            self.row(false, std::iter::once(row.label.clone()).chain(numbers))
        });
        let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
        let mut alignments = vec![TableAlignment::Right; chart.series.len() + 1];
        alignments[0] = TableAlignment::Left;
        let table = NodeTable {
            num_columns: alignments.len(),
            num_rows: rows.len(),
            num_nonempty_cells: 0,
            alignments,
        };
        let table = self.node(NodeValue::Table(Box::new(table)), &rows);
        let data = block(self.arena, self.at, DATA);
        data.append(table);
        data
    }

    fn row(&self, is_head: bool, cells: impl Iterator<Item = String>) -> Node<'a> {
        let cells = cells.map(|text| self.node(NodeValue::TableCell, &[self.text(&text)]));
        self.node(NodeValue::TableRow(is_head), &cells.collect::<Vec<_>>())
    }

    fn node(&self, value: NodeValue, children: &[Node<'a>]) -> Node<'a> {
        let node = new(self.arena, self.at, value);
        children.iter().for_each(|child| node.append(child));
        node
    }

    fn text(&self, text: &str) -> Node<'a> {
        self.node(NodeValue::Text(text.to_owned().into()), &[])
    }
}

/// A number of a chart as it is written in its table: with as many decimals as
/// all others.
fn number(chart: &Chart, row: &ChartRow, series: usize, words: &Words) -> String {
    let numerals = words.numerals();
    row.values[series].map_or_else(
        || words.get("chart.missing").to_owned(),
        |value| numerals.write_with(value.number, chart.decimals(), chart.unit.as_deref()),
    )
}

/// What a chart says to somebody who hears it: its alternative text, then its
/// numbers, where no table has them.
pub fn spoken(chart: &Chart, words: &Words) -> String {
    let rows = chart.rows.iter().map(|row| {
        let named = chart.series.iter().enumerate().map(|(series, name)| {
            let number = number(chart, row, series, words);
            if chart.series.len() == 1 { number } else { format!("{name} {number}") }
        });
        format!("{}: {}", row.label, named.collect::<Vec<_>>().join(", "))
    });
    let rows = rows.collect::<Vec<_>>().join("; ");
    let alt = chart.alt.trim_end();
    let stop = if alt.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{alt}{stop} {rows}.")
}
