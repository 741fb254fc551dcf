//! Who watches a run: the person at the terminal, a script that reads JSON, a
//! Prometheus, and whoever is told over HTTP.
//!
//! Verbs say what happens, once; who is told of it, and how, is settled here.
//! Nothing here changes what is mailed or how the command ends.

mod figures;
mod notices;
mod progress;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hlas::clock::{Clock, System};
use hlas::deliver::Event;
use hlas::desk::{Frozen, Open};
use hlas::ledger::Ledger;
use hlas::load::settings::Settings;
use hlas::model::Slug;
use hlas::report::{HeldBackOfRun, HeldOfRun, Run, Told, event_line, event_text};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Context;
use super::error::{EXITS, Exit, Failure};
use super::run::terminated;
use super::ui::{Format, Ui};
use figures::Figures;
use notices::Notices;
use progress::Progress;

pub use notices::{PingArgs, WebhookArgs};

pub struct Watchers {
    ui: Ui,
    time_zone: TimeZone,
    run: Arc<Mutex<Run>>,
    progress: Progress,
    figures: Option<Figures>,
    notices: Notices,
    /// The ledger is ours, and what happens from now on is news.
    has_begun: bool,
    /// `--quiet`, and there was nothing to do so far.
    is_silent: bool,
    /// What a document of the whole run has of them.
    events: Vec<Value>,
    /// A line of JSON was written.
    has_spoken: bool,
}

/// What a verb wants of its watchers.
#[derive(Debug, Default)]
pub struct Wanted<'w> {
    pub verb: &'static str,
    pub quiet: bool,
    pub ping: Option<&'w PingArgs>,
    pub webhook: Option<&'w WebhookArgs>,
}

impl Watchers {
    /// Nobody is told anything yet, but that there is nobody to be told.
    pub fn open(wanted: &Wanted<'_>, context: &Context) -> Result<Self, Failure> {
        Ok(Self {
            ui: context.ui.clone(),
            time_zone: TimeZone::UTC,
            run: Arc::new(Mutex::new(Run::new(wanted.verb, System.now()))),
            progress: Progress::for_the_terminal(wanted.quiet),
            figures: None,
            notices: Notices::open(wanted, &context.root)?,
            has_begun: false,
            is_silent: wanted.quiet,
            events: Vec::new(),
            has_spoken: false,
        })
    }

    /// From now on it is known where figures go, and when it is here.
    pub fn know(&mut self, settings: &Settings) {
        self.time_zone = settings.workspace.time_zone.clone();
        let file = settings.metrics_file.as_deref();
        self.figures = file.map(|file| Figures::into(file, Arc::clone(&self.run)));
    }

    /// The ledger is ours: the run begins.
    pub async fn begin(&mut self, ledger: &Arc<dyn Ledger>) {
        self.has_begun = true;
        self.notices.began();
        if let Some(figures) = &mut self.figures
            && let Err(why) = figures.begin(ledger).await
        {
            self.ui.say(&why);
        }
    }

    /// What was frozen, and what could not be.
    pub fn frozen(&mut self, frozen: &Frozen) {
        let mut run = lock(&self.run);
        for (slug, messages) in &frozen.new {
            run.planned(slug, *messages);
        }
        // What waits for the morning is nothing to wake somebody for.
        let held_back = frozen.held_back.iter().filter(|(_, why)| !why.passes_by_itself());
        let held_back = held_back
            .map(|(slug, why)| HeldBackOfRun { slug: slug.clone(), reason: why.to_string() });
        run.held_back = Some(held_back.collect());
    }

    /// So many messages of one mailing were frozen.
    pub fn planned(&mut self, mailing: &Slug, messages: u64) {
        lock(&self.run).planned(mailing, messages);
        self.tell(&Told::Planned { mailing, messages });
    }

    /// What is still to be mailed, and what holds it up.
    pub fn open_mailings(&mut self, open: &[Open]) {
        let held = open.iter().filter_map(|open| {
            let held = open.held.as_ref()?;
            let (slug, reason) = (open.slug.clone(), held.to_string());
            Some(HeldOfRun { slug, held: held.name(), reason, waiting: open.waiting.len() as u64 })
        });
        lock(&self.run).held = Some(held.collect());
    }

    /// There is something to say, even to those who want to hear nothing else.
    pub fn speak_up(&mut self) {
        self.is_silent = false;
    }

    /// A line for machines, in the format that has lines.
    pub fn tell(&mut self, told: &Told<'_>) {
        if self.ui.format != Format::Jsonl || self.is_silent {
            return;
        }
        let (verb, began) = {
            let run = lock(&self.run);
            (run.verb, run.began)
        };
        if !self.has_spoken {
            self.has_spoken = true;
            let first = Told::Began { verb, version: env!("CARGO_PKG_VERSION") };
            self.ui.result(&event_line(&first, began, None));
        }
        self.ui.result(&event_line(told, System.now(), None));
    }

    /// A line for people.
    pub fn say(&self, line: &str) {
        if !self.ui.is_json() && !self.is_silent {
            self.progress.beside(|| self.ui.result(line));
        }
    }

    /// Something has happened to a message, or to a mailing.
    pub fn event(&mut self, event: &Event) {
        let current = {
            let mut run = lock(&self.run);
            run.note(event);
            run.current().cloned()
        };
        self.progress.note(event);
        let at = System.now();
        match self.ui.format {
            Format::Json => self.events.push(json!(event)),
            Format::Jsonl => {
                let line = event_line(event, at, current.as_ref());
                self.progress.beside(|| self.ui.result(&line));
            }
            Format::Text | Format::Github => {
                if let Some(line) = event_text(event, &self.time_zone) {
                    self.progress.beside(|| self.ui.result(&format!("{line}\n")));
                }
            }
        }
        if let Some(line) = self.progress.line() {
            self.ui.say(&line);
        }
    }

    /// What a document of the whole run has of its events.
    pub fn events(&self) -> &[Value] {
        &self.events
    }

    /// The run has ended, well or not. What it comes to is not changed here,
    /// but where JSON has lines a failure is the last of them.
    pub async fn close(mut self, ended: Result<Exit, Failure>) -> Result<Exit, Failure> {
        let failure = ended.as_ref().err();
        let exit = ended.as_ref().map_or_else(|failure| failure.exit, |exit| *exit);
        let now = System.now();
        self.progress.end();
        let run = lock(&self.run).clone();
        let summary = run.summary(now, exit as u8, meaning(exit));
        // Who finds another at work has nothing to say: that one tells.
        let is_told = exit != Exit::Busy && (self.has_begun || self.notices.minds_the_timer());
        if let Some(figures) = self.figures.take().filter(|_| is_told)
            && let Err(why) = figures.end(now, exit as u8).await
        {
            self.ui.say(&why);
        }
        let line = (self.ui.format == Format::Jsonl).then(|| summary.clone());
        if is_told {
            let notices = std::mem::take(&mut self.notices);
            let ended = notices.ended(&summary, run.is_news() || exit != Exit::Ok);
            let unheard = tokio::select! {
                unheard = ended => unheard,
                // Whoever wants to be gone need not wait for them.
                () = terminated() => Vec::new(),
            };
            unheard.iter().for_each(|line| self.ui.say(line));
        }
        let Some(summary) = line else { return ended };
        if let Some(failure) = failure {
            self.speak_up();
            if !failure.findings.is_empty() {
                self.tell(&Told::Found { findings: &failure.findings });
            }
        }
        let error = failure.map(|failure| failure.message.as_str());
        let help = failure.and_then(|failure| failure.help.as_deref());
        self.tell(&Told::Ended { summary, error, help });
        Ok(exit)
    }
}

fn meaning(exit: Exit) -> &'static str {
    EXITS.iter().find(|(known, _)| *known == exit).map_or("", |(_, meaning)| meaning)
}

fn lock(run: &Mutex<Run>) -> MutexGuard<'_, Run> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}
