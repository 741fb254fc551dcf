//! The file that a Prometheus reads: written anew at the beginning and the end
//! of a run, and now and then between.
//!
//! A reader never sees half of it: it is written beside itself and renamed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hlas::clock::{Clock, System};
use hlas::ledger::Ledger;
use hlas::model::Books;
use hlas::report::Run;
use hlas::report::metrics::{Metrics, Moment};
use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::lock;

/// As often as most look.
const EVERY: Duration = Duration::from_secs(15);
/// Of the time, counting a large ledger may take no more than a twentieth.
const SHARE: u32 = 20;

pub struct Figures {
    file: Arc<File>,
    ledger: Option<Arc<dyn Ledger>>,
    between: Option<JoinHandle<()>>,
}

struct File {
    path: PathBuf,
    run: Arc<Mutex<Run>>,
    /// What it said when the run began.
    before: Metrics,
}

impl Figures {
    pub fn into(path: &Path, run: Arc<Mutex<Run>>) -> Self {
        // None yet, or none of ours: counters begin with this run.
        let before = std::fs::read_to_string(path).unwrap_or_default();
        let before = Metrics::read(&before);
        let file = Arc::new(File { path: path.to_owned(), run, before });
        Self { file, ledger: None, between: None }
    }

    pub async fn begin(&mut self, ledger: &Arc<dyn Ledger>) -> Result<(), String> {
        self.ledger = Some(Arc::clone(ledger));
        let (file, ledger) = (Arc::clone(&self.file), Arc::clone(ledger));
        let first = file.write(books(Some(&*ledger)).await.as_deref(), System.now(), None);
        self.between = Some(tokio::spawn(async move {
            let mut pause = EVERY;
            loop {
                tokio::time::sleep(pause).await;
                let began = Instant::now();
                let books = books(Some(&*ledger)).await;
                // What cannot be written was told of at the beginning.
                let _ = file.write(books.as_deref(), System.now(), None);
                pause = EVERY.max(began.elapsed() * SHARE);
            }
        }));
        first
    }

    pub async fn end(self, now: Timestamp, exit: u8) -> Result<(), String> {
        if let Some(between) = self.between {
            between.abort();
            // It may be in the middle of writing.
            let _ = between.await;
        }
        let books = books(self.ledger.as_deref()).await;
        self.file.write(books.as_deref(), now, Some(exit))
    }
}

async fn books(ledger: Option<&dyn Ledger>) -> Option<Vec<Books>> {
    ledger?.all_books().await.ok()
}

impl File {
    fn write(
        &self,
        books: Option<&[Books]>,
        now: Timestamp,
        exit: Option<u8>,
    ) -> Result<(), String> {
        let run = lock(&self.run).clone();
        let metrics = Metrics::of(&Moment { run: &run, now, exit, books }).after(&self.before);
        replace(&self.path, &metrics.to_string()).map_err(|error| {
            format!("the figures for Prometheus are not written: {}: {error}", self.path.display())
        })
    }
}

/// Others read it, whoever we are.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hlas-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    let mut beside = builder.tempfile_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.persist(path).map_err(|error| error.error)?;
    Ok(())
}
