//! The one who writes: whatever the lanes have to have written down while one
//! transaction is on its way to the disk goes into the next, together. So a
//! flush is paid for by as many messages as are under way, and nobody waits
//! for more than two (docs/adr/0013).
//!
//! The surprise: a lane waits for its hand-over, but not for its answer to be
//! written. The queue is first in, first out, so an answer is never written
//! later than the next hand-over of the same lane. At any moment each lane has
//! one row at most that a crash would leave unsure.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::Event;
use crate::ledger::{Ledger, LedgerError, Step};

/// More than any number of lanes has under way.
const MOST_AT_ONCE: usize = 512;

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
) -> Result<(), LedgerError> {
    let mut waiting = Vec::with_capacity(MOST_AT_ONCE);
    while notes.recv_many(&mut waiting, MOST_AT_ONCE).await > 0 {
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
