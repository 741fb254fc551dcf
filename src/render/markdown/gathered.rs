//! A newsletter's pieces as nodes of the text, so that every format shows them
//! without knowing what a newsletter is.
//!
//! Each is a heading that leads to its page, a line about it, and its summary.
//! They stand where the author wrote `:::gathered`, else in a section of their
//! own at the end. comrak's nodes cannot say that they are in another language
//! than the text around them (WCAG 2.2, 3.1.2), so that is noted beside them,
//! in [`Foreign`].

use std::collections::HashMap;

use comrak::Arena;
use comrak::nodes::{Node, NodeHeading, NodeLink, NodeValue};

use super::directive::Directive;
use super::headings;
use crate::model::{Gathered, Language, Piece};

/// Which nodes are in another language than the text, by identity.
#[derive(Debug, Default)]
pub struct Foreign(HashMap<*const (), Language>);

impl Foreign {
    pub fn note(&mut self, node: Node<'_>, language: Language) {
        self.0.insert(identity(node), language);
    }

    pub fn of(&self, node: Node<'_>) -> Option<&Language> {
        // Nearly every text has none.
        if self.0.is_empty() { None } else { self.0.get(&identity(node)) }
    }

    /// Whether a node, or one that it stands in, is in another language.
    pub fn is_in(&self, node: Node<'_>) -> bool {
        !self.0.is_empty() && node.ancestors().any(|outer| self.of(outer).is_some())
    }
}

fn identity(node: Node<'_>) -> *const () {
    std::ptr::from_ref(node).cast()
}

/// Whether a node is the place for what was gathered.
pub fn is_place(node: Node<'_>) -> bool {
    Directive::of(node) == Some(Directive::Gathered)
}

/// Puts the pieces into the text; without any there is nothing to see.
pub(super) fn insert<'a>(
    arena: &'a Arena<'a>,
    root: Node<'a>,
    gathered: &Gathered,
    reader: &Language,
) -> Foreign {
    let mut press = Press { arena, reader, foreign: Foreign::default() };
    if gathered.pieces.is_empty() {
        return press.foreign;
    }
    let mut nodes = Vec::new();
    let place = root.descendants().find(|node| is_place(node));
    let level = match place {
        Some(place) => level_at(root, place),
        None => {
            let top = headings(root).into_iter().filter_map(level).min().unwrap_or(2);
            nodes.push(press.heading(top, [press.text(&gathered.heading)]));
            top + 1
        }
    };
    for piece in &gathered.pieces {
        nodes.extend(press.piece(piece, level));
    }
    // comrak keeps what notes say at the very end.
    let notes = |node: &Node<'a>| matches!(node.data().value, NodeValue::FootnoteDefinition(_));
    let before = place.or_else(|| root.children().find(notes));
    for node in nodes {
        match before {
            Some(before) => before.insert_before(node),
            None => root.append(node),
        }
    }
    press.foreign
}

/// One below the heading under which the place stands.
fn level_at<'a>(root: Node<'a>, place: Node<'a>) -> u8 {
    let before = root.descendants().take_while(|node| !node.same_node(place));
    before.filter_map(level).last().map_or(2, |level| level + 1)
}

fn level(node: Node<'_>) -> Option<u8> {
    match node.data().value {
        NodeValue::Heading(heading) => Some(heading.level),
        _ => None,
    }
}

struct Press<'a, 'r> {
    arena: &'a Arena<'a>,
    reader: &'r Language,
    foreign: Foreign,
}

impl<'a> Press<'a, '_> {
    fn piece(&mut self, piece: &Piece, level: u8) -> Vec<Node<'a>> {
        let link = NodeLink { url: piece.url.to_string(), title: String::new() };
        let link = self.node(NodeValue::Link(Box::new(link)), [self.text(&piece.title)]);
        self.mark(link, piece);
        let about = self.node(NodeValue::Emph, [self.text(&piece.byline)]);
        let mut nodes = vec![self.heading(level, [link]), self.node(NodeValue::Paragraph, [about])];
        if let Some(summary) = &piece.summary {
            let summary = self.node(NodeValue::Paragraph, [self.text(summary)]);
            self.mark(summary, piece);
            nodes.push(summary);
        }
        nodes
    }

    fn mark(&mut self, node: Node<'a>, piece: &Piece) {
        if piece.language != *self.reader {
            self.foreign.note(node, piece.language.clone());
        }
    }

    fn heading<const N: usize>(&self, level: u8, children: [Node<'a>; N]) -> Node<'a> {
        let heading = NodeHeading { level: level.min(6), setext: false, closed: false };
        self.node(NodeValue::Heading(heading), children)
    }

    fn text(&self, text: &str) -> Node<'a> {
        self.node(NodeValue::Text(text.to_owned().into()), [])
    }

    fn node<const N: usize>(&self, value: NodeValue, children: [Node<'a>; N]) -> Node<'a> {
        let node: Node<'a> = self.arena.alloc(value.into());
        children.into_iter().for_each(|child| node.append(child));
        node
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Readership, Slug};
    use crate::render::html::{Dialect, fragment};
    use crate::render::specimen;

    fn gathered() -> Gathered {
        let piece = |slug: &str, language: &str, summary: Option<&str>| Piece {
            slug: Slug::new(slug).expect("a slug"),
            language: language.into(),
            title: format!("{slug} & spol."),
            summary: summary.map(Into::into),
            url: format!("https://hlas.example.org/{slug}/{language}.html").parse().expect("a URL"),
            byline: "Analýza · 3. září 2026".to_owned(),
        };
        Gathered {
            heading: "Nové texty".to_owned(),
            pieces: vec![
                piece("prvni", "cs", Some("*Není* důraz.")),
                piece("druhy", "en", Some("Waiting costs.")),
                piece("treti", "cs", None),
            ],
        }
    }

    /// A Czech newsletter with this body, as a page shows it.
    fn page(body: &str) -> String {
        let mut publication = specimen::publication(&[("cs", body)]);
        publication.manuscripts[0].gathered = Some(gathered());
        let theme = specimen::theme();
        specimen::document(&publication, "cs", Readership::Public, |document| {
            fragment(document, Dialect::Page, theme.words(&"cs".into()))
        })
    }

    /// Its headings alone, by level.
    fn outline(body: &str) -> Vec<String> {
        let html = page(body);
        let lines = html.lines().filter(|line| line.starts_with("<h"));
        lines
            .map(|line| line[1..3].to_owned() + if line.contains("<a ") { " piece" } else { "" })
            .collect()
    }

    #[test]
    fn pieces_stand_where_the_author_wants_them_under_the_heading_there() {
        insta::assert_snapshot!(page(
            "Úvod.[^1]\n\n## Nové texty\n\n:::gathered\n:::\n\n## Kalendář\n\nNic.\n\n[^1]: Pozn.\n"
        ));
    }

    #[test]
    fn without_a_place_they_end_the_text_but_for_its_notes() {
        assert_eq!(
            outline("Úvod.[^1]\n\n## Kalendář\n\nNic.\n\n[^1]: Pozn.\n"),
            ["h2", "h2", "h3 piece", "h3 piece", "h3 piece", "h2"]
        );
        assert_eq!(outline("Úvod.\n"), ["h2", "h3 piece", "h3 piece", "h3 piece"]);
    }

    #[test]
    fn a_place_before_any_heading_needs_none() {
        let body = ":::gathered\n:::\n\n# Kalendář\n";
        assert_eq!(outline(body), ["h2 piece", "h2 piece", "h2 piece", "h2"]);
    }

    #[test]
    fn a_place_that_was_never_closed_swallows_nothing() {
        let body = "## Nové texty\n\n:::gathered\n\n## Kalendář\n\nNic.\n";
        assert_eq!(outline(body), ["h2", "h3 piece", "h3 piece", "h3 piece", "h2"]);
        assert!(page(body).contains("Nic."));
    }

    #[test]
    fn what_is_in_another_language_is_not_set_by_the_rules_of_this_one() {
        let mut publication = specimen::publication(&[("cs", "Úvod.\n")]);
        let mut found = gathered();
        for piece in &mut found.pieces {
            piece.title = "A \"v Praze\"".to_owned();
            piece.summary = Some("V roce 2026 \"ano\".".to_owned());
        }
        publication.manuscripts[0].gathered = Some(found);
        let theme = specimen::theme();
        let page = specimen::document(&publication, "cs", Readership::Public, |document| {
            fragment(document, Dialect::Page, theme.words(&"cs".into()))
        });
        assert_eq!(page.matches(">A\u{a0}„v\u{a0}Praze“</a>").count(), 2, "{page}");
        assert_eq!(page.matches(">A &quot;v Praze&quot;</a>").count(), 1, "{page}");
        assert_eq!(page.matches("<p lang=\"en\">V roce 2026 &quot;ano&quot;.</p>").count(), 1);
    }
}
