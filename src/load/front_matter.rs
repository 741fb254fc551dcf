//! The YAML between the first two `---` lines, read field by field.
//!
//! Read generically rather than into a struct, so that every field that is
//! wrong gets its own finding at its own line and column, not just the first.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::nearest;
use crate::model::{Finding, Findings, Place, hole};

/// The fields of a manuscript that hlas knows.
pub const FIELDS: [&str; 20] = [
    "title",
    "subtitle",
    "summary",
    "kind",
    "date",
    "number",
    "authors",
    "topics",
    "working_group",
    "members",
    "subject",
    "to",
    "at",
    "not_after",
    "attach",
    "pictures",
    "updated",
    "gather",
    "status",
    "typography",
];

/// What fields of other tools are called, with the way out: texts come from
/// blogs, notes and reference managers.
const ELSEWHERE: [(&[&str], &str); 7] = [
    (
        &["abstract", "description", "excerpt", "lead", "perex", "teaser"],
        "here it is called `summary`",
    ),
    (&["categories", "category", "keywords", "tag", "tags"], "here they are called `topics`"),
    (&["author", "byline", "creator"], "here they are called `authors`"),
    (&["audience", "recipients", "segment", "segments"], "here it is called `to`"),
    (&["lang", "language", "locale"], "the name of the file says it: cs.md, en.md"),
    (&["permalink", "slug", "url"], "the name of the folder says it"),
    (&["css", "layout", "template", "theme"], "take it away: looks are the business of the theme"),
];

/// A file cut in two: what stands between the fences, and the text.
pub struct Parts<'t> {
    pub yaml: &'t str,
    pub body: &'t str,
    pub lines_before_body: usize,
}

/// Cuts a manuscript at its fences; `None` where there are none.
pub fn split(text: &str) -> Option<Parts<'_>> {
    let mut offset = 0;
    let mut start = None;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        // YAML has another mark for its end, which pandoc reads too.
        let mark = line.trim_end();
        let fence = mark == "---" || (index > 0 && mark == "...");
        match start {
            None if index == 0 && fence => start = Some(line.len()),
            None => return None,
            Some(start) if fence => {
                return Some(Parts {
                    yaml: &text[start..offset],
                    body: &text[offset + line.len()..],
                    lines_before_body: index + 1,
                });
            }
            Some(_) => {}
        }
        offset += line.len();
    }
    None
}

/// One value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    /// `key:` with nothing behind it.
    Empty,
    Scalar(String),
    List(Vec<Spanned<Node>>),
    Map(Vec<Entry>),
}

type Entry = (Spanned<String>, Spanned<Node>);

/// The fields of one manuscript, and what is wrong with them so far.
pub struct Fields<'f> {
    file: &'f Path,
    text: &'f Arc<str>,
    entries: Vec<Entry>,
    broken: bool,
    pub findings: Findings,
}

impl<'f> Fields<'f> {
    /// Reads the YAML of `file`, whose whole text is `text`.
    pub fn read(file: &'f Path, text: &'f Arc<str>, yaml: &str) -> Self {
        let mut fields =
            Self { file, text, entries: Vec::new(), broken: false, findings: Findings::new() };
        if yaml.trim().is_empty() {
            return fields;
        }
        match serde_saphyr::from_str::<Entries>(yaml) {
            Ok(Entries(entries)) => fields.entries = entries,
            Err(error) => fields.unreadable(&error),
        }
        fields.unknown_fields(&FIELDS);
        fields
    }

    fn unreadable(&mut self, error: &serde_saphyr::Error) {
        self.broken = true;
        let location = error.location().unwrap_or(Location::UNKNOWN);
        let message = error
            .without_snippet()
            .to_string()
            .lines()
            .next()
            .map(|line| line.split(" at line ").next().unwrap_or(line).to_owned())
            .unwrap_or_default();
        // The library speaks to programmers of its own options there.
        let twice = message.contains("duplicate mapping key");
        let (message, help) = if twice {
            let message = message.split(", set ").next().unwrap_or("").split("; ").next();
            (message.unwrap_or("").to_owned(), "state each field once")
        } else {
            (message, "put values that hold a colon or a quote between \"quotes\"")
        };
        let message = format!("the front matter is not valid YAML: {message}");
        let finding = Finding::error("front-matter", self.place(location), message);
        self.findings.push(finding.source(self.text).help(help));
    }

    /// Other tools' fields are no error: the text may have come from a blog.
    fn unknown_fields(&mut self, known: &[&'static str]) {
        for (key, _) in &self.entries {
            if known.contains(&key.value.as_str()) {
                continue;
            }
            let place = self.place(key.referenced).spanning(key.value.chars().count());
            let finding = Finding::warning(
                "front-matter",
                place,
                format!("unknown field `{}`, not used", key.value),
            );
            let name = key.value.to_lowercase();
            let elsewhere = ELSEWHERE.iter().find(|(names, _)| names.contains(&name.as_str()));
            let help = match (elsewhere, nearest(&name, known.iter().copied())) {
                (Some((_, help)), _) => (*help).to_owned(),
                (None, Some(close)) => format!("did you mean `{close}`?"),
                (None, None) => format!("the fields are {}", known.join(", ")),
            };
            self.findings.push(finding.source(self.text).help(help));
        }
    }

    /// A location in the YAML as a place in the file, whose first line is the fence.
    /// A value with its quotes, as far as it goes in its first line.
    fn place_of_value(&self, node: &Spanned<Node>) -> Place {
        let place = self.place(node.referenced);
        let Node::Scalar(text) = &node.value else { return place };
        let line = self.text.lines().nth(place.line - 1).unwrap_or_default().trim_end();
        let quotes = 2 * usize::from(self.is_quoted(&place));
        let there = line.chars().count().saturating_sub(place.column - 1);
        place.spanning((text.chars().count() + quotes).min(there))
    }

    fn is_quoted(&self, place: &Place) -> bool {
        let line = self.text.lines().nth(place.line - 1).unwrap_or_default();
        matches!(line.chars().nth(place.column - 1), Some('"' | '\''))
    }

    fn place(&self, location: Location) -> Place {
        let line = usize::try_from(location.line()).unwrap_or(0).max(1) + 1;
        let column = usize::try_from(location.column()).unwrap_or(1);
        Place::new(self.file, line, column)
    }

    fn node(&self, field: &str) -> Option<&Spanned<Node>> {
        self.entries.iter().find(|(key, _)| key.value == field).map(|(_, node)| node)
    }

    /// Whether the YAML could not be read, so that nothing else is known.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether the file states the field at all.
    pub fn states(&self, field: &str) -> bool {
        self.node(field).is_some_and(|node| node.value != Node::Empty)
    }

    /// Whether a field has no value. One whose value is of the wrong shape has
    /// been told of, and is not missing too.
    pub fn lacks(&self, field: &str) -> bool {
        let is_blank = |text: &str| text.trim().is_empty();
        self.node(field).is_none_or(|node| match &node.value {
            Node::Empty => true,
            Node::Scalar(text) => is_blank(text),
            Node::List(_) | Node::Map(_) => false,
        })
    }

    /// Where the value of a field stands; the file's start when it is missing.
    pub fn place_of(&self, field: &str) -> Place {
        self.node(field).map_or_else(|| Place::start(self.file), |node| self.place_of_value(node))
    }

    /// Where the name of a field stands; the file's start when it is missing.
    pub fn place_of_name(&self, field: &str) -> Place {
        let entry = self.entries.iter().find(|(key, _)| key.value == field);
        entry.map_or_else(|| Place::start(self.file), |(key, _)| self.place(key.referenced))
    }

    /// The fields indented below a field, of which `known` are understood;
    /// `None` where it holds anything else. What is wrong with them is put
    /// down with them.
    pub fn below(&self, field: &str, known: &[&'static str]) -> Option<Fields<'f>> {
        let Node::Map(entries) = &self.node(field)?.value else { return None };
        let mut below = Fields {
            file: self.file,
            text: self.text,
            entries: entries.clone(),
            broken: false,
            findings: Findings::new(),
        };
        below.unknown_fields(known);
        Some(below)
    }

    /// Puts down something wrong with the value of `field`.
    pub fn wrong(&mut self, field: &str, message: impl Into<String>, help: impl Into<String>) {
        self.wrong_at(self.place_of(field), message, help);
    }

    pub fn wrong_at(&mut self, place: Place, message: impl Into<String>, help: impl Into<String>) {
        let finding = Finding::error("front-matter", place, message).source(self.text).help(help);
        self.findings.push(finding);
    }

    /// One line of text; empty counts as not stated.
    pub fn text(&mut self, field: &str) -> Option<String> {
        match self.node(field).map(|node| node.value.clone())? {
            Node::Scalar(text) => {
                // YAML escapes ("\\uE010") could bring in what loading refuses.
                let text = text.replace([hole::OPEN, hole::CLOSE], "");
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                (!text.is_empty()).then_some(text)
            }
            Node::Empty => None,
            Node::List(_) | Node::Map(_) => {
                let message = format!("`{field}` is a list, but takes one text");
                self.wrong(field, message, "write the text between \"quotes\", without [ ] or -");
                None
            }
        }
    }

    /// A yes or no.
    pub fn switch(&mut self, field: &str) -> Option<bool> {
        let written = self.text(field)?;
        let value = match written.to_lowercase().as_str() {
            "true" | "yes" | "on" => true,
            "false" | "no" | "off" => false,
            _ => {
                self.wrong(
                    field,
                    format!("`{written}` is neither true nor false"),
                    "write false to switch it off",
                );
                return None;
            }
        };
        Some(value)
    }

    /// People, as they are to be read. One alone needs no brackets; a comma in
    /// it may part people or belong to a degree (`Jana Nováková, Ph.D.`).
    pub fn names(&mut self, field: &str) -> Option<Vec<String>> {
        if let Some(Node::Scalar(text)) = self.node(field).map(|node| node.value.clone()) {
            let (name, rest) = text.split_once(',').unwrap_or((&text, ""));
            let is_person = |name: &str| name.split_whitespace().count() > 1;
            if is_person(name) && rest.split(',').any(is_person) {
                let (place, message) = (self.place_of(field), format!("`{text}` is one author"));
                let finding = Finding::warning("front-matter", place, message).source(self.text);
                let help = format!("several stand in brackets: {field}: [{text}]");
                self.findings.push(finding.help(help));
            }
            return Some(vec![text]);
        }
        Some(self.list(field)?.into_iter().map(|(name, _)| name).collect())
    }

    /// Several words, each with its place; without brackets commas part them.
    pub fn list(&mut self, field: &str) -> Option<Vec<(String, Place)>> {
        let node = self.node(field)?.clone();
        match node.value {
            Node::Empty => None,
            Node::Scalar(text) => Some(self.parted(&text, &self.place(node.referenced))),
            Node::Map(_) => {
                let message = format!("`{field}` takes a list of texts");
                self.wrong(field, message, format!("write {field}: [first, second]"));
                None
            }
            Node::List(items) => Some(self.texts(field, items)),
        }
    }

    /// The words of a text that commas part, which begins at `place`.
    fn parted(&self, text: &str, place: &Place) -> Vec<(String, Place)> {
        let mut column = place.column + usize::from(self.is_quoted(place));
        let mut words = Vec::new();
        for part in text.split(',') {
            let gap = part.chars().take_while(|c| c.is_whitespace()).count();
            let word = part.trim();
            if !word.is_empty() {
                let place = Place::new(self.file, place.line, column + gap);
                words.push((word.to_owned(), place.spanning(word.chars().count())));
            }
            column += part.chars().count() + 1;
        }
        words
    }

    fn texts(&mut self, field: &str, items: Vec<Spanned<Node>>) -> Vec<(String, Place)> {
        let mut texts = Vec::new();
        for item in items {
            let place = self.place(item.referenced);
            match item.value {
                Node::Scalar(text) => texts.push((text, place)),
                _ => self.wrong_at(
                    place,
                    format!("`{field}` takes a list of texts"),
                    "write one text an item",
                ),
            }
        }
        texts
    }
}

/// All the entries of the front matter, in order.
struct Entries(Vec<Entry>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;
        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lines of the form `title: …`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;
        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Scalar(text.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_string()))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_string()))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_string()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_string()))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
                Ok(Node::Empty)
            }

            fn visit_none<E: de::Error>(self) -> Result<Node, E> {
                Ok(Node::Empty)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Map(entries))
            }
        }
        deserializer.deserialize_any(NodeVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let text: Arc<str> = Arc::from(text);
        let parts = split(&text).unwrap();
        let fields = Fields::read(Path::new("cs.md"), &text, parts.yaml);
        fields
            .findings
            .iter()
            .map(|finding| format!("{} {} → {}", finding.place, finding.message, finding.help))
            .collect()
    }

    #[test]
    fn a_file_is_cut_at_its_fences() {
        let parts = split("---\r\ntitle: Á\r\n---\r\nText\r\n").unwrap();
        assert_eq!((parts.yaml, parts.body), ("title: Á\r\n", "Text\r\n"));
        assert_eq!(parts.lines_before_body, 3);
        assert!(split("Text\n---\n").is_none());
        assert!(split("---\ntitle: x\n").is_none());
        assert!(split("").is_none());
    }

    #[test]
    fn texts_lists_and_plain_scalars_are_read_as_written() {
        let text: Arc<str> = Arc::from(
            "---\ntitle: 2026\ndate: 2026-10-05\nauthors: [Jana, Petr]\nto: vsem\nat:\n---\n",
        );
        let parts = split(&text).unwrap();
        let mut fields = Fields::read(Path::new("cs.md"), &text, parts.yaml);
        assert_eq!(fields.text("title").as_deref(), Some("2026"));
        assert_eq!(fields.text("date").as_deref(), Some("2026-10-05"));
        let authors = fields.list("authors").unwrap();
        assert_eq!(authors[1].0, "Petr");
        assert_eq!(authors[1].1.to_string(), "cs.md:4:17");
        assert_eq!(fields.list("to").unwrap()[0].0, "vsem");
        assert!(!fields.states("at"));
        assert!(fields.findings.is_empty());
    }

    #[test]
    fn without_brackets_commas_part_words_but_a_degree_is_part_of_a_name() {
        let text: Arc<str> = Arc::from(
            "---\nto: politici, úřady\ntopics: \"zdraví, škola\"\nauthors: Jana Nováková, Petr Svoboda\n---\n",
        );
        let parts = split(&text).unwrap();
        let mut fields = Fields::read(Path::new("cs.md"), &text, parts.yaml);
        let placed = |list: Vec<(String, Place)>| {
            list.into_iter().map(|(word, it)| format!("{word} {}:{}", it.line, it.column)).collect()
        };
        let to: Vec<String> = placed(fields.list("to").unwrap());
        assert_eq!(to, ["politici 2:5", "úřady 2:15"]);
        let topics: Vec<String> = placed(fields.list("topics").unwrap());
        assert_eq!(topics, ["zdraví 3:10", "škola 3:18"]);
        assert_eq!(fields.names("authors").unwrap().len(), 1);
        assert_eq!(
            fields.findings[0].help,
            "several stand in brackets: authors: [Jana Nováková, Petr Svoboda]"
        );
        let degree: Arc<str> = Arc::from("---\nauthors: Mgr. Jana Nováková, Ph.D.\n---\n");
        let parts = split(&degree).unwrap();
        let mut fields = Fields::read(Path::new("cs.md"), &degree, parts.yaml);
        assert_eq!(fields.names("authors").unwrap(), ["Mgr. Jana Nováková, Ph.D."]);
        assert!(fields.findings.is_empty());
    }

    #[test]
    fn unknown_fields_are_warned_of_with_the_nearest() {
        assert_eq!(
            findings("---\ntitel: x\nhero: y\n---\n")[0],
            "cs.md:2:1 unknown field `titel`, not used → did you mean `title`?"
        );
    }

    #[test]
    fn what_other_tools_call_it_is_told_by_its_name_here() {
        assert_eq!(
            findings("---\ntitle: x\nPerex: y\ntags: [z]\nlang: cs\n---\n")[..3],
            [
                "cs.md:3:1 unknown field `Perex`, not used → here it is called `summary`",
                "cs.md:4:1 unknown field `tags`, not used → here they are called `topics`",
                "cs.md:5:1 unknown field `lang`, not used → the name of the file says it: cs.md, en.md",
            ]
        );
    }

    #[test]
    fn three_full_stops_end_the_front_matter_too() {
        let parts = split("---\ntitle: x\n...\n\nText.\n\n...\n").expect("two parts");
        assert_eq!(
            (parts.yaml, parts.body, parts.lines_before_body),
            ("title: x\n", "\nText.\n\n...\n", 3)
        );
    }

    #[test]
    fn the_guide_for_authors_explains_every_field() {
        let guide = include_str!("../../docs/writing.md");
        for field in FIELDS {
            assert!(guide.contains(&format!("\n| `{field}` | ")), "{field}");
        }
    }

    #[test]
    fn broken_yaml_has_a_line_and_a_column() {
        let broken = findings("---\ntitle: x\nsummary: a: b\n---\n");
        assert_eq!(broken.len(), 1);
        assert!(broken[0].starts_with("cs.md:3:"), "{broken:?}");
        let twice = findings("---\ntitle: x\ntitle: y\n---\n");
        assert!(twice[0].starts_with("cs.md:3:1 "), "{twice:?}");
    }
}
