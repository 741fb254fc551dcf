//! What a ledger keeps to know when the next message may leave.
//!
//! The generic cell rate algorithm (ITU-T I.371), without tolerance: of all that
//! left only one moment is remembered, that before which the next may not. So a
//! burst cannot be saved up, neither by waiting nor by being killed, and one row
//! that several workers take turns at is all they need to share (docs/adr/0045).
//!
//! Two more things stand beside it: how many have left today, for a plan over
//! days; and how far a domain has slowed us down, which wears off by itself.
//!
//! The surprise: who asks for a turn that comes too late gets none. A turn that
//! was taken and not used is lost, and a run that cannot wait must not take the
//! place of the next, which could.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::Limit;

/// Who is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket<'b> {
    /// All that leaves the house.
    House,
    /// All that goes to readers of this domain.
    Domain(&'b str),
}

impl<'b> Bucket<'b> {
    /// Its name in the ledger. No domain is called like that of the house.
    pub fn name(&self) -> &'b str {
        match self {
            Self::House => Meter::OF_THE_HOUSE,
            Self::Domain(domain) => domain,
        }
    }

    pub fn domain(&self) -> Option<&'b str> {
        match self {
            Self::House => None,
            Self::Domain(domain) => Some(domain),
        }
    }
}

/// What is asked for: turns for messages that all of `buckets` count.
#[derive(Debug, Clone)]
pub struct Wish<'w> {
    pub buckets: &'w [(Bucket<'w>, &'w Limit)],
    /// So many turns, one after the other.
    pub most: u32,
    pub now: Timestamp,
    /// None that comes after that.
    pub until: Timestamp,
    pub today: Today,
}

/// A day as the house counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    pub date: Date,
    pub ends: Timestamp,
}

impl Today {
    pub fn at(now: Timestamp, time_zone: &TimeZone) -> Self {
        let here = now.to_zoned_datetime(time_zone.clone());
        let tomorrow = here.tomorrow().and_then(|day| day.start_of_day());
        // The last day that there is does not end.
        Self { date: here.date(), ends: tomorrow.map_or(Timestamp::MAX, |day| day.timestamp()) }
    }
}

/// When messages may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turns {
    /// One for each, in order; they are taken. Never empty.
    At(Vec<Timestamp>),
    /// None was taken: this one of the buckets does not let the next go before
    /// that moment.
    NotBefore { bucket: usize, at: Timestamp },
}

/// What is known of one bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meter {
    /// The next may not leave before that.
    pub next: Option<Timestamp>,
    pub day: Option<DayCount>,
    pub slowed: Option<Slowed>,
}

/// The last day on which something left, under a plan over days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    pub date: Date,
    /// The how manieth such day it is; the first is 0.
    pub step: u32,
    pub sent: u32,
}

/// What a domain has taught us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slowed {
    /// From one message to the next, when it was learned.
    pub spacing: SignedDuration,
    pub at: Timestamp,
}

impl Meter {
    /// The bucket of all that leaves the house, by name.
    pub const OF_THE_HOUSE: &'static str = "*";

    /// At this it begins, where nothing had slowed us down before.
    const FIRST: SignedDuration = SignedDuration::from_secs(1);
    const SLOWEST: SignedDuration = SignedDuration::from_mins(5);
    /// Several lines hear the same word at once; it is one lesson.
    const ONE_LESSON: SignedDuration = SignedDuration::from_secs(30);
    /// In which time the spacing halves again.
    const HALVED_IN: SignedDuration = SignedDuration::from_hours(1);
    /// A spacing that nobody notices is forgotten.
    const FORGOTTEN: SignedDuration = SignedDuration::from_millis(100);
    /// So long a domain is let alone at most.
    pub const LONGEST_REST: SignedDuration = SignedDuration::from_hours(1);

    /// From one message to the next at `now`; zero where nothing holds it up.
    pub fn spacing(&self, limit: &Limit, now: Timestamp) -> SignedDuration {
        let stated = limit.rate.map_or(SignedDuration::ZERO, |rate| rate.spacing());
        stated.max(self.learned(now).unwrap_or(SignedDuration::ZERO))
    }

    /// What is left of the lesson at `now`.
    pub fn learned(&self, now: Timestamp) -> Option<SignedDuration> {
        let Slowed { spacing, at } = self.slowed?;
        // A clock that was set back has unlearned nothing.
        let since = now.duration_since(at).max(SignedDuration::ZERO);
        let halvings = since.as_secs_f64() / Self::HALVED_IN.as_secs_f64();
        let left = spacing.as_secs_f64() * (-halvings).exp2();
        let left = SignedDuration::try_from_secs_f64(left).unwrap_or(SignedDuration::ZERO);
        (left >= Self::FORGOTTEN).then_some(left)
    }

    /// Whether it goes more slowly than was stated.
    pub fn is_slowed(&self, limit: &Limit, now: Timestamp) -> bool {
        let stated = limit.rate.map_or(SignedDuration::ZERO, |rate| rate.spacing());
        self.learned(now).is_some_and(|learned| learned > stated)
    }

    /// How many of a plan over days are left for `today`; `None` is no end.
    pub fn left(&self, limit: &Limit, today: Today) -> Option<u32> {
        let DayCount { step, sent, .. } = self.counted(today);
        let of = limit.warm_up.get(usize::try_from(step).ok()?)?;
        Some(of.saturating_sub(sent))
    }

    /// Which day of a plan `today` is, counted from 0.
    pub fn step(&self, today: Today) -> u32 {
        self.counted(today).step
    }

    /// The count of `today`, which may be the first.
    fn counted(&self, today: Today) -> DayCount {
        let begun = |step| DayCount { date: today.date, step, sent: 0 };
        match self.day {
            None => begun(0),
            Some(day) if day.date == today.date => day,
            Some(day) if day.date < today.date => begun(day.step.saturating_add(1)),
            // The clock was set back: the day that it took back was none.
            Some(day) => begun(day.step),
        }
    }

    /// When the next may leave, were it asked for at `now`.
    pub fn opens(&self, limit: &Limit, now: Timestamp, today: Today) -> Timestamp {
        // What no run can have written while the clock went right is not heeded.
        let furthest = self.spacing(limit, now).saturating_add(Self::LONGEST_REST);
        let next = self.next.filter(|next| next.duration_since(now) <= furthest);
        let next = next.map_or(now, |next| next.max(now));
        if self.left(limit, today) == Some(0) { next.max(today.ends) } else { next }
    }

    /// One has left at `at`.
    fn count(&mut self, limit: &Limit, at: Timestamp, today: Today) {
        let next = at.saturating_add(self.spacing(limit, at)).unwrap_or(Timestamp::MAX);
        self.next = Some(next);
        if !limit.warm_up.is_empty() {
            let day = self.counted(today);
            self.day = Some(DayCount { sent: day.sent.saturating_add(1), ..day });
        }
    }

    /// A server of the domain has said that we are too fast. Nothing leaves
    /// for `rest`, and then half as fast as before.
    pub fn slow_down(&mut self, limit: &Limit, now: Timestamp, rest: SignedDuration) {
        let same = |slowed: Slowed| {
            let since = now.duration_since(slowed.at);
            since >= SignedDuration::ZERO && since < Self::ONE_LESSON
        };
        if !self.slowed.is_some_and(same) {
            let spacing = self.spacing(limit, now);
            let twice = spacing.saturating_mul(2);
            let slowest = Self::SLOWEST.max(spacing);
            self.slowed = Some(Slowed { spacing: twice.max(Self::FIRST).min(slowest), at: now });
        }
        let rest = now.saturating_add(rest.min(Self::LONGEST_REST)).unwrap_or(Timestamp::MAX);
        self.next = Some(self.next.map_or(rest, |next| next.max(rest)));
    }
}

/// Takes turns at `meters`, those of the wish's buckets in their order, and
/// counts them there.
pub fn take(meters: &mut [Meter], wish: &Wish<'_>) -> Turns {
    let limits = || wish.buckets.iter().map(|(_, limit)| *limit);
    let mut turns = Vec::new();
    while turns.len() < wish.most as usize {
        let now = turns.last().copied().unwrap_or(wish.now);
        let opens =
            meters.iter().zip(limits()).map(|(meter, limit)| meter.opens(limit, now, wish.today));
        // The last of those that open latest would do as well as the first.
        let latest = opens.enumerate().max_by_key(|(_, opens)| *opens);
        let (bucket, at) = latest.unwrap_or((0, now));
        if at > wish.until {
            if turns.is_empty() {
                return Turns::NotBefore { bucket, at };
            }
            break;
        }
        for (meter, limit) in meters.iter_mut().zip(limits()) {
            meter.count(limit, at, wish.today);
        }
        turns.push(at);
    }
    Turns::At(turns)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);

    fn after(millis: i64) -> Timestamp {
        NOON + SignedDuration::from_millis(millis)
    }

    fn limit(rate: &str) -> Limit {
        Limit { rate: rate.parse().ok(), ..Limit::default() }
    }

    fn warming_up(plan: &[u32]) -> Limit {
        Limit { warm_up: plan.to_vec(), ..Limit::default() }
    }

    /// One turn at one meter, if it comes at once.
    fn one(meter: &mut Meter, limit: &Limit, now: Timestamp) -> Result<Timestamp, Timestamp> {
        some(meter, limit, now, now, 1).map(|turns| turns[0])
    }

    fn some(
        meter: &mut Meter,
        limit: &Limit,
        now: Timestamp,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<Timestamp>, Timestamp> {
        let buckets = [(Bucket::House, limit)];
        let today = Today::at(now, &TimeZone::UTC);
        match take(
            std::slice::from_mut(meter),
            &Wish { buckets: &buckets, most, now, until, today },
        ) {
            Turns::At(turns) => Ok(turns),
            Turns::NotBefore { at, .. } => Err(at),
        }
    }

    #[test]
    fn turns_come_one_spacing_after_the_other_and_none_is_saved_up() {
        let (mut meter, five) = (Meter::default(), limit("5/second"));
        assert_eq!(one(&mut meter, &five, NOON), Ok(NOON));
        assert_eq!(one(&mut meter, &five, after(50)), Err(after(200)));
        assert_eq!(one(&mut meter, &five, after(200)), Ok(after(200)));
        // An hour later there is one, not eighteen thousand.
        let hour = after(3_600_000);
        let turns = some(&mut meter, &five, hour, hour + SignedDuration::from_millis(450), 9);
        let expected = [0, 200, 400].map(|ms| hour + SignedDuration::from_millis(ms));
        assert_eq!(turns, Ok(expected.to_vec()));
    }

    #[test]
    fn who_is_told_to_wait_has_taken_nobodys_place() {
        let (mut meter, slow) = (Meter::default(), limit("1/hour"));
        one(&mut meter, &slow, NOON).expect("the first");
        let before = meter.clone();
        for minute in 1..60 {
            assert_eq!(one(&mut meter, &slow, after(minute * 60_000)), Err(after(3_600_000)));
        }
        assert_eq!(meter, before);
    }

    #[test]
    fn a_message_leaves_when_every_bucket_lets_it() {
        let (house, domain) = (limit("50/second"), limit("5/second"));
        let buckets = [(Bucket::House, &house), (Bucket::Domain("example.net"), &domain)];
        let mut meters = [Meter::default(), Meter::default()];
        let today = Today::at(NOON, &TimeZone::UTC);
        let wish = Wish { buckets: &buckets, most: 3, now: NOON, until: after(20), today };
        assert_eq!(take(&mut meters, &wish), Turns::At(vec![NOON]));
        let wish = Wish { now: after(10), until: after(10), ..wish };
        let told = Turns::NotBefore { bucket: 1, at: after(200) };
        assert_eq!(take(&mut meters, &wish), told, "the slower one says why");
        assert_eq!(meters[0].next, Some(after(20)), "and the house has lost nothing");
    }

    #[test]
    fn a_plan_over_days_counts_the_days_on_which_mail_left() {
        let (mut meter, plan) = (Meter::default(), warming_up(&[2, 3]));
        let day = |number: i64| NOON + SignedDuration::from_hours(24 * number);
        let mut sent = |now| {
            let until = now + SignedDuration::from_secs(1);
            some(&mut meter, &plan, now, until, 9).map(|turns| turns.len())
        };
        let midnight = NOON + SignedDuration::from_hours(12);
        assert_eq!((sent(day(0)), sent(day(0))), (Ok(2), Err(midnight)));
        // A week in which nothing was sent has warmed up nobody.
        assert_eq!(sent(day(7)), Ok(3));
        assert_eq!((sent(day(8)), sent(day(9))), (Ok(9), Ok(9)));
    }

    #[test]
    fn days_are_those_of_the_house() {
        let prague = TimeZone::get("Europe/Prague").expect("a zone");
        let spring: Timestamp = "2026-03-28T23:30:00Z".parse().expect("a moment");
        let today = Today::at(spring, &prague);
        assert_eq!(today.date.to_string(), "2026-03-29");
        // The day on which the clock is put forward has 23 hours.
        assert_eq!(today.ends.to_string(), "2026-03-29T22:00:00Z");
    }

    #[test]
    fn a_domain_that_says_too_fast_is_let_alone_and_then_gets_half() {
        let (mut meter, none) = (Meter::default(), Limit::default());
        let minute = SignedDuration::from_mins(1);
        meter.slow_down(&none, NOON, minute);
        assert_eq!(one(&mut meter, &none, NOON), Err(NOON + minute));
        let spacing = |meter: &Meter, at| meter.spacing(&none, at).as_millis();
        assert_eq!(spacing(&meter, NOON), 1000);
        // Four lines hear it at the same time.
        meter.slow_down(&none, after(40), minute);
        assert_eq!(spacing(&meter, after(40)) / 10, 99);
        meter.slow_down(&none, after(120_000), minute);
        assert_eq!(spacing(&meter, after(120_000)) / 10, 195);
        for hour in 1..9 {
            meter.slow_down(&none, after(hour * 600_000), minute);
        }
        assert!(spacing(&meter, after(9 * 600_000)) <= 300_000, "never less than 12 an hour");
    }

    #[test]
    fn what_was_learned_wears_off_by_the_hour_down_to_what_is_stated() {
        let (mut meter, stated) = (Meter::default(), limit("2/second"));
        meter.slow_down(&stated, NOON, SignedDuration::ZERO);
        let spacing =
            |hours| meter.spacing(&stated, NOON + SignedDuration::from_hours(hours)).as_millis();
        assert_eq!([0, 1, 2].map(spacing), [1000, 500, 500]);
        let learned = |hours| meter.learned(NOON + SignedDuration::from_hours(hours));
        assert!(learned(3).is_some() && learned(4).is_none());
    }

    #[test]
    fn a_clock_that_was_wrong_blocks_nobody_for_years() {
        let years = SignedDuration::from_hours(24 * 365 * 10);
        let (mut meter, plan) = (Meter::default(), warming_up(&[1, 1, 1, 1]));
        one(&mut meter, &plan, NOON + years).expect("from the future");
        assert_eq!(one(&mut meter, &plan, NOON), Ok(NOON), "the day of then is no day of now");
        let midnight = NOON + SignedDuration::from_hours(12);
        assert_eq!(one(&mut meter, &plan, NOON), Err(midnight), "but this one counts");
    }

    proptest! {
        /// Whoever asks when, and however often: in no span more than the rate
        /// allows, and one at the edge.
        #[test]
        fn no_span_sees_more_than_its_share(
            asks in prop::collection::vec((0_i64..400, 0_i64..300, 1_u32..6), 1..80),
            messages in 1_u32..60,
        ) {
            let limit = limit(&format!("{messages}/second"));
            let (mut meter, mut now, mut left) = (Meter::default(), NOON, Vec::new());
            for (later, ahead, most) in asks {
                now += SignedDuration::from_millis(later);
                let until = now + SignedDuration::from_millis(ahead);
                if let Ok(turns) = some(&mut meter, &limit, now, until, most) {
                    prop_assert!(turns.iter().all(|at| *at >= now && *at <= until));
                    left.extend(turns);
                }
            }
            for (number, from) in left.iter().enumerate() {
                let second = *from + SignedDuration::from_secs(1);
                let in_it = left[number..].iter().take_while(|at| **at < second).count();
                prop_assert!(in_it <= messages as usize, "{in_it} from {from}");
            }
        }

        /// Who comes whenever there is a turn gets all of them.
        #[test]
        fn nothing_is_lost_to_who_waits(messages in 1_u32..1000) {
            let limit = limit(&format!("{messages}/minute"));
            let (mut meter, mut now) = (Meter::default(), NOON);
            for _ in 0..messages {
                now = one(&mut meter, &limit, now).or_else(|at| one(&mut meter, &limit, at))
                    .expect("a turn at the moment that was told");
            }
            let took = now.duration_since(NOON);
            prop_assert!(took <= SignedDuration::from_secs(60), "{took}");
        }

        /// More than the day's share never leaves on a day.
        #[test]
        fn no_day_sees_more_than_its_step(
            plan in prop::collection::vec(0_u32..30, 1..5),
            asks in prop::collection::vec((0_i64..20, 1_u32..20), 1..60),
        ) {
            let limit = warming_up(&plan);
            let (mut meter, mut now) = (Meter::default(), NOON);
            let mut days = std::collections::BTreeMap::<Date, u32>::new();
            for (hours, most) in asks {
                now += SignedDuration::from_hours(hours);
                let sent = some(&mut meter, &limit, now, now, most).map_or(0, |it| it.len());
                if sent > 0 {
                    let day = Today::at(now, &TimeZone::UTC).date;
                    *days.entry(day).or_default() += u32::try_from(sent).expect("few");
                }
            }
            for (sent, of) in days.values().zip(&plan) {
                prop_assert!(sent <= of, "{sent} of {of}");
            }
        }
    }
}
