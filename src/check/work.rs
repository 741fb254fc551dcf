//! A cited work about which too little is known.

use std::collections::BTreeSet;

use super::{Rule, Text};
use crate::model::{Finding, Findings, Severity};
use crate::render::markdown::citations;

pub struct Work;

const DOC: &str = "\
A cited entry of the .bib file without author, title or year.

The reader could not find the work. A law or a leaflet may lack an author; its
title stands for one, and it may lack a year then, too. Entries that are not
cited may lack what they like.
";

impl Rule for Work {
    fn name(&self) -> &'static str {
        "work"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn editions(&self, texts: &[Text<'_>], findings: &mut Findings) {
        let Some(publication) = texts.first().map(|text| text.publication) else { return };
        let Some(bibliography) = &publication.bibliography else { return };
        let runs = texts.iter().flat_map(|text| citations::runs(text.root));
        let cited: BTreeSet<String> = runs
            .flat_map(|run| citations::parse(&run.text))
            .flat_map(|citation| citation.cites)
            .map(|cite| cite.key)
            .collect();
        for work in bibliography.works.iter().filter(|work| cited.contains(&work.key)) {
            let Some(entry) = &work.entry else { continue };
            let lacking = lacking(entry);
            if lacking.is_empty() {
                continue;
            }
            let message = format!("the entry `{}` has no {}", work.key, lacking.join(" and no "));
            findings.push(
                Finding::new(self.level(), self.name(), work.place.clone(), message)
                    .help(format!("add a line {} = {{…}},", lacking[0]))
                    .source(&bibliography.text),
            );
        }
    }
}

fn lacking(entry: &hayagriva::Entry) -> Vec<&'static str> {
    let nobody =
        entry.authors().is_none_or(<[_]>::is_empty) && entry.editors().is_none_or(<[_]>::is_empty);
    let mut lacking = Vec::new();
    if entry.title().is_none() {
        if nobody {
            lacking.push("author");
        }
        lacking.push("title");
    }
    if entry.date_any().is_none() && !(nobody && entry.title().is_some()) {
        lacking.push("year");
    }
    lacking
}
