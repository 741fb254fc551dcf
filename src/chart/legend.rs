//! Names of series above a chart, each with a specimen of its marks.

use super::drawing::{Anchor, Ink, LINE, MIDDLE, Mark};
use super::frame::{Frame, dash, point};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swatch {
    Bar,
    Line,
    Dot,
}

const GAP: f64 = 18.0;
const ROW: f64 = 22.0;

/// Draws the names in rows from the top; gives the height that they take.
pub fn draw(frame: &mut Frame<'_>, swatch: Swatch) -> f64 {
    let wide = match swatch {
        Swatch::Bar => 16.0,
        Swatch::Line => 28.0,
        Swatch::Dot => 12.0,
    };
    let (mut x, mut y) = (0.0, 0.0);
    let chart = frame.chart;
    for (series, name) in chart.series.iter().enumerate() {
        let lines = frame.wrapped(name, frame.width() - wide - 6.0);
        let width = wide + 6.0 + lines.iter().map(|it| frame.text_width(it)).fold(0.0, f64::max);
        if x > 0.0 && x + width > frame.width() {
            (x, y) = (0.0, y + ROW);
        }
        let middle = y + ROW / 2.0;
        specimen(frame, swatch, series, x, middle, wide);
        for (index, line) in lines.iter().enumerate() {
            let baseline = middle + MIDDLE + index as f64 * LINE;
            frame.drawing.text(x + wide + 6.0, baseline, line.as_str(), Anchor::Start, Ink::Text);
        }
        y += lines.len().saturating_sub(1) as f64 * LINE;
        x += width + GAP;
    }
    y + ROW + 8.0
}

fn specimen(frame: &mut Frame<'_>, swatch: Swatch, series: usize, x: f64, y: f64, wide: f64) {
    match swatch {
        Swatch::Bar => frame.bar(x, y - 6.0, wide, 12.0, series),
        Swatch::Dot => point(&mut frame.drawing, series, (x + 6.0, y), 5.0),
        Swatch::Line => {
            let points = vec![(x, y), (x + wide, y)];
            let (ink, width) = (Ink::Series(series), 2.4);
            frame.drawing.marks.push(Mark::Line { points, ink, width, dash: dash(series) });
            point(&mut frame.drawing, series, (x + wide / 2.0, y), 4.0);
        }
    }
}
