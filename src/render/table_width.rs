//! How wide a table is at least, in mail on a phone.
//!
//! What a column cannot go below is its longest word. At 14 px a character
//! takes 7 of them, and a column 16 for the room around it. An estimate: which
//! face a client has nobody knows.

use comrak::nodes::Node;
use unicode_width::UnicodeWidthStr;

use super::markdown::plain_text;

const CHARACTER: usize = 7;
const ROOM: usize = 16;
/// What a phone of 360 CSS pixels has for the text of a mail.
const SCREEN: usize = 320;

pub struct TableWidth {
    pub pixels: usize,
    pub columns: usize,
    /// The longest word of all.
    pub longest: String,
}

impl TableWidth {
    pub fn of(table: Node<'_>) -> Self {
        let words = longest_words(table);
        let pixels = words.iter().map(|word| word.width() * CHARACTER + ROOM).sum();
        let columns = words.len();
        let longest = words.into_iter().max_by_key(|word| word.width()).unwrap_or_default();
        Self { pixels, columns, longest }
    }

    /// Whether some columns are out of sight.
    pub fn scrolls(&self) -> bool {
        self.pixels > SCREEN
    }
}

/// The longest word of each column.
fn longest_words(table: Node<'_>) -> Vec<String> {
    let mut longest: Vec<String> = Vec::new();
    for row in table.children() {
        for (index, cell) in row.children().enumerate() {
            let text = plain_text(cell);
            // An address breaks anywhere, other words after a hyphen.
            let words = text.split([' ', '-', '–', '/']).filter(|word| !word.contains("://"));
            let word = words.max_by_key(|word| word.width()).unwrap_or_default();
            match longest.get_mut(index) {
                Some(before) if before.width() >= word.width() => {}
                Some(before) => word.clone_into(before),
                None => longest.push(word.to_owned()),
            }
        }
    }
    longest
}
