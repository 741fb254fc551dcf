//! What a house chooses of how its publications look in print.
//!
//! Everything else of the look is the theme's (`templates/pdf/style.typ`);
//! here stand the few values that a house changes without touching a template.

use std::collections::BTreeSet;
use std::time::Duration;

use super::PdfStandard;

/// How the PDF of a kind is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A cover block, contents, numbered headings: what is filed and cited.
    Report,
    /// A compact opening and no contents: two pages on one sheet.
    Article,
    /// Contents of the issue at the top.
    Issue,
}

impl Layout {
    pub const ALL: [Self; 3] = [Self::Report, Self::Article, Self::Issue];

    /// As written in `hlas.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Article => "article",
            Self::Issue => "issue",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.name() == name)
    }

    /// What a kind gets that states none, by its id.
    pub fn of_kind(id: &str) -> Self {
        match id {
            "analysis" => Self::Report,
            "newsletter" => Self::Issue,
            _ => Self::Article,
        }
    }
}

/// A sheet, by the name that Typst has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    A4,
    A5,
    Letter,
}

impl Paper {
    pub const ALL: [Self; 3] = [Self::A4, Self::A5, Self::Letter];

    pub fn name(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::A5 => "a5",
            Self::Letter => "us-letter",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|paper| paper.name() == name)
    }

    /// Width and height in millimetres (ISO 216, ANSI/ASME Y14.1).
    pub fn size(self) -> (f64, f64) {
        match self {
            Self::A4 => (210.0, 297.0),
            Self::A5 => (148.0, 210.0),
            Self::Letter => (215.9, 279.4),
        }
    }
}

/// In millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margins {
    pub top: f64,
    pub bottom: f64,
    pub left: f64,
    pub right: f64,
}

/// The `[pdf]` of `hlas.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct PdfSettings {
    pub paper: Paper,
    pub margins: Margins,
    /// Families of the theme's fonts.
    pub text_font: String,
    pub heading_font: String,
    pub code_font: String,
    /// In points; all other sizes follow it.
    pub text_size: f64,
    /// From this number of pages on a report shows its contents.
    pub contents_from: u32,
    /// None of them is a plain PDF, tagged all the same.
    pub standards: BTreeSet<PdfStandard>,
    /// How long one PDF may take with templates of the workspace's own.
    pub time_limit: Duration,
}
