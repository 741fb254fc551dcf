//! `hlas run`: what a timer calls. Lock, check, build, plan and deliver what is
//! due, report. Safe to call every minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hlas::build::errors;
use hlas::clock::{Clock, System};
use hlas::deliver::Event;
use hlas::desk::Desk;
use hlas::ledger::{self, Ledger, Recovered, Stranded};
use hlas::load::settings::Settings;
use hlas::model::{Finding, Findings, Slug, Status};
use hlas::report::{count, event_text};
use hlas::transport::{self, Transport};
use serde_json::{Value, json};

use super::Context;
use super::error::{Exit, Failure};
use super::settings::smtp_password;
use super::ui::Ui;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Say nothing when there was nothing to do
    #[arg(long)]
    quiet: bool,
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (settings, loaded) = context.settings.load(&context.root)?;
    let lock = ledger::lock(&settings.ledger, &context.root)?;
    let ledger = ledger::open(&settings.ledger, &context.root).await?;
    let recovered = ledger.recover(System.now(), Stranded::EverythingInHand(&lock)).await?;
    let desk = Desk { loaded: &loaded, clock: &System };
    let (built, published) = desk.publish()?;
    let frozen = desk.freeze_due(ledger.as_ref(), &built).await?;

    let mut findings: Findings = loaded.findings.clone();
    let leaving = built.publications.iter().filter(|one| one.status != Some(Status::Draft));
    findings.extend(leaving.flat_map(|one| one.findings.clone()));
    findings.retain(Finding::is_error);
    let open = desk.open_mailings(ledger.as_ref()).await?;
    let nothing_new =
        !published.is_change() && open.is_empty() && recovered == Recovered::default();
    let silent = args.quiet && nothing_new;
    if !context.ui.is_json() {
        context.ui.findings(&findings);
        if !silent {
            tell_work(&context.ui, &settings, &published, &frozen, recovered);
        }
    }
    let mut post = Post::new(context, &settings, ledger.as_ref())?;
    let delivered = post.deliver_all(&desk, &open).await;
    if context.ui.is_json() && !silent {
        context.ui.json(&json!({
            "published": published,
            "frozen": frozen,
            "recovered": { "released": recovered.released, "unsure": recovered.unsure },
            "events": post.events,
            "findings": findings,
        }));
    }
    delivered?;
    let broken = !errors(&built.publications).is_empty() || !findings.is_empty();
    Ok(match (post.unsure + recovered.unsure > 0, broken) {
        (true, _) => Exit::Unsure,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Ok,
    })
}

fn tell_work(
    ui: &Ui,
    settings: &Settings,
    published: &hlas::publish::Published,
    frozen: &[(Slug, u64)],
    recovered: Recovered,
) {
    let site = settings.workspace.out.join("site");
    ui.result(&format!(
        "{}: {} written, {} removed, {} unchanged\n",
        site.display(),
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
    for (slug, new) in frozen {
        ui.result(&format!("{slug}: {} planned\n", count(*new, "message")));
    }
}

/// The way out of the house, for one run.
pub struct Post<'p> {
    ui: &'p Ui,
    ledger: &'p dyn Ledger,
    transport: Box<dyn Transport>,
    stop: Arc<AtomicBool>,
    pub unsure: u64,
    pub events: Vec<Value>,
}

impl<'p> Post<'p> {
    pub fn new(
        context: &'p Context,
        settings: &Settings,
        ledger: &'p dyn Ledger,
    ) -> Result<Self, Failure> {
        let transport = transport::open(&settings.transport, &context.root, smtp_password())?;
        let stop = stop_on_signal();
        Ok(Self { ui: &context.ui, ledger, transport, stop, unsure: 0, events: Vec::new() })
    }

    pub async fn deliver_all(&mut self, desk: &Desk<'_>, open: &[Slug]) -> Result<(), Failure> {
        for slug in open {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            self.deliver(desk, slug).await?;
        }
        Ok(())
    }

    pub async fn deliver(&mut self, desk: &Desk<'_>, slug: &Slug) -> Result<(), Failure> {
        let (ui, events) = (self.ui, &mut self.events);
        let mut watch = |event: Event| {
            if ui.is_json() {
                events.push(json!(event));
            } else if let Some(line) = event_text(&event) {
                ui.result(&format!("{line}\n"));
            }
        };
        let transport = self.transport.as_mut();
        let tally = desk.deliver(self.ledger, transport, slug, &self.stop, &mut watch).await?;
        self.unsure += tally.unsure;
        Ok(())
    }
}

/// Set by SIGTERM or Ctrl-C: the message in hand is finished, the rest waits.
fn stop_on_signal() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    tokio::spawn(async move {
        terminated().await;
        flag.store(true, Ordering::Relaxed);
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
