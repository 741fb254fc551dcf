//! Footnotes that are written but never, or not all, read: the parser keeps
//! none of those without a mark, so they are looked for in the lines.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use comrak::nodes::NodeValue;
use regex::Regex;

use super::{Rule, Text};
use crate::model::{Findings, Place, Severity};

static DEFINITION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:[ >]{0,6})(\[\^([^\]\s]+)\]):").expect("a pattern"));

pub struct UnusedFootnote;

const DOC: &str = "\
A footnote that no mark leads to, or one of two with the same name.

A note without a mark is not published. Of two with one name only one can be
meant by its mark; which, nobody sees.

Right:  Počet žádostí vzrostl.[^mv]

        [^mv]: Ministerstvo vnitra, výroční zpráva 2025, s. 12.
";

impl Rule for UnusedFootnote {
    fn name(&self) -> &'static str {
        "footnote-unused"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let used = used(text);
        let mut first: HashMap<String, usize> = HashMap::new();
        for (name, place) in definitions(text) {
            let line = place.line;
            if let Some(before) = first.get(&folded(&name)) {
                let message =
                    format!("the footnote [^{name}] is there twice, first on line {before}");
                let mut finding = text.finding_at(self, place, message);
                finding.severity = Severity::Error;
                findings.push(finding.help("give it a name of its own, here and at its mark"));
            } else if !used.contains(&folded(&name)) {
                let message = format!("no mark leads to the footnote [^{name}]");
                let help = format!("put [^{name}] where it belongs, or take the note away");
                findings.push(text.finding_at(self, place, message).help(help));
            }
            first.entry(folded(&name)).or_insert(line);
        }
    }
}

fn used(text: &Text<'_>) -> HashSet<String> {
    text.nodes()
        .filter_map(|node| match &node.data().value {
            NodeValue::FootnoteReference(mark) => Some(folded(&mark.name)),
            _ => None,
        })
        .collect()
}

/// Names of notes match without regard to case, as those of links do.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn definitions(text: &Text<'_>) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    for (number, line) in text.prose.lines() {
        if let Some(parts) = DEFINITION.captures(&line) {
            let column = line[..parts.get(1).map_or(0, |it| it.start())].chars().count() + 1;
            let place = text.manuscript.place(number, column);
            found.push((parts[2].to_owned(), place.spanning(parts[1].chars().count())));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_note_without_a_mark_and_one_of_two_are_named() {
        assert_eq!(
            told(
                "Tvrzení.[^a]\n\n[^a]: Pramen.\n[^A]: Jiný pramen.\n\n[^b]: Nikdo ke mně nevede.\n\n```\n[^c]: kód\n```\n"
            ),
            [
                "9:1 footnote-unused Error: the footnote [^A] is there twice, first on line 8",
                "11:1 footnote-unused Warning: no mark leads to the footnote [^b]",
            ]
        );
    }
}
