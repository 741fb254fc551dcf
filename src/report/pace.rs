//! How fast mail goes out, where something holds it up.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::count;
use crate::ledger::{Meter, Today};
use crate::model::{Pace, Rate};

/// A line for each domain that has slowed us down, and for each plan over days
/// that is under way.
pub fn pace_text(meters: &BTreeMap<String, Meter>, pace: &Pace, now: Timestamp) -> String {
    let mut text = String::new();
    for slowed in slowed(meters, pace, now) {
        let since = clock(slowed.since, &pace.time_zone);
        let next = slowed.next.map_or_else(String::new, |next| {
            format!(", the next not before {}", clock(next, &pace.time_zone))
        });
        let (whom, rate) = (whom(slowed.bucket), slowed.rate);
        text.push_str(&format!("{whom}: slowed down {since}, now to {rate}{next}\n"));
    }
    for (bucket, meter) in meters {
        let limit = pace.limit(domain(bucket));
        let today = Today::at(now, &pace.time_zone);
        if let Some(left) = meter.left(limit, today) {
            let (whom, left) = (whom(bucket), count(left, "message"));
            let (day, of) = (meter.step(today) + 1, limit.warm_up.len());
            text.push_str(&format!("{whom}: warming up, day {day} of {of}; {left} left today\n"));
        }
    }
    text
}

/// Those who have slowed us down.
pub fn slowed_json(meters: &BTreeMap<String, Meter>, pace: &Pace, now: Timestamp) -> Value {
    let all = slowed(meters, pace, now).map(|slowed| {
        json!({
            "domain": domain(slowed.bucket),
            "rate": slowed.rate.to_string(),
            "since": slowed.since,
            "next": slowed.next,
        })
    });
    all.collect()
}

struct Told<'m> {
    bucket: &'m str,
    rate: Rate,
    since: Timestamp,
    /// Where that is still to come.
    next: Option<Timestamp>,
}

fn slowed<'m>(
    meters: &'m BTreeMap<String, Meter>,
    pace: &Pace,
    now: Timestamp,
) -> impl Iterator<Item = Told<'m>> {
    meters.iter().filter_map(move |(bucket, meter)| {
        let limit = pace.limit(domain(bucket));
        let since = meter.slowed.filter(|_| meter.is_slowed(limit, now))?.at;
        let rate = Rate::of_spacing(meter.spacing(limit, now))?;
        let next = meter.next.filter(|next| *next > now);
        Some(Told { bucket, rate, since, next })
    })
}

/// `None` is everybody.
fn domain(bucket: &str) -> Option<&str> {
    (bucket != Meter::OF_THE_HOUSE).then_some(bucket)
}

fn whom(bucket: &str) -> &str {
    domain(bucket).unwrap_or("all mail")
}

fn clock(at: Timestamp, time_zone: &TimeZone) -> String {
    at.to_zoned_datetime(time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::ledger::DayCount;
    use crate::model::Limit;

    /// 2026-10-05 12:00 UTC
    const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);

    #[test]
    fn who_slowed_us_down_is_told_until_it_has_worn_off() {
        let mut meter = Meter::default();
        meter.slow_down(&Limit::default(), NOON, SignedDuration::from_mins(5));
        let meters = BTreeMap::from([("example.net".to_owned(), meter)]);
        let told =
            |hours| pace_text(&meters, &Pace::default(), NOON + SignedDuration::from_hours(hours));
        assert_eq!(
            told(0),
            "example.net: slowed down 2026-10-05 12:00, now to 60/minute, the next not before 2026-10-05 12:05\n"
        );
        assert_eq!(told(1), "example.net: slowed down 2026-10-05 12:00, now to 120/minute\n");
        assert_eq!(told(5), "");
        let value = slowed_json(&meters, &Pace::default(), NOON);
        assert_eq!(value[0]["domain"], "example.net");
        assert_eq!(value[0]["rate"], "60/minute");
        assert_eq!(value[0]["next"], "2026-10-05T12:05:00Z");
    }

    #[test]
    fn a_plan_over_days_is_told_while_it_lasts() {
        let house = Limit { warm_up: vec![200, 500], ..Limit::default() };
        let pace = Pace { house, ..Pace::default() };
        let date = "2026-10-04".parse().expect("a date");
        let day = Some(DayCount { date, step: 0, sent: 200 });
        let mut meters = BTreeMap::from([("*".to_owned(), Meter { day, ..Meter::default() })]);
        let told = pace_text(&meters, &pace, NOON);
        assert_eq!(told, "all mail: warming up, day 2 of 2; 500 messages left today\n");
        let day = Some(DayCount { date, step: 1, sent: 7 });
        meters.insert("*".to_owned(), Meter { day, ..Meter::default() });
        assert_eq!(pace_text(&meters, &pace, NOON), "", "it is over");
    }
}
