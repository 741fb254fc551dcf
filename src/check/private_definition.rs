//! A note or an address that only some readers have, used where others read.
//!
//! comrak finds a note and a `[name]: https://…` wherever they were written.
//! For readers who do not get the block they were written in they are not
//! there, and their mark would stay in the text as it was typed.

use std::collections::{BTreeMap, BTreeSet};

use comrak::Arena;
use comrak::nodes::{Node, NodeValue};

use super::{Rule, Text};
use crate::model::Findings;
use crate::render::markdown::readership::{hidden_lines, parse_for};

pub struct PrivateDefinition;

const DOC: &str = "\
A note or an address from a block for some readers, used outside of it.

Readers who do not get the block do not get what is defined in it either. Put
the definition outside, or what uses it into the block.

Wrong:  Počet žádostí vzrostl.[^mv]

        :::only politicians
        [^mv]: Interní podklad.
        :::
";

impl Rule for PrivateDefinition {
    fn name(&self) -> &'static str {
        "private-definition"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let body = &text.manuscript.body;
        let mut told = BTreeSet::new();
        for segment in text.readers() {
            let hidden = hidden_lines(text.root, body, segment);
            if hidden.is_empty() {
                continue;
            }
            let arena = Arena::new();
            let read = uses(parse_for(&arena, body, segment));
            for (place, (name, node)) in uses(text.root) {
                let same = read.get(&place).is_some_and(|(read, _)| *read == name);
                if same || hidden.contains_key(&place.0) || !told.insert(place) {
                    continue;
                }
                let readers = text.readers_called(segment);
                let finding = text.finding(
                    self,
                    node,
                    format!("{} stands in a block that {readers} do not get", name.what()),
                );
                findings.push(finding.help(
                    "move its definition out of the block, or what refers to it into the block",
                ));
            }
        }
    }
}

/// What depends on a definition that may stand anywhere.
#[derive(Debug, PartialEq, Eq)]
enum Use {
    Note(String),
    Address(String),
}

impl Use {
    fn what(&self) -> String {
        match self {
            Self::Note(name) => format!("the note [^{name}]"),
            Self::Address(_) => "the address of this".to_owned(),
        }
    }
}

/// Marks, links and pictures by line and column.
fn uses<'a>(root: Node<'a>) -> BTreeMap<(usize, usize), (Use, Node<'a>)> {
    let found = root.descendants().filter_map(|node| {
        let data = node.data();
        let what = match &data.value {
            NodeValue::FootnoteReference(mark) => Use::Note(mark.name.clone()),
            NodeValue::Link(link) | NodeValue::Image(link) => Use::Address(link.url.clone()),
            _ => return None,
        };
        let start = data.sourcepos.start;
        Some(((start.line, start.column), (what, node)))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn notes_and_addresses_defined_in_a_private_block_are_told_where_they_are_used() {
        let body = "\
Vzrostl.[^mv] Viz [podklad][p] a ![graf][g].

:::only politicians
Jen zde,[^mv] [podklad][p].

[^mv]: Interní podklad.

[p]: https://example.org/tajne
[g]: graf.svg
:::
";
        let told = told(body);
        assert_eq!(
            told,
            [
                "6:9 private-definition Error: the note [^mv] stands in a block that the public do not get",
                "6:19 private-definition Error: the address of this stands in a block that the public do not get",
                "6:34 private-definition Error: the address of this stands in a block that the public do not get",
            ]
        );
    }

    #[test]
    fn what_is_for_one_segment_may_not_use_what_is_for_another() {
        let body = "\
Úvod.

:::only politicians
A.[^a]
:::

:::except politicians
B.

[^a]: C
:::
";
        assert_eq!(
            told(body),
            [
                "9:3 private-definition Error: the note [^a] stands in a block that readers of `politicians` do not get"
            ]
        );
    }

    #[test]
    fn a_private_block_may_use_what_is_defined_for_all() {
        let body = ":::only politicians\nA.[^a]\n:::\n\nB.\n\n[^a]: C\n";
        assert_eq!(told(body), Vec::<String>::new());
    }
}
