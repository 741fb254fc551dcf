//! All that Typst can see while it sets one document: a handful of virtual
//! files and the theme's fonts. No disk, no network, no packages, no clock.
//!
//! The surprise: file names are interned by Typst for ever, in a table that
//! holds 65,535 of them. Hence the constant names `document.json` and
//! `pictures/0`, never the author's.

use std::collections::HashMap;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, PackageError};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use super::job::Job;
use super::recompressed::recompressed;
use crate::render::fonts::Fonts;

/// The file that Typst starts from, below `templates/pdf/`.
const MAIN: &str = "main.typ";

/// The text, apart from what stands around it: so what is set from that alone
/// is recalled when only the text has changed.
const TEXT: &str = "text.json";

/// The author's, by number.
pub(super) const PICTURES: &str = "pictures/";

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// The virtual files of one document.
pub(super) struct Desk<'f> {
    fonts: &'f Fonts,
    main: FileId,
    templates: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
}

impl<'f> Desk<'f> {
    /// A world with the files of a job, and these elements as its text.
    pub(super) fn new(job: &Job, fonts: &'f Fonts, text: &[String]) -> Self {
        let main = file_id(MAIN).expect("a plain name is a path");
        let mut desk = Self { fonts, main, templates: HashMap::new(), files: HashMap::new() };
        for (name, bytes) in &job.files {
            desk.add(name, bytes.clone());
        }
        desk.add(TEXT, Bytes::from_string(format!("[{}]", text.join(","))));
        desk
    }

    fn add(&mut self, name: &str, bytes: Bytes) {
        let Some(id) = file_id(name) else { return };
        if name.ends_with(".typ") {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            self.templates.insert(id, Source::new(id, text));
        }
        self.files.insert(id, bytes);
    }
}

/// The name of a file as [`Job`] has it.
pub(super) fn name(id: FileId) -> String {
    id.vpath().get_without_slash().to_owned()
}

fn file_id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(name).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn missing(id: FileId) -> FileError {
    match id.root() {
        VirtualRoot::Package(package) => {
            FileError::Package(PackageError::NotFound(package.clone()))
        }
        VirtualRoot::Project => FileError::NotFound(id.vpath().get_without_slash().into()),
    }
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.templates.get(&id).cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let file = self.files.get(&id).ok_or_else(|| missing(id))?;
        Ok(if name(id).starts_with(PICTURES) { recompressed(file) } else { file.clone() })
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.face(index)
    }

    /// The same text gives the same bytes on any day, so a template that asks
    /// for the date gets none.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
