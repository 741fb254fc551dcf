//! The lines of a block: what is said of a chart, then its rows or the name of
//! the file that has them.
//!
//! It reads as front matter does, without being YAML: a colon in a title needs
//! no quotes, for nobody expects that of a title. Long values go on in lines
//! that are set in.

use super::{At, Sheet, Told};
use crate::model::{ChartKind, Findings};

/// What may be said of a chart, with the words that people try in its place.
const KEYS: [(&str, &[&str]); 7] = [
    ("kind", &["druh", "typ", "type"]),
    ("title", &["titul", "titulek", "název", "nazev", "nadpis", "name", "heading"]),
    ("alt", &["popis", "description", "desc"]),
    ("unit", &["jednotka", "jednotky", "units"]),
    ("source", &["zdroj", "zdroje", "pramen", "sources"]),
    ("note", &["poznámka", "poznamka", "notes"]),
    ("data", &["soubor", "file", "csv"]),
];

const KINDS: &str = "write bar, line, stacked or dot";

/// A block as typed: every value with its place, all of them optional.
pub struct Block {
    kind: Option<ChartKind>,
    fields: Vec<Field>,
    /// The first line of the rows.
    rows_at: usize,
    rows: String,
}

struct Field {
    key: &'static str,
    value: String,
    at: At,
}

/// The line of the fence, for what is nowhere.
pub(super) const FENCE: At = At { line: 0, column: 1, length: 3 };

impl Block {
    /// Reads a block; without the findings that are made here it is sound as
    /// far as its head goes.
    pub fn read(sheet: &Sheet<'_>, findings: &mut Findings) -> Self {
        let mut told = Told { sheet, findings };
        let (fields, end) = head(sheet.text, &mut told);
        let lines = sheet.text.lines().skip(end);
        let rows = lines.collect::<Vec<_>>().join("\n");
        let mut block = Self { kind: None, fields, rows_at: end + 1, rows };
        block.kind = block.kind(&mut told);
        block.require("title", "say in a line `title: …` what the chart is about", &mut told);
        let help = "say in a line `alt: …` what the chart shows, for those who cannot see it";
        block.require("alt", help, &mut told);
        let alt_at = block.field("alt").map(|field| field.at);
        if let Some(at) = alt_at.filter(|_| block.text("alt") == block.text("title")) {
            let help = "say what the chart shows: who has most, how it went up or down";
            told.wrong(at, "the alternative text only repeats the title", help);
        }
        block
    }

    /// The file that has the rows, and where it is named.
    pub fn data(&self) -> Option<(&str, At)> {
        self.field("data").map(|field| (field.value.as_str(), field.at))
    }

    /// The rows that stand in the block itself, with the line of the first.
    pub fn rows(&self) -> (&str, usize) {
        (&self.rows, self.rows_at)
    }

    pub fn text(&self, key: &str) -> Option<String> {
        let value = self.field(key)?.value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Where the value of a key stands.
    pub fn place_of(&self, key: &str) -> Option<At> {
        self.field(key).map(|field| field.at)
    }

    pub(super) fn chart_kind(&self) -> Option<ChartKind> {
        self.kind
    }

    fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    fn require(&self, key: &str, help: &str, told: &mut Told<'_, '_>) {
        if self.text(key).is_none() {
            let at = self.field(key).map_or(FENCE, |field| field.at);
            told.wrong(at, format!("the chart has no `{key}`"), help);
        }
    }

    fn kind(&self, told: &mut Told<'_, '_>) -> Option<ChartKind> {
        let Some(field) = self.field("kind").filter(|field| !field.value.is_empty()) else {
            told.wrong(FENCE, "the chart has no `kind`", KINDS);
            return None;
        };
        match field.value.to_lowercase().as_str() {
            "bar" | "bars" | "column" | "columns" => Some(ChartKind::Bar),
            "line" | "lines" => Some(ChartKind::Line),
            "stacked" | "stacked bar" | "stacked bars" => Some(ChartKind::Stacked),
            "dot" | "dots" => Some(ChartKind::Dot),
            other => {
                let help = match other {
                    "pie" | "koláč" | "koláčový" | "donut" => {
                        "angles are hard to compare: write bar, or stacked for parts of a whole"
                    }
                    "sloupce" | "sloupcový" => "write bar",
                    "čára" | "spojnicový" | "čárový" => "write line",
                    "skládaný" => "write stacked",
                    "body" | "bodový" => "write dot",
                    _ => KINDS,
                };
                told.wrong(field.at, format!("there is no kind of chart `{}`", field.value), help);
                None
            }
        }
    }
}

/// The fields, and how many lines they take with the line after them.
fn head(text: &str, told: &mut Told<'_, '_>) -> (Vec<Field>, usize) {
    let mut fields: Vec<Field> = Vec::new();
    let mut known = false;
    let mut lines = 0;
    for (index, line) in text.lines().enumerate() {
        let bare = line.trim();
        if bare.is_empty() && fields.is_empty() && !known {
            lines = index + 1;
            continue;
        }
        if bare.is_empty() || (bare.len() >= 3 && bare.bytes().all(|byte| byte == b'-')) {
            return (fields, index + 1);
        }
        if line.starts_with([' ', '\t']) && known {
            if let Some(field) = fields.last_mut() {
                field.value = format!("{} {bare}", field.value).trim().to_owned();
            }
            continue;
        }
        let Some((key, value)) = key_and_value(line) else { return (fields, index) };
        known = true;
        let at = |from: &str| {
            let column = line.chars().count() - from.trim_start().chars().count() + 1;
            At { line: index + 1, column, length: from.trim().chars().count().max(1) }
        };
        let key_at = At { line: index + 1, column: 1, length: key.chars().count() };
        match named(key) {
            Ok(key) if fields.iter().any(|field| field.key == key) => {
                told.wrong(key_at, format!("`{key}` stands twice"), "keep one of them");
            }
            Ok(key) => fields.push(Field { key, value: unquoted(value).to_owned(), at: at(value) }),
            Err(help) => {
                told.wrong(key_at, format!("a chart has no `{key}`"), help);
            }
        }
        lines = index + 1;
    }
    (fields, lines)
}

/// A line such as `title: …`; a row of data has what separates cells before
/// any colon.
fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim();
    let is_word = !key.is_empty() && key.chars().all(|c| c.is_alphabetic() || c == '_' || c == '-');
    (is_word && (value.is_empty() || value.starts_with([' ', '\t']))).then_some((key, value))
}

fn named(written: &str) -> Result<&'static str, String> {
    let small = written.to_lowercase();
    if let Some((key, _)) = KEYS.iter().find(|(key, _)| *key == small) {
        return Ok(key);
    }
    let by_word = KEYS.iter().find(|(_, words)| words.contains(&small.as_str()));
    let near = || {
        let near = |key: &&str| strsim::damerau_levenshtein(&small, key) <= 1 + key.len() / 4;
        KEYS.iter().map(|(key, _)| *key).find(near)
    };
    Err(match by_word.map(|(key, _)| *key).or_else(near) {
        Some(key) => format!("did you mean `{key}`?"),
        None => {
            let keys: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
            format!("there are: {}; rows follow after an empty line", keys.join(", "))
        }
    })
}

/// Quotes around a value are no part of it, as in front matter.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let inside = |quote| value.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
    inside('"').filter(|inside| !inside.contains('"')).unwrap_or(value)
}
