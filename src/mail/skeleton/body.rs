//! The MIME parts, encoded, with the lines that have holes left open.

use std::borrow::Cow;
use std::ops::Range;

use lettre::message::Body as Encoded;
use lettre::message::header::ContentTransferEncoding;

use crate::mail::compose::{ComposeError, line_feeds, longest_line, parts};
use crate::mail::dkim::{BodyHash, relaxed_body};
use crate::mail::personal::{Personal, Values};
use crate::model::FrozenEdition;
use crate::model::hole::{Stretch, stretches};

/// Stand for the two parts while lettre puts the MIME around them. No name of
/// a file comes before either, so the first to be found is the right one.
const TEXT: &str = "{{the text}}";
const PAGE: &str = "{{the page}}";

pub(super) struct Body {
    pieces: Vec<Piece>,
    is_ascii: bool,
}

enum Piece {
    /// Whole lines, encoded.
    Everybodys(Static),
    /// One line, with its end if it has one, as it was written.
    Personal(Format, Vec<Bit>),
}

struct Static {
    bytes: Vec<u8>,
    /// As DKIM hashes them, where that is different.
    relaxed: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Html,
}

/// A stretch that a skeleton owns.
enum Bit {
    Text(String),
    Hole(String),
}

impl Body {
    pub fn of(edition: &FrozenEdition) -> Result<Self, ComposeError> {
        let mime = parts(edition, TEXT.to_owned(), PAGE.to_owned())?.formatted();
        let mime = String::from_utf8(mime).map_err(|_| ComposeError::NotSevenBit)?;
        // The headers of the outermost part belong to the message's.
        let (_, mime) = mime.split_once("\r\n\r\n").ok_or(ComposeError::LooseLineEnd)?;
        let (before, rest) = mime.split_once(TEXT).ok_or(ComposeError::LooseLineEnd)?;
        let (between, after) = rest.split_once(PAGE).ok_or(ComposeError::LooseLineEnd)?;

        let mut gather = Gather { pieces: Vec::new(), open: before.to_owned() };
        gather.part(Format::Text, &edition.text);
        gather.open.push_str(between);
        gather.part(Format::Html, &edition.html);
        gather.open.push_str(after);
        gather.close();
        let pieces = gather.pieces;
        for piece in &pieces {
            if let Piece::Everybodys(fixed) = piece {
                measure(&fixed.bytes)?;
            }
        }
        let is_ascii = pieces.iter().all(|piece| match piece {
            Piece::Everybodys(fixed) => fixed.bytes.is_ascii(),
            Piece::Personal(..) => true,
        });
        Ok(Self { pieces, is_ascii })
    }

    pub fn filled(&self, personal: &Personal) -> Result<Filled<'_>, ComposeError> {
        let (as_text, as_html) = (personal.as_text(), personal.as_html());
        let mut filled = Filled { body: self, personal: Vec::with_capacity(2048), lines: vec![] };
        for piece in &self.pieces {
            let Piece::Personal(format, bits) = piece else { continue };
            let values = match format {
                Format::Text => &as_text,
                Format::Html => &as_html,
            };
            let start = filled.personal.len();
            filled.personal.extend(quoted_printable(with_holes_filled(bits, values)));
            filled.lines.push(start..filled.personal.len());
            measure(&filled.personal[start..])?;
        }
        Ok(filled)
    }
}

/// The body of one message: the skeleton's pieces and the reader's lines.
pub(super) struct Filled<'b> {
    body: &'b Body,
    /// The reader's lines, one after the other.
    personal: Vec<u8>,
    /// Where each stands in `personal`.
    lines: Vec<Range<usize>>,
}

impl Filled<'_> {
    pub fn is_ascii(&self) -> bool {
        self.body.is_ascii && self.personal.is_ascii()
    }

    pub fn len(&self) -> usize {
        let fixed = self.body.pieces.iter().map(|piece| match piece {
            Piece::Everybodys(fixed) => fixed.bytes.len(),
            Piece::Personal(..) => 0,
        });
        fixed.sum::<usize>() + self.personal.len()
    }

    pub fn write(&self, bytes: &mut Vec<u8>) {
        let mut lines = self.lines.iter();
        for piece in &self.body.pieces {
            match piece {
                Piece::Everybodys(fixed) => bytes.extend_from_slice(&fixed.bytes),
                Piece::Personal(..) => {
                    bytes.extend_from_slice(
                        lines.next().map_or(&[], |it| &self.personal[it.clone()]),
                    );
                }
            }
        }
    }

    /// Each piece in its canonical form by itself: every one begins a line,
    /// and none ends in a blank, since quoted-printable lets no line do so.
    pub fn hash(&self) -> BodyHash {
        let mut lines = self.lines.iter();
        BodyHash::of(self.body.pieces.iter().map(|piece| match piece {
            Piece::Everybodys(fixed) => {
                Cow::Borrowed(fixed.relaxed.as_deref().unwrap_or(&fixed.bytes))
            }
            Piece::Personal(..) => {
                relaxed_body(lines.next().map_or(&[], |it| &self.personal[it.clone()]))
            }
        }))
    }
}

/// Puts pieces in a row, running together those that are everybody's.
struct Gather {
    pieces: Vec<Piece>,
    open: String,
}

impl Gather {
    fn part(&mut self, format: Format, written: &str) {
        let mut plain = String::new();
        for line in lines(written) {
            if line.iter().any(|bit| matches!(bit, Bit::Hole(_))) {
                self.plain(&mut plain);
                self.close();
                self.pieces.push(Piece::Personal(format, line));
            } else {
                plain.extend(line.iter().map(|bit| match bit {
                    Bit::Text(text) | Bit::Hole(text) => text.as_str(),
                }));
            }
        }
        self.plain(&mut plain);
    }

    fn plain(&mut self, written: &mut String) {
        let encoded = quoted_printable(std::mem::take(written));
        self.open.push_str(&String::from_utf8_lossy(&encoded));
    }

    fn close(&mut self) {
        let bytes = std::mem::take(&mut self.open).into_bytes();
        if bytes.is_empty() {
            return;
        }
        let relaxed = match relaxed_body(&bytes) {
            Cow::Owned(relaxed) => Some(relaxed),
            Cow::Borrowed(_) => None,
        };
        self.pieces.push(Piece::Everybodys(Static { bytes, relaxed }));
    }
}

/// A part cut into lines, each with its end, each cut at its holes.
fn lines(written: &str) -> Vec<Vec<Bit>> {
    let mut lines = vec![Vec::new()];
    for stretch in stretches(written) {
        match stretch {
            Stretch::Hole(name) => last(&mut lines).push(Bit::Hole(name.to_owned())),
            Stretch::Text(text) => {
                for line in text.split_inclusive('\n') {
                    last(&mut lines).push(Bit::Text(line.to_owned()));
                    if line.ends_with('\n') {
                        lines.push(Vec::new());
                    }
                }
            }
        }
    }
    lines
}

fn last(lines: &mut [Vec<Bit>]) -> &mut Vec<Bit> {
    lines.last_mut().expect("there is a line from the beginning")
}

fn with_holes_filled(bits: &[Bit], values: &Values<'_>) -> String {
    let mut line = String::with_capacity(512);
    for bit in bits {
        line.push_str(match bit {
            Bit::Text(text) => text,
            Bit::Hole(name) => values.of(name).unwrap_or(""),
        });
    }
    line
}

/// By lettre, as in every other part.
fn quoted_printable(text: String) -> Vec<u8> {
    let encoding = ContentTransferEncoding::QuotedPrintable;
    Encoded::new_with_encoding(line_feeds(text), encoding)
        .expect("quoted-printable takes any text")
        .into_vec()
}

/// A piece may end within a line: the last of a part, which has no end.
fn measure(piece: &[u8]) -> Result<(), ComposeError> {
    match piece.strip_suffix(b"\r\n") {
        Some(_) => longest_line(piece).map(drop),
        None => longest_line(&[piece, b"\r\n"].concat()).map(drop),
    }
}
