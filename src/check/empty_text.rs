//! A publication that says nothing.

use super::{Rule, Text};
use crate::model::{Finding, Findings, Status};
use crate::render::markdown::plain_text;

pub struct EmptyText;

const DOC: &str = "\
A publication without a text.

It would go out as a mail with nothing in it. Write the text below the front
matter, or set `status: draft`.
";

impl Rule for EmptyText {
    fn name(&self) -> &'static str {
        "empty-text"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let ready = text.manuscript.status == Status::Ready;
        if ready && plain_text(text.root).trim().is_empty() {
            let finding =
                Finding::error(self.name(), text.manuscript.place(1, 1), "there is no text")
                    .help("write it below the front matter, or set status: draft");
            findings.push(finding.source(&text.manuscript.text));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn front_matter_alone_is_no_publication() {
        assert_eq!(told("\n<!-- později -->\n"), ["6:1 empty-text Error: there is no text"]);
    }
}
