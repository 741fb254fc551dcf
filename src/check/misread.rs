//! Markdown that is nearly right: a sign too few or a space too many, and the
//! reader gets the signs instead of what they were to do.
//!
//! Looked for in the AST's text, where all that Markdown understood is gone.
//! The surprise: the same text comes of an escaped sign, so the character as
//! written is looked up before anything is told.

use std::sync::LazyLock;

use comrak::nodes::NodeValue;
use regex::Regex;

use super::passage::Passage;
use super::{Rule, Text};
use crate::model::{Findings, Severity};

pub struct Misread;

const DOC: &str = "\
Markdown that is nearly right, and is printed as it stands.

A heading wants a space behind its hashes, a table a second row of dashes, a
link no space in it, bold type no space inside its asterisks. A sign that is
meant as such takes a backslash before it: \\#, \\*\\*.

Wrong:  ##Nadpis        | Obec | Počet |      (zpráva)[https://…]     ** ne **
                        | Zlín | 12    |
Right:  ## Nadpis       | Obec | Počet |      [zpráva](https://…)     **ano**
                        |:--|--:|
                        | Zlín | 12    |
";

/// One way to be nearly right.
struct Slip {
    pattern: Regex,
    what: &'static str,
    help: &'static str,
}

fn slip(pattern: &str, what: &'static str, help: &'static str) -> Slip {
    Slip { pattern: Regex::new(pattern).expect("a pattern"), what, help }
}

static SLIPS: LazyLock<Vec<Slip>> = LazyLock::new(|| {
    vec![
        slip(
            r"^#{2,6}\p{L}|^#\p{L}[^#]*$",
            "the hashes make no heading",
            "put a space behind them: ## Heading",
        ),
        slip(
            r"^\|[^|]*\|.*\|\s*$",
            "the bars make no table",
            "write below the first row a row of dashes: |:--|--:|",
        ),
        slip(
            r"\[[^\[\]]+\] ?\((?:https?:|www\.|mailto:|#)[^)]*\)",
            "this is not read as a link",
            "write [text](address) with no space between, and %20 for a space in the address",
        ),
        slip(
            r"\([^()]+\) ?\[(?:https?:|www\.|mailto:|#)[^\]]*\]",
            "the brackets of the link are the wrong way round",
            "write [text](address)",
        ),
        slip(
            r"\*\*[^*]*\*\*",
            "the asterisks make nothing bold",
            "put no space inside of them: **word**",
        ),
    ]
});

impl Rule for Misread {
    fn name(&self) -> &'static str {
        "misread"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for passage in text.passages() {
            let is_block = matches!(passage.node.data().value, NodeValue::Paragraph);
            for slip in SLIPS.iter().filter(|it| is_block || !it.pattern.as_str().starts_with('^'))
            {
                findings.extend(self.slips(text, &passage, slip));
            }
        }
    }
}

impl Misread {
    fn slips(&self, text: &Text<'_>, passage: &Passage<'_>, slip: &Slip) -> Findings {
        let place = |part: std::ops::Range<usize>| passage.place(text.manuscript, part);
        let told = slip.pattern.find_iter(&passage.text).filter_map(|found| {
            let place = place(found.range());
            let line = place.line - text.manuscript.lines_before_body;
            // A sign that was meant as such, or the business of another tool.
            let escapes = |column| written(text, line, column) == Some('\\');
            let meant = escapes(place.column)
                || escapes(place.column - 1)
                || text.prose.is_in_tag(line, place.column);
            (!meant).then(|| text.finding_at(self, place, slip.what).help(slip.help))
        });
        told.collect()
    }
}

/// The character at a place of the body.
fn written(text: &Text<'_>, line: usize, column: usize) -> Option<char> {
    text.manuscript.body.lines().nth(line.checked_sub(1)?)?.chars().nth(column.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_heading_a_table_and_bold_type_that_are_none() {
        assert_eq!(
            told(
                "##Nadpis\n\nText.\n\n| Obec | Počet |\n| Zlín | 12 |\n\nTo je ** důležité ** a **taky**.\n"
            ),
            [
                "6:1 misread Warning: the hashes make no heading",
                "10:1 misread Warning: the bars make no table",
                "13:7 misread Warning: the asterisks make nothing bold",
            ]
        );
    }

    #[test]
    fn links_with_a_space_and_with_brackets_the_wrong_way_round() {
        assert_eq!(
            told(
                "Viz [zprávu](https://www.example.org/a b.pdf), (návrh)[https://www.example.org/n] a [dopis] (mailto:a@example.org).\n"
            ),
            [
                "6:5 misread Warning: this is not read as a link",
                "6:48 misread Warning: the brackets of the link are the wrong way round",
                "6:85 misread Warning: this is not read as a link",
            ]
        );
    }

    #[test]
    fn signs_that_are_meant_as_such() {
        let body = "\\##Nadpis\n\n#migrace #integrace\n\n`##kód` a \\*\\*hvězdy\\*\\*, a|b, | 5 |\n\n<!-- A -->\nText.\n";
        assert_eq!(told(body), Vec::<String>::new());
    }
}
