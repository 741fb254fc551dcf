//! The blocks that an author may open with `:::name`, and what they mean.
//!
//! comrak hands over the line behind the colons as it was typed; here alone it
//! is read. The surprise is whom a block is for that cannot be read: nobody.
//! `check` stops such a publication, but should one ever come this far, what
//! stands in it was perhaps not meant for all.

use comrak::nodes::{Node, NodeValue};

use crate::model::Language;

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// The key findings.
    Summary,
    Recommendations,
    /// One member organisation's own view; the id of the member.
    Perspective(String),
    /// Somebody's words in another language than the text.
    Quote(Language),
    /// For readers of these segments, and nobody else.
    Only(Vec<String>),
    /// For readers of segments other than these; never for the public, which
    /// the readers of these are part of.
    Except(Vec<String>),
    /// Where in a newsletter stands what it gathers.
    Gathered,
}

/// The names, as an author writes them.
pub const NAMES: [&str; 7] =
    ["summary", "recommendations", "perspective", "quote", "only", "except", "gathered"];

/// A word behind the colons, and how many characters stand before it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'t> {
    pub text: &'t str,
    pub at: usize,
}

/// Why a block could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault<'t> {
    /// Colons alone: most likely they were to close a block that is not open.
    NoName,
    UnknownName(Word<'t>),
    /// A name that wants something behind it.
    NothingNamed(Word<'t>),
    /// A word that is no language tag.
    NoLanguage(Word<'t>),
    /// More than the name takes.
    TooMuch(Word<'t>),
}

/// Two or three letters, and a region if need be: `en`, `pt-BR` (BCP 47, 2.1).
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    let is_short = (2..=3).contains(&primary.len());
    is_short
        && primary.chars().all(|c| c.is_ascii_alphabetic())
        && parts
            .all(|part| (2..=8).contains(&part.len()) && part.chars().all(char::is_alphanumeric))
}

/// The words of a block's first line, parted by spaces or commas.
pub fn words(info: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let ends = info.char_indices().chain([(info.len(), ' ')]);
    for (offset, c) in ends {
        match (c.is_whitespace() || c == ',', start) {
            (false, None) => start = Some(offset),
            (true, Some(from)) => {
                let at = info[..from].chars().count();
                words.push(Word { text: &info[from..offset], at });
                start = None;
            }
            _ => {}
        }
    }
    words
}

impl Directive {
    /// Reads what stands behind the colons. Whether the members and segments
    /// that it names exist is another question.
    pub fn read(info: &str) -> Result<Self, Fault<'_>> {
        let words = words(info);
        let Some((name, named)) = words.split_first() else { return Err(Fault::NoName) };
        let ids = || named.iter().map(|word| word.text.to_owned()).collect::<Vec<_>>();
        let most = match name.text {
            "summary" | "recommendations" | "gathered" => 0,
            "perspective" | "quote" => 1,
            "only" | "except" => usize::MAX,
            _ => return Err(Fault::UnknownName(*name)),
        };
        match named.get(most) {
            Some(word) => return Err(Fault::TooMuch(*word)),
            None if most > 0 && named.is_empty() => return Err(Fault::NothingNamed(*name)),
            None if name.text == "quote" && !is_language(named[0].text) => {
                return Err(Fault::NoLanguage(named[0]));
            }
            None => {}
        }
        Ok(match name.text {
            "summary" => Self::Summary,
            "recommendations" => Self::Recommendations,
            "perspective" => Self::Perspective(named[0].text.to_owned()),
            "gathered" => Self::Gathered,
            "quote" => Self::Quote(Language::new(named[0].text)),
            "only" => Self::Only(ids()),
            _ => Self::Except(ids()),
        })
    }

    /// The block that a node is, if it is one that can be read.
    pub fn of(node: Node<'_>) -> Option<Self> {
        match &node.data().value {
            NodeValue::BlockDirective(block) => Self::read(&block.info).ok(),
            _ => None,
        }
    }

    /// The name as the author wrote it, which formats use as a class.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Recommendations => "recommendations",
            Self::Perspective(_) => "perspective",
            Self::Quote(_) => "quote",
            Self::Only(_) => "only",
            Self::Except(_) => "except",
            Self::Gathered => "gathered",
        }
    }

    /// Whether readers get what stands in it: those of a segment, or, with
    /// `None`, the public.
    pub fn is_for(&self, segment: Option<&str>) -> bool {
        match (self, segment) {
            (Self::Only(_) | Self::Except(_), None) => false,
            (Self::Only(ids), Some(segment)) => ids.iter().any(|id| id == segment),
            (Self::Except(ids), Some(segment)) => ids.iter().all(|id| id != segment),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_parted_by_spaces_or_commas() {
        let two = vec!["politicians".to_owned(), "officials".to_owned()];
        assert_eq!(Directive::read("only politicians officials"), Ok(Directive::Only(two.clone())));
        assert_eq!(Directive::read("except politicians,  officials"), Ok(Directive::Except(two)));
    }

    #[test]
    fn a_fault_knows_its_word_and_how_many_characters_stand_before_it() {
        let word = |text, at| Word { text, at };
        assert_eq!(Directive::read(""), Err(Fault::NoName));
        assert_eq!(Directive::read("pohled x"), Err(Fault::UnknownName(word("pohled", 0))));
        assert_eq!(Directive::read("only"), Err(Fault::NothingNamed(word("only", 0))));
        assert_eq!(Directive::read("perspective č d"), Err(Fault::TooMuch(word("d", 14))));
        assert_eq!(Directive::read("quote"), Err(Fault::NothingNamed(word("quote", 0))));
        assert_eq!(Directive::read("quote english"), Err(Fault::NoLanguage(word("english", 6))));
        assert_eq!(Directive::read("quote pt-BR"), Ok(Directive::Quote("pt-br".into())));
        assert_eq!(Directive::read("summary x"), Err(Fault::TooMuch(word("x", 8))));
    }

    #[test]
    fn the_public_gets_neither_what_is_for_some_nor_what_is_for_all_but_some() {
        let is_for = |info: &str, segment| Directive::read(info).expect("a block").is_for(segment);
        for info in ["only politicians", "only officials", "except politicians", "except officials"]
        {
            assert!(!is_for(info, None), "{info}");
        }
        let politicians = Some("politicians");
        assert!(is_for("only officials politicians", politicians));
        assert!(!is_for("only officials", politicians));
        assert!(!is_for("except officials politicians", politicians));
        assert!(is_for("except officials", politicians));
        assert!(is_for("summary", None));
    }
}
