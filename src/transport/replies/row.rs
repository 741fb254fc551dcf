//! A row of a table, what it matches, and which of several is more specific.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::{Verdict, status};
use crate::model::{Enhanced, Stage};

/// One line of a table. An empty pattern matches anything.
pub struct Row {
    /// Where in the dialogue; everywhere, when empty.
    pub stages: &'static [Stage],
    /// Digits, with `x` for any: `550`, `45x`, `5xx`.
    pub code: &'static str,
    /// Enhanced status code without its class, `*` for any number and `x` for any
    /// digit: `1.1`, `7.*`, `7.2x`.
    pub status: &'static str,
    /// A regular expression, upper and lower case alike.
    pub text: &'static str,
    pub verdict: Verdict,
    /// Replies as they were heard, which this row and no other must judge: a
    /// test looks, and the first one is in the documentation.
    pub heard: &'static [(Stage, u16, &'static str)],
}

/// What is held against the rows.
pub struct Heard<'h> {
    stage: Stage,
    code: u16,
    status: Option<Enhanced>,
    text: &'h str,
}

impl<'h> Heard<'h> {
    pub fn of_server(stage: Stage, code: u16, text: &'h str) -> Self {
        Self { stage, code, status: status(code, text), text }
    }

    /// A number that is no SMTP code: it has no stages and no enhanced status.
    pub fn of_program(code: u16, text: &'h str) -> Self {
        Self { stage: Stage::Reply, code, status: None, text }
    }
}

/// How much a row knows; compared from the left. Where it was said tells less
/// than any sentence, so of two sentences the upper counts.
type Knows = (bool, u8, u8, bool);

impl Row {
    pub fn knows(&self) -> Knows {
        let exact = |pattern: &str, any: char| match pattern {
            "" => 0,
            pattern => 4 - u8::try_from(pattern.matches(any).count()).unwrap_or(3).min(3),
        };
        (
            !self.text.is_empty(),
            exact(self.status, '*'),
            exact(self.code, 'x'),
            self.text.is_empty() && !self.stages.is_empty(),
        )
    }

    fn matches(&self, pattern: Option<&Regex>, heard: &Heard<'_>) -> bool {
        (self.stages.is_empty() || self.stages.contains(&heard.stage))
            && fits_code(self.code, heard.code)
            && fits_status(self.status, heard.status)
            && pattern.is_none_or(|pattern| pattern.is_match(heard.text))
    }
}

fn fits_code(pattern: &str, code: u16) -> bool {
    pattern.is_empty() || fits_digits(pattern, code)
}

fn fits_status(pattern: &str, status: Option<Enhanced>) -> bool {
    let Some((subject, detail)) = pattern.split_once('.') else { return true };
    let fits = |pattern: &str, number: u16| pattern == "*" || fits_digits(pattern, number);
    status.is_some_and(|it| fits(subject, it.subject) && fits(detail, it.detail))
}

/// `x` stands for any digit.
fn fits_digits(pattern: &str, number: u16) -> bool {
    let number = number.to_string();
    let same = |(place, digit): (u8, u8)| place == b'x' || place == digit;
    pattern.len() == number.len() && pattern.bytes().zip(number.bytes()).all(same)
}

/// One a row, where it has one.
type Patterns = Vec<Option<Regex>>;

/// Rows with their expressions compiled.
pub struct Table {
    pub rows: &'static [Row],
    patterns: LazyLock<Patterns>,
}

impl Table {
    pub const fn new(rows: &'static [Row], compile: fn() -> Patterns) -> Self {
        Self { rows, patterns: LazyLock::new(compile) }
    }

    /// The rows that match, by their numbers.
    pub fn matching(&self, heard: &Heard<'_>) -> impl Iterator<Item = usize> {
        let rows = self.rows.iter().zip(self.patterns.iter()).enumerate();
        rows.filter(move |(_, (row, pattern))| row.matches(pattern.as_ref(), heard))
            .map(|(index, _)| index)
    }

    /// The most specific one; of two that know as much, the upper.
    pub fn find(&self, heard: &Heard<'_>) -> usize {
        let best = self.matching(heard).reduce(|best, next| {
            if self.rows[next].knows() > self.rows[best].knows() { next } else { best }
        });
        best.expect("the last row of a table matches everything")
    }

    pub fn verdict(&self, heard: &Heard<'_>) -> &'static Verdict {
        &self.rows[self.find(heard)].verdict
    }
}

pub fn compile(rows: &[Row]) -> Patterns {
    let compiled = |row: &Row| {
        let pattern = RegexBuilder::new(row.text).case_insensitive(true).build();
        (!row.text.is_empty()).then(|| pattern.expect("a pattern of ours"))
    };
    rows.iter().map(compiled).collect()
}
