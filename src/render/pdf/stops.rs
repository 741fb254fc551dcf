//! Marks between the words of a paragraph that has a footnote, by which the
//! template sees a line of it that would stand alone on its page.
//!
//! Typst keeps first and last lines company, but forgets it where the line
//! after a break brings a note (`hold` in `templates/pdf/render.typ`). Only
//! such paragraphs are marked, and only where their first two and their last
//! two lines may be: each mark parts a run of text.

use super::nodes::{Element, Elements};

/// More letters than a line has on any of our papers, and some of the next.
const REACH: usize = 130;

/// The elements of a paragraph, marked if it has a footnote and is longer than
/// a line. `of` is its number.
pub(super) fn marked(paragraph: Elements, of: usize) -> Elements {
    let letters: usize = paragraph.iter().map(letters).sum();
    if letters < REACH || !paragraph.iter().any(brings_note) {
        return paragraph;
    }
    let of = of.to_string();
    let stop = || Element::Stop { of: of.clone() };
    let is_near_an_end = |at: usize| at <= REACH || at + REACH >= letters;
    let mut marked = vec![Element::Hold { of: of.clone() }];
    let mut at = 0;
    for element in paragraph {
        let before = at;
        at += self::letters(&element);
        match element {
            Element::Text { text } => {
                let mut at = before;
                let mut run = String::new();
                for word in text.split_inclusive(' ') {
                    at += word.chars().count();
                    run.push_str(word);
                    if is_near_an_end(at) && word.ends_with(' ') {
                        marked.extend([Element::Text { text: std::mem::take(&mut run) }, stop()]);
                    }
                }
                if !run.is_empty() {
                    marked.push(Element::Text { text: run });
                }
            }
            other => marked.push(other),
        }
    }
    marked
}

fn brings_note(element: &Element) -> bool {
    match element {
        Element::Footnote { .. } => true,
        other => other.inner().iter().any(brings_note),
    }
}

/// Letters in the lines of an element: not those of a note.
fn letters(element: &Element) -> usize {
    match element {
        Element::Text { text } | Element::Code { text } => text.chars().count(),
        Element::Space => 1,
        Element::Footnote { .. } => 1,
        other => other.inner().iter().map(letters).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Element {
        Element::Text { text: text.to_owned() }
    }

    fn note() -> Element {
        Element::Footnote { id: 0, children: vec![text("Pod čarou, a to dost dlouze.")] }
    }

    /// The words as they stand, a bar for each mark, an asterisk for a note.
    fn shown(elements: &[Element]) -> String {
        let show = |element: &Element| match element {
            Element::Text { text } => text.clone(),
            Element::Stop { .. } => "|".to_owned(),
            Element::Hold { .. } => "<".to_owned(),
            Element::Footnote { .. } => "*".to_owned(),
            _ => "?".to_owned(),
        };
        elements.iter().map(show).collect()
    }

    #[test]
    fn the_first_and_the_last_lines_are_marked_between_words_and_the_rest_is_whole() {
        let middle = "uprostřed ".repeat(40);
        let words = format!("Na začátku. {middle}A na konci");
        let marked = shown(&marked(vec![text(&words), note(), text(".")], 7));
        assert!(marked.starts_with("<Na |začátku. |uprostřed |"), "{marked}");
        assert!(marked.contains("uprostřed uprostřed uprostřed uprostřed"), "{marked}");
        assert!(marked.ends_with("uprostřed |A |na |konci*."), "{marked}");
        let unmarked: String = marked.chars().filter(|c| !"<|*".contains(*c)).collect();
        assert_eq!(unmarked, format!("{words}."));
    }

    #[test]
    fn a_paragraph_without_a_note_or_of_one_line_is_left_alone() {
        let long = "slova ".repeat(50);
        assert_eq!(shown(&marked(vec![text(&long)], 0)), long);
        assert_eq!(shown(&marked(vec![text("Krátce"), note()], 0)), "Krátce*");
    }

    #[test]
    fn a_note_inside_other_words_counts() {
        let inside = Element::Emph { children: vec![text("důraz"), note()] };
        let marked = shown(&marked(vec![text(&"slova ".repeat(30)), inside], 0));
        assert!(marked.starts_with("<slova |"), "{marked}");
    }
}
