//! What SQLite says, in the words of the house.
//!
//! Result codes: <https://www.sqlite.org/rescode.html>. The low byte is the
//! primary code, which is all that makes a difference to a person.

use std::path::Path;

use sqlx::migrate::MigrateError;

use super::super::LedgerError;

const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READ_ONLY: u32 = 8;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const CANNOT_OPEN: u32 = 14;
const NOT_A_DATABASE: u32 = 26;

pub fn told(path: &Path, error: sqlx::Error) -> LedgerError {
    let path = path.to_owned();
    match error {
        sqlx::Error::Decode(what) => LedgerError::Damaged { path, what: what.to_string() },
        sqlx::Error::ColumnDecode { index, source } => {
            LedgerError::Damaged { path, what: format!("{index}: {source}") }
        }
        sqlx::Error::RowNotFound => {
            LedgerError::Damaged { path, what: "a row that must be there is not".to_owned() }
        }
        error => {
            let said = error.as_database_error().map(|said| said.message().to_owned());
            match (primary_code(&error), said) {
                (Some(BUSY | LOCKED), _) => LedgerError::Busy { path },
                (Some(READ_ONLY), _) => LedgerError::ReadOnly { path },
                (Some(FULL), _) => LedgerError::DiskFull { path },
                (Some(CORRUPT), Some(what)) => LedgerError::Damaged { path, what },
                (Some(CANNOT_OPEN), Some(reason)) => LedgerError::CannotOpen { path, reason },
                (Some(NOT_A_DATABASE), _) => LedgerError::NotADatabase { path },
                _ => LedgerError::Failed { path, source: error.into() },
            }
        }
    }
}

pub fn migration(path: &Path, error: MigrateError) -> LedgerError {
    match error {
        // "Modified" too: no release edits a migration, so another hlas, with
        // a history of its own, made this file.
        MigrateError::VersionMissing(_)
        | MigrateError::VersionMismatch(_)
        | MigrateError::VersionTooNew(..) => LedgerError::Newer { path: path.to_owned() },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            told(path, error)
        }
        other => LedgerError::Failed { path: path.to_owned(), source: other.into() },
    }
}

fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}
