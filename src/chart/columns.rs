//! Bars that stand: for years, months and days, which run from left to right.

use super::bars::total;
use super::drawing::{Anchor, Drawing, Ink, LETTER, LINE};
use super::frame::Frame;
use super::legend::Swatch;
use super::lines::axis;
use super::scale::{self, Scale};
use super::{Pen, Size};
use crate::model::{Chart, ChartKind, ChartRow};

pub fn draw(chart: &Chart, size: Size, pen: &Pen<'_>) -> Drawing {
    let mut frame = Frame::new(chart, size, pen);
    let top = frame.legend(Swatch::Bar) + LETTER;
    let stacked = chart.kind == ChartKind::Stacked;
    let ends: Vec<f64> = match stacked {
        true => chart.rows.iter().map(total).collect(),
        false => chart.values().map(|value| value.number).collect(),
    };
    let least = ends.iter().copied().fold(0.0, f64::min);
    let most = ends.iter().copied().fold(0.0, f64::max);
    let (ticks, highest) = scale::axis(least, most, 5);
    let bottom = top + size.plot_height();
    let height = Scale { least: ticks.least(), most: highest, from: bottom, to: top };
    let right = frame.width();
    let left = axis(&mut frame, &ticks, &height, right);
    let room = (frame.width() - left) / chart.rows.len() as f64;
    let share = if room > 24.0 { 0.72 } else { 0.84 };
    let bars = if stacked { 1 } else { chart.series.len() };
    let wide = (room * share / bars as f64).min(64.0);
    let middles: Vec<f64> =
        (0..chart.rows.len()).map(|index| left + (index as f64 + 0.5) * room).collect();
    let spelt = spelt_out(&frame, room, bars);
    for (row, middle) in chart.rows.iter().zip(&middles) {
        let mut sum = 0.0;
        let first = middle - wide * bars as f64 / 2.0;
        for (series, value) in row.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let (from, to) = (height.at(sum), height.at(sum + value.number));
            let x = if stacked { first } else { first + series as f64 * wide };
            let gap = if stacked { 1.2 } else { 0.0 };
            let thin = if bars > 1 { 1.0 } else { 0.0 };
            frame.bar(x, from.min(to), wide - thin, (from - to).abs() - gap, series);
            if stacked {
                sum += value.number;
            }
            if spelt {
                let number = frame.number(value.number);
                let y = if value.number < 0.0 { to + LETTER } else { to - 4.0 };
                frame.drawing.text(*middle, y, number, Anchor::Middle, Ink::Text);
            }
        }
    }
    let zero = height.at(0.0);
    frame.drawing.line((left, zero), (frame.width(), zero), Ink::Axis, 1.0);
    // Below columns that hang stand their numbers.
    let hanging = if spelt && least < 0.0 { LETTER + 2.0 } else { 0.0 };
    let below = under(&mut frame, &middles, bottom + hanging);
    frame.finish(below)
}

/// Whether each column can have its number above it.
fn spelt_out(frame: &Frame<'_>, room: f64, bars: usize) -> bool {
    let widths = frame.chart.values().map(|value| frame.text_width(&frame.number(value.number)));
    bars == 1 && frame.chart.kind == ChartKind::Bar && widths.fold(0.0, f64::max) + 4.0 <= room
}

/// A row that keeps its name when every so many lose theirs: a January, a year
/// that ends in 0 or 5, else the last.
fn anchor(chart: &Chart, step: usize) -> usize {
    let is_round = |label: &str| {
        let year = label.parse::<usize>().is_ok_and(|year| step >= 5 && year.is_multiple_of(step));
        label.starts_with("1/") || (label.len() == 4 && year)
    };
    let round = chart.rows.iter().position(|row| is_round(&row.label));
    round.filter(|_| chart.is_over_time()).unwrap_or(chart.rows.len() - 1)
}

/// Names below a plot, as many as have room; gives the height at which they
/// end. Times lose some of their names, other rows have theirs in several lines
/// first, for nobody could guess the missing ones.
pub fn under(frame: &mut Frame<'_>, middles: &[f64], bottom: f64) -> f64 {
    let chart = frame.chart;
    let gaps = middles.windows(2).map(|pair| pair[1] - pair[0]);
    let room = gaps.fold(f64::INFINITY, f64::min) - GAP;
    let lines = |row: &ChartRow| match chart.is_over_time() {
        true => vec![row.label.clone()],
        false => frame.wrapped(&row.label, room.max(LETTER)),
    };
    let labels: Vec<Vec<String>> = chart.rows.iter().map(lines).collect();
    let places: Vec<(f64, f64)> = labels
        .iter()
        .zip(middles)
        .map(|(lines, middle)| {
            let width = lines.iter().map(|line| frame.text_width(line)).fold(0.0, f64::max);
            let half = (width / 2.0).min(frame.width() / 2.0);
            (middle.clamp(half, frame.width() - half), half)
        })
        .collect();
    let shown = |step: usize| -> Vec<usize> {
        let anchor = anchor(chart, step);
        (0..middles.len()).filter(|index| index % step == anchor % step).collect()
    };
    let fits = |step: usize| {
        shown(step).windows(2).all(|pair| {
            let ((left, left_half), (right, right_half)) = (places[pair[0]], places[pair[1]]);
            right - left >= left_half + right_half + GAP
        })
    };
    let is_monthly = chart.rows.iter().any(|row| row.label.contains('/'));
    let steps: &[usize] =
        if is_monthly { &[1, 2, 3, 6, 12, 24, 36, 60] } else { &[1, 2, 4, 5, 10, 20, 25, 50, 100] };
    let step = steps.iter().copied().find(|step| fits(*step)).unwrap_or(middles.len().max(1));
    let mut deepest = 1;
    for index in shown(step) {
        if step > 1 {
            let at = middles[index];
            frame.drawing.line((at, bottom), (at, bottom + 4.0), Ink::Axis, 1.0);
        }
        deepest = deepest.max(labels[index].len());
        for (line, text) in labels[index].iter().enumerate() {
            let y = bottom + 7.0 + LETTER * 0.85 + line as f64 * LINE;
            frame.drawing.text(places[index].0, y, text.as_str(), Anchor::Middle, Ink::Quiet);
        }
    }
    bottom + LETTER + 14.0 + (deepest - 1) as f64 * LINE
}

/// Between two names below a plot.
const GAP: f64 = 8.0;
