//! The round: claim → compose → send → settle, and just before the bytes that
//! make a message whole, write down "handing over".
//!
//! It knows no settings file, no template and no terminal: values come in, and
//! what happens goes out as typed [`Event`]s. At any moment it may be killed.
//! What the ledger then says is true, because each step is written down before
//! it is taken: a row not yet handed over is tried by the next run, a row
//! handed over and not answered is called unsure by [`Ledger::recover`], which
//! the caller runs before a round, under the ledger's lock.
//!
//! The surprise: a message that cannot be composed is *refused*, by us. It
//! would fare no better tomorrow, and one such reader must not hold up the
//! others or stay pending for ever.

mod event;
mod hand_over;
mod retry;

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::clock::Clock;
use crate::ledger::{Claimed, Lease, Ledger, LedgerError};
use crate::mail::{Posting, Purpose, compose};
use crate::model::{
    Attempt, Delivery, DeliveryId, FrozenEdition, Language, MailSettings, Message, Outcome, Reply,
    Slug,
};
use crate::transport::{Transport, TransportError};

use hand_over::{HandOver, KeptBack};

pub use event::Event;
pub use retry::WORTH_SENDING;

/// Rows claimed at a time: few enough that a crash strands little, many
/// enough that claiming costs nothing beside sending.
const BATCH: u32 = 100;

/// Longer than the most patient transport needs for one message. A lease is
/// renewed with each hand-over, for the row in hand.
const LEASE: SignedDuration = SignedDuration::from_mins(60);

/// All that one worker needs for a round.
pub struct Round<'r> {
    pub ledger: &'r dyn Ledger,
    pub transport: &'r mut dyn Transport,
    pub settings: &'r MailSettings,
    pub clock: &'r dyn Clock,
    /// Names this process among others on the same ledger.
    pub worker: &'r str,
    /// Set from a signal handler: finish the message in hand, then end.
    pub stop: &'r AtomicBool,
}

/// What came of one round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub accepted: u64,
    pub deferred: u64,
    pub refused: u64,
    pub unsure: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// Nothing left the house; whoever is left is pending.
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The server is against us rather than against some readers.
    #[error("the first {0} were refused or are unsure, and nobody was accepted: {1}")]
    Pushback(u64, String),
}

/// After so many without a single acceptance a round ends: what is said to
/// everybody ("relaying denied") must not write off the whole list.
const PUSHBACK: u64 = 5;

/// Delivers what is due of the mailing `slug`, until nothing is.
///
/// [`Event::Finished`] is told however the round ends.
pub async fn deliver(
    round: Round<'_>,
    slug: &Slug,
    watch: &mut (dyn FnMut(Event) + Send),
) -> Result<Tally, DeliverError> {
    let mut walk = Walk { round, slug, watch, tally: Tally::default(), editions: HashMap::new() };
    let ended = walk.all().await;
    walk.round.transport.close().await;
    let tally = walk.tally;
    (walk.watch)(Event::Finished { mailing: slug.clone(), tally });
    ended.map(|()| tally)
}

/// A round under way.
struct Walk<'w, 'r> {
    round: Round<'r>,
    slug: &'w Slug,
    watch: &'w mut (dyn FnMut(Event) + Send),
    tally: Tally,
    editions: HashMap<(Language, String), Option<FrozenEdition>>,
}

impl Walk<'_, '_> {
    async fn all(&mut self) -> Result<(), DeliverError> {
        let books = self.round.ledger.books(self.slug).await?;
        let open = books.map_or(0, |books| books.pending + books.deferred);
        (self.watch)(Event::Started { mailing: self.slug.clone(), open });
        loop {
            if self.stopped() {
                (self.watch)(Event::Stopped);
                return Ok(());
            }
            let now = self.round.clock.now();
            let batch = self.round.ledger.claim(self.slug, &self.lease(now), now, BATCH).await?;
            if batch.is_empty() {
                return Ok(());
            }
            self.batch(batch).await?;
        }
    }

    /// Walks a batch; what it does not come to goes back to pending.
    async fn batch(&mut self, batch: Vec<Claimed>) -> Result<(), DeliverError> {
        let mut rest = batch.into_iter();
        while !self.stopped()
            && let Some(claimed) = rest.next()
        {
            if let Err(error) = self.one(&claimed).await {
                match &error {
                    DeliverError::Transport(down) => {
                        (self.watch)(Event::TransportDown { reason: down.to_string() });
                        self.release(std::iter::once(claimed).chain(rest)).await?;
                    }
                    DeliverError::Pushback(..) => {
                        (self.watch)(Event::TransportDown { reason: error.to_string() });
                        self.release(rest).await?;
                    }
                    DeliverError::Ledger(_) => {}
                }
                return Err(error);
            }
        }
        self.release(rest).await
    }

    async fn one(&mut self, claimed: &Claimed) -> Result<(), DeliverError> {
        let delivery = &claimed.delivery;
        let message = match self.compose(delivery).await? {
            Ok(message) => message,
            Err(reason) => {
                let refused = Outcome::Refused(Reply::new(None, reason));
                return self.settle(claimed, refused).await;
            }
        };
        let lease = self.lease(self.round.clock.now());
        let mut progress = HandOver::of(self.round.ledger, &delivery.id, lease);
        let sent = self.round.transport.send(&message, &mut progress).await;
        let outcome = match (sent, progress.kept_back) {
            (Err(TransportError::Withheld), Some(KeptBack::Ledger(error))) => {
                return Err(error.into());
            }
            (Err(TransportError::Withheld), Some(KeptBack::TakenOver)) => {
                (self.watch)(Event::TakenOver { delivery: delivery.id.clone() });
                return Ok(());
            }
            (sent, _) => sent?,
        };
        let said = outcome.reply().text.clone();
        self.settle(claimed, outcome).await?;
        let against = self.tally.refused + self.tally.unsure;
        if self.tally.accepted == 0 && against >= PUSHBACK {
            return Err(DeliverError::Pushback(against, said));
        }
        Ok(())
    }

    async fn compose(
        &mut self,
        delivery: &Delivery,
    ) -> Result<Result<Message, String>, LedgerError> {
        let posting = Posting { date: self.round.clock.now(), purpose: Purpose::Real };
        let settings = self.round.settings;
        let Some(edition) = self.edition(delivery).await? else {
            let Delivery { language, segment, .. } = delivery;
            return Ok(Err(format!("there is no edition in `{language}` for `{segment}`")));
        };
        Ok(compose(settings, edition, delivery, posting).map_err(|error| error.to_string()))
    }

    async fn edition(
        &mut self,
        delivery: &Delivery,
    ) -> Result<Option<&FrozenEdition>, LedgerError> {
        let Delivery { language, segment, .. } = delivery;
        match self.editions.entry((language.clone(), segment.clone())) {
            Slot::Occupied(known) => Ok(known.into_mut().as_ref()),
            Slot::Vacant(unknown) => {
                let edition = self.round.ledger.edition(self.slug, language, segment).await?;
                Ok(unknown.insert(edition).as_ref())
            }
        }
    }

    /// The answer is written down first, then told.
    async fn settle(&mut self, claimed: &Claimed, outcome: Outcome) -> Result<(), DeliverError> {
        let at = self.round.clock.now();
        let (outcome, next_try) = in_time(claimed, outcome, at);
        let attempt = Attempt { at, outcome };
        self.round.ledger.settle(&claimed.delivery.id, &attempt, next_try).await?;

        let delivery = claimed.delivery.id.clone();
        let address = claimed.delivery.address.to_string();
        let (count, event) = match (attempt.outcome, next_try) {
            (Outcome::Accepted(reply), _) => {
                (&mut self.tally.accepted, Event::Accepted { delivery, address, reply })
            }
            (Outcome::Deferred(reply), next_try) => {
                let next_try = next_try.unwrap_or(at);
                (&mut self.tally.deferred, Event::Deferred { delivery, address, reply, next_try })
            }
            (Outcome::Refused(reply), _) => {
                (&mut self.tally.refused, Event::Refused { delivery, address, reply })
            }
            (Outcome::Unsure(reply), _) => {
                (&mut self.tally.unsure, Event::Unsure { delivery, address, reply })
            }
        };
        *count += 1;
        (self.watch)(event);
        Ok(())
    }

    async fn release(&self, rows: impl Iterator<Item = Claimed>) -> Result<(), DeliverError> {
        let ids: Vec<DeliveryId> = rows.map(|claimed| claimed.delivery.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        Ok(self.round.ledger.release(&ids, self.round.worker).await?)
    }

    fn lease(&self, now: Timestamp) -> Lease {
        let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        Lease { worker: self.round.worker.to_owned(), until }
    }

    fn stopped(&self) -> bool {
        self.round.stop.load(Ordering::Relaxed)
    }
}

/// A deferral with the time of the next try, or a refusal once that would be
/// too late; any other outcome as it is.
fn in_time(claimed: &Claimed, outcome: Outcome, now: Timestamp) -> (Outcome, Option<Timestamp>) {
    let Outcome::Deferred(reply) = outcome else { return (outcome, None) };
    match retry::next_try(claimed.frozen_at, claimed.attempts, now) {
        Some(next_try) => (Outcome::Deferred(reply), Some(next_try)),
        None => {
            let hours = WORTH_SENDING.as_hours();
            let text = format!("not accepted within {hours} hours; last: {}", reply.text);
            (Outcome::Refused(Reply::new(reply.code, text)), None)
        }
    }
}

#[cfg(test)]
mod tests;
