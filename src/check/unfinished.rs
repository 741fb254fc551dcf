//! A note to oneself that would go out with the text.
//!
//! Looked for wherever a reader looks: the head of the publication, the
//! subject, alternative texts and captions too. An ellipsis in brackets inside
//! a sentence is how a quotation is shortened, so only one that stands alone
//! counts.

use std::ops::Range;
use std::sync::LazyLock;

use comrak::nodes::NodeValue;
use regex::Regex;

use super::{Passage, Rule, Text};
use crate::model::{Findings, Place, Severity, Status};

/// What authors leave where something is still missing. `TK` ("to come") only
/// stands for itself outside Czech, where it is a *tisková konference*.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b(?: TODO | FIXME | XXX | xxx+ | TKTK | DOPLNIT | OVĚŘIT | DOPSAT
            | (?i:lorem\x20ipsum) ) \b
        | \?{3,}
        | \[ (?i: doplnit | doplň | ověřit | dopsat | insert | to\x20come | tbd | tba ) \b [^\]]* \]
        ",
    )
    .expect("a pattern")
});
static TO_COME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bTK\b").expect("a pattern"));
static NOTHING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(\[?(?:…|\.\.\.)\]?)\s*$").expect("a pattern"));

pub struct Unfinished;

const DOC: &str = "\
A note to oneself that would go out with the text.

TODO, FIXME, XXX, ???, lorem ipsum, DOPLNIT, OVĚŘIT, DOPSAT, [doplnit …], an
item that is only an ellipsis; in English TK, [insert …], [TBD]. Looked for in
title, subtitle, summary, subject, alternative texts and captions too. An error
in a text that is ready, a warning in a draft.
";

impl Rule for Unfinished {
    fn name(&self) -> &'static str {
        "unfinished"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let mut found: Vec<(String, Place)> = in_head(text);
        for passage in text.passages() {
            let place = |part: Range<usize>| passage.place(text.manuscript, part);
            for part in marks(&passage.text, text, is_alone(&passage)) {
                found.push((passage.text[part.clone()].to_owned(), place(part)));
            }
        }
        found.extend(in_captions(text));
        for (mark, place) in found {
            let message = format!("`{mark}` is left in the text");
            let mut finding = text.finding_at(self, place, message);
            if text.manuscript.status == Status::Draft {
                finding.severity = Severity::Warning;
            }
            findings.push(finding.help("finish the place, or take the mark away"));
        }
    }
}

/// An ellipsis that is all of a cell says that there is no value; of a heading,
/// the rule `heading` speaks.
fn is_alone(passage: &Passage<'_>) -> bool {
    matches!(passage.node.data().value, NodeValue::Paragraph)
}

fn marks(words: &str, text: &Text<'_>, alone: bool) -> Vec<Range<usize>> {
    let mut parts: Vec<_> = MARKS.find_iter(words).map(|it| it.range()).collect();
    if text.manuscript.language.as_str() != "cs" {
        parts.extend(TO_COME.find_iter(words).map(|it| it.range()));
    }
    if alone {
        let nothing = NOTHING.captures(words).and_then(|it| it.get(1));
        parts.extend(nothing.map(|it| it.range()));
    }
    parts
}

fn in_head(text: &Text<'_>) -> Vec<(String, Place)> {
    let manuscript = text.manuscript;
    let stated = [
        ("title", Some(&manuscript.title)),
        ("subtitle", manuscript.subtitle.as_ref()),
        ("summary", manuscript.summary.as_ref()),
        ("subject", Some(&manuscript.subject)),
    ];
    let mut found = Vec::new();
    for (field, value) in stated {
        for part in marks(value.map_or("", String::as_str), text, true) {
            let mark = value.map_or("", |value| &value[part.clone()]);
            found.extend(text.place_in_field(field, mark).map(|place| (mark.to_owned(), place)));
        }
    }
    found
}

fn in_captions(text: &Text<'_>) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    for node in text.nodes() {
        if let NodeValue::Image(link) = &node.data().value {
            for part in marks(&link.title, text, true) {
                let mark = link.title[part].to_owned();
                let place = text.place_of(node, &mark);
                found.push((mark, place));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::check::tests::{told, told_of};
    use crate::model::Status;
    use crate::render::specimen;

    #[test]
    fn a_todo_does_not_leave_the_house() {
        assert_eq!(
            told(
                "Úvod.\n\nPočet: TODO, pak **lorem Ipsum** a ???\n\n- …\n- [doplnit rok]\n\nMetoda METODOU, „vzrostl […] o třetinu“, tisková konference (TK).\n"
            ),
            [
                "8:8 unfinished Error: `TODO` is left in the text",
                "8:20 unfinished Error: `lorem Ipsum` is left in the text",
                "8:36 unfinished Error: `???` is left in the text",
                "10:3 unfinished Error: `…` is left in the text",
                "11:3 unfinished Error: `[doplnit rok]` is left in the text",
            ]
        );
    }

    #[test]
    fn neither_does_one_in_the_head_an_alternative_text_or_a_caption() {
        let body = "![XXX](graf.svg \"Zdroj: FIXME\")\n";
        let mut publication = specimen::commentary(body);
        let manuscript = &mut publication.manuscripts[0];
        manuscript.text =
            Arc::from(format!("---\ntitle: Zkouška\nsubject: \"Komentář: TODO\"\n---\n{body}"));
        manuscript.lines_before_body = 4;
        manuscript.subject = "Komentář: TODO".to_owned();
        manuscript.status = Status::Draft;
        assert_eq!(
            told_of(&specimen::workspace(), &publication),
            [
                "3:21 unfinished Warning: `TODO` is left in the text",
                "5:3 unfinished Warning: `XXX` is left in the text",
                "5:25 unfinished Warning: `FIXME` is left in the text",
            ]
        );
    }
}
