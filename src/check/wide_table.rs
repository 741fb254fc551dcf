//! Tables that a phone shows only sideways (WCAG 2.2, 1.4.10 lets them, but
//! nobody likes it).
//!
//! What a column cannot go below is its longest word. A mail on a phone of 360
//! CSS pixels has about 320 for text; at 14 px a character takes 7 of them and
//! a column 16 for the room around it. Half a screen more is one swipe, which
//! a table of numbers is worth; beyond that the first column is out of sight.

use comrak::nodes::{Node, NodeValue};
use unicode_width::UnicodeWidthStr;

use super::{Rule, Text};
use crate::model::{Findings, Severity};
use crate::render::markdown::plain_text;

/// A screen and a half.
const MAX_WIDTH: usize = 480;
const CHARACTER: usize = 7;
const ROOM: usize = 16;

pub struct WideTable;

const DOC: &str = "\
A table too wide for a phone.

Counted from the longest word of each column, which cannot be broken: 7 pixels
a character and 16 a column may make up 480 pixels, a screen and a half. That
is six columns of words of nine letters. In a wider one the first column is
out of sight before the last is seen.

Turn it round, so that rows become columns, cut it in two, or shorten the
heads.
";

impl Rule for WideTable {
    fn name(&self) -> &'static str {
        "table-wide"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            if !matches!(node.data().value, NodeValue::Table(_)) {
                continue;
            }
            let columns = longest_words(node);
            let width: usize = columns.iter().map(|word| word.width() * CHARACTER + ROOM).sum();
            if width > MAX_WIDTH {
                let longest = columns.iter().max_by_key(|word| word.width());
                let longest = longest.map_or("", String::as_str);
                let message = format!(
                    "the table needs {width} pixels for its {} columns, over {MAX_WIDTH}",
                    columns.len()
                );
                let place = text.finding(self, node.first_child().unwrap_or(node), message);
                findings.push(place.help(format!(
                    "cut it in two, turn it round, or shorten its longest words, such as “{longest}”"
                )));
            }
        }
    }
}

fn longest_words(table: Node<'_>) -> Vec<String> {
    let mut longest: Vec<String> = Vec::new();
    for row in table.children() {
        for (index, cell) in row.children().enumerate() {
            let text = plain_text(cell);
            // An address breaks anywhere, other words after a hyphen.
            let words = text.split([' ', '-', '–', '/']).filter(|word| !word.contains("://"));
            let word = words.max_by_key(|word| word.width()).unwrap_or_default();
            match longest.get_mut(index) {
                Some(before) if before.width() >= word.width() => {}
                Some(before) => word.clone_into(before),
                None => longest.push(word.to_owned()),
            }
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn six_columns_of_long_words_do_not_fit_and_seven_of_numbers_do() {
        assert_eq!(
            told(
                "| Zaměstnavatel | Pracoviště | Zaměstnanců | Agenturních | Cizinců | Nespokojených |\n|--|--|--|--|--|--|\n| A | B | 1 | 2 | 3 | 4 |\n"
            ),
            ["6:1 table-wide Warning: the table needs 551 pixels for its 6 columns, over 480"]
        );
        assert_eq!(
            told(
                "| Rok | 2020 | 2021 | 2022 | 2023 | 2024 | 2025 |\n|--|--|--|--|--|--|--|\n| Podíl | 1 | 2 | 3 | 4 | 5 | 6 |\n"
            ),
            Vec::<String>::new()
        );
    }
}
