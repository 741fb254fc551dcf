//! How far one message has come, and the one moment that must be written down
//! before it comes: after it, a message may have arrived.

use async_trait::async_trait;

use crate::ledger::{Lease, Ledger, LedgerError};
use crate::model::{DeliveryId, Stage};
use crate::transport::{Progress, Withheld};

/// One message on its way, as its transport tells of it.
pub struct HandOver<'h> {
    ledger: &'h dyn Ledger,
    id: &'h DeliveryId,
    lease: Lease,
    pub stage: Option<Stage>,
    pub server: String,
    /// Why it was kept back, if it was.
    pub kept_back: Option<KeptBack>,
}

pub enum KeptBack {
    /// Another worker has the row.
    TakenOver,
    Ledger(LedgerError),
}

impl<'h> HandOver<'h> {
    pub fn of(ledger: &'h dyn Ledger, id: &'h DeliveryId, lease: Lease) -> Self {
        Self { ledger, id, lease, stage: None, server: String::new(), kept_back: None }
    }
}

#[async_trait]
impl Progress for HandOver<'_> {
    fn through(&mut self, server: &str) {
        server.clone_into(&mut self.server);
    }

    fn reached(&mut self, stage: Stage) {
        self.stage = Some(stage);
    }

    async fn handing_over(&mut self) -> Result<(), Withheld> {
        self.kept_back = match self.ledger.handing_over(self.id, &self.lease).await {
            Ok(true) => return Ok(()),
            Ok(false) => Some(KeptBack::TakenOver),
            Err(error) => Some(KeptBack::Ledger(error)),
        };
        Err(Withheld)
    }
}
