//! Where a ledger is: what its URL says.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Ledger, LedgerError, LedgerLock, LockError, lock, sqlite};

/// Where a ledger is. Shown, it is without a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `sqlite::memory:`, gone with the process.
    Memory,
    /// `sqlite:path/to/ledger.db`
    File(PathBuf),
}

impl Place {
    /// Relative paths are below `root`.
    pub fn parse(url: &str, root: &Path) -> Result<Self, LedgerError> {
        let wrong = |reason| LedgerError::Address { url: shown(url), reason };
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(wrong("it has no scheme"));
        };
        match scheme {
            "sqlite" if rest == ":memory:" => Ok(Self::Memory),
            "sqlite" => match rest.strip_prefix("//").unwrap_or(rest) {
                "" => Err(wrong("it names no file")),
                path => Ok(Self::File(root.join(path))),
            },
            "postgres" | "postgresql" => Err(wrong("PostgreSQL is not built in yet")),
            _ => Err(wrong("the scheme is unknown")),
        }
    }

    /// Opens the ledger, creating it and its folder where missing, and brings
    /// its schema up to date.
    pub async fn open(&self) -> Result<Arc<dyn Ledger>, LedgerError> {
        Ok(match self {
            Self::Memory => Arc::new(sqlite::Sqlite::in_memory().await?),
            Self::File(path) => Arc::new(sqlite::Sqlite::at(path.clone()).await?),
        })
    }

    /// Takes its lock, or says at once who has it.
    pub async fn lock(&self) -> Result<LedgerLock, LockError> {
        match self {
            Self::Memory => Ok(LedgerLock::of_nothing()),
            Self::File(path) => lock::beside(path),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("in memory"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// A database URL may carry a password; a message may not.
pub fn shown(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Place, String> {
        Place::parse(url, Path::new("/desk")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_relative_path_is_below_the_workspace() {
        assert_eq!(parse("sqlite:var/l.db"), Ok(Place::File("/desk/var/l.db".into())));
        assert_eq!(parse("sqlite://var/l.db"), Ok(Place::File("/desk/var/l.db".into())));
        assert_eq!(parse("sqlite:/srv/l.db"), Ok(Place::File("/srv/l.db".into())));
        assert_eq!(parse("sqlite:///srv/l.db"), Ok(Place::File("/srv/l.db".into())));
        assert_eq!(parse("sqlite::memory:"), Ok(Place::Memory));
    }

    #[test]
    fn an_address_that_leads_nowhere_is_told_apart_and_shows_no_password() {
        let told = |url| parse(url).expect_err("no ledger there");
        assert_eq!(told("ledger.db"), "`ledger.db` is no ledger: it has no scheme");
        assert_eq!(told("sqlite:"), "`sqlite:` is no ledger: it names no file");
        assert_eq!(
            told("postgres://hlas:secret@db/hlas"),
            "`postgres://…@db/hlas` is no ledger: PostgreSQL is not built in yet"
        );
    }
}
