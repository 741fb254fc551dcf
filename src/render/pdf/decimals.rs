//! Columns of numbers, set so that their decimal marks stand below each other.
//!
//! Typst has no alignment for that. What it has is the width of a text that is
//! not drawn: a number with fewer decimals than others of its column gets the
//! missing ones, unseen, behind it, and the column stands to the right. The
//! surprise is what does not make a column less numeric: a dash, three dots
//! and an empty cell say that there is no number.

use crate::render::theme::Words;

/// What stands in a column of numbers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// For each cell what it lacks on the right; empty where it lacks nothing.
    pub lacks: Vec<String>,
}

impl Column {
    /// `None` for a column that holds anything but numbers.
    pub fn of(cells: &[String], words: &Words) -> Option<Self> {
        let mark = words.get("decimal").chars().next().unwrap_or('.');
        let read: Option<Vec<_>> = cells.iter().map(|cell| Cell::read(cell, mark)).collect();
        let cells = read?;
        let numbers: Vec<_> = cells.iter().filter_map(Cell::number).collect();
        let (_, unit) = numbers.first()?;
        let lacks = if numbers.iter().any(|(_, other)| other != unit) || !unit.is_empty() {
            // Units stand at the right edge; decimals would drift from them.
            vec![String::new(); cells.len()]
        } else {
            let most = numbers.iter().map(|(decimals, _)| *decimals).max().unwrap_or(0);
            cells.iter().map(|cell| cell.lacks(most, mark)).collect()
        };
        Some(Self { lacks })
    }
}

enum Cell {
    /// How many decimals, and what stands behind them.
    Number(usize, String),
    /// No number here, and said so.
    None,
}

impl Cell {
    fn number(&self) -> Option<(usize, &str)> {
        match self {
            Self::Number(decimals, unit) => Some((*decimals, unit)),
            Self::None => None,
        }
    }

    fn lacks(&self, most: usize, mark: char) -> String {
        let decimals = self.number().map_or(0, |(decimals, _)| decimals);
        let digits = "0".repeat(most - decimals);
        if decimals == 0 && most > 0 { format!("{mark}{digits}") } else { digits }
    }

    fn read(text: &str, mark: char) -> Option<Self> {
        const LONGEST_UNIT: usize = 8;
        let text = text.trim();
        if matches!(text, "" | "–" | "—" | "-" | "−" | "…" | "..." | "." | "×" | "x" | "*")
        {
            return Some(Self::None);
        }
        let sign =
            |c: char| matches!(c, '+' | '-' | '−' | '–' | '±' | '≈' | '~' | '<' | '>' | '≤' | '≥');
        let number = text.trim_start_matches(|c: char| sign(c) || is_space(c));
        let whole_end = whole(number, mark)?;
        let (_, rest) = number.split_at(whole_end);
        let (decimals, unit) = match rest.strip_prefix(mark) {
            Some(rest) => {
                let decimals = rest.chars().take_while(char::is_ascii_digit).count();
                (decimals, &rest[decimals..])
            }
            None => (0, rest),
        };
        let has_mark = rest.starts_with(mark);
        let unit = unit.trim_start_matches(is_space);
        let fits = unit.chars().count() <= LONGEST_UNIT
            && !unit.contains(|c: char| c.is_ascii_digit())
            && !(has_mark && decimals == 0);
        fits.then(|| Self::Number(decimals, unit.to_owned()))
    }
}

/// The end of the digits before the decimal mark, thousands apart or not.
fn whole(number: &str, mark: char) -> Option<usize> {
    let apart = |c: char| is_space(c) || (matches!(c, '.' | ',' | '’' | '\'') && c != mark);
    let mut end = 0;
    let mut rest = number;
    loop {
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        // Behind a gap stand three digits, or it parts the number from its unit.
        if digits == 0 || (end > 0 && digits != 3) {
            break;
        }
        end = number.len() - rest.len() + digits;
        let mut after = rest[digits..].chars();
        match after.next() {
            Some(gap) if apart(gap) => rest = after.as_str(),
            _ => break,
        }
    }
    (end > 0).then_some(end)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::specimen::THEME;

    fn lacks(language: &str, cells: &[&str]) -> Option<Vec<String>> {
        let cells: Vec<_> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        Column::of(&cells, THEME.words(&language.into())).map(|column| column.lacks)
    }

    #[test]
    fn numbers_get_the_decimals_that_others_have() {
        let column = lacks("cs", &["27,5", "8", "1 240,25", "−0,5", "–", ""]).unwrap();
        assert_eq!(column, ["0", ",00", "", "0", ",00", ",00"]);
        let column = lacks("en", &["1,240.5", "12", "1,000,000"]).unwrap();
        assert_eq!(column, ["", ".0", ".0"]);
    }

    #[test]
    fn whole_numbers_lack_nothing() {
        assert_eq!(lacks("cs", &["12", "50\u{a0}970", "1.250"]).unwrap(), ["", "", ""]);
    }

    #[test]
    fn numbers_with_units_stand_to_the_right_as_they_are() {
        assert_eq!(lacks("cs", &["9,4 %", "12 %"]).unwrap(), ["", ""]);
        assert_eq!(lacks("cs", &["620 mil. Kč", "1 240 Kč"]).unwrap(), ["", ""]);
    }

    #[test]
    fn words_dates_and_ranges_are_no_numbers() {
        for cell in ["Praha", "12. 10. 2026", "2–3", "12,", "1 240 5", "zhruba 5", "3 z 10"] {
            assert_eq!(lacks("cs", &["12,5", cell]), None, "{cell}");
        }
        assert_eq!(lacks("cs", &["–", ""]), None);
    }
}
