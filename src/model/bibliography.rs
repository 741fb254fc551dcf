//! The works that a publication may cite: its `.bib` file.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::Place;

/// A `.bib` file that lies beside the text.
#[derive(Clone)]
pub struct Bibliography {
    /// The file, relative to the workspace.
    pub file: PathBuf,
    pub text: Arc<str>,
    /// In the order of the file; each key once.
    pub works: Vec<Work>,
}

/// One entry of it: a book, a report, a law.
#[derive(Debug, Clone)]
pub struct Work {
    /// What a text calls it: `[@key]`.
    pub key: String,
    /// Where the key stands in the file.
    pub place: Place,
    /// What is known of it; `None` if the entry could not be read, which is
    /// told already.
    pub entry: Option<hayagriva::Entry>,
}

impl Bibliography {
    pub fn work(&self, key: &str) -> Option<&Work> {
        self.works.iter().find(|work| work.key == key)
    }
}

/// The works are what the text says: two of the same text are the same.
impl fmt::Debug for Bibliography {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bibliography").field("file", &self.file).field("text", &self.text).finish()
    }
}
