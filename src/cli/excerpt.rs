//! The line that a finding is about, with its neighbours, as a terminal can
//! show it.
//!
//! Handed to miette in place of the file, because miette would read the file
//! from its start for each finding, and counts columns in bytes.
//!
//! Analysts write a paragraph as one line. Shown whole it would fill a screen,
//! and the mark below it would stand rows away from what it marks; so of a long
//! line only the part around the mark is shown, between dots.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};

use hlas::model::Finding;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Characters of a line that are shown; with the numbers beside it a row of 100.
const WIDTH: usize = 88;
/// Of them before the mark, where there are more.
const BEFORE: usize = 32;

#[derive(Debug)]
pub struct Excerpt {
    name: String,
    text: String,
    /// Of the first line of `text`, from 0.
    first_line: usize,
    /// Of the finding in the file, from 0.
    line: usize,
    column: usize,
    /// The bytes of `text` that are meant.
    span: SourceSpan,
}

impl Excerpt {
    /// Around a finding in `text`, which is all of its file.
    pub fn new(finding: &Finding, text: &str) -> Option<Self> {
        let meant = around(finding);
        Self::of(finding, text.lines().enumerate().skip(meant.start).take(meant.len()))
    }

    /// Of the lines [`around`] a finding, numbered from 0.
    fn of<'t>(finding: &Finding, text: impl Iterator<Item = (usize, &'t str)>) -> Option<Self> {
        let place = &finding.place;
        let (line, column) = (place.line - 1, place.column - 1);
        let first_line = around(finding).start;
        let mut lines: Vec<String> = Vec::new();
        let mut span = None;
        for (index, written) in text {
            let meant = if index == line { column..column + place.length } else { 0..0 };
            let (shown, marked) = part(written, meant);
            let before: usize = lines.iter().map(|line| line.len() + 1).sum();
            if index == line {
                span = Some((before + marked.start, marked.len()).into());
            }
            lines.push(shown);
        }
        let name = place.file.display().to_string();
        Some(Self { name, text: lines.join("\n"), first_line, line, column, span: span? })
    }

    pub fn span(&self) -> SourceSpan {
        self.span
    }
}

/// A finding's line, from 0, with its neighbours; of the first line, both that
/// follow.
fn around(finding: &Finding) -> Range<usize> {
    let first = finding.place.line.saturating_sub(2);
    first..first + 3
}

/// The lines around findings that came without their text. Each file is read
/// once, and let go as it is read: it may be a list of a million.
#[derive(Debug)]
pub struct Excerpts(BTreeMap<PathBuf, BTreeMap<usize, String>>);

impl Excerpts {
    /// Of files in the folder `root`.
    pub fn read(findings: &[Finding], root: &Path) -> Self {
        let mut meant: BTreeMap<&Path, BTreeSet<usize>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.source.is_none()) {
            meant.entry(&finding.place.file).or_default().extend(around(finding));
        }
        // A finding about the whole of a picture has no line to show.
        let lines = |file: &Path, meant| lines(&root.join(file), &meant).unwrap_or_default();
        Self(meant.into_iter().map(|(file, meant)| (file.into(), lines(file, meant))).collect())
    }

    pub fn of(&self, finding: &Finding) -> Option<Excerpt> {
        let lines = self.0.get(&finding.place.file)?.range(around(finding));
        Excerpt::of(finding, lines.map(|(number, line)| (*number, line.as_str())))
    }
}

/// Some lines of a file, which is text to its end.
fn lines(file: &Path, meant: &BTreeSet<usize>) -> io::Result<BTreeMap<usize, String>> {
    let mut lines = BTreeMap::new();
    for (number, line) in BufReader::new(File::open(file)?).lines().enumerate() {
        let line = line?;
        if meant.contains(&number) {
            // A byte order mark is no part of the text.
            lines.insert(number, line.trim_start_matches('\u{feff}').to_owned());
        }
    }
    Ok(lines)
}

/// As much of a line as is shown, and the bytes in that of the characters
/// `meant`.
fn part(line: &str, meant: Range<usize>) -> (String, Range<usize>) {
    let characters: Vec<char> = line.chars().map(printable).collect();
    let all = characters.len();
    let meant = meant.start.min(all)..meant.end.min(all);
    let (from, to) = if all <= WIDTH {
        (0, all)
    } else if meant.end + 2 <= WIDTH {
        (0, word_end(&characters, meant.end, WIDTH))
    } else {
        let from = meant.start.saturating_sub(BEFORE).min(all - WIDTH);
        let from = word_start(&characters, from, meant.start);
        (from, word_end(&characters, meant.end, (from + WIDTH).min(all)))
    };
    let text = |range: Range<usize>| characters[range].iter().collect::<String>();
    let dots = if from > 0 { "… " } else { "" };
    let more = if to < all { " …" } else { "" };
    let start = dots.len() + text(from..meant.start).len();
    let marked = start..start + text(meant.start..meant.end.min(to)).len();
    (format!("{dots}{}{more}", text(from..to)), marked)
}

/// What a file says goes to no terminal as an order: a carriage return in it
/// would write over the line, an escape do whatever it likes.
pub fn printable(c: char) -> char {
    if c.is_control() && !matches!(c, '\t' | '\n') { char::REPLACEMENT_CHARACTER } else { c }
}

/// Where the first word after `from` begins, but not after `last`.
fn word_start(characters: &[char], from: usize, last: usize) -> usize {
    let is_start = |at: &usize| *at == 0 || characters[at - 1].is_whitespace();
    (from..=last).find(is_start).unwrap_or(from)
}

/// Where the last word before `to` ends, but not before `first`. A mark that
/// goes on behind `to` ends at a word too, if one ends near.
fn word_end(characters: &[char], first: usize, to: usize) -> usize {
    const LONG_WORD: usize = 24;
    if to == characters.len() {
        return to;
    }
    let first = if first <= to { first } else { to.saturating_sub(LONG_WORD) };
    let is_end = |at: &usize| characters[*at].is_whitespace();
    (first..=to).rev().find(is_end).unwrap_or(to)
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Asked for the finding alone, miette wants its line and column; asked
        // for what is around it, the line of the first character.
        let alone = before + after == 0;
        let (line, column) = if alone { (self.line, self.column) } else { (self.first_line, 0) };
        let (whole, count) = ((0, self.text.len()).into(), self.text.lines().count());
        let (name, data) = (self.name.clone(), self.text.as_bytes());
        Ok(Box::new(MietteSpanContents::new_named(name, data, whole, line, column, count)))
    }
}

#[cfg(test)]
mod tests {
    use hlas::model::Place;

    use super::*;

    /// What is shown of a line, with the mark between brackets.
    fn shown(line: &str, meant: &str) -> String {
        let byte = line.find(meant).expect("it stands there");
        let from = line[..byte].chars().count();
        let (text, marked) = part(line, from..from + meant.chars().count());
        format!("{}[{}]{}", &text[..marked.start], &text[marked.clone()], &text[marked.end..])
    }

    #[test]
    fn what_would_order_the_terminal_about_is_shown_as_a_sign() {
        let line = "email\rjana\t\u{1b}[2Jnová";
        assert_eq!(shown(line, "nová"), "email\u{fffd}jana\t\u{fffd}[2J[nová]");
    }

    #[test]
    fn lines_of_findings_that_came_without_a_text_are_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes);
        write("a.csv", "\u{feff}email\r\nšpatně\r\na@example.org\r\nb".as_bytes()).unwrap();
        write("a.gif", b"GIF89a\n\x80").unwrap();
        let places = [("a.csv", 1), ("a.csv", 2), ("a.csv", 4), ("a.csv", 9), ("a.gif", 1)];
        let at = |(file, line)| Finding::error("list", Place::new(file, line, 1), "wrong");
        let findings = places.map(at);
        let excerpts = Excerpts::read(&findings, folder.path());
        let shown = findings.iter().map(|it| Some(excerpts.of(it)?.text)).collect::<Vec<_>>();
        let all = Some("email\nšpatně\na@example.org".to_owned());
        assert_eq!(shown, [all.clone(), all, Some("a@example.org\nb".to_owned()), None, None]);
    }

    #[test]
    fn a_short_line_is_shown_whole() {
        assert_eq!(shown("Žádost se podává zde.", "zde"), "Žádost se podává [zde].");
    }

    #[test]
    fn of_a_paragraph_in_one_line_the_words_around_are_shown() {
        let rest = "a tak dále a tak dále ".repeat(20);
        let line = format!("Úvod {rest}čtěte zde, neboť {rest}konec.");
        assert_eq!(
            shown(&line, "zde"),
            "… a tak dále a tak dále čtěte [zde], neboť a tak dále a tak dále a tak dále a tak dále a tak …"
        );
        assert_eq!(
            shown(&line, "Úvod"),
            "[Úvod] a tak dále a tak dále a tak dále a tak dále a tak dále a tak dále a tak dále a tak …"
        );
        assert!(shown(&line, "konec").ends_with(" dále [konec]."));
    }

    #[test]
    fn a_mark_longer_than_a_row_goes_to_its_end() {
        let line = format!("title: {}", "příliš žluťoučký ".repeat(10));
        let value = line.trim_start_matches("title: ").trim_end();
        let shown = shown(&line, value);
        assert!(shown.starts_with("title: [příliš") && shown.ends_with("] …"), "{shown}");
        assert!(shown.chars().count() <= WIDTH + 4, "{shown}");
        let word = "x".repeat(300);
        let (text, marked) = part(&word, 0..300);
        assert_eq!((text.chars().count(), marked), (WIDTH + 2, 0..WIDTH));
    }
}
