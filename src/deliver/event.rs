//! What happens while a mailing is delivered, for whoever wants to tell it:
//! a progress line, a JSON line, a test. Delivering itself prints nothing.

use jiff::Timestamp;
use serde::Serialize;

use super::Tally;
use crate::model::{DeliveryId, Reply, Slug};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Started {
        mailing: Slug,
        /// How many have no answer yet, the deferred ones among them.
        open: u64,
    },
    Accepted {
        delivery: DeliveryId,
        address: String,
        reply: Reply,
    },
    Deferred {
        delivery: DeliveryId,
        address: String,
        reply: Reply,
        next_try: Timestamp,
    },
    Refused {
        delivery: DeliveryId,
        address: String,
        reply: Reply,
        /// The address does not work: it is written to no more, from any mailing.
        suppressed: bool,
    },
    /// May have arrived, may not; never resent unasked.
    Unsure {
        delivery: DeliveryId,
        address: String,
        reply: Reply,
    },
    /// Another worker has taken the row over; it is theirs to tell of.
    TakenOver {
        delivery: DeliveryId,
    },
    /// Too much was refused: nobody is written to until somebody resumes.
    Paused {
        mailing: Slug,
        reason: String,
    },
    /// Nothing of the messages in hand arrived, and the run ends here.
    TransportDown {
        reason: String,
    },
    /// The mailing's time ended on the way: so many do not get it.
    TooLate {
        mailing: Slug,
        left: u64,
    },
    /// The next may leave only later than the house wants a run to wait for.
    Paced {
        mailing: Slug,
        left: u64,
        goes_on: Timestamp,
    },
    /// The house's time for mail is over; so many are left for the next.
    Closed {
        mailing: Slug,
        left: u64,
        opens: Timestamp,
    },
    /// Told to stop, after the message in hand.
    Stopped,
    /// Always the last.
    Finished {
        mailing: Slug,
        tally: Tally,
    },
}
