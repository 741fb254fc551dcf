//! Reads the text part of a mail back.
//!
//! A text has no tags, so this reader is told what to look for: a heading is a
//! line that is expected, with a line of marks below it. Links are the numbers
//! in brackets, as the list at the end resolves them, and addresses as they
//! stand.

use super::{Outline, Section};

/// What a text part says of what is `expected`; `notes`, `links` and `picture`
/// are the words that it has for them.
pub fn read(text: &str, expected: &Outline, notes: &str, links: &str, picture: &str) -> Outline {
    let lines: Vec<&str> = text.lines().map(bare).collect();
    let list_at = lines.iter().rposition(|line| *line == format!("{links}:"));
    let list = list_at.map(|at| addresses(&lines[at + 1..])).unwrap_or_default();
    let flat = flat(&lines[..list_at.unwrap_or(lines.len())]);
    let mut rest = flat.as_str();
    let mut sections = vec![Section::default()];
    for heading in expected.headings() {
        let Some((before, after)) = at_heading(rest, heading) else { continue };
        close(&mut sections, before, &list);
        sections.push(Section::titled(heading.to_owned()));
        rest = after;
    }
    let (body, after) = at_heading(rest, notes).unwrap_or((rest, ""));
    close(&mut sections, body, &list);
    let mut said = Section { text: after.to_owned(), ..Section::default() };
    said.links = links_in(after, &list);
    for (section, expected) in sections.iter_mut().zip(&expected.sections) {
        section.figures = figures(&section.text, &expected.figures, picture);
    }
    said.figures = figures(after, &expected.notes.figures, picture);
    Outline { sections, notes: said, each_note: Vec::new() }
}

/// A line without what marks the blocks it stands in.
fn bare(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '|')).trim_end()
}

/// `[3] https://…`, by number.
fn addresses(lines: &[&str]) -> Vec<String> {
    let entries = lines.iter().map_while(|line| line.strip_prefix('[')?.split_once("] "));
    entries.map(|(_, address)| address.to_owned()).collect()
}

/// All lines as one, each with a line feed before it: a heading may be wrapped.
fn flat(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| ["\n", line]).collect()
}

/// The text before and after a heading, which is followed by a line of marks.
fn at_heading<'t>(text: &'t str, heading: &str) -> Option<(&'t str, &'t str)> {
    let wanted = squeezed(heading);
    let mut from = 0;
    loop {
        let (start, end) = found(&text[from..], &wanted)?;
        let (start, end) = (from + start, from + end);
        let after = text[end..].trim_start();
        let marks = after.lines().next().unwrap_or_default();
        let is_rule = ["=", "-", "~", "^"].iter().any(|mark| marks.replace(mark, "").is_empty());
        if is_rule && !marks.is_empty() && text[end..].starts_with('\n') {
            return Some((&text[..start], &after[marks.len()..]));
        }
        from = end;
    }
}

/// Where `wanted` stands in `text`, white space apart.
fn found(text: &str, wanted: &str) -> Option<(usize, usize)> {
    let first = wanted.chars().next()?;
    text.char_indices().filter(|(_, c)| *c == first).find_map(|(start, _)| {
        let mut wanted = wanted.chars().peekable();
        let mut end = start;
        for c in text[start..].chars() {
            if wanted.peek().is_none() {
                break;
            }
            if !c.is_whitespace() && wanted.next() != Some(c) {
                return None;
            }
            end += c.len_utf8();
        }
        wanted.peek().is_none().then_some((start, end))
    })
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn close(sections: &mut [Section], text: &str, list: &[String]) {
    if let Some(section) = sections.last_mut() {
        section.text = text.to_owned();
        section.links = links_in(text, list);
    }
}

/// Numbers in brackets and addresses, in order.
fn links_in(text: &str, list: &[String]) -> Vec<String> {
    let mut links = Vec::new();
    for word in text.split(|c: char| c.is_whitespace()) {
        let marks = word.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
        let numbers = marks.filter_map(|(number, _)| number.parse::<usize>().ok());
        links.extend(numbers.filter_map(|number| list.get(number.checked_sub(1)?).cloned()));
        let at = word.find("http://").or_else(|| word.find("https://")).unwrap_or(0);
        // A mark of a note, or a bracket of the author's, may follow at once.
        let address = word[at..].split(is_no_part).next().unwrap_or_default();
        if address.contains("://") || address.contains('@') {
            links.push(address.to_owned());
        }
    }
    links
}

/// Characters that `markdown::valid` leaves in no address.
fn is_no_part(c: char) -> bool {
    matches!(c, '<' | '>' | '[' | ']' | '{' | '}' | '|' | '^' | '`' | '\\' | '"')
}

/// Those expected pictures that are told of, in order.
fn figures(text: &str, expected: &[String], picture: &str) -> Vec<String> {
    let mut rest = text;
    let mut told = Vec::new();
    for alt in expected {
        if let Some((_, end)) = found(rest, &squeezed(&format!("[{picture}:{alt}]"))) {
            told.push(alt.clone());
            rest = &rest[end..];
        }
    }
    told
}
