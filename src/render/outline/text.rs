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
        let Some(found) = at_heading(rest, heading) else { continue };
        close(&mut sections, found.before, &list);
        let mut section = Section::titled(heading.to_owned());
        section.links = links_in(found.said, &list);
        sections.push(section);
        rest = found.after;
    }
    let (body, after) =
        at_heading(rest, notes).map_or((rest, ""), |found| (found.before, found.after));
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

/// A text around a heading.
struct Found<'t> {
    before: &'t str,
    /// The heading as it stands there, with the marks of links and notes.
    said: &'t str,
    after: &'t str,
}

/// Where a heading stands, which is followed by a line of marks.
fn at_heading<'t>(text: &'t str, heading: &str) -> Option<Found<'t>> {
    let wanted = squeezed(heading);
    let mut from = 0;
    loop {
        let (start, end) = found(&text[from..], &wanted)?;
        let (start, end) = (from + start, from + end);
        let end = end + marks(&text[end..]);
        let after = text[end..].trim_start();
        let line = after.lines().next().unwrap_or_default();
        let is_rule = ["=", "-", "~", "^"].iter().any(|mark| line.replace(mark, "").is_empty());
        if is_rule && !line.is_empty() && text[end..].starts_with('\n') {
            let (before, said) = (&text[..start], &text[start..end]);
            return Some(Found { before, said, after: &after[line.len()..] });
        }
        from = end;
    }
}

/// Where `wanted` stands in `text`, white space apart, and marks of links and
/// notes among its words.
fn found(text: &str, wanted: &str) -> Option<(usize, usize)> {
    let first = wanted.chars().next()?;
    let starts = text.char_indices().filter(|(_, c)| *c == first);
    starts.map(|(start, _)| start).find_map(|start| {
        let length = length(&text[start..], wanted)?;
        Some((start, start + length))
    })
}

/// How much of `text` says what is `wanted`, if it begins with that.
fn length(text: &str, wanted: &str) -> Option<usize> {
    let mut wanted = wanted.chars().peekable();
    let mut end = 0;
    while let Some(next) = wanted.peek() {
        let c = text[end..].chars().next()?;
        if c == *next {
            wanted.next();
        } else if !c.is_whitespace() {
            let marks = marks(&text[end..]);
            if marks == 0 {
                return None;
            }
            end += marks;
            continue;
        }
        end += c.len_utf8();
    }
    Some(end)
}

/// How long the marks are that a text begins with: `[3]`, `[*2]`.
fn marks(text: &str) -> usize {
    let mut rest = text;
    while let Some((mark, after)) =
        rest.trim_start().strip_prefix('[').and_then(|mark| mark.split_once(']'))
    {
        let number = mark.strip_prefix('*').unwrap_or(mark);
        if number.is_empty() || !number.bytes().all(|digit| digit.is_ascii_digit()) {
            break;
        }
        rest = after;
    }
    text.len() - rest.len()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn close(sections: &mut [Section], text: &str, list: &[String]) {
    if let Some(section) = sections.last_mut() {
        section.text = text.to_owned();
        section.links.extend(links_in(text, list));
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
