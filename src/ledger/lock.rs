//! One run at a time on one ledger.
//!
//! The lock is the operating system's, on a file beside the ledger, so that it
//! ends with the process, however that ends. The file itself stays for good:
//! deleting it would let a third run lock a file that the second no longer
//! sees. Its text names the holder, for the message only.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{LedgerError, Place};

/// Held for as long as the value lives.
#[derive(Debug)]
pub struct LedgerLock {
    /// `None` for a ledger in memory, which nobody else can reach.
    _file: Option<File>,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another run is at work on this ledger ({})", match holder {
        Some(pid) => format!("process {pid}"),
        None => path.display().to_string(),
    })]
    Busy { path: PathBuf, holder: Option<u32> },

    #[error("the lock {} cannot be taken: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },

    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Takes the lock of the ledger at `url`, or says at once who has it.
pub fn lock(url: &str, root: &Path) -> Result<LedgerLock, LockError> {
    match Place::parse(url, root)? {
        Place::Memory => Ok(LedgerLock { _file: None }),
        Place::File(ledger) => lock_file(beside(&ledger)),
    }
}

fn beside(ledger: &Path) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

fn lock_file(path: PathBuf) -> Result<LedgerLock, LockError> {
    let mut file = match open(&path) {
        Ok(file) => file,
        Err(source) => return Err(LockError::Io { path, source }),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = read_holder(&mut file);
            return Err(LockError::Busy { path, holder });
        }
        Err(TryLockError::Error(source)) => return Err(LockError::Io { path, source }),
    }
    // A holder that cannot be named still holds: the text is only a courtesy.
    let _ = write_holder(&mut file);
    Ok(LedgerLock { _file: Some(file) })
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn read_holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_who_is_at_work_and_may_go_on_afterwards() {
        let desk = tempfile::tempdir().expect("a folder");
        let first = lock("sqlite:var/ledger.db", desk.path()).expect("nobody holds it");

        let told = lock("sqlite:var/ledger.db", desk.path()).expect_err("held").to_string();
        let pid = std::process::id();
        assert_eq!(told, format!("another run is at work on this ledger (process {pid})"));

        drop(first);
        lock("sqlite:var/ledger.db", desk.path()).expect("free again");
    }

    #[test]
    fn two_ledgers_do_not_hold_each_other_up() {
        let desk = tempfile::tempdir().expect("a folder");
        let _one = lock("sqlite:one.db", desk.path()).expect("free");
        let _two = lock("sqlite:two.db", desk.path()).expect("free");
    }
}
