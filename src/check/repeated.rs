//! A sentence or a word that stands there twice, as it does after cutting and
//! pasting.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use comrak::nodes::NodeValue;
use regex::Regex;

use super::{Passage, Rule, Text};
use crate::model::{Findings, Severity};

/// Shorter sentences may well be a refrain.
const MIN_WORDS: usize = 6;

/// Words that are said twice on purpose, or in Czech by grammar: “seznámil se
/// se základy”.
const TWICE: [&str; 13] = [
    "se", "had", "that", "very", "really", "many", "moc", "velmi", "mnoho", "no", "jo", "ha", "bla",
];

static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\p{L}\d]+").expect("a pattern"));
/// Where a sentence ends: a capital letter follows, so that “č. 325” and
/// “např. obec” do not end one. “J. Nováková” does, and hardly ever twice.
static END: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[.!?…]+[“”’»)]*\s+(?:[„“»(]*\p{Lu})").expect("a pattern"));

pub struct Repeated;

const DOC: &str = "\
A sentence that stands there twice, or a word twice in a row.

Sentences of six words and more, without regard to capital letters and
punctuation. Headings, cells of tables and what ends with a colon may be alike. A quotation that is shown again on
purpose can be allowed:

        <!-- hlas allow repeated: úryvek ze závěru -->
";

impl Rule for Repeated {
    fn name(&self) -> &'static str {
        "repeated"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for passage in text.passages() {
            if matches!(passage.node.data().value, NodeValue::Paragraph) {
                self.sentences(text, &passage, &mut seen, findings);
            }
            for part in doubled(&passage.text) {
                let word = &passage.text[part.clone()];
                let place = passage.place(text.manuscript, part.clone());
                let message = format!("“{word}” twice in a row");
                findings.push(text.finding_at(self, place, message).help("take one away"));
            }
        }
    }
}

impl Repeated {
    fn sentences(
        &self,
        text: &Text<'_>,
        passage: &Passage<'_>,
        seen: &mut HashMap<String, usize>,
        findings: &mut Findings,
    ) {
        for part in sentences(&passage.text) {
            let words: Vec<String> = WORD
                .find_iter(&passage.text[part.clone()])
                .map(|word| word.as_str().to_lowercase())
                .collect();
            let leads_on = passage.text[part.clone()].trim_end().ends_with(':');
            if words.len() < MIN_WORDS || leads_on {
                continue;
            }
            let place = passage.place(text.manuscript, part);
            let line = place.line;
            if let Some(first) = seen.get(&words.join(" ")) {
                let message = format!("the same sentence as on line {first}");
                let help = "keep one of them, or say it otherwise";
                findings.push(text.finding_at(self, place, message).help(help));
            }
            seen.entry(words.join(" ")).or_insert(line);
        }
    }
}

fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(end) = END.find_at(text, from) {
        let gap = end.as_str().find(char::is_whitespace).unwrap_or(0);
        let next = end.as_str()[gap..].find(|c: char| !c.is_whitespace()).unwrap_or(0);
        parts.push(start..end.start() + gap);
        start = end.start() + gap + next;
        from = end.end();
    }
    parts.push(start..text.len());
    parts
}

/// The second of two equal words with nothing but space between.
fn doubled(text: &str) -> Vec<Range<usize>> {
    let words: Vec<_> = WORD.find_iter(text).collect();
    let pairs = words.windows(2).filter(|pair| {
        let [one, two] = pair else { return false };
        let between = &text[one.end()..two.start()];
        let lower = two.as_str().to_lowercase();
        let is_name = one.as_str().starts_with(char::is_uppercase)
            && two.as_str().starts_with(char::is_uppercase);
        !between.is_empty()
            && between.chars().all(char::is_whitespace)
            && one.as_str().to_lowercase() == lower
            && lower.chars().all(char::is_alphabetic)
            && !is_name
            && !text[two.end()..].starts_with(')')
            && !TWICE.contains(&lower.as_str())
    });
    pairs.map(|pair| pair[1].range()).collect()
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn a_sentence_pasted_twice_is_named_at_its_second_place() {
        assert_eq!(
            told(
                "Podle č. 325 čeká *každý* žadatel příliš dlouho. Proč?\n\nKonec. Podle č. 325 čeká každý\nžadatel příliš dlouho! Proč?\n"
            ),
            ["8:8 repeated Warning: the same sentence as on line 6"]
        );
    }

    #[test]
    fn a_word_twice_in_a_row_is_named_and_a_name_is_not() {
        assert_eq!(
            told(
                "Víme, že\nže v Baden Baden a a) seznámí se se vším je to, to velmi velmi dobře.\n"
            ),
            ["7:1 repeated Warning: “že” twice in a row"]
        );
    }
}
