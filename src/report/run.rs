//! What happened in one run, in counts and slugs: for whoever is told of it
//! outside the house. No address is in it, and no word of a server's, which
//! may name one.

use jiff::{Timestamp, Unit};
use serde::Serialize;

use crate::deliver::{Event, Tally};
use crate::model::Slug;

/// A run as far as it has come.
#[derive(Debug, Clone)]
pub struct Run {
    pub verb: &'static str,
    pub began: Timestamp,
    pub mailings: Vec<MailingOfRun>,
    /// Frozen, and nobody is written to now; `None` before it was looked.
    pub held: Option<Vec<HeldOfRun>>,
    /// Due, but nobody can be planned; `None` before it was looked.
    pub held_back: Option<Vec<HeldBackOfRun>>,
    /// Whose turn it is.
    current: Option<Slug>,
}

/// What this run did for a mailing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailingOfRun {
    pub slug: Slug,
    /// Messages that this run planned.
    pub planned: u64,
    #[serde(flatten)]
    pub tally: Tally,
    /// Without an answer so far, the deferred ones among them.
    pub left: u64,
    /// It paused itself in this run.
    pub paused: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldOfRun {
    pub slug: Slug,
    /// The reason's name.
    pub held: &'static str,
    pub reason: String,
    /// How many messages wait.
    pub waiting: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldBackOfRun {
    pub slug: Slug,
    pub reason: String,
}

/// A run that has ended.
#[derive(Debug, Clone, Serialize)]
pub struct Summary<'r> {
    /// The whole of it in one line, for people; where chat servers look for it.
    pub text: String,
    pub verb: &'static str,
    pub began: Timestamp,
    pub ended: Timestamp,
    pub exit: u8,
    /// What the exit code means.
    pub meaning: &'static str,
    #[serde(flatten)]
    pub tally: Tally,
    pub mailings: &'r [MailingOfRun],
    pub held: &'r [HeldOfRun],
    pub held_back: &'r [HeldBackOfRun],
}

impl Run {
    pub fn new(verb: &'static str, began: Timestamp) -> Self {
        Self { verb, began, mailings: Vec::new(), held: None, held_back: None, current: None }
    }

    pub fn planned(&mut self, slug: &Slug, messages: u64) {
        let mailing = self.mailing(slug);
        mailing.planned += messages;
        mailing.left += messages;
    }

    /// The mailing that an event which names none is about.
    pub fn current(&self) -> Option<&Slug> {
        self.current.as_ref()
    }

    pub fn note(&mut self, event: &Event) {
        if let Event::Started { mailing, .. } = event {
            self.current = Some(mailing.clone());
        }
        let Some(slug) = self.current.clone() else { return };
        let mailing = self.mailing(&slug);
        mailing.tally.count(event);
        match event {
            Event::Started { open, .. } => mailing.left = *open,
            Event::Accepted { .. }
            | Event::Refused { .. }
            | Event::Unsure { .. }
            | Event::TakenOver { .. } => mailing.left = mailing.left.saturating_sub(1),
            _ => {}
        }
        mailing.paused |= matches!(event, Event::Paused { .. });
    }

    pub fn tally(&self) -> Tally {
        let mut all = Tally::default();
        for MailingOfRun { tally, .. } in &self.mailings {
            all += *tally;
        }
        all
    }

    /// Whether anything was planned or tried.
    pub fn is_news(&self) -> bool {
        let planned = self.mailings.iter().any(|mailing| mailing.planned > 0);
        planned || self.tally() != Tally::default()
    }

    pub fn summary(&self, ended: Timestamp, exit: u8, meaning: &'static str) -> Summary<'_> {
        Summary {
            text: self.text(exit, meaning),
            verb: self.verb,
            began: whole(self.began),
            ended: whole(ended),
            exit,
            meaning,
            tally: self.tally(),
            mailings: &self.mailings,
            held: self.held.as_deref().unwrap_or_default(),
            held_back: self.held_back.as_deref().unwrap_or_default(),
        }
    }

    fn text(&self, exit: u8, meaning: &str) -> String {
        let mut said: Vec<String> = Vec::new();
        for MailingOfRun { slug, planned, tally, left, paused } in &self.mailings {
            let planned = if *planned > 0 { format!("{planned} planned, ") } else { String::new() };
            let left = if *left > 0 { format!(", {left} left") } else { String::new() };
            let paused = if *paused { ", paused itself" } else { "" };
            said.push(format!("{slug}: {planned}{}{left}{paused}", tally_text(tally)));
        }
        for HeldBackOfRun { slug, reason } in self.held_back.iter().flatten() {
            said.push(format!("{slug}: due, but not mailed: {reason}"));
        }
        for HeldOfRun { slug, reason, waiting, .. } in self.held.iter().flatten() {
            said.push(format!("{slug}: held, {reason}; {waiting} not sent"));
        }
        if exit != 0 {
            said.push(format!("exit code {exit}, {meaning}"));
        }
        if said.is_empty() {
            said.push("nothing to do".to_owned());
        }
        format!("hlas {}: {}", self.verb, said.join(" · "))
    }

    fn mailing(&mut self, slug: &Slug) -> &mut MailingOfRun {
        let known = self.mailings.iter().position(|mailing| mailing.slug == *slug);
        let known = known.unwrap_or_else(|| {
            let (slug, tally) = (slug.clone(), Tally::default());
            let new = MailingOfRun { slug, planned: 0, tally, left: 0, paused: false };
            self.mailings.push(new);
            self.mailings.len() - 1
        });
        &mut self.mailings[known]
    }
}

/// `72 accepted, 3 refused`: what there is none of is left out, but accepted.
pub(super) fn tally_text(tally: &Tally) -> String {
    let all = [
        (tally.accepted, "accepted"),
        (tally.deferred, "deferred"),
        (tally.refused, "refused"),
        (tally.unsure, "unsure"),
    ];
    let said: Vec<String> = all
        .iter()
        .filter(|(number, what)| *number > 0 || *what == "accepted")
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    said.join(", ")
}

/// Nobody needs nanoseconds.
pub(super) fn whole(moment: Timestamp) -> Timestamp {
    moment.round(Unit::Millisecond).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DeliveryId, Reply};

    #[test]
    fn a_run_is_told_in_counts_and_slugs() {
        let slug = |name: &str| Slug::new(name).expect("a slug");
        let mut run = Run::new("run", "2026-11-28T08:00:00.123456Z".parse().expect("a moment"));
        assert_eq!(run.summary(run.began, 0, "done").text, "hlas run: nothing to do");
        assert!(!run.is_news());
        run.planned(&slug("a"), 3);
        let reason = "it is a draft again".to_owned();
        run.held = Some(vec![HeldOfRun { slug: slug("b"), held: "draft", reason, waiting: 7 }]);
        let reason = "it has an error".to_owned();
        run.held_back = Some(vec![HeldBackOfRun { slug: slug("c"), reason }]);
        let (delivery, address) = (DeliveryId("a.1".to_owned()), "jana@example.org".to_owned());
        let reply = Reply::new(Some(550), "5.1.1 no jana@example.org here");
        let accepted = Event::Accepted {
            delivery: delivery.clone(),
            address: address.clone(),
            reply: reply.clone(),
        };
        run.note(&Event::Started { mailing: slug("a"), open: 5 });
        run.note(&accepted);
        run.note(&accepted);
        run.note(&Event::Refused { delivery, address, reply, suppressed: true });
        let summary = run.summary("2026-11-28T08:00:04Z".parse().expect("a moment"), 8, "look");
        insta::assert_snapshot!(serde_json::to_string_pretty(&summary).expect("JSON"));
        assert!(run.is_news());
        assert!(!format!("{run:?}").contains('@'));
    }
}
