//! The only place that asks the time.
//!
//! Everything that depends on "now" is handed a [`Clock`], so that a test can
//! stand at any moment and walk forward from it, and so that a render cannot
//! slip today's date into bytes that must not change. Who waits for a moment
//! sleeps by the same clock, so that a test need not wait for it.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Returns when so much has passed, or a little more.
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

#[async_trait]
impl Clock for System {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is told to move, or somebody sleeps by it.
#[derive(Debug)]
pub struct Fixed(Mutex<Timestamp>);

impl Fixed {
    pub fn at(moment: Timestamp) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves the hands. Time stops at the last moment that can be written.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(Timestamp::MAX);
    }
}

#[async_trait]
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Others get their turn, and then it is as late as was asked for.
    async fn sleep(&self, time: Duration) {
        tokio::task::yield_now().await;
        self.advance(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX));
    }
}
