//! The colours that follow from the one colour of a house.
//!
//! A house chooses its accent in `hlas.toml`; mail and page show it and three
//! shades of it. Their stylesheets are plain CSS with the built-in house's
//! colours written out, so that a designer can open them in anything; here
//! these are put in their place. The surprise: a file of the workspace's own
//! stays as it is, for whoever wrote it wrote the colours too.

use super::theme::ThemeFiles;
use crate::model::Color;

/// The files that show the colours; the PDF is told of them by its data.
const PAINTED: [&str; 5] =
    ["chart.toml", "email/inlined.css", "email/mail.mjml", "email/style.css", "page/style.css"];

/// A dark client's lightest ground: the box around key findings.
const DARK_GROUND: Color = Color([0x27, 0x30, 0x3b]);

/// The accent and what is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    accent: Color,
    /// Of headings: as dark as it goes without being black.
    deep: Color,
    /// Of links on a dark ground.
    light: Color,
    /// Behind a box.
    tint: Color,
}

impl Palette {
    /// As the files of the built-in theme have it.
    const BUILT_IN: Self = Self {
        accent: Color([0x1f, 0x4e, 0x79]),
        deep: Color([0x12, 0x30, 0x4d]),
        light: Color([0x9c, 0xc4, 0xec]),
        tint: Color([0xee, 0xf3, 0xf8]),
    };

    /// The palette of a house. The built-in accent has shades made by hand.
    pub fn of(accent: Color) -> Self {
        if accent == Self::BUILT_IN.accent {
            return Self::BUILT_IN;
        }
        Self {
            accent,
            deep: accent.over(158, Color::BLACK),
            light: light(accent),
            tint: accent.over(19, Color::WHITE),
        }
    }

    /// Paints the files of the built-in theme; says whether there was need to.
    pub(super) fn paint(self, files: &mut ThemeFiles) -> bool {
        let (from, to) = (Self::BUILT_IN.colors(), self.colors());
        if from == to {
            return false;
        }
        for name in PAINTED {
            let Some(file) = files.get_mut(name) else { continue };
            let mut text = String::from_utf8_lossy(file).into_owned();
            for (from, to) in from.iter().zip(&to) {
                text = text.replace(&from.to_string(), &to.to_string());
            }
            *file = text.into_bytes();
        }
        true
    }

    fn colors(self) -> [Color; 4] {
        [self.accent, self.deep, self.light, self.tint]
    }
}

/// The accent, made lighter until words in it can be read with ease on a dark
/// ground (WCAG 2.2, 1.4.6 asks for 7:1).
fn light(accent: Color) -> Color {
    let shades = (0..=255u8).rev().step_by(5).map(|alpha| accent.over(alpha, Color::WHITE));
    shades.into_iter().find(|it| it.contrast(DARK_GROUND) >= 7.0).unwrap_or(Color::WHITE)
}

#[cfg(test)]
mod tests {
    use super::super::theme::{Theme, built_in_files};
    use super::*;
    use crate::check::contrast;

    const WINE: Color = Color([0x7a, 0x1f, 0x3d]);

    #[test]
    fn every_colour_that_is_painted_stands_in_the_files() {
        let files = built_in_files();
        let all: String = PAINTED.map(|name| String::from_utf8_lossy(&files[name])).concat();
        for color in Palette::BUILT_IN.colors() {
            assert!(all.contains(&color.to_string()), "{color} is nowhere");
        }
    }

    #[test]
    fn a_painted_theme_has_nothing_of_the_built_in_colours_and_can_be_read() {
        let theme = Theme::in_color(Default::default(), &["cs".into()], WINE).ok().unwrap();
        for name in PAINTED {
            let text = String::from_utf8_lossy(theme.file(name));
            for color in Palette::BUILT_IN.colors() {
                assert!(!text.contains(&color.to_string()), "{color} is left in {name}");
            }
        }
        assert_eq!(contrast::findings(&theme, &"cs".into()), []);
    }

    #[test]
    fn what_a_workspace_wrote_itself_keeps_its_colours() {
        let own = b"a { color: #1f4e79 }".to_vec();
        let files = [("page/style.css".to_owned(), own.clone())];
        let theme = Theme::in_color(files.into(), &["cs".into()], WINE).ok().unwrap();
        assert_eq!(theme.file("page/style.css"), own);
    }

    /// How clients that turn everything over by force show it, `contrast` warns of.
    #[test]
    fn any_accent_that_settings_take_can_be_read_as_sent_and_in_the_dark() {
        for accent in ["#000000", "#b00020", "#006b3c", "#5b2a86", "#6a6a6a", "#0000ff"] {
            let accent: Color = accent.parse().unwrap();
            let theme = Theme::in_color(Default::default(), &["cs".into()], accent).ok().unwrap();
            let told = contrast::findings(&theme, &"cs".into());
            let ours = told.iter().filter(|it| !it.message.starts_with("where a client inverts"));
            assert_eq!(ours.collect::<Vec<_>>(), Vec::<&crate::model::Finding>::new(), "{accent}");
            assert!(told.iter().all(|it| it.help.contains("`theme.accent`")), "{told:?}");
        }
    }
}
