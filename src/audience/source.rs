//! Where subscribers are read from.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::load::subscribers::{self, LoadedList};
use crate::model::{Finding, Findings, Place, Subscriber, Workspace};

/// Rows as they were read, not yet merged.
#[derive(Debug, Default)]
pub struct Read {
    pub rows: Vec<Subscriber>,
    /// Columns beyond the known ones, over all lists.
    pub extra_columns: Vec<String>,
    pub findings: Findings,
    /// False when somebody may be missing: then nobody must be mailed.
    pub whole: bool,
}

/// A place that subscribers are read from.
pub trait Source {
    fn read(&self, workspace: &Workspace) -> Read;
}

/// `subscribers/*.csv`, a list a file.
pub struct CsvFolder {
    folder: PathBuf,
    shown: PathBuf,
}

impl CsvFolder {
    /// The folder `shown` of the workspace in `root`.
    pub fn new(root: &Path, shown: &str) -> Self {
        Self { folder: root.join(shown), shown: PathBuf::from(shown) }
    }

    fn files(&self) -> std::io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // Hidden files, and those that Excel and LibreOffice leave behind.
            let passing = name.starts_with(['.', '~']);
            if !passing && name.to_lowercase().ends_with(".csv") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

impl Source for CsvFolder {
    fn read(&self, workspace: &Workspace) -> Read {
        let mut read = Read { whole: true, ..Read::default() };
        if !self.folder.exists() {
            // A share that is not mounted looks like this too.
            read.whole = false;
            let place = Place::start(&self.shown);
            let message = "there is no folder of lists, so nobody new is mailed";
            let finding = Finding::warning("list", place, message);
            read.findings.push(finding.help("make it, with a list a file: members.csv"));
            return read;
        }
        let files = match self.files() {
            Ok(files) => files,
            Err(error) => {
                read.whole = false;
                read.findings.push(unreadable(&self.shown, &error));
                return read;
            }
        };
        for path in files {
            let shown = self.shown.join(path.file_name().unwrap_or_default());
            let list = File::open(&path).and_then(|file| {
                subscribers::list(workspace, &shown, BufReader::new(file), &mut read.rows)
            });
            read.take(list.unwrap_or_else(|error| LoadedList {
                findings: vec![unreadable(&shown, &error)],
                ..LoadedList::default()
            }));
        }
        read
    }
}

impl Read {
    fn take(&mut self, list: LoadedList) {
        self.findings.extend(list.findings);
        self.whole &= list.whole;
        for column in list.extra_columns {
            if !self.extra_columns.contains(&column) {
                self.extra_columns.push(column);
            }
        }
    }
}

fn unreadable(shown: &Path, error: &std::io::Error) -> Finding {
    Finding::error("unreadable", Place::start(shown), format!("cannot read: {error}"))
        .help("see that it is there and that you may read it")
}
