//! The front page: every public publication, newest first.
//!
//! It speaks the workspace's default language and leads to each edition in its
//! own. Who is public is the caller's to say: this module has no clock.

use serde::Serialize;
use serde_json::Value;

use super::theme::Words;
use super::{Template, Theme, page};
use crate::model::{Finding, Language, Publication, Rendition, Workspace};

/// Renders `site/index.html` from the publications given, in any order.
pub fn index(
    publications: &[&Publication],
    workspace: &Workspace,
    theme: &Theme,
) -> Result<Rendition, Finding> {
    let language = workspace.default_language();
    let words = theme.words(language);
    let organisation = &workspace.organisation;
    let licence = organisation.licence.as_ref();
    let mut newest_first = publications.to_vec();
    newest_first.sort_by(|a, b| (b.date, &b.slug).cmp(&(a.date, &a.slug)));
    let fields = Fields {
        language: language.to_string(),
        words: words.tree(),
        style: &String::from_utf8_lossy(theme.file(page::STYLE)),
        organisation: organisation.name.text(language),
        tagline: organisation.tagline.text(language),
        address: organisation.address.text(language),
        email: &organisation.email,
        website: &organisation.website,
        licence: licence.map_or("", |it| it.name.text(language)),
        licence_url: licence.and_then(|it| it.url(language)).unwrap_or_default(),
        home: "index.html",
        url: workspace.url("index.html").into(),
        feeds: workspace.languages.iter().map(|of| Feed::new(of, workspace, theme)).collect(),
        entries: newest_first.iter().map(|of| Entry::new(of, workspace, theme)).collect(),
    };
    let html = theme.templates().fill(Template::Index, &fields)?;
    Ok(Rendition { path: "site/index.html".to_owned(), bytes: html.into_bytes() })
}

/// What `page/index.hbs` may ask for.
#[derive(Serialize)]
struct Fields<'a> {
    language: String,
    words: &'a Value,
    style: &'a str,
    organisation: &'a str,
    tagline: &'a str,
    address: &'a str,
    email: &'a str,
    website: &'a str,
    licence: &'a str,
    licence_url: String,
    home: &'static str,
    url: String,
    feeds: Vec<Feed>,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Feed {
    language: String,
    name: String,
    title: String,
    href: String,
}

impl Feed {
    fn new(language: &Language, workspace: &Workspace, theme: &Theme) -> Self {
        let words = theme.words(language);
        Self {
            language: language.to_string(),
            name: words.get("language").to_owned(),
            title: page::feed_title(workspace.organisation.name.text(language), words),
            href: super::feed::feed_name(language),
        }
    }
}

/// One publication, told in the default language where it has it.
#[derive(Serialize)]
struct Entry {
    language: String,
    title: String,
    subtitle: String,
    summary: String,
    kind: String,
    date: String,
    iso_date: String,
    href: String,
    editions: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    language: String,
    name: String,
    page: String,
    pdf: String,
}

impl Entry {
    fn new(publication: &Publication, workspace: &Workspace, theme: &Theme) -> Self {
        let house = workspace.default_language();
        let told = publication.manuscript(house).unwrap_or_else(|| publication.leading());
        let editions = publication.manuscripts.iter().map(|manuscript| Link {
            language: manuscript.language.to_string(),
            name: theme.words(&manuscript.language).get("language").to_owned(),
            page: publication.page_path(&manuscript.language),
            pdf: publication.pdf_path(&manuscript.language),
        });
        Self {
            language: told.language.to_string(),
            title: told.title.clone(),
            subtitle: told.subtitle.clone().unwrap_or_default(),
            summary: told.summary.clone().unwrap_or_default(),
            kind: workspace.designation(publication, house),
            date: theme.words(house).date(publication.date),
            iso_date: publication.date.to_string(),
            href: publication.page_path(&told.language),
            editions: editions.collect(),
        }
    }
}

/// Contexts that the index template must take.
pub(super) fn rehearsals(language: &str, words: &Words) -> Vec<Value> {
    let some = || "?".to_owned();
    let link = Link { language: some(), name: some(), page: some(), pdf: some() };
    let entry = Entry {
        language: some(),
        title: some(),
        subtitle: some(),
        summary: some(),
        kind: some(),
        date: some(),
        iso_date: some(),
        href: some(),
        editions: vec![link],
    };
    let feed = Feed { language: some(), name: some(), title: some(), href: some() };
    let empty = Fields {
        language: language.to_owned(),
        words: words.tree(),
        style: "",
        organisation: "?",
        tagline: "",
        address: "?",
        email: "?",
        website: "?",
        licence: "",
        licence_url: String::new(),
        home: "index.html",
        url: some(),
        feeds: Vec::new(),
        entries: Vec::new(),
    };
    let empty = serde_json::to_value(&empty);
    let full = empty.as_ref().ok().cloned().map(|mut full| {
        full["tagline"] = "?".into();
        full["licence"] = "?".into();
        full["licence_url"] = "?".into();
        full["feeds"] = serde_json::to_value([feed]).unwrap_or_default();
        full["entries"] = serde_json::to_value([entry]).unwrap_or_default();
        full
    });
    full.into_iter().chain(empty).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::specimen;
    use super::*;
    use crate::model::Slug;

    #[test]
    fn the_newest_publication_comes_first() {
        let older = specimen::publication(&[("cs", "Text."), ("en", "Text.")]);
        let mut newer = specimen::publication(&[("en", "Text.")]);
        newer.slug = Slug::new("2026-11-05-pojisteni").unwrap();
        newer.date = date(2026, 11, 5);
        let rendition =
            index(&[&older, &newer], &specimen::workspace(), &specimen::theme()).unwrap();
        assert_eq!(rendition.path, "site/index.html");
        let html = String::from_utf8(rendition.bytes).unwrap();
        let (_, main) = html.split_once("<main").unwrap();
        insta::assert_snapshot!(main);
    }
}
