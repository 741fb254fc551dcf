//! What can be wrong with a ledger, told so that a coordinator can act on it.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("`{url}` is no ledger: {reason}")]
    Address { url: String, reason: &'static str },

    #[error("the folder {} for the ledger cannot be made: {source}", path.display())]
    Folder { path: PathBuf, source: std::io::Error },

    #[error("the ledger {} cannot be opened: {reason}", path.display())]
    CannotOpen { path: PathBuf, reason: String },

    #[error("the ledger {} cannot be written to", path.display())]
    ReadOnly { path: PathBuf },

    #[error("no room is left for the ledger {}", path.display())]
    DiskFull { path: PathBuf },

    #[error("{} is not a ledger, nor any SQLite database", path.display())]
    NotADatabase { path: PathBuf },

    #[error("{} is a database of something else", path.display())]
    Foreign { path: PathBuf },

    #[error("the ledger {} was written by a newer hlas", path.display())]
    Newer { path: PathBuf },

    #[error("the ledger {} is held by another program", path.display())]
    Busy { path: PathBuf },

    #[error("the ledger {} is damaged: {what}", path.display())]
    Damaged { path: PathBuf, what: String },

    #[error("no copy could be made at {}: {source}", path.display())]
    Copy { path: PathBuf, source: std::io::Error },

    /// Whatever else the database said.
    #[error("the ledger {} failed: {source}", path.display())]
    Failed { path: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
}

impl LedgerError {
    /// The way out, where there is a usual one.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::Address { .. } => "write it as `sqlite:path/to/ledger.db`",
            Self::Folder { .. } | Self::CannotOpen { .. } | Self::ReadOnly { .. } => {
                "the folder must be writable too: SQLite keeps a journal beside the file"
            }
            Self::DiskFull { .. } => {
                "make room and run again: what was written down before is safe"
            }
            Self::NotADatabase { .. } | Self::Foreign { .. } => {
                "name another file, or move this one out of the way"
            }
            Self::Newer { .. } => "update hlas; an older one could misread what was sent",
            Self::Busy { .. } => "wait for it to end, then run again",
            Self::Damaged { .. } => "restore it from a copy before anything is sent",
            Self::Copy { .. } => "name a file that is not there yet, in a folder that is",
            Self::Failed { .. } => return None,
        })
    }
}
