//! The public web page of an edition: one HTML file, whole in itself.
//!
//! The stylesheet stands inside, and nothing is fetched but the pictures beside
//! it: the page reads the same from a server, from disk and from an archive, and
//! an old page never meets a new stylesheet. There is no script. Links within
//! the site are relative for the same reason; what other machines read
//! (canonical, alternates) is absolute.

use serde::Serialize;
use serde_json::Value;

use super::html::{self, Dialect};
use super::theme::Words;
use super::{Credits, Document, Format, Outline, Serves, Template, Theme, outline};
use crate::model::{Edition, Finding, Manuscript, Publication, Rendition, Workspace};

/// The stylesheet of pages and index.
pub(super) const STYLE: &str = "page/style.css";

/// A web page.
pub struct Page;

impl Format for Page {
    fn name(&self) -> &'static str {
        "page"
    }

    fn serves(&self) -> Serves {
        Serves::Public
    }

    fn path(&self, edition: &Edition<'_>) -> String {
        format!("site/{}", edition.publication.page_path(&edition.manuscript.language))
    }

    fn render(&self, document: &Document<'_>, theme: &Theme) -> Result<Rendition, Finding> {
        let Document { edition, workspace, .. } = document;
        let (publication, language) = (edition.publication, &edition.manuscript.language);
        let words = theme.words(language);
        let credits = Credits::new(document, words);
        let versions = publication.manuscripts.iter();
        let versions = versions.map(|version| Version::new(version, publication, workspace, theme));
        let (versions, others) = split(versions.collect(), language.as_str());
        let leading = publication.page_path(&publication.leading().language);
        let fields = Fields {
            words: words.tree(),
            style: &String::from_utf8_lossy(theme.file(STYLE)),
            body: html::fragment(document, Dialect::Page, words),
            alternates: versions,
            others,
            leading_url: workspace.url(&leading).into(),
            feed: format!("../{}", super::feed::feed_name(language)),
            feed_title: feed_title(&credits.organisation, words),
            pdf: format!("{}.{language}.pdf", publication.slug),
            home: "../index.html",
            ..Fields::new(&credits)
        };
        let html = theme.templates().fill(Template::Page, &fields)?;
        let path = self.path(document.edition);
        Ok(Rendition { path, bytes: html.into_bytes() })
    }

    fn outline(&self, document: &Document<'_>, theme: &Theme, bytes: &[u8]) -> Outline {
        let words = theme.words(&document.edition.manuscript.language);
        outline::of_html(&String::from_utf8_lossy(bytes), words.get("notes"))
    }
}

/// What `page/page.hbs` may ask for, beside the [`Credits`].
#[derive(Serialize)]
struct Fields<'a> {
    #[serde(flatten)]
    credits: &'a Credits,
    words: &'a Value,
    style: &'a str,
    body: String,
    /// Every language there is, this one too; empty when it is the only one.
    alternates: Vec<Version>,
    others: Vec<Version>,
    leading_url: String,
    feed: String,
    feed_title: String,
    pdf: String,
    home: &'static str,
}

impl<'a> Fields<'a> {
    fn new(credits: &'a Credits) -> Self {
        Self {
            credits,
            words: &Value::Null,
            style: "",
            body: String::new(),
            alternates: Vec::new(),
            others: Vec::new(),
            leading_url: String::new(),
            feed: String::new(),
            feed_title: String::new(),
            pdf: String::new(),
            home: "",
        }
    }
}

/// The same publication in one language.
#[derive(Debug, Clone, Serialize)]
struct Version {
    language: String,
    /// The language's own name for itself.
    name: String,
    url: String,
    /// From the page of another version.
    href: String,
}

impl Version {
    fn new(
        manuscript: &Manuscript,
        publication: &Publication,
        workspace: &Workspace,
        theme: &Theme,
    ) -> Self {
        let language = &manuscript.language;
        Self {
            language: language.to_string(),
            name: theme.words(language).get("language").to_owned(),
            url: workspace.url(&publication.page_path(language)).into(),
            href: format!("{language}.html"),
        }
    }
}

/// All versions, if there are several, and those in other languages.
fn split(versions: Vec<Version>, own: &str) -> (Vec<Version>, Vec<Version>) {
    let others: Vec<_> =
        versions.iter().filter(|version| version.language != own).cloned().collect();
    if others.is_empty() { (Vec::new(), others) } else { (versions, others) }
}

/// What a feed is called where a page links to it.
pub(super) fn feed_title(organisation: &str, words: &Words) -> String {
    words.phrase("page.feed_title", &[("organisation", organisation)])
}

/// Contexts that the page template must take.
pub(super) fn rehearsals(language: &str, words: &Words) -> Vec<Value> {
    let [full, sparse] = Credits::rehearsals(language);
    let some = || "?".to_owned();
    let version =
        Version { language: language.to_owned(), name: some(), url: some(), href: some() };
    let full = Fields {
        words: words.tree(),
        alternates: vec![version.clone()],
        others: vec![version],
        ..Fields::new(&full)
    };
    let sparse = Fields { words: words.tree(), ..Fields::new(&sparse) };
    [full, sparse].iter().filter_map(|fields| serde_json::to_value(fields).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::specimen::{self, EVERYTHING};
    use super::*;
    use crate::model::Readership;

    /// A page without its stylesheet, which has nothing to say in a snapshot.
    fn page(bodies: &[(&str, &str)]) -> (String, String) {
        let publication = specimen::publication(bodies);
        let rendition = specimen::document(&publication, "cs", Readership::Public, |document| {
            Page.render(document, &specimen::theme()).unwrap()
        });
        let html = String::from_utf8(rendition.bytes).unwrap();
        let (head, rest) = html.split_once("<style>").unwrap();
        let (_, body) = rest.split_once("</style>").unwrap();
        (rendition.path, format!("{head}<style>…</style>{body}"))
    }

    #[test]
    fn a_whole_page() {
        let (path, html) = page(&[("cs", EVERYTHING), ("en", "Text.")]);
        assert_eq!(path, "site/2026-10-14-fronta/cs.html");
        insta::assert_snapshot!(html);
    }

    #[test]
    fn a_text_in_one_language_claims_no_alternates() {
        let (_, html) = page(&[("cs", "Text.")]);
        assert!(!html.contains("hreflang"));
    }
}
