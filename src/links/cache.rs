//! Answers written down, so that a text checked ten times a day asks once.
//!
//! A file of JSON beside the ledger; it can be thrown away at any time, and one
//! that cannot be read is taken for none. Good answers are good for a week, bad
//! ones for an hour: their author is just mending them. What is unsure is not
//! kept at all.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{ProbeError, Verdict};

/// Verdicts by URL, each with the time it was given.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cache(BTreeMap<Url, Answer>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answer {
    at: Timestamp,
    verdict: Verdict,
}

impl Answer {
    fn is_good(&self, now: Timestamp) -> bool {
        let good_for = match self.verdict {
            Verdict::Alive | Verdict::Moved(_) => SignedDuration::from_hours(7 * 24),
            Verdict::Gone(_) | Verdict::Unreachable(_) => SignedDuration::from_hours(1),
            Verdict::Unsure(_) | Verdict::Private => SignedDuration::ZERO,
        };
        let age = now.duration_since(self.at);
        !age.is_negative() && age < good_for
    }
}

impl Cache {
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    pub fn get(&self, url: &Url, now: Timestamp) -> Option<Verdict> {
        self.0.get(url).filter(|answer| answer.is_good(now)).map(|answer| answer.verdict.clone())
    }

    pub fn put(&mut self, url: &Url, verdict: &Verdict, now: Timestamp) {
        self.0.insert(url.clone(), Answer { at: now, verdict: verdict.clone() });
    }

    /// Writes the answers that are still good, whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn write(mut self, path: &Path, now: Timestamp) -> Result<(), ProbeError> {
        self.0.retain(|_, answer| answer.is_good(now));
        let written = || {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&mut file, &self)?;
            file.flush()?;
            file.persist(path)?;
            Ok(())
        };
        written().map_err(|source| ProbeError::Cache { path: path.to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_answers_last_a_week_bad_ones_an_hour_unsure_ones_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("var/links.json");
        let asked: Timestamp = "2026-10-05T08:00:00Z".parse().unwrap();
        let url = |name: &str| format!("https://{name}.example.org/").parse::<Url>().unwrap();
        let mut cache = Cache::read(&path);
        cache.put(&url("a"), &Verdict::Alive, asked);
        cache.put(&url("b"), &Verdict::Gone(404), asked);
        cache.put(&url("c"), &Verdict::Unsure("503".to_owned()), asked);
        cache.write(&path, asked).unwrap();
        let cache = Cache::read(&path);
        let after = |hours| asked + SignedDuration::from_hours(hours);
        let known =
            |hours| ["a", "b", "c"].map(|name| cache.get(&url(name), after(hours)).is_some());
        assert_eq!(known(0), [true, true, false]);
        assert_eq!(known(2), [true, false, false]);
        assert_eq!(known(7 * 24), [false, false, false]);
        assert_eq!(known(-1), [false, false, false], "an answer from the future");
    }

    #[test]
    fn a_file_that_is_no_cache_is_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("links.json");
        std::fs::write(&path, "{\"x\": 1").unwrap();
        assert!(Cache::read(&path).0.is_empty());
    }
}
