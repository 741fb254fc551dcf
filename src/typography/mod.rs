//! Typography that analysts will not do by hand: quotation marks, dashes,
//! ellipses, and spaces that must not become the end of a line.
//!
//! Czech after ČSN 01 6910 and the *Internetová jazyková příručka* of the
//! Czech Language Institute, English after common British practice; in other
//! languages only what all of them share. It refuses to change words: letters
//! and digits stay as they are, and so does all that looks like code.
//!
//! The surprise: nothing is inserted and nothing is joined. Where an author
//! wrote no space (`5%`, `s.r.o.`) there is none after; every change puts one
//! character in the place of what stood there. So whoever has the text in
//! pieces (`render::markdown`) can put the changes back into the pieces.

mod czech;
mod dashes;
mod dots;
mod english;
mod numbers;
mod quotes;
mod spaces;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use serde::Serialize;

use crate::model::{Language, Workspace};
use words::Words;

/// The non-breaking space, U+00A0.
pub const NBSP: char = '\u{a0}';
/// Stands for what is no text inside a text: code, a picture, a footnote mark.
pub const OPAQUE: char = '\u{fffc}';

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Quote,
    Apostrophe,
    Dash,
    Ellipsis,
    /// The space after a one-letter preposition or conjunction.
    ShortWord,
    /// The space between a number and its unit, sign or counted noun.
    Unit,
    /// The space in `12 345`.
    Digits,
    Date,
    Ordinal,
    /// The space after a title or an initial.
    Name,
    /// The space in `§ 42`, `odst. 1`, `č. 325/1999 Sb.`.
    Reference,
    /// The space inside or after an abbreviation: `a. s.`, `tzv. …`.
    Abbreviation,
    /// The space before a dash, which must not begin a line.
    BeforeDash,
}

impl Kind {
    /// What a person reads as the heading over such changes.
    pub fn title(self) -> &'static str {
        match self {
            Self::Quote => "quotation marks",
            Self::Apostrophe => "apostrophes",
            Self::Dash => "dashes",
            Self::Ellipsis => "ellipses",
            Self::ShortWord => "spaces after one-letter words",
            Self::Unit => "spaces between number and unit",
            Self::Digits => "spaces in long numbers",
            Self::Date => "spaces in dates",
            Self::Ordinal => "spaces after ordinal numbers",
            Self::Name => "spaces after titles and initials",
            Self::Reference => "spaces in references to laws, pages and numbers",
            Self::Abbreviation => "spaces in and after abbreviations",
            Self::BeforeDash => "spaces before dashes",
        }
    }
}

/// One character in the place of what stood at `range` (bytes of the text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub range: Range<usize>,
    pub with: char,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Czech,
    English,
    Other,
}

/// The rules of one language, as a house has them.
#[derive(Debug, Clone)]
pub struct Typography {
    style: Style,
    /// Words that stay with the next one, in lower case.
    bind: Vec<String>,
}

impl Typography {
    pub fn new(language: &Language, workspace: &Workspace) -> Self {
        let bind = workspace.typography.bind.0.get(language);
        Self::binding(language, bind.map(Vec::as_slice).unwrap_or_default())
    }

    /// The rules of a language with the words that it does not leave at the
    /// end of a line.
    pub fn binding(language: &Language, words: &[String]) -> Self {
        let style = match language.as_str().split('-').next() {
            Some("cs") => Style::Czech,
            Some("en") => Style::English,
            _ => Style::Other,
        };
        Self { style, bind: words.iter().map(|word| word.to_lowercase()).collect() }
    }

    /// What has to change in one block of text, in order, never overlapping.
    pub fn edits(&self, text: &str) -> Vec<Edit> {
        let words = Words::of(text);
        let mut edits = Vec::new();
        quotes::edits(&words, self.style, &mut edits);
        dots::edits(&words, &mut edits);
        if self.style != Style::Other {
            dashes::edits(&words, &self.bind, &mut edits);
        }
        spaces::edits(&words, self, &mut edits);
        edits.sort_by_key(|edit| edit.range.start);
        edits
    }

    /// One block of text, set.
    pub fn set<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let edits = self.edits(text);
        if edits.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(apply(text, &edits)) }
    }
}

/// A text with its edits made.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut set = String::with_capacity(text.len() + 2 * edits.len());
    let mut done = 0;
    for edit in edits {
        set.push_str(&text[done..edit.range.start]);
        set.push(edit.with);
        done = edit.range.end;
    }
    set.push_str(&text[done..]);
    set
}
