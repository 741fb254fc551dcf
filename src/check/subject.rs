//! A subject that an inbox cuts off.
//!
//! RFC 5322, 2.1.1 asks for lines of at most 78 characters; after `Subject: `
//! that leaves 69, about what a desktop inbox shows. A phone shows the first
//! 35 to 45, so what matters comes first.

use unicode_width::UnicodeWidthStr;

use super::{Rule, Text};
use crate::model::{Findings, Severity};

/// Columns, in which a wide character counts twice.
const MAX_WIDTH: usize = 69;

pub struct Subject;

const DOC: &str = "\
A subject longer than the line of an inbox: over 69 characters.

A desktop inbox shows about as many, a phone the first 40; RFC 5322 has room
for 69 on the line of a subject. Where no subject is stated the title stands
for it, and must be as short.

Wrong:  subject: \"Komentář pracovní skupiny Zdraví k připravované novele zákona o pojištění\"
Right:  subject: \"Komentář: zdravotní pojištění bez mezer\"
";

impl Rule for Subject {
    fn name(&self) -> &'static str {
        "subject"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let subject = &text.manuscript.subject;
        let width = subject.width();
        // Without readers by mail there is no inbox.
        if width <= MAX_WIDTH || text.publication.to.is_empty() {
            return;
        }
        let finding = match text.field_place("subject") {
            Some(place) => {
                let message =
                    format!("the subject has {width} characters, an inbox shows {MAX_WIDTH}");
                text.finding_at(self, place, message).help("shorten it; a phone shows the first 40")
            }
            None => {
                let Some(place) = text.field_place("title") else { return };
                let message = format!(
                    "the title has {width} characters and is the subject too, of which an inbox shows {MAX_WIDTH}"
                );
                text.finding_at(self, place, message).help("add a line subject: with a shorter one")
            }
        };
        findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::check::tests::told_of;
    use crate::render::specimen;

    fn told(head: &str, subject: &str) -> Vec<String> {
        let mut publication = specimen::commentary("Text.\n");
        let manuscript = &mut publication.manuscripts[0];
        manuscript.text = Arc::from(format!("---\n{head}\n---\nText.\n"));
        manuscript.lines_before_body = head.lines().count() + 2;
        manuscript.subject = subject.to_owned();
        told_of(&specimen::workspace(), &publication)
    }

    #[test]
    fn seventy_characters_are_one_too_many() {
        let (fits, long) = ("ž".repeat(69), "ž".repeat(70));
        assert_eq!(told(&format!("title: A\nsubject: {fits}"), &fits), Vec::<String>::new());
        assert_eq!(
            told(&format!("title: A\nsubject: \"{long}\""), &long),
            ["3:11 subject Warning: the subject has 70 characters, an inbox shows 69"]
        );
    }

    #[test]
    fn a_long_title_needs_a_subject() {
        let long = "ž".repeat(70);
        assert_eq!(
            told(&format!("title: {long}"), &long),
            [
                "2:8 subject Warning: the title has 70 characters and is the subject too, of which an inbox shows 69"
            ]
        );
    }
}
