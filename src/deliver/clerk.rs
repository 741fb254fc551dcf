//! The one who writes: whatever the lanes have to have written down while one
//! transaction is on its way to the disk goes into the next, together. So a
//! flush is paid for by as many messages as are under way, and nobody waits
//! for more than two, and a moment (docs/adr/0013).
//!
//! The surprise: a lane waits for its hand-over, but not for its answer to be
//! written. The queue is first in, first out, so an answer is never written
//! later than the next hand-over of the same lane. At any moment each lane has
//! one row at most that a crash would leave unsure.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::Event;
use crate::ledger::{Ledger, LedgerError, Step};

/// More than any number of lanes has under way.
const MOST_AT_ONCE: usize = 512;

/// So many hand-overs are worth a flush of their own ...
const COMPANY: usize = 3;

/// ... and fewer wait so long for more, at most. It is the least that a timer
/// here can tell, and nothing beside the way to a mail server and back.
const MOMENT: Duration = Duration::from_millis(1);

/// Something to be written down, and who wants to know once it is.
pub struct Note {
    pub step: Step,
    pub then: Then,
}

pub enum Then {
    /// Whether the row was ours.
    Answer(oneshot::Sender<bool>),
    /// What is told only once it is true.
    Tell(Event),
}

/// The way to the clerk. When the clerk is gone, so are all notes.
#[derive(Clone)]
pub struct Desk(mpsc::Sender<Note>);

/// The clerk could not write: nothing more may go out.
pub struct Gone;

impl Desk {
    /// True once it is durable, false where the row is in other hands.
    pub async fn hand_over(&self, step: Step) -> Result<bool, Gone> {
        let (then, told) = oneshot::channel();
        let note = Note { step, then: Then::Answer(then) };
        self.0.send(note).await.map_err(|_| Gone)?;
        told.await.map_err(|_| Gone)
    }

    /// Returns when it is in the queue.
    pub async fn settle(&self, step: Step, event: Event) -> Result<(), Gone> {
        self.0.send(Note { step, then: Then::Tell(event) }).await.map_err(|_| Gone)
    }
}

/// A desk, and the notes that are left on it.
pub fn desk() -> (Desk, mpsc::Receiver<Note>) {
    let (desk, notes) = mpsc::channel(MOST_AT_ONCE);
    (Desk(desk), notes)
}

/// Writes until every desk is gone. After an error nothing is written any more,
/// and whoever waits for an answer finds the clerk gone.
pub async fn work(
    ledger: Arc<dyn Ledger>,
    mut notes: mpsc::Receiver<Note>,
    events: mpsc::Sender<Event>,
    lanes: usize,
) -> Result<(), LedgerError> {
    let mut waiting = Vec::with_capacity(MOST_AT_ONCE);
    while gather(&mut notes, &mut waiting, lanes.min(COMPANY), MOMENT).await {
        let (steps, thens): (Vec<_>, Vec<_>) =
            waiting.drain(..).map(|note| (note.step, note.then)).unzip();
        let ours = ledger.write_down(&steps).await?;
        for (then, is_ours) in thens.into_iter().zip(ours) {
            // Who does not listen any more has been told to stop.
            match then {
                Then::Answer(asker) => drop(asker.send(is_ours)),
                Then::Tell(event) => drop(events.send(event).await),
            }
        }
    }
    Ok(())
}

/// What goes into the next transaction, `company` hand-overs at least where they
/// come within a `moment`. False when every desk is gone.
async fn gather(
    notes: &mut mpsc::Receiver<Note>,
    waiting: &mut Vec<Note>,
    company: usize,
    moment: Duration,
) -> bool {
    if notes.recv_many(waiting, MOST_AT_ONCE).await == 0 {
        return false;
    }
    let end = Instant::now() + moment;
    let is_asked = |note: &&Note| matches!(note.then, Then::Answer(_));
    while waiting.iter().filter(is_asked).count() < company {
        match timeout_at(end, notes.recv_many(waiting, MOST_AT_ONCE)).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => break,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::ledger::Lease;
    use crate::model::{Attempt, DeliveryId, Outcome, Reply};

    const A_MINUTE: Duration = Duration::from_secs(60);

    fn id() -> DeliveryId {
        DeliveryId("2026-10-05-povoleni".to_owned())
    }

    /// Asks without waiting to be told.
    async fn hand_over(desk: &Desk) {
        let lease = Lease { worker: "w".to_owned(), lasts: SignedDuration::from_mins(5) };
        let step = Step::HandingOver { id: id(), lease };
        let then = Then::Answer(oneshot::channel().0);
        assert!(desk.0.send(Note { step, then }).await.is_ok(), "there is a clerk");
    }

    async fn settle(desk: &Desk) {
        let reply = Reply::new(Some(250), "taken");
        let attempt = Attempt::new(Timestamp::UNIX_EPOCH, Outcome::Accepted(reply.clone()));
        let step = Step::Settle { id: id(), attempt, next_try: None };
        let event = Event::Accepted { delivery: id(), address: String::new(), reply };
        assert!(desk.settle(step, event).await.is_ok(), "there is a clerk");
    }

    #[tokio::test]
    async fn a_flush_waits_for_three_and_takes_along_whatever_else_there_is() {
        let (desk, mut notes) = desk();
        hand_over(&desk).await;
        settle(&desk).await;
        let others = desk.clone();
        let later = tokio::spawn(async move {
            for _ in 0..2 {
                tokio::task::yield_now().await;
                settle(&others).await;
                hand_over(&others).await;
            }
        });
        let mut waiting = Vec::new();
        assert!(gather(&mut notes, &mut waiting, COMPANY, A_MINUTE).await);
        later.await.expect("said");
        assert_eq!(waiting.len(), 6, "three hand-overs and three answers");
    }

    #[tokio::test]
    async fn nobody_waits_for_more_than_a_moment_and_nobody_for_those_who_are_gone() {
        let (desk, mut notes) = desk();
        let mut waiting = Vec::new();
        hand_over(&desk).await;
        assert!(gather(&mut notes, &mut waiting, COMPANY, Duration::ZERO).await);
        assert_eq!(waiting.len(), 1, "though it is alone");
        settle(&desk).await;
        drop(desk);
        assert!(gather(&mut notes, &mut waiting, COMPANY, A_MINUTE).await);
        assert_eq!(waiting.len(), 2);
        assert!(!gather(&mut notes, &mut waiting, COMPANY, A_MINUTE).await, "that was all");
    }
}
