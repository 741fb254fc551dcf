//! What typography changes in a text, each change at its place in the file.
//!
//! No rule: nothing is wrong with a text that gets set. It is here because an
//! analyst who wonders about a mark wants to know who put it there. The
//! surprise: the AST does not know where each of its characters stood, so
//! columns are found again by reading the source along with the text.

use std::path::Path;

use comrak::Arena;
use serde::Serialize;

use crate::load::front_matter::{self, Fields};
use crate::model::{Manuscript, Place, Workspace};
use crate::render::markdown;
use crate::render::markdown::typography::{Setting, settings};
use crate::typography::{Edit, Kind, OPAQUE, Typography, apply};

/// Characters shown before and after what changes.
const AROUND: (usize, usize) = (18, 22);

/// One change, with some words around it as they are before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub kind: Kind,
    pub place: Place,
    pub before: String,
    pub after: String,
}

/// All changes in one manuscript, in order; none where it is switched off.
pub fn changes(workspace: &Workspace, manuscript: &Manuscript) -> Vec<Change> {
    if !manuscript.typography {
        return Vec::new();
    }
    let rules = Typography::new(&manuscript.language, workspace);
    let mut changes = in_front_matter(manuscript, &rules);
    let arena = Arena::new();
    let root = markdown::parse_text(&arena, &manuscript.body);
    let lines = line_starts(&manuscript.body);
    let rules_in = |node| match markdown::quoted_language(node) {
        Some(language) => Typography::new(&language, workspace),
        None => rules.clone(),
    };
    for setting in settings(root, rules_in) {
        for (index, edit) in setting.edits.iter().enumerate() {
            let offset = offset_in_body(&setting, edit, &manuscript.body, &lines);
            let at = manuscript.text.len() - manuscript.body.len() + offset;
            changes.push(change(&setting.text, &setting.edits, index, manuscript, at));
        }
    }
    changes.sort_by(|a, b| a.place.cmp(&b.place));
    changes
}

/// The fields that are set when they are read.
fn in_front_matter(manuscript: &Manuscript, rules: &Typography) -> Vec<Change> {
    let mut changes = Vec::new();
    let Some(parts) = front_matter::split(&manuscript.text) else { return changes };
    let mut fields = Fields::read(Path::new(&manuscript.file), &manuscript.text, parts.yaml);
    for field in ["title", "subtitle", "summary", "subject"] {
        let Some(text) = fields.text(field) else { continue };
        let place = fields.place_of(field);
        let starts = line_starts(&manuscript.text);
        let from = offset(&manuscript.text, &starts, place.line, place.column);
        let edits = rules.edits(&text);
        for (index, edit) in edits.iter().enumerate() {
            let at = from + along(&manuscript.text[from..], &text, edit.range.start);
            changes.push(change(&text, &edits, index, manuscript, at));
        }
    }
    changes
}

fn change(text: &str, edits: &[Edit], index: usize, manuscript: &Manuscript, at: usize) -> Change {
    let edit = &edits[index];
    let length = text[edit.range.clone()].chars().count();
    let (before, after) = shown(text, edits, edit);
    let place = Place::at_offset(&manuscript.file, &manuscript.text, at).spanning(length);
    Change { kind: edit.kind, place, before, after }
}

/// Some words around an edit, before and after all that changes in them.
fn shown(text: &str, edits: &[Edit], edit: &Edit) -> (String, String) {
    let back = text[..edit.range.start].char_indices().rev().take(AROUND.0).last();
    let mut start = back.map_or(edit.range.start, |(at, _)| at);
    if start > 0 {
        let word =
            text[start..edit.range.start].find(' ').filter(|at| start + at + 1 < edit.range.start);
        start += word.map_or(0, |at| at + 1);
    }
    let ahead = text[edit.range.end..].char_indices().nth(AROUND.1);
    let mut end = ahead.map_or(text.len(), |(at, _)| edit.range.end + at);
    if end < text.len() {
        end = text[edit.range.end..end]
            .rfind(' ')
            .filter(|at| *at > 0)
            .map_or(end, |at| edit.range.end + at);
    }
    let inside = edits.iter().filter(|it| it.range.start >= start && it.range.end <= end);
    let moved: Vec<Edit> = inside
        .map(|it| Edit { range: it.range.start - start..it.range.end - start, ..it.clone() })
        .collect();
    let clean = |text: &str| text.replace(OPAQUE, "▢").replace('\n', " ");
    (clean(&text[start..end]), clean(&apply(&text[start..end], &moved)))
}

/// Where in the body the first character of an edit stands.
fn offset_in_body(setting: &Setting, edit: &Edit, body: &str, lines: &[usize]) -> usize {
    let piece = setting.pieces.partition_point(|(start, _)| *start <= edit.range.start);
    let Some((start, source)) = piece.checked_sub(1).map(|at| setting.pieces[at]) else { return 0 };
    let end = setting.pieces.get(piece).map_or(setting.text.len(), |(start, _)| *start);
    let from = offset(body, lines, source.start.line, source.start.column);
    from + along(&body[from..], &setting.text[start..end], edit.range.start - start)
}

/// How far into `source`, which is some text with escapes, entities and
/// quotes, byte `at` of that text stands; 0 where it cannot be told.
fn along(source: &str, text: &str, at: usize) -> usize {
    if let Some(offset) = read_along(source, &text[..at], &text[at..]) {
        return offset;
    }
    // A title stands somewhere behind the brackets.
    let found = source.find(text).map(|start| start + at);
    found
        .or_else(|| read_along(source.get(1..)?, &text[..at], &text[at..]).map(|it| it + 1))
        .unwrap_or(0)
}

fn read_along(source: &str, before: &str, rest: &str) -> Option<usize> {
    let wanted = rest.chars().next()?;
    let mut at = 0;
    for character in before.chars() {
        at = meet(source, at, character)?;
        let met = source[at..].chars().next()?;
        at += match met {
            '&' if character != '&' => source[at..].find(';')? + 1,
            _ if met.is_whitespace() => source[at..].len() - source[at..].trim_start().len(),
            _ => met.len_utf8(),
        };
    }
    meet(source, at, wanted)
}

/// The offset at which `wanted` stands, at `at` or behind an escape.
fn meet(source: &str, at: usize, wanted: char) -> Option<usize> {
    let mut rest = source[at..].chars();
    let met = rest.next()?;
    let same = |met: char| met == wanted || (met.is_whitespace() && wanted.is_whitespace());
    if same(met) || met == '&' {
        return Some(at);
    }
    let escaped = matches!(met, '\\' | '\'') && rest.next().is_some_and(same);
    escaped.then_some(at + 1)
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// The byte offset of a line and a column, both from 1.
fn offset(text: &str, lines: &[usize], line: usize, column: usize) -> usize {
    let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(text.len());
    let columns = text[start..].char_indices().nth(column.saturating_sub(1));
    columns.map_or(text.len(), |(at, _)| start + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::specimen;

    fn told(body: &str) -> Vec<String> {
        let publication = specimen::commentary(body);
        changes(&specimen::workspace(), &publication.manuscripts[0])
            .iter()
            .map(|it| {
                let (line, column) = (it.place.line, it.place.column);
                format!("{line}:{column} {} → {}", it.before, it.after).replace('\u{a0}', "␣")
            })
            .collect()
    }

    #[test]
    fn every_change_has_its_place_behind_escapes_entities_and_in_quotes() {
        let body = "První \\* &amp; *\"žluté\"* v\ndomě.\n\n> - Druhé - [a](https://example.org/ \"s. 12\")\n>   a `v k` 5 %\n";
        assert_eq!(
            told(body),
            [
                "6:17 První * & \"žluté\" v domě. → První * & „žluté“ v␣domě.",
                "6:23 První * & \"žluté\" v domě. → První * & „žluté“ v␣domě.",
                "6:27 * & \"žluté\" v domě. → * & „žluté“ v␣domě.",
                "9:10 Druhé - a a ▢ 5 % → Druhé␣– a␣a␣▢ 5␣%",
                "9:11 Druhé - a a ▢ 5 % → Druhé␣– a␣a␣▢ 5␣%",
                "9:41 s. 12 → s.␣12",
                "9:46 Druhé - a a ▢ 5 % → Druhé␣– a␣a␣▢ 5␣%",
                "10:6 Druhé - a a ▢ 5 % → Druhé␣– a␣a␣▢ 5␣%",
                "10:14 Druhé - a a ▢ 5 % → Druhé␣– a␣a␣▢ 5␣%",
            ]
        );
    }

    #[test]
    fn a_text_that_is_switched_off_has_none() {
        let mut publication = specimen::commentary("Bydlí v \"domě\".\n");
        publication.manuscripts[0].typography = false;
        let manuscript = &publication.manuscripts[0];
        assert_eq!(changes(&specimen::workspace(), manuscript), []);
    }
}
