//! The lines of a body as written, with code blanked: what rules look through
//! that hunt for characters rather than for nodes.
//!
//! Blanked, not taken out, so that a column here is the column in the file.

use comrak::nodes::{Node, NodeValue, Sourcepos};

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
}
