//! A publication in one language for one readership, and its bytes in one format.

use super::{ByLanguage, MailPictures, Manuscript, Publication};

/// For whom an edition is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readership {
    /// Page, PDF and feed: anybody.
    Public,
    /// Mail: one segment, with its title, which tells readers why they get it.
    Segment { id: String, title: ByLanguage<String>, pictures: MailPictures },
}

impl Readership {
    /// The segment's id; `None` for the public.
    pub fn segment(&self) -> Option<&str> {
        match self {
            Self::Public => None,
            Self::Segment { id, .. } => Some(id),
        }
    }
}

/// A publication in one language for one readership.
#[derive(Debug, Clone)]
pub struct Edition<'a> {
    pub publication: &'a Publication,
    pub manuscript: &'a Manuscript,
    pub readership: Readership,
}

impl Edition<'_> {
    /// How its mail shows pictures: as its author says, else as its readers
    /// have it.
    pub fn mail_pictures(&self) -> MailPictures {
        let segment = match &self.readership {
            Readership::Public => MailPictures::Hosted,
            Readership::Segment { pictures, .. } => *pictures,
        };
        self.publication.mail_pictures.unwrap_or(segment)
    }
}

/// An edition as bytes in one format. `path` is relative to the output folder.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendition {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Rendition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rendition({}, {} bytes)", self.path, self.bytes.len())
    }
}
