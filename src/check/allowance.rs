//! `<!-- hlas allow RULE: reason -->`: one rule silenced in one place.
//!
//! Read from the lines of the file, not from the AST, so that it works the
//! same in the front matter (`# hlas allow …`), before a block and inside one.
//! Only what is code there is asked of the AST.
//! The surprise: an allowance that silences nothing is itself a finding, or
//! they would outlive what they were for.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use comrak::Arena;
use comrak::nodes::{NodeValue, Sourcepos};

use super::catalogue::{self, ON_REQUEST};
use crate::model::{Finding, Findings, Manuscript, Place, Severity};
use crate::render::markdown;

const MARK: &str = "hlas allow ";
const RULE: &str = "allow";

/// Takes out the findings that their authors allowed.
pub(super) fn apply(findings: &[Finding], manuscripts: &[Manuscript]) -> Findings {
    let mut left = findings.to_vec();
    for manuscript in manuscripts {
        for allowance in allowances(manuscript) {
            match allowance.fault() {
                Some(fault) => left.push(fault),
                None => {
                    let before = left.len();
                    left.retain(|finding| !allowance.covers(finding));
                    if left.len() == before && !ON_REQUEST.contains(&allowance.rule) {
                        left.push(allowance.finding(
                            format!("nothing here breaks the rule `{}`", allowance.rule),
                            "take the comment away",
                        ));
                    }
                }
            }
        }
    }
    left
}

/// Only takes out what is allowed: for findings that come later than the rest.
pub(super) fn waive(findings: &mut Findings, manuscripts: &[Manuscript]) {
    for allowance in manuscripts.iter().flat_map(allowances) {
        if allowance.fault().is_none() {
            findings.retain(|finding| !allowance.covers(finding));
        }
    }
}

struct Allowance<'m> {
    manuscript: &'m Manuscript,
    place: Place,
    rule: &'m str,
    reason: &'m str,
    /// The lines of the file that it is good for.
    lines: RangeInclusive<usize>,
}

impl Allowance<'_> {
    /// What is wrong with it, if anything is.
    fn fault(&self) -> Option<Finding> {
        let Some(entry) = catalogue::named(self.rule) else {
            let names = catalogue::entries().map(|entry| entry.name);
            let help = match crate::load::nearest(self.rule, names) {
                Some(close) => format!("did you mean `{close}`?"),
                None => "`hlas check --rules` lists them".to_owned(),
            };
            return Some(self.finding(format!("there is no rule `{}`", self.rule), help));
        };
        if entry.firm {
            let help = format!("`hlas check --explain {}` says why", entry.name);
            return Some(self.finding(format!("the rule `{}` is firm", entry.name), help));
        }
        self.reason.is_empty().then(|| {
            let help = format!("write: hlas allow {}: why it is right here", entry.name);
            self.finding("the allowance gives no reason".to_owned(), help)
        })
    }

    fn finding(&self, message: String, help: impl Into<String>) -> Finding {
        Finding::new(Severity::Warning, RULE, self.place.clone(), message)
            .help(help)
            .source(&self.manuscript.text)
    }

    fn covers(&self, finding: &Finding) -> bool {
        finding.rule == self.rule
            && finding.place.file == self.manuscript.file
            && self.lines.contains(&finding.place.line)
    }
}

fn allowances(manuscript: &Manuscript) -> Vec<Allowance<'_>> {
    if !manuscript.text.contains(MARK) {
        return Vec::new();
    }
    let lines: Vec<&str> = manuscript.text.lines().collect();
    let code = code(manuscript);
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(index, _)| !code.contains(&(index + 1)))
    {
        let in_front = index < manuscript.lines_before_body;
        for at in comments(line, in_front) {
            let stated = line[at..].split("-->").next().unwrap_or_default()[MARK.len()..].trim();
            let (rule, reason) = stated.split_once(':').unwrap_or((stated, ""));
            let column = line[..at].chars().count() + 1;
            let place = Place::new(&manuscript.file, index + 1, column);
            found.push(Allowance {
                manuscript,
                place: place.spanning(MARK.len() + stated.chars().count()),
                rule: rule.trim(),
                reason: reason.trim(),
                lines: if in_front { field(&lines, index) } else { block(&lines, index) },
            });
        }
    }
    found
}

/// The lines (from 1, of the file) of blocks of code, which show how to allow
/// something and allow nothing.
fn code(manuscript: &Manuscript) -> BTreeSet<usize> {
    let arena = Arena::new();
    let root = markdown::parse(&arena, &manuscript.body);
    let blocks = root.descendants().filter_map(|node| {
        let data = node.data();
        let Sourcepos { start, end } = data.sourcepos;
        matches!(data.value, NodeValue::CodeBlock(_)).then_some(start.line..=end.line)
    });
    blocks.flatten().map(|line| line + manuscript.lines_before_body).collect()
}

/// Where on a line allowances stand, each as the comment of its language.
fn comments(line: &str, in_front: bool) -> Vec<usize> {
    let opening = if in_front { "#" } else { "<!--" };
    let marks = line.match_indices(MARK).map(|(at, _)| at);
    marks.filter(|at| line[..*at].trim_end().ends_with(opening)).collect()
}

/// The lines (from 1) of the field that a comment on `index` (from 0) stands
/// over, with other comments between them, or behind.
fn field(lines: &[&str], index: usize) -> RangeInclusive<usize> {
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let above = lines[index..].iter().take_while(|line| is_comment(line)).count();
    index + 1..=index + above + 1
}

/// The lines (from 1) of the block that a comment on `index` (from 0) stands
/// in or before: up to the next empty line that has text before it. Another
/// comment in a block of its own is no text.
fn block(lines: &[&str], index: usize) -> RangeInclusive<usize> {
    let is_empty = |line: &&str| line.trim().is_empty();
    let is_comment = |line: &str| line.trim().starts_with("<!--") && line.trim().ends_with("-->");
    let before = lines[..index].iter().rev().take_while(|line| !is_empty(line)).count();
    let from = if is_comment(lines[index]) { index + 1 } else { index };
    let after = &lines[from.min(lines.len())..];
    let gap = match is_comment(lines[index]) {
        true => after.iter().take_while(|line| is_empty(line) || is_comment(line)).count(),
        false => 0,
    };
    let length = after[gap..].iter().take_while(|line| !is_empty(line)).count();
    index + 1 - before..=from + gap + length
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    const RAW: &str = "raw-html Warning: of the HTML `<b>` only the text is published";

    #[test]
    fn a_comment_with_a_reason_silences_one_rule_in_the_block_after_it() {
        let body = "<!-- hlas allow raw-html: ukázka značky -->\n\nA <b>b</b>\nc <b>d</b>.\n\nE <b>f</b>.\n";
        assert_eq!(told(body), [format!("11:3 {RAW}")]);
        let inside = "A\n<!-- hlas allow raw-html: ukázka -->\n<b>b</b>.\n";
        assert_eq!(told(inside), Vec::<String>::new());
    }

    #[test]
    fn several_comments_over_one_block_hold_each() {
        let raw = "<!-- hlas allow raw-html: ukázka značky -->";
        let links = "<!-- hlas allow link-text: tak se stránka jmenuje -->";
        let block = "Viz [zde](https://www.example.org/) a <b>b</b>.";
        for (first, second) in [(" ", "\n"), ("\n", "\n"), ("\n\n", "\n\n"), ("\n\n", "\n")] {
            let body = format!("{raw}{first}{links}{second}{block}\n");
            assert_eq!(told(&body), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn an_example_of_an_allowance_allows_nothing() {
        let body =
            "```markdown\n<!-- hlas allow raw-html: ukázka -->\nA <b>b</b>.\n```\n\nA <b>b</b>.\n";
        assert_eq!(told(body), [format!("11:3 {RAW}")]);
    }

    #[test]
    fn without_a_reason_a_rule_or_a_use_it_is_a_finding() {
        assert_eq!(
            told("<!-- hlas allow raw-html -->\nA <b>b</b>.\n"),
            ["6:6 allow Warning: the allowance gives no reason", &format!("7:3 {RAW}")]
        );
        assert_eq!(
            told("<!-- hlas allow raw-htm: ne -->\nA.\n"),
            ["6:6 allow Warning: there is no rule `raw-htm`"]
        );
        assert_eq!(
            told("<!-- hlas allow raw-html: nic -->\nA.\n"),
            ["6:6 allow Warning: nothing here breaks the rule `raw-html`"]
        );
        assert_eq!(
            told("<!-- hlas allow alt-text: krása -->\nText ![](graf.svg)\n"),
            [
                "6:6 allow Warning: the rule `alt-text` is firm",
                "7:6 alt-text Error: the picture has no alternative text"
            ]
        );
    }
}
