//! What can be wrong with a ledger, told so that a coordinator can act on it.
//!
//! A `place` is a ledger's as a message may name it, without a password.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("`{url}` is no ledger: {reason}")]
    Address { url: String, reason: &'static str },

    #[error("the folder {} for the ledger cannot be made: {source}", path.display())]
    Folder { path: PathBuf, source: std::io::Error },

    #[error("the ledger {place} cannot be opened: {reason}")]
    CannotOpen { place: String, reason: String },

    #[error("the ledger {place} cannot be written to")]
    ReadOnly { place: String },

    #[error("no room is left for the ledger {place}")]
    DiskFull { place: String },

    #[error("{place} is not a ledger, nor any SQLite database")]
    NotADatabase { place: String },

    #[error("{place} is a database of something else")]
    Foreign { place: String },

    #[error("the ledger {place} was written by a newer hlas")]
    Newer { place: String },

    #[error("the ledger {place} is held by another program")]
    Busy { place: String },

    #[error("the ledger {place} is damaged: {what}")]
    Damaged { place: String, what: String },

    #[error("no copy could be made at {}: {source}", path.display())]
    Copy { path: PathBuf, source: std::io::Error },

    /// Whatever else the database said.
    #[error("the ledger {place} failed: {source}")]
    Failed { place: String, source: Box<dyn std::error::Error + Send + Sync> },
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
