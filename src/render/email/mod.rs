//! The HTML part of a mail: the MJML theme filled, then styles inlined.
//!
//! It is rendered once an edition, with holes for what differs from reader to
//! reader ([`hole`]), and frozen so. The surprise comes last: Roundcube turns
//! literal typographic quotes into ASCII before it shows a message, while
//! numeric entities survive. A text that is too long ends early ([`cut`]). The inliner's parser would decode any entity
//! written before it, so they are written after everything else.

mod cut;

use std::collections::BTreeSet;

use comrak::Arena;
use css_inline::{CSSInliner, InlineError};
use serde::Serialize;
use serde_json::Value;

use self::cut::Cut;
use super::html::{self, Dialect};
use super::theme::Words;
use super::{Credits, Document, Format, Outline, Serves, Template, Theme, outline};
use crate::model::{Edition, Finding, Findings, Language, Place, Readership, Rendition, hole};

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

/// A warning where the mail of an edition is too long and ends early, and an
/// error where that would cut off what only its readers get.
pub fn check(document: &Document<'_>, theme: &Theme) -> Findings {
    if surely_fits(document, theme) {
        return Findings::new();
    }
    // What cannot be rendered at all is told by whoever renders it.
    let Ok(whole) = html(document, theme, None) else { return Findings::new() };
    let Some(cut) = cut_of(document, theme, whole.len()) else { return Findings::new() };
    let manuscript = document.edition.manuscript;
    let message = format!(
        "the mail would have {} bytes of HTML, and Gmail shows {}: it ends before this line and goes on on the page",
        whole.len(),
        cut::LIMIT
    );
    let line = cut.line.unwrap_or_else(|| manuscript.body.lines().count());
    let long = Finding::warning("mail-size", manuscript.place(line, 1), message)
        .help("shorten the text, or put a heading where the mail should end")
        .source(&manuscript.text);
    let lost = cut::lost(document, &cut).map(|line| {
        let message = "the mail ends before this block, and no page has it: nobody would read it";
        Finding::error("private-cut", manuscript.place(line, 1), message)
            .help("move the block up, or shorten what stands before it")
            .source(&manuscript.text)
    });
    std::iter::once(long).chain(lost).collect()
}

/// A made-up mail in which every part of the theme and every kind of block
/// stands, to be looked at by `check`.
pub fn specimen(theme: &Theme, language: &Language) -> Result<String, Finding> {
    let words = theme.words(language);
    let [full, _] = Credits::rehearsals(language.as_str());
    let fields = Fields {
        words: words.tree(),
        why: "?".to_owned(),
        body: SPECIMEN.to_owned(),
        notes: "<ol><li>? <a href=\"#Ref-1\" class=\"back\">?</a></li></ol>".to_owned(),
        continue_url: "?".to_owned(),
        ..Fields::new(&full)
    };
    inline(&theme.templates().fill(Template::Mail, &fields)?, theme)
}

/// What `html` writes for a mail, each tag and class of it.
const SPECIMEN: &str = include_str!("specimen.html");

/// Rules written into a finished mail's `style` attributes, over what is there.
pub fn overlaid(html: &str, rules: &str) -> Option<String> {
    let inliner = CSSInliner::options()
        .inline_style_tags(false)
        .keep_style_tags(true)
        .load_remote_stylesheets(false)
        .extra_css(Some(rules.into()))
        .build();
    inliner.inline(html).ok()
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
    let page = cut::on_page(document, theme);
    let anchor = cut.anchor.as_ref();
    place.set_fragment(anchor.filter(|it| is_on(page.as_ref(), it)).map(String::as_str));
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
    let anchors = cut::on_page(document, theme);
    let has = |anchor: &str| is_on(anchors.as_ref(), anchor);
    cut::apply(&mut short, cut, workspace.url(&page).as_str(), has);
    with(&short)
}

fn is_on(page: Option<&BTreeSet<String>>, anchor: &str) -> bool {
    page.is_none_or(|anchors| anchors.contains(anchor))
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
    fn a_citation_in_a_mail_that_is_cut_leads_to_the_works_on_the_page() {
        let part = format!("## Část\n\n{}\n\n", "Slovo za slovem. ".repeat(500));
        let mail =
            specimen::rendered(&Email, &format!("Viz [@vrbova2024].\n\n{}", part.repeat(20)));
        let page = "href=\"https://hlas.example.org/2026-10-14-fronta/cs.html#Work-vrbova2024\"";
        assert!(mail.contains(page));
        assert!(!mail.contains("Literatura a prameny") && !mail.contains("#Work-1"));
    }

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

    /// Chapters of Czech paragraphs with a note each, about 300 kB.
    fn long_text() -> String {
        let mut text = "Viz [konec](#kapitola-30).\n\n".to_owned();
        let mut notes = String::new();
        for chapter in 1..=30 {
            text.push_str(&format!("## Kapitola {chapter}\n\n"));
            let sentence = "Příliš žluťoučký kůň úpěl ďábelské ódy. ".repeat(100);
            text.push_str(&format!(
                "{sentence}[^n{chapter}] A znovu.[^společná]\n\n{sentence}\n\n"
            ));
            notes.push_str(&format!("[^n{chapter}]: Poznámka číslo {chapter}.\n"));
        }
        text + &notes + "[^společná]: Odkazuje se na ni odevšad.\n"
    }

    #[test]
    fn a_text_that_is_too_long_ends_at_a_heading_and_leads_to_the_page() {
        let text = long_text();
        assert!(text.len() > 300_000, "{}", text.len());
        let mail = specimen::rendered(&Email, &text);
        assert!(mail.len() <= cut::ROOM && mail.len() > 85_000, "{} bytes", mail.len());
        let (last, first_missing) = (7, 8);
        assert!(mail.contains(&format!(">Kapitola {last}</h2>")));
        assert!(!mail.contains(&format!(">Kapitola {first_missing}</h2>")));
        let page = "https://hlas.example.org/2026-10-14-fronta/cs.html";
        assert!(mail.contains(&format!("href=\"{page}#kapitola-{first_missing}\"")));
        // Links to what is left out lead there, notes of it are left out, and
        // those that stay lead back only to what stays.
        assert!(mail.contains(&format!("href=\"{page}#kapitola-30\"")));
        assert!(mail.contains("Poznámka číslo 7.") && !mail.contains("Poznámka číslo 8."));
        for name in mail.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(mail.contains(&format!("name=\"{name}\"")), "{name}");
        }
        assert_eq!(mail, specimen::rendered(&Email, &text));
    }

    #[test]
    fn without_a_heading_a_text_ends_at_a_block_and_with_one_block_at_once() {
        let paragraph = "Příliš žluťoučký kůň úpěl ďábelské ódy. ".repeat(50) + "\n\n";
        let mail = specimen::rendered(&Email, &paragraph.repeat(150));
        assert!(mail.len() <= cut::ROOM && mail.len() > 95_000, "{} bytes", mail.len());
        let page = "href=\"https://hlas.example.org/2026-10-14-fronta/cs.html\"";
        let calls = |mail: &str| mail.matches(page).count();
        let whole = calls(&specimen::rendered(&Email, "Text."));
        assert_eq!(calls(&mail), whole + 1);
        let one = paragraph.trim().repeat(150);
        let mail = specimen::rendered(&Email, &one);
        assert!(mail.len() < 20_000, "{} bytes", mail.len());
        assert_eq!(calls(&mail), whole + 1);
    }

    #[test]
    fn the_analyst_is_told_at_which_heading() {
        let text = long_text();
        let publication = specimen::publication(&[("cs", &text)]);
        let told = |document: &Document<'_>| check(document, &specimen::theme());
        let findings = specimen::document(&publication, "cs", specimen::politicians(), told);
        let [finding] = &findings[..] else { panic!("{findings:?}") };
        let line = text.lines().position(|line| line == "## Kapitola 8").unwrap() + 1;
        assert_eq!((finding.rule, finding.place.line), ("mail-size", line));
        let sizes = "bytes of HTML, and Gmail shows 102400: it ends before this line";
        assert!(finding.message.contains(sizes), "{}", finding.message);
        let short = specimen::publication(&[("cs", specimen::EVERYTHING)]);
        assert!(specimen::document(&short, "cs", specimen::politicians(), told).is_empty());
    }

    #[test]
    fn what_only_some_readers_get_must_not_be_cut_off_and_is_no_place_to_go_on() {
        let secret = "\n:::only politicians\n## Jen pro vás\n\nPodklad.\n:::\n";
        let told = |text: &str| {
            let publication = specimen::publication(&[("cs", text)]);
            let told = |document: &Document<'_>| check(document, &specimen::theme());
            let findings = specimen::document(&publication, "cs", specimen::politicians(), told);
            findings.iter().map(|it| (it.rule, it.place.line)).collect::<Vec<_>>()
        };
        let long = long_text();
        let chapter = long.lines().position(|line| line == "## Kapitola 8").unwrap() + 1;
        let end = long.lines().count() + 2;
        assert_eq!(told(&(long.clone() + secret)), [("mail-size", chapter), ("private-cut", end)]);
        let first = format!("{secret}\n{long}");
        assert_eq!(told(&first), [("mail-size", chapter + 7)]);
        let paragraph = "Příliš žluťoučký kůň úpěl ďábelské ódy. ".repeat(50) + "\n\n";
        let unheaded = format!("{secret}\n{}Viz [je](#jen-pro-vás).", paragraph.repeat(150));
        let mail = specimen::rendered(&Email, &unheaded);
        assert!(mail.contains(">Jen pro vás</h2>"));
        assert!(!mail.contains("cs.html#jen-pro-v"), "the page has no such heading");
    }

    #[test]
    fn the_theme_takes_less_than_twelve_kilobytes() {
        let mail = specimen::rendered(&Email, "");
        assert!(mail.len() < 12_000, "{} bytes", mail.len());
    }
}
