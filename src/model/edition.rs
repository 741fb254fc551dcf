//! A publication in one language for one readership, and its bytes in one format.

use super::{ByLanguage, Manuscript, Publication};

/// For whom an edition is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readership {
    /// Page, PDF and feed: anybody.
    Public,
    /// Mail: one segment, with its title, which tells readers why they get it.
    Segment { id: String, title: ByLanguage<String> },
}

/// A publication in one language for one readership.
#[derive(Debug, Clone)]
pub struct Edition<'a> {
    pub publication: &'a Publication,
    pub manuscript: &'a Manuscript,
    pub readership: Readership,
}

/// An edition as bytes in one format. `path` is relative to the output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    pub path: String,
    pub bytes: Vec<u8>,
}
