//! The round: claim → compose → send → settle, on several lines at once, and
//! just before the bytes that make a message whole, write down "handing over".
//!
//! It knows no settings file, no template and no terminal: values come in, and
//! what happens goes out as typed [`Event`]s. At any moment it may be killed.
//! What the ledger then says is true, because each step is written down before
//! it is taken: a row not yet handed over is tried by the next run, a row
//! handed over and not answered is called unsure by [`Ledger::recover`], which
//! the caller runs before a round, under the ledger's lock.
//!
//! A round is a feeder, which claims rows ahead, or at the pace that the house
//! has stated; lanes, one a transport, which send them; a clerk, who writes for
//! all of them; and a keeper, who renews the leases. Rows flow through, so a
//! million of them take no more memory than a thousand.
//!
//! The surprise: a message that cannot be composed is *refused*, by us. It
//! would fare no better tomorrow, and one such reader must not hold up the
//! others or stay pending for ever.

mod brakes;
mod clerk;
mod event;
mod feeder;
mod hand_over;
mod keeper;
mod lane;
mod lots;
mod pause;
mod retry;
mod ticket;

use std::ops::AddAssign;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use self::brakes::Brakes;
use self::feeder::{Fed, feed};
use self::lane::{End, Shared};
use self::pause::{Temper, WINDOW};
use self::ticket::Back;
use crate::clock::Clock;
use crate::ledger::{Ledger, LedgerError};
use crate::mail::dkim::Signer;
use crate::model::{DeliveryId, DeliverySettings, MailSettings, Pace, Slug};
use crate::transport::{Transport, TransportError};

pub use event::Event;

/// Rows claimed at a time: few enough that a crash strands little, many
/// enough that claiming costs nothing beside sending.
const BATCH: u32 = 500;

/// Who waits looks up so often, to see whether to stop.
const A_GLANCE: Duration = Duration::from_millis(50);

/// The end of the house's time for mail, and its next beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    pub at: Timestamp,
    pub opens: Timestamp,
}

/// All that one worker needs for a round.
pub struct Round<'r> {
    pub ledger: Arc<dyn Ledger>,
    /// So many messages are on their way at once.
    pub transports: &'r mut Vec<Box<dyn Transport>>,
    pub settings: Arc<MailSettings>,
    /// Signs every message, if the house signs.
    pub signer: Option<Arc<Signer>>,
    pub delivery: DeliverySettings,
    pub pace: Arc<Pace>,
    /// Nobody is written to after that.
    pub not_after: Option<ZonedDateTime>,
    /// Nobody is written to from then on, until it opens again.
    pub closing: Option<Closing>,
    pub clock: Arc<dyn Clock>,
    /// Names this process among others on the same ledger.
    pub worker: String,
    /// Set from a signal handler: finish the messages in hand, then end.
    pub stop: Arc<AtomicBool>,
}

/// What came of one round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub accepted: u64,
    pub deferred: u64,
    pub refused: u64,
    pub unsure: u64,
}

impl Tally {
    /// Adds what an event says of a message.
    pub fn count(&mut self, event: &Event) {
        match event {
            Event::Accepted { .. } => self.accepted += 1,
            Event::Deferred { .. } => self.deferred += 1,
            Event::Refused { .. } => self.refused += 1,
            Event::Unsure { .. } => self.unsure += 1,
            _ => {}
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.deferred += other.deferred;
        self.refused += other.refused;
        self.unsure += other.unsure;
    }
}

#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// Nothing arrived; whoever is left is pending.
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The mailing has paused itself, and stays so until somebody resumes it.
    #[error("the mailing paused itself: {0}")]
    Paused(String),
}

/// Delivers what is due of the mailing `slug`, until nothing is.
///
/// [`Event::Finished`] is told however the round ends.
pub async fn deliver(
    round: Round<'_>,
    slug: &Slug,
    watch: &mut (dyn FnMut(Event) + Send),
) -> Result<Tally, DeliverError> {
    let mut tally = Tally::default();
    let ended = walk(round, slug, &mut |event| {
        tally.count(&event);
        watch(event);
    })
    .await;
    watch(Event::Finished { mailing: slug.clone(), tally });
    ended.map(|()| tally)
}

async fn walk(
    round: Round<'_>,
    slug: &Slug,
    watch: &mut (dyn FnMut(Event) + Send),
) -> Result<(), DeliverError> {
    let Round { ledger, transports, settings, signer, delivery, pace, .. } = round;
    let Round { not_after, closing, clock, worker, stop, .. } = round;
    let books = ledger.books(slug).await?;
    let open = books.map_or(0, |books| books.pending + books.deferred);
    watch(Event::Started { mailing: slug.clone(), open });
    let before = ledger.recent_answers(slug, WINDOW).await?;
    let brakes = Brakes::of(&ledger.meters().await?, &pace, clock.now());

    let (rows_in, rows) = mpsc::channel(BATCH as usize);
    let (events, mut told) = mpsc::channel(BATCH as usize);
    let (back, came_back) = mpsc::unbounded_channel();
    let (desk, notes) = clerk::desk();
    let writing = clerk::work(Arc::clone(&ledger), notes, events.clone(), transports.len());
    let clerk = tokio::spawn(writing);
    let shared = Arc::new(Shared {
        ledger,
        settings,
        signer,
        delivery,
        pace,
        brakes,
        not_after: not_after.map(|end| end.timestamp()),
        closing,
        clock,
        worker,
        slug: slug.clone(),
        stop,
        rows: tokio::sync::Mutex::new(rows),
        back,
        is_fed: AtomicBool::new(false),
        temper: Mutex::new(Temper::new(delivery, &before)),
        editions: tokio::sync::Mutex::default(),
        end: Mutex::new(End::of(transports.len())),
    });
    let feeder = tokio::spawn(feed(Arc::clone(&shared), rows_in, came_back));
    let (at_work, over) = oneshot::channel();
    let keeper = tokio::spawn(keeper::keep(Arc::clone(&shared), over));
    let mut lanes = JoinSet::new();
    for transport in transports.drain(..) {
        let (shared, desk, events) = (Arc::clone(&shared), desk.clone(), events.clone());
        lanes.spawn(lane::walk(shared, desk, events, transport));
    }
    drop((desk, events));
    while let Some(event) = told.recv().await {
        watch(event);
    }
    transports.extend(lanes.join_all().await);
    // Nobody takes rows any more, which the feeder may be waiting for.
    shared.rows.lock().await.close();
    let unsent = left_by(joined(feeder).await);
    let written = joined(clerk).await;
    drop::<oneshot::Sender<()>>(at_work);
    joined(keeper).await;
    finish(&shared, unsent, written, watch).await
}

/// What a feeder has left, and what came back when it was gone.
fn left_by(fed: Fed) -> Vec<DeliveryId> {
    let Fed { mut unsent, mut back } = fed;
    while let Ok(back) = back.try_recv() {
        if let Back::Row(claimed) = back {
            unsent.push(claimed.delivery.id);
        }
    }
    unsent
}

/// What nobody came to goes back to pending; a pause is written down.
async fn finish(
    shared: &Shared,
    mut untouched: Vec<DeliveryId>,
    written: Result<(), LedgerError>,
    watch: &mut (dyn FnMut(Event) + Send),
) -> Result<(), DeliverError> {
    written?;
    let mut rows = shared.rows.lock().await;
    while let Some(row) = rows.recv().await {
        untouched.push(row.claimed.delivery.id);
    }
    let End { error, pause, goes_on, returned, untouched: in_hand, .. } =
        std::mem::replace(&mut *shared.end(), End::of(0));
    untouched.extend(in_hand);
    untouched.extend(returned.into_iter().map(|row| row.claimed.delivery.id));
    if !untouched.is_empty() {
        shared.ledger.release(&untouched, &shared.worker).await?;
    }
    if let Some(reason) = pause {
        shared.ledger.pause(&shared.slug, &reason, shared.clock.now()).await?;
        watch(Event::Paused { mailing: shared.slug.clone(), reason: reason.clone() });
        return Err(DeliverError::Paused(reason));
    }
    if let Some(error) = error {
        if let DeliverError::Transport(down) = &error {
            watch(Event::TransportDown { reason: down.to_string() });
        }
        return Err(error);
    }
    if shared.stop.load(Ordering::Relaxed) {
        watch(Event::Stopped);
        return Ok(());
    }
    let closing = shared.closing.filter(|_| shared.is_closed());
    if !shared.is_too_late() && closing.is_none() && goes_on.is_none() {
        return Ok(());
    }
    let books = shared.ledger.books(&shared.slug).await?;
    let left = books.map_or(0, |books| books.pending + books.deferred);
    if left == 0 {
        return Ok(());
    }
    let mailing = shared.slug.clone();
    match (closing, goes_on) {
        _ if shared.is_too_late() => watch(Event::TooLate { mailing, left }),
        (Some(Closing { opens, .. }), _) => watch(Event::Closed { mailing, left, opens }),
        (None, Some(goes_on)) => watch(Event::Paced { mailing, left, goes_on }),
        (None, None) => {}
    }
    Ok(())
}

/// What a task of the round came to. If it panicked, so do we: it is a bug.
async fn joined<T>(task: JoinHandle<T>) -> T {
    match task.await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests;
