//! A footnote mark without its footnote stays in the text as `[^name]`; one in
//! an alternative text is lost, and its note has no way back.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::Findings;

pub struct Footnote;

const DOC: &str = "\
A footnote mark without its footnote, or in an alternative text.

It would stay in the text as `[^name]`. Notes are written on a line of their
own, anywhere in the text. Alternative texts have no marks: put it behind the
picture, or into the caption.

Right:  Počet žádostí vzrostl.[^mv]

        [^mv]: Ministerstvo vnitra, výroční zpráva 2025, s. 12.
";

impl Rule for Footnote {
    fn name(&self) -> &'static str {
        "footnote"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            let data = node.data();
            if let NodeValue::FootnoteReference(mark) = &data.value {
                if node.ancestors().any(|it| matches!(it.data().value, NodeValue::Image(_))) {
                    let message =
                        format!("the mark [^{}] in an alternative text is lost", mark.name);
                    let help = "put it behind the picture, or into the caption";
                    findings.push(text.finding(self, node, message).help(help));
                }
                continue;
            }
            let NodeValue::Text(literal) = &data.value else { continue };
            for name in undefined(literal) {
                let mark = format!("[^{name}]");
                let place = text.place_of(node, &mark);
                findings.push(
                    text.finding_at(self, place, format!("the footnote {mark} is not there"))
                        .help(format!("add a line of its own: [^{name}]: the note")),
                );
            }
        }
    }
}

/// The names in what looks like a footnote mark but was left as text.
fn undefined(text: &str) -> impl Iterator<Item = &str> {
    text.split("[^").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once(']')?;
        let fits = !name.is_empty() && !name.contains(char::is_whitespace);
        fits.then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_mark_without_a_note_is_an_error() {
        assert_eq!(
            told("Tvrzení.[^pramen]\n"),
            ["6:9 footnote Error: the footnote [^pramen] is not there"]
        );
    }

    #[test]
    fn a_mark_in_an_alternative_text_is_an_error() {
        assert_eq!(
            told("![Graf[^mv]](graf.svg)\n\n[^mv]: Pramen.\n"),
            ["6:7 footnote Error: the mark [^mv] in an alternative text is lost"]
        );
    }

    #[test]
    fn code_may_show_marks() {
        assert_eq!(told("Piš `[^1]`.\n"), Vec::<String>::new());
    }
}
