//! Whether colours can be told apart, also by people who lack a kind of cones.
//!
//! How they see is simulated after Machado, Oliveira and Fernandes, "A
//! Physiologically-based Model for Simulation of Color Vision Deficiency"
//! (2009), severity 1, on linear RGB; distances are those of CIELAB (CIE 1976).

use super::look::{Look, Palette};
use crate::model::{Color, linear};

type Matrix = [[f64; 3]; 3];

/// One man in twelve sees in one of the other ways, more or less.
const SIGHTS: [(&str, Matrix); 4] = [
    ("in any light", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "without red (protanopia)",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "without green (deuteranopia)",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "without blue (tritanopia)",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// Ten times what is just noticed side by side: marks are small, and apart.
const APART: f64 = 20.0;

impl Look {
    /// Two series of one palette that somebody would take for each other, or one
    /// that hardly shows, in a sentence.
    pub fn confusion(&self) -> Option<String> {
        let palettes = [("light", &self.light), ("dark", &self.dark)];
        palettes
            .into_iter()
            .find_map(|(name, palette)| Some(format!("in [{name}] {}", palette.confusion()?)))
    }
}

impl Palette {
    /// The same of one palette.
    pub fn confusion(&self) -> Option<String> {
        faint(self).or_else(|| alike(self))
    }
}

/// WCAG 2.2, 1.4.11: three to one.
fn faint(palette: &Palette) -> Option<String> {
    let paper: Color = palette.paper.parse().ok()?;
    let is_faint =
        |series: &&String| series.parse::<Color>().is_ok_and(|color| color.contrast(paper) < 3.0);
    let series = palette.series.iter().find(is_faint)?;
    Some(format!("{series} hardly shows on {} (WCAG 2.2, 1.4.11)", palette.paper))
}

fn alike(palette: &Palette) -> Option<String> {
    let colors: Vec<Color> =
        palette.series.iter().filter_map(|written| written.parse().ok()).collect();
    SIGHTS.iter().find_map(|(sight, matrix)| {
        colors.iter().enumerate().find_map(|(index, one)| {
            let near = |other: &&Color| distance(lab(*one, matrix), lab(**other, matrix)) < APART;
            let other = colors[..index].iter().find(near)?;
            Some(format!("{other} and {one} look alike {sight}"))
        })
    })
}

/// CIELAB, white point D65.
fn lab(Color(channels): Color, sight: &Matrix) -> [f64; 3] {
    let rgb = channels.map(linear);
    let [red, green, blue] = sight.map(|row| {
        let seen: f64 = row.iter().zip(rgb).map(|(weight, part)| weight * part).sum();
        seen.clamp(0.0, 1.0)
    });
    let root = |part: f64| if part > 0.008_856 { part.cbrt() } else { 7.787 * part + 16.0 / 116.0 };
    let x = root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
    let y = root(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    let z = root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::look::tests::look;

    #[test]
    fn any_two_series_of_the_theme_can_be_told_apart_by_everybody() {
        assert_eq!(look().confusion(), None);
    }

    #[test]
    fn colours_that_somebody_would_confuse_are_told() {
        let with = |index: usize, colour: &str| {
            let mut look = look();
            look.light.series[index] = colour.to_owned();
            look.confusion().unwrap()
        };
        assert_eq!(
            with(2, "#8a7a16"),
            "in [light] #c8621a and #8a7a16 look alike without red (protanopia)"
        );
        assert_eq!(with(3, "#1f4e70"), "in [light] #1f4e79 and #1f4e70 look alike in any light");
        assert_eq!(
            with(1, "#f0c000"),
            "in [light] #f0c000 hardly shows on #ffffff (WCAG 2.2, 1.4.11)"
        );
    }
}
