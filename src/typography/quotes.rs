//! Quotation marks and apostrophes.
//!
//! Marks are first paired over the whole block, then drawn: „…“ and ‚…‘ in
//! Czech, “…” and ‘…’ in English. A mark without a partner is left as typed,
//! for it may be a mistake or mean inches. Marks that were right are kept, and
//! wrong ones (“…” in Czech) are mended only as pairs.
//!
//! The surprise: whether a mark opens or closes is told by the nearest
//! character that is no mark itself, so `"'Ano', řekla"` needs no special case
//! and a text set once is judged the same again.

use super::words::Words;
use super::{Edit, Kind, OPAQUE, Style};

const DOUBLE: [char; 4] = ['"', '„', '“', '”'];
const SINGLE: [char; 4] = ['\'', '‚', '‘', '’'];

/// English words that begin with an apostrophe.
const ELIDED: [&str; 9] = ["tis", "twas", "til", "em", "cause", "n", "round", "bout", "cos"];

/// One quotation mark.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: usize,
    glyph: char,
    opens: bool,
    closes: bool,
    /// Index of its partner.
    partner: Option<usize>,
}

impl Mark {
    fn is_double(&self) -> bool {
        DOUBLE.contains(&self.glyph)
    }

    fn is_straight(&self) -> bool {
        matches!(self.glyph, '"' | '\'')
    }
}

pub fn edits(words: &Words<'_>, style: Style, edits: &mut Vec<Edit>) {
    let mut marks = marks(words, style, edits);
    pair(&mut marks);
    if style != Style::Other {
        draw(&marks, words.text, style, edits);
    }
}

fn edit(mark: &Mark, with: char, kind: Kind, edits: &mut Vec<Edit>) {
    if mark.glyph != with {
        edits.push(Edit { range: mark.at..mark.at + mark.glyph.len_utf8(), with, kind });
    }
}

/// All marks that may be quotation marks; apostrophes are dealt with at once.
fn marks(words: &Words<'_>, style: Style, edits: &mut Vec<Edit>) -> Vec<Mark> {
    let is_mark = |c: char| DOUBLE.contains(&c) || SINGLE.contains(&c);
    let mut marks = Vec::new();
    for (at, glyph) in words.text.match_indices(is_mark) {
        if words.is_frozen(at) {
            continue;
        }
        let rest = &words.text[at + glyph.len()..];
        let glyph = glyph.chars().next().unwrap_or('"');
        let (last, first) = (words.text[..at].chars().next_back(), rest.chars().next());
        let mut mark = Mark { at, glyph, opens: false, closes: false, partner: None };
        if SINGLE.contains(&glyph) && is_apostrophe(last, first) {
            if glyph == '\'' {
                edit(&mark, '’', Kind::Apostrophe, edits);
            }
            continue;
        }
        let last = words.text[..at].chars().rev().find(|c| !is_mark(*c));
        let first = rest.chars().find(|c| !is_mark(*c));
        if matches!(glyph, '\'' | '’') && style == Style::English && is_elision(last, rest) {
            edit(&mark, '’', Kind::Apostrophe, edits);
            continue;
        }
        mark.opens = opens(last, first) || matches!(glyph, '„' | '‚');
        mark.closes = !matches!(glyph, '„' | '‚') && closes(last, first);
        marks.push(mark);
    }
    marks
}

/// Between letters: `don't`, `d'Artagnan`, `1990's`; not `5'10"`.
fn is_apostrophe(last: Option<char>, first: Option<char>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    letter(first) && (letter(last) || (digit(last) && first == Some('s')))
}

/// `'90s`, `'tis`.
fn is_elision(last: Option<char>, rest: &str) -> bool {
    if last.is_some_and(|last| !last.is_whitespace() && !matches!(last, '(' | '–' | '—')) {
        return false;
    }
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let word = &rest[..end];
    let decade = word.strip_suffix('s').unwrap_or(word);
    let decade = decade.len() == 2 && decade.bytes().all(|byte| byte.is_ascii_digit());
    decade || ELIDED.contains(&word.to_ascii_lowercase().as_str())
}

fn opens(last: Option<char>, first: Option<char>) -> bool {
    let before = last
        .is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '–' | '—' | '/' | '«'));
    before
        && first.is_some_and(|c| {
            !c.is_whitespace()
                && !matches!(c, ',' | ';' | ':' | '!' | '?' | ')' | ']' | '}' | '–' | '—')
        })
}

fn closes(last: Option<char>, first: Option<char>) -> bool {
    let after = first.is_none_or(|c| {
        c.is_whitespace()
            || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '}' | '…' | '-' | '–')
            || matches!(c, '—' | '/' | '»' | OPAQUE)
    });
    after && last.is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | '[' | '{'))
}

/// Finds the partner of each mark. A double mark may enclose single ones that
/// have none, but not the other way round: those are apostrophes.
fn pair(marks: &mut [Mark]) {
    let mut open: Vec<usize> = Vec::new();
    for index in 0..marks.len() {
        let mark = marks[index];
        let top = open.iter().rposition(|it| {
            let other = &marks[*it];
            other.is_double() == mark.is_double() || (!mark.is_double() && other.is_double())
        });
        let partner = top.filter(|at| {
            marks[open[*at]].is_double() == mark.is_double() && suit(&marks[open[*at]], &mark)
        });
        match partner {
            Some(at) if mark.closes => {
                marks[index].partner = Some(open[at]);
                marks[open[at]].partner = Some(index);
                open.truncate(at);
            }
            _ if mark.opens => open.push(index),
            _ => {}
        }
    }
}

/// An apostrophe alone closes nothing but ‘ or ‚.
fn suit(open: &Mark, close: &Mark) -> bool {
    close.glyph != '’' || open.glyph != '\'' || open.is_double()
}

fn draw(marks: &[Mark], text: &str, style: Style, edits: &mut Vec<Edit>) {
    // Ends of the pairs around the mark, with whether they are double.
    let mut around: Vec<(usize, bool)> = Vec::new();
    for (index, mark) in marks.iter().enumerate() {
        around.retain(|(end, _)| *end > index);
        let Some(partner) = mark.partner else {
            alone(mark, text, style, edits);
            continue;
        };
        if partner < index {
            continue;
        }
        let close = &marks[partner];
        let nested = around.iter().filter(|(_, double)| *double).count() % 2 == 1;
        let straight = mark.is_straight() && close.is_straight();
        let double = mark.is_double() && !(nested && straight);
        around.push((partner, double));
        match style {
            Style::Czech => {
                let (left, right) = if double { ('„', '“') } else { ('‚', '‘') };
                edit(mark, left, Kind::Quote, edits);
                edit(close, right, Kind::Quote, edits);
            }
            _ => {
                let (left, right) = if double { ('“', '”') } else { ('‘', '’') };
                if mark.is_straight() {
                    edit(mark, left, Kind::Quote, edits);
                }
                if close.is_straight() && !matches!(mark.glyph, '„' | '‚') {
                    edit(close, right, Kind::Quote, edits);
                }
            }
        }
    }
}

/// A mark without a partner: in English `the dogs' bones`, and the first mark
/// of a paragraph, for a quotation of several paragraphs opens each of them.
fn alone(mark: &Mark, text: &str, style: Style, edits: &mut Vec<Edit>) {
    if style != Style::English {
        return;
    }
    let possessive = text[..mark.at].ends_with(char::is_alphabetic);
    if mark.glyph == '\'' && mark.closes && possessive {
        edit(mark, '’', Kind::Apostrophe, edits);
    }
    if mark.glyph == '"' && mark.opens && mark.at == 0 {
        edit(mark, '“', Kind::Quote, edits);
    }
}
