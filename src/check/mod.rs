//! Every rule over a manuscript as it was written, a rule a file.
//!
//! Rules see the AST before it is put in order for the formats, so that they
//! can point at what the author typed. Errors keep the publication in the
//! house, warnings don't.

mod alt_text;
mod block_directive;
mod empty_text;
mod footnote;
mod link;
mod nesting;
mod picture;
mod raw_html;
mod unfinished;

use comrak::Arena;
use comrak::nodes::{Node, Sourcepos};

use crate::model::{Finding, Findings, Manuscript, Place, Publication, Workspace};
use crate::render::markdown;

/// The rules, in the order in which they are asked.
pub const RULES: &[&dyn Rule] = &[
    &nesting::Nesting,
    &empty_text::EmptyText,
    &block_directive::BlockDirective,
    &picture::MissingPicture,
    &alt_text::AltText,
    &link::LinkTarget,
    &footnote::Footnote,
    &raw_html::RawHtml,
    &unfinished::Unfinished,
];

/// One thing that can be wrong with a text.
pub trait Rule: Sync {
    /// Stable name, for scripts: `alt-text`.
    fn name(&self) -> &'static str;

    fn check(&self, text: &Text<'_>, findings: &mut Findings);
}

/// A manuscript under inspection.
pub struct Text<'a> {
    pub workspace: &'a Workspace,
    pub publication: &'a Publication,
    pub manuscript: &'a Manuscript,
    /// The AST exactly as written.
    pub root: Node<'a>,
}

impl<'a> Text<'a> {
    pub fn nodes(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.root.descendants()
    }

    /// The place of a node in the file.
    pub fn place(&self, node: Node<'_>) -> Place {
        let Sourcepos { start, end } = node.data().sourcepos;
        let length =
            if start.line == end.line { end.column + 1 - start.column.min(end.column) } else { 1 };
        self.manuscript.place(start.line, start.column).spanning(length)
    }

    pub fn error(&self, rule: &dyn Rule, node: Node<'_>, message: impl Into<String>) -> Finding {
        Finding::error(rule.name(), self.place(node), message).source(&self.manuscript.text)
    }

    pub fn warning(&self, rule: &dyn Rule, node: Node<'_>, message: impl Into<String>) -> Finding {
        Finding::warning(rule.name(), self.place(node), message).source(&self.manuscript.text)
    }
}

/// Asks every rule about every manuscript of a publication.
pub fn check(workspace: &Workspace, publication: &Publication) -> Findings {
    let mut findings = Findings::new();
    for manuscript in &publication.manuscripts {
        let arena = Arena::new();
        let root = markdown::parse(&arena, &manuscript.body);
        let text = Text { workspace, publication, manuscript, root };
        for rule in RULES {
            rule.check(&text, &mut findings);
        }
    }
    findings.sort_by(|a, b| a.place.cmp(&b.place));
    findings
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::render::specimen;

    /// What `check` tells of a Czech text, a line a finding.
    pub(crate) fn told(body: &str) -> Vec<String> {
        let workspace = specimen::workspace();
        let publication = specimen::commentary(body);
        check(&workspace, &publication)
            .iter()
            .map(|it| {
                let column = format!("{}:{}", it.place.line, it.place.column);
                format!("{column} {} {:?}: {}", it.rule, it.severity, it.message)
            })
            .collect()
    }

    #[test]
    fn a_sound_text_has_no_findings() {
        assert_eq!(
            told(
                "Úvod s [odkazem](https://example.org/a) a poznámkou.[^1]\n\n## Závěr\n\n[^1]: Pramen.\n"
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn rules_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.name()).collect();
        assert_eq!(names.len(), RULES.len());
    }
}
