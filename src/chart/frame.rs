//! What all kinds of charts share: measured text, labels that wrap, textures.

use super::drawing::{Anchor, Drawing, Ink, LETTER, LINE, MIDDLE, Mark, rounded};
use super::legend;
use super::{Pen, Size};
use crate::model::Chart;

/// Browsers may have to set the text in a wider family than the one that it is
/// measured in: digits and spaces of Arial run to a sixth more than Source Sans.
const SLACK: f64 = 1.16;

/// A chart on its way to being drawn.
pub struct Frame<'f> {
    pub chart: &'f Chart,
    pub pen: &'f Pen<'f>,
    pub drawing: Drawing,
    decimals: usize,
}

impl<'f> Frame<'f> {
    pub fn new(chart: &'f Chart, size: Size, pen: &'f Pen<'f>) -> Self {
        let drawing = Drawing { width: size.width(), ..Drawing::default() };
        Self { chart, pen, drawing, decimals: chart.decimals() }
    }

    pub fn width(&self) -> f64 {
        self.drawing.width
    }

    pub fn text_width(&self, text: &str) -> f64 {
        (self.pen.measure)(text, false) * LETTER * SLACK
    }

    pub fn bold_width(&self, text: &str) -> f64 {
        (self.pen.measure)(text, true) * LETTER * SLACK
    }

    /// A number as it stands at its mark.
    pub fn number(&self, number: f64) -> String {
        self.pen.numerals.write_with(number, self.decimals, self.chart.unit.as_deref())
    }

    /// Lines of a text that keep within a width, as far as its words do.
    pub fn wrapped(&self, text: &str, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            match longer.filter(|longer| self.text_width(longer) <= width) {
                Some(longer) => {
                    lines.pop();
                    lines.push(longer);
                }
                None => lines.push(word.to_owned()),
            }
        }
        lines
    }

    /// Labels of rows as lines of one column, with the column's width: as wide
    /// as they need, but no wider than a share of the chart, unless a word is.
    pub fn label_column(&self, labels: &[&str], share: f64) -> (f64, Vec<Vec<String>>) {
        let most = self.width() * share;
        let lines: Vec<_> = labels.iter().map(|label| self.wrapped(label, most)).collect();
        let widths = lines.iter().flatten().map(|line| self.text_width(line));
        (widths.fold(0.0, f64::max).min(self.width() * 0.6), lines)
    }

    /// Lines of text around a height.
    pub fn lines_around(
        &mut self,
        lines: &[String],
        x: f64,
        middle: f64,
        anchor: Anchor,
        ink: Ink,
    ) {
        let first = middle + MIDDLE - (lines.len().saturating_sub(1)) as f64 * LINE / 2.0;
        for (index, line) in lines.iter().enumerate() {
            self.drawing.text(x, first + index as f64 * LINE, line.as_str(), anchor, ink);
        }
    }

    /// The legend, if there is more than one series; gives its height.
    pub fn legend(&mut self, swatch: legend::Swatch) -> f64 {
        if self.chart.series.len() < 2 {
            return 0.0;
        }
        legend::draw(self, swatch)
    }

    /// A bar in the colour and texture of a series.
    pub fn bar(&mut self, x: f64, y: f64, width: f64, height: f64, series: usize) {
        self.drawing.rect(x, y, width.max(0.75), height.max(0.75), Ink::Series(series));
        let lines = hatching(x, y, width, height, series);
        if !lines.is_empty() {
            self.drawing.marks.push(Mark::Hatching { lines, ink: Ink::Paper, width: 0.8 });
        }
    }

    pub fn finish(mut self, height: f64) -> Drawing {
        self.drawing.height = height.ceil();
        for mark in &mut self.drawing.marks {
            round(mark);
        }
        self.drawing
    }
}

fn round(mark: &mut Mark) {
    let each = |numbers: &mut [&mut f64]| numbers.iter_mut().for_each(|it| **it = rounded(**it));
    match mark {
        Mark::Rect { x, y, width, height, .. } => each(&mut [x, y, width, height]),
        Mark::Circle { x, y, radius, .. } => each(&mut [x, y, radius]),
        Mark::Text { x, y, .. } => each(&mut [x, y]),
        Mark::Hatching { lines, .. } => {
            lines.iter_mut().flatten().for_each(|(x, y)| each(&mut [x, y]));
        }
        Mark::Line { points, .. } | Mark::Shape { points, .. } => {
            points.iter_mut().for_each(|(x, y)| each(&mut [x, y]));
        }
    }
}

/// Lines over a bar by which its series is known on a black and white printer:
/// none for the first, then slants, counter-slants, uprights, levels.
fn hatching(x: f64, y: f64, width: f64, height: f64, series: usize) -> Vec<[(f64, f64); 2]> {
    const STEP: f64 = 8.0;
    let (right, bottom) = (x + width, y + height);
    // Anchored to the plane and not to the bar, so that neighbours match.
    let steps = |from: f64, to: f64| {
        let first = (from / STEP).floor() as i64 + 1;
        let last = (to / STEP).ceil() as i64 - 1;
        (first..=last).map(|index| index as f64 * STEP)
    };
    let clipped = |from: (f64, f64), to: (f64, f64)| {
        let long = (from.0 - to.0).abs() + (from.1 - to.1).abs() > 0.5;
        long.then_some([from, to])
    };
    match series % 5 {
        // x + y = c
        1 => steps(x + y, right + bottom)
            .filter_map(|c| {
                clipped(
                    (x.max(c - bottom), bottom.min(c - x)),
                    (right.min(c - y), y.max(c - right)),
                )
            })
            .collect(),
        // x - y = c
        2 => steps(x - bottom, right - y)
            .filter_map(|c| {
                clipped(
                    (x.max(c + y), y.max(x - c)),
                    (right.min(c + bottom), bottom.min(right - c)),
                )
            })
            .collect(),
        3 => steps(x, right).map(|at| [(at, y), (at, bottom)]).collect(),
        4 => steps(y, bottom).map(|at| [(x, at), (right, at)]).collect(),
        _ => Vec::new(),
    }
}

/// The outline of a marker that a series has, `None` for a circle.
pub fn marker(series: usize, (x, y): (f64, f64), radius: f64) -> Option<Vec<(f64, f64)>> {
    let r = radius;
    match series % 5 {
        1 => Some(vec![
            (x - r * 0.9, y - r * 0.9),
            (x + r * 0.9, y - r * 0.9),
            (x + r * 0.9, y + r * 0.9),
            (x - r * 0.9, y + r * 0.9),
        ]),
        2 => {
            Some(vec![(x, y - r * 1.2), (x + r * 1.15, y + r * 0.85), (x - r * 1.15, y + r * 0.85)])
        }
        3 => Some(vec![(x, y - r * 1.3), (x + r * 1.3, y), (x, y + r * 1.3), (x - r * 1.3, y)]),
        _ => None,
    }
}

/// A point in the colour and shape of a series.
pub fn point(drawing: &mut Drawing, series: usize, at: (f64, f64), radius: f64) {
    let ink = Ink::Series(series);
    drawing.marks.push(match marker(series, at, radius) {
        Some(points) => Mark::Shape { points, ink, hollow: false },
        None => Mark::Circle { x: at.0, y: at.1, radius, ink, hollow: series % 5 == 4 },
    });
}

/// Dashes by which lines are told apart without colour.
pub fn dash(series: usize) -> &'static [f64] {
    match series % 5 {
        1 => &[7.0, 3.5],
        2 => &[2.0, 3.0],
        3 => &[10.0, 3.0, 2.0, 3.0],
        4 => &[5.0, 2.0],
        _ => &[],
    }
}
