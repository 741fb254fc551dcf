//! One connection's share of a round: take a row, compose, send, have the
//! answer written down. Lanes know of each other only through what they share.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use super::brakes::{self, Brakes};
use super::clerk;
use super::hand_over::{HandOver, KeptBack};
use super::pause::{self, Temper};
use super::ticket::{Back, Row};
use super::{Closing, DeliverError, Event, retry};
use crate::clock::Clock;
use crate::ledger::{Bucket, Claimed, Lease, Ledger, LedgerError, Step};
use crate::mail::dkim::Signer;
use crate::mail::{ComposeError, Purpose, Skeleton};
use crate::model::{
    Attempt, Delivery, DeliveryId, DeliverySettings, Language, MailSettings, Message, Outcome,
    Pace, Reply, Slug, Stage,
};
use crate::transport::replies::{Again, Verdict};
use crate::transport::{Transport, TransportError};

/// What all lanes of a round share.
pub struct Shared {
    pub ledger: Arc<dyn Ledger>,
    pub settings: Arc<MailSettings>,
    pub signer: Option<Arc<Signer>>,
    pub delivery: DeliverySettings,
    pub pace: Arc<Pace>,
    pub brakes: Brakes,
    pub not_after: Option<Timestamp>,
    pub closing: Option<Closing>,
    pub clock: Arc<dyn Clock>,
    pub worker: String,
    pub slug: Slug,
    pub stop: Arc<AtomicBool>,
    pub rows: tokio::sync::Mutex<mpsc::Receiver<Row>>,
    /// The way back to the feeder.
    pub back: mpsc::UnboundedSender<Back>,
    /// No more rows will come than are on their way.
    pub is_fed: AtomicBool,
    pub temper: Mutex<Temper>,
    pub editions: tokio::sync::Mutex<Editions>,
    pub end: Mutex<End>,
}

pub type Editions = HashMap<(Language, String), Option<Arc<Encoded>>>;

/// An edition is encoded once a round, or cannot be.
type Encoded = Result<Skeleton, ComposeError>;

/// How a round comes to its end.
pub struct End {
    /// No lane takes another row.
    pub is_near: bool,
    pub error: Option<DeliverError>,
    pub pause: Option<String>,
    /// When the next may leave, where that is too long to wait for.
    pub goes_on: Option<Timestamp>,
    /// Lanes that are still walking.
    pub lanes: usize,
    /// Rows of lanes that failed, for those that have not.
    pub returned: Vec<Row>,
    /// Rows that were taken for nothing.
    pub untouched: Vec<DeliveryId>,
}

impl End {
    pub fn of(lanes: usize) -> Self {
        let (returned, untouched) = (Vec::new(), Vec::new());
        Self { is_near: false, error: None, pause: None, goes_on: None, lanes, returned, untouched }
    }

    /// The first reason is the reason.
    fn come_with(&mut self, error: DeliverError) {
        self.is_near = true;
        self.error.get_or_insert(error);
    }
}

impl Shared {
    pub fn lease(&self) -> Lease {
        Lease { worker: self.worker.clone(), lasts: self.delivery.lease }
    }

    pub fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the round for all lanes, each after the message in hand.
    pub fn end_with(&self, error: DeliverError) {
        self.end().come_with(error);
    }

    pub fn is_ending(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
            || self.is_too_late()
            || self.is_closed()
            || self.end().is_near
    }

    pub fn is_too_late(&self) -> bool {
        self.not_after.is_some_and(|end| self.clock.now() > end)
    }

    /// The house's time for mail is over for now.
    pub fn is_closed(&self) -> bool {
        self.closing.is_some_and(|closing| self.clock.now() >= closing.at)
    }

    /// The next row; or none, and the lane counts as gone.
    async fn next(&self) -> Option<Row> {
        let mut fresh = None;
        if !self.is_ending() && self.end().returned.is_empty() {
            fresh = self.rows.lock().await.recv().await;
        }
        let ending = self.is_ending();
        let mut end = self.end();
        if ending {
            end.untouched.extend(fresh.take().map(|row| row.claimed.delivery.id));
        } else {
            fresh = fresh.or_else(|| end.returned.pop());
        }
        if fresh.is_none() {
            end.lanes -= 1;
        }
        fresh
    }

    /// A lane whose transport fails retires: servers limit how many lines they
    /// bear. The others take its row; the last lane's failure ends the round.
    /// Counted and judged under one lock: of two that fail together one is last.
    fn retire(&self, error: TransportError, row: Row) {
        let mut end = self.end();
        if end.lanes == 1 {
            end.come_with(error.into());
        }
        end.lanes -= 1;
        if row.ticket.is_none() {
            end.returned.push(row);
            return;
        }
        drop(end);
        // Whoever waits for a row of the feeder's looks at no other.
        self.give_back(row.claimed);
    }

    /// To the feeder, or to nobody where there is none any more.
    fn give_back(&self, claimed: Claimed) {
        if let Err(mpsc::error::SendError(Back::Row(claimed))) = self.back.send(Back::Row(claimed))
        {
            self.end().untouched.push(claimed.delivery.id);
        }
    }

    /// A mailing that is to pause takes no more rows out.
    fn judge(&self, outcome: &Outcome, verdict: Option<&Verdict>) {
        let mut temper = self.temper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = temper.hear(outcome, verdict) {
            let mut end = self.end();
            end.is_near = true;
            end.pause.get_or_insert(reason);
        }
    }
}

/// Why a lane has ended before the rows did.
enum Stop {
    /// The way out is closed: this lane's at least.
    Transport(TransportError),
    Ledger(LedgerError),
    /// The clerk has said why.
    NoClerk,
}

/// Walks rows until there are none, or the round ends.
pub async fn walk(
    shared: Arc<Shared>,
    desk: clerk::Desk,
    events: mpsc::Sender<Event>,
    mut transport: Box<dyn Transport>,
) -> Box<dyn Transport> {
    let lane = Lane { shared: &shared, desk: &desk, events: &events };
    while let Some(row) = shared.next().await {
        // Its turn was not asked for, since nobody knew that it needed one.
        if row.ticket.is_none() && shared.brakes.are_on_for(&row.claimed.delivery) {
            shared.give_back(row.claimed);
            continue;
        }
        let began = shared.clock.now();
        match lane.one(&row.claimed, &mut *transport).await {
            Ok(()) => {
                drop(row);
                lane.rest_since(began).await;
                continue;
            }
            Err(Stop::Ledger(error)) => shared.end_with(error.into()),
            Err(Stop::NoClerk) => shared.end().is_near = true,
            Err(Stop::Transport(error)) => shared.retire(error, row),
        }
        break;
    }
    transport.close().await;
    transport
}

struct Lane<'l> {
    shared: &'l Shared,
    desk: &'l clerk::Desk,
    events: &'l mpsc::Sender<Event>,
}

impl Lane<'_> {
    async fn one(&self, claimed: &Claimed, transport: &mut dyn Transport) -> Result<(), Stop> {
        let shared = self.shared;
        let now = shared.clock.now();
        let message = match self.compose(&claimed.delivery, now).await.map_err(Stop::Ledger)? {
            Ok(message) => message,
            Err(reason) => {
                let refused = Outcome::Refused(Reply::new(None, reason));
                return self.settle(claimed, Attempt::new(now, refused), None).await;
            }
        };
        let id = &claimed.delivery.id;
        let mut progress = HandOver::of(self.desk, id, shared.lease(), now);
        let sent = transport.send(&message, &mut progress).await;
        match (sent, progress.kept_back) {
            (Ok(outcome), _) => {
                let verdict = progress.verdict(&outcome);
                shared.judge(&outcome, verdict);
                let attempt = progress.attempt(shared.clock.now(), outcome);
                if verdict.is_some_and(|verdict| verdict.slow) {
                    self.slow_down(claimed, &attempt).await.map_err(Stop::Ledger)?;
                }
                self.settle(claimed, attempt, verdict).await
            }
            (Err(_), Some(KeptBack::NoClerk)) => Err(Stop::NoClerk),
            (Err(_), Some(KeptBack::TakenOver)) => {
                let _ = self.events.send(Event::TakenOver { delivery: id.clone() }).await;
                Ok(())
            }
            (Err(error), None) => Err(Stop::Transport(error)),
        }
    }

    async fn compose(
        &self,
        delivery: &Delivery,
        date: Timestamp,
    ) -> Result<Result<Message, String>, LedgerError> {
        let Some(edition) = self.edition(delivery).await? else {
            let Delivery { language, segment, .. } = delivery;
            return Ok(Err(format!("there is no edition in `{language}` for `{segment}`")));
        };
        let message = match edition.as_ref() {
            Ok(skeleton) => skeleton.message(delivery, date, self.shared.signer.as_deref()),
            Err(error) => Err(error.clone()),
        };
        Ok(message.map_err(|error| error.to_string()))
    }

    async fn edition(&self, delivery: &Delivery) -> Result<Option<Arc<Encoded>>, LedgerError> {
        let Shared { ledger, slug, settings, editions, .. } = self.shared;
        let Delivery { language, segment, .. } = delivery;
        match editions.lock().await.entry((language.clone(), segment.clone())) {
            Slot::Occupied(known) => Ok(known.get().clone()),
            Slot::Vacant(unknown) => {
                let edition = ledger.edition(slug, language, segment).await?;
                let encoded =
                    edition.map(|it| Arc::new(Skeleton::new(settings, &it, Purpose::Real)));
                Ok(unknown.insert(encoded).clone())
            }
        }
    }

    /// A line has a pace of its own, whatever it is about.
    async fn rest_since(&self, began: Timestamp) {
        let Shared { pace, clock, is_fed, .. } = self.shared;
        let Some(rate) = pace.connection else { return };
        loop {
            let left = rate.spacing() - clock.now().duration_since(began);
            let over = left <= SignedDuration::ZERO || is_fed.load(Ordering::Relaxed);
            if over || self.shared.is_ending() {
                return;
            }
            clock.sleep(left.unsigned_abs().min(super::A_GLANCE)).await;
        }
    }

    /// Who says that we are too fast is not asked again before they have rested:
    /// the reader's domain, or everybody where nobody had been named yet.
    async fn slow_down(&self, claimed: &Claimed, attempt: &Attempt) -> Result<(), LedgerError> {
        let reply = attempt.outcome.reply();
        let stage = attempt.stage.unwrap_or(Stage::Connect);
        let Shared { ledger, pace, brakes, back, .. } = self.shared;
        let domain = claimed.delivery.domain();
        let bucket =
            if stage < Stage::Rcpt { Bucket::House } else { Bucket::Domain(domain.as_ref()) };
        let rest = brakes::rest(&reply.text);
        ledger.slow_down(bucket, pace.limit(bucket.domain()), attempt.at, rest).await?;
        brakes.pull(bucket.name());
        // A feeder that is gone needs no waking.
        let _ = back.send(Back::Braked);
        Ok(())
    }

    /// The answer is written down first, then told. An address that will never
    /// work is written to no more, from any mailing; should a crash come before
    /// that is written down, the next mailing hears it again.
    async fn settle(
        &self,
        claimed: &Claimed,
        attempt: Attempt,
        verdict: Option<&Verdict>,
    ) -> Result<(), Stop> {
        let at = attempt.at;
        let (outcome, next_try) = self.in_time(claimed, attempt.outcome, verdict, at);
        let attempt = Attempt { outcome, ..attempt };
        let delivery = claimed.delivery.id.clone();
        let address = claimed.delivery.address.to_string();
        let reply = attempt.outcome.reply().clone();
        let event = match attempt.outcome {
            Outcome::Accepted(_) => Event::Accepted { delivery, address, reply },
            Outcome::Deferred(_) => {
                Event::Deferred { delivery, address, reply, next_try: next_try.unwrap_or(at) }
            }
            Outcome::Refused(_) => {
                let suppressed = verdict.is_some_and(|verdict| verdict.suppress);
                Event::Refused { delivery, address, reply, suppressed }
            }
            Outcome::Unsure(_) => Event::Unsure { delivery, address, reply },
        };
        let step = Step::Settle { id: claimed.delivery.id.clone(), attempt, next_try };
        let Delivery { subscriber, .. } = &claimed.delivery;
        let suppressed = match &event {
            Event::Refused { suppressed: true, reply, .. } => {
                Some(format!("the mail server: {}", reply))
            }
            _ => None,
        };
        self.desk.settle(step, event).await.map_err(|_| Stop::NoClerk)?;
        if let Some(reason) = suppressed {
            let written = self.shared.ledger.suppress(subscriber, &reason, at).await;
            written.map_err(Stop::Ledger)?;
        }
        Ok(())
    }

    /// A deferral with the time of the next try, or a refusal once that would
    /// be too late. What was said against us is no answer about the reader:
    /// they are tried again when the house is in order.
    fn in_time(
        &self,
        claimed: &Claimed,
        outcome: Outcome,
        verdict: Option<&Verdict>,
        now: Timestamp,
    ) -> (Outcome, Option<Timestamp>) {
        let of_us = verdict.is_some_and(pause::is_about_us);
        let reply = match outcome {
            Outcome::Deferred(reply) => reply,
            Outcome::Refused(reply) if of_us => reply,
            outcome => return (outcome, None),
        };
        let retry_for = self.shared.delivery.retry_for;
        let again = verdict.map_or(Again::Usual, |verdict| verdict.again);
        let asked = retry::Asked::of(again, &reply.text);
        match retry::next_try(claimed, asked, retry_for, now) {
            Some(next_try) => (Outcome::Deferred(reply), Some(next_try)),
            None => {
                let hours = retry_for.as_hours();
                let text = format!("given up after {hours} hours; last: {}", reply.text);
                (Outcome::Refused(Reply::new(reply.code, text)), None)
            }
        }
    }
}
