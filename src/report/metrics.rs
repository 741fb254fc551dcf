//! What stands and what happened, as Prometheus reads it: the text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>), for the
//! textfile collector of node_exporter.
//!
//! A run lives for seconds, a counter for years. So what the file said before
//! is read first: counters go on from there, and what only another verb knows
//! stays. Whoever deletes the file begins counters anew, which Prometheus bears.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

use super::run::{HeldBackOfRun, HeldOfRun, Run};
use crate::model::Books;

/// Mailings that are done, and were frozen before that, have no figures any
/// more: a desk sends for years, and Prometheus keeps every name for ever.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 90);

/// How a family goes on from what the file said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grows {
    /// All of it is known anew, or nothing of it.
    Replaced,
    /// Figure by figure: another verb's stay.
    Kept,
    /// Counters.
    Added,
}

use Grows::{Added, Kept, Replaced};

/// Every family there is: name, how it goes on, and what it means. Counters end
/// in `_total`. The one list that the file, the docs and tests read.
#[rustfmt::skip]
const FAMILIES: [(&str, Grows, &str); 15] = [
    ("hlas_deliveries", Replaced, "Deliveries of a mailing by where they stand, from the ledger."),
    ("hlas_candidates", Replaced, "People in the segments of a mailing when it was frozen."),
    ("hlas_excluded", Replaced, "People who get nothing of a mailing, by the reason."),
    ("hlas_mailing_paused", Replaced, "1 when a mailing has paused itself and waits for a person."),
    ("hlas_mailing_held", Replaced, "1 for each mailing that is frozen and not sent now, by the reason."),
    ("hlas_mailing_waiting", Replaced, "Messages of a held mailing that wait for it."),
    ("hlas_books_balanced", Replaced, "1 when the books of all mailings balance."),
    ("hlas_publication_held_back", Replaced, "1 for each publication that is due and cannot be planned."),
    ("hlas_attempts_total", Added, "Attempts at a delivery by their outcome."),
    ("hlas_runs_total", Added, "Runs that have ended, by verb and exit code."),
    ("hlas_run_in_progress", Kept, "1 while a run is at work."),
    ("hlas_last_run_timestamp_seconds", Kept, "When the last run ended."),
    ("hlas_last_run_duration_seconds", Kept, "How long the last run took."),
    ("hlas_last_run_exit_code", Kept, "How the last run ended; README lists the exit codes."),
    ("hlas_last_success_timestamp_seconds", Kept, "When a run last ended with 0."),
];

/// Figures of one family by their labels, as they are written.
type Figures = BTreeMap<String, f64>;

/// All that is known, by family.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics(BTreeMap<&'static str, Figures>);

/// What a run knows of itself when it writes.
pub struct Moment<'m> {
    pub run: &'m Run,
    pub now: Timestamp,
    /// `None` while it is at work.
    pub exit: Option<u8>,
    /// Of every mailing; `None` where the ledger cannot be asked.
    pub books: Option<&'m [Books]>,
}

impl Metrics {
    pub fn of(moment: &Moment<'_>) -> Self {
        let mut metrics = Self::default();
        let Moment { run, now, exit, books } = moment;
        if let Some(books) = books {
            metrics.books(books, *now);
        }
        if let Some(held) = &run.held {
            metrics.know(&["hlas_mailing_held", "hlas_mailing_waiting"]);
            for HeldOfRun { slug, held, waiting, .. } in held {
                let labels = [("mailing", slug.as_str()), ("reason", held)];
                metrics.set("hlas_mailing_held", &labels, 1.0);
                metrics.set("hlas_mailing_waiting", &labels[..1], number(*waiting));
            }
        }
        if let Some(held_back) = &run.held_back {
            metrics.know(&["hlas_publication_held_back"]);
            for HeldBackOfRun { slug, .. } in held_back {
                let labels = [("publication", slug.as_str())];
                metrics.set("hlas_publication_held_back", &labels, 1.0);
            }
        }
        let tally = run.tally();
        for (outcome, times) in [
            ("accepted", tally.accepted),
            ("deferred", tally.deferred),
            ("refused", tally.refused),
            ("unsure", tally.unsure),
        ] {
            metrics.set("hlas_attempts_total", &[("outcome", outcome)], number(times));
        }
        metrics.run(run, *now, *exit);
        metrics
    }

    fn run(&mut self, run: &Run, now: Timestamp, exit: Option<u8>) {
        let verb = [("verb", run.verb)];
        self.set("hlas_run_in_progress", &verb, if exit.is_none() { 1.0 } else { 0.0 });
        let Some(exit) = exit else { return };
        let code = exit.to_string();
        self.set("hlas_runs_total", &[("verb", run.verb), ("exit", &code)], 1.0);
        self.set("hlas_last_run_timestamp_seconds", &verb, seconds(now));
        let took = now.duration_since(run.began).as_secs_f64().max(0.0);
        self.set("hlas_last_run_duration_seconds", &verb, (took * 1000.0).round() / 1000.0);
        self.set("hlas_last_run_exit_code", &verb, f64::from(exit));
        if exit == 0 {
            self.set("hlas_last_success_timestamp_seconds", &verb, seconds(now));
        }
    }

    fn books(&mut self, all: &[Books], now: Timestamp) {
        self.know(&["hlas_deliveries", "hlas_candidates", "hlas_excluded", "hlas_mailing_paused"]);
        let balanced = all.iter().all(Books::balance);
        self.set("hlas_books_balanced", &[], if balanced { 1.0 } else { 0.0 });
        let is_open = |books: &Books| books.pending + books.deferred + books.unsure > 0;
        let is_recent = |books: &Books| now.duration_since(books.frozen_at) < REMEMBERED;
        for books in all.iter().filter(|books| is_open(books) || is_recent(books)) {
            let mailing = ("mailing", books.slug.as_str());
            for (state, figure) in [
                ("accepted", books.accepted),
                ("deferred", books.deferred),
                ("pending", books.pending),
                ("refused", books.refused),
                ("unsure", books.unsure),
            ] {
                self.set("hlas_deliveries", &[mailing, ("state", state)], number(figure));
            }
            self.set("hlas_candidates", &[mailing], number(books.candidates));
            for (reason, figure) in &books.excluded {
                self.set("hlas_excluded", &[mailing, ("reason", reason)], number(*figure));
            }
            let paused = if books.paused.is_some() { 1.0 } else { 0.0 };
            self.set("hlas_mailing_paused", &[mailing], paused);
        }
    }

    /// Of these families everything is known, even if there is nothing.
    fn know(&mut self, families: &[&'static str]) {
        for family in families {
            self.0.entry(family).or_default();
        }
    }

    fn set(&mut self, family: &'static str, labels: &[(&str, &str)], figure: f64) {
        self.0.entry(family).or_default().insert(written(labels), figure);
    }

    /// What a file of ours said. Lines that are none of ours are passed over.
    pub fn read(text: &str) -> Self {
        let mut metrics = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((sample, figure)) = line.rsplit_once(' ') else { continue };
            let (name, labels) = sample.split_at(sample.find('{').unwrap_or(sample.len()));
            let known = FAMILIES.iter().find(|(family, ..)| *family == name);
            if let (Some((family, ..)), Ok(figure)) = (known, figure.parse()) {
                metrics.0.entry(family).or_default().insert(labels.to_owned(), figure);
            }
        }
        metrics
    }

    /// The file after this, where it said `before` when the run began.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        for (family, grows, _) in FAMILIES {
            let Some(old) = before.0.get(family) else { continue };
            if grows == Replaced && self.0.contains_key(family) {
                continue;
            }
            let figures = self.0.entry(family).or_default();
            for (labels, figure) in old {
                match grows {
                    Added => *figures.entry(labels.clone()).or_default() += figure,
                    Kept | Replaced => {
                        figures.entry(labels.clone()).or_insert(*figure);
                    }
                }
            }
        }
        self
    }
}

impl std::fmt::Display for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (family, _, help) in FAMILIES {
            let Some(figures) = self.0.get(family).filter(|figures| !figures.is_empty()) else {
                continue;
            };
            let kind = if family.ends_with("_total") { "counter" } else { "gauge" };
            writeln!(f, "# HELP {family} {help}\n# TYPE {family} {kind}")?;
            for (labels, figure) in figures {
                writeln!(f, "{family}{labels} {figure}")?;
            }
        }
        Ok(())
    }
}

/// `{mailing="…",state="…"}`. In a value `\`, `"` and the line end are escaped.
fn written(labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let mut text = String::from("{");
    for (index, (name, value)) in labels.iter().enumerate() {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{name}=\"{value}\"");
    }
    text + "}"
}

/// Exact up to 2⁵³, and nobody mails that many.
#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers")]
fn number(figure: u64) -> f64 {
    figure as f64
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds fit for 285,000 years")]
fn seconds(moment: Timestamp) -> f64 {
    moment.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests;
