//! Lines of data → rows of cells, each with its place.
//!
//! What separates cells is told by the first line: a table's `|`, Czech Excel's
//! `;`, a tab, a comma. A cell may stand in quotes, as RFC 4180 (section 2) has
//! it, on one line: the surprise is that a line is always a row, for a quote
//! that nobody closed must not swallow the rest of the file.

use super::At;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub at: At,
}

pub type Row = Vec<Cell>;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    Bar,
    Semicolon,
    Tab,
    Comma,
}

impl Separator {
    fn of(line: &str) -> Self {
        if line.contains('|') {
            Self::Bar
        } else if line.contains(';') {
            Self::Semicolon
        } else if line.contains('\t') {
            Self::Tab
        } else {
            Self::Comma
        }
    }

    fn sign(self) -> char {
        match self {
            Self::Bar => '|',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Comma => ',',
        }
    }
}

/// The rows of a text whose first line is `first`, without empty ones and
/// without a table's line of dashes.
pub fn rows(text: &str, first: usize) -> (Separator, Vec<Row>) {
    let is_empty = |line: &str| line.trim_matches([' ', '\t', ';', ',', '|']).is_empty();
    let lines: Vec<(usize, &str)> =
        text.lines().enumerate().filter(|(_, line)| !is_empty(line)).collect();
    let separator = lines.first().map_or(Separator::Comma, |(_, line)| Separator::of(line));
    let rows = lines
        .into_iter()
        .filter(|(_, line)| !(separator == Separator::Bar && is_rule(line)))
        .map(|(index, line)| row(line, first + index, separator));
    (separator, rows.collect())
}

/// `|---|--:|`
fn is_rule(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

fn row(line: &str, number: usize, separator: Separator) -> Row {
    let mut cells = Vec::new();
    let (mut cell, mut start, mut quoted) = (String::new(), 1, false);
    for (index, c) in line.chars().enumerate() {
        if c == '"' && separator != Separator::Bar {
            quoted = !quoted;
        }
        if c == separator.sign() && !quoted {
            cells.push(placed(&cell, number, start));
            (cell, start) = (String::new(), index + 2);
        } else {
            cell.push(c);
        }
    }
    cells.push(placed(&cell, number, start));
    if separator == Separator::Bar {
        // The bars at both ends of a line are its frame.
        let trimmed = line.trim();
        if trimmed.ends_with('|') && cells.len() > 1 {
            cells.pop();
        }
        if trimmed.starts_with('|') {
            cells.remove(0);
        }
    }
    cells
}

fn placed(cell: &str, line: usize, start: usize) -> Cell {
    let text = cell.trim();
    let indent = cell.chars().count() - cell.trim_start().chars().count();
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let quotes = usize::from(inside.is_some());
    let column = start + if text.is_empty() { 0 } else { indent + quotes };
    let text = inside.map_or_else(|| text.to_owned(), |text| text.replace("\"\"", "\""));
    let length = text.chars().count().max(1);
    Cell { text: text.trim().to_owned(), at: At { line, column, length } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let (_, rows) = rows(text, 1);
        let cells =
            |row: Row| row.into_iter().map(|cell| format!("{}@{}", cell.text, cell.at.column));
        rows.into_iter().map(|row| cells(row).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn the_first_line_tells_what_separates_cells() {
        assert_eq!(told("Kraj;Počet\nPraha;1,5\n"), ["Kraj@1 Počet@6", "Praha@1 1,5@7"]);
        assert_eq!(told("Kraj, Počet\nPraha, 1.5\n"), ["Kraj@1 Počet@7", "Praha@1 1.5@8"]);
        assert_eq!(told("Kraj\tPočet\n"), ["Kraj@1 Počet@6"]);
        assert_eq!(
            told("| Kraj | Počet |\n|--|--:|\n| Praha |  |\n"),
            ["Kraj@3 Počet@10", "Praha@3 @10"]
        );
        assert_eq!(told("Kraj | Počet\n--|--:\nPraha | 1\n"), ["Kraj@1 Počet@8", "Praha@1 1@9"]);
    }

    #[test]
    fn quotes_hold_separators_but_never_the_end_of_a_line() {
        assert_eq!(told("a;b\n\"x; \"\"y\"\"\";1\n"), ["a@1 b@3", "x; \"y\"@2 1@12"]);
        assert_eq!(told("a;b\n\"x;1\nc;2\n"), ["a@1 b@3", "\"x;1@1", "c@1 2@3"]);
        assert_eq!(told("a;b\n\n;;\nc;2\n"), ["a@1 b@3", "c@1 2@3"]);
    }
}
