//! What goes on beside the sending: the leases of all that is in hand are
//! renewed, however slowly it leaves; and somebody looks up whether the mailing
//! still goes on.
//!
//! So a pause that another worker has written down, or a text that was made a
//! draft again, stops every machine within moments and not only when the rows
//! that it holds are through.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::lane::Shared;
use crate::ledger::LedgerError;

/// How often to look up.
const LOOK: Duration = Duration::from_secs(2);

/// Keeps until the other end of `over` is dropped, or the ledger fails.
pub async fn keep(shared: Arc<Shared>, mut over: oneshot::Receiver<()>) {
    let lease = Duration::try_from(shared.delivery.lease).unwrap_or_default();
    // Three may be late before the lease runs out.
    let often = lease / 4;
    let mut renewed = Instant::now();
    loop {
        tokio::select! {
            _ = &mut over => return,
            () = tokio::time::sleep(often.min(LOOK)) => {}
        }
        if let Err(error) = look(&shared, &mut renewed, often).await {
            return shared.end_with(error.into());
        }
    }
}

async fn look(shared: &Shared, renewed: &mut Instant, often: Duration) -> Result<(), LedgerError> {
    if renewed.elapsed() >= often {
        *renewed = Instant::now();
        shared.ledger.renew(&shared.lease()).await?;
    }
    if !shared.ledger.goes_on(&shared.slug, shared.clock.now()).await? {
        shared.end().is_near = true;
    }
    Ok(())
}
