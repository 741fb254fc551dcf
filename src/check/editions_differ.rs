//! A translation that has lost, or found, something that a reader could count:
//! a heading, a note, a table, a figure, a number.
//!
//! Texts are compared part by part, from heading to heading. Which heading is
//! the odd one can only be guessed, as no two share a word: those of the same
//! level whose parts hold the same things are taken for each other.

use std::collections::BTreeSet;

use comrak::nodes::{Node, NodeValue};

use super::numerals::{numerals, spells};
use super::{Rule, Text};
use crate::model::{DrawnChart, Findings, Place, Severity, Status};
use crate::render::markdown::{is_chart, plain_text};

/// More numbers than that are told in one finding: one text is a digest of
/// the other.
const MAX_NUMBERS: usize = 12;
/// So are more headings than that, if they are most of them.
const MAX_HEADINGS: usize = 5;

pub struct EditionsDiffer;

const DOC: &str = "\
A heading, note, table, figure or number that only one language has.

The texts are compared part by part, from heading to heading, once both are
ready. Numbers are compared in their plain form (1 234,5 is 1,234.5; times of
day, months and whole numbers up to twelve are left out, and round ones may be
spelt out). What is meant to be in one language only can be allowed:

        <!-- hlas allow editions-differ: jen pro české čtenáře -->
";

impl Rule for EditionsDiffer {
    fn name(&self) -> &'static str {
        "editions-differ"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn editions(&self, texts: &[Text<'_>], findings: &mut Findings) {
        let [leading, others @ ..] = texts else { return };
        let is_ready = |text: &Text<'_>| text.manuscript.status == Status::Ready;
        for other in others.iter().filter(|other| is_ready(leading) && is_ready(other)) {
            let sides = Sides { rule: self, leading, other };
            sides.parts(findings);
            sides.numbers(leading, other, findings);
            sides.numbers(other, leading, findings);
        }
    }
}

/// What can be counted in a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Note,
    Table,
    Figure,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Note, Self::Table, Self::Figure];

    fn counted(self, number: usize) -> String {
        let (one, many) = match self {
            Self::Note => ("note", "notes"),
            Self::Table => ("table", "tables"),
            Self::Figure => ("picture", "pictures"),
        };
        match number {
            0 => format!("no {one}"),
            1 => format!("1 {one}"),
            _ => format!("{number} {many}"),
        }
    }
}

/// From a heading (none before the first) to the next.
struct Part<'a> {
    heading: Option<(u8, Node<'a>)>,
    blocks: usize,
    holds: Vec<(Kind, Node<'a>)>,
}

impl<'a> Part<'a> {
    fn of(&self, kind: Kind) -> Vec<Node<'a>> {
        self.holds.iter().filter(|(held, _)| *held == kind).map(|(_, node)| *node).collect()
    }

    /// How well two parts fit each other; 0 if they cannot.
    fn likeness(&self, other: &Part<'_>) -> usize {
        let level = |part: &Part<'_>| part.heading.map(|(level, _)| level);
        if level(self) != level(other) {
            return 0;
        }
        let same = Kind::ALL.iter().filter(|kind| self.of(**kind).len() == other.of(**kind).len());
        10 + same.count() + 4usize.saturating_sub(self.blocks.abs_diff(other.blocks))
    }
}

fn parts<'a>(text: &Text<'a>) -> Vec<Part<'a>> {
    let part = |heading| Part { heading, blocks: 0, holds: Vec::new() };
    let mut parts = vec![part(None)];
    let mut known: BTreeSet<String> = BTreeSet::new();
    for node in text.nodes() {
        let data = node.data();
        if let NodeValue::Heading(heading) = &data.value
            && !plain_text(node).trim().is_empty()
        {
            parts.push(part(Some((heading.level, node))));
        }
        let Some(last) = parts.last_mut() else { continue };
        match &data.value {
            NodeValue::FootnoteDefinition(_) => break,
            NodeValue::FootnoteReference(mark) if known.insert(mark.name.clone()) => {
                last.holds.push((Kind::Note, node));
            }
            NodeValue::Table(_) => last.holds.push((Kind::Table, node)),
            NodeValue::Image(_) => last.holds.push((Kind::Figure, node)),
            _ if is_chart(&node) => last.holds.push((Kind::Figure, node)),
            NodeValue::Paragraph => last.blocks += 1,
            _ => {}
        }
    }
    parts
}

/// Two editions, side by side.
struct Sides<'s, 'a> {
    rule: &'s EditionsDiffer,
    leading: &'s Text<'a>,
    other: &'s Text<'a>,
}

impl<'a> Sides<'_, 'a> {
    fn parts(&self, findings: &mut Findings) {
        let (left, right) = (parts(self.leading), parts(self.other));
        let pairs = pairs(&left, &right);
        let paired = |at: usize, side: fn(&(usize, usize)) -> usize| {
            pairs.iter().any(|pair| side(pair) == at)
        };
        if self.is_digest((&left, &right), pairs.len(), findings) {
            return;
        }
        for (_, part) in left.iter().enumerate().filter(|(at, _)| !paired(*at, |pair| pair.0)) {
            self.odd_heading(self.leading, self.other, part, findings);
        }
        for (_, part) in right.iter().enumerate().filter(|(at, _)| !paired(*at, |pair| pair.1)) {
            self.odd_heading(self.other, self.leading, part, findings);
        }
        for (left, right) in pairs.iter().map(|(at, other)| (&left[*at], &right[*other])) {
            for kind in Kind::ALL {
                self.count(kind, &left.of(kind), &right.of(kind), findings);
            }
        }
    }

    /// One finding in place of many, where most headings have no counterpart;
    /// what their parts hold is not worth comparing then.
    fn is_digest(
        &self,
        (left, right): (&[Part<'a>], &[Part<'a>]),
        pairs: usize,
        findings: &mut Findings,
    ) -> bool {
        let (here, there, more, less) = if left.len() > right.len() {
            (self.leading, self.other, left, right)
        } else {
            (self.other, self.leading, right, left)
        };
        let odd = more.len() - pairs;
        if odd <= MAX_HEADINGS || odd * 2 <= more.len() {
            return false;
        }
        let first = more.iter().find_map(|part| part.heading);
        if let Some((_, node)) = first {
            let (all, own) = (more.len() - 1, less.len() - 1);
            let message = format!("{all} headings here, in {} {own}", name(there));
            findings.push(here.finding(self.rule, node, message).help(HELP));
        }
        true
    }

    fn odd_heading(
        &self,
        here: &Text<'_>,
        there: &Text<'_>,
        part: &Part<'_>,
        findings: &mut Findings,
    ) {
        let Some((_, node)) = part.heading else { return };
        let message = format!("{} has no heading for “{}”", name(there), plain_text(node).trim());
        findings.push(here.finding(self.rule, node, message).help(HELP));
    }

    /// Notes, tables or pictures of two parts that belong together. The last
    /// that is too many gets the finding.
    fn count(&self, kind: Kind, left: &[Node<'a>], right: &[Node<'a>], findings: &mut Findings) {
        let (here, there, more, less) = if left.len() > right.len() {
            (self.leading, self.other, left, right)
        } else {
            (self.other, self.leading, right, left)
        };
        if more.len() == less.len() {
            if kind == Kind::Table {
                self.shapes(left, right, findings);
            }
            return;
        }
        let Some(odd) = more.last() else { return };
        let (number, other) = (kind.counted(more.len()), kind.counted(less.len()));
        let message = format!("{number} in this part, in {} {other}", name(there));
        findings.push(here.finding(self.rule, odd, message).help(HELP));
    }

    fn shapes(&self, left: &[Node<'a>], right: &[Node<'a>], findings: &mut Findings) {
        let shape = |table: Node<'_>| match &table.data().value {
            NodeValue::Table(table) => (table.num_rows, table.num_columns),
            _ => (0, 0),
        };
        for (left, right) in left.iter().zip(right) {
            let ((rows, columns), (own_rows, own_columns)) = (shape(left), shape(right));
            if (rows, columns) != (own_rows, own_columns) {
                let message = format!(
                    "the table has {own_rows} rows and {own_columns} columns, in {} {rows} and {columns}",
                    name(self.leading)
                );
                let head = right.first_child().unwrap_or(right);
                findings.push(self.other.finding(self.rule, head, message).help(HELP));
            }
        }
    }

    /// Numbers that `here` has and `there` has not.
    fn numbers(&self, here: &Text<'_>, there: &Text<'_>, findings: &mut Findings) {
        let known: BTreeSet<String> = numbers(there).into_iter().map(|it| it.plain).collect();
        let words: String = there.passages().map(|it| it.text + " ").collect();
        let mut told = BTreeSet::new();
        let odd: Vec<_> = numbers(here)
            .into_iter()
            .filter(|odd| !known.contains(&odd.plain) && !spells(&words, &odd.plain))
            .filter(|odd| told.insert(odd.plain.clone()))
            .collect();
        if odd.len() > MAX_NUMBERS {
            let Some(first) = odd.first() else { return };
            let message = format!("{} numbers are not in {}", odd.len(), name(there));
            findings.push(here.finding_at(self.rule, first.place.clone(), message).help(HELP));
            return;
        }
        for Number { place, written, .. } in odd {
            let message = format!("the number {written} is not in {}", name(there));
            findings.push(here.finding_at(self.rule, place, message).help(HELP));
        }
    }
}

const HELP: &str = "bring both to the same, or allow it here with a reason";

fn name(text: &Text<'_>) -> String {
    text.manuscript.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A number, as it stands there and as both languages have it.
struct Number {
    place: Place,
    written: String,
    plain: String,
}

fn numbers(text: &Text<'_>) -> Vec<Number> {
    let language = text.manuscript.language.as_str();
    let mut found = Vec::new();
    for passage in text.passages() {
        for (part, plain) in numerals(&passage.text, language) {
            let written = passage.text[part.clone()].to_owned();
            found.push(Number { place: passage.place(text.manuscript, part), written, plain });
        }
    }
    found.extend(text.manuscript.charts.iter().flat_map(|drawn| numbers_of(drawn, text)));
    found
}

/// The numbers that a chart shows, as far as those of a text are compared.
fn numbers_of(drawn: &DrawnChart, text: &Text<'_>) -> Vec<Number> {
    let (as_written, chart) = (text.words.numerals(), &drawn.chart);
    let language = text.manuscript.language.as_str();
    let shown = chart.values().map(|value| as_written.write(value.number, value.decimals));
    let said = [Some(&chart.title), Some(&chart.alt), chart.note.as_ref(), chart.source.as_ref()];
    let names = chart.rows.iter().map(|row| row.label.clone()).chain(chart.series.clone());
    let texts = shown.chain(names).chain(said.into_iter().flatten().cloned());
    let place = text.manuscript.place(drawn.line, 1);
    let numbers = texts.flat_map(|it| {
        let found = numerals(&it, language).into_iter();
        found.map(|(part, plain)| (it[part].to_owned(), plain)).collect::<Vec<_>>()
    });
    numbers.map(|(written, plain)| Number { place: place.clone(), written, plain }).collect()
}

/// Which parts belong together, in order: the pairing with the greatest
/// likeness (a longest common subsequence with weights).
fn pairs(left: &[Part<'_>], right: &[Part<'_>]) -> Vec<(usize, usize)> {
    let mut best = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (at, part) in left.iter().enumerate().rev() {
        for (other, counterpart) in right.iter().enumerate().rev() {
            let likeness = part.likeness(counterpart);
            let together = if likeness > 0 { best[at + 1][other + 1] + likeness } else { 0 };
            best[at][other] = together.max(best[at + 1][other]).max(best[at][other + 1]);
        }
    }
    let (mut at, mut other) = (0, 0);
    let mut pairs = Vec::new();
    while at < left.len() && other < right.len() {
        let likeness = left[at].likeness(&right[other]);
        if likeness > 0 && best[at][other] == best[at + 1][other + 1] + likeness {
            pairs.push((at, other));
            (at, other) = (at + 1, other + 1);
        } else if best[at][other] == best[at + 1][other] {
            at += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use crate::check::check;
    use crate::model::Status;
    use crate::render::specimen;

    fn told(czech: &str, english: &str, status: Status) -> Vec<String> {
        let mut publication = specimen::publication(&[("cs", czech), ("en", english)]);
        publication.manuscripts[1].status = status;
        let findings = check(&specimen::workspace(), &specimen::THEME, &publication);
        let own = findings.iter().filter(|finding| finding.rule == "editions-differ");
        own.map(|it| {
            let file = it.place.file.file_name().unwrap().to_string_lossy().into_owned();
            format!("{file}:{}:{} {}", it.place.line, it.place.column, it.message)
        })
        .collect()
    }

    const CZECH: &str = "Úvod: 1 234,5 ha.[^a]\n\n## Zjištění\n\nA\n\nB\n\n## Počty\n\n| Rok | Podíl |\n|--|--|\n| 2025 | 12,5 % |\n\n## Závěr\n\nŠedesát dnů.\n\n[^a]: Pramen 2024.\n";

    #[test]
    fn a_faithful_translation_is_left_alone() {
        let english = "Intro: 1,234.5 ha.[^x]\n\n## Findings\n\nA\n\nB\n\n## Figures\n\n| Year | Share |\n|--|--|\n| 2025 | 12.5% |\n\n## Conclusion\n\n60 days.\n\n[^x]: Source 2024.\n";
        assert_eq!(told(CZECH, english, Status::Ready), Vec::<String>::new());
    }

    #[test]
    fn what_only_one_has_is_named_where_it_stands() {
        let english = "Intro: 1,234 ha.\n\n## Findings\n\nA\n\nB ![Map](graf.svg)\n\n## Figures\n\n| Year | Share |\n|--|--|\n| 2025 | 12.5% |\n| 2026 | 13.5% |\n\n";
        assert_eq!(
            told(CZECH, english, Status::Ready),
            [
                "cs.md:15:1 en.md has no heading for “Závěr”",
                "cs.md:1:18 1 note in this part, in en.md no note",
                "en.md:7:3 1 picture in this part, in cs.md no picture",
                "en.md:11:1 the table has 3 rows and 2 columns, in cs.md 2 and 2",
                "cs.md:1:7 the number 1 234,5 is not in en.md",
                "cs.md:19:14 the number 2024 is not in en.md",
                "en.md:1:8 the number 1,234 is not in cs.md",
                "en.md:14:3 the number 2026 is not in cs.md",
                "en.md:14:10 the number 13.5 is not in cs.md",
            ]
        );
    }

    #[test]
    fn the_heading_whose_part_has_no_counterpart_is_the_odd_one() {
        let czech = "## A\n\n1\n\n2\n\n3\n\n## B\n\n1\n\n## C\n\n1\n\n2\n\n3\n";
        let english = "## A\n\n1\n\n2\n\n3\n\n## C\n\n1\n\n2\n\n3\n";
        assert_eq!(told(czech, english, Status::Ready), ["cs.md:9:1 en.md has no heading for “B”"]);
    }

    #[test]
    fn a_digest_is_told_of_once() {
        let czech: String = (13..30).map(|it| format!("## Část {it}\n\n{it}\n\n")).collect();
        assert_eq!(
            told(&czech, "## In short\n\n13\n", Status::Ready),
            ["cs.md:1:1 17 headings here, in en.md 1", "cs.md:5:9 16 numbers are not in en.md"]
        );
    }

    #[test]
    fn a_translation_in_the_making_may_be_incomplete() {
        assert_eq!(told(CZECH, "A\n", Status::Draft), Vec::<String>::new());
    }
}
