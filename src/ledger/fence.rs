//! The fence: of a ledger and its copies one sends, or people are mailed twice.
//!
//! A ledger knows its home: the machine, the file, and how often it was used
//! there. What was carried elsewhere, cloned with its machine, restored from a
//! backup over itself, or begun anew beside the lock of one that is gone, is
//! stopped here until a person takes it over (`hlas ledger adopt`).
//!
//! The surprise: taking over does not set everything going again. What was
//! open may have been sent by the other one, so it is paused, and what was due
//! before is left to a person (`desk/late.rs`).

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::machine::Machine;
use super::{Ledger, LedgerError, LedgerLock};

/// Where a ledger is at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    pub machine: Machine,
    /// The file, as the machine has it.
    pub place: PathBuf,
    /// One more with every run.
    pub turn: u64,
    pub last_used: Timestamp,
    pub adopted_at: Option<Timestamp>,
}

/// Why a ledger does not send from here.
#[derive(Debug, thiserror::Error)]
pub enum FenceError {
    #[error(
        "nothing is sent: this ledger belongs to another machine, which used it last {last_used}"
    )]
    OtherMachine { last_used: Moment },
    #[error("nothing is sent: this is a copy of the ledger {}, used there last {last_used}", place.display())]
    OtherPlace { place: PathBuf, last_used: Moment },
    #[error(
        "nothing is sent: this is an old copy of the ledger, from {last_used}; whom it mailed later it does not know"
    )]
    OldCopy { last_used: Moment },
    #[error("nothing is sent: the ledger that was used here is gone, and this one knows of nobody")]
    Gone,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// To the minute, for a message.
#[derive(Debug, Clone, Copy)]
pub struct Moment(Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%d %H:%M UTC"))
    }
}

impl FenceError {
    pub fn help(&self) -> &'static str {
        match self {
            Self::OtherMachine { .. } | Self::OtherPlace { .. } => {
                "when that one sends no more, `hlas ledger adopt` takes it over; both sending would mail people twice"
            }
            Self::OldCopy { .. } | Self::Gone => {
                "put a newer copy in its place if there is one; else `hlas ledger adopt` goes on with this one"
            }
            Self::Ledger(error) => error.help().unwrap_or("see `hlas status`"),
        }
    }
}

/// Who wants to send, and with which ledger.
#[derive(Debug, Clone)]
pub struct Here {
    pub machine: Machine,
    /// `None` for a ledger in memory, of which there are no copies.
    pub place: Option<PathBuf>,
}

impl Here {
    /// Lets pass who is at home, and counts the turn.
    pub async fn pass(
        &self,
        ledger: &dyn Ledger,
        lock: &LedgerLock,
        now: Timestamp,
    ) -> Result<(), FenceError> {
        let Some(place) = &self.place else { return Ok(()) };
        let home = ledger.home().await?;
        match &home {
            Some(home) => self.is_home(home, place, lock.turns())?,
            None if lock.turns() > 0 => return Err(FenceError::Gone),
            None => {}
        }
        let adopted_at = home.as_ref().and_then(|home| home.adopted_at);
        self.enter(ledger, lock, home, adopted_at, now).await?;
        Ok(())
    }

    /// Lets pass who sends beside whoever plans, and counts no turn. `turns` are
    /// those that were seen from here before. Returns how many there are now;
    /// `None` where nobody has planned yet, so that there is nothing to send.
    pub async fn beside(&self, ledger: &dyn Ledger, turns: u64) -> Result<Option<u64>, FenceError> {
        let Some(place) = &self.place else { return Ok(Some(turns)) };
        match ledger.home().await? {
            Some(home) => self.is_home(&home, place, turns).map(|()| Some(home.turn)),
            None if turns > 0 => Err(FenceError::Gone),
            None => Ok(None),
        }
    }

    /// The ledger is at home here from now on.
    pub async fn adopt(
        &self,
        ledger: &dyn Ledger,
        lock: &LedgerLock,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let home = ledger.home().await?;
        self.enter(ledger, lock, home, Some(now), now).await
    }

    fn is_home(&self, home: &Home, place: &Path, turns: u64) -> Result<(), FenceError> {
        let last_used = Moment(home.last_used);
        if !home.machine.is(&self.machine) {
            return Err(FenceError::OtherMachine { last_used });
        }
        if home.place != place {
            return Err(FenceError::OtherPlace { place: home.place.clone(), last_used });
        }
        if turns > home.turn {
            return Err(FenceError::OldCopy { last_used });
        }
        Ok(())
    }

    /// The ledger first: a lock that is behind stops nobody.
    async fn enter(
        &self,
        ledger: &dyn Ledger,
        lock: &LedgerLock,
        before: Option<Home>,
        adopted_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let Some(place) = self.place.clone() else { return Ok(()) };
        let turn = before.as_ref().map_or(0, |home| home.turn).max(lock.turns()) + 1;
        let mut machine = self.machine.clone();
        if let Some(home) = before.filter(|it| it.machine.is(&machine) && machine.cards.is_empty())
        {
            // A day without a card does not make a clone of it.
            machine.cards = home.machine.cards;
        }
        ledger.settle_in(&Home { machine, place, turn, last_used: now, adopted_at }).await?;
        lock.count(turn);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{lock, open};
    use super::*;

    const URL: &str = "sqlite:var/ledger.db";
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// What a run on the ledger in a folder is told.
    async fn run(folder: &Path, machine: &str) -> Option<String> {
        let (ledger, lock, here) = desk(folder, machine).await;
        here.pass(&*ledger, &lock, NOW).await.err().map(|error| error.to_string())
    }

    async fn adopt(folder: &Path, machine: &str) {
        let (ledger, lock, here) = desk(folder, machine).await;
        here.adopt(&*ledger, &lock, NOW).await.expect("taken over");
    }

    async fn desk(folder: &Path, machine: &str) -> (Arc<dyn Ledger>, LedgerLock, Here) {
        let lock = lock(URL, folder).await.expect("free");
        let ledger = open(URL, folder).await.expect("a ledger");
        let here = ledger.here(Machine::here(Some(machine))).await.expect("a place");
        (ledger, lock, here)
    }

    async fn backup(from: &Path, to: &Path) {
        let ledger = open(URL, from).await.expect("a ledger");
        ledger.copy_to(&to.join("backup.db")).await.expect("copied");
    }

    /// In place of the ledger that is there, with its journal.
    fn put_back(from: &Path, to: &Path) {
        gone(to);
        std::fs::create_dir_all(to.join("var")).expect("a folder");
        std::fs::copy(from.join("backup.db"), to.join("var/ledger.db")).expect("copied");
    }

    fn gone(folder: &Path) {
        for file in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
            let _ = std::fs::remove_file(folder.join("var").join(file));
        }
    }

    #[tokio::test]
    async fn a_ledger_that_was_carried_away_does_not_send_until_somebody_takes_it_over() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(run(first.path(), "a").await, None);
        assert_eq!(run(first.path(), "a").await, None, "at home it goes on");
        let other = "nothing is sent: this ledger belongs to another machine, which used it last 1970-01-01 00:00 UTC";
        assert_eq!(run(first.path(), "b").await.as_deref(), Some(other));

        backup(first.path(), first.path()).await;
        put_back(first.path(), second.path());
        let told = run(second.path(), "a").await.expect("a copy");
        assert!(told.starts_with("nothing is sent: this is a copy of the ledger /"), "{told}");
        adopt(second.path(), "b").await;
        assert_eq!(run(second.path(), "b").await, None);
        assert_eq!(run(first.path(), "a").await, None, "the copy is another ledger now");
    }

    #[tokio::test]
    async fn a_backup_put_back_over_a_ledger_that_was_used_since_does_not_send() {
        let desk = tempfile::tempdir().unwrap();
        assert_eq!(run(desk.path(), "a").await, None);
        backup(desk.path(), desk.path()).await;
        put_back(desk.path(), desk.path());
        assert_eq!(run(desk.path(), "a").await, None, "nothing was lost");
        put_back(desk.path(), desk.path());
        let told = run(desk.path(), "a").await.expect("an old copy");
        assert!(told.contains("an old copy of the ledger, from 1970-01-01"), "{told}");
        adopt(desk.path(), "a").await;
        assert_eq!(run(desk.path(), "a").await, None);
    }

    #[tokio::test]
    async fn a_ledger_begun_anew_beside_the_lock_of_one_that_is_gone_does_not_send() {
        let desk = tempfile::tempdir().unwrap();
        assert_eq!(run(desk.path(), "a").await, None);
        gone(desk.path());
        let told = run(desk.path(), "a").await.expect("a new one");
        assert!(told.contains("the ledger that was used here is gone"), "{told}");
        adopt(desk.path(), "a").await;
        assert_eq!(run(desk.path(), "a").await, None);
    }
}
