//! Bars that lie: one a number, or of parts, with names that can be read
//! without turning one's head.
//!
//! Every bar has its number, so there is no axis to read them off.

use super::drawing::{Anchor, Drawing, Ink, LINE, MIDDLE};
use super::frame::Frame;
use super::legend::Swatch;
use super::scale::Scale;
use super::{Pen, Size};
use crate::model::{Chart, ChartKind, ChartRow};

/// Between a bar and its number, or its name.
const GAP: f64 = 6.0;
/// What the names may take of the width.
const SHARE: f64 = 0.4;

pub fn draw(chart: &Chart, size: Size, pen: &Pen<'_>) -> Drawing {
    let mut frame = Frame::new(chart, size, pen);
    let top = frame.legend(Swatch::Bar);
    let labels: Vec<&str> = chart.rows.iter().map(|row| row.label.as_str()).collect();
    let (column, lines) = frame.label_column(&labels, SHARE);
    let scale = scale(&frame, column + 2.0 * GAP);
    let zero = scale.at(0.0);
    let mut y = top;
    for (row, lines) in chart.rows.iter().zip(&lines) {
        let bars = thickness(chart) * bars_of(chart) as f64;
        let height = bars.max(lines.len() as f64 * LINE);
        let middle = y + height / 2.0;
        frame.lines_around(lines, column, middle, Anchor::End, Ink::Text);
        if chart.kind == ChartKind::Stacked {
            stack(&mut frame, row, &scale, middle);
        } else {
            group(&mut frame, row, &scale, middle - bars / 2.0);
        }
        y += height + space(chart);
    }
    let bottom = y - space(chart);
    frame.drawing.line((zero, top - 3.0), (zero, bottom + 3.0), Ink::Axis, 1.0);
    frame.finish(bottom + 5.0)
}

fn bars_of(chart: &Chart) -> usize {
    if chart.kind == ChartKind::Stacked { 1 } else { chart.series.len() }
}

/// More rows than this stand closer, or they would not fit on a page.
pub const MANY_ROWS: usize = 24;

fn thickness(chart: &Chart) -> f64 {
    match (bars_of(chart), chart.rows.len() > MANY_ROWS) {
        (1, false) => 22.0,
        (1, true) => 14.0,
        _ => 17.0,
    }
}

fn space(chart: &Chart) -> f64 {
    match (bars_of(chart), chart.rows.len() > MANY_ROWS) {
        (1, false) => 9.0,
        (1, true) => 3.0,
        (_, false) => 15.0,
        (_, true) => 8.0,
    }
}

/// From `left` to the right edge, with room for the numbers at both ends.
fn scale(frame: &Frame<'_>, left: f64) -> Scale {
    let ends: Vec<f64> = match frame.chart.kind {
        ChartKind::Stacked => frame.chart.rows.iter().map(total).collect(),
        _ => frame.chart.values().map(|value| value.number).collect(),
    };
    let least = ends.iter().copied().fold(0.0, f64::min);
    let most = ends.iter().copied().fold(0.0, f64::max);
    let room = |text: String| frame.bold_width(&text) + GAP;
    let widest = |negative: bool| {
        let own = ends.iter().filter(|end| (**end < 0.0) == negative);
        own.map(|end| room(frame.number(*end))).fold(0.0, f64::max)
    };
    let (before, after) = (widest(true), widest(false));
    let after = match frame.chart.kind {
        ChartKind::Stacked if !totals_matter(frame.chart) => 2.0,
        _ => after,
    };
    let after = if least == most { frame.text_width(frame.pen.missing) } else { after };
    let most = if least == most { least + 1.0 } else { most };
    Scale { least, most, from: left + before, to: frame.width() - after }
}

fn group(frame: &mut Frame<'_>, row: &ChartRow, scale: &Scale, top: f64) {
    let thick = thickness(frame.chart);
    let zero = scale.at(0.0);
    for (series, value) in row.values.iter().enumerate() {
        let y = top + series as f64 * thick;
        let baseline = y + thick / 2.0 + MIDDLE;
        let Some(value) = value else {
            let missing = frame.pen.missing;
            // Where all bars go to the left there may be no room at the right.
            let (x, anchor) = match zero + GAP + frame.text_width(missing) > frame.width() {
                true => (zero - GAP, Anchor::End),
                false => (zero + GAP, Anchor::Start),
            };
            frame.drawing.text(x, baseline, missing, anchor, Ink::Quiet);
            continue;
        };
        let end = scale.at(value.number);
        frame.bar(zero.min(end), y + 0.5, (end - zero).abs(), thick - 2.0, series);
        let (x, anchor) = match value.number < 0.0 {
            true => (end - GAP, Anchor::End),
            false => (end + GAP, Anchor::Start),
        };
        let number = frame.number(value.number);
        frame.drawing.text(x, baseline, number, anchor, Ink::Text);
    }
}

pub fn total(row: &ChartRow) -> f64 {
    row.values.iter().flatten().map(|value| value.number).sum()
}

/// Whether sums of rows say something: not where all are a hundred per cent.
pub fn totals_matter(chart: &Chart) -> bool {
    let is_share = chart.unit.as_deref() == Some("%");
    chart.series.len() > 1
        && !(is_share && chart.rows.iter().all(|row| (total(row) - 100.0).abs() < 1.0))
}

fn stack(frame: &mut Frame<'_>, row: &ChartRow, scale: &Scale, middle: f64) {
    let thick = thickness(frame.chart);
    let top = middle - thick / 2.0;
    let mut sum = 0.0;
    for (series, value) in row.values.iter().enumerate() {
        let Some(value) = value.filter(|value| value.number > 0.0) else { continue };
        let (from, to) = (scale.at(sum), scale.at(sum + value.number));
        frame.bar(from, top, (to - from - 1.2).max(0.3), thick, series);
        let number = frame.number(value.number);
        let needed = frame.text_width(&number) + 6.0;
        if needed <= to - from {
            let at = (from + to) / 2.0;
            // Over a hatched bar the number has the bare colour behind it.
            if series > 0 {
                frame.drawing.rect(
                    at - needed / 2.0,
                    top + 2.0,
                    needed,
                    thick - 4.0,
                    Ink::Series(series),
                );
            }
            let ink = Ink::OnSeries(series);
            frame.drawing.text(at, middle + MIDDLE, number, Anchor::Middle, ink);
        }
        sum += value.number;
    }
    if totals_matter(frame.chart) {
        let number = frame.number(sum);
        frame.drawing.bold(scale.at(sum) + GAP, middle + MIDDLE, number, Anchor::Start, Ink::Text);
    }
}
