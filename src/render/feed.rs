//! RSS 2.0, one feed a language: the whole text for people who read in a feed
//! reader instead of a mailbox.
//!
//! The surprise is what must never change: an item's GUID. A reader that meets
//! a new GUID shows the item as new, to everybody, again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Item};

use super::html::{self, Dialect};
use super::{Credits, Document, Outline, Theme, outline, page};
use crate::model::{Finding, Language, Place, Publication, Rendition, Slug, Workspace};

/// An edition as a feed carries it.
pub struct Entry {
    at: Timestamp,
    slug: Slug,
    item: Item,
}

impl Entry {
    /// `pdf_length` is how long its PDF is, where there is one: RSS wants an
    /// enclosure's length.
    ///
    /// # Errors
    /// A date that RSS cannot write.
    pub fn new(
        document: &Document<'_>,
        pdf_length: Option<u64>,
        theme: &Theme,
    ) -> Result<Self, Finding> {
        let publication = document.edition.publication;
        let (at, date) = came_out(publication, document.workspace)?;
        let item = item(document, pdf_length, date, theme);
        Ok(Self { at, slug: publication.slug.clone(), item })
    }
}

/// The feed of a language, below the site.
pub fn feed_name(language: &Language) -> String {
    format!("feed.{language}.xml")
}

/// Renders `site/feed.<language>.xml` from editions in that language, given
/// in any order; newest first in the feed.
///
/// RSS 2.0 with `content:encoded` (RSS Profile, "content:encoded"),
/// `dc:creator` (Dublin Core 1.1) and `atom:link rel="self"` (RSS Profile). It
/// has no clock: it was last built when its newest item came out.
pub fn feed(
    language: &Language,
    mut entries: Vec<Entry>,
    workspace: &Workspace,
    theme: &Theme,
) -> Rendition {
    let words = theme.words(language);
    let organisation = &workspace.organisation;
    entries.sort_by(|a, b| (b.at, &b.slug).cmp(&(a.at, &a.slug)));
    let channel = Channel {
        title: page::feed_title(organisation.name.text(language), words),
        link: workspace.url("index.html").into(),
        description: organisation.tagline.text(language).to_owned(),
        language: Some(language.to_string()),
        last_build_date: entries.first().and_then(|entry| entry.item.pub_date.clone()),
        namespaces: BTreeMap::from([("atom".to_owned(), ATOM.to_owned())]),
        extensions: own_address(workspace.url(&feed_name(language)).into()),
        items: entries.into_iter().map(|entry| entry.item).collect(),
        ..Channel::default()
    };
    let path = format!("site/{}", feed_name(language));
    Rendition { path, bytes: without_controls(&channel.to_string()).into_bytes() }
}

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// `<atom:link rel="self">`, by which a saved feed knows where it came from.
fn own_address(url: String) -> ExtensionMap {
    let attrs = [("href", url.as_str()), ("rel", "self"), ("type", "application/rss+xml")];
    let link = Extension {
        name: "atom:link".to_owned(),
        attrs: attrs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..Extension::default()
    };
    BTreeMap::from([("atom".to_owned(), BTreeMap::from([("link".to_owned(), vec![link])]))])
}

fn item(document: &Document<'_>, pdf_length: Option<u64>, date: String, theme: &Theme) -> Item {
    let Document { edition, .. } = document;
    let manuscript = edition.manuscript;
    let words = theme.words(&manuscript.language);
    let credits = Credits::new(document, words);
    let category = |name: &String| Category { name: name.clone(), domain: None };
    let creators = DublinCoreExtension {
        creators: manuscript.authors.clone(),
        ..DublinCoreExtension::default()
    };
    let enclosure = pdf_length.map(|length| Enclosure {
        url: credits.pdf_url.clone(),
        length: length.to_string(),
        mime_type: "application/pdf".to_owned(),
    });
    Item {
        title: Some(credits.title),
        link: Some(credits.page_url),
        // Readers take a description for HTML (RSS 2.0, "Elements of <item>").
        description: manuscript.summary.as_deref().map(html::escape),
        categories: manuscript.topics.iter().map(category).collect(),
        enclosure,
        guid: Some(Guid { value: guid(document), permalink: false }),
        pub_date: Some(date),
        content: Some(content(document, theme)),
        dublin_core_ext: (!creators.creators.is_empty()).then_some(creators),
        ..Item::default()
    }
}

/// The text of an edition as a feed has it.
pub fn content(document: &Document<'_>, theme: &Theme) -> String {
    html::fragment(document, Dialect::Feed, theme.words(&document.edition.manuscript.language))
}

/// What a feed says of an edition.
pub fn outline(document: &Document<'_>, theme: &Theme) -> Outline {
    let words = theme.words(&document.edition.manuscript.language);
    outline::of_html(&content(document, theme), words.get("notes"))
}

/// A `tag:` URI (RFC 4151) of slug and language, such as
/// `tag:hlas.example.org,2026:2026-10-14-fronta-na-pobyt/cs`.
///
/// It must never change once it has been published, and neither therefore may
/// this function, the house's list id, or a publication's folder. Its date may
/// be corrected and the site may move: neither stands in it. The year is one
/// in which the house had its name, as the RFC asks (section 2.1).
pub fn guid(document: &Document<'_>) -> String {
    let Document { edition, workspace, .. } = document;
    let (house, slug) = (&workspace.mail.list_id, &edition.publication.slug);
    format!("tag:{house},2026:{slug}/{}", edition.manuscript.language)
}

/// When a publication came out: to sort by, and as RFC 2822 writes it.
fn came_out(
    publication: &Publication,
    workspace: &Workspace,
) -> Result<(Timestamp, String), Finding> {
    let bad = |why: String| {
        let place = Place::start(&publication.leading().file);
        Finding::error("date", place, format!("the date cannot stand in a feed: {why}"))
            .help("give `date` and `at` as days of this century")
    };
    let at = publication
        .public_from(&workspace.time_zone)
        .ok_or_else(|| bad(format!("{} has no midnight here", publication.date)))?;
    let written = jiff::fmt::rfc2822::to_string(&at).map_err(|error| bad(error.to_string()))?;
    Ok((at.timestamp(), written))
}

/// Only characters that XML 1.0 allows (section 2.2): a stray control character
/// in one text would make the feed unreadable for everybody.
fn without_controls(xml: &str) -> String {
    xml.chars()
        .filter(|c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..))
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::specimen;
    use super::*;
    use crate::model::Readership;

    fn feed_of(publications: &[Publication]) -> String {
        let (workspace, theme) = (specimen::workspace(), specimen::theme());
        let arena = comrak::Arena::new();
        let editions: Vec<_> = publications
            .iter()
            .map(|publication| crate::model::Edition {
                publication,
                manuscript: publication.leading(),
                readership: Readership::Public,
            })
            .collect();
        let documents: Vec<_> = editions
            .iter()
            .map(|edition| Document::new(&arena, edition, &workspace, &theme))
            .collect();
        let entry = |document| Entry::new(document, Some(12_345), &theme).unwrap();
        let entries = documents.iter().map(entry).collect();
        let rendition = feed(&"cs".into(), entries, &workspace, &theme);
        assert_eq!(rendition.path, "site/feed.cs.xml");
        String::from_utf8(rendition.bytes).unwrap()
    }

    fn newer(body: &str) -> Publication {
        let mut publication = specimen::publication(&[("cs", body)]);
        publication.slug = Slug::new("2026-11-05-pojisteni").unwrap();
        publication.date = date(2026, 11, 5);
        let nine = date(2026, 11, 5).at(9, 0, 0, 0);
        publication.at = nine.to_zoned_datetime(specimen::workspace().time_zone).ok();
        publication
    }

    #[test]
    fn a_whole_feed() {
        let older =
            specimen::publication(&[("cs", "Text & [odkaz](#kam).\n\n## Kam\n\n![g](graf.svg)")]);
        let xml = feed_of(&[older, newer("Novější.")]).replace("><", ">\n<");
        insta::assert_snapshot!(xml);
    }

    #[test]
    fn a_feed_reads_back_whatever_stands_in_a_text() {
        let hostile = newer("a\u{1}b\u{b} ]]> \u{fffe} <x> & konec");
        let channel = Channel::read_from(feed_of(&[hostile]).as_bytes()).unwrap();
        let content = channel.items()[0].content().unwrap();
        assert_eq!(content, "<p>ab ]]&gt;  <x> &amp; konec</p>".replace("<x>", ""));
    }

    #[test]
    fn the_guid_of_a_published_edition_never_changes() {
        let minted = "tag:hlas.example.org,2026:2026-11-05-pojisteni/cs";
        let mut publication = newer("");
        for _ in 0..2 {
            specimen::document(&publication, "cs", Readership::Public, |document| {
                assert_eq!(guid(document), minted);
            });
            // A date that was wrong is put right.
            publication.date = publication.date.tomorrow().unwrap();
        }
    }
}
