//! Text that flows where a client knows how, and stands where it does not:
//! `format=flowed` (RFC 3676; see `docs/adr/0005`).
//!
//! A line that ends in a space goes on in the next; any other stands. A client
//! that has never heard of it shows the same lines of 72 columns, for a space
//! at the end is not seen. The surprise is a space at the *start*, which such a
//! client does show: what stands in columns gets it on every line, so that it
//! goes on standing in columns.

/// A signature begins with this line (RFC 3676 section 4.3); it never flows.
const SIGNATURE: &str = "--";

/// The lines of a paragraph, each going on in the next.
pub fn flowing(mut lines: Vec<String>) -> Vec<String> {
    let last = lines.len().saturating_sub(1);
    for line in lines.iter_mut().take(last) {
        if line != SIGNATURE && !line.is_empty() {
            line.push(' ');
        }
    }
    lines
}

/// Lines that stand as they are, whatever flowed in them: behind a mark or an
/// indentation of ours a client could not put them together again.
pub fn fast(mut lines: Vec<String>) -> Vec<String> {
    for line in &mut lines {
        line.truncate(line.trim_end_matches(' ').len());
    }
    lines
}

/// Lines a level deeper in a quote. The marks stand side by side, with a space
/// behind the last, which is how a client counts levels (section 4.5).
pub fn quoted(lines: Vec<String>) -> Vec<String> {
    let mark = |line: String| match line.as_str() {
        "" => ">".to_owned(),
        deeper if is_quoted(deeper) => format!(">{deeper}"),
        _ => format!("> {line}"),
    };
    lines.into_iter().map(mark).collect()
}

/// Whether a line of a quote is one of a quote in it. An author's own `>` at
/// the start of a line looks the same, and is a quote to every client as well.
fn is_quoted(line: &str) -> bool {
    let rest = line.trim_start_matches('>');
    rest.len() < line.len() && (rest.is_empty() || rest.starts_with(' '))
}

/// Space-stuffing (section 4.4): a line that starts with a space, `>` or
/// `From ` gets a space before it, which the reader's client takes away.
pub fn stuffed(lines: Vec<String>) -> Vec<String> {
    let needs = |line: &String| [" ", ">", "From "].iter().any(|it| line.starts_with(it));
    let flows = lines.iter().any(|line| line.ends_with(' '));
    if !flows && lines.iter().any(needs) {
        return indented(lines);
    }
    lines.into_iter().map(|line| if needs(&line) { format!(" {line}") } else { line }).collect()
}

/// Every line stuffed, whether it needs it or not (section 4.4 allows it).
pub fn indented(lines: Vec<String>) -> Vec<String> {
    let indent = |line: String| if line.is_empty() { line } else { format!(" {line}") };
    lines.into_iter().map(indent).collect()
}

/// The paragraphs that a client makes of flowed text, each with its depth of
/// quoting: section 4, read backwards.
#[cfg(test)]
pub fn unflowed(text: &str) -> Vec<(usize, String)> {
    let mut paragraphs: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let rest = line.trim_start_matches('>');
        let depth = line.len() - rest.len();
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match paragraphs.last_mut().filter(|last| open && last.0 == depth) {
            Some((_, paragraph)) => paragraph.push_str(rest),
            None => paragraphs.push((depth, rest.to_owned())),
        }
        open = rest.ends_with(' ') && rest != "-- ";
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_flowed_flows_back() {
        let written = stuffed(flowing(lines("první\n> 5 %\nFrom Brno\n--\ndruhý")));
        assert_eq!(written, ["první ", " > 5 % ", " From Brno ", "--", "druhý"]);
        assert_eq!(
            unflowed(&written.join("\n")),
            [(0, "první > 5 % From Brno --".to_owned()), (0, "druhý".to_owned())]
        );
    }

    #[test]
    fn columns_stay_columns_for_a_client_that_does_not_know() {
        let table = lines("Obec   Počet\n-----  -----\n          36");
        let written = stuffed(table.clone());
        assert!(written.iter().zip(&table).all(|(written, line)| *written == format!(" {line}")));
        assert_eq!(stuffed(lines("Obec\n36")), lines("Obec\n36"), "nothing needs it");
    }

    #[test]
    fn quotes_are_counted_by_their_marks() {
        let inner = quoted(flowing(lines("druhá\núroveň")));
        let written = quoted([lines("první\n"), vec![String::new()], inner].concat());
        assert_eq!(written, ["> první", ">", ">> druhá ", ">> úroveň"]);
    }
}
