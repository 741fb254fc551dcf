//! How clients turn colours over.

pub use crate::model::Color;
use crate::model::linear;

/// What is behind a mail that sets no ground.
pub const PAPER: Color = Color([255; 3]);
/// The same in a dark client that obeys `color-scheme` (Chromium's).
pub const DARK_PAPER: Color = Color([18; 3]);

/// How a client inverts colours by force. No client says; these are the two
/// ways that are known, and a theme has to bear both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Lightness in CIELAB upside down, and none darker than #333, as Outlook's
    /// editor does it.
    Lab,
    /// Lightness in HSL upside down, black for white.
    Hsl,
}

/// The lightness of #333 in CIELAB.
const DARKEST: f64 = 21.25;

impl Turn {
    pub fn turned(self, color: Color) -> Color {
        match self {
            Self::Lab => turned_lab(color),
            Self::Hsl => turned_hsl(color),
        }
    }
}

/// HSL lightness is the middle of the largest and the smallest channel, so
/// turning it over moves all three by the same amount.
fn turned_hsl(Color(channels): Color) -> Color {
    let (large, small) = (channels.iter().max(), channels.iter().min());
    let sum = i16::from(*large.unwrap_or(&0)) + i16::from(*small.unwrap_or(&0));
    Color(channels.map(|it| u8::try_from(i16::from(it) + 255 - sum).unwrap_or(0)))
}

/// By way of CIELAB, white point D65.
fn turned_lab(Color(channels): Color) -> Color {
    let [red, green, blue] = channels.map(linear);
    let x = root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
    let y = root(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    let z = root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
    let lightness = DARKEST + (100.0 - (116.0 * y - 16.0)) * (100.0 - DARKEST) / 100.0;
    let shifted = (lightness + 16.0) / 116.0;
    let x = cube(shifted + x - y) * 0.9505;
    let z = cube(shifted - (y - z)) * 1.089;
    let y = cube(shifted);
    Color([
        encoded(3.2406 * x - 1.5372 * y - 0.4986 * z),
        encoded(-0.9689 * x + 1.8758 * y + 0.0415 * z),
        encoded(0.0557 * x - 0.2040 * y + 1.0570 * z),
    ])
}

fn root(t: f64) -> f64 {
    if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 }
}

fn cube(t: f64) -> f64 {
    let cubed = t * t * t;
    if cubed > 216.0 / 24389.0 { cubed } else { (116.0 * t - 16.0) * 27.0 / 24389.0 }
}

fn encoded(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let part =
        if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    byte(part * 255.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Color = Color([0; 3]);

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((BLACK.contrast(PAPER) - 21.0).abs() < 1e-9);
        // The best known grey that just passes on white, and the one that fails.
        assert!(Color([0x76; 3]).contrast(PAPER) > 4.5);
        assert!(Color([0x78; 3]).contrast(PAPER) < 4.5);
    }

    #[test]
    fn turning_over_makes_paper_dark_and_keeps_the_hue() {
        assert_eq!(Turn::Lab.turned(PAPER).to_string(), "#333333");
        assert_eq!(Turn::Lab.turned(BLACK), PAPER);
        assert_eq!(Turn::Hsl.turned(PAPER), BLACK);
        assert_eq!(Turn::Hsl.turned(Color([0x1f, 0x4e, 0x79])).to_string(), "#86b5e0");
    }
}
