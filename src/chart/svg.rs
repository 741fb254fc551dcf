//! A drawing as SVG 1.1, for pages and, drawn as PNG, for mail.
//!
//! Text stays text, so that it can be searched and read aloud where somebody
//! opens the picture by itself. Light colours stand in attributes, which every
//! renderer knows; dark ones in a style sheet, which those that print or draw
//! PNG pass over.

use std::fmt::Write;

use super::drawing::{Anchor, Drawing, Ink, LETTER, Mark};
use super::look::{Look, Palette};

/// `width` is the natural size in CSS pixels; `title` and `alt` are what a
/// screen reader says of it (SVG 1.1, 5.4).
pub fn svg(drawing: &Drawing, width: u32, title: &str, alt: &str, look: &Look) -> (String, u32) {
    let height = (drawing.height * f64::from(width) / drawing.width).round() as u32;
    let mut inks: Vec<Ink> = vec![Ink::Paper];
    let mut body = String::new();
    for mark in &drawing.marks {
        write_mark(&mut body, mark, &look.light, &mut inks);
    }
    let dark: String = inks
        .iter()
        .map(|ink| {
            let (class, colour) = (class(*ink), look.dark.colour(*ink));
            format!(".f-{class}{{fill:{colour}}}.s-{class}{{stroke:{colour}}}")
        })
        .collect();
    let (w, h) = (drawing.width, drawing.height);
    let (font, fallback) = (&look.font, &look.fallback);
    let text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {w} {h}\" role=\"img\" aria-labelledby=\"title desc\" \
         font-family=\"'{font}', {fallback}\" font-size=\"{LETTER}\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n\
         <style>@media (prefers-color-scheme:dark){{{dark}}}</style>\n\
         <rect width=\"{w}\" height=\"{h}\" {}/>\n{body}</svg>\n",
        escaped(title),
        escaped(alt),
        fill(Ink::Paper, &look.light),
    );
    (text, height)
}

fn write_mark(svg: &mut String, mark: &Mark, palette: &Palette, inks: &mut Vec<Ink>) {
    let ink = match mark {
        Mark::Rect { ink, .. }
        | Mark::Line { ink, .. }
        | Mark::Hatching { ink, .. }
        | Mark::Shape { ink, .. }
        | Mark::Circle { ink, .. }
        | Mark::Text { ink, .. } => *ink,
    };
    if !inks.contains(&ink) {
        inks.push(ink);
    }
    let points = |points: &[(f64, f64)]| {
        let all: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        all.join(" ")
    };
    let written = match mark {
        Mark::Rect { x, y, width, height, .. } => {
            let fill = fill(ink, palette);
            writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {fill}/>"
            )
        }
        Mark::Line { points: at, width, dash, .. } => {
            let dash: Vec<String> = dash.iter().map(f64::to_string).collect();
            let dash = match dash.join(" ") {
                dash if dash.is_empty() => dash,
                dash => format!(" stroke-dasharray=\"{dash}\""),
            };
            let (at, stroke) = (points(at), stroke(ink, palette));
            writeln!(
                svg,
                "<polyline points=\"{at}\" fill=\"none\" {stroke} stroke-width=\"{width}\" stroke-linejoin=\"round\"{dash}/>"
            )
        }
        Mark::Hatching { lines, width, .. } => {
            let path: String = lines
                .iter()
                .map(|[(x, y), (to_x, to_y)]| format!("M{x} {y}L{to_x} {to_y}"))
                .collect();
            let stroke = stroke(ink, palette);
            writeln!(svg, "<path d=\"{path}\" {stroke} stroke-width=\"{width}\"/>")
        }
        Mark::Shape { points: at, hollow, .. } => {
            let (at, paint) = (points(at), paint(ink, *hollow, palette));
            writeln!(svg, "<polygon points=\"{at}\" {paint}/>")
        }
        Mark::Circle { x, y, radius, hollow, .. } => {
            let paint = paint(ink, *hollow, palette);
            writeln!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {paint}/>")
        }
        Mark::Text { x, y, text, anchor, bold, .. } => {
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            let bold = if *bold { " font-weight=\"600\"" } else { "" };
            let (text, fill) = (escaped(text), fill(ink, palette));
            writeln!(svg, "<text x=\"{x}\" y=\"{y}\"{anchor}{bold} {fill}>{text}</text>")
        }
    };
    written.expect("writing into a String does not fail");
}

fn fill(ink: Ink, palette: &Palette) -> String {
    format!("fill=\"{}\" class=\"f-{}\"", palette.colour(ink), class(ink))
}

fn stroke(ink: Ink, palette: &Palette) -> String {
    format!("stroke=\"{}\" class=\"s-{}\"", palette.colour(ink), class(ink))
}

fn paint(ink: Ink, hollow: bool, palette: &Palette) -> String {
    if !hollow {
        return fill(ink, palette);
    }
    let (paper, colour) = (palette.colour(Ink::Paper), palette.colour(ink));
    let (paper_class, class) = (class(Ink::Paper), class(ink));
    format!(
        "fill=\"{paper}\" stroke=\"{colour}\" stroke-width=\"2\" class=\"f-{paper_class} s-{class}\""
    )
}

fn class(ink: Ink) -> String {
    match ink {
        Ink::Text => "text".to_owned(),
        Ink::Quiet => "quiet".to_owned(),
        Ink::Rule => "rule".to_owned(),
        Ink::Axis => "axis".to_owned(),
        Ink::Paper => "paper".to_owned(),
        Ink::Series(index) => format!("{}", index + 1),
        Ink::OnSeries(index) => format!("on-{}", index + 1),
    }
}

/// XML 1.0, sections 2.2 and 2.4.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
