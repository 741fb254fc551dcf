//! DMARC (RFC 7489): whether what was checked is about the name that readers
//! see, and what receivers are asked to do where it is not.
//!
//! The organisational domain is found by walking up the tree of names, as the
//! revision of DMARC has it, rather than by a list of public suffixes: it is the
//! shortest name above that has a record, and nothing here has to be kept up to
//! date.

use crate::dns::{Dns, DnsError};
use crate::mail::dkim::tags;

use super::{Point, Sender};

/// A record and the name under whose `_dmarc` it stands.
struct Policy {
    domain: String,
    record: String,
}

impl Policy {
    fn tag(&self, name: &str) -> Option<&str> {
        tags(&self.record)?.into_iter().find(|(tag, _)| *tag == name).map(|(_, value)| value)
    }

    /// What receivers should do with mail from `domain` that fails.
    fn for_mail_from(&self, domain: &str) -> Option<&str> {
        let policy = if self.domain == domain { None } else { self.tag("sp") };
        policy.or_else(|| self.tag("p"))
    }

    fn is_strict(&self, tag: &str) -> bool {
        self.tag(tag).is_some_and(|mode| mode.eq_ignore_ascii_case("s"))
    }
}

/// The records from `domain` upwards, the nearest first.
async fn policies(dns: &Dns, domain: &str) -> Result<Vec<Policy>, DnsError> {
    let mut policies = Vec::new();
    let mut name = domain;
    loop {
        let mut records = dns.txt(&format!("_dmarc.{name}")).await?;
        records.retain(|text| {
            tags(text).is_some_and(|tags| tags.first().is_some_and(|it| *it == ("v", "DMARC1")))
        });
        // RFC 7489 section 6.6.3: with several, there is none.
        if let [record] = records.as_slice() {
            policies.push(Policy { domain: name.to_owned(), record: record.clone() });
        }
        match name.split_once('.') {
            Some((_, above)) if above.contains('.') => name = above,
            _ => return Ok(policies),
        }
    }
}

/// The domain that a house has as a whole.
fn organisational<'d>(policies: &'d [Policy], domain: &'d str) -> &'d str {
    policies.last().map_or(domain, |policy| &policy.domain)
}

pub(super) async fn dmarc(dns: &Dns, sender: Sender<'_>) -> Vec<Point> {
    let domain = sender.domain();
    match policies(dns, domain).await {
        Err(error) => vec![Point::unknown("dmarc", &error)],
        Ok(policies) => {
            let mut points = policy(domain, &policies);
            points.extend(aligned(dns, sender, &policies).await);
            points
        }
    }
}

fn policy(domain: &str, policies: &[Policy]) -> Vec<Point> {
    let Some(policy) = policies.first() else {
        return vec![Point::wrong(
            "dmarc",
            format!("{domain} has no DMARC record; Gmail and Yahoo ask for one"),
            format!(
                "publish a TXT record _dmarc.{domain}: \"v=DMARC1; p=none; rua=mailto:dmarc@{domain}\""
            ),
        )];
    };
    let record = format!("_dmarc.{} says {}", policy.domain, policy.record);
    let mut points = Vec::new();
    match policy.for_mail_from(domain) {
        Some("quarantine" | "reject") => points.push(Point::good("dmarc", record)),
        Some("none") => points.push(Point::note(
            "dmarc",
            record,
            "that is enough; once the reports show that all your mail passes, p=quarantine keeps others from using your name",
        )),
        _ => points.push(Point::wrong(
            "dmarc",
            format!("{record}, which says nothing that can be followed"),
            "write p=none, p=quarantine or p=reject",
        )),
    }
    if policy.tag("rua").is_none() {
        points.push(Point::note(
            "dmarc",
            "nobody gets the reports of receivers",
            format!("add rua=mailto:dmarc@{domain} to the record"),
        ));
    }
    points
}

/// RFC 7489 section 3.1: what passes has to be about the domain in From.
async fn aligned(dns: &Dns, sender: Sender<'_>, policies: &[Policy]) -> Vec<Point> {
    let from = sender.domain();
    let house = organisational(policies, from);
    let strict = |tag| policies.first().is_some_and(|policy| policy.is_strict(tag));
    let mut points = Vec::new();
    if let Some(signer) = sender.signer {
        match is_aligned(dns, signer.domain(), from, house, strict("adkim")).await {
            Err(error) => points.push(Point::unknown("dmarc", &error)),
            Ok(true) => {
                let says = format!("signatures are by {}, which counts for From", signer.domain());
                points.push(Point::good("dmarc", says));
            }
            Ok(false) => points.push(Point::wrong(
                "dmarc",
                format!("signatures are by {}, and From is {from}", signer.domain()),
                format!("set domain = \"{from}\" under [dkim], and publish the keys there"),
            )),
        }
    }
    let envelope = sender.mail.envelope_sender.domain();
    match is_aligned(dns, envelope, from, house, strict("aspf")).await {
        Err(error) => points.push(Point::unknown("dmarc", &error)),
        Ok(true) => {
            points.push(Point::good(
                "dmarc",
                format!("bounces go to {envelope}, which counts for From"),
            ));
        }
        // DKIM alone is enough for DMARC, and for forwarded mail all there is.
        Ok(false) => points.push(Point::note(
            "dmarc",
            format!("bounces go to {envelope}, and From is {from}: SPF does not count for DMARC"),
            format!("let envelope_sender be an address at {from}, if your provider allows"),
        )),
    }
    points
}

async fn is_aligned(
    dns: &Dns,
    domain: &str,
    from: &str,
    house: &str,
    strict: bool,
) -> Result<bool, DnsError> {
    if domain.eq_ignore_ascii_case(from) {
        return Ok(true);
    }
    if strict {
        return Ok(false);
    }
    let policies = policies(dns, domain).await?;
    Ok(organisational(&policies, domain).eq_ignore_ascii_case(house))
}
