//! What a chart is made of once nothing is left to decide: marks on a plane.
//!
//! Units are those of [`LETTER`]; the origin is the upper left corner. A colour
//! is a part that it plays ([`Ink`]), for paper and screens at night have
//! different ones.

use serde::Serialize;
use serde_json::{Value, json};

use super::look::{Look, Palette};

/// The height of letters.
pub const LETTER: f64 = 14.0;
/// From one line of text to the next.
pub const LINE: f64 = 17.0;
/// From a baseline to the middle of the letters above it.
pub const MIDDLE: f64 = 4.8;

/// The part that a colour plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Text,
    Quiet,
    /// Lines that help the eye.
    Rule,
    /// Where nothing is, and what a bar stands on.
    Axis,
    Paper,
    Series(usize),
    /// Letters on the colour of a series.
    OnSeries(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    Rect {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        ink: Ink,
    },
    Line {
        points: Vec<(f64, f64)>,
        ink: Ink,
        width: f64,
        dash: &'static [f64],
    },
    /// Many lines over one bar.
    Hatching {
        lines: Vec<[(f64, f64); 2]>,
        ink: Ink,
        width: f64,
    },
    /// A closed shape; one that is `hollow` shows the paper inside.
    Shape {
        points: Vec<(f64, f64)>,
        ink: Ink,
        hollow: bool,
    },
    Circle {
        x: f64,
        y: f64,
        radius: f64,
        ink: Ink,
        hollow: bool,
    },
    /// `y` is the baseline.
    Text {
        x: f64,
        y: f64,
        text: String,
        anchor: Anchor,
        ink: Ink,
        bold: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawing {
    pub width: f64,
    pub height: f64,
    pub marks: Vec<Mark>,
}

impl Drawing {
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, ink: Ink) {
        self.marks.push(Mark::Rect { x, y, width, height, ink });
    }

    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink, width: f64) {
        self.marks.push(Mark::Line { points: vec![from, to], ink, width, dash: &[] });
    }

    pub fn text(&mut self, x: f64, y: f64, text: impl Into<String>, anchor: Anchor, ink: Ink) {
        let text = text.into();
        self.marks.push(Mark::Text { x, y, text, anchor, ink, bold: false });
    }

    pub fn bold(&mut self, x: f64, y: f64, text: impl Into<String>, anchor: Anchor, ink: Ink) {
        let text = text.into();
        self.marks.push(Mark::Text { x, y, text, anchor, ink, bold: true });
    }
}

impl Drawing {
    /// For Typst: each mark with its kind and colours.
    pub fn json(&self, Look { font, light, .. }: &Look) -> Value {
        let marks: Vec<Value> = self.marks.iter().map(|mark| mark.json(light)).collect();
        json!({
            "width": self.width,
            "height": self.height,
            "font": font,
            "letter": LETTER,
            "marks": marks,
        })
    }
}

impl Mark {
    fn json(&self, palette: &Palette) -> Value {
        let colour = |ink: &Ink| palette.colour(*ink);
        let inside = |ink: &Ink, hollow: bool| match hollow {
            true => palette.paper.as_str(),
            false => colour(ink),
        };
        match self {
            Self::Rect { x, y, width, height, ink } => {
                json!({ "mark": "rect", "x": x, "y": y, "width": width, "height": height, "fill": colour(ink) })
            }
            Self::Line { points, ink, width, dash } => {
                json!({ "mark": "line", "points": points, "stroke": colour(ink), "width": width, "dash": dash })
            }
            Self::Hatching { lines, ink, width } => {
                json!({ "mark": "hatching", "lines": lines, "stroke": colour(ink), "width": width })
            }
            Self::Shape { points, ink, hollow } => {
                json!({ "mark": "shape", "points": points, "stroke": colour(ink), "fill": inside(ink, *hollow) })
            }
            Self::Circle { x, y, radius, ink, hollow } => {
                json!({ "mark": "circle", "x": x, "y": y, "radius": radius, "stroke": colour(ink), "fill": inside(ink, *hollow) })
            }
            Self::Text { x, y, text, anchor, ink, bold } => {
                json!({ "mark": "text", "x": x, "y": y, "text": text, "anchor": anchor, "fill": colour(ink), "bold": bold })
            }
        }
    }
}

/// Hundredths are finer than any screen or printer, and short to write.
pub fn rounded(number: f64) -> f64 {
    let rounded = (number * 100.0).round() / 100.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}
