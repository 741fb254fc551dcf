//! Renditions → the output folder. The only writer of published files.
//!
//! Each file is written beside its place and renamed into it, so nobody ever
//! reads half of one; a file that would stay the same is not touched, so its
//! time tells when it last changed. A manifest remembers what was written:
//! what is no longer published goes away, what others put there stays.
//!
//! Work comes in pieces ([`Piece`]). One whose sources are those of the last
//! build, and whose files are still as they were left, can be recalled instead
//! of being done again ([`Output::recall`], [`memory`]).

mod memory;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::cores;
use crate::model::{Findings, Rendition, digest};

pub use memory::Stamp;
use memory::{Memory, Record};

const MANIFEST: &str = "manifest.json";
const MEMORY: &str = "memory.json";
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
    memory: Memory,
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

/// A piece of work: all that comes of one set of sources, files and findings.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The same from build to build.
    pub name: String,
    /// A fingerprint of everything that could make a difference to it.
    pub made_from: String,
    pub findings: Findings,
    pub files: Files,
}

/// The files of a piece.
#[derive(Debug, Clone)]
pub enum Files {
    /// Made just now.
    Made(Vec<Item>),
    /// As they were left by an earlier build, and not looked into.
    Standing(BTreeMap<String, Stamp>),
}

impl Piece {
    /// What was made just now; nothing of a piece that was recalled.
    pub fn items(&self) -> &[Item] {
        match &self.files {
            Files::Made(items) => items,
            Files::Standing(_) => &[],
        }
    }

    pub fn is_made(&self) -> bool {
        matches!(self.files, Files::Made(_))
    }

    /// How long the file at `path` is, if it is one of this piece.
    pub fn length_of(&self, path: &str) -> Option<u64> {
        match &self.files {
            Files::Made(items) => {
                let item = items.iter().find(|item| item.rendition.path == path)?;
                Some(item.rendition.bytes.len() as u64)
            }
            Files::Standing(files) => files.get(path).map(|stamp| stamp.length),
        }
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
        let memory = fs::read(folder.join(MEMORY)).unwrap_or_default();
        let memory = serde_json::from_slice(&memory).unwrap_or_default();
        Ok(Self { folder: folder.to_owned(), files, memory, _lock: lock })
    }

    /// A piece of work that an earlier build did from the same, if all its
    /// files are still as that build left them. Its findings come back too,
    /// without the texts that they are in.
    pub fn recall(&self, name: &str, made_from: &str) -> Option<Piece> {
        let record = self.memory.get(name).filter(|record| record.made_from == made_from)?;
        let stands = |(path, stamp): (&String, &Stamp)| {
            let ours = self.files.get(path).is_some_and(|entry| entry.sha256 == stamp.sha256);
            let stamp = stamp.look(&self.folder.join(path)).filter(|_| ours)?;
            Some((path.clone(), stamp))
        };
        let files = record.files.iter().map(stands).collect::<Option<_>>()?;
        Some(Piece {
            name: name.to_owned(),
            made_from: made_from.to_owned(),
            findings: record.findings.clone(),
            files: Files::Standing(files),
        })
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

    /// Makes the folder hold the files of `pieces` and nothing else of ours.
    /// `keep` names folders whose files stay although they are of no piece:
    /// those of a publication that could not be rendered this time.
    pub fn publish(
        &mut self,
        pieces: &[Piece],
        keep: &BTreeSet<String>,
    ) -> Result<Published, PublishError> {
        let mut published = Published::default();
        let mut files: BTreeMap<String, Entry> =
            pieces.iter().flat_map(|piece| self.entries(piece)).collect();
        published.unchanged = files.len();
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
        let made = pieces.iter().flat_map(Piece::items);
        let changed: Vec<&Item> = made.filter(|item| !self.holds(item, &files)).collect();
        published.unchanged -= changed.len();
        if files != self.files {
            // Before the files it names: whatever ends this half-way, the next
            // run knows of every file that may be ours.
            let manifest = serde_json::to_vec_pretty(&files).expect("a manifest is plain JSON");
            self.write(MANIFEST, &manifest)?;
            self.files = files;
        }
        // Half the time of writing many small files is the system's own.
        let written =
            cores::map(&changed, |Item { rendition: Rendition { path, bytes }, .. }| {
                self.write(path, bytes).map(|()| path.clone())
            });
        published.written = written.into_iter().collect::<Result<_, _>>()?;
        self.remember(pieces)?;
        Ok(published)
    }

    /// Writes one file and leaves all others as they are; the next build knows
    /// it as ours, and sweeps it away. Answers where it lies.
    pub fn lay(&mut self, rendition: &Rendition) -> Result<PathBuf, PublishError> {
        let Rendition { path, bytes } = rendition;
        let entry = Entry { sha256: digest(bytes), made_from: None };
        if self.files.insert(path.clone(), entry.clone()) != Some(entry) {
            let manifest = serde_json::to_vec_pretty(&self.files);
            self.write(MANIFEST, &manifest.expect("a manifest is plain JSON"))?;
        }
        self.write(path, bytes)?;
        Ok(self.folder.join(path))
    }

    /// What the manifest says of a piece's files.
    fn entries(&self, piece: &Piece) -> Vec<(String, Entry)> {
        match &piece.files {
            Files::Made(items) => items
                .iter()
                .map(|Item { rendition: Rendition { path, bytes }, made_from }| {
                    let entry = Entry { sha256: digest(bytes), made_from: made_from.clone() };
                    (path.clone(), entry)
                })
                .collect(),
            Files::Standing(files) => {
                let known = |path: &String| Some((path.clone(), self.files.get(path)?.clone()));
                files.keys().filter_map(known).collect()
            }
        }
    }

    /// Writes down what there is to recall, after everything else: a build that
    /// ended half-way has nothing to remember.
    fn remember(&mut self, pieces: &[Piece]) -> Result<(), PublishError> {
        let failed = |source| PublishError { path: self.folder.clone(), source };
        let now = tempfile::NamedTempFile::new_in(&self.folder)
            .and_then(|young| young.as_file().metadata()?.modified())
            .map_err(failed)?;
        let record = |piece: &Piece| Some((piece.name.clone(), self.record(piece, now)?));
        let memory: Memory = pieces.iter().filter_map(record).collect();
        if memory != self.memory {
            let written = serde_json::to_vec(&memory).expect("a memory is plain JSON");
            self.write(MEMORY, &written)?;
            self.memory = memory;
        }
        Ok(())
    }

    /// `None` when a file is gone already: the piece is made again, then.
    fn record(&self, piece: &Piece, now: SystemTime) -> Option<Record> {
        let files = match &piece.files {
            Files::Standing(files) => files.clone(),
            Files::Made(items) => {
                let stamp = |Item { rendition: Rendition { path, .. }, .. }: &Item| {
                    let sha256 = &self.files.get(path)?.sha256;
                    Some((path.clone(), Stamp::of(&self.folder.join(path), sha256, now)?))
                };
                items.iter().map(stamp).collect::<Option<_>>()?
            }
        };
        let (made_from, findings) = (piece.made_from.clone(), piece.findings.clone());
        Some(Record { made_from, findings, files })
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
        let begin = || tempfile::NamedTempFile::new_in(folder);
        let mut file = match begin() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).and_then(|()| begin()).map_err(failed)?
            }
            begun => begun.map_err(failed)?,
        };
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
mod tests;
