//! Where a ledger is: what its URL says.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::{Ledger, LedgerError, LedgerLock, LockError, Witness, lock, postgres, sqlite};
use crate::model::digest;
use crate::secret::Secret;

/// Where a ledger is. Shown, it is without a password.
#[derive(Debug, Clone)]
pub enum Place {
    /// `sqlite::memory:`, gone with the process.
    Memory,
    /// `sqlite:path/to/ledger.db`
    File(PathBuf),
    /// `postgres://user@host/database`
    Server(Box<Server>),
}

/// A database on a server.
#[derive(Clone)]
pub struct Server {
    options: PgConnectOptions,
    shown: String,
    /// Whether the URL itself has a password.
    has_password: bool,
    password: Option<Secret>,
    witness: Witness,
}

/// What may stand behind the `?` of a URL
/// (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>).
const PARAMETERS: [&str; 10] = [
    "host",
    "hostaddr",
    "port",
    "user",
    "password",
    "dbname",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
];

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
            "postgres" | "postgresql" => {
                Ok(Self::Server(Box::new(Server::parse(url, root).map_err(wrong)?)))
            }
            _ => Err(wrong("the scheme is unknown")),
        }
    }

    /// The password for a server, where the URL has none, as it should.
    pub fn with_password(mut self, password: Option<Secret>) -> Self {
        if let Self::Server(server) = &mut self {
            server.password = password;
        }
        self
    }

    /// Opens the ledger, creating it (and its folder, not its database) where
    /// missing. In a file its schema is brought up to date, on a server it must
    /// be.
    pub async fn open(&self) -> Result<Arc<dyn Ledger>, LedgerError> {
        Ok(match self {
            Self::Memory => Arc::new(sqlite::Sqlite::in_memory().await?),
            Self::File(path) => Arc::new(sqlite::Sqlite::at(path.clone()).await?),
            Self::Server(server) => {
                let options = server.options()?;
                Arc::new(postgres::Postgres::at(options, server.shown.clone()).await?)
            }
        })
    }

    /// Brings the schema up to date, where opening does not, and says what that
    /// took.
    pub async fn migrate(&self) -> Result<Vec<String>, LedgerError> {
        match self {
            Self::Memory | Self::File(_) => self.open().await.map(|_| Vec::new()),
            Self::Server(server) => postgres::migrate(server.options()?, &server.shown).await,
        }
    }

    /// Where several machines can send with it, what this workspace has seen of
    /// it; `None` where only one can.
    pub fn shared(&self) -> Option<&Witness> {
        match self {
            Self::Memory | Self::File(_) => None,
            Self::Server(server) => Some(&server.witness),
        }
    }

    /// Takes its lock, or says at once who has it.
    pub async fn lock(&self) -> Result<LedgerLock, LockError> {
        match self {
            Self::Memory => Ok(LedgerLock::of_nothing()),
            Self::File(path) => lock::beside(path),
            Self::Server(server) => {
                let witness = server.witness.clone();
                lock::on_server(server.options()?, server.shown.clone(), witness).await
            }
        }
    }
}

impl Server {
    fn parse(url: &str, root: &Path) -> Result<Self, &'static str> {
        let parsed = Url::parse(url).map_err(|_| "it cannot be read as a URL")?;
        let unknown = |key: &str| !PARAMETERS.contains(&key);
        if parsed.query_pairs().any(|(key, _)| unknown(&key)) {
            return Err("behind its `?` stands something unknown");
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| "it cannot be read as a URL")?;
        if options.get_database().is_none_or(str::is_empty) {
            return Err("it names no database");
        }
        let options = in_tls(options)?;
        let in_query = || parsed.query_pairs().any(|(key, _)| key == "password");
        let shown = shown_server(&options);
        let known_as = &digest(shown.as_bytes())[..12];
        Ok(Self {
            has_password: parsed.password().is_some() || in_query(),
            witness: Witness(root.join(format!("var/ledger-{known_as}.turn"))),
            password: None,
            options,
            shown,
        })
    }

    pub(super) fn options(&self) -> Result<PgConnectOptions, LedgerError> {
        match &self.password {
            Some(password) if !self.has_password => {
                let told = |reason| LedgerError::Password { place: self.shown.clone(), reason };
                Ok(self.options.clone().password(&password.reveal().map_err(told)?))
            }
            _ => Ok(self.options.clone()),
        }
    }
}

/// On this machine the line may be in the clear; off it, it is in TLS, and the
/// server must be who it says it is, unless somebody states otherwise.
fn in_tls(options: PgConnectOptions) -> Result<PgConnectOptions, &'static str> {
    if options.get_socket().is_some() || is_here(options.get_host()) {
        return Ok(options);
    }
    match options.get_ssl_mode() {
        PgSslMode::Disable | PgSslMode::Allow => Err("off this machine the line must be in TLS"),
        PgSslMode::Prefer => Ok(options.ssl_mode(PgSslMode::VerifyFull)),
        _ => Ok(options),
    }
}

/// A folder of sockets, or a loopback address.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |host: &str| host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
    host.starts_with('/') || host == "localhost" || is_loopback(host)
}

/// Without user and password: whoever reads a log need not know.
fn shown_server(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_default();
    let folder = options.get_socket().map(|folder| folder.display().to_string());
    let host = options.get_host();
    match folder.or_else(|| host.starts_with('/').then(|| host.to_owned())) {
        Some(folder) => format!("postgres:///{database}?host={folder}"),
        None => match options.get_port() {
            5432 => format!("postgres://{host}/{database}"),
            port => format!("postgres://{host}:{port}/{database}"),
        },
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.shown)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("in memory"),
            Self::File(path) => path.display().fmt(f),
            Self::Server(server) => f.write_str(&server.shown),
        }
    }
}

/// A database URL may carry a password, before its host or behind its `?`; a
/// message may not.
pub fn shown(url: &str) -> String {
    let (url, behind) = match url.split_once('?') {
        Some((url, behind)) if behind.contains("password") => (url, "?…"),
        Some(_) | None => (url, ""),
    };
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}{behind}"),
        _ => format!("{url}{behind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<String, String> {
        let place = Place::parse(url, Path::new("/desk")).map_err(|error| error.to_string())?;
        Ok(place.to_string())
    }

    #[test]
    fn a_relative_path_is_below_the_workspace() {
        assert_eq!(parse("sqlite:var/l.db"), Ok("/desk/var/l.db".to_owned()));
        assert_eq!(parse("sqlite://var/l.db"), Ok("/desk/var/l.db".to_owned()));
        assert_eq!(parse("sqlite:/srv/l.db"), Ok("/srv/l.db".to_owned()));
        assert_eq!(parse("sqlite:///srv/l.db"), Ok("/srv/l.db".to_owned()));
        assert_eq!(parse("sqlite::memory:"), Ok("in memory".to_owned()));
    }

    #[test]
    fn an_address_that_leads_nowhere_is_told_apart_and_shows_no_password() {
        let told = |url| parse(url).expect_err("no ledger there");
        assert_eq!(told("ledger.db"), "`ledger.db` is no ledger: it has no scheme");
        assert_eq!(told("sqlite:"), "`sqlite:` is no ledger: it names no file");
        let url = "postgres://hlas:secret@db.example.org";
        assert_eq!(told(url), "`postgres://…@db.example.org` is no ledger: it names no database");
        let url = "postgres://db.example.org/hlas?password=secret&sslmod=disable";
        let unknown = "`postgres://db.example.org/hlas?…` is no ledger: behind its `?` stands something unknown";
        assert_eq!(told(url), unknown);
    }

    #[test]
    fn a_server_is_shown_without_user_and_password() {
        let shown = |url| parse(url).expect("a ledger");
        let url = "postgres://hlas:secret@db.example.org/hlas";
        assert_eq!(shown(url), "postgres://db.example.org/hlas");
        let place = Place::parse(url, Path::new("/desk")).expect("a ledger");
        assert!(!format!("{place:?}").contains("secret"));
        let url = "postgres://db.example.org:5433/hlas?user=hlas&password=secret";
        assert_eq!(shown(url), "postgres://db.example.org:5433/hlas");
        let url = "postgresql:///hlas?host=/run/postgresql";
        assert_eq!(shown(url), "postgres:///hlas?host=/run/postgresql");
        let url = "postgres://hlas@%2Frun%2Fpostgresql/hlas";
        assert_eq!(shown(url), "postgres:///hlas?host=/run/postgresql");
    }

    #[test]
    fn off_this_machine_the_line_is_in_tls_and_the_server_is_who_it_says() {
        let mode =
            |url: &str| match Place::parse(url, Path::new("/desk")).map_err(|it| it.to_string())? {
                Place::Server(server) => Ok(format!("{:?}", server.options.get_ssl_mode())),
                other => Err(format!("{other:?}")),
            };
        let by_default = mode("postgres://db.example.org/hlas");
        assert_eq!(by_default.as_deref(), Ok("VerifyFull"));
        assert_eq!(mode("postgres://db.example.org/h?sslmode=require").as_deref(), Ok("Require"));
        let refused =
            mode("postgres://db.example.org/h?sslmode=disable").expect_err("in the clear");
        assert!(refused.ends_with("off this machine the line must be in TLS"), "{refused}");
        for here in ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpostgresql"] {
            let url = format!("postgres://{here}/hlas?sslmode=disable");
            assert_eq!(mode(&url).as_deref(), Ok("Disable"), "{here}");
        }
    }
}
