//! `hlas ledger`: copies of the ledger, which of them sends, and its schema.

use std::path::PathBuf;
use std::sync::Arc;

use hlas::clock::{Clock, System};
use hlas::ledger::{self, Ledger, LedgerLock, Place, Recovered, Stranded};
use hlas::load::settings::Settings;
use serde_json::json;

use super::Context;
use super::error::{Exit, Failure};
use super::settings::{ledger_password, machine};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Copy the ledger into a new file, while others may write to it
    Backup(BackupArgs),
    /// Send with this ledger from here, from now on
    ///
    /// A ledger that was copied, moved, cloned with its machine or restored from
    /// a backup does not send, because another one may. When you know that no
    /// other does: this takes it over. What was still to be sent may have been
    /// sent meanwhile, so it is paused; `hlas send SLUG --resume` goes on.
    Adopt,
    /// Copy a ledger into another place: from SQLite to PostgreSQL, or back
    ///
    /// All of it or nothing, into a place that is empty. The copy does not send
    /// until somebody takes it over with `hlas ledger adopt`, and the one that it
    /// was made from goes on as before: stop it first.
    Copy(CopyArgs),
    /// Bring the schema of the ledger up to date
    ///
    /// In SQLite that happens by itself. In PostgreSQL others may be at work with
    /// an older hlas: stop them first.
    Migrate,
}

#[derive(Debug, clap::Args)]
struct CopyArgs {
    /// A ledger: sqlite:FILE or postgres://USER@HOST/DATABASE
    from: String,
    /// An empty one
    to: String,
}

#[derive(Debug, clap::Args)]
struct BackupArgs {
    /// A file that is not there yet
    file: PathBuf,
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    match &args.verb {
        Verb::Backup(args) => backup(args, context, &settings).await,
        Verb::Adopt => adopt(context, &settings).await,
        Verb::Copy(args) => copy(args, context).await,
        Verb::Migrate => migrate(context, &settings).await,
    }
}

/// Where the ledger of the settings is.
pub fn place(context: &Context, settings: &Settings) -> Result<Place, Failure> {
    at(context, &settings.ledger)
}

fn at(context: &Context, url: &str) -> Result<Place, Failure> {
    let place = Place::parse(url, &context.root)?;
    Ok(place.with_password(ledger_password(&context.root)))
}

/// The ledger, where it may send from here; cleaned up after a run that died.
pub async fn open_at_home(
    context: &Context,
    settings: &Settings,
    lock: &LedgerLock,
) -> Result<(Arc<dyn Ledger>, Recovered), Failure> {
    let ledger = place(context, settings)?.open().await?;
    let here = ledger.here(machine()).await?;
    here.pass(&*ledger, lock, System.now()).await?;
    let recovered = ledger.recover(System.now(), lock.stranded()).await?;
    Ok((ledger, recovered))
}

async fn backup(
    args: &BackupArgs,
    context: &Context,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let file = std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone());
    let ledger = place(context, settings)?.open().await?;
    ledger.copy_to(&file).await?;
    if context.ui.is_json() {
        context.ui.json(&json!({ "backup": file }));
    } else {
        context.ui.result(&format!("{} is a copy of the ledger\n", args.file.display()));
    }
    Ok(Exit::Ok)
}

async fn copy(args: &CopyArgs, context: &Context) -> Result<Exit, Failure> {
    let (from, to) = (at(context, &args.from)?, at(context, &args.to)?);
    if let Place::File(file) = &from
        && !file.exists()
    {
        let message = format!("there is no ledger {from}");
        return Err(Failure::new(Exit::Ledger, message).help("name one that is there"));
    }
    let (source, target) = (from.open().await?, to.open().await?);
    let counts = ledger::copy(&*source, &*target).await?;
    if context.ui.is_json() {
        let rows: serde_json::Map<_, _> =
            counts.iter().map(|(table, rows)| ((*table).to_owned(), json!(rows))).collect();
        context.ui.json(&json!({ "copied": rows }));
        return Ok(Exit::Ok);
    }
    for (table, rows) in counts {
        context.ui.result(&format!("{rows:>9}  {table}\n"));
    }
    context.ui.result(&format!(
        "{to} is a copy of {from}; it does not send until `hlas ledger adopt` is said of it\n"
    ));
    Ok(Exit::Ok)
}

async fn migrate(context: &Context, settings: &Settings) -> Result<Exit, Failure> {
    let place = place(context, settings)?;
    let applied = place.migrate().await?;
    if context.ui.is_json() {
        context.ui.json(&json!({ "applied": applied }));
    } else if applied.is_empty() {
        context.ui.result(&format!("{place} is up to date\n"));
    } else {
        context.ui.result(&format!("{place} is up to date now: {}\n", applied.join(", ")));
    }
    Ok(Exit::Ok)
}

async fn adopt(context: &Context, settings: &Settings) -> Result<Exit, Failure> {
    let place = place(context, settings)?;
    let lock = place.lock().await?;
    let ledger = place.open().await?;
    let now = System.now();
    ledger.recover(now, Stranded::EverythingInHand(&lock)).await?;
    // Paused before it is let go, so that no crash comes between.
    let mut paused = Vec::new();
    for books in ledger.all_books().await? {
        if books.pending + books.deferred > 0 {
            let reason = "the ledger was taken over; another copy may have sent the rest";
            ledger.pause(&books.slug, reason, now).await?;
            paused.push((books.slug, books.pending + books.deferred));
        }
    }
    ledger.here(machine()).await?.adopt(&*ledger, &lock, now).await?;
    if context.ui.is_json() {
        context.ui.json(&json!({ "paused": paused }));
        return Ok(Exit::Ok);
    }
    context.ui.result("this ledger sends from here from now on\n");
    for (slug, open) in paused {
        context.ui.result(&format!(
            "{slug}: paused, {open} open; when nobody has sent them, `hlas send {slug} --resume`\n"
        ));
    }
    Ok(Exit::Ok)
}
