//! What was planned, tried, answered and opted out.
//!
//! The ledger is the reason why nobody is mailed twice and nobody is lost: the
//! row of a delivery stands here before the first byte leaves, and every step
//! of it is written down before it is taken. It knows no SMTP and no Markdown.
//!
//! The surprise: *unsure* is a state of its own. A delivery caught between
//! hand-over and answer is neither sent nor unsent; it is shown to a person
//! and never resent unasked.
//!
//! A row goes `pending → claimed → handing over → accepted, deferred, refused
//! or unsure`; the two in the middle count as pending in the [`Books`].

mod column;
mod copy;
mod error;
mod fence;
mod lock;
mod machine;
mod meter;
mod place;
mod postgres;
mod sqlite;

#[cfg(test)]
mod contract;
#[cfg(test)]
pub use contract::delivery as contract_delivery;
#[cfg(test)]
pub use postgres::throwaway;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use crate::model::{
    Attempt, Books, Deliveries, Delivery, DeliveryId, DeliveryState, Exclusion, FrozenEdition,
    Language, Limit, Mailing, Slug,
};

pub use copy::{Sheet, Sheets, copy};
pub use error::LedgerError;
pub use fence::{FenceError, Here, Home};
pub use lock::{LedgerLock, LockError, Witness};
pub use machine::Machine;
pub use meter::{Bucket, DayCount, Meter, Slowed, Today, Turns, Wish};
pub use place::{Place, Server, shown};

/// A mailing that was frozen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// False when only some were frozen: a later freeze may add the others.
    pub complete: bool,
    /// Keys of those who have a row in it.
    pub subscribers: HashSet<String>,
}

/// Whose a claim is, and for how long from now on; another may take its rows
/// after that.
///
/// From now on by the clock of the ledger, which is one, whatever the clocks
/// of its workers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub worker: String,
    pub lasts: SignedDuration,
}

/// A delivery that a worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub delivery: Delivery,
    pub frozen_at: Timestamp,
    /// How many times it was tried before.
    pub attempts: u32,
    /// Its place in the order of plans.
    pub number: i64,
}

/// Of whose rows some are claimed. Of the pending ones only those that stand
/// behind the row `after`, so that whoever goes through all of them does not
/// pass over the same rows each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among<'a> {
    Everybody,
    /// The readers of this domain.
    Domain {
        domain: &'a str,
        after: i64,
    },
    /// All readers but those of these domains.
    Others {
        than: &'a [String],
        after: i64,
    },
}

/// What a worker writes down about a row it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The next bytes may make the message arrive. Renews the lease.
    HandingOver { id: DeliveryId, lease: Lease },
    /// Appends the attempt and sets the state; `next_try` is for a deferred one.
    ///
    /// An answer also settles a row that a recovery had called unsure
    /// meanwhile: knowing is better than guessing.
    Settle { id: DeliveryId, attempt: Attempt, next_try: Option<Timestamp> },
}

/// What a person says of a delivery that is unsure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It has arrived.
    Accepted,
    /// It has not: it is to be sent again, under the Message-ID it had.
    Resend,
}

/// What whoever plans has seen of a mailing, for those who only send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hold {
    /// Why nobody is to be written to for now.
    pub reason: Option<String>,
    /// Nobody is written to after that.
    pub not_after: Option<Timestamp>,
}

/// A mailing of which somebody can be written to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub slug: Slug,
    pub not_after: Option<Timestamp>,
}

/// One delivery as a person reads it: to whom, where it stands, what was said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: DeliveryId,
    pub subscriber: String,
    pub address: String,
    pub state: DeliveryState,
    pub last: Option<Attempt>,
    pub next_try: Option<Timestamp>,
}

/// Who is still to be tried now in a mailing: as much as can be kept of a
/// million of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// [`Delivery::subscriber`] of each, in planned order.
    pub subscribers: Vec<String>,
    /// The domains they are in, each once.
    pub domains: BTreeSet<String>,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.subscribers.is_empty()
    }

    pub fn len(&self) -> usize {
        self.subscribers.len()
    }

    fn add(&mut self, subscriber: String, domain: &str) {
        self.subscribers.push(subscriber);
        if !self.domains.contains(domain) {
            self.domains.insert(domain.to_owned());
        }
    }
}

/// What a recovery may take for stranded.
#[derive(Debug, Clone, Copy)]
pub enum Stranded<'l> {
    /// Rows whose lease has run out: others may be at work on the rest.
    LeasesRunOut,
    /// Every row in hand: whoever holds the lock knows that nobody else is.
    EverythingInHand(&'l LedgerLock),
}

/// What a recovery found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Claimed, not yet handed over: back to pending.
    pub released: u64,
    /// Caught between hand-over and answer.
    pub unsure: u64,
}

#[async_trait]
pub trait Ledger: Send + Sync {
    /// Writes a mailing down in one transaction: editions, one pending row a
    /// delivery, one row an exclusion. Returns how many deliveries were new.
    ///
    /// An incomplete mailing gains the deliveries (and editions) it lacks and
    /// gets the new exclusions in place of the old. A complete one is touched
    /// only by a plan for people named one by one (`complete: false`), and
    /// gains just those. What was frozen stays as it was, byte for byte, while
    /// somebody is still to get it.
    async fn freeze(
        &self,
        mailing: &Mailing<dyn Deliveries + '_>,
        now: Timestamp,
    ) -> Result<u64, LedgerError>;

    async fn planned(&self, slug: &Slug) -> Result<Option<Planned>, LedgerError>;

    /// Every mailing there is, the earliest frozen first.
    async fn mailings(&self) -> Result<Vec<Slug>, LedgerError>;

    async fn books(&self, slug: &Slug) -> Result<Option<Books>, LedgerError>;

    async fn all_books(&self) -> Result<Vec<Books>, LedgerError> {
        let mut all = Vec::new();
        for slug in self.mailings().await? {
            all.extend(self.books(&slug).await?);
        }
        Ok(all)
    }

    /// The deliveries of a mailing that stand in `state`, in planned order.
    async fn entries(&self, slug: &Slug, state: DeliveryState) -> Result<Vec<Entry>, LedgerError>;

    /// Who is pending, and who was deferred and is due at `now`.
    async fn waiting(&self, slug: &Slug, now: Timestamp) -> Result<Waiting, LedgerError>;

    async fn edition(
        &self,
        slug: &Slug,
        language: &Language,
        segment: &str,
    ) -> Result<Option<FrozenEdition>, LedgerError>;

    /// Keys of those who must not be written to.
    async fn suppressed(&self) -> Result<HashSet<String>, LedgerError>;

    /// Takes back what is still to be sent to those people, because they have
    /// left every list or opted out since the freeze. Who was never tried is
    /// among the excluded from now on; who was deferred is settled as refused,
    /// the reason in place of a reply. Returns how many were taken back.
    async fn withdraw(
        &self,
        slug: &Slug,
        subscribers: &[String],
        reason: Exclusion,
        now: Timestamp,
    ) -> Result<u64, LedgerError>;

    /// Never again to `subscriber`. The first reason stays.
    async fn suppress(
        &self,
        subscriber: &str,
        reason: &str,
        since: Timestamp,
    ) -> Result<(), LedgerError>;

    /// Takes up to `limit` rows under `lease`, in planned order: pending ones,
    /// then deferred ones that are due at `now`. None of a mailing that does not
    /// go on.
    async fn claim(
        &self,
        slug: &Slug,
        lease: &Lease,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, LedgerError> {
        self.claim_among(Among::Everybody, slug, lease, now, limit).await
    }

    /// The same, of some alone.
    async fn claim_among(
        &self,
        among: Among<'_>,
        slug: &Slug,
        lease: &Lease,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, LedgerError>;

    /// Takes turns to leave, in one transaction, and remembers them for every
    /// run and worker that comes after.
    async fn take_turns(&self, wish: &Wish<'_>) -> Result<Turns, LedgerError>;

    /// A server has said that mail comes too fast: nothing more that `bucket`
    /// counts for `rest`, then more slowly than `limit` allows, until that
    /// wears off.
    async fn slow_down(
        &self,
        bucket: Bucket<'_>,
        limit: &Limit,
        now: Timestamp,
        rest: SignedDuration,
    ) -> Result<(), LedgerError>;

    /// All meters that there are, by the names of their buckets.
    async fn meters(&self) -> Result<BTreeMap<String, Meter>, LedgerError>;

    /// Writes several steps down in one transaction, in their order, and
    /// returns when they would survive a power cut. For each it says whether it
    /// was ours to take: a hand-over may find its row in other hands.
    async fn write_down(&self, steps: &[Step]) -> Result<Vec<bool>, LedgerError>;

    /// One [`Step::HandingOver`] by itself.
    async fn handing_over(&self, id: &DeliveryId, lease: &Lease) -> Result<bool, LedgerError> {
        let step = Step::HandingOver { id: id.clone(), lease: lease.clone() };
        Ok(self.write_down(&[step]).await?.first().copied().unwrap_or_default())
    }

    /// One [`Step::Settle`] by itself.
    async fn settle(
        &self,
        id: &DeliveryId,
        attempt: &Attempt,
        next_try: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let step = Step::Settle { id: id.clone(), attempt: attempt.clone(), next_try };
        self.write_down(&[step]).await.map(|_| ())
    }

    /// Settles those of `ids` that are unsure by the word of `by`, with an
    /// attempt that says so. Returns how many they were.
    async fn resolve(
        &self,
        ids: &[DeliveryId],
        word: Word,
        by: &str,
        at: Timestamp,
    ) -> Result<u64, LedgerError>;

    /// Nobody is claimed of this mailing until it is resumed. The first reason
    /// stays.
    async fn pause(&self, slug: &Slug, reason: &str, at: Timestamp) -> Result<(), LedgerError>;

    /// False where it was not paused. Answers before this count no more.
    async fn resume(&self, slug: &Slug) -> Result<bool, LedgerError>;

    /// Holds a mailing up, or lets it go on, until the next word.
    async fn hold(&self, slug: &Slug, hold: &Hold) -> Result<(), LedgerError>;

    /// Whether rows are given out of it: it is neither paused nor held, and its
    /// time is not over at `now`.
    async fn goes_on(&self, slug: &Slug, now: Timestamp) -> Result<bool, LedgerError>;

    /// Every mailing that goes on and has rows to give out at `now`, the
    /// earliest frozen first.
    async fn due(&self, now: Timestamp) -> Result<Vec<Due>, LedgerError>;

    /// What servers answered last, the latest first: accepted, refused and
    /// unsure, since the freeze or since it was last resumed.
    async fn recent_answers(
        &self,
        slug: &Slug,
        limit: u32,
    ) -> Result<Vec<DeliveryState>, LedgerError>;

    /// When something last happened in it: a reader was planned for, or tried.
    async fn last_step(&self, slug: &Slug) -> Result<Option<Timestamp>, LedgerError>;

    /// Where it is now, opened on `machine`.
    async fn here(&self, machine: Machine) -> Result<Here, LedgerError>;

    /// Where it is at home, once it was used for sending.
    async fn home(&self) -> Result<Option<Home>, LedgerError>;

    async fn settle_in(&self, home: &Home) -> Result<(), LedgerError>;

    /// A copy in a new file, of one moment, whoever writes meanwhile.
    async fn copy_to(&self, file: &Path) -> Result<(), LedgerError>;

    /// All rows of one moment, until nobody takes them any more.
    async fn pour_out(&self, sheets: mpsc::Sender<Sheet>) -> Result<(), LedgerError>;

    /// Takes all rows of another ledger into this one, which must be empty, in
    /// one transaction; `home` is where it does not send from. Returns how many
    /// rows of each table that was.
    async fn take_in(&self, sheets: Sheets, home: &Home) -> Result<Vec<u64>, LedgerError>;

    /// All that the worker holds is under `lease` anew. Returns how many rows
    /// that is.
    async fn renew(&self, lease: &Lease) -> Result<u64, LedgerError>;

    /// Those of `ids` that `worker` still holds go back to pending, because
    /// nothing left the house.
    async fn release(&self, ids: &[DeliveryId], worker: &str) -> Result<(), LedgerError>;

    /// Cleans up after a run that died: claimed rows go back to pending, rows
    /// caught in hand-over become unsure, with an attempt of `now` that says so.
    async fn recover(
        &self,
        now: Timestamp,
        stranded: Stranded<'_>,
    ) -> Result<Recovered, LedgerError>;
}

/// Opens the ledger at `url`; see [`Place::open`].
pub async fn open(url: &str, root: &Path) -> Result<Arc<dyn Ledger>, LedgerError> {
    Place::parse(url, root)?.open().await
}

/// Takes the lock of the ledger at `url`; see [`Place::lock`].
pub async fn lock(url: &str, root: &Path) -> Result<LedgerLock, LockError> {
    Place::parse(url, root)?.lock().await
}
