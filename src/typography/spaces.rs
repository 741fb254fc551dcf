//! Spaces that must not become the end of a line.
//!
//! Only a single ordinary space between two words is looked at: two in a row
//! would show as two once one of them cannot be collapsed.

use super::words::{Word, Words};
use super::{Edit, Kind, NBSP, OPAQUE, Style, Typography, czech, english, numbers};

pub fn edits(words: &Words<'_>, typography: &Typography, edits: &mut Vec<Edit>) {
    for index in 0..words.words.len() {
        if words.gap(index) != " " {
            continue;
        }
        let at = words.words[index].end();
        let pair = Pair { words, index };
        if let Some(kind) = pair.kind(typography)
            && !words.is_frozen(at)
        {
            edits.push(Edit { range: at..at + 1, with: NBSP, kind });
        }
    }
}

/// Two neighbours, and what stands around them.
pub struct Pair<'w, 't> {
    words: &'w Words<'t>,
    index: usize,
}

impl<'w, 't> Pair<'w, 't> {
    pub fn left(&self) -> &'w Word<'t> {
        &self.words.words[self.index]
    }

    pub fn right(&self) -> &'w Word<'t> {
        &self.words.words[self.index + 1]
    }

    /// The word before the left one.
    pub fn before(&self) -> Option<&'w Word<'t>> {
        self.words.before(self.index)
    }

    /// The word after the right one.
    pub fn after(&self) -> Option<&'w Word<'t>> {
        self.words.words.get(self.index + 2)
    }

    /// Whether the left word begins a sentence.
    fn begins_sentence(&self) -> bool {
        let left = self.left();
        left.head.len() < left.whole.len()
            || self.before().is_none_or(Word::ends_sentence)
            || self.words.gap(self.index.saturating_sub(1)).contains('\n')
    }

    /// Whether the right word says something: `a + b` does not hold together.
    fn right_is_word(&self) -> bool {
        let first = self.right().core.chars().next();
        first.is_some_and(|c| c.is_alphanumeric() || c == OPAQUE || c == '§')
    }

    fn kind(&self, typography: &Typography) -> Option<Kind> {
        let (left, right) = (self.left(), self.right());
        // What is bound to an address makes one word of it that fits no line.
        if left.is_code || right.is_code {
            return None;
        }
        if self.binds(&typography.bind) {
            return Some(Kind::ShortWord);
        }
        if numbers::digits(left, right) {
            return Some(Kind::Digits);
        }
        if numbers::unit(left, right) {
            return Some(Kind::Unit);
        }
        if matches!(left.head, "§" | "§§") && right.starts_with_digit() {
            return Some(Kind::Reference);
        }
        match typography.style {
            Style::Czech => czech::kind(self),
            Style::English => english::kind(self),
            Style::Other => None,
        }
    }

    /// Whether the left word is one that does not end a line.
    fn binds(&self, words: &[String]) -> bool {
        let word = self.left().head;
        let longest = words.iter().map(String::len).max().unwrap_or(0);
        if word.len() > longest || !word.chars().all(char::is_alphabetic) || !self.right_is_word() {
            return false;
        }
        let known = words.iter().any(|known| *known == word || *known == word.to_lowercase());
        known && !self.is_label(word)
    }

    /// `skupina A dostala`, `vitamin K je`: a letter that is a name. At the
    /// start of a sentence it is a word, and in `dům U Zvonu` it is, too.
    fn is_label(&self, word: &str) -> bool {
        let mut letters = word.chars();
        let (Some(letter), None) = (letters.next(), letters.next()) else { return false };
        if letter.is_lowercase() {
            return self.before().is_some_and(|before| matches!(before.bare(), "písm" | "ad"));
        }
        let place_name = !matches!(letter, 'A' | 'I') && self.right().starts_upper();
        !self.begins_sentence() && !place_name
    }
}
