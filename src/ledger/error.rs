//! What can be wrong with a ledger, told so that a coordinator can act on it.
//!
//! A `place` is a ledger's as a message may name it, without a password.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("`{url}` is no ledger: {reason}")]
    Address { url: String, reason: &'static str },

    #[error("the password for the ledger {place} cannot be read: {reason}")]
    Password { place: String, reason: String },

    #[error("the ledger {place} cannot be reached: {reason}")]
    Unreachable { place: String, reason: String },

    #[error("the ledger {place} lets us not in: {reason}")]
    Denied { place: String, reason: String },

    #[error("there is no database for the ledger {place}")]
    NoSuchDatabase { place: String },

    /// In the middle of the work.
    #[error("the line to the ledger {place} was lost: {reason}")]
    Lost { place: String, reason: String },

    #[error("the folder {} for the ledger cannot be made: {source}", path.display())]
    Folder { path: PathBuf, source: std::io::Error },

    #[error("the ledger {place} cannot be opened: {reason}")]
    CannotOpen { place: String, reason: String },

    #[error("the ledger {place} cannot be written to")]
    ReadOnly { place: String },

    #[error("no room is left for the ledger {place}")]
    DiskFull { place: String },

    /// A disk of the machine that PostgreSQL is on.
    #[error("no room is left on the server for the ledger {place}: {reason}")]
    ServerDiskFull { place: String, reason: String },

    #[error("{place} is not a ledger, nor any SQLite database")]
    NotADatabase { place: String },

    #[error("{place} is a database of something else")]
    Foreign { place: String },

    #[error("the ledger {place} was written by a newer hlas")]
    Newer { place: String },

    #[error("the ledger {place} was set up by an older hlas")]
    Older { place: String },

    #[error("the ledger {place} is held by another program")]
    Busy { place: String },

    #[error("the ledger {place} is not empty")]
    NotEmpty { place: String },

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
            Self::Address { .. } => {
                "write it as `sqlite:path/to/ledger.db` or `postgres://user@host/database`"
            }
            Self::Password { .. } => {
                "see that HLAS_LEDGER_PASSWORD_FILE names a file that you may read"
            }
            Self::Unreachable { .. } => {
                "see that the server is up, and that host and port are right; off this machine it must speak TLS"
            }
            Self::Denied { .. } => {
                "state the password in HLAS_LEDGER_PASSWORD or HLAS_LEDGER_PASSWORD_FILE, and see that the server lets this user in"
            }
            Self::NoSuchDatabase { .. } => "make one: createdb --owner=USER DATABASE",
            Self::Lost { .. } => {
                "run again when the server is back; its log may say why it went. What was written down before is safe"
            }
            Self::Older { .. } => {
                "stop whoever sends with it, then bring it up to date: `hlas ledger migrate`"
            }
            Self::Folder { .. } | Self::CannotOpen { .. } | Self::ReadOnly { .. } => {
                "SQLite keeps a journal beside the file, so the folder must be writable too; in PostgreSQL the user must own the tables or be granted them"
            }
            Self::DiskFull { .. } => {
                "make room and run again: what was written down before is safe"
            }
            Self::ServerDiskFull { .. } => {
                "have room made on the disk of PostgreSQL, see that it is up, and run again: what was written down before is safe"
            }
            Self::NotADatabase { .. } | Self::Foreign { .. } => {
                "name another file, or move this one out of the way"
            }
            Self::Newer { .. } => "update hlas; an older one could misread what was sent",
            Self::Busy { .. } => "wait for it to end, then run again",
            Self::NotEmpty { .. } => "copy into a new file, or into a database with nothing in it",
            Self::Damaged { .. } => "restore it from a copy before anything is sent",
            Self::Copy { .. } => "name a file that is not there yet, in a folder that is",
            Self::Failed { .. } => return None,
        })
    }
}
