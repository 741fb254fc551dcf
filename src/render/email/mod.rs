//! The HTML part of a mail: the MJML theme filled, then styles inlined.
//!
//! It is rendered once an edition, with holes for what differs from reader to
//! reader ([`hole`]), and frozen so. The surprise comes last: Roundcube turns
//! literal typographic quotes into ASCII before it shows a message, while
//! numeric entities survive. A text that is too long ends early ([`cut`]). The inliner's parser would decode any entity
//! written before it, so they are written after everything else.

mod cut;

use comrak::Arena;
use css_inline::{CSSInliner, InlineError};
use serde::Serialize;
use serde_json::Value;

use self::cut::Cut;
use super::html::{self, Dialect};
use super::theme::Words;
use super::{Credits, Document, Format, Outline, Serves, Template, Theme, outline};
use crate::model::{Edition, Finding, Findings, Place, Readership, Rendition, hole};

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
        let path = self.path(document.edition);
        let whole = html(document, theme, None)?;
        let html = match cut_of(document, theme, whole.len()) {
            Some(cut) => cut_html(document, theme, &cut)?,
            None => whole,
        };
        Ok(Rendition { path, bytes: html.into_bytes() })
    }

    fn expected(&self, document: &Document<'_>, theme: &Theme) -> Outline {
        if !surely_fits(document, theme)
            && let Ok(whole) = html(document, theme, None)
            && let Some(cut) = cut_of(document, theme, whole.len())
        {
            return shortened(document, theme, &cut, Outline::of_document);
        }
        Outline::of_document(document)
    }

    fn outline(&self, document: &Document<'_>, theme: &Theme, bytes: &[u8]) -> Outline {
        let words = theme.words(&document.edition.manuscript.language);
        outline::of_html(&String::from_utf8_lossy(bytes), words.get("notes"))
    }
}

/// A warning where the mail of an edition is too long and ends early.
pub fn check(document: &Document<'_>, theme: &Theme) -> Findings {
    if surely_fits(document, theme) {
        return Findings::new();
    }
    // What cannot be rendered at all is told by whoever renders it.
    let Ok(whole) = html(document, theme, None) else { return Findings::new() };
    let Some(cut) = cut_of(document, theme, whole.len()) else { return Findings::new() };
    let manuscript = document.edition.manuscript;
    let message = format!(
        "the mail would have {} bytes of HTML, clients show {}: it ends here and goes on on the page",
        whole.len(),
        cut::ROOM
    );
    let finding = Finding::warning("mail-size", manuscript.place(cut.line, 1), message)
        .help("shorten the text, or put a heading where the mail should end")
        .source(&manuscript.text);
    vec![finding]
}

/// A bound that needs no inlining: nothing that the theme writes into one tag
/// takes more than this many bytes.
fn surely_fits(document: &Document<'_>, theme: &Theme) -> bool {
    const STYLE: usize = 300;
    const THEME: usize = 20_000;
    let words = theme.words(&document.edition.manuscript.language);
    let fragment = html::fragment(document, Dialect::Mail, words);
    let quotes = 6 * fragment.matches(special).count();
    fragment.len() + STYLE * fragment.matches('<').count() / 2 + quotes + THEME < cut::ROOM
}

fn cut_of(document: &Document<'_>, theme: &Theme, bytes: usize) -> Option<Cut> {
    if bytes <= cut::ROOM {
        return None;
    }
    let fits = |cut: &Cut| cut_html(document, theme, cut).is_ok_and(|html| html.len() <= cut::ROOM);
    cut::best(document, fits)
}

fn cut_html(document: &Document<'_>, theme: &Theme, cut: &Cut) -> Result<String, Finding> {
    let Document { edition, workspace, .. } = document;
    let mut place = workspace.url(&edition.publication.page_path(&edition.manuscript.language));
    place.set_fragment(cut.anchor.as_deref());
    shortened(document, theme, cut, |short| html(short, theme, Some(place.as_str())))
}

/// Calls `with` with the document as far as a mail that is cut has it.
fn shortened<T>(
    document: &Document<'_>,
    theme: &Theme,
    cut: &Cut,
    with: impl FnOnce(&Document<'_>) -> T,
) -> T {
    let Document { edition, workspace, .. } = document;
    let page = edition.publication.page_path(&edition.manuscript.language);
    let arena = Arena::new();
    let mut short = Document::new(&arena, edition, workspace, theme);
    cut::apply(&mut short, cut, workspace.url(&page).as_str());
    with(&short)
}

/// The mail of a document as it stands; `continues` is the address at which
/// reading goes on, if it does.
fn html(
    document: &Document<'_>,
    theme: &Theme,
    continues: Option<&str>,
) -> Result<String, Finding> {
    let words = theme.words(&document.edition.manuscript.language);
    let credits = Credits::new(document, words);
    let (body, notes) = html::mail_parts(document, words);
    let fields = Fields {
        why: why(document.edition, &credits, words),
        body,
        notes,
        continue_url: continues.unwrap_or_default().to_owned(),
        words: words.tree(),
        ..Fields::new(&credits)
    };
    let filled = theme.templates().fill(Template::Mail, &fields)?;
    let inlined = inline(&filled, theme)?;
    Ok(quotes_as_entities(&inlined))
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
    /// The list of notes; empty where there are none.
    notes: String,
    /// Where reading goes on when the mail is cut; empty where it is whole.
    continue_url: String,
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
            notes: String::new(),
            continue_url: String::new(),
            salutation: hole::SALUTATION,
            recipient: hole::ADDRESS,
            unsubscribe: hole::UNSUBSCRIBE,
        }
    }
}

/// Contexts that the mail template must take.
pub(super) fn rehearsals(language: &str, words: &Words) -> Vec<Value> {
    let [full, sparse] = Credits::rehearsals(language);
    let some = || "?".to_owned();
    let full = Fields {
        words: words.tree(),
        why: some(),
        notes: some(),
        continue_url: some(),
        ..Fields::new(&full)
    };
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
        if special(character) {
            written.push_str(&format!("&#{};", u32::from(character)));
        } else {
            written.push(character);
        }
    }
    written
}

fn special(character: char) -> bool {
    matches!(character, '“' | '”' | '„' | '‘' | '’' | '‚' | '…')
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
