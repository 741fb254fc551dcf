//! `hlas run`: what a timer calls. Lock, check, build, plan and deliver what is
//! due, report. Safe to call every minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hlas::clock::System;
use hlas::deliver::Event;
use hlas::desk::{Desk, Frozen, Held, Open};
use hlas::ledger::{Ledger, Recovered};
use hlas::load::settings::Settings;
use hlas::mail::dkim::{Signer, exposed};
use hlas::model::{Finding, Findings, Slug, Status, each_once};
use hlas::report::{count, event_text};
use hlas::transport::{self, Transport};
use serde_json::{Value, json};

use super::Context;
use super::error::{Exit, Failure};
use super::ledger::{open_at_home, place};
use super::settings::{keys, load_workspace};
use super::ui::Ui;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Say nothing when there was nothing to do
    #[arg(long)]
    quiet: bool,
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    let transports = open_transports(context, &settings)?;
    let signer = signer(context, &settings)?;
    let lock = place(context, &settings)?.lock().await?;
    let loaded = load_workspace(&settings)?;
    let (ledger, recovered) = open_at_home(context, &settings, &lock).await?;
    let desk = Desk { loaded: &loaded, clock: Arc::new(System) };
    let (built, published) = desk.publish()?;
    let frozen = desk.freeze_due(ledger.as_ref(), &built).await?;

    let mut findings: Findings = loaded.findings.clone();
    let leaving = built.publications.iter().filter(|one| one.status != Some(Status::Draft));
    findings.extend(leaving.flat_map(|one| one.findings.clone()));
    findings.retain(Finding::is_error);
    let findings = each_once(findings);
    let open = desk.open_mailings(ledger.as_ref()).await?;
    let due = open.iter().any(|open| open.held.is_none());
    let nothing_new = !published.is_change() && !due && recovered == Recovered::default();
    let stuck = !frozen.held_back.is_empty()
        || open.iter().any(|open| open.held.as_ref().is_some_and(Held::is_suspicious));
    let silent = args.quiet && nothing_new && !stuck;
    if !context.ui.is_json() {
        context.ui.findings(&findings);
        if !silent {
            tell_work(&context.ui, &settings, &published, &frozen, recovered);
        }
    }
    let mut post = Post::new(&context.ui, transports, signer, &ledger);
    let delivered = post.deliver_all(&desk, &open, silent).await;
    let held_back: Vec<(&Slug, String)> =
        frozen.held_back.iter().map(|(slug, why)| (slug, why.to_string())).collect();
    if context.ui.is_json() && !(silent && findings.is_empty()) {
        context.ui.json(&json!({
            "published": published,
            "frozen": frozen.new,
            "held_back": held_back,
            "recovered": { "released": recovered.released, "unsure": recovered.unsure },
            "events": post.events,
            "findings": findings,
            "error": delivered.as_ref().err().map(|failure| &failure.message),
        }));
    }
    if let Err(failure) = delivered {
        return failure.told_already(context.ui.is_json());
    }
    let broken = stuck || !findings.is_empty();
    Ok(match (post.for_a_person + recovered.unsure > 0, broken) {
        _ if post.was_stopped() => Exit::Transport,
        (true, _) => Exit::Unsure,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Ok,
    })
}

fn tell_work(
    ui: &Ui,
    settings: &Settings,
    published: &hlas::publish::Published,
    frozen: &Frozen,
    recovered: Recovered,
) {
    ui.result(&format!(
        "{}: {} written, {} removed, {} unchanged\n",
        settings.workspace.out.display(),
        published.written.len(),
        published.removed.len(),
        published.unchanged
    ));
    if recovered.released + recovered.unsure > 0 {
        ui.result(&format!(
            "a run before this one did not end: {} taken up again, {} unsure\n",
            recovered.released, recovered.unsure
        ));
    }
    for (slug, new) in &frozen.new {
        ui.result(&format!("{slug}: {} planned\n", count(*new, "message")));
    }
    for (slug, obstacle) in &frozen.held_back {
        ui.result(&format!("{slug}: due, but not mailed: {obstacle}\n"));
    }
}

/// The way out of the house, for one run.
pub struct Post<'p> {
    ui: &'p Ui,
    ledger: &'p Arc<dyn Ledger>,
    transports: Vec<Box<dyn Transport>>,
    signer: Option<Arc<Signer>>,
    stop: Arc<AtomicBool>,
    /// Refused and unsure: what a person should look at.
    pub for_a_person: u64,
    pub events: Vec<Value>,
}

/// The transport of the settings, before anything is written down: a wrong
/// one is a mistake in the settings, not a mailing that failed.
pub fn open_transport(
    context: &Context,
    settings: &Settings,
) -> Result<Box<dyn Transport>, Failure> {
    transport::open(&settings.transport, &context.root, keys(&context.root)).map_err(|error| {
        let help = error.help().unwrap_or("see `transport` in `hlas config`");
        Failure::new(Exit::Settings, error.to_string()).help(help)
    })
}

/// One for each line that the settings allow.
pub fn open_transports(
    context: &Context,
    settings: &Settings,
) -> Result<Vec<Box<dyn Transport>>, Failure> {
    let lines = 0..settings.workspace.delivery.connections;
    lines.map(|_| open_transport(context, settings)).collect()
}

/// The keys of the settings, if there are any. One that cannot be read stops
/// everything: mail that should be signed must not leave unsigned.
pub fn signer(context: &Context, settings: &Settings) -> Result<Option<Arc<Signer>>, Failure> {
    let Some(dkim) = &settings.workspace.dkim else { return Ok(None) };
    for file in dkim.keys.values().filter(|file| exposed(&context.root.join(file))) {
        let file = file.display();
        context.ui.say(&format!("others may read the DKIM key {file}: chmod 600 {file}"));
    }
    Ok(Some(Arc::new(Signer::open(dkim, &context.root)?)))
}

impl<'p> Post<'p> {
    pub fn new(
        ui: &'p Ui,
        transports: Vec<Box<dyn Transport>>,
        signer: Option<Arc<Signer>>,
        ledger: &'p Arc<dyn Ledger>,
    ) -> Self {
        let stop = stop_on_signal();
        Self { ui, ledger, transports, signer, stop, for_a_person: 0, events: Vec::new() }
    }

    /// Told to stop before everybody had their turn.
    fn was_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    async fn deliver_all(
        &mut self,
        desk: &Desk<'_>,
        open: &[Open],
        silent: bool,
    ) -> Result<(), Failure> {
        for open in open {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            match &open.held {
                None => self.go_on(desk, open).await?,
                Some(held) if !silent && !self.ui.is_json() => self.ui.result(&format!(
                    "{}: held, {held}; {} not sent\n",
                    open.slug,
                    count(open.waiting.len() as u64, "message")
                )),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Delivers what is left of a mailing, to those whom it still may reach.
    pub async fn go_on(&mut self, desk: &Desk<'_>, open: &Open) -> Result<(), Failure> {
        let taken = desk.withdraw(self.ledger.as_ref(), open).await?;
        if taken > 0 && !self.ui.is_json() {
            let what = count(taken, "message");
            self.ui.result(&format!("{}: {what} taken back, since they left\n", open.slug));
        }
        self.deliver(desk, &open.slug).await
    }

    async fn deliver(&mut self, desk: &Desk<'_>, slug: &Slug) -> Result<(), Failure> {
        let (ui, events) = (self.ui, &mut self.events);
        let zone = &desk.loaded.workspace.time_zone;
        let mut watch = |event: Event| {
            if ui.is_json() {
                events.push(json!(event));
            } else if let Some(line) = event_text(&event, zone) {
                ui.result(&format!("{line}\n"));
            }
        };
        let (transports, signer) = (&mut self.transports, self.signer.clone());
        let tally =
            desk.deliver(self.ledger, transports, signer, slug, &self.stop, &mut watch).await?;
        self.for_a_person += tally.unsure + tally.refused;
        Ok(())
    }
}

/// How long a message in hand may take after we were told to stop.
const LAST_MESSAGE: Duration = Duration::from_secs(10);

/// Set by SIGTERM or Ctrl-C: the messages in hand are finished, the rest waits.
/// A server that keeps us waiting is left: the ledger knows what was in hand.
fn stop_on_signal() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    tokio::spawn(async move {
        terminated().await;
        flag.store(true, Ordering::Relaxed);
        tokio::select! {
            () = terminated() => {}
            () = tokio::time::sleep(LAST_MESSAGE) => {}
        }
        eprintln!("stopped; the messages in hand had no answer yet");
        std::process::exit(Exit::Transport as i32);
    });
    stop
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn terminated() {
    let _ = tokio::signal::ctrl_c().await;
}
