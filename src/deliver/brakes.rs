//! Whom servers have told us to write to more slowly, as far as this round knows.
//!
//! The ledger remembers how much more slowly (`ledger/meter.rs`); here stands
//! only who is meant, so that a lane can tell without asking it. Where nobody
//! is, which is nearly always, that costs one look at one flag.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::ledger::Meter;
use crate::model::{Delivery, Pace};
use crate::transport::replies;

/// Who says "too fast" and not for how long is let alone for so long.
const REST: SignedDuration = SignedDuration::from_mins(1);

/// How long to let alone who said `text`.
pub fn rest(text: &str) -> SignedDuration {
    let asked = replies::wait(text).and_then(|wait| SignedDuration::try_from(wait).ok());
    asked.unwrap_or(REST).clamp(REST, Meter::LONGEST_REST)
}

pub struct Brakes {
    are_on: AtomicBool,
    /// Names of buckets.
    buckets: Mutex<BTreeSet<String>>,
}

impl Brakes {
    /// As an earlier round has left them.
    pub fn of(meters: &BTreeMap<String, Meter>, pace: &Pace, now: Timestamp) -> Self {
        let is_slowed = |bucket: &str, meter: &Meter| {
            let domain = (bucket != Meter::OF_THE_HOUSE).then_some(bucket);
            meter.is_slowed(pace.limit(domain), now)
        };
        let slowed = meters.iter().filter(|(bucket, meter)| is_slowed(bucket, meter));
        let buckets: BTreeSet<String> = slowed.map(|(bucket, _)| bucket.clone()).collect();
        Self { are_on: AtomicBool::new(!buckets.is_empty()), buckets: Mutex::new(buckets) }
    }

    fn buckets(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn pull(&self, bucket: &str) {
        self.buckets().insert(bucket.to_owned());
        self.are_on.store(true, Ordering::Relaxed);
    }

    pub fn are_on(&self) -> bool {
        self.are_on.load(Ordering::Relaxed)
    }

    pub fn are_on_in(&self, bucket: &str) -> bool {
        self.are_on() && self.buckets().contains(bucket)
    }

    pub fn are_on_for(&self, delivery: &Delivery) -> bool {
        self.are_on() && (self.are_on_in(Meter::OF_THE_HOUSE) || self.are_on_in(&delivery.domain()))
    }

    /// The domains that are meant by name.
    pub fn domains(&self) -> Vec<String> {
        let buckets = self.buckets();
        buckets.iter().filter(|name| *name != Meter::OF_THE_HOUSE).cloned().collect()
    }
}
