//! `<!-- hlas allow RULE: reason -->`: one rule silenced in one place.
//!
//! Read from the lines of the file, not from the AST, so that it works the
//! same in the front matter (`# hlas allow …`), before a block and inside one.
//! The surprise: an allowance that silences nothing is itself a finding, or
//! they would outlive what they were for.

use super::catalogue::{self, ON_REQUEST};
use crate::model::{Finding, Findings, Manuscript, Place, Severity};

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
    lines: std::ops::RangeInclusive<usize>,
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
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let in_front = index < manuscript.lines_before_body;
        let Some(at) = comment(line, in_front) else { continue };
        let stated = line[at..].split("-->").next().unwrap_or_default()[MARK.len()..].trim();
        let (rule, reason) = stated.split_once(':').unwrap_or((stated, ""));
        let column = line[..at].chars().count() + 1;
        let place = Place::new(&manuscript.file, index + 1, column);
        found.push(Allowance {
            manuscript,
            place: place.spanning(MARK.len() + stated.chars().count()),
            rule: rule.trim(),
            reason: reason.trim(),
            lines: if in_front { index + 1..=index + 2 } else { block(&lines, index) },
        });
    }
    found
}

/// Where on a line an allowance stands, as the comment of its language: a code
/// example that shows one is none.
fn comment(line: &str, in_front: bool) -> Option<usize> {
    let opening = if in_front { "#" } else { "<!--" };
    let at = line.find(MARK)?;
    line[..at].trim_end().ends_with(opening).then_some(at)
}

/// The lines (from 1) of the block that a comment on `index` (from 0) stands
/// in or before: up to the next empty line that has text before it.
fn block(lines: &[&str], index: usize) -> std::ops::RangeInclusive<usize> {
    let is_empty = |line: &&str| line.trim().is_empty();
    let before = lines[..index].iter().rev().take_while(|line| !is_empty(line)).count();
    let alone = lines[index].trim().starts_with("<!--") && lines[index].trim().ends_with("-->");
    let from = if alone { index + 1 } else { index };
    let empty = lines[from.min(lines.len())..].iter().take_while(|line| is_empty(line)).count();
    let gap = if alone { empty } else { 0 };
    let length = lines[(from + gap).min(lines.len())..].iter().take_while(|line| !is_empty(line));
    index + 1 - before..=from + gap + length.count()
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
