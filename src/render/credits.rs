//! What stands about an edition beside its text: who says it, when, as what,
//! and where else it can be read. Every format prints these facts; it decides
//! only how.

use serde::Serialize;

use super::Document;
use super::theme::Words;

/// The facts about an edition, worded in its language.
///
/// Empty texts are facts that the publication does not state. All fields are
/// always present, because templates run in strict mode.
#[derive(Debug, Clone, Serialize)]
pub struct Credits {
    pub language: String,
    pub title: String,
    pub subtitle: String,
    pub summary: String,
    /// The name of the kind, with the number if it has one: `Analýza 3/2026`.
    pub kind: String,
    /// As the language writes it: `5. října 2026`.
    pub date: String,
    /// For `<time datetime>`: `2026-10-05`.
    pub iso_date: String,
    /// As a sentence lists them: `Jana Nováková a Petr Svoboda`.
    pub authors: String,
    pub working_group: String,
    /// The co-signing member organisations, as a sentence lists them.
    pub members: String,
    pub organisation: String,
    pub tagline: String,
    /// Postal, on one line.
    pub address: String,
    pub email: String,
    pub website: String,
    /// Under which all of it is published: `CC BY 4.0`.
    pub licence: String,
    /// Where that can be read.
    pub licence_url: String,
    /// Absolute addresses of the edition's page and PDF.
    pub page_url: String,
    pub pdf_url: String,
}

impl Credits {
    pub fn new(document: &Document<'_>, words: &Words) -> Self {
        let Document { edition, workspace, .. } = document;
        let (publication, manuscript) = (edition.publication, edition.manuscript);
        let language = &manuscript.language;
        let group = manuscript.working_group.as_ref().and_then(|id| workspace.working_group(id));
        let members = manuscript.members.iter().filter_map(|id| workspace.member(id));
        let members: Vec<String> = members.map(|member| member.name.clone()).collect();
        let organisation = &workspace.organisation;
        let licence = organisation.licence.as_ref();
        Self {
            language: language.to_string(),
            title: manuscript.title.clone(),
            subtitle: manuscript.subtitle.clone().unwrap_or_default(),
            summary: manuscript.summary.clone().unwrap_or_default(),
            kind: workspace.designation(publication, language),
            date: words.date(publication.date),
            iso_date: publication.date.to_string(),
            authors: words.list(&manuscript.authors),
            working_group: group
                .map(|group| group.name.text(language).to_owned())
                .unwrap_or_default(),
            members: words.list(&members),
            organisation: organisation.name.text(language).to_owned(),
            tagline: organisation.tagline.text(language).to_owned(),
            address: in_pieces(organisation.address.text(language)),
            email: organisation.email.clone(),
            website: organisation.website.clone(),
            licence: licence.map(|it| it.name.text(language).to_owned()).unwrap_or_default(),
            licence_url: licence.and_then(|it| it.url(language)).unwrap_or_default(),
            page_url: workspace.url(&publication.page_path(language)).into(),
            pdf_url: workspace.url(&publication.pdf_path(language)).into(),
        }
    }

    /// Two made-up editions on which a theme's templates are tried before any
    /// real one: one that states every fact, one that states the fewest.
    pub fn rehearsals(language: &str) -> [Self; 2] {
        let sparse = Self {
            language: language.to_owned(),
            title: "?".to_owned(),
            subtitle: String::new(),
            summary: String::new(),
            kind: String::new(),
            date: String::new(),
            iso_date: "2026-10-05".to_owned(),
            authors: String::new(),
            working_group: String::new(),
            members: String::new(),
            organisation: String::new(),
            tagline: String::new(),
            address: String::new(),
            email: String::new(),
            website: String::new(),
            licence: String::new(),
            licence_url: String::new(),
            page_url: String::new(),
            pdf_url: String::new(),
        };
        let some = || "?".to_owned();
        let full = Self {
            subtitle: some(),
            summary: some(),
            kind: some(),
            date: some(),
            authors: some(),
            working_group: some(),
            members: some(),
            organisation: some(),
            tagline: some(),
            address: some(),
            email: some(),
            website: some(),
            licence: some(),
            licence_url: some(),
            page_url: some(),
            pdf_url: some(),
            ..sparse.clone()
        };
        [full, sparse]
    }
}

/// A postal address that lines break only between its parts: *Praha 1* and
/// *110 00* stay whole on a phone.
fn in_pieces(address: &str) -> String {
    const LONGEST: usize = 24;
    let whole = |part: &str| match part.chars().count() {
        0..=LONGEST => part.replace(' ', "\u{a0}"),
        _ => part.to_owned(),
    };
    address.split(", ").map(whole).collect::<Vec<_>>().join(", ")
}
