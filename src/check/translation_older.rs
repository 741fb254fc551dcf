//! A translation of a text that was changed since (ADR 0010).
//!
//! Told by what authors state, `updated`, and by nothing of the file system: a
//! clone gives all files one time, and a comma mended is no new text.

use super::{Rule, Text};
use crate::model::{Findings, Severity, Status};

pub struct TranslationOlder;

const DOC: &str = "\
A translation that is older than its original.

Whoever changes what a text says puts the day into its front matter. When the
translation has been brought up to that, it states the same day or a later one.

Right:  updated: 2026-10-20      in cs.md, when it was changed,
                                 and in en.md, once that has followed
";

impl Rule for TranslationOlder {
    fn name(&self) -> &'static str {
        "translation-older"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn editions(&self, texts: &[Text<'_>], findings: &mut Findings) {
        let [leading, others @ ..] = texts else { return };
        let Some(changed) = leading.manuscript.updated else { return };
        for other in others.iter().filter(|other| other.manuscript.status == Status::Ready) {
            let own = other.manuscript.updated;
            if own.is_some_and(|own| own >= changed) {
                continue;
            }
            let since = match own {
                Some(own) => format!(", this translation on {own}"),
                None => ", and this translation does not say that it has followed".to_owned(),
            };
            let message = format!(
                "the text in “{}” was changed on {changed}{since}",
                leading.manuscript.language
            );
            let place = other.field_place("updated").or_else(|| other.field_place("title"));
            let place = place.unwrap_or_else(|| crate::model::Place::start(&other.manuscript.file));
            let help = format!("bring it up to date, then write updated: {changed}");
            findings.push(other.finding_at(self, place, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::{Date, date};

    use crate::check::check;
    use crate::render::specimen;

    fn told(czech: Option<Date>, english: Option<Date>, head: &str) -> Vec<String> {
        let mut publication = specimen::publication(&[("cs", "Text.\n"), ("en", "Text.\n")]);
        publication.manuscripts[0].updated = czech;
        publication.manuscripts[1].updated = english;
        publication.manuscripts[1].text = Arc::from(format!("---\n{head}\n---\nText.\n"));
        publication.manuscripts[1].lines_before_body = head.lines().count() + 2;
        let findings = check(&specimen::workspace(), &specimen::THEME, &publication);
        let own = findings.iter().filter(|finding| finding.rule == "translation-older");
        own.map(|it| format!("{}:{} {}", it.place.line, it.place.column, it.message)).collect()
    }

    #[test]
    fn a_text_that_was_changed_since_leaves_its_translation_behind() {
        let (monday, friday) = (date(2026, 10, 19), date(2026, 10, 23));
        assert_eq!(
            told(Some(friday), Some(monday), "title: A\nupdated: 2026-10-19"),
            ["3:10 the text in “cs” was changed on 2026-10-23, this translation on 2026-10-19"]
        );
        assert_eq!(
            told(Some(friday), None, "title: A"),
            [
                "2:8 the text in “cs” was changed on 2026-10-23, and this translation does not say that it has followed"
            ]
        );
        assert_eq!(told(Some(monday), Some(monday), "title: A"), Vec::<String>::new());
        assert_eq!(told(None, Some(friday), "title: A"), Vec::<String>::new());
    }
}
