//! One run at a time on one ledger.
//!
//! Beside a file the lock is the operating system's, on a server the server's;
//! so it ends with the process, or with the line to it, however that ends. The
//! file of a lock stays for good: deleting it would let a third run lock a file
//! that the second no longer sees. Its text names the holder, for the message
//! only, and how often the ledger was used, for the fence.
//!
//! The surprise: on a server only whoever plans needs the lock. Any number of
//! workers send beside it, so that holding it says nothing about the rows that
//! are in somebody's hand.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;

use super::{LedgerError, Stranded, postgres};

/// Held for as long as the value lives.
#[derive(Debug)]
pub struct LedgerLock {
    held: Held,
    /// How often the ledger was used from here before; see `fence.rs`.
    turns: u64,
}

#[derive(Debug)]
enum Held {
    /// A ledger in memory, which nobody else can reach.
    Nothing,
    File(File),
    Server {
        /// The lock ends with it.
        _line: PgConnection,
        witness: Witness,
    },
}

impl LedgerLock {
    /// Of a ledger that nobody else can reach.
    pub(super) fn of_nothing() -> Self {
        Self { held: Held::Nothing, turns: 0 }
    }

    /// What whoever holds it may take for stranded.
    pub fn stranded(&self) -> Stranded<'_> {
        match self.held {
            Held::Nothing | Held::File(_) => Stranded::EverythingInHand(self),
            Held::Server { .. } => Stranded::LeasesRunOut,
        }
    }

    pub fn turns(&self) -> u64 {
        self.turns
    }

    /// Remembers how often. Where it cannot, an old copy of the ledger goes
    /// unnoticed, which is no reason to mail nobody.
    pub fn count(&self, turns: u64) {
        let _ = match &self.held {
            Held::Nothing => Ok(()),
            Held::File(file) => write(file, turns),
            Held::Server { witness, .. } => witness.remember(turns),
        };
    }
}

/// A file of a workspace in which the turns of a ledger on a server are
/// remembered.
#[derive(Debug, Clone)]
pub struct Witness(pub(super) PathBuf);

impl Witness {
    /// Those that were seen from here.
    pub fn turns(&self) -> u64 {
        let text = File::open(&self.0).and_then(|file| read(&file));
        text.map_or(0, |text| turns_in(&text))
    }

    /// # Errors
    /// When it cannot be written, as on a disk for reading alone.
    pub fn remember(&self, turns: u64) -> io::Result<()> {
        open(&self.0).and_then(|file| write(&file, turns))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another run is at work on this ledger ({})", holder.as_ref().unwrap_or(place))]
    Busy { place: String, holder: Option<String> },

    #[error("the lock {} cannot be taken: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },

    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Takes the lock of the ledger in the file `ledger`, or says at once who has
/// it.
pub fn beside(ledger: &Path) -> Result<LedgerLock, LockError> {
    let mut path = ledger.as_os_str().to_owned();
    path.push(".lock");
    lock_file(path.into())
}

/// Takes the lock of the ledger on a server, or says at once who has it.
pub async fn on_server(
    options: PgConnectOptions,
    place: String,
    witness: Witness,
) -> Result<LedgerLock, LockError> {
    let mut line = postgres::connect(&options, &place).await?;
    if !postgres::lock(&mut line, &place).await? {
        let holder = postgres::holder(&mut line, &place).await?;
        return Err(LockError::Busy { place, holder });
    }
    let turns = witness.turns();
    Ok(LedgerLock { held: Held::Server { _line: line, witness }, turns })
}

fn lock_file(path: PathBuf) -> Result<LedgerLock, LockError> {
    let file = match open(&path) {
        Ok(file) => file,
        Err(source) => return Err(LockError::Io { path, source }),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = read(&file).ok().and_then(|text| holder_in(&text));
            let holder = holder.map(|process| format!("process {process}"));
            return Err(LockError::Busy { place: path.display().to_string(), holder });
        }
        Err(TryLockError::Error(source)) => return Err(LockError::Io { path, source }),
    }
    let turns = read(&file).map_or(0, |text| turns_in(&text));
    // A holder that cannot be named still holds: the text is only a courtesy.
    let _ = write(&file, turns);
    Ok(LedgerLock { held: Held::File(file), turns })
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn read(mut file: &File) -> io::Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.take(64).read_to_string(&mut text)?;
    Ok(text)
}

fn holder_in(text: &str) -> Option<u32> {
    text.lines().next()?.trim().parse().ok()
}

fn turns_in(text: &str) -> u64 {
    let turns = text.lines().nth(1).and_then(|line| line.strip_prefix("turn "));
    turns.and_then(|turns| turns.trim().parse().ok()).unwrap_or(0)
}

fn write(mut file: &File, turns: u64) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}\nturn {turns}\n", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(ledger: &str, folder: &Path) -> Result<LedgerLock, LockError> {
        beside(&folder.join(ledger))
    }

    #[test]
    fn a_second_run_is_told_who_is_at_work_and_may_go_on_afterwards() {
        let desk = tempfile::tempdir().expect("a folder");
        let first = lock("var/ledger.db", desk.path()).expect("nobody holds it");

        let told = lock("var/ledger.db", desk.path()).expect_err("held").to_string();
        let pid = std::process::id();
        assert_eq!(told, format!("another run is at work on this ledger (process {pid})"));

        drop(first);
        lock("var/ledger.db", desk.path()).expect("free again");
    }

    #[test]
    fn two_ledgers_do_not_hold_each_other_up() {
        let desk = tempfile::tempdir().expect("a folder");
        let _one = lock("one.db", desk.path()).expect("free");
        let _two = lock("two.db", desk.path()).expect("free");
    }
}
