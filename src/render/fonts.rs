//! The theme's typefaces, parsed once and shared by PDF and pictures.
//!
//! Only these are ever used: a machine's own fonts would make the same text
//! give other bytes elsewhere. Typst and resvg each keep their own table of
//! faces; here both tables look into one copy of the bytes.

use std::sync::Arc;

use resvg::usvg::fontdb;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// Where a picture names no family of ours.
const SANS: &str = "Source Sans 3";
const SERIF: &str = "Source Serif 4";
const MONO: &str = "Source Code Pro";

/// The families of the built-in theme.
pub const FAMILIES: [&str; 3] = [SERIF, SANS, MONO];

/// The faces of a theme.
pub struct Fonts {
    files: Vec<Bytes>,
    faces: Vec<Font>,
    book: LazyHash<FontBook>,
    database: Arc<fontdb::Database>,
}

impl Fonts {
    /// The faces in `files`, which are the theme's `fonts/` folder; licences
    /// and whatever else lies there is passed over.
    pub fn new<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Self {
        Self::of(files.filter(|(path, _)| is_font(path)).map(|(_, it)| Bytes::new(it.to_vec())))
    }

    /// The faces in these files.
    pub(super) fn of(files: impl Iterator<Item = Bytes>) -> Self {
        let files: Vec<Bytes> = files.collect();
        let faces: Vec<Font> = files.iter().cloned().flat_map(Font::iter).collect();
        let mut database = fontdb::Database::new();
        for bytes in &files {
            database.load_font_source(fontdb::Source::Binary(Arc::new(bytes.clone())));
        }
        database.set_sans_serif_family(SANS);
        database.set_serif_family(SERIF);
        database.set_monospace_family(MONO);
        let book = LazyHash::new(FontBook::from_fonts(&faces));
        Self { files, faces, book, database: Arc::new(database) }
    }

    /// The files that the faces are in.
    pub(super) fn files(&self) -> impl Iterator<Item = &[u8]> {
        self.files.iter().map(|file| &**file)
    }

    /// What Typst chooses from.
    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    /// The face at an index of [`Fonts::book`].
    pub(super) fn face(&self, index: usize) -> Option<Font> {
        self.faces.get(index).cloned()
    }

    /// What resvg chooses from.
    pub(super) fn database(&self) -> &Arc<fontdb::Database> {
        &self.database
    }

    /// Whether there is a face of this family, however it is capitalised.
    pub fn has(&self, family: &str) -> bool {
        self.book.contains_family(&family.to_lowercase())
    }

    /// The families, in order of name.
    pub fn families(&self) -> impl Iterator<Item = &str> {
        self.book.families().map(|(name, _)| name)
    }

    /// Whether some face draws `character`. Typst falls back from face to face,
    /// so one that has it is enough.
    pub fn draw(&self, character: char) -> bool {
        self.faces.iter().any(|face| face.info().coverage.contains(character.into()))
    }
}

fn is_font(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.ends_with(".ttf") || path.ends_with(".otf")
}
