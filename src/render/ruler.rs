//! How wide a text is, for charts, which must know before anybody sets it.
//!
//! Sums of advances, without kerning: near enough, and no shaping. Only the two
//! faces that charts are set in are parsed, and only their tables of widths, so
//! that a run which draws a chart need not read all fonts of the theme.

use ttf_parser::{Face, name_id};

/// The widths of one family's ordinary and bold letters.
pub struct Ruler<'f> {
    ordinary: Option<Face<'f>>,
    bold: Option<Face<'f>>,
}

/// Wide for a letter: text that no face can measure shall have room.
const UNKNOWN: f64 = 0.6;

impl<'f> Ruler<'f> {
    /// Among `files`, which are the theme's `fonts/`, those of a family.
    pub fn new(files: impl Iterator<Item = (&'f str, &'f [u8])>, family: &str) -> Self {
        let faces: Vec<Face<'f>> = files
            .filter_map(|(_, bytes)| Face::parse(bytes, 0).ok())
            .filter(|face| !face.is_italic() && is_of(face, family))
            .collect();
        let nearest = |weight: u16| {
            faces.iter().min_by_key(|face| face.weight().to_number().abs_diff(weight)).cloned()
        };
        Self { ordinary: nearest(400), bold: nearest(600) }
    }

    /// In ems.
    pub fn width(&self, text: &str, bold: bool) -> f64 {
        let Some(face) = (if bold { &self.bold } else { &self.ordinary }) else {
            return text.chars().count() as f64 * UNKNOWN;
        };
        let em = f64::from(face.units_per_em()).max(1.0);
        let advance = |c: char| {
            let glyph = face.glyph_index(c)?;
            Some(f64::from(face.glyph_hor_advance(glyph)?) / em)
        };
        text.chars().map(|c| advance(c).unwrap_or(UNKNOWN)).sum()
    }
}

fn is_of(face: &Face<'_>, family: &str) -> bool {
    let names = face.names().into_iter();
    let families =
        names.filter(|name| matches!(name.name_id, name_id::FAMILY | name_id::TYPOGRAPHIC_FAMILY));
    families.filter_map(|name| name.to_string()).any(|name| name == family)
}

#[cfg(test)]
mod tests {
    use crate::render::specimen::THEME;

    #[test]
    fn letters_are_measured_as_the_theme_sets_them() {
        let ruler = THEME.ruler();
        let word = ruler.width("Příliš žluťoučký", false);
        assert!((6.0..8.0).contains(&word), "{word}");
        assert!(ruler.width("Příliš žluťoučký", true) > word);
        assert!(ruler.width("iii", false) < ruler.width("mmm", false));
        assert!((ruler.width("漢字", false) - 1.2).abs() < 1e-9);
    }
}
