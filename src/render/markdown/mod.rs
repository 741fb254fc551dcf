//! One AST for all formats: Markdown parsed by comrak, then put in order.
//!
//! The passes run once, here, so that no format has to defend itself: after
//! them a document holds only what every format can show. The surprise is
//! what is *not* here any more: see [`Document`].

pub mod captions;
mod charts;
pub mod citations;
pub mod directive;
mod figures;
pub mod gathered;
mod label;
mod quoted;
pub mod readership;
pub mod typography;
mod works;

use std::collections::BTreeSet;

use comrak::nodes::{Node, NodeValue};
use comrak::{Anchorizer, Arena, Options, parse_document};
use url::{Position, Url};

use super::Theme;
use super::theme::Words;
use crate::model::{Bibliography, Edition, Language, Publication, Readership, Workspace, hole};
use crate::typography::Typography;
pub use captions::unlabelled;
pub use charts::{drawn, is_chart, spoken};
pub use directive::Directive;
pub use figures::{Figure, is_caption, is_data, is_note, is_source, is_unit};
pub use quoted::quoted_language;
pub use readership::parse_for;
pub use works::{Works, reference};

/// An edition's text as one comrak AST, in order:
///
/// - headings start at level 2 (level 1 is the title), skip no level and are
///   never empty;
/// - links go to `http:`, `https:` or `mailto:` URLs, absolute, or to
///   `#anchor`s of headings; whatever else was linked stays as plain text;
/// - pictures name a [`crate::model::Picture`] of the publication; of any
///   other the alt text stays;
/// - no raw HTML, no comments, no front matter;
/// - only what is for the edition's readership, and of block directives only
///   those that readers see as such ([`Directive::Summary`],
///   [`Directive::Recommendations`], [`Directive::Perspective`]): with
///   something in them, and a heading to say what they are;
/// - what is quoted in another language is a block quote ([`Document::foreign`]);
/// - what a newsletter gathers stands in it, as headings and paragraphs;
/// - a block that is a chart is a [`Figure`] with its data as a table;
/// - a picture that stands alone, and a table with a caption or a source, is a
///   [`Figure`];
/// - what `[@key]` cites is named, with a link to `#Work-key`, an item of a list
///   of works before the footnotes ([`Works`]);
/// - text is set by the rules of its language, unless its front matter says no.
///
/// What these passes took out or changed is told to the analyst by `check`,
/// which sees the AST as written ([`parse`]).
pub struct Document<'a> {
    pub edition: &'a Edition<'a>,
    pub workspace: &'a Workspace,
    pub root: Node<'a>,
    /// The anchor of each heading, in document order, without `#`.
    pub anchors: Vec<String>,
    foreign: gathered::Foreign,
    /// What the text cites, if it does.
    pub works: Option<Works<'a>>,
}

/// The Markdown that hlas understands: CommonMark with GFM's tables,
/// strikethrough, autolinks, task lists, footnotes and alerts, and comrak's
/// block directives (known, so that none slips through as plain text).
pub fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.extension.block_directive = true;
    options.parse.sourcepos_chars = true;
    options
}

/// The AST exactly as written.
pub fn parse<'a>(arena: &'a Arena<'a>, body: &str) -> Node<'a> {
    parse_document(arena, body, &options())
}

impl<'a> Document<'a> {
    /// `theme` has the words for what blocks and the list of works are called,
    /// and the style in which works are cited.
    pub fn new(
        arena: &'a Arena<'a>,
        edition: &'a Edition<'a>,
        workspace: &'a Workspace,
        theme: &Theme,
    ) -> Self {
        let root = parse_for(arena, &edition.manuscript.body, edition.readership.segment());
        close_holes(root);
        plain_html(arena, root);
        let mut foreign = match &edition.manuscript.gathered {
            Some(found) => gathered::insert(arena, root, found, &edition.manuscript.language),
            None => gathered::Foreign::default(),
        };
        let words = theme.words(&edition.manuscript.language);
        let quotations = quoted::quotations(root, &edition.manuscript.language, &mut foreign);
        label::label(arena, root, workspace, words);
        charts::insert(arena, root, edition.manuscript, words);
        order_headings(root);
        let bibliography = edition.publication.bibliography.as_ref();
        let words = theme.words(&edition.manuscript.language);
        let announced = works::announce(arena, root, bibliography, words);
        let mut anchors = anchors(root);
        resolve_links(root, &anchors);
        resolve_pictures(root, edition.publication);
        let works = works::cite(arena, root, edition, theme);
        // A style of citations may have no list.
        if let Some(heading) = announced.filter(|_| works.is_none()) {
            heading.detach();
            anchors = self::anchors(root);
        }
        figures::gather(arena, root);
        // After the anchors: a heading keeps its own, set or not.
        if edition.manuscript.typography {
            let rules = Typography::new(&edition.manuscript.language, workspace);
            // What came in from another text was set when that was read.
            typography::set(root, &rules, |node| foreign.is_in(node));
            quoted::set(&quotations, workspace, &foreign);
        }
        Self { edition, workspace, root, anchors, foreign, works }
    }

    /// The language of a link, paragraph or quotation, where it is not the edition's own.
    pub fn foreign(&self, node: Node<'_>) -> Option<&Language> {
        self.foreign.of(node)
    }

    /// Whether a picture is not for the public, though it is for the readers of
    /// this edition: then it does not lie on the site.
    pub fn has_to_itself(&self, picture: &str) -> bool {
        let Edition { publication, readership, .. } = self.edition;
        let may_hide = publication.manuscripts.iter().any(|it| it.body.contains(":::"));
        *readership != Readership::Public
            && may_hide
            && !public_pictures(publication).contains(picture)
    }
}

/// All that an author wrote, for whichever readers, with what a reader would
/// see of raw HTML.
pub fn parse_text<'a>(arena: &'a Arena<'a>, body: &str) -> Node<'a> {
    let root = parse(arena, body);
    close_holes(root);
    plain_html(arena, root);
    root
}

/// The plain text below a node, breaks as spaces, without footnote marks.
pub fn plain_text(node: Node<'_>) -> String {
    let mut text = String::new();
    for child in node.descendants() {
        match &child.data().value {
            NodeValue::Text(literal) => text.push_str(literal),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// An absolute URL that a reader may follow.
    Away(String),
    /// A heading of this text.
    Anchor(String),
    /// A heading that is not there.
    NoSuchAnchor(String),
    /// No scheme: a mail and a feed have no place that it could start from.
    Relative,
    /// A scheme that we do not publish: `javascript:`, `file:`, `data:` …
    Forbidden(String),
    /// Not an address at all.
    Broken,
}

/// What an author's link between parentheses means.
pub fn link_target(written: &str, anchors: &[String]) -> LinkTarget {
    if let Some(anchor) = written.strip_prefix('#') {
        let known = anchors.iter().any(|known| known == anchor);
        let anchor = anchor.to_owned();
        return if known { LinkTarget::Anchor(anchor) } else { LinkTarget::NoSuchAnchor(anchor) };
    }
    match Url::parse(written.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https" | "mailto") => {
            LinkTarget::Away(valid(&url))
        }
        Ok(url) => LinkTarget::Forbidden(url.scheme().to_owned()),
        Err(url::ParseError::RelativeUrlWithoutBase) if !written.trim().is_empty() => {
            LinkTarget::Relative
        }
        Err(_) => LinkTarget::Broken,
    }
}

/// A URL in characters that a URL may have: browsers forgive brackets in a path
/// or query (the URL standard only calls them an error), validators and some
/// mail clients do not. Done here, so that every format writes the same.
pub(super) fn valid(url: &Url) -> String {
    let (origin, rest) = url.as_str().split_at(url[..Position::BeforePath].len());
    let mut written = origin.to_owned();
    for character in rest.chars() {
        match character {
            '[' | ']' | '{' | '}' | '|' | '^' | '`' | '\\' => {
                written.push_str(&format!("%{:02X}", u32::from(character)));
            }
            _ => written.push(character),
        }
    }
    written
}

/// The anchors of all headings, as GitHub makes them, in document order.
pub fn anchors(root: Node<'_>) -> Vec<String> {
    let mut anchorizer = Anchorizer::new();
    headings(root).into_iter().map(|node| anchorizer.anchorize(&plain_text(node))).collect()
}

/// What headings there are beside those that an author wrote.
pub struct Headings<'h> {
    pub workspace: &'h Workspace,
    /// What the theme calls blocks and the list of works.
    pub words: &'h Words,
    /// What the text may cite.
    pub bibliography: Option<&'h Bibliography>,
}

impl Headings<'_> {
    /// The anchors that the readers of a segment have, or, with `None`, the public.
    pub fn anchors_for(&self, body: &str, segment: Option<&str>) -> Vec<String> {
        let arena = Arena::new();
        self.anchors(&arena, parse_for(&arena, body, segment))
    }

    /// The anchors that anybody has, in a text with all its blocks.
    pub fn all_anchors(&self, body: &str) -> Vec<String> {
        let arena = Arena::new();
        self.anchors(&arena, parse(&arena, body))
    }

    fn anchors<'a>(&self, arena: &'a Arena<'a>, root: Node<'a>) -> Vec<String> {
        label::label(arena, root, self.workspace, self.words);
        works::announce(arena, root, self.bibliography, self.words);
        anchors(root)
    }
}

/// Raw HTML becomes the text that a reader would see, comments nothing, and no
/// more is left of a paragraph that held nothing else.
fn plain_html<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    let mut held_html = Vec::new();
    for node in root.descendants().collect::<Vec<_>>() {
        let replacement = match &node.data().value {
            NodeValue::HtmlInline(html) if is_break(html) => Some(NodeValue::LineBreak),
            NodeValue::HtmlInline(_) | NodeValue::Raw(_) => Some(NodeValue::Text("".into())),
            NodeValue::HtmlBlock(block) => {
                let text = text_of_html(&block.literal);
                if text.is_empty() {
                    None
                } else {
                    let text = NodeValue::Text(text.into());
                    node.append(arena.alloc(text.into()));
                    Some(NodeValue::Paragraph)
                }
            }
            _ => continue,
        };
        held_html.extend(node.ancestors().find(is_paragraph));
        match replacement {
            Some(value) => node.data_mut().value = value,
            None => node.detach(),
        }
    }
    held_html.into_iter().filter(says_nothing).for_each(|node| node.detach());
}

fn is_paragraph(node: &Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::Paragraph)
}

fn says_nothing(node: &Node<'_>) -> bool {
    let shows = |node: Node<'_>| {
        matches!(node.data().value, NodeValue::Image(_) | NodeValue::FootnoteReference(_))
    };
    !node.descendants().any(shows) && plain_text(node).trim().is_empty()
}

/// The characters that holes are made of, which loading refuses, could still
/// come in as entities: `&#xE010;`.
fn close_holes(root: Node<'_>) {
    let closed = |text: &str| text.replace([hole::OPEN, hole::CLOSE], "");
    for node in root.descendants() {
        match &mut node.data_mut().value {
            NodeValue::Text(text) => *text = closed(text).into(),
            NodeValue::Link(link) | NodeValue::Image(link) => {
                link.url = closed(&link.url);
                link.title = closed(&link.title);
            }
            NodeValue::CodeBlock(code) => code.info = closed(&code.info),
            _ => {}
        }
    }
}

fn is_break(html: &str) -> bool {
    let tag: String = html.chars().filter(|c| !c.is_whitespace()).collect();
    matches!(tag.to_ascii_lowercase().as_str(), "<br>" | "<br/>")
}

/// Elements that stand on lines or in cells of their own: what is in them and
/// what is around them are different words, however closely they were typed.
#[rustfmt::skip]
const APART: [&str; 37] = [
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul",
];

/// What is left of HTML without its tags, scripts, styles and comments.
pub fn text_of_html(html: &str) -> String {
    let clean = ammonia::Builder::empty().clean(&with_spaces(html)).to_string();
    // The four characters that an HTML serialiser writes as entities in text.
    let text = clean
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// HTML with a space before each tag that keeps words apart.
fn with_spaces(html: &str) -> String {
    let mut parts = html.split('<');
    let mut spaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let tag = part.strip_prefix('/').unwrap_or(part);
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let keeps_apart = APART.iter().any(|name| name.eq_ignore_ascii_case(&tag[..end]));
        spaced.push_str(if keeps_apart { " <" } else { "<" });
        spaced.push_str(part);
    }
    spaced
}

/// Replaces a node by its children.
fn unwrap(node: Node<'_>) {
    for child in node.children().collect::<Vec<_>>() {
        node.insert_before(child);
    }
    node.detach();
}

fn headings<'a>(root: Node<'a>) -> Vec<Node<'a>> {
    root.descendants().filter(|node| matches!(node.data().value, NodeValue::Heading(_))).collect()
}

/// Headings from level 2, without gaps: an author may start at `#` or `###`
/// and skip levels, a screen reader may not (WCAG 2.2, 1.3.1; PDF/UA-1, 7.4.2).
fn order_headings(root: Node<'_>) {
    let mut written: Vec<u8> = Vec::new();
    for node in headings(root) {
        if plain_text(node).trim().is_empty() {
            node.detach();
            continue;
        }
        if let NodeValue::Heading(heading) = &mut node.data_mut().value {
            while written.last().is_some_and(|level| *level >= heading.level) {
                written.pop();
            }
            written.push(heading.level);
            heading.level = u8::try_from(written.len() + 1).unwrap_or(6).min(6);
        }
    }
}

fn resolve_links(root: Node<'_>, anchors: &[String]) {
    for node in root.descendants().collect::<Vec<_>>() {
        let target = match &node.data().value {
            NodeValue::Link(link) => link_target(&link.url, anchors),
            _ => continue,
        };
        match target {
            LinkTarget::Away(url) => set_url(node, url),
            LinkTarget::Anchor(anchor) => set_url(node, format!("#{anchor}")),
            LinkTarget::NoSuchAnchor(_)
            | LinkTarget::Relative
            | LinkTarget::Forbidden(_)
            | LinkTarget::Broken => unwrap(node),
        }
    }
}

fn set_url(node: Node<'_>, url: String) {
    if let NodeValue::Link(link) | NodeValue::Image(link) = &mut node.data_mut().value {
        link.url = url;
    }
}

fn resolve_pictures(root: Node<'_>, publication: &Publication) {
    for node in root.descendants().collect::<Vec<_>>() {
        let name = match &node.data().value {
            NodeValue::Image(link) => picture_name(&link.url),
            _ => continue,
        };
        match name.filter(|name| publication.picture(name).is_some()) {
            Some(name) => set_url(node, name),
            None => leave_alt_text(node),
        }
    }
}

/// As plain as it would have been beside the picture.
fn leave_alt_text(picture: Node<'_>) {
    let alt = plain_text(picture);
    picture.children().collect::<Vec<_>>().into_iter().for_each(|node| node.detach());
    picture.data_mut().value = NodeValue::Text(alt.into());
}

/// The names of the pictures that a text shows, as [`picture_name`] reads them.
pub fn pictures(root: Node<'_>) -> Vec<String> {
    let images = root.descendants().filter_map(|node| match &node.data().value {
        NodeValue::Image(link) => picture_name(&link.url),
        _ => None,
    });
    images.collect()
}

/// The pictures that the public sees in a publication, in whatever language:
/// those may lie on the site, where anybody can guess their names. One that
/// only a block for some readers shows may not.
pub fn public_pictures(publication: &Publication) -> BTreeSet<String> {
    let shown = publication.manuscripts.iter().flat_map(|manuscript| {
        let arena = Arena::new();
        let root = parse_for(&arena, &manuscript.body, None);
        let charts = root.descendants().filter_map(|node| drawn(node, manuscript));
        let names = charts.flat_map(|it| [it.wide.name.clone(), it.small.name.clone()]);
        pictures(root).into_iter().chain(names.collect::<Vec<_>>())
    });
    shown.collect()
}

/// The name of the picture that an image in Markdown means: its URL decoded,
/// without `./`. `None` for anything but a file beside the text.
pub fn picture_name(url: &str) -> Option<String> {
    let name = percent_decode(url.trim().trim_start_matches("./"))?;
    let beside = !name.is_empty()
        && !name.contains(['/', '\\', ':'])
        && !name.starts_with('.')
        && !name.chars().any(char::is_control);
    beside.then_some(name)
}

fn percent_decode(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_html_stay_apart_where_they_stood_apart() {
        let table = "<table><tr><td><b>Pra</b>ha</td><td>41</td></tr></table>\n";
        assert_eq!(text_of_html(table), "Praha 41");
        assert_eq!(
            text_of_html("<p>Jeden<br/>dva</p><P>tři</P> <i>č</i>tyři"),
            "Jeden dva tři čtyři"
        );
        assert_eq!(text_of_html("1 < 2 <table"), "1 < 2");
    }

    #[test]
    fn brackets_in_a_link_are_encoded_but_not_those_of_an_ipv6_host() {
        let away = |written: &str| link_target(written, &[]);
        let url = |url: &str| LinkTarget::Away(url.to_owned());
        assert_eq!(away("https://x.example/?b[]=2"), url("https://x.example/?b%5B%5D=2"));
        assert_eq!(away("http://[::1]/a|b"), url("http://[::1]/a%7Cb"));
        assert_eq!(away("https://x.example/?a=%5B"), url("https://x.example/?a=%5B"));
        assert_eq!(away("/kam"), LinkTarget::Relative);
    }
}
