//! Marks between the words of a paragraph that has a footnote, by which the
//! template sees a line of it that would stand alone on its page.
//!
//! Typst keeps first and last lines company, but forgets it where the line
//! after a break brings a note (`held` in `templates/pdf/main.typ`). Only such
//! paragraphs are marked, and only where their first two and their last two
//! lines may be, for each mark parts a run of text.

use super::nodes::{Element, Elements};

/// More letters than a line has on any of our papers, and some of the next.
const REACH: usize = 130;

/// Letters from a mark to the next: a line has more of them. The last line may
/// have less, so in this many before the end every word is marked.
const STEP: usize = 24;

/// Paragraphs that are marked in a text: beyond them are books.
const MOST: usize = 150;

/// The elements of a paragraph, marked if it has a footnote and is longer than
/// a line. `of` is its number among those that were.
pub(super) fn marked(paragraph: Elements, of: &mut usize) -> Elements {
    let letters: usize = paragraph.iter().map(letters).sum();
    if letters < REACH || *of == MOST || !paragraph.iter().any(brings_note) {
        return paragraph;
    }
    *of += 1;
    let of = of.to_string();
    let is_near_an_end = |at: usize| at <= REACH || at + REACH >= letters;
    let mut marked = vec![Element::Hold { of: of.clone() }];
    let (mut at, mut last) = (0, 0);
    for element in paragraph {
        let Element::Text { text } = element else {
            at += self::letters(&element);
            marked.push(element);
            continue;
        };
        let mut run = String::new();
        for word in text.split_inclusive(' ') {
            at += word.chars().count();
            run.push_str(word);
            let is_due = at >= last + STEP || at + STEP >= letters;
            if word.ends_with(' ') && is_near_an_end(at) && is_due {
                last = at;
                marked.push(Element::Text { text: std::mem::take(&mut run) });
                marked.push(Element::Stop { of: of.clone() });
            }
        }
        if !run.is_empty() {
            marked.push(Element::Text { text: run });
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
        let marked = shown(&marked(vec![text(&words), note(), text(".")], &mut 0));
        assert!(marked.starts_with("<Na začátku. uprostřed uprostřed |"), "{marked}");
        assert!(marked.contains(&"uprostřed ".repeat(15)), "{marked}");
        assert!(marked.ends_with("uprostřed |A |na |konci*."), "{marked}");
        let unmarked: String = marked.chars().filter(|c| !"<|*".contains(*c)).collect();
        assert_eq!(unmarked, format!("{words}."));
    }

    #[test]
    fn a_paragraph_without_a_note_or_of_one_line_is_left_alone() {
        let long = "slova ".repeat(50);
        assert_eq!(shown(&marked(vec![text(&long)], &mut 0)), long);
        assert_eq!(shown(&marked(vec![text("Krátce"), note()], &mut 0)), "Krátce*");
    }

    #[test]
    fn a_note_inside_other_words_counts() {
        let inside = Element::Emph { children: vec![text("důraz"), note()] };
        let marked = shown(&marked(vec![text(&"slova ".repeat(30)), inside], &mut 0));
        assert!(marked.starts_with("<slova slova slova slova |"), "{marked}");
    }

    #[test]
    fn in_a_book_no_more_paragraphs_are_marked() {
        let mut of = MOST;
        let marked = shown(&marked(vec![text(&"slova ".repeat(30)), note()], &mut of));
        assert!(!marked.contains('|'), "{marked}");
    }
}
