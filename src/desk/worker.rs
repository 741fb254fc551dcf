//! A worker: one of any number that send what others have planned.
//!
//! It sees the settings and the ledger, never a publication or a list. What the
//! one who plans has seen there (a draft again, too late, many people gone) is
//! written down in the ledger, and heeded here; so are pauses, opt-outs and the
//! end that an author has set. What nobody has planned for or sent for days it
//! leaves alone, as the timer does; it keeps the house's hours and its pace.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::{Timestamp, ZonedDateTime};

use super::hours;
use crate::clock::Clock;
use crate::deliver::{Closing, DeliverError, Event, Round, Tally, deliver};
use crate::ledger::{Due, Ledger, LedgerError, Machine};
use crate::mail::dkim::Signer;
use crate::model::Workspace;
use crate::transport::Transport;

pub struct Worker<'w> {
    workspace: &'w Workspace,
    clock: Arc<dyn Clock>,
    name: String,
}

impl<'w> Worker<'w> {
    pub fn new(workspace: &'w Workspace, clock: Arc<dyn Clock>) -> Self {
        Self { workspace, clock, name: Machine::worker() }
    }

    /// Mailings that somebody can be written to in now.
    pub async fn due(&self, ledger: &dyn Ledger) -> Result<Vec<Due>, LedgerError> {
        let now = self.clock.now();
        let mut due = Vec::new();
        if self.closing().is_some_and(|closing| closing.at <= now) {
            return Ok(due);
        }
        for one in ledger.due(now).await? {
            let Some(last) = ledger.last_step(&one.slug).await? else { continue };
            let from = hours::counted_from(self.workspace, self.here(last)).timestamp();
            if now.duration_since(from) <= self.workspace.delivery.late_after {
                due.push(one);
            }
        }
        Ok(due)
    }

    fn here(&self, moment: Timestamp) -> ZonedDateTime {
        moment.to_zoned_datetime(self.workspace.time_zone.clone())
    }

    fn closing(&self) -> Option<Closing> {
        hours::closing(self.workspace, self.here(self.clock.now()))
    }

    /// Delivers what is due of one mailing and in nobody else's hand.
    pub async fn deliver(
        &self,
        ledger: &Arc<dyn Ledger>,
        transports: &mut Vec<Box<dyn Transport>>,
        signer: Option<Arc<Signer>>,
        due: &Due,
        stop: &Arc<AtomicBool>,
        watch: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Tally, DeliverError> {
        let round = Round {
            ledger: Arc::clone(ledger),
            transports,
            settings: Arc::new(self.workspace.mail.clone()),
            signer,
            delivery: self.workspace.delivery,
            pace: Arc::new(self.workspace.pace.clone()),
            closing: self.closing(),
            not_after: due.not_after.map(|end| self.here(end)),
            clock: Arc::clone(&self.clock),
            worker: self.name.clone(),
            stop: Arc::clone(stop),
        };
        deliver(round, &due.slug, watch).await
    }
}
