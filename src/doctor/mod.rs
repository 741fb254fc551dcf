//! What stands between the house's mail and its readers' inboxes: what DNS
//! says of the sending domain, held against what Gmail and Yahoo ask of those
//! who send in bulk, and what the workspace itself lacks.
//!
//! Everything is looked at and everything said: one thing that is wrong hides
//! no other. Only reads, and only asks DNS; it connects to no mail server.
//!
//! Sources: Google's *Email sender guidelines* (support.google.com/a/answer/81126)
//! and Yahoo's *Sender best practices* (senders.yahooinc.com/best-practices),
//! both in force since February 2024.

mod dkim;
mod dmarc;
mod house;
mod reach;

use std::net::IpAddr;

use serde::Serialize;

use crate::dns::spf::Spf;
use crate::dns::{Dns, DnsError};
use crate::mail::dkim::Signer;
use crate::model::MailSettings;

pub use dkim::{keys, provider};
pub use house::{House, house};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// `spf`, `dkim`, `dmarc`, …
    pub area: &'static str,
    pub verdict: Verdict,
    pub says: String,
    /// The way out, where there is something to get out of.
    pub mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Good,
    /// Worth knowing, and nothing that keeps mail from arriving today.
    Note,
    /// Nobody could be asked.
    Unknown,
    /// Mail is refused or lands in spam for this.
    Wrong,
}

impl Point {
    fn good(area: &'static str, says: impl Into<String>) -> Self {
        Self { area, verdict: Verdict::Good, says: says.into(), mend: None }
    }

    fn note(area: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { area, verdict: Verdict::Note, says: says.into(), mend: Some(mend.into()) }
    }

    fn wrong(area: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { area, verdict: Verdict::Wrong, says: says.into(), mend: Some(mend.into()) }
    }

    fn unknown(area: &'static str, error: &DnsError) -> Self {
        let mend = "see that this machine reaches a DNS server, or name one with --dns";
        Self { area, verdict: Verdict::Unknown, says: error.to_string(), mend: Some(mend.into()) }
    }
}

/// Who sends, as far as mail headers show it.
#[derive(Clone, Copy)]
pub struct Sender<'s> {
    pub mail: &'s MailSettings,
    pub signer: Option<&'s Signer>,
    /// Selectors of keys that somebody else signs with for us.
    pub provider: &'s [String],
    /// The address from which mail goes out into the world, if it is known.
    pub address: Option<IpAddr>,
}

impl Sender<'_> {
    /// The domain that readers see.
    fn domain(&self) -> &str {
        self.mail.from.domain()
    }
}

/// All that DNS can tell.
pub async fn domain(dns: &Dns, sender: Sender<'_>) -> Vec<Point> {
    let mut points = spf(dns, sender).await;
    points.extend(dkim::signing(dns, sender).await);
    points.extend(dmarc::dmarc(dns, sender).await);
    points.extend(reach::answers(dns, sender).await);
    points.extend(reach::address(dns, sender).await);
    points.push(leaving(sender));
    points.push(Point::note(
        "spam",
        "what readers report as spam is counted where they read",
        "watch postmaster.google.com: below 0.1 % is well, from 0.3 % on Gmail turns mail away",
    ));
    points
}

/// Receivers look at the domain of the envelope (RFC 7208 section 2.4).
async fn spf(dns: &Dns, sender: Sender<'_>) -> Vec<Point> {
    let domain = sender.mail.envelope_sender.domain();
    let spf = match Spf::of(dns, domain, sender.address).await {
        Ok(spf) => spf,
        Err(error) => return vec![Point::unknown("spf", &error)],
    };
    let mut points: Vec<Point> =
        spf.flaws.iter().map(|flaw| Point::wrong("spf", flaw.to_string(), flaw.mend())).collect();
    let Some(record) = &spf.record else {
        if points.is_empty() {
            points.push(Point::wrong(
                "spf",
                format!("{domain} does not say who may send for it"),
                "publish a TXT record there: \"v=spf1 include:… ~all\", with what your mail provider tells you",
            ));
        }
        return points;
    };
    if points.is_empty() {
        let lookups = spf.lookups;
        let says = format!("{domain} says {record} ({lookups} of 10 lookups)");
        points.push(Point::good("spf", says));
    }
    if matches!(spf.others, None | Some('?')) {
        points.push(Point::note(
            "spf",
            "the record does not say what becomes of mail from elsewhere",
            "end it with ~all, and with -all when all your mail passes",
        ));
    }
    if let (Some(address), said) = (sender.address, spf.of_address) {
        points.push(match said {
            Some('+') => Point::good("spf", format!("{address} may send for {domain}")),
            _ => Point::wrong(
                "spf",
                format!("{address} may not send for {domain}"),
                format!("add ip{}:{address} to the record", if address.is_ipv4() { 4 } else { 6 }),
            ),
        });
    }
    points
}

/// RFC 8058 needs an https address that takes a POST, and there is none yet.
fn leaving(sender: Sender<'_>) -> Point {
    Point::note(
        "leaving",
        format!(
            "readers leave by writing to {}; there is no one-click way (RFC 8058)",
            sender.mail.unsubscribe
        ),
        "take out within two days whoever writes there; Gmail and Yahoo ask for one click from those who send 5,000 a day",
    )
}

#[cfg(test)]
mod tests;
