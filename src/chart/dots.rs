//! Dots on a line a row, for differences: who has more, and what has changed.
//! (Cleveland, *The Elements of Graphing Data*, 1985: places along a common
//! scale are what people compare best, and they need not begin at zero.)

use super::bars::MANY_ROWS;
use super::drawing::{Anchor, Drawing, Ink, LINE, MIDDLE};
use super::frame::{Frame, point};
use super::legend::Swatch;
use super::scale::{self, Scale, Ticks};
use super::{Pen, Size};
use crate::model::{Chart, ChartRow};

const SHARE: f64 = 0.38;
const GAP: f64 = 14.0;
const RADIUS: f64 = 5.5;

pub fn draw(chart: &Chart, size: Size, pen: &Pen<'_>) -> Drawing {
    let mut frame = Frame::new(chart, size, pen);
    let top = frame.legend(Swatch::Dot);
    let labels: Vec<&str> = chart.rows.iter().map(|row| row.label.as_str()).collect();
    let (column, lines) = frame.label_column(&labels, SHARE);
    let numbers: Vec<f64> = chart.values().map(|value| value.number).collect();
    let (least, most) = scale::range(numbers.iter().copied());
    let count = if size == Size::Wide { 5 } else { 4 };
    let (ticks, highest) = scale::axis(least, most, count);
    let widest = numbers.iter().map(|it| frame.text_width(&frame.number(*it))).fold(0.0, f64::max);
    let spelt = chart.series.len() <= 2;
    let room = if spelt { widest + RADIUS + 4.0 } else { widest / 2.0 };
    let across = Scale {
        least: ticks.least(),
        most: highest,
        from: column + GAP + if spelt && least < most * 0.25 { RADIUS } else { room },
        to: frame.width() - room,
    };
    let space = if chart.rows.len() > MANY_ROWS { 3.0 } else { 12.0 };
    let height = |lines: &Vec<String>| (lines.len() as f64 * LINE).max(2.0 * RADIUS) + space;
    let bottom = top + lines.iter().map(height).sum::<f64>();
    grid(&mut frame, &ticks, &across, (top, bottom));
    let mut y = top;
    for (row, lines) in chart.rows.iter().zip(&lines) {
        let middle = y + height(lines) / 2.0;
        frame.lines_around(lines, column, middle, Anchor::End, Ink::Text);
        self::row(&mut frame, row, &across, middle, spelt);
        y += height(lines);
    }
    frame.finish(bottom + LINE + 8.0)
}

fn grid(frame: &mut Frame<'_>, ticks: &Ticks, across: &Scale, (top, bottom): (f64, f64)) {
    let unit = frame.chart.unit.clone();
    let written = |at: f64| frame.pen.numerals.write_with(at, ticks.decimals, unit.as_deref());
    let widest = ticks.at.iter().map(|at| frame.text_width(&written(*at))).fold(0.0, f64::max);
    let apart = ticks.at.windows(2).map(|pair| across.at(pair[1]) - across.at(pair[0]));
    let apart = apart.fold(f64::INFINITY, f64::min).max(1.0);
    // Long numbers stand at every other line, or more rarely.
    let every = ((widest + 8.0) / apart).ceil().max(1.0) as usize;
    let texts: Vec<String> = ticks.at.iter().map(|at| written(*at)).collect();
    for (index, (at, text)) in ticks.at.iter().zip(texts).enumerate() {
        let x = across.at(*at);
        let ink = if *at == 0.0 { Ink::Axis } else { Ink::Rule };
        frame.drawing.line((x, top), (x, bottom), ink, 1.0);
        if index % every == 0 {
            let half = frame.text_width(&text) / 2.0;
            let x = x.clamp(half, (frame.width() - half).max(half));
            frame.drawing.text(x, bottom + LINE, text, Anchor::Middle, Ink::Quiet);
        }
    }
}

fn row(frame: &mut Frame<'_>, row: &ChartRow, across: &Scale, middle: f64, spelt: bool) {
    let known: Vec<(usize, f64)> = row
        .values
        .iter()
        .enumerate()
        .filter_map(|(series, value)| Some((series, value.as_ref()?.number)))
        .collect();
    let by_number = |a: &&(usize, f64), b: &&(usize, f64)| a.1.total_cmp(&b.1);
    let (Some(least), Some(most)) =
        (known.iter().min_by(by_number), known.iter().max_by(by_number))
    else {
        let missing = frame.pen.missing;
        frame.drawing.text(across.from, middle + MIDDLE, missing, Anchor::Start, Ink::Quiet);
        return;
    };
    let (from, to) = (across.at(least.1), across.at(most.1));
    if to > from {
        frame.drawing.line((from, middle), (to, middle), Ink::Axis, 2.0);
    }
    for (series, number) in known.iter().rev() {
        point(&mut frame.drawing, *series, (across.at(*number), middle), RADIUS);
    }
    if !spelt {
        return;
    }
    let label = |frame: &mut Frame<'_>, x: f64, number: f64, anchor: Anchor| {
        let text = frame.number(number);
        let width = frame.text_width(&text);
        let left = if anchor == Anchor::End { x - width } else { x };
        // What helps the eye must not run through a number.
        frame.drawing.rect(left - 1.0, middle - LINE / 2.0, width + 2.0, LINE, Ink::Paper);
        frame.drawing.text(x, middle + MIDDLE, text, anchor, Ink::Text);
    };
    let gap = RADIUS + 5.0;
    let widest = frame.text_width(&frame.number(least.1));
    let has_room = from - gap - widest >= across.from - RADIUS - GAP + 4.0;
    if known.len() > 1 && least.1 < most.1 && has_room {
        label(frame, from - gap, least.1, Anchor::End);
    }
    label(frame, to + gap, most.1, Anchor::Start);
}
