//! A colour, as a house chooses one and as the contrast of two is judged.

use std::fmt;
use std::str::FromStr;

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub [u8; 3]);

impl Color {
    pub const WHITE: Self = Self([255; 3]);
    pub const BLACK: Self = Self([0; 3]);

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// WCAG 2.2, "contrast ratio": from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour, `alpha` of 255 opaque, over another.
    pub fn over(self, alpha: u8, ground: Self) -> Self {
        let (alpha, rest) = (u32::from(alpha), 255 - u32::from(alpha));
        let mixed = |index: usize| {
            let sum = u32::from(self.0[index]) * alpha + u32::from(ground.0[index]) * rest;
            u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
        };
        Self([mixed(0), mixed(1), mixed(2)])
    }
}

/// A channel as light (IEC 61966-2-1).
pub fn linear(channel: u8) -> f64 {
    let part = f64::from(channel) / 255.0;
    if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Not six hexadecimal digits behind a `#`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoColor;

impl FromStr for Color {
    type Err = NoColor;

    fn from_str(written: &str) -> Result<Self, NoColor> {
        let digits = written
            .strip_prefix('#')
            .filter(|it| it.len() == 6 && it.bytes().all(|b| b.is_ascii_hexdigit()));
        let digits = digits.ok_or(NoColor)?;
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| NoColor);
        Ok(Self([channel(0)?, channel(2)?, channel(4)?]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_written_as_it_is_read() {
        assert_eq!("#1F4e79".parse::<Color>().unwrap().to_string(), "#1f4e79");
        for wrong in ["1f4e79", "#1f4e7", "#1f4e7g", "#+1+1+1", "navy", "#1f4eéa"] {
            assert_eq!(wrong.parse::<Color>(), Err(NoColor), "{wrong}");
        }
    }

    #[test]
    fn black_on_white_is_twenty_one_to_one() {
        assert!((Color::BLACK.contrast(Color::WHITE) - 21.0).abs() < 1e-9);
        assert_eq!(Color::BLACK.over(51, Color::WHITE), Color([204; 3]));
    }
}
