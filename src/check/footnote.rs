//! A footnote mark without its footnote stays in the text as `[^name]`.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::model::Findings;

pub struct Footnote;

const DOC: &str = "\
A footnote mark without its footnote.

It would stay in the text as `[^name]`. Notes are written on a line of their
own, anywhere in the text.

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
    fn code_may_show_marks() {
        assert_eq!(told("Piš `[^1]`.\n"), Vec::<String>::new());
    }
}
