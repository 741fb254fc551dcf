//! What an earlier build made of what, so that this one need not look again.
//!
//! It lies beside the manifest and is a convenience only: the manifest says
//! which files are ours, and losing this file costs time and nothing else. So
//! do doubts: what does not look exactly as it was left is made again.
//!
//! The surprise is the clock. A file is taken for unchanged when its length
//! and time are those written down, but file systems count time in steps: who
//! changes a file within the step in which we wrote it leaves no trace in its
//! time. Of a file that young no time is written down, and the next build
//! reads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::model::{Findings, digest};

/// The longest step in which kernels count the time of files; where a file
/// system counts in seconds, two times that differ do so by more.
const STEP: Duration = Duration::from_millis(20);

/// Pieces of work by name.
pub(super) type Memory = BTreeMap<String, Record>;

/// What came of one piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub made_from: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Findings,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Stamp>,
}

/// A published file, as it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub sha256: String,
    pub length: u64,
    /// Nanoseconds since 1970; `None` of a file too young to tell by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<u64>,
}

impl Stamp {
    /// Of a file that holds bytes with this digest, at the moment `now` of its
    /// own file system.
    pub(super) fn of(file: &Path, sha256: &str, now: SystemTime) -> Option<Self> {
        let there = fs::metadata(file).ok()?;
        let written = there.modified().ok()?;
        let is_old = now.duration_since(written).is_ok_and(|age| age >= STEP);
        let modified = if is_old { since_1970(written) } else { None };
        Some(Self { sha256: sha256.to_owned(), length: there.len(), modified })
    }

    /// The stamp as it is now, if the file still holds the same.
    pub(super) fn look(&self, file: &Path) -> Option<Self> {
        let there = fs::metadata(file).ok()?;
        if there.len() != self.length {
            return None;
        }
        let modified = there.modified().ok().and_then(since_1970);
        if self.modified.is_some() && modified == self.modified {
            return Some(self.clone());
        }
        let same = fs::read(file).is_ok_and(|bytes| digest(&bytes) == self.sha256);
        // One too young stays so: only for that nothing is written down again.
        let modified = self.modified.and(modified);
        same.then(|| Self { modified, ..self.clone() })
    }
}

fn since_1970(time: SystemTime) -> Option<u64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that holds `A` since long ago, and its stamp.
    fn old_file(folder: &Path) -> (std::path::PathBuf, Stamp) {
        let path = folder.join("a");
        fs::write(&path, "A").unwrap();
        set_time(&path, 1);
        let stamp = Stamp::of(&path, &digest(b"A"), SystemTime::now()).unwrap();
        assert!(stamp.modified.is_some());
        (path, stamp)
    }

    fn set_time(path: &Path, days: u64) {
        let time = SystemTime::now() - Duration::from_secs(days * 86_400);
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn a_file_is_read_only_when_its_time_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let (path, stamp) = old_file(folder.path());
        assert_eq!(stamp.look(&path), Some(stamp.clone()));
        set_time(&path, 2);
        let touched = stamp.look(&path).expect("the same bytes");
        assert_ne!(touched.modified, stamp.modified);
        fs::write(&path, "B").unwrap();
        assert_eq!(stamp.look(&path), None);
    }

    #[test]
    fn a_file_of_another_length_or_none_at_all_does_not_stand() {
        let folder = tempfile::tempdir().unwrap();
        let (path, stamp) = old_file(folder.path());
        fs::write(&path, "AA").unwrap();
        assert_eq!(stamp.look(&path), None);
        fs::remove_file(&path).unwrap();
        assert_eq!(stamp.look(&path), None);
    }

    #[test]
    fn a_young_file_is_not_told_by_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "A").unwrap();
        let now = fs::metadata(&path).unwrap().modified().unwrap();
        let stamp = Stamp::of(&path, &digest(b"A"), now).unwrap();
        assert_eq!(stamp.modified, None);
        assert_eq!(stamp.look(&path), Some(stamp.clone()));
        fs::write(&path, "B").unwrap();
        assert_eq!(stamp.look(&path), None);
    }
}
