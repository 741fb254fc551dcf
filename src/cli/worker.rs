//! `hlas send --worker`: one of several machines that send what another has
//! planned. Runs until it is told to stop, and leaves nobody unsure then.
//!
//! What passes by itself (a server that is down, a ledger that is restarted) it
//! waits out; what only a person can mend (a copy of the ledger, wrong settings)
//! ends it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hlas::clock::{Clock, System};
use hlas::deliver::{DeliverError, Event, Tally};
use hlas::desk::Worker;
use hlas::ledger::{Due, Ledger, LedgerError, Place, Recovered, Stranded, Witness};
use hlas::mail::dkim::Signer;
use hlas::model::Slug;
use hlas::report::Told;
use hlas::transport::Transport;
use jiff::Timestamp;

use super::Context;
use super::error::{Exit, Failure};
use super::ledger::place;
use super::run::{open_transports, signer, stop_on_signal};
use super::settings::machine;
use super::watch::Watchers;

/// How often to look for new work.
const LOOK: Duration = Duration::from_secs(5);

/// How long to let be what does not work for the moment.
const REST: Duration = Duration::from_secs(30);

/// How soon a stop is noticed while waiting.
const GLANCE: Duration = Duration::from_millis(100);

pub async fn work(once: bool, context: &Context, watchers: &mut Watchers) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    watchers.know(&settings);
    let place = place(context, &settings)?;
    let Some(witness) = place.shared() else {
        let message = "the ledger in a file serves one machine at a time";
        return Err(Failure::new(Exit::Usage, message)
            .help("`hlas run` sends with it; several machines need one in PostgreSQL"));
    };
    let (stop, signal) = stop_on_signal();
    let mut shift = Shift {
        place: &place,
        witness,
        transports: open_transports(context, &settings)?,
        signer: signer(context, &settings)?,
        worker: Worker::new(&settings.workspace, Arc::new(System)),
        ledger: None,
        has_begun: false,
        tally: Tally::default(),
        rests: BTreeMap::new(),
        stop,
    };
    let ended = shift.work(once, watchers).await;
    signal.abort();
    ended?;
    let for_a_person = shift.tally.unsure + shift.tally.refused;
    Ok(if once && for_a_person > 0 { Exit::Unsure } else { Exit::Ok })
}

/// A worker at work, from being started to being stopped.
struct Shift<'s> {
    place: &'s Place,
    witness: &'s Witness,
    transports: Vec<Box<dyn Transport>>,
    signer: Option<Arc<Signer>>,
    worker: Worker<'s>,
    ledger: Option<Arc<dyn Ledger>>,
    has_begun: bool,
    tally: Tally,
    /// Mailings whose pace or hours are waited for, and until when.
    rests: BTreeMap<Slug, Timestamp>,
    stop: Arc<AtomicBool>,
}

impl Shift<'_> {
    async fn work(&mut self, once: bool, watchers: &mut Watchers) -> Result<(), Failure> {
        while !self.stop.load(Ordering::Relaxed) {
            let pause = match self.turn(watchers).await {
                Ok(true) => continue,
                Ok(false) if once => break,
                Ok(false) => LOOK,
                Err(trouble) if once || !trouble.passes => return Err(trouble.failure),
                Err(trouble) => {
                    watchers.say(&format!("{}; trying again soon\n", trouble.failure));
                    REST
                }
            };
            self.wait(pause).await;
        }
        Ok(())
    }

    /// One look at the ledger, and what there is to send. Whether there was
    /// anything.
    async fn turn(&mut self, watchers: &mut Watchers) -> Result<bool, Trouble> {
        let ledger = match &self.ledger {
            Some(ledger) => Arc::clone(ledger),
            None => Arc::clone(self.ledger.insert(self.place.open().await?)),
        };
        if !self.has_begun {
            self.has_begun = true;
            watchers.begin(&ledger).await;
        }
        let here = ledger.here(machine()).await?;
        let seen = self.witness.turns();
        let Some(turns) = here.beside(&*ledger, seen).await.map_err(Trouble::lasting)? else {
            return Ok(false);
        };
        if turns > seen {
            // On a disk for reading alone an old copy goes unnoticed.
            let _ = self.witness.remember(turns);
        }
        let found = ledger.recover(System.now(), Stranded::LeasesRunOut).await?;
        tell_recovered(found, watchers);
        let mut worked = false;
        let now = System.now();
        self.rests.retain(|_, until| *until > now);
        for due in self.worker.due(&*ledger).await? {
            let rests = self.rests.contains_key(&due.slug);
            if !rests && !self.stop.load(Ordering::Relaxed) {
                worked |= self.deliver(&ledger, &due, watchers).await?;
            }
        }
        Ok(worked)
    }

    /// Whether anybody was written to.
    async fn deliver(
        &mut self,
        ledger: &Arc<dyn Ledger>,
        due: &Due,
        watchers: &mut Watchers,
    ) -> Result<bool, Trouble> {
        let (transports, signer) = (&mut self.transports, self.signer.clone());
        let before = self.tally;
        let (tally, rests) = (&mut self.tally, &mut self.rests);
        let mut watch = |event| {
            match &event {
                Event::Finished { tally: of_round, .. } => {
                    *tally += *of_round;
                }
                Event::Paced { mailing, goes_on: until, .. }
                | Event::Closed { mailing, opens: until, .. } => {
                    rests.insert(mailing.clone(), *until);
                }
                _ => {}
            }
            watchers.event(&event);
        };
        let delivered =
            self.worker.deliver(ledger, transports, signer, due, &self.stop, &mut watch).await;
        match delivered {
            // Told already; others may go on.
            Ok(_) | Err(DeliverError::Paused(_)) => Ok(self.tally != before),
            Err(error) => Err(error.into()),
        }
    }

    async fn wait(&self, pause: Duration) {
        let began = Instant::now();
        while began.elapsed() < pause && !self.stop.load(Ordering::Relaxed) {
            tokio::time::sleep(GLANCE).await;
        }
    }
}

fn tell_recovered(found: Recovered, watchers: &mut Watchers) {
    let Recovered { released, unsure } = found;
    if found != Recovered::default() {
        watchers
            .say(&format!("a worker did not end: {released} taken up again, {unsure} unsure\n"));
        watchers.tell(&Told::Recovered { released, unsure });
    }
}

/// What keeps a worker from working.
struct Trouble {
    failure: Failure,
    /// By itself, in a while.
    passes: bool,
}

impl Trouble {
    fn lasting(error: impl Into<Failure>) -> Self {
        Self { failure: error.into(), passes: false }
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        let passes = matches!(
            error,
            LedgerError::Unreachable { .. }
                | LedgerError::Lost { .. }
                | LedgerError::Busy { .. }
                // Somebody makes room there, and need not go round the machines.
                | LedgerError::ServerDiskFull { .. }
        );
        Self { failure: error.into(), passes }
    }
}

impl From<DeliverError> for Trouble {
    fn from(error: DeliverError) -> Self {
        match error {
            DeliverError::Ledger(error) => error.into(),
            error => Self { failure: error.into(), passes: true },
        }
    }
}
