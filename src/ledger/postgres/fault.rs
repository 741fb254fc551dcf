//! What PostgreSQL says, in the words of the house.
//!
//! Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.

use sqlx::migrate::MigrateError;

use super::super::LedgerError;

/// While a connection is being made.
pub fn connecting(place: &str, error: sqlx::Error) -> LedgerError {
    let unreachable = |reason: String| LedgerError::Unreachable { place: place.to_owned(), reason };
    match error {
        sqlx::Error::Io(error) => unreachable(error.to_string()),
        sqlx::Error::Tls(error) => unreachable(format!("TLS: {error}")),
        sqlx::Error::PoolTimedOut => unreachable("it does not answer".to_owned()),
        error => told(place, error),
    }
}

pub fn told(place: &str, error: sqlx::Error) -> LedgerError {
    let place = place.to_owned();
    match error {
        sqlx::Error::Decode(what) => LedgerError::Damaged { place, what: what.to_string() },
        sqlx::Error::ColumnDecode { index, source } => {
            LedgerError::Damaged { place, what: format!("{index}: {source}") }
        }
        sqlx::Error::RowNotFound => {
            LedgerError::Damaged { place, what: "a row that must be there is not".to_owned() }
        }
        sqlx::Error::Io(error) => LedgerError::Lost { place, reason: error.to_string() },
        sqlx::Error::PoolTimedOut => {
            LedgerError::Lost { place, reason: "it does not answer".to_owned() }
        }
        sqlx::Error::Database(said) => {
            let code = said.code().unwrap_or_default().into_owned();
            let reason = said.message().to_owned();
            match code.as_str() {
                "28P01" | "28000" => LedgerError::Denied { place, reason },
                "3D000" => LedgerError::NoSuchDatabase { place },
                "42501" => LedgerError::CannotOpen { place, reason },
                "25006" => LedgerError::ReadOnly { place },
                // Its tables' disk, or its journal's; after the latter it goes down.
                "53100" => LedgerError::ServerDiskFull { place, reason },
                // Too many connections; somebody else's lock.
                "53300" | "55P03" => LedgerError::Busy { place },
                // Told to stop, gone down, not yet up.
                "57P01" | "57P02" | "57P03" => LedgerError::Lost { place, reason },
                "XX001" | "XX002" => LedgerError::Damaged { place, what: reason },
                _ => LedgerError::Failed { place, source: said.into() },
            }
        }
        error => LedgerError::Failed { place, source: error.into() },
    }
}

pub fn migration(place: &str, error: MigrateError) -> LedgerError {
    match error {
        // "Modified" too: no release edits a migration, so another hlas, with
        // a history of its own, made this schema.
        MigrateError::VersionMissing(_)
        | MigrateError::VersionMismatch(_)
        | MigrateError::VersionTooNew(..) => LedgerError::Newer { place: place.to_owned() },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            told(place, error)
        }
        other => LedgerError::Failed { place: place.to_owned(), source: other.into() },
    }
}
