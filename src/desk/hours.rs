//! When mail leaves by itself: in the house's hours, and as its pace allows.
//!
//! The surprise: neither makes anything late. What is due in the evening waits
//! for the morning, and a mailing that goes out at twenty an hour goes on for
//! days; both are what the house has asked for.

use std::collections::BTreeMap;

use jiff::{Timestamp, ZonedDateTime};

use super::Desk;
use crate::deliver::Closing;
use crate::ledger::{Meter, Today, Waiting};
use crate::model::{Opening, Workspace};

/// Whether the house's hours count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hours {
    #[default]
    OfTheHouse,
    /// A person wants it now.
    Any,
}

impl Desk<'_> {
    /// When the house mails again, where it does not now.
    pub fn closed_until(&self) -> Option<ZonedDateTime> {
        self.loaded.workspace.window.as_ref()?.opens(&self.now())
    }

    /// Where a round that begins now has to end.
    pub(super) fn closing(&self) -> Option<Closing> {
        closing(&self.loaded.workspace, self.now())
    }

    /// From when a grace that begins at `moment` is counted: while the house
    /// does not mail, nothing grows old.
    pub(super) fn counted_from(&self, moment: ZonedDateTime) -> ZonedDateTime {
        counted_from(&self.loaded.workspace, moment)
    }

    /// When the first of those who wait may be written to, where that is later
    /// than a run waits for.
    pub(super) fn paced_until(
        &self,
        meters: &BTreeMap<String, Meter>,
        waiting: &Waiting,
    ) -> Option<ZonedDateTime> {
        let now = self.clock.now();
        let pace = &self.loaded.workspace.pace;
        let first = self.first_turn(meters, waiting, now)?;
        let is_far = first.duration_since(now) > pace.wait;
        is_far.then(|| first.to_zoned_datetime(self.loaded.workspace.time_zone.clone()))
    }

    fn first_turn(
        &self,
        meters: &BTreeMap<String, Meter>,
        waiting: &Waiting,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if meters.is_empty() {
            return None;
        }
        let pace = &self.loaded.workspace.pace;
        let today = Today::at(now, &pace.time_zone);
        let opens = |bucket: &str, domain| match meters.get(bucket) {
            Some(meter) => meter.opens(pace.limit(domain), now, today),
            None => now,
        };
        let house = opens(Meter::OF_THE_HOUSE, None);
        waiting.domains.iter().map(|domain| opens(domain, Some(domain)).max(house)).min()
    }
}

pub(super) fn closing(workspace: &Workspace, now: ZonedDateTime) -> Option<Closing> {
    let window = workspace.window.as_ref()?;
    let moments = match window.at(&now) {
        Opening::Closed { opens } => (now, opens?),
        Opening::Open { closes } => {
            let closes = closes?;
            let opens = window.opens(&closes)?;
            (closes, opens)
        }
    };
    Some(Closing { at: moments.0.timestamp(), opens: moments.1.timestamp() })
}

pub(super) fn counted_from(workspace: &Workspace, moment: ZonedDateTime) -> ZonedDateTime {
    let Some(window) = &workspace.window else { return moment };
    match window.at(&moment) {
        Opening::Closed { opens } => opens.unwrap_or(moment),
        Opening::Open { closes } => {
            closes.and_then(|closes| window.opens(&closes)).unwrap_or(moment)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;

    use super::super::tests::{JANA, MEMBERS, TEXT, at};
    use super::*;
    use crate::build::{Built, build};
    use crate::clock::Fixed;
    use crate::ledger::{Bucket, Ledger, Place, Turns, Wish};
    use crate::load::Loaded;
    use crate::model::{Holidays, Limit, Window};
    use crate::publish::Output;

    /// From seven to eight in the evening, on working days.
    fn office() -> Window {
        let (hours, days) = ("07:00-20:00".parse().unwrap(), "mon-fri".parse().unwrap());
        Window { hours, days, holidays: Some(Holidays::Czech) }
    }

    fn house(moment: &str, text: &str, window: Option<Window>) -> (Loaded, Arc<Fixed>) {
        let (mut loaded, clock) = at(moment, text, MEMBERS, JANA);
        loaded.workspace.window = window;
        (loaded, Arc::new(clock))
    }

    fn built(desk: &Desk<'_>) -> Built {
        let output = tempfile::tempdir().unwrap();
        build(desk.loaded, &desk.now(), &Output::open(output.path()).unwrap())
    }

    async fn ledger(loaded: &Loaded) -> Arc<dyn Ledger> {
        let place = Place::parse("sqlite::memory:", &loaded.workspace.root).unwrap();
        place.open().await.unwrap()
    }

    #[tokio::test]
    async fn what_is_due_at_night_is_frozen_when_the_house_opens() {
        let evening = TEXT.replace("at: 2026-10-05 09:00", "at: 2026-10-05 21:00");
        let (loaded, clock) = house("2026-10-05T19:30:00Z", &evening, Some(office()));
        let desk = Desk { loaded: &loaded, clock: clock.clone() };
        let ledger = ledger(&loaded).await;
        let frozen = desk.freeze_due(ledger.as_ref(), &built(&desk)).await.unwrap();
        assert_eq!(frozen.new, []);
        let told = frozen.held_back[0].1.to_string();
        assert_eq!(told, "the house mails again from 2026-10-06 07:00");
        assert!(!frozen.is_stuck(), "nobody need look");

        clock.advance(SignedDuration::from_hours(10));
        let frozen = desk.freeze_due(ledger.as_ref(), &built(&desk)).await.unwrap();
        assert_eq!(frozen.new.len(), 1);
    }

    #[tokio::test]
    async fn over_christmas_nothing_becomes_late() {
        // Due on the evening before Christmas Eve; the house opens on Monday.
        let text = TEXT.replace("2026-10-05", "2026-12-23").replace("09:00", "20:30");
        let monday = "2026-12-28T06:00:00Z";
        let told = async |moment: &str, window| {
            let (loaded, clock) = house(moment, &text, window);
            let desk = Desk { loaded: &loaded, clock };
            let ledger = ledger(&loaded).await;
            let frozen = desk.freeze_due(ledger.as_ref(), &built(&desk)).await.unwrap();
            (frozen.new.len(), frozen.held_back.first().map(|(_, why)| why.to_string()))
        };
        assert_eq!(told(monday, Some(office())).await, (1, None));
        let late = "it is late, and goes out only by hand: it was due 2026-12-23 20:30";
        assert_eq!(told(monday, None).await, (0, Some(late.to_owned())));
        assert_eq!(told("2026-12-31T07:00:00Z", Some(office())).await, (0, Some(late.to_owned())));
    }

    #[tokio::test]
    async fn a_frozen_mailing_waits_for_the_morning_and_says_so() {
        let (loaded, clock) = house("2026-10-05T17:59:00Z", TEXT, Some(office()));
        let desk = Desk { loaded: &loaded, clock: clock.clone() };
        let ledger = ledger(&loaded).await;
        desk.freeze_due(ledger.as_ref(), &built(&desk)).await.unwrap();
        let held = async || {
            let open = desk.open_mailings(ledger.as_ref()).await.unwrap();
            open[0].held.as_ref().map(|held| (held.to_string(), held.is_suspicious()))
        };
        assert_eq!(held().await, None);
        let closing = desk.closing().unwrap();
        assert_eq!(closing.at.to_string(), "2026-10-05T18:00:00Z");
        assert_eq!(closing.opens.to_string(), "2026-10-06T05:00:00Z");
        clock.advance(SignedDuration::from_mins(2));
        let told = "the house mails again from 2026-10-06 07:00";
        assert_eq!(held().await, Some((told.to_owned(), false)));
    }

    #[tokio::test]
    async fn a_mailing_whose_next_turn_is_far_off_is_left_alone_until_then() {
        let (mut loaded, clock) = house("2026-10-05T07:00:00Z", TEXT, None);
        let slow = Limit { rate: "1/hour".parse().ok(), ..Limit::default() };
        loaded.workspace.pace.house = slow.clone();
        let desk = Desk { loaded: &loaded, clock: clock.clone() };
        let ledger = ledger(&loaded).await;
        desk.freeze_due(ledger.as_ref(), &built(&desk)).await.unwrap();
        let now = desk.clock.now();
        let today = Today::at(now, &loaded.workspace.time_zone);
        let wish = Wish { buckets: &[(Bucket::House, &slow)], most: 1, now, until: now, today };
        assert_eq!(ledger.take_turns(&wish).await.unwrap(), Turns::At(vec![now]));
        let held = async || {
            let open = desk.open_mailings(ledger.as_ref()).await.unwrap();
            open[0].held.as_ref().map(ToString::to_string)
        };
        assert_eq!(held().await.as_deref(), Some("its pace lets the next go at 2026-10-05 10:00"));
        clock.advance(SignedDuration::from_mins(50));
        assert_eq!(held().await, None, "a run may wait for that");
    }
}
