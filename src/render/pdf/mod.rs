//! The edition as PDF/UA-1 and PDF/A-2a in one file, set by Typst in process.
//!
//! ISO 14289-1 (UA-1) makes it readable aloud, ISO 19005-2 level A keeps it
//! readable in thirty years. The author's text travels as JSON ([`nodes`]) into
//! templates that a designer may edit (`templates/pdf/`), in a world of virtual
//! files alone ([`world`]). What would break the standards is looked for
//! first, with line and column ([`glyphs`]).
//!
//! The surprise: setting runs on a thread of its own, for Typst recurses as
//! deep as the text nests and a test's thread has a small stack; and Typst
//! remembers what it did, which makes the same text with a sentence changed
//! four times as fast and has to be forgotten again ([`KEPT`]).

mod colophon;
mod decimals;
mod glyphs;
mod look;
mod nodes;
mod packed;
mod qr;
mod world;

use serde::Serialize;
use typst::diag::{SourceDiagnostic, SourceResult};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::{World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub(super) use glyphs::is_invisible;
pub use nodes::MAX_DEPTH;

use self::colophon::{Colophon, QR_FILE};
use self::look::Look;
use self::world::Desk;
use super::{Credits, Document, Format, Outline, Serves, Theme, outline};
use crate::model::{Edition, Finding, Findings, Manuscript, Place, Rendition};

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
        let page = Page::new(document, theme)?;
        if let Some(first) =
            glyphs::findings(document, &page.front, theme.fonts()).into_iter().next()
        {
            return Err(first);
        }
        let desk = page.desk(document, theme);
        let options = options(document);
        let bytes = set(&desk, &options)
            .map_err(|errors| told_by_typst(&errors, &desk, edition.manuscript))?;
        Ok(Rendition { path: self.path(edition), bytes })
    }

    fn outline(&self, _document: &Document<'_>, _theme: &Theme, bytes: &[u8]) -> Outline {
        outline::of_pdf(bytes)
    }
}

/// All that would keep the edition from becoming a PDF, as far as it can be
/// told without setting it.
pub fn check(document: &Document<'_>, theme: &Theme) -> Findings {
    match Page::new(document, theme) {
        Ok(page) => glyphs::findings(document, &page.front, theme.fonts()),
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
        Ok(Self {
            front,
            contents: contents(document),
            words: &words.tree()["pdf"],
            look: Look::new(document),
            colophon: Colophon::new(document, theme, &credits),
            body: nodes::elements(document, words)?,
        })
    }

    fn desk<'t>(&self, document: &Document<'_>, theme: &'t Theme) -> Desk<'t> {
        let mut front = serde_json::to_value(self).expect("elements are plain data");
        // By itself, so that what is set from the front alone is recalled when
        // only the text has changed.
        let body = front.as_object_mut().and_then(|front| front.remove("body"));
        let mut desk = Desk::new(theme);
        desk.add("document.json", Bytes::from_string(front.to_string()));
        desk.add("text.json", Bytes::from_string(body.unwrap_or_default().to_string()));
        for (index, picture) in document.edition.publication.pictures.iter().enumerate() {
            desk.add(&picture_name(index), Bytes::new(picture.bytes.clone()));
        }
        if let Some(code) = &self.colophon.code {
            desk.add(QR_FILE, Bytes::from_string(code.clone()));
        }
        desk
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
    format!("pictures/{index}")
}

fn options(document: &Document<'_>) -> PdfOptions {
    let edition = document.edition;
    let (slug, language) = (&edition.publication.slug, &edition.manuscript.language);
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
        .expect("PDF/UA-1 and PDF/A-2a are both PDF 1.7");
    PdfOptions {
        ident: Smart::Custom(format!("{slug}.{language}")),
        creator: Smart::Custom(Some("hlas".to_owned())),
        timestamp: timestamp(document),
        standards,
        ..PdfOptions::default()
    }
}

/// Noon of the publication's date in the house's time zone: a viewer shows the
/// moment in its own zone, and from noon hardly any of them changes the day.
fn timestamp(document: &Document<'_>) -> Option<Timestamp> {
    let date = document.edition.publication.date;
    let (year, month, day) = (date.year(), date.month(), date.day());
    let datetime =
        Datetime::from_ymd_hms(year.into(), month.unsigned_abs(), day.unsigned_abs(), 12, 0, 0)?;
    let zone = document.workspace.time_zone.clone();
    let noon = date.at(12, 0, 0, 0).to_zoned_datetime(zone).ok()?;
    Timestamp::new_local(datetime, noon.offset().seconds() / 60)
}

/// Room for Typst to recurse in: unoptimised, a level of nesting takes tens of
/// kilobytes. The pages are claimed only when touched.
const STACK: usize = 64 << 20;

/// For how many documents what was remembered of one is kept: of the last,
/// since it may be set again with a sentence changed, and what another thread
/// is at work with. Without a bound memory grew by 19 MiB a document.
const KEPT: usize = 1;

/// Sets the document and writes it.
fn set(desk: &Desk<'_>, options: &PdfOptions) -> SourceResult<Vec<u8>> {
    let set = || {
        let document = typst::compile::<PagedDocument>(desk).output?;
        typst_pdf::pdf(&document, options).map(packed::packed)
    };
    let bytes = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("pdf".to_owned()).stack_size(STACK);
        let worker = thread.spawn_scoped(scope, set).expect("the system gives a thread");
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    comemo::evict(KEPT);
    bytes
}

/// What Typst says becomes a finding: in the template where it points there
/// and the template is at fault, else at the start of the manuscript.
fn told_by_typst(errors: &[SourceDiagnostic], desk: &Desk<'_>, manuscript: &Manuscript) -> Finding {
    let Some(error) = errors.first() else {
        let place = Place::start(&manuscript.file);
        return Finding::error("pdf-typst", place, "the PDF could not be set");
    };
    let mut finding =
        Finding::error("pdf-typst", Place::start(&manuscript.file), error.message.as_str());
    let mut help: Vec<_> = error.hints.iter().map(|hint| hint.v.to_string()).collect();
    if let Some(place) = template_place(error, desk) {
        help.push(format!("Typst was at templates/{place}"));
    }
    finding.help = help.join("; ");
    finding.source(&manuscript.text)
}

fn template_place(error: &SourceDiagnostic, desk: &Desk<'_>) -> Option<Place> {
    let id = error.span.id()?;
    let range = desk.range(error.span)?;
    let source = desk.source(id).ok()?;
    let path = world::theme_path(id);
    Some(Place::at_offset(path.as_ref(), source.text(), range.start))
}

#[cfg(test)]
mod tests;
