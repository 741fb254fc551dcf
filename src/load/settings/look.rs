//! Settings of how publications look: the house's colour, and paper, type and
//! margins of the PDF.
//!
//! A designer edits `templates/pdf/style.typ`; these are for everybody else.
//! The surprise: the colour must be dark. It is the colour of words (headings,
//! links) and the ground under white ones (the button of a mail), so one that
//! nobody can read is refused here, where its line is known, and not found
//! out later as a dozen findings in templates that nobody has written.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;

use super::Resolver;
use crate::model::{
    ByLanguage, Color, Kind, Layout, Margins, Paper, PdfSettings, PdfStandard, standards,
};

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RawTheme {
    accent: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RawPdf {
    paper: Option<String>,
    margin_top: Option<f64>,
    margin_bottom: Option<f64>,
    margin_left: Option<f64>,
    margin_right: Option<f64>,
    text_font: Option<String>,
    heading_font: Option<String>,
    code_font: Option<String>,
    text_size: Option<f64>,
    contents_from: Option<u32>,
    standard: Option<Vec<String>>,
    time_limit: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RawKind {
    id: String,
    name: ByLanguage<String>,
    layout: Option<String>,
    numbered: Option<bool>,
}

/// What is left for text between the margins, at least, in millimetres: some
/// forty letters across, some fifteen lines.
const LEAST_WIDTH: f64 = 80.0;
const LEAST_HEIGHT: f64 = 100.0;

/// The smallest margin an office printer prints to, and more than any needs.
const MARGINS: std::ops::RangeInclusive<f64> = 10.0..=80.0;

/// In points. Below nine a folder is no reading for people over fifty; above
/// fourteen is a large-print edition, which wants another layout.
const TEXT_SIZES: std::ops::RangeInclusive<f64> = 9.0..=14.0;

/// WCAG 2.2, 1.4.3.
const LEAST_CONTRAST: f64 = 4.5;

/// The darkest ground on which the theme sets words in the accent.
const GROUND: Color = Color([0xf2, 0xf0, 0xeb]);

impl Resolver<'_> {
    pub(super) fn kinds(&mut self, raw: &[RawKind]) -> Vec<Kind> {
        self.unique_ids("kinds", raw.iter().map(|kind| kind.id.as_str()));
        let kinds = raw.iter().enumerate().map(|(index, kind)| {
            let layout = self.layout(index, kind);
            let numbered = kind.numbered.unwrap_or(layout == Layout::Report);
            Kind { id: kind.id.clone(), name: kind.name.clone(), layout, numbered }
        });
        kinds.collect()
    }

    fn layout(&mut self, index: usize, kind: &RawKind) -> Layout {
        let Some(written) = &kind.layout else { return Layout::of_kind(&kind.id) };
        Layout::from_name(written).unwrap_or_else(|| {
            let names = Layout::ALL.map(|layout| format!("\"{}\"", layout.name())).join(", ");
            let message = format!("there is no layout `{written}`");
            self.wrong(&format!("kinds.{index}.layout"), message, format!("write one of {names}"));
            Layout::Article
        })
    }

    pub(super) fn accent(&mut self, raw: &RawTheme) -> Option<Color> {
        let (key, written) = ("theme.accent", raw.accent.as_deref()?);
        let Ok(color) = written.parse::<Color>() else {
            let help = "write six hexadecimal digits: \"#1f4e79\"";
            self.wrong(key, format!("`{written}` is no colour"), help);
            return None;
        };
        let contrast = color.contrast(GROUND);
        if contrast < LEAST_CONTRAST {
            let message = format!("{color} is too light for words: {contrast:.1}:1 on paper");
            let help = "headings and links are set in it, and 4.5:1 on a light ground is the least (WCAG 2.2, 1.4.3): take a darker shade";
            self.wrong(key, message, help);
            return None;
        }
        Some(color)
    }

    pub(super) fn pdf(&mut self, raw: &RawPdf) -> Option<PdfSettings> {
        let paper = self.paper(raw.paper.as_deref()?);
        let margins = Margins {
            top: self.margin("top", raw.margin_top?),
            bottom: self.margin("bottom", raw.margin_bottom?),
            left: self.margin("left", raw.margin_left?),
            right: self.margin("right", raw.margin_right?),
        };
        let text_font = self.font("text_font", raw.text_font.as_deref()?);
        let heading_font = self.font("heading_font", raw.heading_font.as_deref()?);
        let code_font = self.font("code_font", raw.code_font.as_deref()?);
        let text_size = self.text_size(raw.text_size?);
        let contents_from = raw.contents_from?;
        let standards = self.standards(raw.standard.as_deref()?);
        let time_limit = self.time_limit(raw.time_limit?);
        let paper = paper?;
        self.room(paper, &margins);
        Some(PdfSettings {
            paper,
            margins,
            text_font,
            heading_font,
            code_font,
            text_size,
            contents_from,
            standards: standards?,
            time_limit,
        })
    }

    fn standards(&mut self, written: &[String]) -> Option<BTreeSet<PdfStandard>> {
        let named = standards(written.iter().map(String::as_str));
        let help = "write [\"ua-1\", \"a-2a\"], one of them, or [\"plain\"]";
        named.map_err(|why| self.wrong("pdf.standard", why, help)).ok()
    }

    fn time_limit(&mut self, seconds: u64) -> Duration {
        if !(1..=3600).contains(&seconds) {
            let message = format!("a PDF cannot have {seconds} seconds to be set in");
            self.wrong("pdf.time_limit", message, "write seconds, from 1 to 3600");
        }
        Duration::from_secs(seconds)
    }

    fn paper(&mut self, written: &str) -> Option<Paper> {
        let paper = Paper::from_name(written);
        if paper.is_none() {
            let names = Paper::ALL.map(|paper| format!("\"{}\"", paper.name())).join(", ");
            let message = format!("there is no paper `{written}` here");
            self.wrong("pdf.paper", message, format!("write one of {names}"));
        }
        paper
    }

    fn margin(&mut self, side: &str, written: f64) -> f64 {
        if !MARGINS.contains(&written) {
            let message = format!("a margin of {written} mm");
            let help = "write millimetres, from 10 to 80";
            self.wrong(&format!("pdf.margin_{side}"), message, help);
        }
        written
    }

    fn room(&mut self, paper: Paper, margins: &Margins) {
        let (width, height) = paper.size();
        let across = width - margins.left - margins.right;
        let down = height - margins.top - margins.bottom;
        let name = paper.name();
        if across < LEAST_WIDTH {
            let message = format!("the margins leave {across:.0} mm across {name} for text");
            self.wrong(self.stated(["left", "right"]), message, "leave at least 80 mm");
        }
        if down < LEAST_HEIGHT {
            let message = format!("the margins leave {down:.0} mm down {name} for text");
            self.wrong(self.stated(["top", "bottom"]), message, "leave at least 100 mm");
        }
    }

    /// Which of two margins, or the paper, the house has stated itself.
    fn stated(&self, sides: [&str; 2]) -> &'static str {
        let keys = match sides {
            ["left", _] => ["pdf.margin_left", "pdf.margin_right"],
            _ => ["pdf.margin_top", "pdf.margin_bottom"],
        };
        let stated = |key: &&str| self.file.span(key).is_some();
        keys.into_iter().find(stated).unwrap_or("pdf.paper")
    }

    fn font(&mut self, key: &str, written: &str) -> String {
        if written.trim().is_empty() {
            let help = "name a family of templates/fonts/, such as \"Source Serif 4\"";
            self.wrong(&format!("pdf.{key}"), "a font without a name", help);
        }
        written.trim().to_owned()
    }

    fn text_size(&mut self, written: f64) -> f64 {
        if !TEXT_SIZES.contains(&written) {
            let help = "write points, from 9 to 14; books have 10 or 11";
            self.wrong("pdf.text_size", format!("text of {written} points"), help);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::settings;
    use crate::model::{Layout, Paper, Workspace};

    const SMALL: &str = r#"base_url = "https://hlas.example.org"
organisation.name = { cs = "Konsorcium" }
organisation.address = { cs = "Ulice 1, Praha" }
organisation.email = "a@example.org"
mail.from = "hlas@example.org"
"#;

    fn read(lines: &str) -> Result<Workspace, Vec<String>> {
        let settings = settings(Path::new("/w"), &format!("{SMALL}{lines}"), &[]);
        settings.map(|settings| settings.workspace).map_err(|findings| {
            let tell =
                |it: &crate::model::Finding| format!("{} {} → {}", it.place, it.message, it.help);
            findings.iter().map(tell).collect()
        })
    }

    #[test]
    fn a_house_that_says_nothing_has_the_built_in_look() {
        let house = read("").unwrap();
        assert_eq!(house.accent.to_string(), "#1f4e79");
        assert_eq!((house.pdf.paper, house.pdf.text_font.as_str()), (Paper::A4, "Source Serif 4"));
        let layouts: Vec<_> = house.kinds.iter().map(|kind| (kind.layout, kind.numbered)).collect();
        let expected = [(Layout::Article, false), (Layout::Report, true), (Layout::Issue, false)];
        assert_eq!(layouts, expected);
    }

    #[test]
    fn one_value_is_changed_and_the_others_stay() {
        let house = read("pdf.margin_left = 30\npdf.text_size = 11\n").unwrap();
        assert_eq!((house.pdf.margins.left, house.pdf.margins.right), (30.0, 34.0));
        assert!((house.pdf.text_size - 11.0).abs() < f64::EPSILON);
    }

    #[test]
    fn every_wrong_value_is_told_where_it_stands() {
        let wrong = read(
            "theme.accent = \"#66aaff\"\npdf.paper = \"b5\"\npdf.margin_top = 2\n\
             kinds = [{ id = \"a\", name = { cs = \"A\" }, layout = \"big\" }]\n",
        );
        insta::assert_snapshot!(wrong.unwrap_err().join("\n"));
        let wrong = read(
            "theme.accent = \"navy\"\npdf.paper = \"a5\"\npdf.text_font = \" \"\n\
             pdf.text_size = 6.5\norganisation.licence_url = \"https://example.org/\"\n",
        );
        insta::assert_snapshot!(wrong.unwrap_err().join("\n"));
    }

    #[test]
    fn a_kind_may_choose_its_layout_and_whether_headings_are_numbered() {
        let kinds = "kinds = [{ id = \"studie\", name = { cs = \"Studie\" }, layout = \"report\", \
                     numbered = false }]\n";
        let house = read(kinds).unwrap();
        assert_eq!((house.kinds[0].layout, house.kinds[0].numbered), (Layout::Report, false));
    }
}
