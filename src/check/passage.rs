//! The text of one block as it is read, with the place of every character.
//!
//! Emphasis, links and line ends cut a sentence into many nodes, and entities
//! and backslashes make it shorter than it was written; a rule about sentences
//! or numbers wants the whole of it, and still the column.

use comrak::nodes::{Node, NodeValue};

use crate::model::{Manuscript, Place};

/// Stands for what is no text inside one: code, a picture, a footnote's mark.
pub const OBJECT: char = '\u{fffc}';

/// What a reader reads in one go.
pub struct Passage<'a> {
    pub node: Node<'a>,
    pub text: String,
    /// For each character of `text`: its byte there, its line and its column
    /// in the body.
    places: Vec<(usize, usize, usize)>,
}

impl<'a> Passage<'a> {
    /// The passage that a node is, if it is one.
    pub fn of(manuscript: &Manuscript, node: Node<'a>) -> Option<Self> {
        let is_passage = matches!(
            node.data().value,
            NodeValue::Paragraph
                | NodeValue::Heading(_)
                | NodeValue::TableCell
                | NodeValue::Image(_)
        );
        if !is_passage {
            return None;
        }
        let mut passage = Self { node, text: String::new(), places: Vec::new() };
        let lines: Vec<&str> = manuscript.body.lines().collect();
        for child in node.children() {
            passage.gather(child, &lines);
        }
        Some(passage)
    }

    fn gather(&mut self, node: Node<'a>, lines: &[&str]) {
        let data = node.data();
        let (line, column) = (data.sourcepos.start.line, data.sourcepos.start.column);
        match &data.value {
            NodeValue::Text(literal) => {
                let source = lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
                let mut written = Written::new(source, column);
                for character in literal.chars() {
                    let column = written.column_of(character);
                    self.push(character, line, column);
                }
            }
            NodeValue::SoftBreak | NodeValue::LineBreak => self.push(' ', line, column),
            NodeValue::Code(_) | NodeValue::Image(_) | NodeValue::FootnoteReference(_) => {
                self.push(OBJECT, line, column);
            }
            _ => node.children().for_each(|child| self.gather(child, lines)),
        }
    }

    fn push(&mut self, character: char, line: usize, column: usize) {
        self.places.push((self.text.len(), line, column));
        self.text.push(character);
    }

    /// The place of a part of `text`, in bytes. What runs over the end of a
    /// line is marked up to there.
    pub fn place(&self, manuscript: &Manuscript, part: std::ops::Range<usize>) -> Place {
        let first = self.places.partition_point(|(byte, ..)| *byte < part.start);
        let Some((_, line, column)) = self.places.get(first).copied() else {
            let start = self.node.data().sourcepos.start;
            return manuscript.place(start.line, start.column);
        };
        let inside = self.places[first..]
            .iter()
            .take_while(|(byte, on, _)| *byte < part.end && *on == line)
            .last();
        let length = inside.map_or(1, |(.., last)| last + 1 - column.min(*last));
        manuscript.place(line, column).spanning(length)
    }
}

/// A line as written, read along with what it came to mean.
struct Written {
    characters: Vec<char>,
    next: usize,
}

impl Written {
    fn new(line: &str, column: usize) -> Self {
        Self { characters: line.chars().collect(), next: column.saturating_sub(1) }
    }

    /// The column of the next character, which came out as `character`.
    fn column_of(&mut self, character: char) -> usize {
        let column = self.next + 1;
        let rest = self.characters.get(self.next..).unwrap_or_default();
        let escaped = rest.first() == Some(&'\\') && rest.get(1) == Some(&character);
        let entity = (rest.first() == Some(&'&'))
            .then(|| rest.iter().take(32).position(|it| *it == ';'))
            .flatten()
            .filter(|end| {
                *end > 1 && (character != '&' || rest[1..*end].ends_with(&['a', 'm', 'p']))
            });
        self.next += match (escaped, entity) {
            (true, _) => 2,
            (_, Some(end)) => end + 1,
            _ => 1,
        };
        column
    }
}

#[cfg(test)]
mod tests {
    use comrak::Arena;

    use super::*;
    use crate::render::{markdown, specimen};

    #[test]
    fn every_word_has_its_place_behind_entities_escapes_emphasis_and_line_ends() {
        let body =
            "Žár &amp; \\*led **tuhý** `x` [jih](https://example.org/)[^a]\n> ne\n\n[^a]: sever\n";
        let publication = specimen::commentary(body);
        let manuscript = publication.leading();
        let arena = Arena::new();
        let root = markdown::parse(&arena, body);
        let passages: Vec<_> =
            root.descendants().filter_map(|node| Passage::of(manuscript, node)).collect();
        assert_eq!(passages[0].text, "Žár & *led tuhý \u{fffc} jih\u{fffc}");
        let place = |word: &str| {
            let found = passages.iter().find_map(|it| Some((it, it.text.find(word)?))).unwrap();
            let place = found.0.place(manuscript, found.1..found.1 + word.len());
            (place.line - manuscript.lines_before_body, place.column, place.length)
        };
        for (word, column) in [("Žár", 1), ("*led", 11), ("tuhý", 19), ("jih", 31)] {
            assert_eq!(place(word).1, column, "{word}");
        }
        assert_eq!(place("ne"), (2, 3, 2));
        assert_eq!(place("sever"), (4, 7, 5));
    }
}
