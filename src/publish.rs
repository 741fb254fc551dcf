//! Renditions → the output folder. The only writer of published files.
//!
//! Each file is written beside its place and renamed into it, so nobody ever
//! reads half of one; a file that would stay the same is not touched, so its
//! time tells when it last changed. A manifest remembers what was written:
//! what is no longer published goes away, what others put there stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::{Rendition, digest};

const MANIFEST: &str = "manifest.json";
const LOCK: &str = ".lock";

/// The output folder could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct PublishError {
    pub path: PathBuf,
    #[source]
    pub source: io::Error,
}

/// What publishing changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Published {
    pub written: Vec<String>,
    pub removed: Vec<String>,
    pub unchanged: usize,
}

impl Published {
    pub fn is_change(&self) -> bool {
        !self.written.is_empty() || !self.removed.is_empty()
    }
}

/// What is known of a file that we published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    sha256: String,
    /// A fingerprint of what it was made from, where the maker gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_from: Option<String>,
}

/// The output folder, with the memory of what was published there.
#[derive(Debug)]
pub struct Output {
    folder: PathBuf,
    files: BTreeMap<String, Entry>,
    /// Held for as long as the value lives: one build at a time in a folder.
    _lock: fs::File,
}

/// One file to publish, and a fingerprint of what it was made from, if it can
/// be reused by [`Output::reuse`].
#[derive(Debug, Clone)]
pub struct Item {
    pub rendition: Rendition,
    pub made_from: Option<String>,
}

impl From<Rendition> for Item {
    fn from(rendition: Rendition) -> Self {
        Self { rendition, made_from: None }
    }
}

impl Output {
    /// Opens an output folder, creating it where it is missing, and makes sure
    /// that it can be written to before any long work begins. Waits while
    /// another build is at work there.
    pub fn open(folder: &Path) -> Result<Self, PublishError> {
        let failed = |source| PublishError { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let mut open = fs::OpenOptions::new();
        let lock = open.write(true).create(true).truncate(false).open(folder.join(LOCK));
        let lock = lock.map_err(failed)?;
        lock.lock().map_err(failed)?;
        // A manifest that cannot be read is as good as none: all is written
        // anew, and what cannot be accounted for stays.
        let manifest = fs::read(folder.join(MANIFEST)).unwrap_or_default();
        let files = serde_json::from_slice(&manifest).unwrap_or_default();
        Ok(Self { folder: folder.to_owned(), files, _lock: lock })
    }

    /// The bytes published at `path`, if they are still there as we wrote them
    /// and were made from the same.
    pub fn reuse(&self, path: &str, made_from: &str) -> Option<Vec<u8>> {
        let entry = self.files.get(path)?;
        if entry.made_from.as_deref() != Some(made_from) {
            return None;
        }
        let bytes = fs::read(self.folder.join(path)).ok()?;
        (digest(&bytes) == entry.sha256).then_some(bytes)
    }

    /// Makes the folder hold `items` and nothing else of ours. `keep` names
    /// folders whose files stay although no item is in them: those of a
    /// publication that could not be rendered this time.
    pub fn publish(
        &mut self,
        items: &[Item],
        keep: &BTreeSet<String>,
    ) -> Result<Published, PublishError> {
        let mut published = Published::default();
        let mut files: BTreeMap<String, Entry> = items
            .iter()
            .map(|Item { rendition: Rendition { path, bytes }, made_from }| {
                (path.clone(), Entry { sha256: digest(bytes), made_from: made_from.clone() })
            })
            .collect();
        // What must not be public any more goes first: a disk that is full
        // keeps nothing from going.
        for (path, entry) in &self.files {
            if files.contains_key(path) {
                continue;
            }
            if keep.iter().any(|folder| Path::new(path).starts_with(folder)) {
                files.insert(path.clone(), entry.clone());
            } else {
                self.remove(path)?;
                published.removed.push(path.clone());
            }
        }
        let changed: Vec<&Item> = items.iter().filter(|item| !self.holds(item, &files)).collect();
        published.unchanged = items.len() - changed.len();
        if files != self.files {
            // Before the files it names: whatever ends this half-way, the next
            // run knows of every file that may be ours.
            let manifest = serde_json::to_vec_pretty(&files).expect("a manifest is plain JSON");
            self.write(MANIFEST, &manifest)?;
            self.files = files;
        }
        for Item { rendition: Rendition { path, bytes }, .. } in changed {
            self.write(path, bytes)?;
            published.written.push(path.clone());
        }
        Ok(published)
    }

    /// The manifest says what we wrote, the disk what is there.
    fn holds(&self, item: &Item, files: &BTreeMap<String, Entry>) -> bool {
        let Rendition { path, bytes } = &item.rendition;
        let same = |known: &Entry| files.get(path).is_some_and(|it| it.sha256 == known.sha256);
        self.files.get(path).is_some_and(same)
            && fs::read(self.folder.join(path)).is_ok_and(|there| there == *bytes)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let target = self.folder.join(path);
        let failed = |source| PublishError { path: target.clone(), source };
        let folder = target.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        io::Write::write_all(&mut file, bytes).map_err(failed)?;
        // Temporary files are for our eyes alone; only the site is for a web
        // server's too.
        if path.starts_with("site/") {
            readable_by_all(file.as_file()).map_err(failed)?;
        }
        file.persist(&target).map_err(|error| failed(error.error))?;
        Ok(())
    }

    fn remove(&self, path: &str) -> Result<(), PublishError> {
        let target = self.folder.join(path);
        match fs::remove_file(&target) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(PublishError { path: target, source });
            }
            _ => {}
        }
        // Folders that are empty now go too; others refuse, and that is fine.
        let mut folder = target.parent();
        while let Some(empty) = folder.filter(|folder| *folder != self.folder) {
            if fs::remove_dir(empty).is_err() {
                break;
            }
            folder = empty.parent();
        }
        Ok(())
    }
}

#[cfg(unix)]
fn readable_by_all(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(path: &str, text: &str) -> Item {
        Item::from(Rendition { path: path.to_owned(), bytes: text.as_bytes().to_vec() })
    }

    fn nothing() -> BTreeSet<String> {
        BTreeSet::new()
    }

    #[test]
    fn what_is_the_same_is_not_touched_and_what_is_gone_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(folder.path()).unwrap();
        let first = output
            .publish(&[item("site/a/cs.html", "A"), item("site/index.html", "I")], &nothing())
            .unwrap();
        assert_eq!(first.written, ["site/a/cs.html", "site/index.html"]);
        fs::write(folder.path().join("site/robots.txt"), "theirs").unwrap();

        drop(output);
        let mut again = Output::open(folder.path()).unwrap();
        let second = again.publish(&[item("site/index.html", "I")], &nothing()).unwrap();
        assert_eq!(second.unchanged, 1);
        assert_eq!(second.removed, ["site/a/cs.html"]);
        assert!(second.written.is_empty());
        assert!(!folder.path().join("site/a").exists());
        assert!(folder.path().join("site/robots.txt").exists());
    }

    #[test]
    fn a_file_that_somebody_changed_is_put_right() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(folder.path()).unwrap();
        output.publish(&[item("a", "A")], &nothing()).unwrap();
        fs::write(folder.path().join("a"), "B").unwrap();
        let published = output.publish(&[item("a", "A")], &nothing()).unwrap();
        assert_eq!(published.written, ["a"]);
    }

    #[test]
    fn a_publication_that_failed_this_time_keeps_what_it_had() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(folder.path()).unwrap();
        output.publish(&[item("site/x/cs.html", "X")], &nothing()).unwrap();
        let keep = BTreeSet::from(["site/x".to_owned()]);
        let published = output.publish(&[], &keep).unwrap();
        assert!(!published.is_change());
        assert!(folder.path().join("site/x/cs.html").exists());
        assert_eq!(output.publish(&[], &nothing()).unwrap().removed, ["site/x/cs.html"]);
    }

    #[test]
    fn bytes_are_reused_only_when_made_from_the_same_and_still_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(folder.path()).unwrap();
        let pdf = Item { made_from: Some("1".to_owned()), ..item("a.pdf", "PDF") };
        output.publish(&[pdf], &nothing()).unwrap();
        assert_eq!(output.reuse("a.pdf", "1").as_deref(), Some(b"PDF".as_slice()));
        assert_eq!(output.reuse("a.pdf", "2"), None);
        fs::write(folder.path().join("a.pdf"), "PD").unwrap();
        assert_eq!(output.reuse("a.pdf", "1"), None);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out");
        fs::write(&file, "a file where the folder should be").unwrap();
        let error = Output::open(&file).unwrap_err();
        assert!(error.to_string().starts_with(&format!("cannot write {}", file.display())));
    }
}
