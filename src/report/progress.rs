//! How far a mailing is: the words beside a progress bar, and the line that
//! takes its place in a log.

use std::time::Duration;

use crate::model::Slug;

/// How far a mailing is, and how fast it goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    pub done: u64,
    /// Of so many.
    pub of: u64,
    /// Messages in a second; 0 before anything is known.
    pub pace: f64,
    /// A guess; zero before anything is known.
    pub left: Duration,
    pub refused: u64,
    pub deferred: u64,
}

/// Columns of the bar.
pub const BAR: usize = 12;
/// Left free at the end of the line: a terminal that echoes `^C` behind the bar
/// would begin a new line, and the old one stay.
const MARGIN: usize = 3;
/// A slug's date and a few letters.
const SLUG: usize = 13;

/// `2020-01-06-povoleni: 1200 of 5000, 52/s, 1 min left; 3 refused`
pub fn progress_text(slug: &Slug, standing: &Standing) -> String {
    let Standing { done, of, pace, left, refused, deferred } = *standing;
    let mut text = format!("{slug}: {done} of {of}");
    for part in [pace_text(pace), left_text(left)].iter().filter(|part| !part.is_empty()) {
        text.push_str(&format!(", {part}"));
    }
    let trouble = [(refused, "refused"), (deferred, "deferred")];
    let trouble = trouble.iter().filter(|(number, _)| *number > 0);
    let trouble: Vec<_> = trouble.map(|(number, what)| format!("{number} {what}")).collect();
    if !trouble.is_empty() {
        text.push_str(&format!("; {}", trouble.join(", ")));
    }
    text
}

/// Whether there is no room for a bar, and words have to do.
pub fn is_narrow(columns: usize) -> bool {
    columns < 64
}

/// What stands beside the bar on a terminal of so many columns: what matters
/// less goes first where it is narrow, then the end of the slug.
pub fn bar_text(slug: &Slug, standing: &Standing, columns: usize) -> String {
    let room = columns.saturating_sub(if is_narrow(columns) { MARGIN } else { BAR + 2 + MARGIN });
    let Standing { done, of, pace, left, refused, .. } = *standing;
    let counts = format!("{done}/{of}");
    let refused = if refused > 0 { format!("{refused} refused") } else { String::new() };
    let (pace, left) = (pace_text(pace), left_text(left));
    let none = String::new();
    for parts in [
        [&counts, &pace, &left, &refused],
        [&counts, &none, &left, &refused],
        [&counts, &none, &none, &refused],
    ] {
        let said: Vec<&str> =
            parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
        let said = said.join("  ");
        let rest = room.saturating_sub(said.len() + 2);
        if rest >= slug.as_str().len().min(SLUG) {
            return format!("{}  {said}", narrowed(slug, rest));
        }
    }
    counts
}

/// `52/s`, and `12/min` where a second is too short.
fn pace_text(pace: f64) -> String {
    match pace {
        none if !none.is_finite() || none <= 0.0 => String::new(),
        fast if fast >= 9.5 => format!("{fast:.0}/s"),
        some if some >= 1.0 => format!("{some:.1}/s"),
        slow => format!("{:.0}/min", (slow * 60.0).max(1.0)),
    }
}

/// `40 s left`, `12 min left`, `3 h 20 min left`: as exact as a guess may be.
fn left_text(left: Duration) -> String {
    let seconds = left.as_secs();
    let minutes = (seconds + 30) / 60;
    match minutes {
        _ if seconds == 0 => String::new(),
        _ if seconds < 60 => format!("{seconds} s left"),
        0..60 => format!("{minutes} min left"),
        _ => format!("{} h {} min left", minutes / 60, minutes % 60),
    }
}

/// The end goes: a slug begins with the date and with what it is about.
fn narrowed(slug: &Slug, columns: usize) -> String {
    let slug = slug.as_str();
    if slug.len() <= columns {
        return slug.to_owned();
    }
    format!("{}…", &slug[..columns.saturating_sub(1)])
}

/// When a log gets another line: not twice in half a minute, and then with each
/// tenth of the mailing or five minutes, so that a mailing that takes the night
/// does not take the log.
#[derive(Debug, Default)]
pub struct Rhythm {
    last: Duration,
    tenth: u64,
}

impl Rhythm {
    pub fn is_due(&mut self, elapsed: Duration, standing: &Standing) -> bool {
        let since = elapsed.saturating_sub(self.last);
        let tenth = standing.done * 10 / standing.of.max(1);
        let is_first = self.last.is_zero();
        let is_news = is_first || tenth > self.tenth || since >= Duration::from_secs(300);
        let is_due = since >= Duration::from_secs(30) && is_news;
        if is_due {
            (self.last, self.tenth) = (elapsed, tenth);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(name: &str) -> Slug {
        Slug::new(name).expect("a slug")
    }

    const AMID: Standing = Standing {
        done: 1200,
        of: 5000,
        pace: 52.4,
        left: Duration::from_secs(72),
        refused: 3,
        deferred: 0,
    };
    const BEGUN: Standing =
        Standing { done: 0, pace: 0.0, left: Duration::ZERO, refused: 0, ..AMID };

    #[test]
    fn a_line_in_a_log_says_how_far_how_fast_and_how_long() {
        let slug = slug("2020-01-06-povoleni");
        assert_eq!(
            progress_text(&slug, &Standing { deferred: 7, ..AMID }),
            "2020-01-06-povoleni: 1200 of 5000, 52/s, 1 min left; 3 refused, 7 deferred"
        );
        assert_eq!(progress_text(&slug, &BEGUN), "2020-01-06-povoleni: 0 of 5000");
    }

    #[test]
    fn slow_is_told_in_minutes_and_long_in_hours() {
        let paces = [0.2, 0.001, 1.0, 9.5, f64::NAN].map(pace_text);
        assert_eq!(paces, ["12/min", "1/min", "1.0/s", "10/s", ""]);
        let left = [0, 59, 60, 3569, 12_000].map(|it| left_text(Duration::from_secs(it)));
        assert_eq!(left, ["", "59 s left", "1 min left", "59 min left", "3 h 20 min left"]);
    }

    #[test]
    fn the_words_beside_the_bar_fit_any_terminal() {
        let slug = slug("2026-11-12-zpravodaj-o-povoleni-k-pobytu-pro-studenty");
        let told = [80, 64, 50, 30, 10].map(|columns| bar_text(&slug, &AMID, columns));
        assert_eq!(
            told,
            [
                "2026-11-12-zpravodaj-o…  1200/5000  52/s  1 min left  3 refused",
                "2026-11-12-z…  1200/5000  1 min left  3 refused",
                "2026-11-12-z…  1200/5000  1 min left  3 refused",
                "1200/5000",
                "1200/5000",
            ]
        );
        for (columns, line) in [80, 64, 50, 30, 10].iter().zip(&told) {
            assert!(line.chars().count() < *columns, "{line}");
        }
    }

    #[test]
    fn a_log_has_a_line_now_and_then_and_not_more() {
        let (mut rhythm, mut told) = (Rhythm::default(), Vec::new());
        // Ten hours, at an even pace.
        for second in 0..36_000 {
            let standing = Standing { done: second / 36, of: 1000, ..AMID };
            if rhythm.is_due(Duration::from_secs(second), &standing) {
                told.push(second);
            }
        }
        assert_eq!(&told[..3], [30, 330, 630]);
        assert!((110..=130).contains(&told.len()), "{}", told.len());

        let mut rhythm = Rhythm::default();
        let at = |second, done| (Duration::from_secs(second), Standing { done, ..AMID });
        let due = [at(29, 900), at(31, 1000), at(60, 4900), at(61, 4900)]
            .map(|(elapsed, standing)| rhythm.is_due(elapsed, &standing));
        assert_eq!(due, [false, true, false, true]);
    }
}
