//! Sets a PDF in a process of its own, which is ended when it takes too long.
//!
//! For templates that are the workspace's own: Typst stops no loop, and no
//! thread can be stopped from outside. The process is this program again
//! ([`super::typeset`]); it is handed the job as bytes and sees neither our
//! environment nor our folder.
//!
//! The surprise: after two that took too long in one run, no other is tried.
//! A template that loops does so for every publication, and a house has
//! hundreds.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use hlas::render::fonts::Fonts;
use hlas::render::pdf::{Job, Trouble, Typesetter, wire};

/// After so many in vain the rest is not tried.
const PATIENCE: usize = 2;

/// More than that is no answer of ours.
const LONGEST_ANSWER: u64 = 256 << 20;

pub struct Guard {
    program: PathBuf,
    in_vain: AtomicUsize,
}

impl Guard {
    /// `program` is this one.
    pub fn new(program: PathBuf) -> Self {
        Self { program, in_vain: AtomicUsize::new(0) }
    }

    fn start(&self, limit: Duration) -> std::io::Result<Child> {
        Command::new(&self.program)
            .arg("typeset")
            .arg(limit.as_secs().to_string())
            .env_clear()
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }
}

impl Typesetter for Guard {
    fn set(&self, job: &Job, fonts: &Fonts, limit: Duration) -> Result<Vec<Vec<u8>>, Trouble> {
        if self.in_vain.load(Ordering::Relaxed) >= PATIENCE {
            return Err(Trouble::TookTooLong(limit));
        }
        let broke = |error: std::io::Error| Trouble::Broke(error.to_string());
        let mut child = self.start(limit).map_err(broke)?;
        let Some(ended) = converse(&mut child, &wire::written(job, fonts), limit) else {
            self.in_vain.fetch_add(1, Ordering::Relaxed);
            return Err(Trouble::TookTooLong(limit));
        };
        let Ended { status, answer, complaint } = ended.map_err(broke)?;
        wire::answered(&answer).unwrap_or_else(|| Err(trouble(status, &complaint, limit)))
    }
}

/// How a process ended.
struct Ended {
    status: ExitStatus,
    answer: Vec<u8>,
    complaint: String,
}

/// Hands a process its job and waits for what it says. `None` when it had to be
/// ended. Both ways at once: a pipe holds little, and it may never read.
fn converse(child: &mut Child, job: &[u8], limit: Duration) -> Option<std::io::Result<Ended>> {
    let mut stdin = child.stdin.take().expect("it was asked for");
    let mut stdout = child.stdout.take().expect("it was asked for").take(LONGEST_ANSWER);
    let mut stderr = child.stderr.take().expect("it was asked for");
    thread::scope(|scope| {
        // It may end without reading to the end, and says why.
        scope.spawn(move || drop(stdin.write_all(job)));
        let complaint = scope.spawn(move || {
            let mut bytes = Vec::new();
            drop(stderr.read_to_end(&mut bytes));
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let (done, answered) = mpsc::channel();
        scope.spawn(move || {
            let mut answer = Vec::new();
            let read = stdout.read_to_end(&mut answer).map(|_| answer);
            drop(done.send(read));
        });
        let Ok(answer) = answered.recv_timeout(limit) else {
            drop(child.kill());
            drop(child.wait());
            return None;
        };
        // It has nothing more to say, whatever it still does.
        drop(child.kill());
        let status = child.wait();
        let complaint = complaint.join().unwrap_or_default();
        let ended = |answer| Ok(Ended { status: status?, answer, complaint });
        Some(answer.and_then(ended))
    })
}

/// Why a process ended without an answer.
fn trouble(status: ExitStatus, complaint: &str, limit: Duration) -> Trouble {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        const SIGXCPU: i32 = 24;
        if status.signal() == Some(SIGXCPU) {
            return Trouble::TookTooLong(limit);
        }
    }
    let _ = limit;
    if complaint.contains("memory allocation") || complaint.contains("overflow") {
        return Trouble::TookTooMuch;
    }
    Trouble::Broke(format!("{status}"))
}
