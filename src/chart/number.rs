//! Numbers as people type them and as a language writes them.
//!
//! `12.345` is a dozen in one country and twelve thousand in another. Where the
//! separator of cells tells which (Excel writes `;` exactly where the comma is
//! decimal) it is believed; else the language of the text is. What stays
//! ambiguous is asked about, never guessed.

use crate::model::ChartValue;

/// How a language writes numbers.
#[derive(Debug, Clone)]
pub struct Numerals {
    pub decimal: String,
    pub group: String,
    /// `{number} %`
    pub percent: String,
}

/// Digits of a number: more are compared by nobody, and leave a phone no room
/// for what they are about.
const MOST_DIGITS: usize = 9;

impl Numerals {
    pub fn write(&self, number: f64, decimals: usize) -> String {
        let digits = format!("{:.decimals$}", number.abs());
        let (whole, rest) = digits.split_once('.').unwrap_or((&digits, ""));
        let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        let mut text = if number < 0.0 && !is_zero { "\u{2212}".to_owned() } else { String::new() };
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push_str(&self.group);
            }
            text.push(digit);
        }
        if !rest.is_empty() {
            text.push_str(&self.decimal);
            text.push_str(rest);
        }
        text
    }

    /// With its unit, where that is short enough to stand at every number.
    pub fn write_with(&self, number: f64, decimals: usize, unit: Option<&str>) -> String {
        let written = self.write(number, decimals);
        if unit == Some("%") { self.percent.replace("{number}", &written) } else { written }
    }

    pub fn style(&self) -> Style {
        if self.decimal == "," { Style::Comma } else { Style::Point }
    }
}

/// Which sign stands before decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Comma,
    Point,
}

/// Why something is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// `12.345` where the comma is decimal.
    Ambiguous,
    /// `12,5` where the point is decimal.
    Grouping,
    TooLong,
}

/// Whether a cell says that there is no number: empty, or a sign of it that
/// statistical offices use.
pub fn is_missing(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "" | "-" | "–" | "—" | "." | ".." | "…" | "x" | "n/a")
}

/// Whether a sign of per cent stands behind a number.
pub fn is_share(cell: &str) -> bool {
    cell.strip_suffix('%')
        .is_some_and(|number| number.ends_with(|c: char| c.is_ascii_digit() || c.is_whitespace()))
}

/// Reads a number that is not missing.
pub fn read(cell: &str, style: Style) -> Result<ChartValue, Trouble> {
    let cell = if is_share(cell) { cell.trim_end_matches('%').trim_end() } else { cell };
    let bare: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
    let (negative, digits) = match bare.strip_prefix(['-', '\u{2212}', '–']) {
        Some(rest) => (true, rest),
        None => (false, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let (whole, decimals) = split(digits, style)?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(&whole) || !is_digits(&decimals) || !spaced(cell) {
        return Err(Trouble::None);
    }
    if whole.trim_start_matches('0').len() + decimals.len() > MOST_DIGITS {
        return Err(Trouble::TooLong);
    }
    let number: f64 = format!("{whole}.{decimals}0").parse().map_err(|_| Trouble::None)?;
    let number = if negative { -number } else { number };
    Ok(ChartValue { number, decimals: decimals.len() })
}

/// Whole part and decimals, without what groups thousands.
fn split(digits: &str, style: Style) -> Result<(String, String), Trouble> {
    let (decimal, group) = match style {
        Style::Comma => (',', '.'),
        Style::Point => ('.', ','),
    };
    let parts = digits.split_once(decimal);
    let (whole, rest) = parts.unwrap_or((digits, ""));
    let grouped = whole.contains(group);
    if !grouped {
        return Ok((whole.to_owned(), rest.to_owned()));
    }
    let groups: Vec<&str> = whole.split(group).collect();
    let are_groups = groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    match style {
        Style::Point if are_groups => Ok((groups.concat(), rest.to_owned())),
        Style::Point => Err(Trouble::Grouping),
        // 1.234.567 and 1.234,5 can only be grouped; 12.5 can only be decimal.
        Style::Comma if are_groups && (groups.len() > 2 || parts.is_some()) => {
            Ok((groups.concat(), rest.to_owned()))
        }
        Style::Comma if groups.len() > 2 || parts.is_some() => Err(Trouble::None),
        Style::Comma if are_groups => Err(Trouble::Ambiguous),
        Style::Comma => Ok((groups[0].to_owned(), groups[1].to_owned())),
    }
}

/// Whether spaces stand only before groups of three digits, as in `12 345`.
fn spaced(cell: &str) -> bool {
    let parts: Vec<&str> = cell.trim().split(char::is_whitespace).collect();
    let sign = |part: &str| matches!(part, "-" | "\u{2212}" | "–" | "+");
    let from = usize::from(parts.len() > 1 && sign(parts[0])) + 1;
    parts[from.min(parts.len())..].iter().all(|part| {
        let digits = part.split([',', '.']).next().unwrap_or_default();
        digits.len() == 3
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(cell: &str, style: Style) -> Result<(f64, usize), Trouble> {
        read(cell, style).map(|value| (value.number, value.decimals))
    }

    #[test]
    fn numbers_are_read_as_czech_and_english_people_type_them() {
        for cell in ["12 345,60", "12\u{a0}345,60", "12\u{202f}345,60", "12345,60", "12.345,60"] {
            assert_eq!(number(cell, Style::Comma), Ok((12_345.6, 2)), "{cell}");
        }
        for cell in ["12,345.60", "12345.60", "12 345.60"] {
            assert_eq!(number(cell, Style::Point), Ok((12_345.6, 2)), "{cell}");
        }
        assert_eq!(number("12.5", Style::Comma), Ok((12.5, 1)));
        assert_eq!(number("1.234.567", Style::Comma), Ok((1_234_567.0, 0)));
        for minus in ["-3", "−3", "–3", "- 3"] {
            assert_eq!(number(minus, Style::Comma), Ok((-3.0, 0)));
        }
        assert_eq!(number("0,50", Style::Comma), Ok((0.5, 2)));
        for share in ["12,5 %", "12,5%", "12,5\u{a0}%"] {
            assert_eq!(number(share, Style::Comma), Ok((12.5, 1)), "{share}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        assert_eq!(number("12.345", Style::Comma), Err(Trouble::Ambiguous));
        assert_eq!(number("12,5", Style::Point), Err(Trouble::Grouping));
        for cell in
            ["dvacet", "12 34", "1 2", "12,3,4", "1e5", "inf", "NaN", ",5", "1/2", "-", "%", "5%%"]
        {
            assert_eq!(number(cell, Style::Comma), Err(Trouble::None), "{cell}");
        }
        assert_eq!(number(&"9".repeat(10), Style::Comma), Err(Trouble::TooLong));
    }

    #[test]
    fn numbers_are_written_as_their_language_has_them() {
        let numerals = |decimal: &str, group: &str, percent: &str| Numerals {
            decimal: decimal.to_owned(),
            group: group.to_owned(),
            percent: percent.to_owned(),
        };
        let czech = numerals(",", "\u{a0}", "{number}\u{a0}%");
        let english = numerals(".", ",", "{number}%");
        assert_eq!(czech.write(-12_345.6, 2), "−12\u{a0}345,60");
        assert_eq!(english.write(1_234_567.0, 0), "1,234,567");
        assert_eq!(czech.write(-0.04, 1), "0,0");
        assert_eq!(czech.write_with(12.5, 1, Some("%")), "12,5\u{a0}%");
        assert_eq!(english.write_with(12.5, 1, Some("%")), "12.5%");
        assert_eq!(english.write_with(12.5, 1, Some("Kč")), "12.5");
    }
}
