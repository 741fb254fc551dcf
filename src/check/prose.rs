//! The lines of a body as written, with code blanked: what rules look through
//! that hunt for characters rather than for nodes.
//!
//! Blanked, not taken out, so that a column here is the column in the file.

use comrak::nodes::{Node, NodeValue, Sourcepos};

/// Lines over which a template tag may run.
const LONGEST_TAG: usize = 8;

/// A body, line by line, each as long as it was written.
pub struct Prose {
    lines: Vec<Vec<char>>,
}

impl Prose {
    pub(super) fn new(body: &str, root: Node<'_>) -> Self {
        let lines = body.lines().map(|line| line.chars().collect()).collect();
        let mut prose = Self { lines };
        for node in root.descendants() {
            let data = node.data();
            if matches!(data.value, NodeValue::Code(_) | NodeValue::CodeBlock(_)) {
                prose.blank(data.sourcepos);
            }
        }
        prose
    }

    fn blank(&mut self, Sourcepos { start, end }: Sourcepos) {
        let lines = self.lines.iter_mut().enumerate().take(end.line);
        for (index, line) in lines.skip(start.line.saturating_sub(1)) {
            let from = if index + 1 == start.line { start.column.saturating_sub(1) } else { 0 };
            let to = if index + 1 == end.line { end.column.min(line.len()) } else { line.len() };
            line[from.min(to)..to].fill(' ');
        }
    }

    /// The lines, each with its number in the body, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, String)> + '_ {
        self.lines.iter().enumerate().map(|(index, line)| (index + 1, line.iter().collect()))
    }

    /// Whether a place of the body lies inside a template tag, `{% … %}` or
    /// `{{ … }}`, which may run over some lines: `leftover` has told of it, and
    /// what is in there was never meant as Markdown.
    pub fn is_in_tag(&self, line: usize, column: usize) -> bool {
        let above = line.saturating_sub(1 + LONGEST_TAG)..line.saturating_sub(1);
        let mut before: String =
            self.lines.get(above).unwrap_or_default().iter().flatten().collect();
        let own = self.lines.get(line.saturating_sub(1)).map_or(&[][..], Vec::as_slice);
        before.extend(&own[..column.saturating_sub(1).min(own.len())]);
        let last = |marks: [&str; 2]| marks.iter().filter_map(|mark| before.rfind(mark)).max();
        last(["{%", "{{"]) > last(["%}", "}}"])
    }
}

#[cfg(test)]
mod tests {
    use comrak::Arena;

    use super::*;
    use crate::render::markdown;

    #[test]
    fn a_tag_may_run_over_lines_and_code_holds_none() {
        let body = "a {% x\n  b %} c\n`{{` d\n";
        let arena = Arena::new();
        let prose = Prose::new(body, markdown::parse(&arena, body));
        let inside: Vec<_> =
            [(1, 1), (1, 6), (2, 3), (2, 8), (3, 6)].map(|(l, c)| prose.is_in_tag(l, c)).into();
        assert_eq!(inside, [false, true, true, false, false]);
    }
}
