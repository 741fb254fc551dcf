//! A list on its way from the disk to the CSV parser, a line at a time.
//!
//! A list of a million is never in memory as a text: the parser is handed one
//! line at a time, and what stays is the line that its row begins in, for the
//! columns of findings. Each line has been found to be UTF-8 before it goes on.

use std::io::{self, BufRead, Read};
use std::path::Path;

use super::encoding::{utf8, without_mark};
use crate::model::Finding;

/// The lines of a file, from the one in which the row at hand begins.
pub struct Lines<'f, R> {
    file: &'f Path,
    from: R,
    /// What was read and may still be asked for, from the start of a line.
    kept: String,
    /// How many bytes of `kept` the parser has.
    given: usize,
    /// Where in the text `kept` begins: its byte from 0, and its line from 1.
    offset: u64,
    line: usize,
    /// How many lines were read.
    read: usize,
    /// The first line that is not UTF-8; the text ends before it.
    broken: Option<Finding>,
}

impl<'f, R: BufRead> Lines<'f, R> {
    /// The lines of `file`, of which the first is at hand.
    pub fn new(file: &'f Path, from: R) -> io::Result<Self> {
        let mut lines = Self {
            file,
            from,
            kept: String::new(),
            given: 0,
            offset: 0,
            line: 1,
            read: 0,
            broken: None,
        };
        lines.next()?;
        Ok(lines)
    }

    fn next(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        if self.broken.is_none() {
            self.from.read_until(b'\n', &mut bytes)?;
        }
        let is_first = self.read == 0;
        let marked = if is_first { without_mark(self.file, &bytes) } else { Ok(&*bytes) };
        match marked.and_then(|bytes| utf8(self.file, bytes)) {
            Ok(text) => self.kept.push_str(text),
            Err(mut finding) => {
                finding.place.line = self.read + 1;
                self.broken = Some(finding);
            }
        }
        self.read += 1;
        Ok(())
    }

    /// Why there is no text beyond what was read.
    pub fn broken(self) -> Option<Finding> {
        self.broken
    }
}

impl<R> Lines<'_, R> {
    /// The line that is kept.
    pub fn text(&self) -> &str {
        self.kept.lines().next().unwrap_or("")
    }

    /// The line, from 1, of the first character at or after byte `offset` that
    /// ends no line. Lines before it are let go, so offsets must not decrease.
    /// (The csv crate's own count is off by one where lines end in CRLF, as in
    /// every file from Excel.)
    pub fn at(&mut self, offset: u64) -> usize {
        let start = usize::try_from(offset.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let start = start.min(self.kept.len());
        let row = &self.kept[start..];
        let start = start + row.len() - row.trim_start_matches(['\r', '\n']).len();
        let passed = self.kept[..start].rfind('\n').map_or(0, |end| end + 1);
        self.line += self.kept[..passed].matches('\n').count();
        self.kept.drain(..passed);
        self.given -= passed;
        self.offset += passed as u64;
        self.line
    }
}

impl<R: BufRead> Read for Lines<'_, R> {
    /// Never more than one line, so that little is kept beyond the row at hand.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.kept.len() {
            self.next()?;
        }
        let given = (&self.kept.as_bytes()[self.given..]).read(buffer)?;
        self.given += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_the_row_at_hand_and_the_next() {
        let text = "příliš žluťoučký kůň\r\n".repeat(5_000);
        let mut lines = Lines::new(Path::new("a.csv"), text.as_bytes()).unwrap();
        let (mut buffer, mut given) = ([0; 16], 0);
        loop {
            let more = lines.read(&mut buffer).unwrap();
            if more == 0 {
                break;
            }
            lines.at(given);
            given += more as u64;
            assert!(lines.kept.len() <= 2 * 28 && lines.kept.capacity() < 200);
        }
        assert_eq!(given, text.len() as u64);
        assert_eq!((lines.at(given), lines.broken()), (5_001, None));
    }
}
