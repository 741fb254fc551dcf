//! Hyphens that are dashes: between spaces, and in ranges of numbers where
//! nothing else can be meant.
//!
//! What is left alone: `10 - 15` (a range, or a subtraction), times, dates in
//! ISO form, telephone and file numbers, anything with a decimal point.

use super::words::{Word, Words};
use super::{Edit, Kind, NBSP, numbers};

pub fn edits(words: &Words<'_>, bound: &[String], edits: &mut Vec<Edit>) {
    for index in 0..words.words.len() {
        let word = &words.words[index];
        if is_spaced_dash(words, index, bound) {
            spaced(words, index, edits);
        } else if !word.is_code && word.core.contains('-') {
            let before = words.before(index);
            if let Some(hyphen) = range_hyphen(word.core, before) {
                let at = word.start + (word.whole.len() - word.head.len()) + hyphen;
                edits.push(Edit { range: at..at + 1, with: '–', kind: Kind::Dash });
            }
        }
    }
}

/// A dash, or what is typed for one, with one space on either side and a word
/// beyond each.
fn is_spaced_dash(words: &Words<'_>, index: usize, bound: &[String]) -> bool {
    let word = words.words[index].whole;
    if !word.starts_with(['-', '–', '—']) {
        return false;
    }
    let Some(before) = words.before(index) else { return false };
    let Some(after) = words.words.get(index + 1) else { return false };
    let one = |gap: &str| matches!(gap, " " | "\u{a0}");
    let typed = matches!(word, "-" | "--" | "---");
    (typed || matches!(word, "–" | "—"))
        && one(words.gap(index - 1))
        && one(words.gap(index))
        && !words.is_frozen(words.words[index].start)
        && !(typed && is_operand(before, bound) && is_operand(after, bound))
}

/// Whether `x - 1` could be meant: `12 - a dál` could not.
fn is_operand(word: &Word<'_>, bound: &[String]) -> bool {
    let core = word.bare();
    let is_word = matches!(core, "a" | "A" | "I") || bound.contains(&core.to_lowercase());
    let letter = core.chars().count() <= 1 && !is_word;
    letter || numbers::is_number(core)
}

fn spaced(words: &Words<'_>, index: usize, edits: &mut Vec<Edit>) {
    let word = &words.words[index];
    let with = match word.whole {
        "-" | "--" => Some('–'),
        "---" => Some('—'),
        _ => None,
    };
    if let Some(with) = with {
        edits.push(Edit { range: word.start..word.end(), with, kind: Kind::Dash });
    }
    if words.gap(index - 1) == " " && !words.is_frozen(word.start - 1) {
        let range = word.start - 1..word.start;
        edits.push(Edit { range, with: NBSP, kind: Kind::BeforeDash });
    }
}

/// The offset of the hyphen in a range: `10-15`, `2015-2020`, `1.-5.`, `a)-c)`.
fn range_hyphen(word: &str, before: Option<&Word<'_>>) -> Option<usize> {
    let (from, to) = word.split_once('-')?;
    if to.contains('-') || before.is_some_and(|before| names_a_standard(before.core)) {
        return None;
    }
    (is_range(from, to) || is_range_of_days(from, to)).then_some(from.len())
}

/// `ISO 27-35`, `EN 301-549`: a name, not a range. Amounts of money are ranges.
fn names_a_standard(word: &str) -> bool {
    word.len() > 1
        && word.bytes().all(|byte| byte.is_ascii_uppercase())
        && !numbers::CURRENCIES.contains(&word)
}

fn is_range(from: &str, to: &str) -> bool {
    let to = to.trim_end_matches(['%', '‰', '€']);
    let to = to.strip_suffix('.').unwrap_or(to);
    let (Some(first), Some(last)) = (value(from), value(to)) else { return false };
    let (wide, narrow) = (from.len(), to.len());
    let year = |number: f64| (1000.0..2100.0).contains(&number);
    match (wide, narrow) {
        (4, 4) => year(first) && year(last) && first < last,
        // 2024-25 is a school year; 2024-05 is a month.
        (4, 2) => year(first) && last > 12.0 && last > first % 100.0,
        _ => wide.abs_diff(narrow) <= 1 && first < last && first.max(last) < 1000.0,
    }
}

/// A whole number or one with a decimal comma; none that starts with a zero,
/// as codes do.
fn value(number: &str) -> Option<f64> {
    let (whole, part) = number.split_once(',').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let coded = whole.len() > 1 && whole.starts_with('0');
    (digits(whole) && digits(part) && !coded && whole.len() <= 4)
        .then(|| format!("{whole}.{part}").parse().ok())
        .flatten()
}

/// `1.-5. října`, `1.-5.10.2026`, and `a)-c)` in a list of letters.
fn is_range_of_days(from: &str, to: &str) -> bool {
    let lettered = |part: &str| {
        let mut letters = part.trim_end_matches(')').chars();
        let one = letters.next().is_some_and(|c| c.is_ascii_lowercase());
        one && letters.next().is_none()
    };
    if from.ends_with(')') {
        return lettered(from) && lettered(to);
    }
    let day = |part: &str| part.parse().is_ok_and(|day: u8| (1..=31).contains(&day));
    let first = from.strip_suffix('.').is_some_and(day);
    let (last, rest) = to.split_once('.').unwrap_or((to, "-"));
    first && day(last) && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
