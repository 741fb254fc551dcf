//! What happens, as it happens, for machines: a JSON object a line
//! (`--format jsonl`). The names are a promise; docs/running.md lists them.
//!
//! Each line begins with `at` and `event`, and names its `mailing` where it is
//! about one; what else it has depends on the event.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::run::{Summary, whole};
use crate::model::{Findings, Slug};
use crate::publish::Published;

/// What a run does besides delivering.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Told<'t> {
    /// The ledger is ours.
    Began { verb: &'t str, version: &'t str },
    /// A run before this one did not end.
    Recovered { released: u64, unsure: u64 },
    /// What was written below `out/`.
    Published(&'t Published),
    /// What is wrong in texts and lists; the rest goes on.
    Found { findings: &'t Findings },
    /// So many messages were frozen.
    Planned { mailing: &'t Slug, messages: u64 },
    /// Due, but nobody can be planned yet.
    HeldBack { mailing: &'t Slug, reason: &'t str },
    /// Frozen, but nobody is written to now.
    Held { mailing: &'t Slug, reason: &'t str, waiting: u64 },
    /// So many have left since the freeze, and get nothing.
    Withdrawn { mailing: &'t Slug, messages: u64 },
    /// Who would get it: a dry run says no more.
    Plan { mailing: &'t Slug, plan: &'t Value },
    /// Always the last line.
    Ended {
        #[serde(flatten)]
        summary: Summary<'t>,
        /// Why it could not do what it was asked to.
        error: Option<&'t str>,
        help: Option<&'t str>,
    },
}

/// One line, its line end included. `current` is the mailing that the event is
/// about, where it does not say so itself.
pub fn event_line(event: &impl Serialize, at: Timestamp, current: Option<&Slug>) -> String {
    let mut rest = match serde_json::to_value(event) {
        Ok(Value::Object(rest)) => rest,
        _ => Map::new(),
    };
    let mailing = rest.remove("mailing").or_else(|| current.map(|slug| slug.as_str().into()));
    let line = Line { at: whole(at), event: rest.remove("event"), mailing, rest };
    format!("{}\n", serde_json::to_string(&line).unwrap_or_default())
}

#[derive(Serialize)]
struct Line {
    at: Timestamp,
    event: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailing: Option<Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Run;
    use super::*;
    use crate::deliver::{Event, Tally};
    use crate::model::{DeliveryId, Finding, Place, Reply};

    /// One of each. The match is there so that a new one is added to the list.
    fn events(slug: &Slug) -> Vec<Event> {
        let (mailing, delivery) = (slug.clone(), DeliveryId(format!("{slug}.0123456789abcdef")));
        let address = "jana@example.org".to_owned();
        let reply = Reply::new(Some(250), "2.0.0 queued");
        let tally = Tally { accepted: 1, ..Tally::default() };
        let next_try = "2026-11-28T08:15:00Z".parse().expect("a moment");
        let all = vec![
            Event::Started { mailing: mailing.clone(), open: 5 },
            Event::Accepted {
                delivery: delivery.clone(),
                address: address.clone(),
                reply: reply.clone(),
            },
            Event::Deferred {
                delivery: delivery.clone(),
                address: address.clone(),
                reply: reply.clone(),
                next_try,
            },
            Event::Refused {
                delivery: delivery.clone(),
                address: address.clone(),
                reply: reply.clone(),
                suppressed: true,
            },
            Event::Unsure { delivery: delivery.clone(), address, reply },
            Event::TakenOver { delivery },
            Event::Paused { mailing: mailing.clone(), reason: "too many refusals".to_owned() },
            Event::TransportDown { reason: "mail.example.org:587 failed".to_owned() },
            Event::TooLate { mailing: mailing.clone(), left: 4 },
            Event::Paced { mailing: mailing.clone(), left: 4, goes_on: next_try },
            Event::Closed { mailing: mailing.clone(), left: 4, opens: next_try },
            Event::Stopped,
            Event::Finished { mailing, tally },
        ];
        for event in &all {
            match event {
                Event::Started { .. }
                | Event::Accepted { .. }
                | Event::Deferred { .. }
                | Event::Refused { .. }
                | Event::Unsure { .. }
                | Event::TakenOver { .. }
                | Event::Paused { .. }
                | Event::TransportDown { .. }
                | Event::TooLate { .. }
                | Event::Paced { .. }
                | Event::Closed { .. }
                | Event::Stopped
                | Event::Finished { .. } => {}
            }
        }
        all
    }

    fn lines() -> String {
        let slug = Slug::new("2026-11-28-povoleni").expect("a slug");
        let at: Timestamp = "2026-11-28T08:00:00.123456789Z".parse().expect("a moment");
        let published = Published {
            written: vec!["site/index.html".to_owned()],
            removed: vec![],
            unchanged: 98,
        };
        let place = Place::new("publications/2026-11-28-povoleni/cs.md", 2, 19);
        let findings = vec![Finding::error("front-matter", place, "no colon")];
        let mut run = Run::new("run", at);
        run.planned(&slug, 5);
        let told = [
            Told::Began { verb: "run", version: "0.1.0" },
            Told::Recovered { released: 2, unsure: 1 },
            Told::Published(&published),
            Told::Found { findings: &findings },
            Told::Planned { mailing: &slug, messages: 5 },
            Told::HeldBack { mailing: &slug, reason: "it has an error" },
            Told::Held { mailing: &slug, reason: "it is a draft again", waiting: 7 },
            Told::Withdrawn { mailing: &slug, messages: 1 },
            Told::Plan { mailing: &slug, plan: &json!({ "deliveries": [] }) },
            Told::Ended { summary: run.summary(at, 0, "done"), error: None, help: None },
        ];
        let mut lines: Vec<String> = told.iter().map(|it| event_line(it, at, None)).collect();
        let events = events(&slug);
        let delivered = events.iter().map(|event| event_line(event, at, Some(&slug)));
        let before_the_last = lines.len() - 1;
        lines.splice(before_the_last..before_the_last, delivered);
        lines.concat()
    }

    #[test]
    fn each_event_is_an_object_on_a_line_of_its_own() {
        insta::assert_snapshot!(lines());
    }

    #[test]
    fn every_name_that_a_line_can_have_is_documented() {
        let docs = include_str!("../../docs/running.md");
        for line in lines().lines() {
            let line: Value = serde_json::from_str(line).expect("an object");
            let name = line["event"].as_str().expect("a name");
            assert!(docs.contains(&format!("| `{name}` |")), "docs/running.md lacks {name}");
        }
    }
}
