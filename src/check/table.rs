//! Tables whose columns nobody can name, or that lose cells (WCAG 2.2, 1.3.1,
//! technique H51).
//!
//! The parser drops cells beyond the head's last column without a word (GFM,
//! 4.10), so they are counted in the line as written.

use comrak::nodes::{Node, NodeValue};

use super::{Rule, Text};
use crate::model::{Findings, Severity};
use crate::render::markdown::plain_text;

pub struct Table;

const DOC: &str = "\
A table whose columns have no names, or fewer than its rows have cells.

A screen reader says the header before each cell; in the text part and on a
phone a wide table is written as records, each value behind its header. Only
the first column may go without. Cells beyond the last column of the head
would not be published: an error.

Wrong:  |  |  |              Right:  | Obec | Počet |
        |--|--|                      |--|--:|
        | Říčany | 12 |              | Říčany | 12 |
";

impl Rule for Table {
    fn name(&self) -> &'static str {
        "table"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            if matches!(node.data().value, NodeValue::Table(_)) {
                self.head(text, node, findings);
                self.rows(text, node, findings);
            }
        }
    }
}

impl Table {
    fn head(&self, text: &Text<'_>, table: Node<'_>, findings: &mut Findings) {
        let Some(head) = table.first_child() else { return };
        let empty = |cell: &Node<'_>| is_empty(cell);
        if head.children().all(|cell| empty(&cell)) {
            let help = "name the columns in the first row";
            findings.push(text.finding(self, head, "the table has no header row").help(help));
            return;
        }
        for (index, cell) in head.children().enumerate().skip(1).filter(|(_, cell)| empty(cell)) {
            let message = format!("column {} of the table has no name", index + 1);
            findings.push(text.finding(self, cell, message).help("write one into the first row"));
        }
    }

    fn rows(&self, text: &Text<'_>, table: Node<'_>, findings: &mut Findings) {
        let NodeValue::Table(shape) = &table.data().value else { return };
        let lines: Vec<&str> = text.manuscript.body.lines().collect();
        for row in table.children().skip(1) {
            let at = row.data().sourcepos.start;
            let Some(line) = lines.get(at.line.saturating_sub(1)) else { continue };
            let cells = cells(line, at.column);
            if let Some(first) = cells.get(shape.num_columns) {
                let (number, columns) = (cells.len(), shape.num_columns);
                let message =
                    format!("the row has {number} cells, but the table {columns} columns");
                let place = text.manuscript.place(at.line, *first);
                let length = line.chars().count() + 1 - first;
                let mut finding = text.finding_at(self, place.spanning(length), message);
                finding.severity = Severity::Error;
                let help = "the rest would not be published: name the column in the first row, or write \\| for a bar inside a cell";
                findings.push(finding.help(help));
            }
        }
    }
}

fn is_empty(cell: &Node<'_>) -> bool {
    let holds_picture =
        cell.descendants().any(|node| matches!(node.data().value, NodeValue::Image(_)));
    plain_text(cell).trim().is_empty() && !holds_picture
}

/// The columns at which the cells of a row begin. A bar parts cells even in
/// code, unless it is escaped (GFM, example 200).
fn cells(line: &str, from: usize) -> Vec<usize> {
    let characters: Vec<char> = line.trim_end().chars().collect();
    let start = from.saturating_sub(1);
    let mut cells = Vec::new();
    if characters.get(start) != Some(&'|') {
        cells.push(start + 1);
    }
    for (index, character) in characters.iter().enumerate().skip(start) {
        let escaped = index > 0 && characters[index - 1] == '\\';
        if *character == '|' && !escaped && index + 1 < characters.len() {
            let gap = characters[index + 1..].iter().take_while(|c| c.is_whitespace()).count();
            cells.push(index + gap + 2);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_head_names_every_column_but_the_first() {
        assert_eq!(
            told(
                "|  |  |\n|--|--|\n| Říčany | 12 |\n\n|  | Počet |  |\n|--|--|--|\n| Říčany | 12 | 3 |\n"
            ),
            [
                "6:1 table Warning: the table has no header row",
                "10:13 table Warning: column 3 of the table has no name",
            ]
        );
    }

    #[test]
    fn a_cell_without_a_column_would_be_lost() {
        assert_eq!(
            told(
                "> | Obec | Počet |\n> |--|--|\n> | Říčany | 12 | a 3 |\n> | Zlín \\| Vsetín | 4 |\n> Brno | 5\n"
            ),
            ["8:19 table Error: the row has 3 cells, but the table 2 columns"]
        );
    }
}
