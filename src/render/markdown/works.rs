//! Citations become words with a link, and what they cite a list at the end.
//!
//! Only what is cited is listed, so this comes after all passes that take
//! something out; but its heading comes before links are looked at, for an
//! author may lead to it. The list goes before the footnotes, under a heading
//! from the theme's words, or under the author's own if the text ends with one.
//!
//! The surprise: an author's `s. 12` is set as typed, whatever the style says
//! about pages; it is their language and their abbreviation.

use comrak::Arena;
use comrak::nodes::{ListType, Node, NodeHeading, NodeLink, NodeList, NodeValue, Sourcepos};
use hayagriva::citationberg::taxonomy::Locator;
use hayagriva::citationberg::{FontStyle, FontWeight};
use hayagriva::{
    CitationItem, CitePurpose, ElemChild, ElemChildren, ElemMeta, Formatted, LocatorPayload,
    SpecificLocator, TransparentLocator,
};

use super::citations::{self, Citation, Cite, Run};
use super::{LinkTarget, link_target, plain_text};
use crate::model::{Bibliography, Edition, Language};
use crate::render::Theme;
use crate::render::theme::Words;

/// The list of what a text cites.
pub struct Works<'a> {
    /// The list; each item is a paragraph of one work.
    pub list: Node<'a>,
    /// The anchors of its items, without `#`: `Work-` and the key. The capital
    /// keeps them apart from anchors of headings, which are lower-case.
    pub anchors: Vec<String>,
}

impl Works<'_> {
    /// Which work an item of the list is, from 0.
    pub fn position(&self, item: Node<'_>) -> Option<usize> {
        let list: *const () = std::ptr::from_ref(self.list).cast();
        item.parent().filter(|parent| std::ptr::from_ref(*parent).cast() == list)?;
        Some(item.preceding_siblings().skip(1).count())
    }

    /// Which work a link leads to, from 0.
    pub fn target(&self, url: &str) -> Option<usize> {
        let anchor = url.strip_prefix('#')?;
        self.anchors.iter().position(|known| known == anchor)
    }
}

/// Sets the citations of known works; others stay as they were written, and
/// `check` has told them.
pub(super) fn cite<'a>(
    arena: &'a Arena<'a>,
    root: Node<'a>,
    edition: &Edition<'_>,
    theme: &Theme,
) -> Option<Works<'a>> {
    let bibliography = edition.publication.bibliography.as_ref()?;
    let runs = citations::runs(root);
    let found = known(&runs, bibliography);
    if found.is_empty() {
        return None;
    }
    let requests = found.iter().map(|(_, citation)| items(bibliography, citation)).collect();
    let language = &edition.manuscript.language;
    let rendered = theme.citing().set(language, requests);
    let pen = Pen { arena };
    let mut set = found.iter().zip(&rendered.citations).peekable();
    for (index, run) in runs.iter().enumerate() {
        let mut mine = Vec::new();
        while let Some(((_, citation), words)) = set.next_if(|((at, _), _)| *at == index) {
            mine.push((citation, &words.citation));
        }
        pen.replace(run, &mine);
    }
    let listed = rendered.bibliography?.items;
    let items: Vec<_> = listed.iter().map(|item| pen.item(&item.content)).collect();
    let anchors = listed.iter().map(|item| anchor(&item.key)).collect();
    let list = pen.list(&items);
    pen.place(root, list);
    Some(Works { list, anchors })
}

/// Puts the heading of the list to come where it will stand, so that an author
/// may link to it like to any other. `None` where nothing is cited, or where
/// the text ends with a heading of its author's.
pub(super) fn announce<'a>(
    arena: &'a Arena<'a>,
    root: Node<'a>,
    bibliography: Option<&Bibliography>,
    words: &Words,
) -> Option<Node<'a>> {
    if known(&citations::runs(root), bibliography?).is_empty() {
        return None;
    }
    let is_heading = |node: Node<'_>| matches!(node.data().value, NodeValue::Heading(_));
    if last_but_notes(root).is_some_and(is_heading) {
        return None;
    }
    let pen = Pen { arena };
    let heading = NodeHeading { level: 2, setext: false, closed: false };
    let heading = pen.around(NodeValue::Heading(heading), pen.text(words.get("references")));
    pen.place(root, heading);
    Some(heading)
}

/// The citations of works that are known, each with the index of its run.
fn known(runs: &[Run<'_>], bibliography: &Bibliography) -> Vec<(usize, Citation)> {
    let all = runs.iter().enumerate();
    let all = all.flat_map(|(index, run)| {
        citations::parse(&run.text).into_iter().map(move |citation| (index, citation))
    });
    let is_known = |cite: &Cite| entry(bibliography, cite).is_some();
    all.filter(|(_, citation)| citation.cites.iter().all(is_known)).collect()
}

fn first_note(root: Node<'_>) -> Option<Node<'_>> {
    root.children().find(|node| matches!(node.data().value, NodeValue::FootnoteDefinition(_)))
}

fn last_but_notes(root: Node<'_>) -> Option<Node<'_>> {
    match first_note(root) {
        Some(notes) => notes.previous_sibling(),
        None => root.last_child(),
    }
}

/// After a title that ends in a question or exclamation mark stands no full
/// stop.
fn one_mark(words: &[Node<'_>]) {
    for (before, after) in words.iter().zip(words.iter().skip(1)) {
        let is_marked = plain_text(before).ends_with(['?', '!', '…']);
        if let NodeValue::Text(text) = &mut after.data_mut().value
            && let Some(rest) = text.strip_prefix('.').filter(|_| is_marked)
        {
            *text = rest.to_owned().into();
        }
    }
}

/// One work as it would stand in a list of works: a paragraph.
pub fn reference<'a>(
    arena: &'a Arena<'a>,
    entry: &hayagriva::Entry,
    language: &Language,
    theme: &Theme,
) -> Option<Node<'a>> {
    let rendered = theme.citing().set(language, vec![vec![CitationItem::with_entry(entry)]]);
    let listed = rendered.bibliography?.items;
    let item = Pen { arena }.item(&listed.first()?.content);
    item.first_child()
}

fn anchor(key: &str) -> String {
    format!("Work-{key}")
}

fn entry<'b>(bibliography: &'b Bibliography, cite: &Cite) -> Option<&'b hayagriva::Entry> {
    bibliography.work(&cite.key)?.entry.as_ref()
}

fn items<'b>(
    bibliography: &'b Bibliography,
    citation: &'b Citation,
) -> Vec<CitationItem<'b, hayagriva::Entry>> {
    let item = |cite: &'b Cite| {
        let locator = (!cite.locator.is_empty()).then(|| locator(&cite.locator));
        let mut item = CitationItem::with_locator(entry(bibliography, cite)?, locator);
        item.purpose = cite.year_only.then_some(CitePurpose::Year);
        Some(item)
    };
    citation.cites.iter().filter_map(item).collect()
}

/// A number alone is a page, which the style names; words are set as they are.
fn locator(written: &str) -> SpecificLocator<'_> {
    if is_number(written) {
        return SpecificLocator(Locator::Page, LocatorPayload::Str(written));
    }
    let payload = TransparentLocator::new(written.to_owned());
    SpecificLocator(Locator::Custom, LocatorPayload::Transparent(payload))
}

fn is_number(locator: &str) -> bool {
    locator.starts_with(|c: char| c.is_ascii_digit())
        && locator.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '–' | ',' | ' '))
}

/// Writes what hayagriva set as nodes.
struct Pen<'a> {
    arena: &'a Arena<'a>,
}

impl<'a> Pen<'a> {
    fn node(&self, value: NodeValue) -> Node<'a> {
        self.arena.alloc(value.into())
    }

    fn text(&self, text: &str) -> Node<'a> {
        self.node(NodeValue::Text(text.to_owned().into()))
    }

    fn link(&self, url: &str) -> Node<'a> {
        self.node(NodeValue::Link(Box::new(NodeLink { url: url.to_owned(), title: String::new() })))
    }

    /// Puts citations in the place of their brackets.
    fn replace(&self, run: &Run<'a>, citations: &[(&Citation, &ElemChildren)]) {
        let Some((first, _)) = run.nodes.first() else { return };
        if citations.is_empty() {
            return;
        }
        let linked = first
            .ancestors()
            .all(|outer| !matches!(outer.data().value, NodeValue::Link(_) | NodeValue::Image(_)));
        let mut made = Vec::new();
        let mut from = 0;
        for (citation, words) in citations {
            self.keep(run, from..citation.range.start, &mut made);
            let at = first.data().sourcepos;
            let start = made.len();
            self.citation(citation, words, linked, &mut made);
            made[start..].iter().for_each(|node| stand_at(node, at));
            from = citation.range.end;
        }
        self.keep(run, from..run.text.len(), &mut made);
        made.into_iter().for_each(|node| first.insert_before(node));
        run.nodes.iter().for_each(|(node, _)| node.detach());
    }

    /// What stands outside of brackets, as it was.
    fn keep(&self, run: &Run<'a>, kept: std::ops::Range<usize>, made: &mut Vec<Node<'a>>) {
        for (node, range) in &run.nodes {
            let (start, end) = (range.start.max(kept.start), range.end.min(kept.end));
            if start >= end {
                continue;
            }
            let value = match &node.data().value {
                NodeValue::Text(_) => NodeValue::Text(run.text[start..end].to_owned().into()),
                other => other.clone(),
            };
            let copy = self.node(value);
            copy.data_mut().sourcepos = node.data().sourcepos;
            made.push(copy);
        }
    }

    /// `(viz Vrba 2024, s. 12; Malá 2025)`, each work a link to its entry. What
    /// has brackets of the author's alone, a year, gets the style's no more.
    fn citation(
        &self,
        citation: &Citation,
        words: &ElemChildren,
        linked: bool,
        made: &mut Vec<Node<'a>>,
    ) {
        let bare = citation.cites.iter().any(|cite| cite.year_only);
        if bare {
            made.push(self.text("("));
        }
        for child in &words.0 {
            let ElemChild::Elem(elem) = child else {
                self.inline(child, None, made);
                continue;
            };
            let cited = match elem.meta {
                Some(ElemMeta::Entry(index)) => citation.cites.get(index),
                _ => None,
            };
            if let Some(cite) = cited.filter(|cite| !cite.prefix.is_empty()) {
                made.push(self.text(&format!("{} ", cite.prefix)));
            }
            let mut inside = Vec::new();
            self.inlines(&elem.children, cited, &mut inside);
            // A year alone has no place for its page in hayagriva.
            if let Some(cite) = cited.filter(|it| it.year_only && !it.locator.is_empty()) {
                inside.push(self.text(&format!(", {}", cite.locator)));
            }
            match cited.filter(|_| linked) {
                Some(cite) => {
                    let link = self.link(&format!("#{}", anchor(&cite.key)));
                    inside.into_iter().for_each(|node| link.append(node));
                    made.push(link);
                }
                None => made.extend(inside),
            }
        }
        if bare {
            made.push(self.text(")"));
        }
    }

    fn inlines(&self, children: &ElemChildren, cite: Option<&Cite>, made: &mut Vec<Node<'a>>) {
        children.0.iter().for_each(|child| self.inline(child, cite, made));
    }

    fn inline(&self, child: &ElemChild, cite: Option<&Cite>, made: &mut Vec<Node<'a>>) {
        match child {
            ElemChild::Text(text) => made.push(self.formatted(text)),
            ElemChild::Elem(elem) => self.inlines(&elem.children, cite, made),
            ElemChild::Markup(text) => made.push(self.text(text)),
            ElemChild::Link { text, url } => {
                let words = self.text(&text.text);
                match link_target(url, &[]) {
                    LinkTarget::Away(url) => {
                        let link = self.link(&url);
                        link.append(words);
                        made.push(link);
                    }
                    _ => made.push(words),
                }
            }
            ElemChild::Transparent { .. } => {
                made.extend(cite.map(|cite| self.text(&cite.locator)));
            }
        }
    }

    fn formatted(&self, text: &Formatted) -> Node<'a> {
        let mut node = self.text(&text.text);
        if text.formatting.font_weight == FontWeight::Bold {
            node = self.around(NodeValue::Strong, node);
        }
        if text.formatting.font_style == FontStyle::Italic {
            node = self.around(NodeValue::Emph, node);
        }
        node
    }

    fn around(&self, value: NodeValue, inside: Node<'a>) -> Node<'a> {
        let outer = self.node(value);
        outer.append(inside);
        outer
    }

    fn item(&self, content: &ElemChildren) -> Node<'a> {
        let mut words = Vec::new();
        self.inlines(content, None, &mut words);
        // The full stop at the end would be taken for a part of the address.
        let is_stop = matches!(&words.last().map(|last| last.data().value.clone()),
            Some(NodeValue::Text(text)) if text.trim() == ".");
        let after_link =
            words.len() > 1 && matches!(words[words.len() - 2].data().value, NodeValue::Link(_));
        if is_stop && after_link {
            words.pop();
        }
        one_mark(&words);
        let paragraph = self.node(NodeValue::Paragraph);
        words.into_iter().for_each(|node| paragraph.append(node));
        self.around(NodeValue::Item(bullets()), paragraph)
    }

    fn list(&self, items: &[Node<'a>]) -> Node<'a> {
        let list = self.node(NodeValue::List(bullets()));
        items.iter().for_each(|item| list.append(item));
        list
    }

    /// At the end, before the notes. Nobody wrote it: it stands where the text
    /// ends.
    fn place(&self, root: Node<'a>, node: Node<'a>) {
        let end = root.data().sourcepos.end;
        stand_at(node, Sourcepos { start: end, end });
        match first_note(root) {
            Some(notes) => notes.insert_before(node),
            None => root.append(node),
        }
    }
}

fn stand_at(node: Node<'_>, at: Sourcepos) {
    node.descendants().for_each(|inner| inner.data_mut().sourcepos = at);
}

fn bullets() -> NodeList {
    NodeList { list_type: ListType::Bullet, bullet_char: b'-', tight: true, ..NodeList::default() }
}

#[cfg(test)]
mod tests {
    use super::super::plain_text;
    use super::*;
    use crate::model::Readership;
    use crate::render::specimen;

    /// The blocks of a text, a line each.
    fn blocks(language: &str, body: &str) -> String {
        let publication = specimen::publication(&[(language, body)]);
        specimen::document(&publication, language, Readership::Public, |document| {
            let items = document.root.children().flat_map(|node| match &node.data().value {
                NodeValue::List(_) => node.children().map(plain_text).collect(),
                _ => vec![plain_text(node)],
            });
            // Which spaces do not break is told by the tests of typography.
            items.collect::<Vec<_>>().join("\n").replace('\u{a0}', " ")
        })
    }

    #[test]
    fn only_what_is_cited_is_listed_in_czech_order_in_the_words_of_the_language() {
        insta::assert_snapshot!(
            blocks("en", "So [@zakon326, Section 42; @vrbova2024, 12-15].\n\nAnd [@mala2023].\n"),
            @r"
        So (Zákon č. 326/1999 Sb., Section 42; Vrbová and Řehák 2024, pp. 12–15).
        And (Malá et al. 2023).
        References
        MALÁ, Eva; ŠÍDLO, Petr; CHALUPA, Jan and ČERNÝ, Ivo, 2023. Kdo čeká nejdéle. Sociální revue. Online. Vol. 12, no. 3, pp. 45–60. Available at: https://doi.org/10.5555/revue.2023.12
        VRBOVÁ, Kateřina and ŘEHÁK, Tomáš, 2024. Čekárna: Lhůty a lidé. 2nd ed. Praha: Lávka. ISBN 978-80-00-00000-0.
        Zákon č. 326/1999 Sb., o pobytu cizinců.
        "
        );
    }

    #[test]
    fn an_authors_own_last_heading_stands_over_the_list_and_notes_come_after() {
        insta::assert_snapshot!(
            blocks("cs", "Viz[^1] sem.\n\n## Prameny\n\n[^1]: Viz [@vrbova2024].\n"),
            @r"
        Viz sem.
        Prameny
        VRBOVÁ, Kateřina a ŘEHÁK, Tomáš, 2024. Čekárna: Lhůty a lidé. 2. vyd. Praha: Lávka. ISBN 978-80-00-00000-0.
        Viz (Vrbová a Řehák 2024).
        "
        );
    }

    #[test]
    fn unknown_works_code_links_and_headings_stay_as_written() {
        let body = "## Podle [@mala2023]\n\n[@nikdo] `[@mala2023]` a [@mala2023; @nikdo]\n";
        assert_eq!(
            blocks("cs", body),
            "Podle [@mala2023]\n[@nikdo] [@mala2023] a [@mala2023; @nikdo]"
        );
    }

    #[test]
    fn two_works_of_one_author_and_year_are_told_apart() {
        let mut publication = specimen::publication(&[("cs", "Viz [@a] a [@b].\n")]);
        let bib = "@book{a, author={Malá, Eva}, title={Jedna}, year=2024}\n\
                   @book{b, author={Malá, Eva}, title={Druhá}, year=2024, url={javascript:alert(1)}}\n";
        let file = "publications/x/l.bib".as_ref();
        publication.bibliography =
            Some(crate::load::parse_bibliography(file, bib, &mut Vec::new()));
        specimen::document(&publication, "cs", Readership::Public, |document| {
            assert_eq!(document.works.as_ref().unwrap().anchors, ["Work-a", "Work-b"]);
            let text = document.root.children().map(plain_text).collect::<Vec<_>>().join("\n");
            let text = text.replace('\u{a0}', " ");
            assert!(text.starts_with("Viz (Malá 2024a) a (Malá 2024b).\n"), "{text}");
            let links = document.root.descendants().filter_map(|node| match &node.data().value {
                NodeValue::Link(link) => Some(link.url.clone()),
                _ => None,
            });
            assert_eq!(links.collect::<Vec<_>>(), ["#Work-a", "#Work-b"]);
        });
    }
}
