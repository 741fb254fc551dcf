//! The summary: what stands beside the subject in an inbox, under the title in
//! feeds and lists, and in what search engines show.

use super::{Rule, Text};
use crate::model::{Findings, Severity, Status};

/// Characters; three or four sentences. An inbox shows the first hundred, a
/// search engine about 160, a feed reader all of it.
const MAX_CHARACTERS: usize = 320;

pub struct Summary;

const DOC: &str = "\
A summary that is missing, or over 320 characters.

It stands beside the subject in an inbox, under the title in feeds, on the
index and on the first page of the PDF. Whoever reads nothing else reads this:
two sentences, the point first. A draft may still be without.

Right:  summary: Začlenění dětí do veřejného pojištění bylo dobré rozhodnutí. Zůstaly tři mezery.
";

impl Rule for Summary {
    fn name(&self) -> &'static str {
        "summary"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let manuscript = text.manuscript;
        let Some(summary) = &manuscript.summary else {
            if manuscript.status == Status::Ready
                && let Some(place) = text.field_place("title")
            {
                let message = "there is no summary";
                let help = "add a line summary: with the point in two sentences";
                findings.push(text.finding_at(self, place, message).help(help));
            }
            return;
        };
        let length = summary.chars().count();
        if length > MAX_CHARACTERS
            && let Some(place) = text.field_place("summary")
        {
            let message = format!("the summary has {length} characters, over {MAX_CHARACTERS}");
            let help = "keep the point, two sentences; the rest is for the text";
            findings.push(text.finding_at(self, place, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::check::tests::told_of;
    use crate::render::specimen;

    fn told(head: &str, summary: Option<&str>) -> Vec<String> {
        let mut publication = specimen::commentary("Text.\n");
        let manuscript = &mut publication.manuscripts[0];
        manuscript.text = Arc::from(format!("---\n{head}\n---\nText.\n"));
        manuscript.lines_before_body = head.lines().count() + 2;
        manuscript.title = "Zkouška".to_owned();
        manuscript.summary = summary.map(str::to_owned);
        told_of(&specimen::workspace(), &publication)
    }

    #[test]
    fn it_is_there_and_short_enough_to_be_read() {
        assert_eq!(told("title: Zkouška", None), ["2:8 summary Warning: there is no summary"]);
        let long = "ž".repeat(321);
        assert_eq!(
            told(&format!("title: Zkouška\nsummary: >\n  {long}"), Some(&long)),
            ["4:3 summary Warning: the summary has 321 characters, over 320"]
        );
        assert_eq!(told("title: Zkouška\nsummary: Krátce.", Some("Krátce.")), Vec::<String>::new());
    }
}
