//! `*.bib` beside a text (BibTeX or BibLaTeX) → the works it may cite.
//!
//! The parser stops at the first mistake, and a file from a reference manager
//! may have many. So an entry with a mistake is blanked out, told with its
//! line and column, and the rest is read again: the surprise is that its key
//! stays known, for a citation of it is no second mistake.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use biblatex::{Chunk, ChunksExt, ParseError, ParseErrorKind, RawBibliography, Spanned};

use crate::model::{Bibliography, Finding, Findings, Place, Work, hole};

/// More entries than this with mistakes in them: not a bibliography.
const MOST_MISTAKES: usize = 50;
/// A bibliography over this many bytes is a whole library.
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// The bibliography among the files of a publication's folder.
pub(super) fn bibliography(
    folder: &Path,
    files: &[PathBuf],
    findings: &mut Findings,
) -> Option<Bibliography> {
    let is_bib = |path: &&PathBuf| {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("bib"))
    };
    let mut found = files.iter().filter(is_bib);
    let path = found.next()?;
    let shown = |path: &Path| folder.join(path.file_name().unwrap_or_default());
    for other in found {
        let message = format!("there is another bibliography, {}", shown(path).display());
        findings.push(
            Finding::error("bibliography", Place::start(shown(other)), message)
                .help("put all entries into one .bib file and delete the other"),
        );
    }
    match read(path, &shown(path)) {
        Ok(text) => Some(parse(&shown(path), &text, findings)),
        Err(finding) => {
            findings.push(finding);
            Some(Bibliography { file: shown(path), text: "".into(), works: Vec::new() })
        }
    }
}

fn read(path: &Path, shown: &Path) -> Result<String, Finding> {
    let place = Place::start(shown);
    let unreadable = |error: std::io::Error| {
        Finding::error("unreadable", place.clone(), format!("cannot read the file: {error}"))
            .help("see that you may read it")
    };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(Finding::error("too-long", place, "the bibliography is over 2 MB")
            .help("export only what this publication cites"));
    }
    let text = super::decode(shown, &std::fs::read(path).map_err(unreadable)?)?;
    match text.find([hole::OPEN, hole::CLOSE, '\0']) {
        None => Ok(text),
        Some(offset) => Err(Finding::error(
            "private-character",
            Place::at_offset(shown, &text, offset),
            "a character that has no meaning in text (private use or NUL)",
        )
        .help("delete it; it often comes with text copied from a PDF")),
    }
}

pub(crate) fn parse(file: &Path, text: &str, findings: &mut Findings) -> Bibliography {
    let source: Arc<str> = text.into();
    let mut sound = text.to_owned();
    let mut works = BTreeMap::new();
    for mistakes in 0.. {
        let Err(error) = read_works(file, text, &sound, &mut works, findings, &source) else {
            break;
        };
        let offset = match error.kind {
            ParseErrorKind::UnexpectedEof => unclosed(&sound).unwrap_or(text.len()),
            _ => error.span.start.min(text.len()),
        };
        let place = Place::at_offset(file, text, offset);
        findings.push(told(&error, place).source(&source));
        let entry = entry_around(&sound, offset);
        if entry.is_empty() || mistakes == MOST_MISTAKES {
            break;
        }
        let key = key_of(&sound, &entry);
        if !key.is_empty() {
            let broken = Work {
                key: text[key.clone()].to_owned(),
                place: Place::at_offset(file, text, key.start).spanning(key.len()),
                entry: None,
            };
            if !matches!(error.kind, ParseErrorKind::DuplicateKey(_)) {
                works.insert(key.start, broken);
            }
        }
        let blank: String = sound[entry.clone()]
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
            .collect();
        sound.replace_range(entry, &blank);
    }
    let works = works.into_values().collect();
    Bibliography { file: file.to_owned(), text: source, works }
}

/// Reads all entries, by where their keys stand, or tells the first mistake.
fn read_works(
    file: &Path,
    text: &str,
    sound: &str,
    works: &mut BTreeMap<usize, Work>,
    findings: &mut Findings,
    source: &Arc<str>,
) -> Result<(), ParseError> {
    let raw = RawBibliography::parse(sound)?;
    let keys: BTreeMap<String, Range<usize>> = raw
        .entries
        .iter()
        .map(|entry| (entry.v.key.v.to_owned(), entry.v.key.span.clone()))
        .collect();
    for mut entry in biblatex::Bibliography::from_raw(raw)? {
        join_subtitle(&mut entry);
        let Some(span) = keys.get(&entry.key) else { continue };
        let place = Place::at_offset(file, text, span.start);
        let converted = hayagriva::Entry::try_from(&entry).map_err(|error| {
            let place = Place::at_offset(file, text, error.span.start);
            let message = format!("the entry `{}` cannot be read: {}", entry.key, error.kind);
            findings.push(
                Finding::error("bibliography", place, message)
                    .help("see how the field is written in other entries")
                    .source(source),
            );
        });
        let place = place.spanning(entry.key.chars().count());
        works.insert(span.start, Work { key: entry.key, place, entry: converted.ok() });
    }
    Ok(())
}

/// hayagriva has no subtitles: they go with their titles, as ISO 690 has them.
fn join_subtitle(entry: &mut biblatex::Entry) {
    for (title, subtitle) in
        [("title", "subtitle"), ("booktitle", "booksubtitle"), ("journaltitle", "journalsubtitle")]
    {
        let Some(more) = entry.remove(subtitle) else { continue };
        let Some(main) = entry.get(title) else { continue };
        let mut whole = main.to_vec();
        let colon = if main.format_verbatim().ends_with(['?', '!', '.', ':']) { " " } else { ": " };
        whole.push(Spanned::detached(Chunk::Normal(colon.to_owned())));
        whole.extend(more);
        entry.set(title, whole);
    }
}

/// Where lines begin with the `@` of an entry.
fn starts(text: &str) -> Vec<usize> {
    let mut offset = 0;
    let mut starts = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('@') {
            starts.push(offset);
        }
        offset += line.len();
    }
    starts
}

/// From the entry that begins at or before an offset, to the next one.
fn entry_around(text: &str, offset: usize) -> Range<usize> {
    let starts = starts(text);
    let next = starts.iter().position(|start| *start > offset).unwrap_or(starts.len());
    match next.checked_sub(1).and_then(|index| starts.get(index)) {
        Some(start) => *start..starts.get(next).copied().unwrap_or(text.len()),
        // A mistake before any entry takes all up to the first one with it.
        None => 0..starts.first().copied().unwrap_or(0),
    }
}

/// The first entry with more braces opened than closed. The parser sees it at
/// the end of the file only, with all other entries swallowed.
fn unclosed(text: &str) -> Option<usize> {
    starts(text).into_iter().find(|start| {
        let entry = &text[entry_around(text, *start)].replace("\\{", "").replace("\\}", "");
        entry.matches('{').count() > entry.matches('}').count()
    })
}

/// What stands between the brace and the comma of an entry.
fn key_of(text: &str, entry: &Range<usize>) -> Range<usize> {
    let whole = &text[entry.clone()];
    let Some(open) = whole.find('{') else { return 0..0 };
    let inside = &whole[open + 1..];
    let length = inside.find([',', '\n', '}', '=']).unwrap_or(inside.len());
    let key = &inside[..length];
    let start = entry.start + open + 1 + (key.len() - key.trim_start().len());
    start..start + key.trim().len()
}

fn told(error: &ParseError, place: Place) -> Finding {
    let (message, help) = match &error.kind {
        ParseErrorKind::DuplicateKey(key) => (
            format!("the key `{key}` stands here a second time"),
            "give one of the two entries another key, or delete it",
        ),
        ParseErrorKind::UnknownAbbreviation(word) => (
            format!("`{word}` is neither a number nor in braces"),
            "put the value between braces: {…}",
        ),
        ParseErrorKind::UnexpectedEof => (
            "the entry is not closed".to_owned(),
            "close the entry with a brace: each { needs its }",
        ),
        other => (
            format!("not valid BibTeX: {other}"),
            "an entry reads @book{key, author = {…}, title = {…}, year = {2026}}; a comma after each field",
        ),
    };
    Finding::error("bibliography", place, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Vec<String>, Vec<String>) {
        let mut findings = Findings::new();
        let found = parse(Path::new("p/literatura.bib"), text, &mut findings);
        let keys = found.works.iter().map(|work| {
            let mark = if work.entry.is_some() { "" } else { " (broken)" };
            format!("{} {}{mark}", work.place, work.key)
        });
        let told = findings.iter().map(|it| format!("{} {}: {}", it.rule, it.place, it.message));
        (keys.collect(), told.collect())
    }

    #[test]
    fn every_mistake_is_told_and_hides_no_other_entry() {
        let (keys, told) = parsed(
            "% Knihovna\n@book{vrba2024,\n  title = {Lhůty a {Říční} lidé},\n  author = {Vrba, Jan}\n}\n\
             @report{mv2025,\n  title = {Zpráva}\n  year = 2025\n}\n\
             @misc{zakon, title = {Zákon}}\n@book{vrba2024, title = {Podruhé}}\n\
             @book{konec, title = {Nedopsaná}, year = {nedávno}, note = loni}\n",
        );
        assert_eq!(
            keys,
            [
                "p/literatura.bib:2:7 vrba2024",
                "p/literatura.bib:6:9 mv2025 (broken)",
                "p/literatura.bib:10:7 zakon",
                "p/literatura.bib:12:7 konec (broken)",
            ]
        );
        insta::assert_snapshot!(told.join("\n"), @r"
        bibliography p/literatura.bib:8:3: not valid BibTeX: expected comma
        bibliography p/literatura.bib:11:1: the key `vrba2024` stands here a second time
        bibliography p/literatura.bib:12:60: `loni` is neither a number nor in braces
        ");
    }

    #[test]
    fn what_is_left_open_is_told_where_it_begins() {
        let text = "@book{a, title = {Á}}\n\n@book{b, title = {B\n\n@book{c, title = {C}}\n";
        let (keys, told) = parsed(text);
        let whole =
            ["p/literatura.bib:1:7 a", "p/literatura.bib:3:7 b (broken)", "p/literatura.bib:5:7 c"];
        assert_eq!(keys, whole);
        assert_eq!(told, ["bibliography p/literatura.bib:3:1: the entry is not closed"]);
    }

    #[test]
    fn subtitles_and_latex_letters_are_read() {
        let mut findings = Findings::new();
        let text =
            "@book{a, title = {\\v{R}\\'{\\i}zen\\'i}, subtitle = {Co trv{\\'a}}, year = 2024}";
        let found = parse(Path::new("l.bib"), text, &mut findings);
        assert_eq!(findings, []);
        let entry = found.work("a").and_then(|work| work.entry.as_ref()).unwrap();
        assert_eq!(entry.title().unwrap().value.to_string(), "Řízení: Co trvá");
    }
}
