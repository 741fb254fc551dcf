//! Tables that a phone shows only sideways (WCAG 2.2, 1.4.10 lets them, but
//! nobody likes it).
//!
//! A mail on a phone of 360 CSS pixels has about 320 for text. Half a screen
//! more is one swipe, which a table of numbers is worth; beyond that the first
//! column is out of sight.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::{Findings, Severity};
use crate::render::table_width::TableWidth;

/// A screen and a half.
const MAX_WIDTH: usize = 480;

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
            let TableWidth { pixels: width, columns, longest } = TableWidth::of(node);
            if width > MAX_WIDTH {
                let message = format!(
                    "the table needs {width} pixels for its {columns} columns, over {MAX_WIDTH}"
                );
                let place = text.finding(self, node.first_child().unwrap_or(node), message);
                findings.push(place.help(format!(
                    "cut it in two, turn it round, or shorten its longest words, such as “{longest}”"
                )));
            }
        }
    }
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
