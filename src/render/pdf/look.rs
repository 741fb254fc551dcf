//! What `style.typ` is told of the house's choices in `hlas.toml`.

use serde::Serialize;

use crate::model::Layout;
use crate::render::Document;
use crate::render::markdown::plain_text;

/// Letters on some four pages.
const SHORT: usize = 10_000;

/// Lengths in millimetres, the size of the text in points.
#[derive(Debug, Serialize)]
pub struct Look {
    layout: &'static str,
    accent: String,
    paper: &'static str,
    margin: Margin,
    text_font: String,
    heading_font: String,
    code_font: String,
    text_size: f64,
    contents_from: u32,
    /// Whether it will fill a sheet or two, so that a page more or less matters.
    short: bool,
}

#[derive(Debug, Serialize)]
struct Margin {
    top: f64,
    bottom: f64,
    left: f64,
    right: f64,
}

impl Look {
    pub fn new(document: &Document<'_>) -> Self {
        let Document { edition, workspace, .. } = document;
        let kind = workspace.kind(&edition.publication.kind);
        let pdf = &workspace.pdf;
        let margins = pdf.margins;
        Self {
            layout: kind.map_or(Layout::Article, |kind| kind.layout).name(),
            accent: workspace.accent.to_string(),
            paper: pdf.paper.name(),
            margin: Margin {
                top: margins.top,
                bottom: margins.bottom,
                left: margins.left,
                right: margins.right,
            },
            text_font: pdf.text_font.clone(),
            heading_font: pdf.heading_font.clone(),
            code_font: pdf.code_font.clone(),
            text_size: pdf.text_size,
            contents_from: pdf.contents_from,
            short: plain_text(document.root).chars().nth(SHORT).is_none(),
        }
    }
}
