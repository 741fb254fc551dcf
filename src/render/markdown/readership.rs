//! What some readers get and others do not.
//!
//! A block that is not for a readership is taken out of the *source*, and what
//! is left is read anew: so no note's number, no link's address, no heading's
//! anchor can come from it, for the parser has never seen it. (comrak moves
//! notes to the end of the text and keeps no track of where an address was
//! defined; taking nodes out of the tree would have to know all such ways.)
//!
//! The surprise: the lines are not deleted. Each becomes a comment, so that
//! those around keep their numbers and a list does not fall apart.

use std::collections::BTreeMap;

use comrak::Arena;
use comrak::nodes::{Node, NodeHtmlBlock, NodeValue, Sourcepos};

use super::directive::Directive;
use super::parse;

/// What a line becomes: a comment that no author can write, for loading
/// refuses the character in it.
const MARK: &str = "<!--\u{E010}-->";

/// The text as readers of a segment get it, or, with `None`, the public; as an
/// AST whose lines and columns are those of the whole text. What is left of
/// blocks for some readers are those that these readers get.
pub fn parse_for<'a>(arena: &'a Arena<'a>, body: &str, segment: Option<&str>) -> Node<'a> {
    let mut root = parse(arena, body);
    let mut hidden = hidden_lines(root, body, segment);
    let mut left = body.to_owned();
    while !hidden.is_empty() {
        left = without(&left, &hidden);
        root = parse(arena, &left);
        hidden = hidden_lines(root, &left, segment);
    }
    prune(root);
    root
}

/// The lines (from 1) that readers do not get, each with what stands
/// there before the block: the marks of quotes and lists around it.
pub fn hidden_lines(root: Node<'_>, body: &str, segment: Option<&str>) -> BTreeMap<usize, String> {
    let lines: Vec<&str> = lines(body).collect();
    let mut hidden = BTreeMap::new();
    for node in root.descendants().filter(|node| !is_for(node, segment)) {
        let Sourcepos { start, .. } = node.data().sourcepos;
        let first = lines.get(start.line.saturating_sub(1)).copied().unwrap_or_default();
        let before: String = first.chars().take(start.column.saturating_sub(1)).collect();
        let rest: String = before.chars().map(continued).collect();
        hidden.entry(start.line).or_insert(before);
        let last = if is_closed(node, &lines) { last_line(node) } else { lines.len() };
        for line in start.line + 1..=last {
            hidden.entry(line).or_insert_with(|| rest.clone());
        }
    }
    hidden
}

/// Whether a node is a block without an end: the author forgot to close it.
pub fn is_unclosed(node: Node<'_>, body: &str) -> bool {
    !is_closed(node, &lines(body).collect::<Vec<_>>())
}

/// What in a block was still open where the block ends: code or raw HTML that
/// goes on till it is closed. The colons that ended the block were most likely
/// part of it, and the rest of the block is where the author does not see it.
pub fn left_open(node: Node<'_>) -> Option<Node<'_>> {
    node.descendants().find(|inner| match &inner.data().value {
        NodeValue::CodeBlock(code) => code.fenced && !code.closed,
        NodeValue::HtmlBlock(html) => !is_ended(html),
        _ => false,
    })
}

/// CommonMark 0.31.2, 4.6: the first five kinds of HTML go over empty lines.
fn is_ended(html: &NodeHtmlBlock) -> bool {
    let written = html.literal.to_ascii_lowercase();
    let ends: &[&str] = match html.block_type {
        1 => &["</script>", "</pre>", "</style>", "</textarea>"],
        2 => &["-->"],
        3 => &["?>"],
        4 => &[">"],
        5 => &["]]>"],
        _ => return true,
    };
    ends.iter().any(|end| written.contains(end))
}

fn is_for(node: Node<'_>, segment: Option<&str>) -> bool {
    match &node.data().value {
        NodeValue::BlockDirective(block) => {
            Directive::read(&block.info).is_ok_and(|directive| directive.is_for(segment))
        }
        _ => true,
    }
}

/// Lines as comrak counts them (CommonMark 0.31.2, 2.1): a lone carriage
/// return ends one too.
fn lines(body: &str) -> impl Iterator<Item = &str> {
    let ends = |c| c == '\n' || c == '\r';
    body.split_inclusive(ends)
        .scan(None, move |before, line| {
            let is_rest = *before == Some('\r') && line == "\n";
            *before = line.chars().next_back();
            Some((!is_rest).then(|| line.trim_end_matches(ends)))
        })
        .flatten()
}

fn is_closed(node: Node<'_>, lines: &[&str]) -> bool {
    let data = node.data();
    let NodeValue::BlockDirective(block) = &data.value else { return true };
    let Sourcepos { start, end } = data.sourcepos;
    let last = lines.get(end.line.saturating_sub(1)).copied().unwrap_or_default();
    let fence = last.trim_matches([' ', '\t', '>']);
    let is_fence = fence.chars().all(|c| c == ':') && fence.len() >= block.fence_length;
    let has_taken_another = node.descendants().skip(1).any(|within| {
        let is_block = matches!(within.data().value, NodeValue::BlockDirective(_));
        is_block && (within.data().sourcepos.end.line >= end.line || !is_closed(within, lines))
    });
    end.line > start.line && is_fence && !has_taken_another && left_open(node).is_none()
}

/// The last line of a node or of anything in it.
fn last_line(node: Node<'_>) -> usize {
    node.descendants().map(|inner| inner.data().sourcepos.end.line).max().unwrap_or_default()
}

/// How a mark that begins a line goes on in the next: quotes by their sign, list
/// items by spaces.
fn continued(mark: char) -> char {
    if mark == '>' || mark.is_whitespace() { mark } else { ' ' }
}

fn without(body: &str, hidden: &BTreeMap<usize, String>) -> String {
    let mut left = String::with_capacity(body.len());
    for (index, line) in lines(body).enumerate() {
        match hidden.get(&(index + 1)) {
            Some(before) => left.extend([before, MARK]),
            None => left.push_str(line),
        }
        left.push('\n');
    }
    left
}

/// Takes out the comments, and the items, lists and quotes that held nothing
/// but what is hidden.
fn prune(root: Node<'_>) {
    for node in root.descendants().collect::<Vec<_>>() {
        let is_mark = match &node.data().value {
            NodeValue::HtmlBlock(block) => block.literal.trim() == MARK,
            _ => false,
        };
        let mut emptied = Some(node).filter(|_| is_mark);
        while let Some(node) = emptied {
            let parent = node.parent();
            node.detach();
            emptied = parent.filter(|parent| parent.first_child().is_none() && may_go(parent));
        }
    }
}

/// A note stays, though it be empty: marks lead to it.
fn may_go(node: Node<'_>) -> bool {
    !matches!(node.data().value, NodeValue::Document | NodeValue::FootnoteDefinition(_))
}
#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The words `w1`, `w2` … below a node, wherever in it they stand.
    fn words<'a>(nodes: impl Iterator<Item = Node<'a>>) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        for node in nodes {
            let said = match &node.data().value {
                NodeValue::Text(text) => text.to_string(),
                NodeValue::Code(code) => code.literal.clone(),
                NodeValue::CodeBlock(code) => format!("{} {}", code.info, code.literal),
                NodeValue::HtmlBlock(html) => html.literal.clone(),
                NodeValue::HtmlInline(html) => html.clone(),
                NodeValue::Link(link) | NodeValue::Image(link) => link.url.clone(),
                _ => continue,
            };
            let said = said.split(|c: char| !c.is_ascii_alphanumeric());
            words.extend(said.filter(|word| word.starts_with('w')).map(str::to_owned));
        }
        words
    }

    fn text_for(body: &str, segment: Option<&str>) -> String {
        let arena = Arena::new();
        super::super::plain_text(parse_for(&arena, body, segment))
    }

    #[test]
    fn each_gets_what_is_for_them() {
        let body = "A\n\n:::only politicians\nB\n:::\n\n:::except officials\nC\n:::\n\nD\n";
        assert_eq!(text_for(body, None), "AD");
        assert_eq!(text_for(body, Some("politicians")), "ABCD");
        assert_eq!(text_for(body, Some("officials")), "AD");
        assert_eq!(text_for(body, Some("members")), "ACD");
    }

    #[test]
    fn a_note_written_in_a_private_block_is_not_there_for_a_mark_outside_of_it() {
        let body = "A[^x] B[^y]\n\n:::only politicians\nC[^x]\n\n[^x]: tajné\n:::\n\n[^y]: D\n";
        assert_eq!(text_for(body, None), "A[^x] BD");
        assert_eq!(text_for(body, Some("politicians")), "A BCtajnéD");
    }

    #[test]
    fn an_address_defined_in_a_private_block_leads_nobody_else_there() {
        let body = "[A][p]\n\n:::only politicians\n[p]: https://example.org/tajne\n:::\n";
        assert_eq!(text_for(body, None), "[A][p]");
        assert_eq!(text_for(body, Some("politicians")), "A");
    }

    #[test]
    fn colons_in_code_or_in_a_comment_end_a_block_for_nobody() {
        for open in
            ["```\n:::\nB\n```", "~~~\n:::\nB\n~~~", "<!--\n:::\nB -->", "<pre>\n:::\nB\n</pre>"]
        {
            let body = format!("A\n\n:::only politicians\n{open}\n:::\n\nC\n");
            assert_eq!(text_for(&body, None), "A", "{body}");
            let closed = format!("A\n\n::::only politicians\n{open}\n::::\n\nC\n");
            assert_eq!(text_for(&closed, None), "AC", "{closed}");
        }
    }

    #[test]
    fn an_end_taken_from_a_block_in_a_list_is_not_its_end() {
        let body = "A\n\n:::only politicians\n- B\n\n  :::summary\n  C\n  :::\n- D\n\nE\n";
        assert_eq!(text_for(body, None), "A");
    }

    #[test]
    fn numbers_of_notes_have_no_gap_where_one_is_left_out() {
        let body = ":::only politicians\nA[^a]\n:::\n\nB[^b] C[^b]\n\n[^a]: D\n[^b]: E\n";
        let arena = Arena::new();
        let root = parse_for(&arena, body, None);
        let marks = root.descendants().filter_map(|node| match &node.data().value {
            NodeValue::FootnoteReference(mark) => Some((mark.ix, mark.ref_num)),
            _ => None,
        });
        assert_eq!(marks.collect::<Vec<_>>(), [(1, 1), (1, 2)]);
        assert!(!super::super::plain_text(root).contains('D'));
    }

    #[test]
    fn lists_and_quotes_around_a_private_block_stay_as_they_are() {
        let body = "- A\n  :::only politicians\n  B\n\n  C\n  :::\n- D\n\n> :::except officials\n>E\n> :::\n> F\n\n- :::only politicians\n  G\n  :::\n";
        let arena = Arena::new();
        let root = parse_for(&arena, body, None);
        let lists: Vec<_> = root
            .descendants()
            .filter_map(|node| match &node.data().value {
                NodeValue::List(list) => Some((list.tight, node.children().count())),
                _ => None,
            })
            .collect();
        assert_eq!(lists, [(true, 2)]);
        assert_eq!(super::super::plain_text(root), "ADF");
    }

    #[test]
    fn what_follows_keeps_its_place() {
        let body = "A\r\n\r\n:::only politicians\r\nB\r\n:::\r\n\r\n## C\r\n";
        let arena = Arena::new();
        let heading = parse_for(&arena, body, None).last_child().unwrap();
        assert_eq!(heading.data().sourcepos.start, (7, 1).into());
    }

    /// Lines as somebody might write them, in every wrong order.
    fn body() -> impl Strategy<Value = String> {
        let before =
            prop::sample::select(vec!["", "", "", "> ", "- ", "  ", "    ", "1. ", ">", "\t"]);
        let line = prop::sample::select(vec![
            ":::only politicians",
            "::::except officials",
            ":::summary",
            "::::only nobody",
            ":::",
            "::::",
            ":::",
            "W",
            "W",
            "# W",
            "W[^n]",
            "[^n]: W",
            "    W",
            "[r]: https://example.org/W",
            "[W][r]",
            "```",
            "<!-- W -->",
            "<!--",
            "<div>",
            "| W |",
            "|---|",
            "",
            "",
            "---",
            "* * *",
            "**W",
            "`W",
            "\\",
            "> W",
            "- W",
        ]);
        prop::collection::vec((before, line), 1..24).prop_map(|lines| {
            let lines = lines.iter().enumerate();
            let numbered = lines.map(|(number, (before, line))| {
                format!("{before}{}\n", line.replace('W', &format!("w{number}")))
            });
            numbered.collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn no_word_of_a_private_block_ever_comes_out(body in body()) {
            let arena = Arena::new();
            let root = parse(&arena, &body);
            for segment in [None, Some("politicians"), Some("officials")] {
                let private: Vec<_> =
                    root.descendants().filter(|node| !is_for(node, segment)).collect();
                let notes = root.descendants().filter(|node| {
                    let at = node.data().sourcepos.start.line;
                    let holds = |block: &Node<'_>| {
                        let Sourcepos { start, end } = block.data().sourcepos;
                        (start.line + 1..end.line).contains(&at)
                    };
                    let is_note = matches!(node.data().value, NodeValue::FootnoteDefinition(_));
                    is_note && private.iter().any(holds)
                });
                let below = private.iter().flat_map(|node| node.descendants());
                let below = below.chain(notes.flat_map(|node| node.descendants()));
                // An address may be defined for all and used in a private block.
                let is_link = |node: &Node<'_>| {
                    matches!(node.data().value, NodeValue::Link(_) | NodeValue::Image(_))
                };
                let secret = words(below.filter(|node| !is_link(node)));
                let read = words(parse_for(&arena, &body, segment).descendants());
                let leaked: Vec<_> = secret.intersection(&read).collect();
                prop_assert!(leaked.is_empty(), "{leaked:?} for {segment:?} in\n{body}");
            }
        }
    }
}
