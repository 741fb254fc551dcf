//! A text cut at its spaces, each word with and without the punctuation
//! around it, and told from what only looks like one: an address, a file, code.

use std::ops::Range;

/// What may stand before a word and is not of it.
const BEFORE: &[char] =
    &['(', '[', '{', '„', '‚', '“', '‘', '"', '\'', '«', '»', '–', '—', '’', '”'];
/// What may stand after one. A full stop is of the word: `č.` is not `č`.
const AFTER: &[char] = &[
    ')', ']', '}', '“', '”', '‘', '’', '"', '\'', '«', '»', ',', ';', ':', '!', '?', '…', '–', '—',
];

/// One word.
#[derive(Debug, Clone, Copy)]
pub struct Word<'t> {
    /// Byte offset in the text.
    pub start: usize,
    pub whole: &'t str,
    /// Without what stands before it.
    pub head: &'t str,
    /// Without what stands before and after it.
    pub core: &'t str,
    /// An address, file name or piece of code: nothing in it is touched.
    pub is_code: bool,
}

impl<'t> Word<'t> {
    fn new(start: usize, whole: &'t str) -> Self {
        let mut head = whole.trim_start_matches(BEFORE);
        // Typed or set, an ellipsis is not of the word.
        while let Some(rest) = head.strip_prefix("...").or_else(|| head.strip_prefix('…')) {
            head = rest.trim_start_matches(BEFORE);
        }
        let mut core = head.trim_end_matches(AFTER);
        while let Some(rest) = core.strip_suffix("...") {
            core = rest.trim_end_matches(AFTER);
        }
        Self { start, whole, head, core, is_code: is_code(core) }
    }

    pub fn end(&self) -> usize {
        self.start + self.whole.len()
    }

    /// `core` without a full stop that may be the sentence's.
    pub fn bare(&self) -> &'t str {
        self.core.strip_suffix('.').unwrap_or(self.core)
    }

    pub fn starts_upper(&self) -> bool {
        self.core.chars().next().is_some_and(char::is_uppercase)
    }

    pub fn starts_lower(&self) -> bool {
        self.core.chars().next().is_some_and(char::is_lowercase)
    }

    pub fn starts_with_digit(&self) -> bool {
        self.core.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether a sentence may begin after it.
    pub fn ends_sentence(&self) -> bool {
        let text = self.whole.trim_end_matches([')', ']', '“', '”', '‘', '’', '"', '\'']);
        text.ends_with(['.', '!', '?', '…', ':', '–', '—']) || matches!(text, "-" | "--" | "---")
    }
}

/// All the words of a text.
pub struct Words<'t> {
    pub text: &'t str,
    pub words: Vec<Word<'t>>,
    /// Where nothing may change, in order.
    pub frozen: Vec<Range<usize>>,
}

impl<'t> Words<'t> {
    pub fn of(text: &'t str) -> Self {
        let mut frozen = tags(text);
        let mut words = Vec::new();
        let mut start = None;
        for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
            match (start, character.is_whitespace()) {
                (None, false) => start = Some(at),
                (Some(from), true) => {
                    words.push(Word::new(from, &text[from..at]));
                    start = None;
                }
                _ => {}
            }
        }
        for word in words.iter_mut().filter(|_| !frozen.is_empty()) {
            word.is_code |= frozen.iter().any(|tag| tag.start < word.end() && word.start < tag.end);
        }
        let code = words.iter().filter(|word| word.is_code).map(|word| {
            let start = word.start + (word.whole.len() - word.head.len());
            start..start + word.core.len()
        });
        frozen.extend(code);
        Self { text, frozen: joined(frozen), words }
    }

    /// What stands between a word and the next one.
    pub fn gap(&self, index: usize) -> &'t str {
        match self.words.get(index + 1) {
            Some(next) => &self.text[self.words[index].end()..next.start],
            None => "",
        }
    }

    pub fn before(&self, index: usize) -> Option<&Word<'t>> {
        index.checked_sub(1).and_then(|index| self.words.get(index))
    }

    pub fn is_frozen(&self, at: usize) -> bool {
        let next = self.frozen.partition_point(|range| range.start <= at);
        self.frozen[..next].last().is_some_and(|range| range.contains(&at))
    }
}

/// Ranges in order, those that overlap as one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    ranges
}

/// Tags of template languages, which `check` has something to say about.
fn tags(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (open, close) in [("{{", "}}"), ("{%", "%}")] {
        let mut from = 0;
        while let Some(start) = text[from..].find(open).map(|at| from + at) {
            let Some(length) = text[start..].find(close) else { break };
            from = start + length + close.len();
            found.push(start..from);
        }
    }
    found
}

/// Whether a word is an address, a file or a piece of code.
fn is_code(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    if word.chars().all(char::is_alphabetic) {
        return false;
    }
    word.contains("://")
        || word.starts_with("www.")
        || word.contains(['_', '\\', '`', '@', '<', '>', '|', '#', '='])
        || word
            .strip_prefix("--")
            .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_alphabetic()))
        || word.starts_with("./")
        || word.starts_with("../")
        || has_extension(word)
}

/// `example.org/cesta`, `graf-10-15.svg`: a point between letters or digits
/// with two to six ASCII letters after it.
fn has_extension(word: &str) -> bool {
    let path = word.split(['/', '?']).next().unwrap_or(word);
    let last = word.rsplit('/').next().unwrap_or(word);
    [path, last].into_iter().any(|part| {
        part.rsplit_once('.').is_some_and(|(stem, extension)| {
            (2..=6).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_lowercase())
                && stem.len() > 1
                && stem.ends_with(|c: char| c.is_ascii_alphanumeric())
        })
    })
}
