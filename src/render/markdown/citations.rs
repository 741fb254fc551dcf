//! Citations as authors write them: `[@key]`, `[@key, s. 12]`,
//! `[viz @a, kap. 3; @b]`, `[-@key]` for the year alone (as in Pandoc).
//!
//! A key out of brackets is never one: it is somebody's name on a network, or
//! the end of an e-mail address. What looks like a citation in a heading stays
//! as it was written, since the heading's anchor is made of its words.

use std::ops::Range;

use comrak::nodes::{Node, NodeValue};

/// One pair of brackets with what it cites, in bytes of the text it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    pub range: Range<usize>,
    pub cites: Vec<Cite>,
}

/// One work in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cite {
    /// `viz`, `srov.`: what stands before.
    pub prefix: String,
    pub key: String,
    /// `s. 12`, `§ 5`: where in the work, as the author put it.
    pub locator: String,
    /// The author is named in the sentence already.
    pub year_only: bool,
}

/// The citations in a text, in order.
pub fn parse(text: &str) -> Vec<Citation> {
    let mut citations = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('[').map(|found| from + found) {
        let inside = open + 1;
        let end = text[inside..].find(['[', ']']).map(|found| inside + found);
        let Some(close) = end.filter(|end| text[*end..].starts_with(']')) else {
            let Some(next) = end else { break };
            from = next;
            continue;
        };
        let cites: Option<Vec<Cite>> = text[inside..close].split(';').map(cite).collect();
        if let Some(cites) = cites {
            citations.push(Citation { range: open..close + 1, cites });
        }
        from = close + 1;
    }
    citations
}

fn cite(text: &str) -> Option<Cite> {
    let (before, after) = text.split_once('@')?;
    let (before, year_only) = match before.strip_suffix('-') {
        Some(rest) => (rest, true),
        None => (before, false),
    };
    if before.chars().next_back().is_some_and(|last| !last.is_whitespace() && last != '(') {
        return None;
    }
    let length = key_length(after);
    let (key, rest) = after.split_at(length);
    let locator = match rest.strip_prefix(',') {
        Some(locator) => locator,
        None if rest.is_empty() || rest.starts_with(char::is_whitespace) => rest,
        None => return None,
    };
    (length > 0 && !locator.contains('@')).then(|| Cite {
        prefix: before.trim().to_owned(),
        key: key.to_owned(),
        locator: locator.trim().to_owned(),
        year_only,
    })
}

/// Letters, digits and `_`; between them also `:`, `.`, `/`, `+` and `-`.
fn key_length(text: &str) -> usize {
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '/' | '+' | '-');
    let end = text.find(|c| !is_key(c)).unwrap_or(text.len());
    text[..end].trim_end_matches([':', '.', '/', '+', '-']).len()
}

/// Texts that follow each other, as one, with their line ends as spaces: an
/// author may break a line within brackets.
pub struct Run<'a> {
    pub nodes: Vec<(Node<'a>, Range<usize>)>,
    pub text: String,
}

/// The runs of a document, in order, without those that hold no `@`. Headings
/// and code are none.
pub fn runs<'a>(root: Node<'a>) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for node in root.descendants() {
        if !is_text(node) || is_in_heading(node) {
            continue;
        }
        let follows = node.previous_sibling().is_some_and(is_text);
        if !follows {
            runs.push(Run { nodes: Vec::new(), text: String::new() });
        }
        let Some(run) = runs.last_mut() else { continue };
        let start = run.text.len();
        match &node.data().value {
            NodeValue::Text(text) => run.text.push_str(text),
            _ => run.text.push(' '),
        }
        run.nodes.push((node, start..run.text.len()));
    }
    runs.retain(|run| run.text.contains('@'));
    runs
}

fn is_text(node: Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::Text(_) | NodeValue::SoftBreak)
}

fn is_in_heading(node: Node<'_>) -> bool {
    node.ancestors().any(|outer| matches!(outer.data().value, NodeValue::Heading(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let cites = parse(text).into_iter().flat_map(|citation| citation.cites);
        cites
            .map(|it| {
                let dash = if it.year_only { "-" } else { "" };
                format!("{}|{dash}{}|{}", it.prefix, it.key, it.locator)
            })
            .collect()
    }

    #[test]
    fn works_come_with_what_stands_before_them_and_where_in_them() {
        assert_eq!(told("Čeká se [@vrba2024]."), ["|vrba2024|"]);
        assert_eq!(told("[@vrba2024, s. 12–15]"), ["|vrba2024|s. 12–15"]);
        assert_eq!(
            told("[viz @vrba:2024, kap. 3; srov. také @mv_zprava.2025; @zakon, § 5 odst. 2]"),
            ["viz|vrba:2024|kap. 3", "srov. také|mv_zprava.2025|", "|zakon|§ 5 odst. 2"]
        );
        assert_eq!(told("Podle Vrby [-@vrba2024, 12]"), ["|-vrba2024|12"]);
        assert_eq!(told("[@a] a [@b]"), ["|a|", "|b|"]);
    }

    #[test]
    fn addresses_and_handles_are_no_citations() {
        for text in [
            "info@example.org",
            "[info@example.org]",
            "@vrba2024 říká",
            "[napište @]",
            "[@vrba2024",
            "[viz @a a @b]",
            "[x; @a]",
            "[^1] [text]",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(told("[viz [@a]]"), ["|a|"]);
    }
}
