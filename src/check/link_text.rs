//! Link text that says nothing: a screen reader lists links without what
//! stands around them (WCAG 2.2, 2.4.4 and 2.4.9, failures F63 and F84).
//!
//! A bare address counts only in running text: notes and bibliographies are
//! where addresses are read, and `<e-mail>` says itself where it leads.

use std::collections::HashMap;

use comrak::nodes::{Node, NodeValue};

use super::{Rule, Text};
use crate::model::{Findings, Severity};
use crate::render::markdown::plain_text;

/// Words that say nothing of where a link leads, in small letters.
const SILENT: [&str; 48] = [
    "zde",
    "tady",
    "tu",
    "sem",
    "tento",
    "toto",
    "viz zde",
    "klikněte",
    "klikněte zde",
    "zde klikněte",
    "klikni zde",
    "kliknutím zde",
    "klikněte sem",
    "více",
    "více zde",
    "více informací",
    "více info",
    "další informace",
    "číst dál",
    "číst více",
    "čtěte dále",
    "pokračovat",
    "celý článek",
    "odkaz",
    "na tomto odkazu",
    "tento odkaz",
    "link",
    "web",
    "stránka",
    "ke stažení",
    "stáhnout",
    "dokument",
    "here",
    "click here",
    "click",
    "this",
    "this link",
    "this page",
    "more",
    "more info",
    "more information",
    "read more",
    "learn more",
    "continue",
    "see more",
    "see here",
    "page",
    "download",
];

pub struct LinkText;

const DOC: &str = "\
Link text that says nothing of where the link leads.

Who listens to a page goes from link to link and hears their texts alone; on a
phone they are what a thumb looks for. “Zde”, “více”, “here”, “read more” say
nothing, and neither does an address, unless it stands in a note or a list of
sources. Two links with one text ought to lead to one place.

Wrong:  Zprávu najdete [zde](https://www.example.org/zprava-2025).
Right:  Čtěte [zprávu o integraci za rok 2025](https://www.example.org/zprava-2025).
";

impl Rule for LinkText {
    fn name(&self) -> &'static str {
        "link-text"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let mut seen: HashMap<String, String> = HashMap::new();
        for node in text.nodes() {
            let data = node.data();
            let NodeValue::Link(link) = &data.value else { continue };
            if text.is_in_tag(node) {
                continue;
            }
            let words = words(node);
            let (message, help) = if words.is_empty() {
                ("the link has no text".to_owned(), "write between [ ] where it leads")
            } else if is_silent(&words) {
                (format!("“{words}” does not say where the link leads"), SAY)
            } else if is_address(&words) && !is_code(node) && is_running(node) && !is_misread(node)
            {
                (
                    "an address in the middle of the text".to_owned(),
                    "write [what is there](address), or put the address into a footnote",
                )
            } else if is_elsewhere(&mut seen, &words, &link.url) {
                (
                    format!("another link called “{words}” leads elsewhere"),
                    "let each say what is its own",
                )
            } else {
                continue;
            };
            findings.push(text.finding(self, node, message).help(help));
        }
    }
}

const SAY: &str = "name what the reader gets there: [zpráva o integraci 2025](https://…)";

/// What is read of a link, an alternative text included.
fn words(node: Node<'_>) -> String {
    plain_text(node).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_silent(words: &str) -> bool {
    let bare = words.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    bare.is_empty() || SILENT.contains(&bare.as_str())
}

fn is_address(words: &str) -> bool {
    let starts = ["http://", "https://", "www."].iter().any(|start| words.starts_with(start));
    starts && !words.contains(' ')
}

/// An identifier that is looked at for itself.
fn is_code(node: Node<'_>) -> bool {
    node.first_child().is_some_and(|it| matches!(it.data().value, NodeValue::Code(_)))
}

/// Whether an address is part of a link that was not read as one: `misread`
/// tells of it.
fn is_misread(node: Node<'_>) -> bool {
    let before = node.previous_sibling().map(plain_text).unwrap_or_default();
    before.ends_with("](") || before.ends_with("] (") || before.ends_with(")[")
}

/// Whether a link stands among other words of a paragraph, and not in a note,
/// a table or an item of a list of addresses.
fn is_running(node: Node<'_>) -> bool {
    let quiet = node.ancestors().any(|outer| {
        matches!(outer.data().value, NodeValue::FootnoteDefinition(_) | NodeValue::TableCell)
    });
    let in_item = node.ancestors().any(|outer| matches!(outer.data().value, NodeValue::Item(_)));
    let paragraph =
        node.ancestors().find(|outer| matches!(outer.data().value, NodeValue::Paragraph));
    !quiet
        && paragraph.is_some_and(|paragraph| {
            let around = plain_text(paragraph).replace(&plain_text(node), "");
            let words = around.split_whitespace().count();
            words > 0 && !(in_item && is_reference(&around))
        })
}

/// Whether the words around an address look like an item of a bibliography:
/// a year, or “Dostupné z”.
fn is_reference(around: &str) -> bool {
    let lower = around.to_lowercase();
    let marks =
        ["dostupné z", "dostupné na", "online", "available", "retrieved", "accessed", "cit."];
    marks.iter().any(|mark| lower.contains(mark))
        || around.split(|c: char| !c.is_ascii_digit()).any(|it| it.len() == 4)
}

/// Whether the same words have led to another address before.
fn is_elsewhere(seen: &mut HashMap<String, String>, words: &str, url: &str) -> bool {
    let bare = |url: &str| url.trim_end_matches('/').to_owned();
    let first = seen.entry(words.to_lowercase()).or_insert_with(|| bare(url));
    *first != bare(url)
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn words_that_say_nothing_are_named_in_both_languages() {
        assert_eq!(
            told(
                "Zpráva je [zde](https://example.org/z), [Read more…](https://example.org/m) a [zákon o pobytu](https://example.org/p).\n"
            ),
            [
                "6:11 link-text Warning: “zde” does not say where the link leads",
                "6:41 link-text Warning: “Read more…” does not say where the link leads",
            ]
        );
    }

    #[test]
    fn an_address_may_stand_in_a_note_or_alone_but_not_in_a_sentence() {
        assert_eq!(
            told(
                "Data jsou na https://example.org/data a dál.[^a]\n\n<https://example.org/sam>\n\n- NOVÁK, Jan. *Práce*. 2025. https://example.org/n\n\nPište na <redakce@example.org>.\n\n[^a]: Viz https://example.org/p.\n"
            ),
            ["6:14 link-text Warning: an address in the middle of the text"]
        );
    }

    #[test]
    fn a_link_needs_words_and_two_of_one_name_one_target() {
        assert_eq!(
            told(
                "[](https://example.org/), [Zpráva](https://example.org/a), [zpráva](https://example.org/a/), [zpráva](https://example.org/b)\n"
            ),
            [
                "6:1 link-text Warning: the link has no text",
                "6:94 link-text Warning: another link called “zpráva” leads elsewhere",
            ]
        );
    }
}
