//! When a deferred delivery is tried again, and when no more.
//!
//! RFC 5321 section 4.5.4.1 asks for at least 30 minutes between tries "in
//! general", and for a sooner second one: a greylisting server takes the mail
//! after a few minutes. So: what is over soon is tried after five minutes, what
//! usually takes longer after fifteen, a full mailbox or a spent allowance after
//! two hours; doubling up to four hours, and never sooner than the server asked.
//! The RFC also speaks of giving up after four or five days; news is old by
//! then, so it is three, unless the house says otherwise.
//!
//! The surprise: each wait is a little longer than it should be, by a fifth at
//! most, by the delivery's own id. A thousand readers whom one server put off
//! in the same minute then do not all come back in the same minute; and the
//! wait can be told beforehand, as no dice could.

use jiff::{SignedDuration, Timestamp};

use crate::ledger::Claimed;
use crate::model::digest;
use crate::transport::replies::{self, Again};

const LONGEST: SignedDuration = SignedDuration::from_hours(4);

/// How many times a delivery is put off before its age may end it.
const AT_LEAST: u32 = 5;

/// What was said about when.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    first: SignedDuration,
    /// By the server, in its own words.
    at_least: SignedDuration,
}

impl Asked {
    pub fn of(again: Again, text: &str) -> Self {
        let first = match again {
            Again::Soon => SignedDuration::from_mins(5),
            Again::Usual | Again::Never => SignedDuration::from_mins(15),
            Again::Later => SignedDuration::from_hours(2),
        };
        let at_least = replies::wait(text).and_then(|wait| wait.try_into().ok());
        Self { first, at_least: at_least.unwrap_or_default() }
    }

    fn wait(self, attempts: u32) -> SignedDuration {
        2_i32
            .checked_pow(attempts)
            .and_then(|times| self.first.checked_mul(times))
            .map_or(LONGEST, |wait| wait.min(LONGEST))
            .max(self.at_least)
    }
}

/// When to try again what was deferred `now`; `None` when that would be too
/// late: `retry_for` after the freeze.
pub fn next_try(
    claimed: &Claimed,
    asked: Asked,
    retry_for: SignedDuration,
    now: Timestamp,
) -> Option<Timestamp> {
    let Claimed { delivery, frozen_at, attempts, .. } = claimed;
    let wait = with_jitter(asked.wait(*attempts), &delivery.id.0, *attempts);
    let next = now.checked_add(wait).ok()?;
    let end = frozen_at.checked_add(retry_for).ok()?;
    // After an outage of days the first "not now" must not be the last word.
    (next <= end || *attempts < AT_LEAST).then_some(next)
}

/// Longer by 0 to 20 %.
fn with_jitter(wait: SignedDuration, id: &str, attempts: u32) -> SignedDuration {
    let dice = digest(format!("{id}\0{attempts}").as_bytes());
    let dice = i64::from(u8::from_str_radix(&dice[..2], 16).unwrap_or_default());
    SignedDuration::from_secs(wait.as_secs() + wait.as_secs() * dice / (5 * 255))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::contract_delivery;

    const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);
    const THREE_DAYS: SignedDuration = SignedDuration::from_hours(72);

    fn tried(attempts: u32) -> Claimed {
        Claimed {
            delivery: contract_delivery("a@example.org"),
            frozen_at: NOON,
            attempts,
            number: 1,
        }
    }

    fn soon() -> Asked {
        Asked::of(Again::Soon, "4.7.1 Greylisted")
    }

    #[test]
    fn the_wait_doubles_up_to_four_hours_from_what_was_said() {
        for (again, minutes) in [
            (Again::Soon, [5, 10, 20, 40, 80, 160, 240, 240]),
            (Again::Usual, [15, 30, 60, 120, 240, 240, 240, 240]),
            (Again::Later, [120, 240, 240, 240, 240, 240, 240, 240]),
        ] {
            let asked = Asked::of(again, "no word of when");
            let waits: Vec<_> = (0..8).map(|attempts| asked.wait(attempts).as_mins()).collect();
            assert_eq!(waits, minutes, "{again:?}");
            assert_eq!(asked.wait(u32::MAX), LONGEST);
        }
    }

    #[test]
    fn nobody_comes_back_sooner_than_the_server_asked() {
        let asked = Asked::of(Again::Soon, "4.7.1 Greylisted, try again in 900 seconds");
        assert_eq!(asked.wait(0).as_mins(), 15);
        assert_eq!(asked.wait(3).as_mins(), 40);
        let impatient = Asked::of(Again::Soon, "4.7.1 Greylisted, retry in 60 seconds");
        assert_eq!(impatient.wait(0).as_mins(), 5);
    }

    #[test]
    fn readers_put_off_together_come_back_one_by_one() {
        let waits: std::collections::BTreeSet<_> =
            (0..100).map(|n| with_jitter(LONGEST, &format!("reader-{n}"), 3).as_secs()).collect();
        let (first, last) = (*waits.first().expect("some"), *waits.last().expect("some"));
        let shortest = LONGEST.as_secs();
        assert!(first >= shortest && last <= shortest * 6 / 5, "{first} {last}");
        assert!(waits.len() > 50 && last - first > shortest / 10, "{waits:?}");
    }

    #[test]
    fn three_days_after_the_freeze_nothing_is_tried_again() {
        let hour = |hours| NOON + SignedDuration::from_hours(hours);
        assert!(next_try(&tried(9), soon(), THREE_DAYS, hour(67)).is_some());
        assert_eq!(next_try(&tried(9), soon(), THREE_DAYS, hour(69)), None);
        assert!(
            next_try(&tried(0), soon(), THREE_DAYS, hour(80)).is_some(),
            "an outage is not an answer"
        );
    }

    #[test]
    fn a_server_that_always_defers_is_asked_some_twenty_times_in_all() {
        let (mut now, mut tries) = (NOON, 1);
        while let Some(next) = next_try(&tried(tries - 1), soon(), THREE_DAYS, now) {
            (now, tries) = (next, tries + 1);
        }
        assert!((18..=23).contains(&tries), "{tries}");
    }
}
