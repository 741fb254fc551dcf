//! A sentence about a figure that only some readers have.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use comrak::nodes::NodeValue;
use regex::Regex;

use super::passage::OBJECT;
use super::{Passage, Rule, Text};
use crate::model::{Findings, Severity};
use crate::render::markdown::captions::{called, stem};
use crate::render::markdown::readership::hidden_lines;

/// A word and a number behind it: *v grafu 2*, *Fig. 3a*.
static MENTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\p{L}+)\.?\s(\d+(?:\.\d+)*[a-z]?|[IVX]+)\b").expect("a pattern")
});

pub struct PrivateFigure;

const DOC: &str = "\
A sentence about a figure or table that not all of its readers get.

Who reads “viz graf 2” looks for it. Where its caption stands in a block
`:::only` or `:::except`, some look in vain: say it without the number, or put
the sentence into a block for the same readers.
";

impl Rule for PrivateFigure {
    fn name(&self) -> &'static str {
        "private-figure"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let body = &text.manuscript.body;
        let all = figures(text);
        let mut told = BTreeSet::new();
        for segment in text.readers() {
            let hidden = hidden_lines(text.root, body, segment);
            let has = |name: &Name| {
                all.iter().any(|(line, known)| known == name && !hidden.contains_key(line))
            };
            let lacks = |name: &Name| all.iter().any(|(_, known)| known == name) && !has(name);
            if all.iter().all(|(_, name)| has(name)) {
                continue;
            }
            for passage in text.passages() {
                let start = passage.node.data().sourcepos.start;
                if hidden.contains_key(&start.line) {
                    continue;
                }
                for mention in MENTION.captures_iter(&passage.text) {
                    let Some(stem) = stem(&mention[1]) else { continue };
                    let whole = mention.get(0).expect("the match").range();
                    let place = passage.place(text.manuscript, whole);
                    if !lacks(&(stem, mention[2].to_owned())) || !told.insert(place.clone()) {
                        continue;
                    }
                    let readers = text.readers_called(segment);
                    let message =
                        format!("“{}” stands in a block that {readers} do not get", &mention[0]);
                    findings.push(text.finding_at(self, place, message).help(
                        "say it without the number, or put it into a block for the same readers",
                    ));
                }
            }
        }
    }
}

/// What a figure is called: `graf` and `2`.
type Name = (&'static str, String);

/// The figures that have a number, each with a line of its block.
fn figures(text: &Text<'_>) -> Vec<(usize, Name)> {
    let captions = text.passages().map(|passage| (line(&passage), caption(&passage)));
    let titles = text.nodes().filter_map(|node| match &node.data().value {
        NodeValue::Image(link) => Some((node.data().sourcepos.start.line, link.title.clone())),
        _ => None,
    });
    let charts = text.manuscript.charts.iter().map(|it| (it.line, it.chart.title.clone()));
    captions
        .chain(titles)
        .chain(charts)
        .filter_map(|(line, caption)| {
            let (stem, number) = called(&caption)?;
            Some((line, (stem, number.to_owned())))
        })
        .collect()
}

fn line(passage: &Passage<'_>) -> usize {
    passage.node.data().sourcepos.start.line
}

/// What may be a caption: it stands by itself, or right below its picture.
fn caption(passage: &Passage<'_>) -> String {
    passage.text.trim_start_matches([OBJECT, ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_sentence_of_all_about_a_figure_of_some_is_a_warning_where_it_stands() {
        let body = "\
Jak ukazuje graf 1 a v tabulce 2 čteme, ubývá; viz též graf 3.

![Graf](graf.svg)
Graf 3: Pro všechny.

:::only politicians
V grafu 1 je to vidět.

![Graf](graf.svg)
Graf 1: Počet žádostí.

Tabulka 2: Čekání

| Kraj | Dnů |
|--|--|
| Praha | 41 |
:::
";
        let blocked = "stands in a block that the public do not get";
        assert_eq!(
            told(body),
            [
                format!("6:13 private-figure Warning: “graf 1” {blocked}"),
                format!("6:24 private-figure Warning: “tabulce 2” {blocked}"),
            ]
        );
    }

    #[test]
    fn who_has_a_figure_of_that_name_of_their_own_looks_in_vain_for_none() {
        let body = "\
Viz graf 1.

:::only politicians
![Graf](graf.svg)
Graf 1: Pro politiky.
:::

:::except politicians
![Graf](graf.svg)
Graf 1: Pro ostatní.
:::

![Graf](graf.svg)
Graf 1: Pro veřejnost.
";
        assert_eq!(told(body), Vec::<String>::new());
    }
}
