//! Events of a delivery, a line each. What went well is a line only at the end.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::count;
use super::run::tally_text;
use crate::deliver::Event;

/// The line for an event, `None` where there is nothing to say.
pub fn event_text(event: &Event, time_zone: &TimeZone) -> Option<String> {
    let about = |what: &str, address: &str, reply: &crate::model::Reply| {
        let code = reply.code.map(|code| format!("{code} ")).unwrap_or_default();
        format!("  {what} {address}: {code}{}", reply.text)
    };
    let clock = |at: &Timestamp| {
        at.to_zoned_datetime(time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    };
    match event {
        Event::Started { .. } | Event::Accepted { .. } => None,
        Event::Deferred { address, reply, next_try, .. } => {
            let at = clock(next_try);
            Some(format!("{} (next try {at})", about("deferred", address, reply)))
        }
        Event::Refused { address, reply, suppressed, .. } => {
            let never = if *suppressed { " (never written to again)" } else { "" };
            Some(format!("{}{never}", about("refused", address, reply)))
        }
        Event::Unsure { address, reply, .. } => {
            Some(format!("{} (not sent again)", about("unsure", address, reply)))
        }
        Event::TakenOver { delivery } => Some(format!("  taken over by another run: {delivery}")),
        Event::Paused { mailing, reason } => {
            Some(format!("  paused: {reason}; `hlas send {mailing} --resume` goes on"))
        }
        Event::TransportDown { reason } => Some(format!("  stopped: {reason}")),
        Event::TooLate { left, .. } => Some(format!(
            "  stopped: its `not_after` has passed; {} not sent",
            count(*left, "message")
        )),
        Event::Paced { left, goes_on, .. } => Some(format!(
            "  paced: {} left for the next run; goes on at {}",
            count(*left, "message"),
            clock(goes_on)
        )),
        Event::Closed { left, opens, .. } => Some(format!(
            "  stopped: the window has closed; {} left, goes on at {}",
            count(*left, "message"),
            clock(opens)
        )),
        Event::Stopped => Some("  stopped on request, the rest stays pending".to_owned()),
        Event::Finished { mailing, tally } => Some(format!("{mailing}: {}", tally_text(tally))),
    }
}
