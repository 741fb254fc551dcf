//! Blocks say what they are, by a heading.
//!
//! A heading and not a line in bold: people who listen step from heading to
//! heading (WCAG 2.2, 2.4.10 and 1.3.1), and the PDF's outline and every
//! format's order of headings come from the same nodes. Findings and
//! recommendations are parts of the text like its sections; a perspective
//! belongs to the section that it stands in. The surprise: a block that begins
//! with a heading over all of it, or stands right under one that says the
//! same, gets no second one.

use comrak::Arena;
use comrak::nodes::{AstNode, Node, NodeHeading, NodeLink, NodeValue, Sourcepos};

use super::directive::Directive;
use super::{plain_text, unwrap};
use crate::model::{Member, Workspace};
use crate::render::theme::Words;

/// What readers see as a block gets its heading; what only chose among readers
/// has done its work and leaves its content; what is empty goes.
pub fn label<'a>(arena: &'a Arena<'a>, root: Node<'a>, workspace: &Workspace, words: &Words) {
    for node in blocks(root) {
        match Directive::of(node) {
            Some(Directive::Only(_) | Directive::Except(_) | Directive::Gathered) => unwrap(node),
            None => node.detach(),
            Some(_) if node.first_child().is_none() => node.detach(),
            Some(_) => {}
        }
    }
    let topmost = headings_at(root).min().unwrap_or(2);
    for node in blocks(root) {
        let Some(directive) = Directive::of(node) else { continue };
        // A quotation is no part of the text that anybody would look for.
        if matches!(directive, Directive::Quote(_)) {
            continue;
        }
        let member = match &directive {
            Directive::Perspective(id) => workspace.member(id),
            _ => None,
        };
        let smith = Smith { arena, at: node.data().sourcepos };
        let said = match member {
            Some(member) => smith.view_of(member, words),
            None => {
                let said = words.get(&format!("block.{}", directive.name()));
                vec![smith.text(said)]
            }
        };
        match title(node) {
            None => {
                let is_part = node.parent().is_some_and(|up| up.same_node(root))
                    && !matches!(directive, Directive::Perspective(_));
                let section = section(node).filter(|_| !is_part);
                smith.head(node, &said, section.map_or(topmost, |level| level.saturating_add(1)));
            }
            Some(own) if member.is_some() => {
                own.insert_after(smith.block(NodeValue::Paragraph, &said));
            }
            Some(_) => {}
        }
    }
}

fn blocks<'a>(root: Node<'a>) -> Vec<Node<'a>> {
    let all = root.descendants();
    all.filter(|node| matches!(node.data().value, NodeValue::BlockDirective(_))).collect()
}

fn headings_at(root: Node<'_>) -> impl Iterator<Item = u8> {
    root.descendants().filter_map(heading_level)
}

fn heading_level(node: Node<'_>) -> Option<u8> {
    match &node.data().value {
        NodeValue::Heading(heading) => Some(heading.level),
        _ => None,
    }
}

/// Makes nodes that stand where the block begins.
struct Smith<'a> {
    arena: &'a Arena<'a>,
    at: Sourcepos,
}

impl<'a> Smith<'a> {
    fn node(&self, value: NodeValue) -> Node<'a> {
        let node: &'a AstNode<'a> = self.arena.alloc(value.into());
        node.data_mut().sourcepos = self.at;
        node
    }

    fn text(&self, text: &str) -> Node<'a> {
        self.node(NodeValue::Text(text.to_owned().into()))
    }

    fn block(&self, value: NodeValue, inlines: &[Node<'a>]) -> Node<'a> {
        let block = self.node(value);
        inlines.iter().for_each(|inline| block.append(inline));
        block
    }

    /// “Pohled: Poradna U Mostu”, the name leading to the member's own site.
    fn view_of(&self, member: &Member, words: &Words) -> Vec<Node<'a>> {
        let phrase = words.get("block.perspective");
        let (before, after) = phrase.split_once("{member}").unwrap_or((phrase, ""));
        let name = self.text(&member.name);
        let name = match &member.website {
            None => name,
            Some(url) => {
                let link = NodeLink { url: url.clone(), title: String::new() };
                self.block(NodeValue::Link(Box::new(link)), &[name])
            }
        };
        let after = Some(after).filter(|after| !after.is_empty()).map(|after| self.text(after));
        [self.text(before), name].into_iter().chain(after).collect()
    }

    /// Puts a heading into a block, and the block's own headings below it.
    fn head(&self, block: Node<'a>, said: &[Node<'a>], level: u8) {
        let heading = NodeHeading { level, ..NodeHeading::default() };
        let heading = self.block(NodeValue::Heading(heading), said);
        if says_the_same(block.previous_sibling(), heading) {
            return;
        }
        let highest = headings_at(block).min().unwrap_or(u8::MAX);
        let sink = level.saturating_add(1).saturating_sub(highest);
        for inner in block.descendants() {
            if let NodeValue::Heading(heading) = &mut inner.data_mut().value {
                heading.level = heading.level.saturating_add(sink);
            }
        }
        block.prepend(heading);
    }
}

/// The heading that a block begins with, if it is over all of it: one among
/// several of its rank is over a part.
fn title<'a>(block: Node<'a>) -> Option<Node<'a>> {
    let first = block.first_child()?;
    let level = heading_level(first)?;
    let others = first.following_siblings().skip(1).flat_map(|node| headings_at(node));
    others.min().is_none_or(|highest| highest > level).then_some(first)
}

fn says_the_same(above: Option<Node<'_>>, heading: Node<'_>) -> bool {
    let said = |node: Node<'_>| plain_text(node).trim().to_lowercase();
    above.is_some_and(|above| heading_level(above).is_some() && said(above) == said(heading))
}

/// The level of the heading that a block stands under: before it, or before
/// what it stands in, but in no other block.
fn section(block: Node<'_>) -> Option<u8> {
    let outward = block.ancestors();
    outward.flat_map(|node| node.preceding_siblings().skip(1)).find_map(heading_level)
}

#[cfg(test)]
mod tests {
    use comrak::nodes::NodeValue;

    use super::super::plain_text;
    use crate::render::specimen::Specimen;

    /// Headings as they come out: `2 Závěr #závěr`.
    fn headings(body: &str) -> Vec<String> {
        Specimen::new(body).read(|document| {
            let nodes = document.root.descendants().filter_map(|node| match &node.data().value {
                NodeValue::Heading(heading) => Some((heading.level, plain_text(node))),
                _ => None,
            });
            let nodes = nodes.zip(&document.anchors);
            nodes.map(|((level, text), anchor)| format!("{level} {text} #{anchor}")).collect()
        })
    }

    #[test]
    fn a_perspective_belongs_to_its_section_and_its_own_headings_to_it() {
        let body = "\
:::summary
Nález.
:::

## První

:::perspective most
Ano.

### Proč

:::
:::perspective kruh
Ne.
:::

### Dál
";
        assert_eq!(
            headings(body),
            [
                "2 Hlavní zjištění #hlavní-zjištění",
                "2 První #první",
                "3 Pohled: Poradna U\u{a0}Mostu #pohled-poradna-u-mostu",
                "4 Proč #proč",
                "3 Pohled: Tlumočnický kruh #pohled-tlumočnický-kruh",
                "3 Dál #dál",
            ]
        );
    }

    #[test]
    fn findings_and_recommendations_are_parts_of_the_text() {
        let body = "\
# A

## B

:::recommendations
### Ministerstvu

Text.

### Obcím
:::

# C
";
        assert_eq!(
            headings(body),
            [
                "2 A #a",
                "3 B #b",
                "2 Doporučení #doporučení",
                "3 Ministerstvu #ministerstvu",
                "3 Obcím #obcím",
                "2 C #c",
            ]
        );
    }

    #[test]
    fn an_authors_own_heading_is_the_blocks() {
        assert_eq!(headings("## Doporučení\n\n:::recommendations\nText.\n:::\n").len(), 1);
        let own = headings(":::recommendations\n## Co dál\n\nText.\n:::\n");
        assert_eq!(own, ["2 Co dál #co-dál"]);
        let body = ":::perspective most\n## Nesouhlasíme\n\nText.\n:::\n";
        let text = Specimen::new(body).read(|document| plain_text(document.root));
        assert_eq!(text, "NesouhlasímePohled: Poradna U\u{a0}MostuText.");
    }

    #[test]
    fn a_block_with_nothing_in_it_is_not_headed() {
        assert_eq!(
            headings(":::summary\n:::\n\n:::perspective most\n<!-- nic -->\n:::\n").len(),
            0
        );
    }
}
