//! Lines over times, or over rows in an order, with their names at their ends.

use super::columns::under;
use super::drawing::{Anchor, Drawing, Ink, LETTER, LINE, MIDDLE, Mark};
use super::frame::{Frame, dash, point};
use super::legend::{self, Swatch};
use super::scale::{self, Scale, Ticks};
use super::{Pen, Size};
use crate::model::Chart;

/// Room for names at the ends of lines, as a share of the width.
const SHARE: f64 = 0.3;
/// From the end of a line to its number.
const LAST_GAP: f64 = 10.0;
/// With so many rows every point has its marker.
const MARKED: usize = 16;

pub fn draw(chart: &Chart, size: Size, pen: &Pen<'_>) -> Drawing {
    let mut frame = Frame::new(chart, size, pen);
    let named = names(&frame);
    let top = match named {
        None if chart.series.len() > 1 => legend::draw(&mut frame, Swatch::Line),
        None => 6.0,
        Some(_) => 0.0,
    };
    let top = top + LETTER;
    let (least, most) =
        scale::range(chart.values().map(|value| value.number).collect::<Vec<_>>().into_iter());
    // A line that does not stand on zero shall not look as if it did.
    let air = if least > 0.0 { (most - least) * 0.08 } else { 0.0 };
    let (ticks, highest) = scale::axis(least - air, most, 5);
    let bottom = top + size.plot_height();
    let height = Scale { least: ticks.least(), most: highest, from: bottom, to: top };
    let right =
        frame.width() - named.as_ref().map_or(last_number(&frame), |(width, _)| width + 14.0);
    let left = axis(&mut frame, &ticks, &height, right);
    let places = places(chart, left + 8.0, right - 6.0);
    if ticks.least() < 0.0 && ticks.most() > 0.0 {
        let zero = height.at(0.0);
        frame.drawing.line((left, zero), (right, zero), Ink::Axis, 1.0);
    }
    for series in (0..chart.series.len()).rev() {
        line(&mut frame, series, &places, &height);
    }
    match named {
        Some((_, names)) => name_ends(&mut frame, &names, &height, (top, bottom), &places),
        None if chart.series.len() == 1 => last_value(&mut frame, &places, &height),
        None => {}
    }
    let below = under(&mut frame, &places, bottom);
    if chart.is_over_time() || chart.rows_are.is_empty() {
        return frame.finish(below);
    }
    // Years need no name; what else runs from left to right does.
    let middle = f64::midpoint(left, right);
    frame.drawing.text(
        middle,
        below + LETTER - 3.0,
        chart.rows_are.as_str(),
        Anchor::Middle,
        Ink::Quiet,
    );
    frame.finish(below + LINE)
}

/// Lines across the plot with their numbers; gives where the plot begins.
pub fn axis(frame: &mut Frame<'_>, ticks: &Ticks, scale: &Scale, right: f64) -> f64 {
    let unit = frame.chart.unit.clone();
    let numerals = frame.pen.numerals;
    let texts: Vec<String> = ticks
        .at
        .iter()
        .map(|at| numerals.write_with(*at, ticks.decimals, unit.as_deref()))
        .collect();
    let column = texts.iter().map(|text| frame.text_width(text)).fold(0.0, f64::max);
    let left = column + 8.0;
    for (at, text) in ticks.at.iter().zip(texts) {
        let y = scale.at(*at);
        frame.drawing.line((left, y), (right, y), Ink::Rule, 1.0);
        frame.drawing.text(column, y + MIDDLE, text, Anchor::End, Ink::Quiet);
    }
    if ticks.least() >= 0.0 {
        let y = scale.at(ticks.least());
        let ink = if ticks.least() == 0.0 { Ink::Axis } else { Ink::Rule };
        frame.drawing.line((left, y), (right, y), ink, 1.0);
    }
    left
}

/// Where the rows stand: times at their distance, others evenly.
fn places(chart: &Chart, left: f64, right: f64) -> Vec<f64> {
    let last = chart.rows.len().saturating_sub(1).max(1) as f64;
    let times: Option<Vec<f64>> = chart.rows.iter().map(|row| row.time).collect();
    match times.as_deref() {
        Some([first, .., end]) => {
            let scale = Scale { least: *first, most: *end, from: left, to: right };
            chart.rows.iter().filter_map(|row| row.time).map(|time| scale.at(time)).collect()
        }
        _ => (0..chart.rows.len()).map(|row| left + row as f64 / last * (right - left)).collect(),
    }
}

/// Names wrapped for the column at the right and its width, where they have
/// room there: at most three lines each.
fn names(frame: &Frame<'_>) -> Option<(f64, Vec<Vec<String>>)> {
    let series = &frame.chart.series;
    if series.len() < 2 {
        return None;
    }
    let most = frame.width() * SHARE;
    let lines: Vec<_> = series.iter().map(|name| frame.wrapped(name, most)).collect();
    let widths = lines.iter().flatten().map(|line| frame.text_width(line));
    let width = widths.fold(0.0, f64::max);
    (width <= most && lines.iter().all(|lines| lines.len() <= 3)).then_some((width, lines))
}

/// A line with a gap where a number is not known.
fn line(frame: &mut Frame<'_>, series: usize, places: &[f64], height: &Scale) {
    let ink = Ink::Series(series);
    let points = points(frame.chart, series, places, height);
    let all_marked = points.len() <= MARKED;
    for run in points.split(Option::is_none) {
        let points: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
        let alone = points.len() == 1;
        let last = points.last().copied();
        let marked = if all_marked || alone { points.clone() } else { Vec::new() };
        if points.len() > 1 {
            let dash = dash(series);
            frame.drawing.marks.push(Mark::Line { points, ink, width: 2.4, dash });
        }
        let ends = last.filter(|_| !all_marked && !alone);
        for at in marked.into_iter().chain(ends) {
            point(&mut frame.drawing, series, at, 4.0);
        }
    }
}

fn points(chart: &Chart, series: usize, places: &[f64], height: &Scale) -> Vec<Option<(f64, f64)>> {
    let rows = chart.rows.iter().zip(places);
    rows.map(|(row, x)| row.values[series].map(|value| (*x, height.at(value.number)))).collect()
}

/// The names at the heights at which the lines end, moved apart where they
/// would overlap.
fn name_ends(
    frame: &mut Frame<'_>,
    names: &[Vec<String>],
    height: &Scale,
    (top, bottom): (f64, f64),
    places: &[f64],
) {
    let end = |series: usize| {
        points(frame.chart, series, places, height).into_iter().flatten().next_back()
    };
    let mut ends: Vec<(usize, (f64, f64), f64)> = (0..names.len())
        .filter_map(|series| Some((series, end(series)?, end(series)?.1)))
        .collect();
    ends.sort_by(|a, b| a.2.total_cmp(&b.2));
    let half = |series: usize| names[series].len() as f64 * LINE / 2.0;
    // Down from the top, then what was pushed out at the bottom up again.
    let mut free = top - LETTER;
    for (series, _, y) in &mut ends {
        *y = y.max(free + half(*series));
        free = *y + half(*series);
    }
    let mut free = bottom + LINE / 2.0;
    for (series, _, y) in ends.iter_mut().rev() {
        *y = y.min(free - half(*series));
        free = *y - half(*series);
    }
    let x = places.last().copied().unwrap_or(0.0) + 16.0;
    for (series, (end_x, end_y), y) in ends {
        // A thread leads from a name that had to move, or whose line ends early.
        if (y - end_y).abs() > LINE / 2.0 || x - end_x > 24.0 {
            frame.drawing.line((end_x + 6.0, end_y), (x - 3.0, y), Ink::Axis, 0.75);
        }
        frame.lines_around(&names[series], x, y, Anchor::Start, Ink::Text);
    }
}

fn last_number(frame: &Frame<'_>) -> f64 {
    if frame.chart.series.len() > 1 {
        return 0.0;
    }
    let last = frame.chart.rows.iter().rev().find_map(|row| row.values[0]);
    last.map_or(0.0, |value| frame.bold_width(&frame.number(value.number)) + LAST_GAP)
}

/// The number that a single line has come to.
fn last_value(frame: &mut Frame<'_>, places: &[f64], height: &Scale) {
    let points = points(frame.chart, 0, places, height);
    let Some(index) = points.iter().rposition(Option::is_some) else { return };
    let (Some((x, y)), Some(value)) = (points[index], frame.chart.rows[index].values[0]) else {
        return;
    };
    let number = frame.number(value.number);
    // Behind the end, where no line can run through it.
    frame.drawing.bold(x + LAST_GAP - 2.0, y + MIDDLE, number, Anchor::Start, Ink::Text);
}
