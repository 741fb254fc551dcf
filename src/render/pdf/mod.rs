//! The edition as PDF/UA-1 and PDF/A-2a in one file, set by Typst in process.
//!
//! ISO 14289-1 (UA-1) makes it readable aloud, ISO 19005-2 level A keeps it
//! readable in thirty years. The author's text travels as JSON ([`nodes`]) into
//! templates that a designer may edit (`templates/pdf/`), in a world of virtual
//! files alone ([`world`]). What would break the standards is looked for
//! first, with line and column ([`glyphs`]).
//!
//! The surprise: with templates of the workspace's own it is another process
//! that sets ([`typesetter`]), since Typst stops no loop.

mod colophon;
mod columns;
mod decimals;
mod glyphs;
mod job;
mod look;
mod nodes;
mod packed;
mod qr;
mod recompressed;
mod setting;
mod stops;
mod told;
mod typesetter;
pub mod wire;
mod world;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use typst::foundations::Bytes;

pub(super) use glyphs::is_invisible;
pub use job::Job;
pub use nodes::MAX_DEPTH;
pub use typesetter::{InProcess, Said, Trouble, Typesetter};

use self::colophon::{Colophon, QR_FILE};
use self::job::{Moment, Papers, Wish};
use self::look::Look;
use super::{Credits, Document, Format, Outline, Serves, Theme, outline};
use crate::model::{Edition, Finding, Findings, Rendition};

/// The PDF of an edition: `site/<slug>/<slug>.<language>.pdf`.
pub struct Pdf;

impl Format for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn serves(&self) -> Serves {
        Serves::Public
    }

    fn is_slow(&self) -> bool {
        true
    }

    fn path(&self, edition: &Edition<'_>) -> String {
        format!("site/{}", edition.publication.pdf_path(&edition.manuscript.language))
    }

    fn render(&self, document: &Document<'_>, theme: &Theme) -> Result<Rendition, Finding> {
        let edition = document.edition;
        let mut made = set(document, theme, Wish::Pdf(papers(document)))?;
        let bytes = made.pop().expect("a PDF is one file");
        Ok(Rendition { path: self.path(edition), bytes })
    }

    /// A chart's numbers are in its drawing, and told with its alternative text.
    fn expected(&self, document: &Document<'_>, theme: &Theme) -> Outline {
        let words = theme.words(&document.edition.manuscript.language);
        Outline::of_document_without_tables_of_charts(document, words)
    }

    fn outline(&self, _document: &Document<'_>, _theme: &Theme, bytes: &[u8]) -> Outline {
        outline::of_pdf(bytes)
    }
}

/// The pages of an edition's PDF as PNG, for eyes.
///
/// # Errors
/// The same that would keep it from becoming a PDF.
pub fn pages(
    document: &Document<'_>,
    theme: &Theme,
    pixels_per_inch: u16,
) -> Result<Vec<Vec<u8>>, Finding> {
    set(document, theme, Wish::Pages { pixels_per_inch })
}

fn set(document: &Document<'_>, theme: &Theme, wish: Wish) -> Result<Vec<Vec<u8>>, Finding> {
    let page = Page::new(document, theme)?;
    let missing = glyphs::findings(document, &page.front, theme.fonts());
    if let Some(first) = missing.into_iter().next() {
        return Err(first);
    }
    let job = page.job(document, theme, wish);
    let limit = document.workspace.pdf.time_limit;
    theme
        .typesetter(job.is_long())
        .set(&job, theme.fonts(), limit)
        .map_err(|trouble| told::finding(trouble, document.edition.manuscript, &page.starts, theme))
}

/// All that would keep the edition from becoming a PDF, as far as it can be
/// told without setting it.
pub fn check(document: &Document<'_>, theme: &Theme) -> Findings {
    let words = theme.words(&document.edition.manuscript.language);
    match nodes::elements(document, theme, words) {
        Ok(_) => glyphs::findings(document, &Front::new(document, words), theme.fonts()),
        Err(finding) => vec![finding],
    }
}

/// The characters that the fonts cannot draw, and nothing else: for a text in
/// which something is wrong already.
pub fn characters(document: &Document<'_>, theme: &Theme) -> Findings {
    let words = theme.words(&document.edition.manuscript.language);
    glyphs::findings(document, &Front::new(document, words), theme.fonts())
}

/// What `document.json` holds.
#[derive(Serialize)]
struct Page<'d> {
    #[serde(flatten)]
    front: Front,
    /// Headings as the contents show them: without marks of footnotes.
    contents: Vec<Entry<'d>>,
    words: &'d serde_json::Value,
    look: Look,
    colophon: Colophon,
    body: nodes::Elements,
    /// Where each of the body begins in Markdown.
    #[serde(skip)]
    starts: Vec<(usize, usize)>,
}

/// What stands around the text.
#[derive(Serialize)]
pub(crate) struct Front {
    language: String,
    region: Option<String>,
    kind: String,
    date: String,
    title: String,
    subtitle: Option<String>,
    summary: Option<String>,
    authors: Vec<String>,
    byline: String,
    topics: Vec<String>,
    working_group: Option<String>,
    members: Option<String>,
    organisation: String,
    tagline: String,
    address: String,
    email: String,
    website: String,
    licence: Option<String>,
    url: String,
}

#[derive(Serialize)]
struct Entry<'d> {
    anchor: &'d str,
    title: String,
}

impl<'d> Page<'d> {
    fn new(document: &'d Document<'_>, theme: &'d Theme) -> Result<Self, Finding> {
        let edition = document.edition;
        let words = theme.words(&edition.manuscript.language);
        let front = Front::new(document, words);
        let credits = Credits::new(document, words);
        let (body, starts) = nodes::elements(document, theme, words)?;
        Ok(Self {
            front,
            contents: contents(document),
            words: &words.tree()["pdf"],
            look: Look::new(document),
            colophon: Colophon::new(document, theme, &credits),
            body,
            starts,
        })
    }

    /// All that Typst is handed.
    fn job(&self, document: &Document<'_>, theme: &Theme, wish: Wish) -> Job {
        let mut files = BTreeMap::new();
        for (path, bytes) in theme.folder("pdf") {
            let name = path.trim_start_matches("pdf/").to_owned();
            files.insert(name, Bytes::new(bytes.to_vec()));
        }
        for (index, picture) in document.edition.publication.pictures.iter().enumerate() {
            files.insert(picture_name(index), Bytes::new(picture.bytes.clone()));
        }
        if let Some(code) = &self.colophon.code {
            files.insert(QR_FILE.to_owned(), Bytes::from_string(code.clone()));
        }
        let mut front = serde_json::to_value(self).expect("elements are plain data");
        let text = front.as_object_mut().and_then(|front| front.remove("body"));
        let text = text.as_ref().and_then(Value::as_array).into_iter().flatten();
        let text = text.map(Value::to_string).collect();
        files.insert("document.json".to_owned(), Bytes::from_string(front.to_string()));
        Job { files, text, wish }
    }
}

impl Front {
    fn new(document: &Document<'_>, words: &super::theme::Words) -> Self {
        let (edition, workspace) = (document.edition, document.workspace);
        let (publication, manuscript) = (edition.publication, edition.manuscript);
        let language = &manuscript.language;
        let (primary, region) = match language.as_str().split_once('-') {
            Some((primary, region)) => (primary, Some(region.to_ascii_uppercase())),
            None => (language.as_str(), None),
        };
        let line = |text: &str| nodes::legible(text.trim());
        let members = manuscript.members.iter().filter_map(|id| workspace.member(id));
        let members: Vec<_> = members.map(|member| line(&member.name)).collect();
        let authors: Vec<_> = manuscript.authors.iter().map(|name| line(name)).collect();
        let organisation = &workspace.organisation;
        Self {
            language: primary.to_owned(),
            region,
            kind: line(&workspace.designation(publication, language)),
            date: words.date(publication.date),
            title: line(&manuscript.title),
            subtitle: manuscript.subtitle.as_deref().map(line),
            summary: manuscript.summary.as_deref().map(line),
            byline: words.list(&authors),
            authors,
            topics: manuscript.topics.iter().map(|topic| line(topic)).collect(),
            working_group: manuscript
                .working_group
                .as_deref()
                .and_then(|id| workspace.working_group(id))
                .map(|group| line(group.name.text(language))),
            members: (!members.is_empty()).then(|| words.list(&members)),
            organisation: line(organisation.name.text(language)),
            tagline: line(organisation.tagline.text(language)),
            address: line(organisation.address.text(language)),
            email: line(&organisation.email),
            website: line(&organisation.website),
            licence: organisation.licence.as_ref().map(|it| line(it.name.text(language))),
            url: workspace.url(&publication.page_path(language)).into(),
        }
    }

    /// Everything of it that is drawn.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let stated = [&self.kind, &self.date, &self.title, &self.byline, &self.organisation];
        let house = [&self.tagline, &self.address, &self.email, &self.website, &self.url];
        let optional =
            [&self.subtitle, &self.summary, &self.working_group, &self.members, &self.licence];
        let optional = optional.into_iter().flatten();
        stated.into_iter().chain(house).chain(optional).map(String::as_str)
    }
}

fn contents<'d>(document: &'d Document<'_>) -> Vec<Entry<'d>> {
    use comrak::nodes::NodeValue;
    let headings = document
        .root
        .descendants()
        .filter(|node| matches!(node.data().value, NodeValue::Heading(_)));
    let titles = headings.map(|node| nodes::legible(&super::markdown::plain_text(node)));
    document.anchors.iter().zip(titles).map(|(anchor, title)| Entry { anchor, title }).collect()
}

/// Constant names: see [`world`].
fn picture_name(index: usize) -> String {
    format!("{}{index}", world::PICTURES)
}

fn papers(document: &Document<'_>) -> Papers {
    let edition = document.edition;
    let (slug, language) = (&edition.publication.slug, &edition.manuscript.language);
    Papers {
        ident: format!("{slug}.{language}"),
        made: made(document),
        standards: document.workspace.pdf.standards.iter().copied().collect(),
    }
}

/// Noon of the publication's date in the house's time zone: a viewer shows the
/// moment in its own zone, and from noon hardly any of them changes the day.
fn made(document: &Document<'_>) -> Option<Moment> {
    let day = document.edition.publication.date;
    let zone = document.workspace.time_zone.clone();
    let noon = day.at(12, 0, 0, 0).to_zoned_datetime(zone).ok()?;
    Some(Moment { day, offset: noon.offset().seconds() / 60 })
}

#[cfg(test)]
mod tests;
