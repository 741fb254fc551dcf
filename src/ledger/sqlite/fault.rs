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
    let place = path.display().to_string();
    match error {
        sqlx::Error::Decode(what) => LedgerError::Damaged { place, what: what.to_string() },
        sqlx::Error::ColumnDecode { index, source } => {
            LedgerError::Damaged { place, what: format!("{index}: {source}") }
        }
        sqlx::Error::RowNotFound => {
            LedgerError::Damaged { place, what: "a row that must be there is not".to_owned() }
        }
        error => {
            let said = error.as_database_error().map(|said| said.message().to_owned());
            match (primary_code(&error), said) {
                (Some(BUSY | LOCKED), _) => LedgerError::Busy { place },
                (Some(READ_ONLY), _) => LedgerError::ReadOnly { place },
                (Some(FULL), _) => LedgerError::DiskFull { place },
                (Some(CORRUPT), Some(what)) => LedgerError::Damaged { place, what },
                (Some(CANNOT_OPEN), Some(reason)) => LedgerError::CannotOpen { place, reason },
                (Some(NOT_A_DATABASE), _) => LedgerError::NotADatabase { place },
                _ => LedgerError::Failed { place, source: error.into() },
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
        | MigrateError::VersionTooNew(..) => {
            LedgerError::Newer { place: path.display().to_string() }
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            told(path, error)
        }
        other => LedgerError::Failed { place: path.display().to_string(), source: other.into() },
    }
}

fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}
