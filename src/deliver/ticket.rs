//! A row on its way to a lane, and the word that comes back when it is done.

use tokio::sync::mpsc;

use crate::ledger::Claimed;

/// A row that a lane is to take.
pub struct Row {
    pub claimed: Claimed,
    /// Where the feeder counts who is at work; else nobody waits for it.
    pub ticket: Option<Ticket>,
}

/// A row's place among those at work. Whatever becomes of the row, dropping
/// the ticket tells the feeder that the place is free.
pub struct Ticket {
    /// By which domain the row is counted, if by any.
    pub domain: Option<String>,
    pub back: mpsc::UnboundedSender<Back>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // A feeder that is gone waits for nobody.
        let _ = self.back.send(Back::Done { domain: self.domain.take() });
    }
}

/// What lanes tell the feeder.
#[derive(Debug)]
pub enum Back {
    /// A row is out of hand, one way or the other.
    Done { domain: Option<String> },
    /// This row has not left the house, and is the feeder's again.
    Row(Claimed),
    /// Somebody is to be written to more slowly from now on.
    Braked,
}
