//! Whether the typefaces that the settings name are among the theme's.
//!
//! Typst would set the text in another face and say nothing. The surprise:
//! faces are parsed only if the house names one that the built-in theme does
//! not bring, for most runs need none of them.

use std::path::Path;

use crate::model::{Finding, Findings, PdfSettings, Place};
use crate::render::Theme;
use crate::render::fonts::FAMILIES;

/// A finding for each family that no face belongs to; `settings` is the text
/// of `hlas.toml`.
pub fn findings(pdf: &PdfSettings, theme: &Theme, settings: &str) -> Findings {
    let named = [&pdf.text_font, &pdf.heading_font, &pdf.code_font];
    let others = named.into_iter().filter(|name| !FAMILIES.contains(&name.as_str()));
    let missing = others.filter(|name| !theme.fonts().has(name));
    missing.map(|name| finding(name, theme, settings)).collect()
}

fn finding(name: &str, theme: &Theme, settings: &str) -> Finding {
    let place = match settings.find(&format!("\"{name}\"")) {
        Some(offset) => Place::at_offset(Path::new("hlas.toml"), settings, offset)
            .spanning(name.chars().count() + 2),
        None => Place::start("hlas.toml"),
    };
    let help = match super::nearest(name, theme.fonts().families()) {
        Some(close) => format!("did you mean \"{close}\"?"),
        None => "put its .ttf or .otf files into templates/fonts/, in regular, italic, semibold \
                 and semibold italic"
            .to_owned(),
    };
    Finding::error("settings", place, format!("the theme has no font called “{name}”"))
        .help(help)
        .source(&settings.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::specimen;

    #[test]
    fn a_typeface_that_is_not_there_is_told_at_its_line() {
        let told = |name: &str| {
            let pdf = PdfSettings { text_font: name.to_owned(), ..specimen::workspace().pdf };
            let settings = format!("[pdf]\ntext_font = \"{name}\"\n");
            let found = findings(&pdf, &specimen::THEME, &settings);
            let tell = |it: &Finding| format!("{} {} → {}", it.place, it.message, it.help);
            found.iter().map(tell).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(told("Source Sans 3"), "");
        assert_eq!(
            told("Source Serif Pro"),
            "hlas.toml:2:13 the theme has no font called “Source Serif Pro” → \
             did you mean \"Source Serif 4\"?"
        );
        assert!(told("Minion").contains("templates/fonts/"));
    }
}
