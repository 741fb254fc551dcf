//! The ledger in a PostgreSQL database, for several machines that send.
//!
//! Every claim skips what others have locked (`FOR UPDATE SKIP LOCKED`), every
//! lease runs by this server's clock, and a step that is written down is one
//! statement, so that it travels once. A commit has reached the disk when it
//! returns: `synchronous_commit` is put on again where somebody put it off.
//!
//! The surprise: nothing here waits for another worker for long. What one has
//! locked another passes over, and a lock that somebody at an SQL prompt has
//! forgotten is given up on after [`PATIENCE`].

mod copy;
mod fault;
mod home;
mod lock;
mod pace;
mod pause;
mod plan;
mod read;
mod resolve;
mod schema;
mod steps;
#[cfg(test)]
pub mod throwaway;
mod work;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::{Mutex, mpsc};

use super::copy::{Sheet, Sheets};
use super::sqlite::Sqlite;
use super::{
    Among, Bucket, Claimed, Due, Entry, Here, Hold, Home, Lease, Ledger, LedgerError, Machine,
    Meter, Planned, Recovered, Step, Stranded, Turns, Waiting, Wish, Word,
};
use crate::model::{
    Books, Deliveries, DeliveryId, DeliveryState, Exclusion, FrozenEdition, Language, Limit,
    Mailing, Slug,
};

pub use lock::{holder, lock};
pub use schema::Applied;

/// How long to wait for a server, or for somebody's lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a step may take before the line counts as dead: longer than the
/// slowest disk, shorter than a lease.
const LONGEST_STEP: Duration = Duration::from_secs(60);

/// Of each pool. One connection claims, one renews leases, one takes turns: none of
/// them waits for another, or for the tidying up after it.
const CONNECTIONS: u32 = 4;

/// How connections plan whose statements look a few rows up by their keys. The
/// server guesses how many that will be, and how many there are; a wrong guess
/// makes it read the whole table for eight rows, each time. So it is told to go
/// by the keys, and asked to think about it once (docs/adr/0061).
const BY_KEY: [(&str, &str); 5] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
];

pub struct Postgres {
    /// For what asks about many rows.
    pool: PgPool,
    /// For the steps of deliveries; see [`BY_KEY`].
    by_key: PgPool,
    /// One like those, kept by whoever writes steps down. A pool would have a word
    /// with the server after each, and steps come by the hundred a second.
    desk: Mutex<Option<PgConnection>>,
    /// For messages.
    place: String,
}

impl Postgres {
    /// An empty database becomes a ledger. An older one is brought up to date
    /// only by [`migrate`], because other machines may be at work on it.
    pub async fn at(options: PgConnectOptions, place: String) -> Result<Self, LedgerError> {
        let mut connection = connect(&options, &place).await?;
        schema::ready(&mut connection, &place).await?;
        let _ = connection.close().await;
        let options = at_work(options);
        let by_key = pool(options.clone().options(BY_KEY));
        Ok(Self { pool: pool(options), by_key, desk: Mutex::default(), place })
    }

    fn told<T>(&self, result: sqlx::Result<T>) -> Result<T, LedgerError> {
        result.map_err(|error| fault::told(&self.place, error))
    }

    /// A step that should take an instant. A server that has gone without a
    /// word, as when its machine lost power, would be waited for for ever.
    async fn soon<T>(&self, step: impl Future<Output = sqlx::Result<T>>) -> Result<T, LedgerError> {
        match tokio::time::timeout(LONGEST_STEP, step).await {
            Ok(result) => self.told(result),
            Err(_) => {
                let reason = "it does not answer".to_owned();
                Err(LedgerError::Lost { place: self.place.clone(), reason })
            }
        }
    }
}

/// Brings the schema up to date, and says what it did.
pub async fn migrate(options: PgConnectOptions, place: &str) -> Result<Applied, LedgerError> {
    let mut connection = connect(&options, place).await?;
    let applied = schema::migrate(&mut connection, place).await;
    let _ = connection.close().await;
    applied
}

/// A connection by itself, or why there is none.
pub async fn connect(options: &PgConnectOptions, place: &str) -> Result<PgConnection, LedgerError> {
    let options = at_work(options.clone());
    match tokio::time::timeout(PATIENCE, options.connect()).await {
        Ok(connected) => connected.map_err(|error| fault::connecting(place, error)),
        Err(_) => Err(fault::connecting(place, sqlx::Error::PoolTimedOut)),
    }
}

/// As every connection of ours is set up. The server asks after us when it has
/// not heard of us for a minute, so that the lock of a machine that lost its
/// power is soon free again.
fn at_work(options: PgConnectOptions) -> PgConnectOptions {
    let name = format!("hlas on {}, process {}", Machine::name(), std::process::id());
    options.application_name(&name).options([
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "60s"),
        ("tcp_keepalives_idle", "60"),
        ("tcp_keepalives_interval", "10"),
        ("tcp_keepalives_count", "3"),
    ])
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        // It would ask the server before each statement whether it is there.
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(flushing(connection)))
        .connect_lazy_with(options)
}

/// `off` for this role or database would lose, in a power cut, hand-overs whose
/// messages have arrived. Other values are the owner's choice.
async fn flushing(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "SELECT set_config('synchronous_commit', 'on', FALSE)
          WHERE current_setting('synchronous_commit') = 'off'",
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[async_trait]
impl Ledger for Postgres {
    async fn freeze(
        &self,
        mailing: &Mailing<dyn Deliveries + '_>,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        self.told(plan::freeze(&self.pool, mailing, now).await)
    }

    async fn planned(&self, slug: &Slug) -> Result<Option<Planned>, LedgerError> {
        self.told(plan::planned(&self.pool, slug).await)
    }

    async fn waiting(&self, slug: &Slug, now: Timestamp) -> Result<Waiting, LedgerError> {
        self.told(read::waiting(&self.pool, slug, now).await)
    }

    async fn edition(
        &self,
        slug: &Slug,
        language: &Language,
        segment: &str,
    ) -> Result<Option<FrozenEdition>, LedgerError> {
        self.told(plan::edition(&self.pool, slug, language, segment).await)
    }

    async fn mailings(&self) -> Result<Vec<Slug>, LedgerError> {
        self.told(read::mailings(&self.pool).await)
    }

    async fn books(&self, slug: &Slug) -> Result<Option<Books>, LedgerError> {
        self.told(read::books(&self.pool, slug).await)
    }

    async fn entries(&self, slug: &Slug, state: DeliveryState) -> Result<Vec<Entry>, LedgerError> {
        self.told(read::entries(&self.pool, slug, state).await)
    }

    async fn suppressed(&self) -> Result<HashSet<String>, LedgerError> {
        self.told(read::suppressed(&self.pool).await)
    }

    async fn withdraw(
        &self,
        slug: &Slug,
        subscribers: &[String],
        reason: Exclusion,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        self.told(work::withdraw(&self.pool, slug, subscribers, reason, now).await)
    }

    async fn suppress(
        &self,
        subscriber: &str,
        reason: &str,
        since: Timestamp,
    ) -> Result<(), LedgerError> {
        self.told(work::suppress(&self.pool, subscriber, reason, since).await)
    }

    async fn claim_among(
        &self,
        among: Among<'_>,
        slug: &Slug,
        lease: &Lease,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, LedgerError> {
        self.soon(work::claim(&self.by_key, among, slug, lease, now, limit)).await
    }

    async fn take_turns(&self, wish: &Wish<'_>) -> Result<Turns, LedgerError> {
        self.soon(pace::take_turns(&self.by_key, wish)).await
    }

    async fn slow_down(
        &self,
        bucket: Bucket<'_>,
        limit: &Limit,
        now: Timestamp,
        rest: SignedDuration,
    ) -> Result<(), LedgerError> {
        self.told(pace::slow_down(&self.pool, bucket, limit, now, rest).await)
    }

    async fn meters(&self) -> Result<BTreeMap<String, Meter>, LedgerError> {
        self.told(pace::meters(&self.pool).await)
    }

    async fn write_down(&self, steps: &[Step]) -> Result<Vec<bool>, LedgerError> {
        self.soon(async {
            let mut desk = self.desk.lock().await;
            // After an error a new line is asked for.
            let mut line = match desk.take() {
                Some(line) => line,
                None => self.by_key.acquire().await?.detach(),
            };
            let written = steps::write_down(&mut line, steps).await?;
            *desk = Some(line);
            Ok(written)
        })
        .await
    }

    async fn resolve(
        &self,
        ids: &[DeliveryId],
        word: Word,
        by: &str,
        at: Timestamp,
    ) -> Result<u64, LedgerError> {
        self.told(resolve::resolve(&self.pool, ids, word, by, at).await)
    }

    async fn pause(&self, slug: &Slug, reason: &str, at: Timestamp) -> Result<(), LedgerError> {
        self.told(pause::pause(&self.pool, slug, reason, at).await)
    }

    async fn resume(&self, slug: &Slug) -> Result<bool, LedgerError> {
        self.told(pause::resume(&self.pool, slug).await)
    }

    async fn hold(&self, slug: &Slug, hold: &Hold) -> Result<(), LedgerError> {
        self.told(pause::hold(&self.pool, slug, hold).await)
    }

    async fn goes_on(&self, slug: &Slug, now: Timestamp) -> Result<bool, LedgerError> {
        self.told(pause::goes_on(&self.pool, slug, now).await)
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<Due>, LedgerError> {
        self.told(pause::due(&self.pool, now).await)
    }

    async fn recent_answers(
        &self,
        slug: &Slug,
        limit: u32,
    ) -> Result<Vec<DeliveryState>, LedgerError> {
        self.told(pause::recent_answers(&self.pool, slug, limit).await)
    }

    async fn last_step(&self, slug: &Slug) -> Result<Option<Timestamp>, LedgerError> {
        self.told(read::last_step(&self.pool, slug).await)
    }

    /// Wherever it is opened, it is where its server is.
    async fn here(&self, _machine: Machine) -> Result<Here, LedgerError> {
        self.told(home::here(&self.pool).await)
    }

    async fn home(&self) -> Result<Option<Home>, LedgerError> {
        self.told(home::home(&self.pool).await)
    }

    async fn settle_in(&self, home: &Home) -> Result<(), LedgerError> {
        self.told(home::settle_in(&self.pool, home).await)
    }

    async fn copy_to(&self, file: &Path) -> Result<(), LedgerError> {
        let copy = Sqlite::new_file(file.to_owned()).await?;
        match super::copy::copy(self, &copy).await {
            Ok(_) => copy.close_safely(file).await,
            Err(error) => {
                let _ = std::fs::remove_file(file);
                Err(error)
            }
        }
    }

    async fn pour_out(&self, sheets: mpsc::Sender<Sheet>) -> Result<(), LedgerError> {
        self.told(copy::pour_out(&self.pool, sheets).await)
    }

    async fn take_in(&self, sheets: Sheets, home: &Home) -> Result<Vec<u64>, LedgerError> {
        let taken = self.told(copy::take_in(&self.pool, sheets, home).await)?;
        taken.told(&self.place)
    }

    async fn renew(&self, lease: &Lease) -> Result<u64, LedgerError> {
        self.soon(work::renew(&self.by_key, lease)).await
    }

    async fn release(&self, ids: &[DeliveryId], worker: &str) -> Result<(), LedgerError> {
        self.told(work::release(&self.pool, ids, worker).await)
    }

    async fn recover(
        &self,
        now: Timestamp,
        stranded: Stranded<'_>,
    ) -> Result<Recovered, LedgerError> {
        self.told(work::recover(&self.pool, now, stranded).await)
    }
}

#[cfg(test)]
mod tests;
