//! Citations of works that nobody knows.

use comrak::nodes::{NodeValue, Sourcepos};

use super::{Rule, Text};
use crate::load::nearest;
use crate::model::{Findings, Place};
use crate::render::markdown::citations::{self, Run};

pub struct Citation;

const DOC: &str = "\
A citation that cannot be resolved.

`[@key]` names an entry of the one .bib file beside the text. A key that is not
there would reach readers as it was typed. In a heading nothing can be cited.

Right:  Čekání se prodloužilo [@vrbova2024, s. 12].
        Srov. [viz @mv2025, kap. 3; @zakon326, § 42].

with, in literatura.bib:

        @book{vrbova2024,
          author = {Vrbová, Kateřina},
          title = {Čekárna},
          year = {2024},
        }
";

impl Rule for Citation {
    fn name(&self) -> &'static str {
        "citation"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for run in citations::runs(text.root) {
            let mut mentioned: Vec<String> = Vec::new();
            for cite in citations::parse(&run.text).into_iter().flat_map(|found| found.cites) {
                let before = mentioned.iter().filter(|key| **key == cite.key).count();
                let place = place(text, &run, &cite.key, before);
                if let Some((message, help)) = wrong(text, &cite.key) {
                    findings.push(text.finding_at(self, place, message).help(help));
                }
                mentioned.push(cite.key);
            }
        }
        for node in text.nodes() {
            let data = node.data();
            let NodeValue::Text(literal) = &data.value else { continue };
            let in_heading = || {
                let is_heading = |value: &NodeValue| matches!(value, NodeValue::Heading(_));
                node.ancestors().any(|outer| is_heading(&outer.data().value))
            };
            if let Some(found) = citations::parse(literal).first().filter(|_| in_heading()) {
                let place = text.place_of(node, &literal[found.range.clone()]);
                findings.push(
                    text.finding_at(self, place, "a citation in a heading")
                        .help("put it into the sentence that follows"),
                );
            }
        }
    }
}

/// What is wrong with a key, and how to mend it.
fn wrong(text: &Text<'_>, key: &str) -> Option<(String, String)> {
    let Some(bibliography) = &text.publication.bibliography else {
        let folder = text.publication.folder.display();
        return Some((
            format!("[@{key}] cites a work, but there is no bibliography"),
            format!(
                "put a .bib file with the entry `{key}` into {folder}/, such as literatura.bib"
            ),
        ));
    };
    if bibliography.work(key).is_some() {
        return None;
    }
    let file = bibliography.file.display();
    let keys = bibliography.works.iter().map(|work| work.key.as_str());
    let help = match nearest(key, keys) {
        Some(close) => format!("did you mean `@{close}`?"),
        None => format!("add an entry with this key to {file}"),
    };
    Some((format!("there is no `{key}` in {file}"), help))
}

/// Where a key stands for the n-th time in a run of text, from 0.
fn place(text: &Text<'_>, run: &Run<'_>, key: &str, n: usize) -> Place {
    let Some((first, _)) = run.nodes.first() else { return Place::start(&text.manuscript.file) };
    let Sourcepos { start, .. } = first.data().sourcepos;
    let needle = format!("@{key}");
    let lines = text.manuscript.body.lines().enumerate().skip(start.line.saturating_sub(1));
    let mut left = n;
    for (index, line) in lines {
        let skipped = if index + 1 == start.line { start.column.saturating_sub(1) } else { 0 };
        let from = line.char_indices().nth(skipped).map_or(line.len(), |(offset, _)| offset);
        for (offset, _) in line[from..].match_indices(&needle) {
            if left == 0 {
                let column = line[..from + offset].chars().count() + 1;
                let place = text.manuscript.place(index + 1, column);
                return place.spanning(needle.chars().count());
            }
            left -= 1;
        }
    }
    text.place(first)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::check::tests::told_of;
    use crate::load::parse_bibliography;
    use crate::model::Publication;
    use crate::render::specimen;

    fn with(bib: &str, body: &str) -> Publication {
        let mut publication = specimen::commentary(body);
        let file = Path::new("publications/2026-10-05-zkouska/literatura.bib");
        publication.bibliography = Some(parse_bibliography(file, bib, &mut Vec::new()));
        publication
    }

    const BIB: &str = "@book{vrbova2024, author = {Vrbová, Jana}, title = {Čekárna}, year = 2024}\n\
        @book{nedopsana, author = {Malá, Eva}}\n@misc{zakon, title = {Zákon č. 326/1999 Sb.}}\n";

    #[test]
    fn an_unknown_key_is_found_where_it_stands_and_the_nearest_offered() {
        let body = "Čeká se [@vrbova2024; viz @vrbova2042,\ns. 3] a [@vrbova2042], pište na\na@vrbova2042.example.org nebo @vrbova2042.\n";
        assert_eq!(
            told_of(&specimen::workspace(), &with(BIB, body)),
            [
                "6:27 citation Error: there is no `vrbova2042` in publications/2026-10-05-zkouska/literatura.bib",
                "7:10 citation Error: there is no `vrbova2042` in publications/2026-10-05-zkouska/literatura.bib",
            ]
        );
    }

    #[test]
    fn a_citation_needs_a_bibliography_and_a_sentence() {
        let mut without = specimen::commentary("Čeká se [@vrbova2024].\n");
        without.bibliography = None;
        assert_eq!(
            told_of(&specimen::workspace(), &without),
            ["6:10 citation Error: [@vrbova2024] cites a work, but there is no bibliography"]
        );
        assert_eq!(
            told_of(&specimen::workspace(), &with(BIB, "## Podle [@vrbova2024]\n\nText.\n")),
            ["6:10 citation Error: a citation in a heading"]
        );
    }

    #[test]
    fn a_cited_work_tells_what_it_lacks_in_its_own_file_once() {
        let body = "Viz [@nedopsana] a [@nedopsana; @zakon, § 5].\n";
        assert_eq!(
            told_of(&specimen::workspace(), &with(BIB, body)),
            ["2:7 work Warning: the entry `nedopsana` has no title and no year"]
        );
        assert_eq!(told_of(&specimen::workspace(), &with(BIB, "Text.\n")), Vec::<String>::new());
    }
}
