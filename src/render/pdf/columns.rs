//! How wide the columns of a table are, by what stands in them.
//!
//! Typst would give a column of numbers as much as a column of sentences
//! (`1fr`), or let one long sentence take nearly all (`auto`). Here widths are
//! counted in letters, before anything is set, and are shares of the line.

use comrak::nodes::{Node, NodeValue};

use crate::model::Paper;
use crate::render::Document;
use crate::render::markdown::plain_text;

/// What a column of texts gets at most before the others have what they need.
const ROOM_FOR_TEXT: usize = 34;

/// Between a column and the next.
const GAP: usize = 2;

/// Letters of a table that fit into a line of the house's pages: the size of a
/// table's letters is that of `sizes.table` in `style.typ`, and Source Sans is
/// 0.47 of its size wide on the average of Czech.
pub(super) fn letters_across(document: &Document<'_>) -> usize {
    let pdf = &document.workspace.pdf;
    let paper = match pdf.paper {
        Paper::A4 => 210.0,
        Paper::A5 => 148.0,
        Paper::Letter => 215.9,
    };
    let points = (paper - pdf.margins.left - pdf.margins.right) / 25.4 * 72.0;
    let letter = 0.857 * pdf.text_size * 0.47;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred")]
    let letters = (points / letter).max(0.0) as usize;
    letters
}

/// The share of each column, in letters. When all that stands in them is more
/// than a line, each has what its longest word takes, so that no word runs into
/// the next column, and the rest goes to those that could use it.
pub(super) fn widths(table: Node<'_>, columns: usize, line: usize) -> Vec<usize> {
    let mut needs = vec![3; columns];
    let mut wants = vec![3; columns];
    for row in table.children() {
        let is_header = matches!(row.data().value, NodeValue::TableRow(true));
        for (index, cell) in row.children().take(columns).enumerate() {
            let text = plain_text(cell);
            let word = longest_word(&text, is_header);
            let whole = text.chars().count();
            // A head may wrap once.
            let whole = if is_header { (3 * whole).div_ceil(5) } else { whole };
            needs[index] = word.max(needs[index]);
            wants[index] = whole.min(ROOM_FOR_TEXT).max(word).max(wants[index]);
        }
    }
    let needs: Vec<usize> = needs.iter().map(|need| need + GAP).collect();
    let wants: Vec<usize> = wants.iter().map(|want| want + GAP).collect();
    let (needed, wanted) = (needs.iter().sum::<usize>(), wants.iter().sum::<usize>());
    if wanted <= line || needed >= line {
        return wants;
    }
    let share = |(need, want): (&usize, &usize)| {
        need + ((want - need) * (line - needed)).div_ceil(wanted - needed)
    };
    needs.iter().zip(&wants).map(share).collect()
}

/// Heads are set in bold, which is a tenth wider.
fn longest_word(text: &str, bold: bool) -> usize {
    let word = text.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
    if bold { (11 * word).div_ceil(10) } else { word }
}

#[cfg(test)]
mod tests {
    use comrak::{Arena, Options, parse_document};

    use super::*;

    /// The widths of a table with a line for `line` letters.
    fn widths_of(markdown: &str, line: usize) -> Vec<usize> {
        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.table = true;
        let root = parse_document(&arena, markdown, &options);
        let table = root.first_child().expect("a table");
        let columns = table.first_child().expect("a head").children().count();
        widths(table, columns, line)
    }

    #[test]
    fn columns_have_what_stands_in_them_while_there_is_room() {
        let table = "| Obec | Počet obyvatel |\n|---|--:|\n| Uherské Hradiště | 20 564 |\n";
        assert_eq!(widths_of(table, 90), [18, 11]);
    }

    #[test]
    fn no_head_runs_into_the_next_and_the_column_of_texts_gives_way() {
        let heads = "| Příklad | Návštěv za hodinu | Minut na návštěvu | Přepážek |";
        let table = format!(
            "{heads}\n|---|--:|--:|--:|\n| Souběh: o desetinu méně a o dvě minuty kratší | 27,5 | 17 | 8 |\n"
        );
        assert_eq!(widths_of(&table, 90), [36, 13, 13, 11]);
        let narrow = widths_of(&table, 60);
        assert_eq!(narrow, [26, 12, 13, 11]);
    }

    #[test]
    fn where_words_alone_are_more_than_a_line_each_has_its_share() {
        let table = "| Nejneobhospodařovávatelnější | Nejneobhospodařovávatelnějšími |\n|---|---|\n| a | b |\n";
        assert_eq!(widths_of(table, 40), [33, 35]);
    }
}
