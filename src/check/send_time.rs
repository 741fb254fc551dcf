//! Send times that are written, but can hardly be meant.
//!
//! One in a gap of the clock is no time at all, and refused when loading. For
//! what is ready, a time that has passed is as it should be, it was sent then;
//! who has it is the ledger's to know. A *draft* whose time has passed is
//! late: made ready, it would go out at once, at whatever hour that is.

use jiff::ZonedDateTime;
use jiff::tz::AmbiguousOffset;

use super::{Rule, Text};
use crate::model::{Finding, Findings, Place, Publication, Severity, Status};

pub struct SendTime;

const NAME: &str = "send-time";

const DOC: &str = "\
A send time that can hardly be meant.

One on a day before the publication's date; one that is not before `not_after`,
after which nobody gets it; one in the hour that comes twice
when the clocks go back (the first is taken); one in the past of a draft, which
would go out the moment that it is made ready. A time that the clocks skip is
an error of the front matter.

Right:  date: 2026-10-05
        at: 2026-10-05 09:00
";

impl Rule for SendTime {
    fn name(&self) -> &'static str {
        NAME
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        never(self, text, findings);
        let (Some(at), Some(place)) = (&text.publication.at, text.field_place("at")) else {
            return;
        };
        let date = text.publication.date;
        if at.date() < date {
            let message = format!("it would be mailed on {}, before its date {date}", at.date());
            let help = "see which of the two is meant";
            findings.push(text.finding_at(self, place.clone(), message).help(help));
        }
        let zone = &text.workspace.time_zone;
        let both = zone.to_ambiguous_zoned_datetime(at.datetime());
        if matches!(both.offset(), AmbiguousOffset::Fold { .. }) {
            let message =
                "that time comes twice: the clocks go back over it; the first one is taken";
            let help = "choose a time an hour earlier or later";
            findings.push(text.finding_at(self, place, message).help(help));
        }
    }
}

/// An end before the beginning.
fn never(rule: &SendTime, text: &Text<'_>, findings: &mut Findings) {
    let publication = text.publication;
    let (Some(end), Some(place)) = (&publication.not_after, text.field_place("not_after")) else {
        return;
    };
    let Some(from) = publication.public_from(&text.workspace.time_zone) else { return };
    if *end <= from {
        let message = format!("nobody would get it: it goes out from {} on", shown(&from));
        let help = "see which of the two is meant";
        findings.push(text.finding_at(rule, place, message).help(help));
    }
}

fn shown(at: &ZonedDateTime) -> impl std::fmt::Display {
    at.strftime("%Y-%m-%d %H:%M")
}

/// What only the clock can tell of a publication.
pub fn overdue(publication: &Publication, now: &ZonedDateTime) -> Findings {
    let (Some(at), Status::Draft) = (&publication.at, publication.status) else {
        return Findings::new();
    };
    let places = publication.manuscripts.iter().filter_map(|manuscript| {
        let place = super::field_place(manuscript, "at")?;
        Some((manuscript, place))
    });
    let late = places.take(1).filter(|_| at < now);
    late.map(|(manuscript, place): (_, Place)| {
        let message = "the send time has passed, and this is still a draft";
        Finding::new(Severity::Warning, NAME, place, message)
            .source(&manuscript.text)
            .help("choose a later one: made ready now, it would go out with the next run")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::{date, datetime};
    use jiff::tz::TimeZone;

    use super::*;
    use crate::check::tests::told_of;
    use crate::render::specimen;

    fn sent(at: jiff::civil::DateTime) -> Publication {
        let mut publication = specimen::commentary("Text.\n");
        publication.date = date(2026, 10, 5);
        let zone = TimeZone::get("Europe/Prague").unwrap();
        publication.at = zone.to_ambiguous_zoned_datetime(at).compatible().ok();
        let manuscript = &mut publication.manuscripts[0];
        manuscript.text = Arc::from("---\ntitle: A\nat: \"2026\"\n---\nText.\n");
        manuscript.lines_before_body = 4;
        publication
    }

    fn told(publication: &Publication) -> Vec<String> {
        told_of(&specimen::workspace(), publication)
    }

    #[test]
    fn before_its_date_or_in_the_hour_that_comes_twice_is_hardly_meant() {
        assert_eq!(
            told(&sent(datetime(2026, 10, 4, 9, 0, 0, 0))),
            ["3:6 send-time Warning: it would be mailed on 2026-10-04, before its date 2026-10-05"]
        );
        assert_eq!(
            told(&sent(datetime(2026, 10, 25, 2, 30, 0, 0))),
            [
                "3:6 send-time Warning: that time comes twice: the clocks go back over it; the first one is taken"
            ]
        );
        assert_eq!(told(&sent(datetime(2026, 10, 5, 9, 0, 0, 0))), Vec::<String>::new());
    }

    #[test]
    fn what_ends_before_it_begins_reaches_nobody() {
        let mut publication = sent(datetime(2026, 10, 5, 9, 0, 0, 0));
        publication.not_after = publication.at.clone();
        let text = "---\nat: \"2026\"\nnot_after: \"2026\"\n---\nText.\n";
        publication.manuscripts[0].text = Arc::from(text);
        assert_eq!(
            told(&publication),
            ["3:13 send-time Warning: nobody would get it: it goes out from 2026-10-05 09:00 on"]
        );
        let later = jiff::SignedDuration::from_hours(9);
        publication.not_after = publication.at.as_ref().map(|at| at + later);
        assert_eq!(told(&publication), Vec::<String>::new());
    }

    #[test]
    fn a_draft_is_late_once_its_time_has_come() {
        let mut publication = sent(datetime(2026, 10, 5, 9, 0, 0, 0));
        let now = publication.at.clone().unwrap();
        let later = &now + jiff::SignedDuration::from_secs(1);
        assert_eq!(overdue(&publication, &later), []);
        publication.status = Status::Draft;
        assert_eq!(overdue(&publication, &now), []);
        let late = overdue(&publication, &later);
        assert_eq!((late[0].place.line, late[0].place.column), (3, 6));
    }
}
