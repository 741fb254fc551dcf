//! What a text says of itself at its end: how it is to be cited, under which
//! licence it may be used, and where it is on the web.
//!
//! It is cited as it would stand in somebody's list of references, by the
//! style that sets the text's own (ISO 690 in the built-in theme), so that a
//! reader can copy the line. The surprise: authors are written as they are
//! read, "Kateřina Vrbová", and a list of references wants the family name
//! first; which of the words that is, has to be guessed, and where nothing
//! speaks for a person the name is left as it is.

use comrak::Arena;
use comrak::nodes::{Node, NodeValue};
use hayagriva::types::{Date, EntryType, FormatString, Person, Publisher, QualifiedUrl};
use serde::Serialize;

use super::nodes::{Element, Elements, legible};
use super::qr;
use crate::model::{Layout, Workspace};
use crate::render::{Credits, Document, Theme, markdown};

/// The name of the drawing among the files of the document.
pub const QR_FILE: &str = "qr.svg";

#[derive(Debug, Serialize)]
pub struct Colophon {
    /// Empty for an issue of a newsletter, whose texts are cited.
    cite: Elements,
    licence_url: String,
    /// Alternative text of the code; empty where there is none.
    qr: String,
    #[serde(skip)]
    pub code: Option<String>,
}

impl Colophon {
    pub fn new(document: &Document<'_>, theme: &Theme, credits: &Credits) -> Self {
        let language = &document.edition.manuscript.language;
        let kind = document.workspace.kind(&document.edition.publication.kind);
        let is_issue = kind.is_some_and(|kind| kind.layout == Layout::Issue);
        let code = qr::svg(&credits.page_url);
        let words = theme.words(language);
        let named = || words.phrase("pdf.qr", &[("url", &credits.page_url)]);
        Self {
            cite: if is_issue { Elements::new() } else { cite(document, theme, credits) },
            licence_url: credits.licence_url.clone(),
            qr: code.as_ref().map(|_| named()).unwrap_or_default(),
            code,
        }
    }
}

fn cite(document: &Document<'_>, theme: &Theme, credits: &Credits) -> Elements {
    let entry = entry(document, credits);
    let arena = Arena::new();
    let language = &document.edition.manuscript.language;
    let paragraph = markdown::reference(&arena, &entry, language, theme);
    paragraph.map(inlines).unwrap_or_default()
}

/// The edition as a work that may be cited.
fn entry(document: &Document<'_>, credits: &Credits) -> hayagriva::Entry {
    let manuscript = document.edition.manuscript;
    let date = document.edition.publication.date;
    let mut entry = hayagriva::Entry::new("this", EntryType::Report);
    let title = match &manuscript.subtitle {
        // After a title that ends in a mark of its own no colon follows.
        Some(subtitle) if manuscript.title.ends_with(['?', '!', '…', '.']) => {
            format!("{} {subtitle}", manuscript.title)
        }
        Some(subtitle) => format!("{}: {subtitle}", manuscript.title),
        None => manuscript.title.clone(),
    };
    entry.set_title(text(&title));
    let known = |name: &str| is_house(document.workspace, name);
    let authors = manuscript.authors.iter().map(|name| person(name, known(name)));
    if !manuscript.authors.is_empty() {
        entry.set_authors(authors.collect());
    }
    entry.set_date(Date {
        year: date.year().into(),
        month: Some(date.month().unsigned_abs() - 1),
        day: Some(date.day().unsigned_abs() - 1),
        approximate: false,
        season: None,
    });
    if !credits.kind.is_empty() {
        entry.set_genre(text(&credits.kind));
    }
    entry.set_publisher(Publisher::new(Some(text(&credits.organisation)), None));
    if let Ok(value) = credits.page_url.parse() {
        entry.set_url(QualifiedUrl { value, visit_date: None });
    }
    entry
}

fn text(text: &str) -> FormatString {
    FormatString::with_value(legible(text))
}

/// Whether an author is the house or one of its members.
fn is_house(workspace: &Workspace, name: &str) -> bool {
    let organisation = &workspace.organisation.name.0;
    organisation.values().any(|known| known == name)
        || workspace.members.iter().any(|member| member.name == name)
}

/// Particles of family names, which belong to them.
const PARTICLES: [&str; 14] =
    ["de", "da", "dos", "del", "della", "di", "du", "la", "le", "van", "von", "der", "den", "ten"];

/// Vietnamese family names come first, and most people have one of these.
const FIRST: [&str; 16] = [
    "Nguyen", "Nguyễn", "Tran", "Trần", "Le", "Lê", "Pham", "Phạm", "Hoang", "Hoàng", "Vu", "Vũ",
    "Dang", "Đặng", "Bui", "Bùi",
];

/// "Mgr. Kateřina van Vrba, Ph.D." is Vrba, van, Kateřina; "Spolek pro
/// integraci" and what is known to be one are organisations.
fn person(name: &str, is_organisation: bool) -> Person {
    const MOST_WORDS: usize = 5;
    let whole = || Person {
        name: legible(name),
        given_name: None,
        prefix: None,
        suffix: None,
        comma_suffix: false,
        alias: None,
    };
    let bare = name.split(',').next().unwrap_or_default();
    let words: Vec<&str> = bare.split_whitespace().skip_while(|word| is_degree(word)).collect();
    let is_lower = |word: &str| word.chars().next().is_some_and(char::is_lowercase);
    let is_odd = |word: &&str| {
        (is_lower(word) && !PARTICLES.contains(word)) || word.contains(|c: char| c.is_ascii_digit())
    };
    let Some((family, before)) = words.split_last() else { return whole() };
    if is_organisation || before.is_empty() || words.len() > MOST_WORDS || words.iter().any(is_odd)
    {
        return whole();
    }
    if FIRST.contains(&words[0]) {
        let given = Some(legible(&words[1..].join(" ")));
        return Person { name: legible(words[0]), given_name: given, ..whole() };
    }
    let particles = before.iter().rposition(|word| !is_lower(word)).map_or(0, |last| last + 1);
    let (given, particles) = before.split_at(particles);
    if given.is_empty() || is_lower(family) {
        return whole();
    }
    Person {
        name: legible(family),
        given_name: Some(legible(&given.join(" "))),
        prefix: (!particles.is_empty()).then(|| particles.join(" ")),
        ..whole()
    }
}

/// `Mgr.`, `PhDr.`, `doc.`: at least two letters, for `J.` is a name.
fn is_degree(word: &str) -> bool {
    word.strip_suffix('.').is_some_and(|word| word.chars().count() > 1)
}

/// What a style sets: words, slanted or not, and links.
fn inlines(parent: Node<'_>) -> Elements {
    let inline = |node: Node<'_>| match &node.data().value {
        NodeValue::Text(text) => Element::Text { text: legible(text) },
        NodeValue::Emph => Element::Emph { children: inlines(node) },
        NodeValue::Strong => Element::Strong { children: inlines(node) },
        NodeValue::Link(link) => {
            Element::Link { url: link.url.clone(), underlined: false, children: inlines(node) }
        }
        _ => Element::Item { children: inlines(node) },
    };
    parent.children().map(inline).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::specimen::{Specimen, theme};

    fn names(name: &str) -> (String, Option<String>, Option<String>) {
        let person = person(name, false);
        (person.name, person.given_name, person.prefix)
    }

    fn family(family: &str, given: &str) -> (String, Option<String>, Option<String>) {
        (family.to_owned(), Some(given.to_owned()), None)
    }

    #[test]
    fn the_family_name_of_a_person_is_the_last_word() {
        assert_eq!(names("Kateřina Vrbová"), family("Vrbová", "Kateřina"));
        assert_eq!(names("Mgr. Jan A. Novák, Ph.D."), family("Novák", "Jan A."));
        assert_eq!(names("Nguyen Thi Lan"), family("Nguyen", "Thi Lan"));
        let (name, given, prefix) = names("Petra van der Berg");
        assert_eq!((name.as_str(), given.as_deref()), ("Berg", Some("Petra")));
        assert_eq!(prefix.as_deref(), Some("van der"));
    }

    #[test]
    fn what_is_no_person_keeps_its_order() {
        for name in [
            "Spolek pro integraci",
            "Mnohohlas",
            "Skupina 4 obcí",
            "Úřad vlády České republiky ČR A",
        ] {
            assert_eq!(names(name), (name.to_owned(), None, None), "{name}");
        }
        assert_eq!(person("Poradna U Mostu", true).given_name, None);
    }

    #[test]
    fn a_text_is_cited_as_the_list_of_works_would_have_it() {
        let theme = theme();
        let cited = |language: &str| {
            let specimen = Specimen::new("Text.").language(language);
            specimen.read(|document| {
                let credits = Credits::new(document, theme.words(&language.into()));
                let colophon = Colophon::new(document, &theme, &credits);
                serde_json::to_string_pretty(&colophon).unwrap()
            })
        };
        insta::assert_snapshot!(cited("cs"));
        insta::assert_snapshot!(cited("en"));
    }
}
