//! `hlas ledger`: copies of the ledger, and which of them sends.

use std::path::PathBuf;
use std::sync::Arc;

use hlas::clock::{Clock, System};
use hlas::ledger::{Ledger, LedgerLock, Place, Recovered, Stranded};
use hlas::load::settings::Settings;
use serde_json::json;

use super::Context;
use super::error::{Exit, Failure};
use super::settings::machine;

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
    }
}

/// Where the ledger of the settings is.
pub fn place(context: &Context, settings: &Settings) -> Result<Place, Failure> {
    Ok(Place::parse(&settings.ledger, &context.root)?)
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
