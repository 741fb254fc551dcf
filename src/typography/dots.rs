//! Three full stops are an ellipsis. Four are not, nor are two in a path.

use super::words::Words;
use super::{Edit, Kind};

pub fn edits(words: &Words<'_>, edits: &mut Vec<Edit>) {
    let bytes = words.text.as_bytes();
    for (at, _) in words.text.match_indices("...") {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(at + 3).copied();
        let dots = before == Some(b'.') || after == Some(b'.');
        // `1...5` is a range in some programming language.
        let digits =
            before.is_some_and(|b| b.is_ascii_digit()) && after.is_some_and(|b| b.is_ascii_digit());
        let path = after == Some(b'/');
        if !dots && !digits && !path && !words.is_frozen(at) {
            edits.push(Edit { range: at..at + 3, with: '…', kind: Kind::Ellipsis });
        }
    }
}
