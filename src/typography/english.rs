//! What holds together in English: a number and its unit, a title or initial
//! and the name, a day and its month, `No. 5`, `p. 12`, `Art. 5`.

use super::Kind;
use super::czech::{is_initial, is_surname};
use super::numbers::{is_number, is_year};
use super::spaces::Pair;
use super::words::Word;

#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sept",
    "Sep", "Oct", "Nov", "Dec",
];

#[rustfmt::skip]
const TITLES: &[&str] = &[
    "Mr", "Mrs", "Ms", "Mx", "Dr", "Mr.", "Mrs.", "Ms.", "Mx.", "Dr.", "Prof.", "Messrs",
    "Rev.", "Hon.", "Sen.", "Rep.", "Gov.", "Gen.", "Col.", "Capt.", "Lt.", "Sgt.", "St", "St.",
    "Mgr.", "Ing.", "JUDr.", "MUDr.", "PhDr.", "Bc.",
];

#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "no.", "nos.", "art.", "arts.", "p.", "pp.", "para.", "paras.", "sec.", "secs.", "ch.",
    "vol.", "fig.", "figs.", "ed.", "cl.", "reg.", "app.", "ca.", "c.", "eq.", "tel.",
];

const COUNTED: &[&str] =
    &["million", "billion", "thousand", "trillion", "percent", "per", "a.m.", "p.m.", "am", "pm"];

pub fn kind(pair: &Pair<'_, '_>) -> Option<Kind> {
    let (left, right) = (pair.left(), pair.right());
    if is_date(left, right) {
        return Some(Kind::Date);
    }
    if is_counted(pair) {
        return Some(Kind::Unit);
    }
    if right.starts_with_digit() && REFERENCES.contains(&left.head.to_lowercase().as_str()) {
        return Some(Kind::Reference);
    }
    // `Act No. 325/1999 Coll.`, as Czech laws are cited.
    if left.head.contains('/') && is_number(left.head) && right.core.starts_with("Coll.") {
        return Some(Kind::Reference);
    }
    if !right.starts_upper() {
        return None;
    }
    let titled = TITLES.contains(&left.head) && right.starts_upper();
    let initial = is_initial(left.head) && (is_initial(right.core) || is_surname(right));
    (titled || initial).then_some(Kind::Name)
}

/// `5 October`, `October 5`: the year may stand on the next line.
fn is_date(left: &Word<'_>, right: &Word<'_>) -> bool {
    let day = |text: &str| {
        let number = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let suffix = &text[number.len()..];
        matches!(suffix, "" | "st" | "nd" | "rd" | "th")
            && number.parse().is_ok_and(|day: u8| (1..=31).contains(&day))
    };
    let month = |word: &str| MONTHS.contains(&word);
    if !left.starts_with_digit() && !right.starts_with_digit() {
        return false;
    }
    (day(left.head) && month(right.bare()))
        || (month(left.head.strip_suffix('.').unwrap_or(left.head)) && day(right.bare()))
}

fn is_counted(pair: &Pair<'_, '_>) -> bool {
    let (left, right) = (pair.left(), pair.right());
    if !is_number(left.head) || is_year(left.head) {
        return false;
    }
    match right.core {
        "per" => pair.after().is_some_and(|after| after.bare() == "cent"),
        core => COUNTED.contains(&core) || COUNTED.contains(&right.bare()),
    }
}
