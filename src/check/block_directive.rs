//! `:::name` blocks are not understood yet. Printing what stands in one would
//! be worse than stopping: `:::only politicians` is meant for some eyes only.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::Findings;

pub struct BlockDirective;

const DOC: &str = "\
A block `:::name` that hlas does not know.

What stands in such a block may be meant for some readers only, so nothing is
published until it is understood.
";

impl Rule for BlockDirective {
    fn name(&self) -> &'static str {
        "block-directive"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            if let NodeValue::BlockDirective(directive) = &node.data().value {
                let name = directive.info.trim();
                findings.push(
                    text.finding(self, node, format!("the block `:::{name}` is not understood"))
                        .help("take the ::: lines away if everybody may read what stands between them"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_block_for_some_readers_stops_the_publication() {
        assert_eq!(
            told("Text.\n\n:::only politicians\nTajné.\n:::\n"),
            ["8:1 block-directive Error: the block `:::only politicians` is not understood"]
        );
    }
}
