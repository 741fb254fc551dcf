//! The HTML part of a mail: the MJML theme filled, then styles inlined.
//!
//! It is rendered once an edition, with holes for what differs from reader to
//! reader ([`hole`]), and frozen so. The surprise comes last: Roundcube turns
//! literal typographic quotes into ASCII before it shows a message, while
//! numeric entities survive. The inliner's parser would decode any entity
//! written before it, so they are written after everything else.

use css_inline::{CSSInliner, InlineError};
use serde::Serialize;
use serde_json::Value;

use super::html::{self, Dialect};
use super::theme::Words;
use super::{Credits, Document, Format, Outline, Serves, Template, Theme, outline};
use crate::model::{Edition, Finding, Place, Readership, Rendition, hole};

/// HTML mail.
pub struct Email;

impl Format for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    fn serves(&self) -> Serves {
        Serves::Segments
    }

    fn path(&self, edition: &Edition<'_>) -> String {
        mail_path(edition, "html")
    }

    fn render(&self, document: &Document<'_>, theme: &Theme) -> Result<Rendition, Finding> {
        let words = theme.words(&document.edition.manuscript.language);
        let credits = Credits::new(document, words);
        let fields = Fields {
            why: why(document.edition, &credits, words),
            body: html::fragment(document, Dialect::Mail, words),
            words: words.tree(),
            ..Fields::new(&credits)
        };
        let filled = theme.templates().fill(Template::Mail, &fields)?;
        let inlined = inline(&filled, theme)?;
        let path = self.path(document.edition);
        Ok(Rendition { path, bytes: quotes_as_entities(&inlined).into_bytes() })
    }

    fn outline(&self, document: &Document<'_>, theme: &Theme, bytes: &[u8]) -> Outline {
        let words = theme.words(&document.edition.manuscript.language);
        outline::of_html(&String::from_utf8_lossy(bytes), words.get("notes"))
    }
}

/// What `email/mail.mjml` may ask for, beside the [`Credits`].
#[derive(Serialize)]
struct Fields<'a> {
    #[serde(flatten)]
    credits: &'a Credits,
    words: &'a Value,
    /// The sentence that says why a reader gets this.
    why: String,
    body: String,
    salutation: &'static str,
    recipient: &'static str,
    unsubscribe: &'static str,
}

impl<'a> Fields<'a> {
    fn new(credits: &'a Credits) -> Self {
        Self {
            credits,
            words: &Value::Null,
            why: String::new(),
            body: String::new(),
            salutation: hole::SALUTATION,
            recipient: hole::ADDRESS,
            unsubscribe: hole::UNSUBSCRIBE,
        }
    }
}

/// Contexts that the mail template must take.
pub(super) fn rehearsals(language: &str, words: &Words) -> Vec<Value> {
    let [full, sparse] = Credits::rehearsals(language);
    let full = Fields { words: words.tree(), why: "?".to_owned(), ..Fields::new(&full) };
    let sparse = Fields { words: words.tree(), ..Fields::new(&sparse) };
    [full, sparse].iter().filter_map(|fields| serde_json::to_value(fields).ok()).collect()
}

/// Why the readers of an edition get it; empty for an edition of nobody's mail.
pub fn why(edition: &Edition<'_>, credits: &Credits, words: &Words) -> String {
    match &edition.readership {
        Readership::Public => String::new(),
        Readership::Segment { title, .. } => {
            let segment = title.text(&edition.manuscript.language);
            let values = [("segment", segment), ("organisation", &credits.organisation)];
            words.phrase("email.why", &values)
        }
    }
}

/// Where the parts of an edition's mail lie for eyes, below the output folder.
pub fn mail_path(edition: &Edition<'_>, extension: &str) -> String {
    let segment = match &edition.readership {
        Readership::Public => "public",
        Readership::Segment { id, .. } => id,
    };
    let (slug, language) = (&edition.publication.slug, &edition.manuscript.language);
    format!("mail/{slug}/{language}.{segment}.{extension}")
}

/// Writes `email/inlined.css` into `style` attributes. What stands in the
/// head (media queries, MJML's own rules) stays there.
fn inline(html: &str, theme: &Theme) -> Result<String, Finding> {
    let css = String::from_utf8_lossy(theme.file(INLINED));
    let inliner = CSSInliner::options()
        .inline_style_tags(false)
        .keep_style_tags(true)
        .load_remote_stylesheets(false)
        .minify_css(true)
        .extra_css(Some(css))
        .build();
    inliner.inline(html).map_err(|error| inline_finding(&error))
}

const INLINED: &str = "email/inlined.css";

fn inline_finding(error: &InlineError) -> Finding {
    let place = Place::start(format!("templates/{INLINED}"));
    Finding::error("theme-template", place, format!("the styles cannot be inlined: {error}"))
        .help("only plain rules belong there; media queries go to email/style.css")
}

/// Typographic quotes and the ellipsis as numeric entities. They stand in text
/// and attributes only; the theme's styles have none.
fn quotes_as_entities(html: &str) -> String {
    let mut written = String::with_capacity(html.len() + html.len() / 32);
    for character in html.chars() {
        match character {
            '“' | '”' | '„' | '‘' | '’' | '‚' | '…' => {
                written.push_str(&format!("&#{};", u32::from(character)));
            }
            _ => written.push(character),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::super::specimen::{self, EVERYTHING};
    use super::*;

    #[test]
    fn a_whole_mail() {
        insta::assert_snapshot!(specimen::rendered(&Email, EVERYTHING));
    }

    #[test]
    fn every_hole_survives_mjml_handlebars_and_inlining() {
        let mail = specimen::rendered(&Email, "Text.");
        assert_eq!(mail.matches(hole::SALUTATION).count(), 1);
        assert_eq!(mail.matches(hole::ADDRESS).count(), 1);
        assert!(mail.contains(&format!("href=\"{}\"", hole::UNSUBSCRIBE)));
    }

    #[test]
    fn quotes_are_entities_in_text_and_title_and_attributes() {
        let mail = specimen::rendered(&Email, "„Citát“ ![„popis“](graf.svg)");
        assert!(!mail.contains(['“', '”', '„', '‘', '’', '‚', '…']));
        assert!(mail.contains("<title>Fronta na &#8222;pobyt&#8220;</title>"));
        assert!(mail.contains("alt=\"&#8222;popis&#8220;\""));
    }

    #[test]
    fn nothing_in_a_mail_is_relative_or_embedded() {
        let mail = specimen::rendered(&Email, EVERYTHING);
        let quoted: Vec<&str> = mail.split('"').collect();
        let addresses: Vec<&str> = quoted
            .windows(2)
            .filter(|pair| pair[0].ends_with("href=") || pair[0].ends_with("src="))
            .map(|pair| pair[1])
            .collect();
        assert!(addresses.len() > 10);
        for address in addresses {
            let absolute = ["https://", "mailto:", "#"].iter().any(|it| address.starts_with(it));
            assert!(absolute || address == hole::UNSUBSCRIBE, "{address}");
        }
    }

    #[test]
    fn a_mail_calls_nobody_but_for_its_pictures() {
        let mail = specimen::rendered(&Email, "Text.");
        for call in ["@import", "<link", "url(", "src="] {
            assert!(!mail.contains(call), "{call}");
        }
    }

    #[test]
    fn the_theme_takes_less_than_twelve_kilobytes() {
        let mail = specimen::rendered(&Email, "");
        assert!(mail.len() < 12_000, "{} bytes", mail.len());
    }
}
