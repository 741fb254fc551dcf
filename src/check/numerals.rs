//! The numbers of a text, written alike whatever its language: 1 234,5 in
//! Czech and 1,234.5 in English are both `1234.5`.
//!
//! Months are words in one text and digits in another, clocks have twelve
//! hours or twenty-four, and up to twelve a number may be spelt out; none of
//! that is a number here.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Whole numbers up to here are often spelt out (Chicago 9.2; Pravidla: the
/// choice is the author's).
const SPELT_OUT: u64 = 12;

const NUMBER: &str = r"(?x)
    (?<time> \d{1,2} : \d{2} \b | \d{1,2} \. \d{2} [\s\u{a0}]? (?: hod | h\b | [ap]\.?m ) )
  | (?<day> \d{1,2} ) \. [\s\u{a0}]? \d{1,2} \. [\s\u{a0}]? (?<year> \d{4} ) \b
  | (?<iso_year> \d{4} ) - \d{2} - (?<iso_day> \d{2} ) \b
  | (?<from> (?:1[5-9]|20) \d{2} ) [-–/] (?<to> \d{2} ) \b
  | (?: 1[5-9]|20 )? (?<decade> \d0 ) (?: s\b | \. [\s\u{a0}]? l[eé]t )
  | (?<number> \d{1,3} (?: [\x20\u{a0}\u{202f}\u{2009}] \d{3} )+ \b (?: [,.] \d+ )? | GROUPS | \d+ (?: [,.] \d+ )? )
";

static CZECH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\d{1,3} (?: \. \d{3} )+ \b (?: , \d+ )?"));
static ENGLISH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\d{1,3} (?: , \d{3} )+ \b (?: \. \d+ )?"));

fn pattern(groups: &str) -> Regex {
    Regex::new(&NUMBER.replace("GROUPS", groups)).expect("a pattern")
}

/// The numbers in `text`, each with its place in bytes and its plain form.
pub fn numerals(text: &str, language: &str) -> Vec<(Range<usize>, String)> {
    let (pattern, group) = if language == "en" { (&*ENGLISH, ',') } else { (&*CZECH, '.') };
    let mut found = Vec::new();
    for parts in pattern.captures_iter(text) {
        if let (Some(from), Some(to)) = (parts.name("from"), parts.name("to")) {
            let century = &from.as_str()[..2];
            found.push((from.range(), from.as_str().to_owned()));
            found.push((to.range(), format!("{century}{}", to.as_str())));
        }
        if let Some(decade) = parts.name("decade") {
            found.push((decade.range(), format!("{}s", decade.as_str())));
        }
        for name in ["day", "year", "iso_year", "iso_day", "number"] {
            if let Some(part) = parts.name(name) {
                let plain = plain(part.as_str(), group);
                if !plain.parse::<u64>().is_ok_and(|number| number <= SPELT_OUT) {
                    found.push((part.range(), plain));
                }
            }
        }
    }
    found
}

fn plain(written: &str, group: char) -> String {
    let is_grouped = written
        .split(group)
        .skip(1)
        .all(|part| part.chars().take_while(char::is_ascii_digit).count() == 3)
        && !written.starts_with('0');
    let digits: String = written
        .chars()
        .filter(|c| !(c.is_whitespace() || is_grouped && *c == group))
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let digits = match digits.split_once('.') {
        Some((whole, rest)) if rest.trim_end_matches('0').is_empty() => whole.to_owned(),
        Some(_) => digits.trim_end_matches('0').to_owned(),
        None => digits,
    };
    let bare = digits.trim_start_matches('0');
    if bare.is_empty() || bare.starts_with('.') { format!("0{bare}") } else { bare.to_owned() }
}

/// Round numbers as words begin, Czech, then English.
const WORDS: [(&str, &str, &str); 19] = [
    ("13", "třinác", "thirteen"),
    ("14", "čtrnác", "fourteen"),
    ("15", "patnác", "fifteen"),
    ("16", "šestnác", "sixteen"),
    ("17", "sedmnác", "seventeen"),
    ("18", "osmnác", "eighteen"),
    ("19", "devatenác", "nineteen"),
    ("20", "dvac", "twent"),
    ("30", "třic", "thirt"),
    ("40", "čtyřic", "fort"),
    ("50", "padesát", "fift"),
    ("60", "šedesát", "sixt"),
    ("70", "sedmdesát", "sevent"),
    ("80", "osmdesát", "eight"),
    ("90", "devadesát", "ninet"),
    ("100", "st", "hundred"),
    ("200", "dvě stě", "two hundred"),
    ("500", "pět set", "five hundred"),
    ("1000", "tisíc", "thousand"),
];

/// Whether a text has a number as a word.
pub fn spells(text: &str, number: &str) -> bool {
    // The nineties, devadesátá léta.
    let number = number.trim_end_matches('s');
    let Some((_, czech, english)) = WORDS.iter().find(|(known, ..)| *known == number) else {
        return false;
    };
    let lower = text.to_lowercase();
    [czech, english].into_iter().any(|word| {
        lower
            .match_indices(*word)
            .any(|(at, _)| !lower[..at].chars().next_back().is_some_and(char::is_alphabetic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_forms(text: &str, language: &str) -> Vec<String> {
        numerals(text, language).into_iter().map(|(_, plain)| plain).collect()
    }

    #[test]
    fn both_languages_come_to_the_same() {
        let czech = "Na 1 234,5 ha, 1.500 lidí, 12 %, 27,50 Kč, 3. 12. 2026 v 14.30 hod., 110 00 Praha, zákon č. 326/1999 Sb., 0,0";
        let english = "On 1,234.5 ha, 1,500 people, 12%, CZK 27.5, 3 December 2026 at 2:30 p.m., 110 00 Prague, Act No. 326/1999, 0.0";
        let expected = ["1234.5", "1500", "27.5", "2026", "110", "326", "1999"];
        assert_eq!(plain_forms(czech, "cs"), expected);
        assert_eq!(plain_forms(english, "en"), expected);
    }

    #[test]
    fn decades_and_years_that_share_a_century_come_to_the_same() {
        let czech = "V 90. letech, od 60. let, v letech 2015–2016 a 2023/24";
        let english = "In the 1990s, since the 60s, in 2015–16 and 2023–2024";
        let expected = ["90s", "60s", "2015", "2016", "2023", "2024"];
        assert_eq!(plain_forms(czech, "cs"), expected);
        assert_eq!(plain_forms(english, "en"), expected);
        assert!(spells("v devadesátých letech", "90s") && spells("in the nineties", "90s"));
    }

    #[test]
    fn round_numbers_may_be_words() {
        assert!(spells("Šedesáti dnů", "60"));
        assert!(spells("Sixty days", "60"));
        assert!(!spells("odpadesátý", "50"));
        assert!(!spells("Sixty days", "61"));
    }
}
