//! When the house mails: by the hours of the day, on some days of the week, and
//! not on public holidays. In the house's own time zone, whatever its clocks do
//! in spring and autumn.

use std::str::FromStr;

use jiff::ZonedDateTime;
use jiff::civil::{Date, Time, Weekday};

use super::Holidays;

/// More days in a row than any house is closed.
const LONGEST: usize = 400;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub hours: Hours,
    pub days: Days,
    /// On which nothing is mailed.
    pub holidays: Option<Holidays>,
}

/// Of one day: `07:00-20:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: Time,
    /// `None`: until the end of the day.
    until: Option<Time>,
}

/// Of the week: `mon-fri`, or `mon, wed-thu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days([bool; 7]);

/// It is written in no way that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoWindow;

/// How the window stands at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Until then; `None` where it never closes.
    Open { closes: Option<ZonedDateTime> },
    /// Until then; `None` where it never opens.
    Closed { opens: Option<ZonedDateTime> },
}

impl Hours {
    pub const ALL_DAY: Self = Self { from: Time::midnight(), until: None };
}

impl FromStr for Hours {
    type Err = NoWindow;

    fn from_str(written: &str) -> Result<Self, NoWindow> {
        let (from, until) = written.split_once('-').ok_or(NoWindow)?;
        let from = hour(from)?;
        let until = if until.trim() == "24:00" { None } else { Some(hour(until)?) };
        // A night's hours would belong to two days: which one's holiday counts?
        (until.is_none_or(|until| from < until)).then_some(Self { from, until }).ok_or(NoWindow)
    }
}

fn hour(written: &str) -> Result<Time, NoWindow> {
    let (hour, minute) = written.trim().split_once(':').ok_or(NoWindow)?;
    let number = |text: &str| {
        let digits = matches!(text.len(), 1 | 2) && text.bytes().all(|it| it.is_ascii_digit());
        text.parse::<i8>().ok().filter(|_| digits).ok_or(NoWindow)
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| NoWindow)
}

impl Days {
    pub const ALL: Self = Self([true; 7]);

    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    fn include(self, day: Weekday) -> bool {
        let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
        self.0[index]
    }
}

impl FromStr for Days {
    type Err = NoWindow;

    fn from_str(written: &str) -> Result<Self, NoWindow> {
        let place = |name: &str| {
            let name = name.trim().to_ascii_lowercase();
            Self::NAMES.iter().position(|known| *known == name).ok_or(NoWindow)
        };
        let mut days = [false; 7];
        for part in written.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (place(first)?, place(last)?);
            // `fri-mon` goes over the end of the week.
            let length = (last + 7 - first) % 7;
            for step in 0..=length {
                days[(first + step) % 7] = true;
            }
        }
        Ok(Self(days))
    }
}

impl Window {
    pub fn at(&self, now: &ZonedDateTime) -> Opening {
        match self.on(now.date(), now) {
            Some((from, until)) if *now >= from && *now < until => {
                Opening::Open { closes: self.closes_after(until) }
            }
            Some((from, _)) if *now < from => Opening::Closed { opens: Some(from) },
            _ => Opening::Closed { opens: self.opens_after(now) },
        }
    }

    /// When it opens; `None` where it is open at `now`, or never is.
    pub fn opens(&self, now: &ZonedDateTime) -> Option<ZonedDateTime> {
        match self.at(now) {
            Opening::Closed { opens } => opens,
            Opening::Open { .. } => None,
        }
    }

    /// From when to when it is open on a day, if it is.
    fn on(&self, date: Date, now: &ZonedDateTime) -> Option<(ZonedDateTime, ZonedDateTime)> {
        let is_holiday = self.holidays.is_some_and(|holidays| holidays.include(date));
        if is_holiday || !self.days.include(date.weekday()) {
            return None;
        }
        let zone = || now.time_zone().clone();
        let from = date.to_datetime(self.hours.from).to_zoned_datetime(zone()).ok()?;
        let until = match self.hours.until {
            Some(until) => date.to_datetime(until),
            None => date.tomorrow().ok()?.to_datetime(Time::midnight()),
        };
        Some((from, until.to_zoned_datetime(zone()).ok()?))
    }

    fn opens_after(&self, now: &ZonedDateTime) -> Option<ZonedDateTime> {
        let mut date = now.date();
        for _ in 0..LONGEST {
            date = date.tomorrow().ok()?;
            if let Some((from, _)) = self.on(date, now) {
                return Some(from);
            }
        }
        None
    }

    /// A day that is open to its end may go over into the next.
    fn closes_after(&self, until: ZonedDateTime) -> Option<ZonedDateTime> {
        let mut closes = until;
        for _ in 0..LONGEST {
            match self.on(closes.date(), &closes) {
                Some((from, until)) if from <= closes && closes < until => closes = until,
                _ => return Some(closes),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(hours: &str, days: &str, holidays: Option<Holidays>) -> Window {
        let (hours, days) = (hours.parse().expect("hours"), days.parse().expect("days"));
        Window { hours, days, holidays }
    }

    /// What is told at a moment in Prague.
    fn told(window: &Window, moment: &str) -> String {
        let now: ZonedDateTime = format!("{moment}[Europe/Prague]").parse().expect("a moment");
        let shown = |at: Option<ZonedDateTime>| {
            at.map_or("never".to_owned(), |at| at.strftime("%a %Y-%m-%d %H:%M %:z").to_string())
        };
        match window.at(&now) {
            Opening::Open { closes } => format!("open until {}", shown(closes)),
            Opening::Closed { opens } => format!("closed until {}", shown(opens)),
        }
    }

    #[test]
    fn it_opens_in_the_morning_of_the_next_working_day() {
        let desk = window("07:00-20:00", "mon-fri", Some(Holidays::Czech));
        for (moment, expected) in [
            ("2026-10-05T06:59", "closed until Mon 2026-10-05 07:00 +02:00"),
            ("2026-10-05T07:00", "open until Mon 2026-10-05 20:00 +02:00"),
            ("2026-10-05T20:00", "closed until Tue 2026-10-06 07:00 +02:00"),
            ("2026-10-09T21:00", "closed until Mon 2026-10-12 07:00 +02:00"),
            // Wednesday the 28th is the day of the independent state.
            ("2026-10-27T20:30", "closed until Thu 2026-10-29 07:00 +01:00"),
            // Christmas Eve to St Stephen's, and a Sunday.
            ("2026-12-23T20:30", "closed until Mon 2026-12-28 07:00 +01:00"),
            // Good Friday to Easter Monday, over the change to summer time.
            ("2027-03-25T20:30", "closed until Tue 2027-03-30 07:00 +02:00"),
        ] {
            assert_eq!(told(&desk, moment), expected, "{moment}");
        }
    }

    #[test]
    fn hours_are_those_on_the_wall_when_the_clock_is_changed() {
        let night = window("02:30-23:00", "mon-sun", None);
        // In spring there is no half past two.
        let spring = "closed until Sun 2026-03-29 03:30 +02:00";
        assert_eq!(told(&night, "2026-03-29T01:00"), spring);
        // In autumn it comes twice, and the first counts.
        let autumn = "closed until Sun 2026-10-25 02:30 +02:00";
        assert_eq!(told(&night, "2026-10-25T01:00"), autumn);
    }

    #[test]
    fn whole_days_that_follow_one_another_are_one_opening() {
        let week = window("00:00-24:00", "mon-fri", None);
        assert_eq!(told(&week, "2026-10-05T12:00"), "open until Sat 2026-10-10 00:00 +02:00");
        let always = window("0:00-24:00", "mon-sun", None);
        assert_eq!(told(&always, "2026-10-05T12:00"), "open until never");
        let but_holidays = window("00:00-24:00", "mon-sun", Some(Holidays::Czech));
        let christmas = "open until Thu 2026-12-24 00:00 +01:00";
        assert_eq!(told(&but_holidays, "2026-11-18T12:00"), christmas);
    }

    #[test]
    fn days_may_go_over_the_end_of_the_week_and_nonsense_is_none() {
        let sunday = Days([false, false, false, false, false, false, true]);
        assert_eq!("sun".parse::<Days>(), Ok(sunday));
        let weekend = Days([true, false, false, false, true, true, true]);
        assert_eq!("Fri - mon".parse::<Days>(), Ok(weekend));
        assert_eq!("mon, sat-sun, fri".parse::<Days>(), Ok(weekend));
        for wrong in ["", "monday", "mon-", "mon fri", "po-pá"] {
            assert_eq!(wrong.parse::<Days>(), Err(NoWindow), "{wrong}");
        }
        for wrong in ["", "7-20", "07:00", "20:00-07:00", "07:00-07:00", "07:00-25:00", "7:0x-8:00"]
        {
            assert_eq!(wrong.parse::<Hours>(), Err(NoWindow), "{wrong}");
        }
    }
}
