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

use crate::render::Theme;
use crate::render::fonts::Fonts;

/// The file that Typst starts from, below `templates/pdf/`.
const MAIN: &str = "main.typ";

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// The virtual files of one document.
pub(super) struct Desk<'t> {
    fonts: &'t Fonts,
    main: FileId,
    templates: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
}

impl<'t> Desk<'t> {
    /// A world with the templates of `pdf/`.
    pub(super) fn new(theme: &'t Theme) -> Self {
        let mut templates = HashMap::new();
        for (path, bytes) in theme.folder("pdf") {
            let name = path.trim_start_matches("pdf/");
            let text = String::from_utf8_lossy(bytes).into_owned();
            if let Some(id) = file_id(name) {
                templates.insert(id, Source::new(id, text));
            }
        }
        let main = file_id(MAIN).expect("a plain name is a path");
        Self { fonts: theme.fonts(), main, templates, files: HashMap::new() }
    }

    /// Puts a file beside the templates.
    pub(super) fn add(&mut self, name: &str, bytes: Bytes) {
        let id = file_id(name).expect("a plain name is a path");
        self.files.insert(id, bytes);
    }
}

/// The name of a template as the theme has it: `pdf/style.typ`.
pub(super) fn theme_path(id: FileId) -> String {
    format!("pdf/{}", id.vpath().get_without_slash())
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
        self.files.get(&id).cloned().ok_or_else(|| missing(id))
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
