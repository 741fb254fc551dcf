//! What can be wrong on this side: files, secrets, the clock.

use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan, ZonedDateTime};

use crate::mail::dkim::exposed;
use crate::transport;

use super::Point;

/// What of the house the doctor looks at.
pub struct House<'h> {
    pub root: &'h Path,
    /// URL, as it is set.
    pub transport: &'h str,
    /// URL, as it is set, and why it cannot be used, if it cannot.
    pub ledger: (&'h str, Option<String>),
    /// Files of keys, as they are set.
    pub keys: Vec<PathBuf>,
    pub now: ZonedDateTime,
}

pub fn house(house: &House<'_>) -> Vec<Point> {
    let mut points = vec![way_out(house), books(house), clock(house)];
    points.extend(house.keys.iter().filter(|key| exposed(&house.root.join(key))).map(|key| {
        let key = key.display();
        let says = format!("others on this machine may read the key {key}");
        Point::wrong("secrets", says, format!("chmod 600 {key}"))
    }));
    points
}

fn way_out(house: &House<'_>) -> Point {
    let shown = transport::shown(house.transport);
    let scheme = house.transport.split(':').next().unwrap_or_default().to_ascii_lowercase();
    match scheme.as_str() {
        "file" => Point::note(
            "transport",
            format!("mail goes into files ({shown}), to nobody"),
            "set transport = \"smtp://user@mail.example.org\" to mail for real",
        ),
        _ => {
            Point::good("transport", format!("mail goes through {shown}, off this machine in TLS"))
        }
    }
}

fn books(house: &House<'_>) -> Point {
    match &house.ledger {
        (url, None) => {
            let url = crate::ledger::shown(url);
            Point::good("ledger", format!("{url} can be opened; keep it, and back it up"))
        }
        (_, Some(reason)) => {
            Point::wrong("ledger", reason.clone(), "see `ledger` in `hlas config`")
        }
    }
}

/// A clock that is behind dates mail in the past, and sends nothing that is
/// due. Files of the workspace cannot be from the future.
fn clock(house: &House<'_>) -> Point {
    let now = &house.now;
    let written = std::fs::metadata(house.root.join("hlas.toml"))
        .and_then(|file| file.modified())
        .ok()
        .and_then(|time| Timestamp::try_from(time).ok());
    let tomorrow = now.timestamp().checked_add(24.hours()).unwrap_or(Timestamp::MAX);
    let shown = now.strftime("%Y-%m-%d %H:%M %Q");
    if written.is_some_and(|written| written > tomorrow) {
        return Point::wrong(
            "clock",
            format!("it is {shown}, and hlas.toml was written later"),
            "set the clock of this machine, and keep it set (timedatectl set-ntp true)",
        );
    }
    Point::good("clock", format!("it is {shown}"))
}
