//! What the doctor found, as lines.

use textwrap::{Options, fill};

use super::count;
use crate::doctor::{Point, Verdict};

/// Beyond it lines are hard to read, whatever the terminal's width.
const WIDTH: usize = 100;

/// A line a point, the way out below it, and the sums.
pub fn points_text(points: &[Point]) -> String {
    let mut text = String::new();
    let width = points.iter().map(|point| point.area.len()).max().unwrap_or(0);
    let indent = " ".repeat(WORD + width + 4);
    for Point { area, verdict, says, mend } in points {
        let first = format!("{:WORD$}  {area:width$}  ", word(*verdict));
        text.push_str(&wrapped(says, &first, &indent));
        if let Some(mend) = mend {
            let below = format!("{indent}  ");
            text.push_str(&wrapped(mend, &format!("{indent}→ "), &below));
        }
    }
    let so_many = |verdict| points.iter().filter(|point| point.verdict == verdict).count() as u64;
    let (wrong, unknown) = (so_many(Verdict::Wrong), so_many(Verdict::Unknown));
    let wrong = match wrong {
        0 => "nothing is wrong".to_owned(),
        wrong => format!("{} to mend", count(wrong, "thing")),
    };
    let unknown = match unknown {
        0 => String::new(),
        unknown => format!(", {} without an answer", count(unknown, "question")),
    };
    text.push_str(&format!("\n{wrong}{unknown}, {}\n", count(so_many(Verdict::Note), "note")));
    text
}

/// Records have words that are longer than a line, and are copied whole.
fn wrapped(text: &str, first: &str, others: &str) -> String {
    let options = Options::new(WIDTH).initial_indent(first).subsequent_indent(others);
    fill(text, options.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation))
        + "\n"
}

/// The longest word of a verdict.
const WORD: usize = 5;

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "ok",
        Verdict::Note => "note",
        Verdict::Unknown => "?",
        Verdict::Wrong => "WRONG",
    }
}
