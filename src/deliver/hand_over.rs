//! How far one message has come, and the one moment that must be written down
//! before it comes: after it, a message may have arrived.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::clerk::Desk;
use crate::ledger::{Lease, Step};
use crate::model::{Attempt, DeliveryId, Outcome, Stage};
use crate::transport::replies::{self, Verdict};
use crate::transport::{Progress, Withheld};

/// One message on its way, as its transport tells of it.
pub struct HandOver<'h> {
    desk: &'h Desk,
    id: &'h DeliveryId,
    lease: Lease,
    began: Timestamp,
    stage: Option<Stage>,
    server: Option<String>,
    verdict: Option<&'static Verdict>,
    pub kept_back: Option<KeptBack>,
}

/// Why a message was kept back at the last moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptBack {
    /// Another worker has the row.
    TakenOver,
    /// Nothing can be written down any more.
    NoClerk,
}

impl<'h> HandOver<'h> {
    pub fn of(desk: &'h Desk, id: &'h DeliveryId, lease: Lease, began: Timestamp) -> Self {
        Self { desk, id, lease, began, stage: None, server: None, verdict: None, kept_back: None }
    }

    /// What the tables make of a *no*; `None` of anything else, and where it is
    /// only we who said so.
    pub fn verdict(&self, outcome: &Outcome) -> Option<&'static Verdict> {
        let (Outcome::Deferred(reply) | Outcome::Refused(reply)) = outcome else { return None };
        self.verdict.or_else(|| self.stage.and_then(|stage| replies::of(stage, reply)))
    }

    /// What is written down once the answer is there.
    pub fn attempt(&self, at: Timestamp, outcome: Outcome) -> Attempt {
        Attempt {
            at,
            outcome,
            stage: self.stage,
            server: self.server.clone(),
            // A clock that was set back meanwhile has measured nothing.
            took: Duration::try_from(at.duration_since(self.began)).ok(),
            by: None,
        }
    }
}

#[async_trait]
impl Progress for HandOver<'_> {
    fn through(&mut self, server: &str) {
        if self.server.as_deref() != Some(server) {
            self.server = Some(server.to_owned());
        }
    }

    fn reached(&mut self, stage: Stage) {
        self.stage = Some(stage);
        self.verdict = None;
    }

    fn judged(&mut self, verdict: &'static Verdict) {
        self.verdict = Some(verdict);
    }

    async fn handing_over(&mut self) -> Result<(), Withheld> {
        let step = Step::HandingOver { id: self.id.clone(), lease: self.lease.clone() };
        self.kept_back = match self.desk.hand_over(step).await {
            Ok(true) => return Ok(()),
            Ok(false) => Some(KeptBack::TakenOver),
            Err(_) => Some(KeptBack::NoClerk),
        };
        Err(Withheld)
    }
}
