//! The words by which a line is known as a caption or as a source.
//!
//! An author may write in any language of the house, so all words are known in
//! all texts; `Table:`, `Figure:` and `Source:` are good everywhere.

use comrak::nodes::{Node, NodeValue};

/// What a label may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labelled {
    Picture,
    Table,
}

/// The beginning of a caption: `Tabulka 2:`, `Graf:`, pandoc's `:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// How long it is.
    pub characters: usize,
    /// A label with a number is read, for the text refers to it; one without
    /// is only a mark for us.
    pub printed: bool,
}

const TABLES: &[&str] = &["tabulka", "tab", "table"];
const PICTURES: &[&str] = &[
    "graf",
    "obrázek",
    "obr",
    "mapa",
    "schéma",
    "diagram",
    "infografika",
    "figure",
    "fig",
    "chart",
    "graph",
    "map",
    "scheme",
    "infographic",
];
const SOURCES: &[&str] = &[
    "zdroj",
    "zdroje",
    "pramen",
    "prameny",
    "foto",
    "fotografie",
    "source",
    "sources",
    "photo",
    "credit",
];
/// What is to be known when reading a table or picture; set like its source.
const NOTES: &[&str] = &["pozn", "poznámka", "poznámky", "vysvětlivky", "note", "notes", "nb"];

/// The label that a caption begins with.
pub fn label(text: &str, labelled: Labelled) -> Option<Label> {
    let start = text.trim_start();
    let indent = text.chars().count() - start.chars().count();
    if labelled == Labelled::Table
        && let Some(rest) = start.strip_prefix(": ")
        && !rest.trim().is_empty()
    {
        return Some(Label { characters: indent + 2, printed: false });
    }
    let words = match labelled {
        Labelled::Picture => PICTURES,
        Labelled::Table => TABLES,
    };
    let (word, rest) = split_word(start);
    words.contains(&word.to_lowercase().as_str()).then_some(())?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let (number, rest) = split_number(rest);
    let rest = rest.trim_start();
    let said = match number {
        None => rest.strip_prefix(':')?,
        Some(_) => rest.strip_prefix([':', '.', '–', '—', '-', '|'])?,
    };
    let speaks =
        !said.trim().is_empty() && (number.is_none() || said.starts_with(char::is_whitespace));
    speaks.then(|| Label {
        characters: indent + start.chars().count() - said.chars().count(),
        printed: number.is_some(),
    })
}

/// A caption without a label that a number might change in: `Graf 2:`.
pub fn unlabelled(caption: &str) -> &str {
    let label = label(caption, Labelled::Picture);
    let from = label.and_then(|it| caption.char_indices().nth(it.characters));
    from.map_or(caption, |(offset, _)| caption[offset..].trim_start())
}

/// What a sentence calls a figure whose caption begins with a label and a
/// number, without the endings that Czech gives it: `graf` and `2`.
pub fn called(caption: &str) -> Option<(&'static str, &str)> {
    let start = caption.trim_start();
    let kinds = [Labelled::Picture, Labelled::Table];
    let label = kinds.into_iter().find_map(|kind| label(start, kind))?;
    let (word, rest) = split_word(start);
    let (number, _) = split_number(rest.strip_prefix('.').unwrap_or(rest));
    label.printed.then_some((stem(word)?, number?))
}

/// What all forms of a word that figures are called by begin with: *grafu*,
/// *v tabulce*, *fig.*
pub fn stem(word: &str) -> Option<&'static str> {
    const STEMS: [&str; 10] =
        ["tab", "graf", "obr", "map", "schém", "diagram", "infogra", "fig", "chart", "scheme"];
    const LONGEST_ENDING: usize = 6;
    let word = word.to_lowercase();
    // “Graph” is the English of “graf”.
    let word = word.replace("graph", "graf");
    let fits = |stem: &&str| {
        word.strip_prefix(stem).is_some_and(|ending| ending.chars().count() <= LONGEST_ENDING)
    };
    STEMS.into_iter().find(fits)
}

/// Whether a line says where a picture or its numbers come from, or what is to
/// be known when reading it: `Zdroj:`, `Zdroj dat:`, `Foto:`, `Pozn.:`, with
/// something after the colon.
pub fn is_source(text: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let Some((head, said)) = text.trim_start().split_once(':') else { return false };
    let mut words = head.split_whitespace();
    let known = words.next().is_some_and(|first| {
        let first = first.to_lowercase();
        SOURCES.contains(&first.as_str()) || NOTES.contains(&first.trim_end_matches('.'))
    });
    known && words.count() < MOST_WORDS && !said.trim().is_empty()
}

fn split_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len()))
}

/// ` 2`, ` 2.1`, ` 3a`, ` IV`.
fn split_number(text: &str) -> (Option<&str>, &str) {
    let start = text.trim_start();
    if start.len() == text.len() {
        return (None, text);
    }
    let end = start.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(start.len());
    let number = start[..end].trim_end_matches('.');
    let roman = !number.is_empty() && number.chars().all(|c| matches!(c, 'I' | 'V' | 'X'));
    if roman || number.starts_with(|c: char| c.is_ascii_digit()) {
        (Some(number), &start[number.len()..])
    } else {
        (None, text)
    }
}

/// Takes characters from the beginning of a paragraph, and the space after.
pub fn strip(paragraph: Node<'_>, characters: usize) {
    let mut left = characters;
    for node in paragraph.descendants().collect::<Vec<_>>() {
        let NodeValue::Text(text) = &mut node.data_mut().value else { continue };
        let cut = text.char_indices().nth(left).map_or(text.len(), |(offset, _)| offset);
        left -= text[..cut].chars().count();
        let rest = text[cut..].to_owned();
        let rest = if left == 0 { rest.trim_start().to_owned() } else { rest };
        let done = left == 0 && !rest.is_empty();
        *text = rest.into();
        if done {
            break;
        }
    }
    for node in paragraph.descendants().skip(1).collect::<Vec<_>>() {
        let hollow = matches!(node.data().value, NodeValue::Emph | NodeValue::Strong);
        if hollow && super::plain_text(node).is_empty() {
            node.detach();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Option<(usize, bool)> {
        label(text, Labelled::Table).map(|label| (label.characters, label.printed))
    }

    #[test]
    fn a_number_makes_a_label_part_of_the_caption() {
        assert_eq!(known("Tabulka: Čekání v krajích"), Some((8, false)));
        assert_eq!(known("Tabulka 2: Čekání"), Some((10, true)));
        assert_eq!(known("Tab. 2.1 – Čekání"), Some((10, true)));
        assert_eq!(known("TABLE IV. Waiting"), Some((9, true)));
        assert_eq!(known(": Čekání"), Some((2, false)));
    }

    #[test]
    fn a_sentence_about_a_table_is_no_caption() {
        for sentence in [
            "Tabulka 1 ukazuje, že se čeká.",
            "Tabulka ukazuje dvě věci: kdo a kde.",
            "Tabulkami se zabývá kdekdo: i my.",
            "Tabulka:",
            "Graf 1: Počet",
            "",
        ] {
            assert_eq!(known(sentence), None, "{sentence}");
        }
        assert!(label("Graf 1: Počet", Labelled::Picture).is_some());
    }

    #[test]
    fn a_figure_is_called_the_same_in_all_cases_of_its_word() {
        assert_eq!(called("Graf 2: Počet žádostí"), Some(("graf", "2")));
        assert_eq!(called("Tab. 2.1 – Čekání"), Some(("tab", "2.1")));
        assert_eq!(called("Tabulka: Čekání"), None);
        assert_eq!(called("Zdroj: Graf 2"), None);
        for (word, is) in [
            ("grafu", Some("graf")),
            ("Graph", Some("graf")),
            ("tabulce", Some("tab")),
            ("obrázkem", Some("obr")),
            ("mapě", Some("map")),
            ("schématu", Some("schém")),
            ("kapitole", None),
            ("tabulkovými", None),
        ] {
            assert_eq!(stem(word), is, "{word}");
        }
    }

    #[test]
    fn a_source_says_something_after_its_colon() {
        for line in ["Zdroj: MV, 2025", "Zdroj dat: ČSÚ", "Foto: Jana Malá", "Pozn.: bez Prahy"]
        {
            assert!(is_source(line), "{line}");
        }
        for line in ["Zdroje:", "Zdroj obživy", "Zdroje uvádějí i další důvod, totiž: čas", ""]
        {
            assert!(!is_source(line), "{line}");
        }
    }
}
