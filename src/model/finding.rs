//! One thing wrong, with the place and the way out.
//!
//! Content problems are values that get collected, never errors that stop a
//! run: an analyst wants the whole list, and one broken publication must not
//! hide the next.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize};

/// How much a finding matters: an error keeps its publication (or list row)
/// in the house, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Warning,
    Error,
}

/// Where: a file, and inside it a line and a column, both counted from 1 in
/// characters, and how many characters are meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub file: PathBuf,
    pub line: usize,
    pub column: usize,
    pub length: usize,
}

impl Place {
    pub fn new(file: impl Into<PathBuf>, line: usize, column: usize) -> Self {
        Self { file: file.into(), line: line.max(1), column: column.max(1), length: 1 }
    }

    /// The first character of a file: for what is wrong with all of it.
    pub fn start(file: impl Into<PathBuf>) -> Self {
        Self::new(file, 1, 1)
    }

    #[must_use]
    pub fn spanning(mut self, characters: usize) -> Self {
        self.length = characters.max(1);
        self
    }

    /// The place of byte `offset` of `text`, which is all of `file`.
    pub fn at_offset(file: &Path, text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self::new(file, line, column)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// The stable name of a rule.
pub type RuleName = &'static str;

/// One thing wrong. `rule` is a stable name that scripts may match on,
/// `message` says what is wrong, `help` how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    #[serde(deserialize_with = "rule_name")]
    pub rule: RuleName,
    pub place: Place,
    pub message: String,
    pub help: String,
    /// The text of the file, when it is at hand, so that the line can be shown;
    /// it is looked up in the file otherwise.
    #[serde(skip)]
    pub source: Option<Arc<str>>,
}

impl Finding {
    pub fn error(rule: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, rule, place, message)
    }

    pub fn warning(rule: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, rule, place, message)
    }

    pub fn new(
        severity: Severity,
        rule: &'static str,
        place: Place,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self { severity, rule, place, message, help: String::new(), source: None }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    #[must_use]
    pub fn source(mut self, text: &Arc<str>) -> Self {
        self.source = Some(Arc::clone(text));
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A rule's name out of what an earlier build wrote down. There are a few dozen
/// of them; each is kept for good, once.
fn rule_name<'de, D: Deserializer<'de>>(from: D) -> Result<RuleName, D::Error> {
    static NAMES: Mutex<BTreeSet<RuleName>> = Mutex::new(BTreeSet::new());
    let name = String::deserialize(from)?;
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name.as_str()) {
        return Ok(known);
    }
    let name: RuleName = Box::leak(name.into_boxed_str());
    names.insert(name);
    Ok(name)
}

/// Findings as they gather, in the order they were met.
pub type Findings = Vec<Finding>;

/// Findings without those that say what one before them has said: what is wrong
/// with a theme is found in every publication.
pub fn each_once(findings: Findings) -> Findings {
    let mut told: Findings = Vec::with_capacity(findings.len());
    for finding in findings {
        let same = |it: &Finding| {
            (it.rule, &it.place, &it.message) == (finding.rule, &finding.place, &finding.message)
        };
        if !told.iter().any(same) {
            told.push(finding);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_that_was_written_down_reads_back_but_for_the_text_it_is_in() {
        let place = Place::new("publications/a/cs.md", 3, 14).spanning(2);
        let told = Finding::warning("alt-text", place, "obrázek nemá popis").help("napište ho");
        let written = serde_json::to_string(&told.clone().source(&"Text.".into())).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&written).unwrap(), told);
    }
}
