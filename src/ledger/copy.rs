//! A ledger poured from one backend into another: SQLite → PostgreSQL and back.
//!
//! Rows travel as JSON objects, sheet by sheet, out of one transaction that sees
//! a single moment and into one that comes whole or not at all. What is a number
//! in one backend and a truth value in the other means the same in JSON, and
//! bytes are written in hexadecimal; so [`TABLES`] is all there is to know, and
//! a test holds it against both schemas.
//!
//! The surprise: a copy does not send. It is handed the home of its original,
//! which is somewhere else, and waits until somebody takes it over (`fence.rs`).

use tokio::sync::mpsc;

use super::{Home, Ledger, LedgerError, Machine};

/// One table: its columns, those of its key first.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    key: &'static [&'static str],
    others: &'static [&'static str],
    /// The column that holds bytes and not text.
    bytes: Option<&'static str>,
}

/// All but `home`, in an order in which each refers to those before it.
pub const TABLES: [Table; 9] = [
    Table {
        name: "mailing",
        key: &["slug"],
        others: &[
            "frozen_at",
            "complete",
            "candidates",
            "paused_at",
            "pause_reason",
            "watched_from",
            "held",
            "not_after",
        ],
        bytes: None,
    },
    Table { name: "attachment", key: &["sha256"], others: &["bytes"], bytes: Some("bytes") },
    Table {
        name: "edition",
        key: &["mailing", "language", "segment"],
        others: &[
            "subject",
            "from_name",
            "greeting",
            "html",
            "text",
            "attachment",
            "attachment_name",
            "attachment_type",
        ],
        bytes: None,
    },
    Table {
        name: "embedded_picture",
        key: &["mailing", "language", "segment", "position"],
        others: &["content_id", "name", "media_type", "bytes"],
        bytes: None,
    },
    Table {
        name: "delivery",
        key: &["number"],
        others: &[
            "id",
            "mailing",
            "subscriber",
            "address",
            "domain",
            "name",
            "salutation",
            "language",
            "segment",
            "frozen_at",
            "state",
            "worker",
            "lease_until",
            "next_try",
        ],
        bytes: None,
    },
    Table { name: "exclusion", key: &["mailing", "subscriber"], others: &["reason"], bytes: None },
    Table {
        name: "attempt",
        key: &["number"],
        others: &[
            "delivery", "at", "outcome", "stage", "code", "enhanced", "text", "server", "took",
            "by",
        ],
        bytes: None,
    },
    Table { name: "suppression", key: &["subscriber"], others: &["reason", "since"], bytes: None },
    Table {
        name: "meter",
        key: &["bucket"],
        others: &["next", "day", "step", "sent", "slowed_to", "slowed_at"],
        bytes: None,
    },
];

impl Table {
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.key.iter().chain(self.others).copied()
    }

    pub fn is_bytes(&self, column: &str) -> bool {
        self.bytes == Some(column)
    }

    /// What each column becomes, one after the other.
    pub fn each(&self, write: impl Fn(&'static str) -> String) -> String {
        self.columns().map(write).collect::<Vec<_>>().join(", ")
    }

    /// By key, so that both sides read and write from the beginning to the end.
    pub fn order(&self) -> String {
        self.key.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
    }
}

/// What is poured.
pub enum Sheet {
    /// Some rows of a table, as one JSON array.
    Rows(&'static Table, String),
    /// That was all: so many rows of each table, in the order of [`TABLES`].
    /// What ends without it has broken off.
    End(Vec<u64>),
}

/// What came of taking in.
pub enum Taking {
    /// So many rows of each table.
    Whole(Vec<u64>),
    /// It holds something already; nothing was written.
    NotEmpty,
    /// The other side ended too early; nothing was written.
    BrokenOff,
    /// What was poured and what is there differ; nothing was written.
    Differs { table: &'static str, poured: u64, found: u64 },
}

impl Taking {
    pub fn of(poured: Vec<u64>, found: Vec<u64>) -> Self {
        let pairs = TABLES.iter().zip(poured.iter().zip(&found));
        match pairs.into_iter().find(|(_, (poured, found))| poured != found) {
            Some((table, (&poured, &found))) => Self::Differs { table: table.name, poured, found },
            None => Self::Whole(found),
        }
    }

    pub fn told(self, place: &str) -> Result<Vec<u64>, LedgerError> {
        let place = place.to_owned();
        let damaged = |what| Err(LedgerError::Damaged { place: place.clone(), what });
        match self {
            Self::Whole(counts) => Ok(counts),
            Self::NotEmpty => Err(LedgerError::NotEmpty { place }),
            Self::BrokenOff => damaged("the copy broke off".to_owned()),
            Self::Differs { table, poured, found } => damaged(format!(
                "of {poured} rows of `{table}` {found} arrived, so nothing was copied"
            )),
        }
    }
}

pub type Sheets = mpsc::Receiver<Sheet>;

/// Gathers rows into sheets, none of them much larger than a megabyte but for a
/// row that is.
pub struct Pouring {
    sheets: mpsc::Sender<Sheet>,
    table: &'static Table,
    rows: String,
    counts: Vec<u64>,
}

/// Nobody takes any more: they know why.
#[derive(Debug)]
pub struct NobodyTakes;

impl Pouring {
    const ENOUGH: usize = 1 << 20;

    pub fn into(sheets: mpsc::Sender<Sheet>) -> Self {
        Self { sheets, table: &TABLES[0], rows: String::new(), counts: Vec::new() }
    }

    pub async fn begin(&mut self, table: &'static Table) -> Result<(), NobodyTakes> {
        self.flush().await?;
        self.table = table;
        self.counts.push(0);
        Ok(())
    }

    /// One row, a JSON object.
    pub async fn row(&mut self, row: &str) -> Result<(), NobodyTakes> {
        self.rows.push(if self.rows.is_empty() { '[' } else { ',' });
        self.rows.push_str(row);
        if let Some(count) = self.counts.last_mut() {
            *count += 1;
        }
        if self.rows.len() > Self::ENOUGH { self.flush().await } else { Ok(()) }
    }

    pub async fn end(mut self) -> Result<(), NobodyTakes> {
        self.flush().await?;
        let counts = std::mem::take(&mut self.counts);
        self.sheets.send(Sheet::End(counts)).await.map_err(|_| NobodyTakes)
    }

    async fn flush(&mut self) -> Result<(), NobodyTakes> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows) + "]";
        self.sheets.send(Sheet::Rows(self.table, rows)).await.map_err(|_| NobodyTakes)
    }
}

/// Copies all of `from` into `to`, which must be empty. Returns how many rows of
/// each table that was, counted in `to`.
pub async fn copy(
    from: &dyn Ledger,
    to: &dyn Ledger,
) -> Result<Vec<(&'static str, u64)>, LedgerError> {
    let home = match from.home().await? {
        Some(home) => home,
        None => never_used(from).await?,
    };
    let (pour, sheets) = mpsc::channel(4);
    let (poured, taken) = tokio::join!(from.pour_out(pour), to.take_in(sheets, &home));
    poured?;
    let counts = taken?;
    Ok(TABLES.iter().map(|table| table.name).zip(counts).collect())
}

/// The home of a ledger that has sent nothing yet, but may at any time.
async fn never_used(from: &dyn Ledger) -> Result<Home, LedgerError> {
    let here = from.here(Machine::here(None)).await?;
    let place = here.place.unwrap_or_else(|| "in memory".into());
    let last_used = jiff::Timestamp::UNIX_EPOCH;
    Ok(Home { machine: here.machine, place, turn: 0, last_used, adopted_at: None })
}
