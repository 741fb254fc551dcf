//! `:::gathered`, the place for what a newsletter gathers.

use super::{Rule, Text};
use crate::model::Findings;
use crate::render::markdown::readership::is_unclosed;
use crate::render::markdown::{gathered, plain_text};

pub struct GatheredPlace;

const DOC: &str = "\
A place for gathered texts that cannot be one.

`:::gathered` on a line, and `:::` on the next, say where in a newsletter the
texts stand that it gathers. It stands once, by itself (in no list, quote or
other block), with nothing inside, and the front matter has `gather:`. Without
it they stand at the end.
";

impl Rule for GatheredPlace {
    fn name(&self) -> &'static str {
        "gathered-place"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let places = text.nodes().filter(|node| gathered::is_place(node));
        for (index, node) in places.enumerate() {
            let by_itself = node.parent().is_some_and(|up| up.same_node(text.root));
            let (message, help) = if text.publication.gather.is_none() {
                ("nothing is gathered here", "add gather: all to the front matter")
            } else if index > 0 {
                ("what is gathered has a place already", "keep one of them")
            } else if !by_itself {
                ("what is gathered stands inside another block", "move the lines out of it")
            } else if is_unclosed(node, &text.manuscript.body) {
                // The rule of all blocks says so.
                continue;
            } else if !plain_text(node).trim().is_empty() {
                ("a text stands inside `:::gathered`", "move it below the line :::")
            } else {
                continue;
            };
            let place = text.place_of(node, ":::gathered");
            findings.push(text.finding_at(self, place, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{told, told_of};
    use crate::model::{Gather, Place};
    use crate::render::specimen;

    fn told_of_newsletter(body: &str) -> Vec<String> {
        let mut publication = specimen::commentary(body);
        publication.gather = Some(Gather::everything(Place::start("cs.md")));
        told_of(&specimen::workspace(), &publication)
    }

    #[test]
    fn a_place_by_itself_is_fine() {
        let body = "Úvod.\n\n:::gathered\n:::\n\nZávěr.\n";
        assert_eq!(told_of_newsletter(body), Vec::<String>::new());
    }

    #[test]
    fn where_nothing_is_gathered_there_is_no_place_for_it() {
        assert_eq!(
            told("Úvod.\n\n:::gathered\n:::\n"),
            ["8:1 gathered-place Error: nothing is gathered here"]
        );
    }

    #[test]
    fn there_is_one_place_in_no_other_block_and_with_nothing_in_it() {
        assert_eq!(
            told_of_newsletter("Úvod.\n\n:::gathered\n:::\n\n- a\n\n  :::gathered\n  :::\n"),
            ["13:3 gathered-place Error: what is gathered has a place already"]
        );
        assert_eq!(
            told_of_newsletter("Úvod.\n\n> :::gathered\n> :::\n"),
            ["8:3 gathered-place Error: what is gathered stands inside another block"]
        );
        assert_eq!(
            told_of_newsletter(":::gathered\n\nKalendář akcí.\n:::\n"),
            ["6:1 gathered-place Error: a text stands inside `:::gathered`"]
        );
    }
}
