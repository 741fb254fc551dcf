//! Lists and quotes nested beyond reading. Typesetting recurses as deep as the
//! text does, so this bound also keeps the PDF from running out of stack.

use comrak::nodes::{Node, NodeValue};

use super::{Rule, Text};
use crate::model::Findings;

/// Lists in lists in quotes … that a text may have.
pub const MAX_DEPTH: usize = 8;

pub struct Nesting;

const DOC: &str = "\
Lists and quotes nested beyond reading.

Readers lose count at the third level, and typesetting at some later one.
";

impl Rule for Nesting {
    fn name(&self) -> &'static str {
        "nesting"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let too_deep = text.nodes().find(|node| is_container(node) && depth(node) > MAX_DEPTH);
        if let Some(node) = too_deep {
            findings.push(
                text.finding(self, node, format!("nested more than {MAX_DEPTH} levels deep"))
                    .help("make it a list or quote of its own; readers lose count at the third"),
            );
        }
    }
}

fn is_container(node: Node<'_>) -> bool {
    matches!(
        node.data().value,
        NodeValue::List(_)
            | NodeValue::BlockQuote
            | NodeValue::Alert(_)
            | NodeValue::BlockDirective(_)
            | NodeValue::Emph
            | NodeValue::Strong
    )
}

fn depth(node: Node<'_>) -> usize {
    node.ancestors().filter(|ancestor| is_container(ancestor)).count()
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn three_hundred_quotes_are_one_finding() {
        let told = told(&format!("{} Text\n", ">".repeat(300)));
        assert_eq!(told, ["6:9 nesting Error: nested more than 8 levels deep"]);
    }
}
