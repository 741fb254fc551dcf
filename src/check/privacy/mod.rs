//! Whom a reader's client tells that it was opened: read from what is sent.
//!
//! We count nobody: no pixel, no tracked link, nothing fetched but our own
//! pictures, the same for everybody. An author cannot bring anything else into
//! a mail; a theme can, so the rendered bytes are asked and not the sources.

mod touches;

use std::collections::BTreeSet;

use comrak::Arena;
use serde::Serialize;
use url::Url;

pub use touches::{Kind, When};

use self::touches::{Address, in_html, in_pdf, in_text, link};
use crate::load::Loaded;
use crate::model::{Edition, Finding, Place, Publication, Readership, Rendition, Workspace, hole};
use crate::render::{
    Document, FORMATS, Format as _, Serves, Theme, email, feed, index, page, pdf, text,
};

const PRIVACY: &str = "privacy";

/// One address that a client touches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Touch {
    pub when: When,
    pub kind: Kind,
    /// Of a mailto, the host that the mail goes to.
    pub host: String,
    /// What is the reader's own stands in braces: `{address}`.
    pub url: String,
    /// Whether the address says who the reader is.
    pub personal: bool,
}

/// What one rendition touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfRendition {
    /// `email`, `text`, `page`, `pdf`, `feed`; `index` of the front page.
    pub format: &'static str,
    pub language: String,
    /// `None` for the public.
    pub segment: Option<String>,
    pub touches: BTreeSet<Touch>,
    /// What of the reader stands in the text itself: `salutation`, `address`.
    pub personal: BTreeSet<&'static str>,
}

/// Everything that a publication touches, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfPublication {
    pub slug: String,
    pub renditions: Vec<OfRendition>,
    pub findings: Vec<Finding>,
}

/// Renders a publication, in every format and for every segment, and looks.
///
/// # Errors
/// What it could not be rendered for.
pub fn publication(loaded: &Loaded, publication: &Publication) -> Result<OfPublication, Finding> {
    let mut renditions = Vec::new();
    let mut findings = Vec::new();
    for manuscript in &publication.manuscripts {
        let public = std::iter::once(Readership::Public);
        for readership in public.chain(readerships(loaded, publication)) {
            let edition = Edition { publication, manuscript, readership };
            for (format, rendition) in render(loaded, &edition)? {
                let found = findings_in(format, &rendition.bytes, loaded);
                findings.extend(
                    found.into_iter().filter(|it| !findings.contains(it)).collect::<Vec<_>>(),
                );
                renditions.push(of_rendition(format, &rendition, &edition, &loaded.workspace));
            }
            if edition.readership == Readership::Public {
                renditions.push(of_feed(loaded, &edition));
            }
        }
    }
    Ok(OfPublication { slug: publication.slug.to_string(), renditions, findings })
}

/// What the item of an edition in a feed touches. The feed around it has the
/// site's own address and no other.
fn of_feed(loaded: &Loaded, edition: &Edition<'_>) -> OfRendition {
    let Loaded { workspace, theme, .. } = loaded;
    let Edition { publication, manuscript, .. } = edition;
    let arena = Arena::new();
    let document = Document::new(&arena, edition, workspace, theme);
    let page = workspace.url(&publication.page_path(&manuscript.language));
    let pdf = workspace.url(&publication.pdf_path(&manuscript.language));
    let own = [&page, &pdf].map(|url| link(url.to_string()));
    let found = in_html(&feed::content(&document, theme)).into_iter().chain(own);
    OfRendition {
        format: "feed",
        language: manuscript.language.to_string(),
        segment: None,
        touches: found.map(|it| touch(&it, &page, workspace)).collect(),
        personal: BTreeSet::new(),
    }
}

/// What the front page of the site touches, with those of some publications on
/// it that are ready.
///
/// # Errors
/// What it could not be rendered for.
pub fn front_page(loaded: &Loaded, shown: &[&Publication]) -> Result<OfRendition, Finding> {
    let Loaded { workspace, theme, .. } = loaded;
    let ready = shown.iter().copied().filter(|it| it.ready().next().is_some());
    let rendition = index::index(&ready.collect::<Vec<_>>(), workspace, theme)?;
    let found = in_html(&String::from_utf8_lossy(&rendition.bytes));
    let page = workspace.url("index.html");
    Ok(OfRendition {
        format: "index",
        language: workspace.default_language().to_string(),
        segment: None,
        touches: found.iter().map(|it| touch(it, &page, workspace)).collect(),
        personal: BTreeSet::new(),
    })
}

fn readerships(loaded: &Loaded, publication: &Publication) -> impl Iterator<Item = Readership> {
    publication.to.iter().filter_map(|id| loaded.readership(id))
}

fn render(
    loaded: &Loaded,
    edition: &Edition<'_>,
) -> Result<Vec<(&'static str, Rendition)>, Finding> {
    let serves = match edition.readership {
        Readership::Public => Serves::Public,
        Readership::Segment { .. } => Serves::Segments,
    };
    let arena = Arena::new();
    let document = Document::new(&arena, edition, &loaded.workspace, &loaded.theme);
    let formats = FORMATS.iter().filter(|format| format.serves() == serves);
    formats.map(|it| Ok((it.name(), it.render(&document, &loaded.theme)?))).collect()
}

fn addresses(format: &str, bytes: &[u8]) -> Vec<Address> {
    let text = || String::from_utf8_lossy(bytes);
    match format {
        it if it == pdf::Pdf.name() => in_pdf(bytes),
        it if it == text::Text.name() => in_text(&text()),
        it if it == email::Email.name() || it == page::Page.name() => in_html(&text()),
        _ => Vec::new(),
    }
}

fn of_rendition(
    format: &'static str,
    rendition: &Rendition,
    edition: &Edition<'_>,
    workspace: &Workspace,
) -> OfRendition {
    let Edition { publication, manuscript, readership } = edition;
    let page = workspace.url(&publication.page_path(&manuscript.language));
    let found = addresses(format, &rendition.bytes);
    let whole = String::from_utf8_lossy(&rendition.bytes);
    let stands = |hole: &str| whole.contains(hole);
    let personal = [("salutation", hole::SALUTATION), ("address", hole::ADDRESS)];
    OfRendition {
        format,
        language: manuscript.language.to_string(),
        segment: match readership {
            Readership::Public => None,
            Readership::Segment { id, .. } => Some(id.clone()),
        },
        touches: found.iter().map(|it| touch(it, &page, workspace)).collect(),
        personal: personal
            .into_iter()
            .filter(|(_, hole)| stands(hole))
            .map(|(name, _)| name)
            .collect(),
    }
}

fn touch(address: &Address, page: &Url, workspace: &Workspace) -> Touch {
    let way_out =
        format!("mailto:{}?subject=unsubscribe%20{{delivery}}", workspace.mail.unsubscribe);
    let url = hole::fill(&address.url, |name| match name {
        "unsubscribe" => Some(way_out.as_str()),
        "address" => Some("{address}"),
        "salutation" => Some("{salutation}"),
        _ => None,
    });
    let parsed = page.join(&url).ok();
    let host = parsed.as_ref().map(|it| match it.scheme() {
        "mailto" => it.path().rsplit('@').next().unwrap_or_default().to_owned(),
        _ => it.host_str().unwrap_or_default().to_owned(),
    });
    // Relative addresses as a client resolves them; others as they stand.
    let absolute = parsed.filter(|_| Url::parse(&url).is_err()).map(String::from);
    Touch {
        when: address.when,
        kind: address.kind,
        host: host.unwrap_or_default(),
        personal: is_personal(&address.url),
        url: absolute.unwrap_or(url),
    }
}

fn is_personal(url: &str) -> bool {
    url.contains(hole::OPEN)
}

/// What a mail may not do. Each finding stands in the template that brings it
/// in, when that can be found.
pub fn findings_in(format: &str, bytes: &[u8], loaded: &Loaded) -> Vec<Finding> {
    if format != email::Email.name() {
        return Vec::new();
    }
    let found = in_html(&String::from_utf8_lossy(bytes));
    let told = found.iter().filter_map(|address| {
        let why = wrong(address, &loaded.workspace)?;
        Some(finding(&loaded.theme, &address.url, why))
    });
    told.collect()
}

/// What is wrong with an address in a mail, and how to mend it.
fn wrong(address: &Address, workspace: &Workspace) -> Option<(String, &'static str)> {
    let base = &workspace.base_url;
    let host = touch(address, base, workspace).host;
    let ours = base.join(&address.url).is_ok_and(|url| url.as_str().starts_with(base.as_str()));
    let personal = is_personal(&address.url);
    let kind = address.kind.name();
    match address.when {
        When::Clicking if address.url == hole::UNSUBSCRIBE || !personal => None,
        When::Clicking => Some((
            format!("a link tells {host} which reader clicked"),
            "link to the same address for everybody; only the way out is a reader's own",
        )),
        When::Opening if personal => Some((
            format!("a {kind} tells {host} which reader opened the mail"),
            "take it out: readers are not counted",
        )),
        When::Opening if address.is_pixel => Some((
            format!("a picture of one pixel from {host}: it is there to count who opens the mail"),
            "take it out; a space needs no picture: use padding",
        )),
        When::Opening if address.kind != Kind::Picture => Some((
            format!(
                "a {kind} from {host}: every reader's client would fetch it on opening the mail"
            ),
            "write styles into email/inlined.css and email/style.css, and name fonts that readers have",
        )),
        When::Opening if !ours => Some((
            format!(
                "a picture from {host}: every reader's client would call it on opening the mail"
            ),
            "put the picture on your own site, below base_url",
        )),
        When::Opening => None,
    }
}

fn finding(theme: &Theme, url: &str, (message, help): (String, &'static str)) -> Finding {
    let (place, source) = place(theme, url);
    let finding = Finding::error(PRIVACY, place, message).help(help);
    match source {
        Some(text) => finding.source(&text.into()),
        None => finding,
    }
}

/// Where the theme has an address: as much of it as is the same in template
/// and mail, since holes and `&amp;` are not.
fn place(theme: &Theme, url: &str) -> (Place, Option<String>) {
    let literal = url.split([hole::OPEN, '&']).next().unwrap_or_default();
    let end = literal.find(['?', '#']).map_or(literal.len(), |at| at);
    let candidates = [literal, &literal[..end]];
    for literal in candidates.into_iter().filter(|it| it.len() > "https://".len()) {
        for (path, bytes) in theme.folder("email") {
            let text = String::from_utf8_lossy(bytes);
            if let Some(offset) = text.find(literal) {
                let file = std::path::Path::new("templates").join(path);
                let place = Place::at_offset(&file, &text, offset);
                return (place.spanning(literal.chars().count()), Some(text.into_owned()));
            }
        }
    }
    (Place::start("templates/email/mail.mjml"), None)
}

/// What the theme does wrong in any mail, seen on the first that there is.
/// Authors cannot cause it, so one mail speaks for all.
pub fn theme(loaded: &Loaded) -> Vec<Finding> {
    let mut known = loaded.publications.iter().filter_map(|it| it.publication.as_ref());
    let with_mail = known.find_map(|publication| {
        let readership = readerships(loaded, publication).next()?;
        Some(Edition { publication, manuscript: publication.leading(), readership })
    });
    let Some(edition) = with_mail else { return Vec::new() };
    let made = render(loaded, &edition).unwrap_or_default();
    made.iter()
        .flat_map(|(format, rendition)| findings_in(format, &rendition.bytes, loaded))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{load, settings::settings};
    use crate::render::theme::built_in_files;

    const HLAS_TOML: &str = r#"
base_url = "https://hlas.example.org/"
[organisation]
name = { cs = "Hlas" }
address = { cs = "Praha" }
email = "a@example.org"
[mail]
from = "hlas@example.org"
"#;

    const TEXT: &str = "---\ntitle: Text\nkind: commentary\ndate: 2026-10-05\nto: [members]\n---\n\
                        Viz [zákon](https://zakon.example.net/1).\n\n![Graf](graf.svg)\n";

    const GRAF: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'/>";

    /// A workspace with one publication to one segment, and with `change` made
    /// in its own copy of a theme file.
    fn house(file: &str, change: (&str, &str), pictures: &str) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        write("publications/2026-10-05-text/cs.md", TEXT.as_bytes());
        write("publications/2026-10-05-text/graf.svg", GRAF);
        write("subscribers/members.csv", b"email,basis\nmember@example.org,membership\n");
        let segment = format!("[members]\nwhen = 'list == \"members\"'\n{pictures}\n");
        write("subscribers/segments.toml", segment.as_bytes());
        let text = String::from_utf8(built_in_files()[file].clone()).unwrap();
        assert!(text.contains(change.0), "{file} has no {}", change.0);
        write(&format!("templates/{file}"), text.replacen(change.0, change.1, 1).as_bytes());
        let settings = settings(folder.path(), HLAS_TOML, &[]).unwrap();
        load(settings.workspace).unwrap_or_else(|findings| panic!("{findings:?}"))
    }

    fn told(file: &str, from: &str, to: &str) -> Vec<String> {
        let loaded = house(file, (from, to), "");
        theme(&loaded).iter().map(|it| format!("{} {}", it.place, it.message)).collect()
    }

    #[test]
    fn a_pixel_that_knows_its_reader_is_found_in_its_template() {
        assert_eq!(
            told(
                "email/footer.hbs",
                "<p><b class",
                "<p><img src=\"https://count.example.net/o.gif?who={{{recipient}}}\" width=\"1\" height=\"1\" alt=\"\"><b class"
            ),
            [
                "templates/email/footer.hbs:1:14 a picture tells count.example.net which reader opened the mail"
            ]
        );
    }

    #[test]
    fn a_pixel_of_our_own_counts_readers_too() {
        assert_eq!(
            told(
                "email/footer.hbs",
                "<p><b class",
                "<p><img src=\"https://hlas.example.org/o.gif\" width=\"1\" height=\"1\" alt=\"\"><b class"
            ),
            [
                "templates/email/footer.hbs:1:14 a picture of one pixel from hlas.example.org: it is there to count who opens the mail"
            ]
        );
    }

    #[test]
    fn remote_fonts_styles_and_pictures_are_found_and_a_logo_of_our_own_is_not() {
        assert_eq!(
            told("email/style.css", "@media", "@import \"https://fonts.example.net/css\";\n@media"),
            [
                "templates/email/style.css:1:10 a stylesheet from fonts.example.net: every reader's client would fetch it on opening the mail"
            ]
        );
        assert_eq!(
            told(
                "email/masthead.hbs",
                "<p class=\"house\">",
                "<p class=\"house\"><img src=\"https://cdn.example.net/logo.png\" alt=\"\">"
            ),
            [
                "templates/email/masthead.hbs:2:28 a picture from cdn.example.net: every reader's client would call it on opening the mail"
            ]
        );
        let own = "<p class=\"house\"><img src=\"https://hlas.example.org/logo.png\" alt=\"\">";
        assert_eq!(told("email/masthead.hbs", "<p class=\"house\">", own), Vec::<String>::new());
    }

    #[test]
    fn a_link_that_knows_its_reader_is_found_and_the_way_out_is_not() {
        assert_eq!(
            told(
                "email/footer.hbs",
                "<p><b class",
                "<p><a href=\"https://go.example.net/?to=x&amp;who={{{recipient}}}\">x</a><b class"
            ),
            ["templates/email/footer.hbs:1:13 a link tells go.example.net which reader clicked"]
        );
    }

    #[test]
    fn a_mail_with_its_pictures_inside_touches_nobody_when_it_is_opened() {
        let opened = |pictures: &str| {
            let loaded = house("email/footer.hbs", ("<p>", "<p>"), pictures);
            let one = loaded.publications[0].publication.as_ref().unwrap();
            let report = publication(&loaded, one).unwrap();
            assert_eq!(report.findings, Vec::new());
            let mail = report.renditions.into_iter().find(|it| it.format == "email").unwrap();
            assert_eq!(mail.personal, BTreeSet::from(["address", "salutation"]));
            let own = mail.touches.iter().filter(|touch| touch.personal).map(|it| it.url.as_str());
            assert_eq!(
                own.collect::<Vec<_>>(),
                ["mailto:hlas@example.org?subject=unsubscribe%20{delivery}"]
            );
            let fetched = mail.touches.into_iter().filter(|touch| touch.when == When::Opening);
            fetched.map(|touch| touch.url).collect::<Vec<_>>()
        };
        assert_eq!(opened(""), ["https://hlas.example.org/2026-10-05-text/graf.svg.png"]);
        assert_eq!(opened("pictures = \"embed\""), Vec::<String>::new());
    }
}
