//! Charts: a block of a text becomes a [`Chart`], and that a [`Drawing`].
//!
//! It knows no Markdown, no theme's files and no format: it is handed the lines
//! of a block, the look of the house and a ruler for text, and answers with
//! findings and with marks on a plane. All formats draw the same marks, so a
//! label that keeps clear of a line does so in print, on the page and in mail.
//!
//! The surprise: a chart is drawn twice, [`Size::Wide`] and [`Size::Small`]. One
//! picture that a phone shrinks to its width would have letters that nobody
//! can read, so the small one has the same letters in less room.

mod bars;
mod block;
mod cells;
mod columns;
mod dots;
mod drawing;
mod frame;
mod legend;
mod lines;
mod look;
mod number;
mod rows;
mod scale;
mod sight;
mod svg;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::model::{Chart, ChartKind, Finding, Findings, Place};
pub use block::Block;
pub use drawing::{Drawing, Mark};
pub use look::{Look, Palette};
pub use number::Numerals;
pub use svg::svg;

/// The name of all findings about charts.
pub const RULE: &str = "chart";

/// The word after the fence that makes a block a chart.
pub const INFO: &str = "chart";

/// Marks beyond this are no longer told apart, by eye or by ear.
pub const MOST_SERIES: usize = 5;
/// Bars of one chart.
pub const MOST_BARS: usize = 60;
/// Rows of one chart: ten years by month.
pub const MOST_ROWS: usize = 120;

/// Lines of a block, or of a file of data, and where they stand.
pub struct Sheet<'s> {
    pub text: &'s str,
    /// The whole file, to show its line in a finding.
    pub source: &'s Arc<str>,
    /// The place of a line and column of `text`, both from 1.
    pub place: &'s dyn Fn(usize, usize) -> Place,
}

impl Sheet<'_> {
    /// A finding at a stretch of this sheet.
    pub fn wrong(&self, at: At, message: impl Into<String>, help: impl Into<String>) -> Finding {
        let place = (self.place)(at.line, at.column).spanning(at.length);
        Finding::error(RULE, place, message).help(help).source(self.source)
    }
}

/// A stretch of a line of a [`Sheet`]; line and column from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    line: usize,
    column: usize,
    length: usize,
}

/// How much room a chart has, in units of which its letters are
/// [`drawing::LETTER`] high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Wide,
    Small,
}

impl Size {
    fn width(self) -> f64 {
        match self {
            Self::Wide => 640.0,
            Self::Small => 360.0,
        }
    }

    /// The height of a plot that has an axis at its side.
    fn plot_height(self) -> f64 {
        match self {
            Self::Wide => 250.0,
            Self::Small => 220.0,
        }
    }
}

/// What it takes to write on a chart.
pub struct Pen<'p> {
    pub numerals: &'p Numerals,
    /// The width of a text in ems, in ordinary letters or in bold ones.
    pub measure: &'p dyn Fn(&str, bool) -> f64,
    /// What stands where a number is not known.
    pub missing: &'p str,
}

/// The marks of a chart.
pub fn draw(chart: &Chart, size: Size, pen: &Pen<'_>) -> Drawing {
    match chart.kind {
        ChartKind::Line => lines::draw(chart, size, pen),
        ChartKind::Dot => dots::draw(chart, size, pen),
        ChartKind::Bar | ChartKind::Stacked if chart.is_over_time() => {
            columns::draw(chart, size, pen)
        }
        ChartKind::Bar | ChartKind::Stacked => bars::draw(chart, size, pen),
    }
}

/// All that is wrong with a chart, gathered while it is read.
struct Told<'t, 's> {
    sheet: &'t Sheet<'s>,
    findings: &'t mut Findings,
}

impl Told<'_, '_> {
    fn wrong(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        let finding = self.sheet.wrong(at, message, help);
        self.findings.push(finding);
    }
}
