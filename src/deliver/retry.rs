//! When a deferred delivery is tried again, and when no more.
//!
//! RFC 5321 section 4.5.4.1 asks for at least 30 minutes between tries "in
//! general", and for a sooner second one: a greylisting server takes the mail
//! after a few minutes. So: five, doubling up to four hours. It also speaks of
//! giving up after four or five days; news is old by then, so it is three.

use jiff::{SignedDuration, Timestamp};

const FIRST: SignedDuration = SignedDuration::from_mins(5);
const LONGEST: SignedDuration = SignedDuration::from_hours(4);

/// How long after the freeze a mailing is still worth sending.
pub const WORTH_SENDING: SignedDuration = SignedDuration::from_hours(72);

/// How many times a delivery is put off before its age may end it.
const AT_LEAST: u32 = 5;

/// When to try again what was tried `attempts` times before this one and
/// deferred `now`; `None` when that would be too late.
pub fn next_try(frozen_at: Timestamp, attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let next = now.checked_add(wait(attempts)).ok()?;
    let end = frozen_at.checked_add(WORTH_SENDING).ok()?;
    // After an outage of days the first "not now" must not be the last word.
    (next <= end || attempts < AT_LEAST).then_some(next)
}

fn wait(attempts: u32) -> SignedDuration {
    2_i32
        .checked_pow(attempts)
        .and_then(|times| FIRST.checked_mul(times))
        .map_or(LONGEST, |wait| wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);

    #[test]
    fn the_wait_doubles_from_five_minutes_to_four_hours() {
        let minutes: Vec<_> = (0..8).map(|attempts| wait(attempts).as_mins()).collect();
        assert_eq!(minutes, [5, 10, 20, 40, 80, 160, 240, 240]);
        assert_eq!(wait(u32::MAX), LONGEST);
    }

    #[test]
    fn three_days_after_the_freeze_nothing_is_tried_again() {
        let hour = |hours| NOON + SignedDuration::from_hours(hours);
        assert_eq!(next_try(NOON, 9, hour(67)), Some(hour(71)));
        assert_eq!(next_try(NOON, 9, hour(68)), Some(hour(72)));
        assert_eq!(next_try(NOON, 9, hour(69)), None);
        assert_eq!(next_try(NOON, 0, hour(80)), Some(hour(80) + FIRST));
    }

    #[test]
    fn a_server_that_always_defers_is_asked_some_twenty_times_in_all() {
        let (mut now, mut tries) = (NOON, 1);
        while let Some(next) = next_try(NOON, tries - 1, now) {
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(tries, 23);
    }
}
