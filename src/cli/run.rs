//! `hlas run`: what a timer calls. Lock, check, build, plan and deliver what is
//! due, report. Safe to call every minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hlas::clock::System;
use hlas::desk::{Desk, Errand, Frozen, Held, Hours, Open};
use hlas::ledger::{Ledger, Recovered};
use hlas::load::settings::Settings;
use hlas::mail::dkim::{Signer, exposed};
use hlas::model::{Finding, Findings, Slug, Status, each_once};
use hlas::publish::Published;
use hlas::report::{Told, count};
use hlas::transport::{self, Transport};
use serde_json::json;
use tokio::task::JoinHandle;

use super::Context;
use super::error::{Exit, Failure};
use super::ledger::{open_at_home, place};
use super::settings::{keys, load_workspace};
use super::ui::Format;
use super::watch::{PingArgs, Wanted, Watchers, WebhookArgs};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Say nothing when there was nothing to do, and draw no progress bar
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    ping: PingArgs,
    #[command(flatten)]
    webhook: WebhookArgs,
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (ping, webhook) = (Some(&args.ping), Some(&args.webhook));
    let wanted = Wanted { verb: "run", quiet: args.quiet, ping, webhook };
    let mut watchers = Watchers::open(&wanted, context)?;
    let ended = work(args, context, &mut watchers).await;
    watchers.close(ended).await
}

async fn work(args: &Args, context: &Context, watchers: &mut Watchers) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    watchers.know(&settings);
    let transports = open_transports(context, &settings)?;
    let signer = signer(context, &settings)?;
    let lock = place(context, &settings)?.lock().await?;
    let loaded = load_workspace(&settings)?;
    let (ledger, recovered) = open_at_home(context, &settings, &lock).await?;
    watchers.begin(&ledger).await;
    let desk = Desk { loaded: &loaded, clock: Arc::new(System) };
    let (built, published) = desk.publish()?;
    let frozen = desk.freeze_due(ledger.as_ref(), &built).await?;
    watchers.frozen(&frozen);

    let mut findings: Findings = loaded.findings.clone();
    let leaving = built.publications.iter().filter(|one| one.status != Some(Status::Draft));
    findings.extend(leaving.flat_map(|one| one.findings.clone()));
    findings.retain(Finding::is_error);
    let findings = each_once(findings);
    let open = desk.open_mailings(ledger.as_ref()).await?;
    watchers.open_mailings(&open);
    desk.put_holds(ledger.as_ref(), &open).await?;
    let due = open.iter().any(|open| open.held.is_none());
    let nothing_new = !published.is_change() && !due && recovered == Recovered::default();
    let stuck = frozen.is_stuck()
        || open.iter().any(|open| open.held.as_ref().is_some_and(Held::is_suspicious));
    let silent = args.quiet && nothing_new && !stuck;
    if !context.ui.is_json() {
        context.ui.findings(&findings);
    }
    // People have seen the findings already.
    if !silent || (context.ui.is_json() && !findings.is_empty()) {
        watchers.speak_up();
    }
    tell_work(watchers, &settings, &Work { published: &published, frozen: &frozen, recovered });
    if !findings.is_empty() {
        watchers.tell(&Told::Found { findings: &findings });
    }
    let mut post = Post::new(watchers, transports, signer, &ledger);
    let delivered = post.deliver_all(&desk, &open).await;
    let (for_a_person, was_stopped) = (post.for_a_person, post.was_stopped());
    drop(post);
    let held_back: Vec<(&Slug, String)> =
        frozen.held_back.iter().map(|(slug, why)| (slug, why.to_string())).collect();
    if context.ui.format == Format::Json && !(silent && findings.is_empty()) {
        context.ui.json(&json!({
            "published": published,
            "frozen": frozen.new,
            "held_back": held_back,
            "recovered": { "released": recovered.released, "unsure": recovered.unsure },
            "events": watchers.events(),
            "findings": findings,
            "error": delivered.as_ref().err().map(|failure| &failure.message),
        }));
    }
    if let Err(failure) = delivered {
        return failure.told_already(context.ui.format == Format::Json);
    }
    let broken = stuck || !findings.is_empty();
    Ok(match (for_a_person + recovered.unsure > 0, broken) {
        _ if was_stopped => Exit::Transport,
        (true, _) => Exit::Unsure,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Ok,
    })
}

/// What was done before the first message.
struct Work<'w> {
    published: &'w Published,
    frozen: &'w Frozen,
    recovered: Recovered,
}

fn tell_work(watchers: &mut Watchers, settings: &Settings, work: &Work<'_>) {
    let Work { published, frozen, recovered: Recovered { released, unsure } } = *work;
    watchers.say(&format!(
        "{}: {} written, {} removed, {} unchanged\n",
        settings.workspace.out.display(),
        published.written.len(),
        published.removed.len(),
        published.unchanged
    ));
    watchers.tell(&Told::Published(published));
    if released + unsure > 0 {
        watchers.say(&format!(
            "a run before this one did not end: {released} taken up again, {unsure} unsure\n"
        ));
        watchers.tell(&Told::Recovered { released, unsure });
    }
    for (mailing, new) in &frozen.new {
        watchers.say(&format!("{mailing}: {} planned\n", count(*new, "message")));
        watchers.tell(&Told::Planned { mailing, messages: *new });
    }
    for (mailing, obstacle) in &frozen.held_back {
        watchers.say(&format!("{mailing}: due, but not mailed: {obstacle}\n"));
        watchers.tell(&Told::HeldBack { mailing, reason: &obstacle.to_string() });
    }
}

/// The way out of the house, for one run.
pub struct Post<'p> {
    watchers: &'p mut Watchers,
    ledger: &'p Arc<dyn Ledger>,
    transports: Vec<Box<dyn Transport>>,
    signer: Option<Arc<Signer>>,
    stop: Arc<AtomicBool>,
    /// Waits for a signal, as long as there is anything in hand.
    signal: JoinHandle<()>,
    /// Which hours count.
    pub hours: Hours,
    /// Refused and unsure: what a person should look at.
    pub for_a_person: u64,
}

impl Drop for Post<'_> {
    fn drop(&mut self) {
        self.signal.abort();
    }
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
        watchers: &'p mut Watchers,
        transports: Vec<Box<dyn Transport>>,
        signer: Option<Arc<Signer>>,
        ledger: &'p Arc<dyn Ledger>,
    ) -> Self {
        let ((stop, signal), hours) = (stop_on_signal(), Hours::OfTheHouse);
        Self { watchers, ledger, transports, signer, stop, signal, hours, for_a_person: 0 }
    }

    /// Told to stop before everybody had their turn.
    fn was_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    async fn deliver_all(&mut self, desk: &Desk<'_>, open: &[Open]) -> Result<(), Failure> {
        for open in open {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            match &open.held {
                None => self.go_on(desk, open).await?,
                Some(held) => self.tell_held(open, held),
            }
        }
        Ok(())
    }

    fn tell_held(&mut self, open: &Open, held: &Held) {
        let (mailing, waiting) = (&open.slug, open.waiting.len() as u64);
        let what = count(waiting, "message");
        self.watchers.say(&format!("{mailing}: held, {held}; {what} not sent\n"));
        self.watchers.tell(&Told::Held { mailing, reason: &held.to_string(), waiting });
    }

    /// Delivers what is left of a mailing, to those whom it still may reach.
    pub async fn go_on(&mut self, desk: &Desk<'_>, open: &Open) -> Result<(), Failure> {
        let taken = desk.withdraw(self.ledger.as_ref(), open).await?;
        if taken > 0 {
            let what = count(taken, "message");
            self.watchers.say(&format!("{}: {what} taken back, since they left\n", open.slug));
            self.watchers.tell(&Told::Withdrawn { mailing: &open.slug, messages: taken });
        }
        self.deliver(desk, &open.slug).await
    }

    async fn deliver(&mut self, desk: &Desk<'_>, slug: &Slug) -> Result<(), Failure> {
        let watchers = &mut *self.watchers;
        let (transports, signer) = (&mut self.transports, self.signer.clone());
        let mut watch = |event| watchers.event(&event);
        let errand = Errand { slug, hours: self.hours, stop: &self.stop };
        let tally = desk.deliver(self.ledger, transports, signer, errand, &mut watch).await?;
        self.for_a_person += tally.unsure + tally.refused;
        Ok(())
    }
}

/// How long a message in hand may take after we were told to stop.
const LAST_MESSAGE: Duration = Duration::from_secs(10);

/// Set by SIGTERM or Ctrl-C: the messages in hand are finished, the rest waits.
/// A server that keeps us waiting is left: the ledger knows what was in hand.
pub fn stop_on_signal() -> (Arc<AtomicBool>, JoinHandle<()>) {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let signal = tokio::spawn(async move {
        terminated().await;
        flag.store(true, Ordering::Relaxed);
        tokio::select! {
            () = terminated() => {}
            () = tokio::time::sleep(LAST_MESSAGE) => {}
        }
        eprintln!("stopped; the messages in hand had no answer yet");
        std::process::exit(Exit::Transport as i32);
    });
    (stop, signal)
}

#[cfg(unix)]
pub async fn terminated() {
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
pub async fn terminated() {
    let _ = tokio::signal::ctrl_c().await;
}
