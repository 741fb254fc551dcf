//! Days on which offices are closed by law.
//!
//! Czech ones are those of Act No. 245/2000 Coll. (zákon o státních svátcích, o
//! ostatních svátcích, o významných dnech a o dnech pracovního klidu), sections
//! 1 and 2, with Good Friday since Act No. 359/2015 Coll. Easter Sunday is not
//! among them: it is a Sunday.

use jiff::civil::Date;

/// Whose holidays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holidays {
    Czech,
}

/// Month and day.
const CZECH: [(i8, i8); 11] = [
    (1, 1),
    (5, 1),
    (5, 8),
    (7, 5),
    (7, 6),
    (9, 28),
    (10, 28),
    (11, 17),
    (12, 24),
    (12, 25),
    (12, 26),
];

/// In days from Easter Sunday: Good Friday and Easter Monday.
const CZECH_AROUND_EASTER: [i32; 2] = [-2, 1];

impl Holidays {
    pub fn include(self, date: Date) -> bool {
        match self {
            Self::Czech => {
                let easter =
                    CZECH_AROUND_EASTER.iter().any(|days| from_easter(date) == Some(*days));
                easter || CZECH.contains(&(date.month(), date.day()))
            }
        }
    }
}

fn from_easter(date: Date) -> Option<i32> {
    let days = date - easter_sunday(date.year())?;
    Some(days.get_days())
}

/// In the Gregorian calendar, by the rule that J.-M. Oudin gave in 1940 (the
/// Explanatory Supplement to the Astronomical Almanac, 1961, section 14).
fn easter_sunday(year: i16) -> Option<Date> {
    let whole = i32::from(year);
    let (century, golden) = (whole / 100, whole % 19);
    let skipped = (century - 17) / 25;
    let moon = (century - century / 4 - (century - skipped) / 3 + 19 * golden + 15) % 30;
    let moon = moon - (moon / 28) * (1 - (moon / 28) * (29 / (moon + 1)) * ((21 - golden) / 11));
    let weekday = (whole + whole / 4 + moon + 2 - century + century / 4) % 7;
    let sunday = moon - weekday;
    let month = 3 + (sunday + 40) / 44;
    let day = sunday + 28 - 31 * (month / 4);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the U.S. Naval Observatory tabulates them.
    #[test]
    fn easter_falls_where_the_almanac_has_it() {
        for told in [
            "2016-03-27",
            "2017-04-16",
            "2018-04-01",
            "2019-04-21",
            "2020-04-12",
            "2021-04-04",
            "2022-04-17",
            "2023-04-09",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2029-04-01",
            "2030-04-21",
            "2031-04-13",
            "2032-03-28",
            "2033-04-17",
            "2034-04-09",
            "2035-03-25",
            "2038-04-25",
            "2285-03-22",
        ] {
            let date: Date = told.parse().expect("a date");
            assert_eq!(easter_sunday(date.year()), Some(date));
        }
    }

    #[test]
    fn a_czech_year_has_the_holidays_of_the_act() {
        let of = |year: i16| -> Vec<String> {
            let first = Date::new(year, 1, 1).expect("a date");
            let days = first.series(jiff::Span::new().days(1)).take_while(|day| day.year() == year);
            days.filter(|day| Holidays::Czech.include(*day)).map(|day| day.to_string()).collect()
        };
        assert_eq!(
            of(2026),
            [
                "2026-01-01",
                "2026-04-03",
                "2026-04-06",
                "2026-05-01",
                "2026-05-08",
                "2026-07-05",
                "2026-07-06",
                "2026-09-28",
                "2026-10-28",
                "2026-11-17",
                "2026-12-24",
                "2026-12-25",
                "2026-12-26",
            ]
        );
        for (year, good_friday, monday) in [
            (2024, "2024-03-29", "2024-04-01"),
            (2025, "2025-04-18", "2025-04-21"),
            (2027, "2027-03-26", "2027-03-29"),
            (2038, "2038-04-23", "2038-04-26"),
        ] {
            let all = of(year);
            assert_eq!(all.len(), 13, "{year}");
            assert!(all.iter().any(|it| it == good_friday) && all.iter().any(|it| it == monday));
        }
    }
}
