//! Whether those who read our signatures find the keys.

use crate::dns::Dns;
use crate::mail::dkim::{Algorithm, Flaw, Signer, record_name, tags};

use super::{Point, Sender};

/// RFC 8301 section 3.2.
const ENOUGH_BITS: usize = 2048;

pub(super) async fn signing(dns: &Dns, sender: Sender<'_>) -> Vec<Point> {
    let mut points = Vec::new();
    if let Some(signer) = sender.signer {
        points.extend(keys(dns, signer).await);
    }
    points.extend(provider(dns, sender.domain(), sender.provider).await);
    if points.is_empty() {
        points.push(Point::wrong(
            "dkim",
            "nobody signs the mail; Gmail and Yahoo ask for it",
            "`hlas dkim keygen` makes keys; if your provider signs, name its selector with --selector",
        ));
    }
    points
}

/// Each key of ours against the record under its name.
pub async fn keys(dns: &Dns, signer: &Signer) -> Vec<Point> {
    let mut points = Vec::new();
    for (selector, key) in signer.keys() {
        let name = record_name(selector, signer.domain());
        let flaws = match dns.txt(&name).await {
            Ok(published) => Flaw::all(&published, key),
            Err(error) => {
                points.push(Point::unknown("dkim", &error));
                continue;
            }
        };
        let what = format!("{} of {} bits", key.algorithm().name(), key.bits());
        if flaws.is_empty() {
            points.push(Point::good("dkim", format!("{name} is our key ({what})")));
        }
        points.extend(
            flaws.iter().map(|flaw| Point::wrong("dkim", format!("{name}: {flaw}"), flaw.mend())),
        );
        if key.algorithm() == Algorithm::Rsa && key.bits() < ENOUGH_BITS {
            points.push(Point::note(
                "dkim",
                format!("{name} is short ({what})"),
                "make a new one: `hlas dkim keygen`",
            ));
        }
    }
    let rsa = signer.keys().any(|(_, key)| key.algorithm() == Algorithm::Rsa);
    if !rsa {
        points.push(Point::wrong(
            "dkim",
            "there is no RSA key, and Gmail and Outlook read no other",
            "let an RSA key sign beside it: `hlas dkim keygen`",
        ));
    }
    points
}

/// Keys that somebody else signs with: that they are there is all we can know.
pub async fn provider(dns: &Dns, domain: &str, selectors: &[String]) -> Vec<Point> {
    let mut points = Vec::new();
    for selector in selectors {
        let name = record_name(selector, domain);
        let published = match dns.txt(&name).await {
            Ok(published) => published,
            Err(error) => {
                points.push(Point::unknown("dkim", &error));
                continue;
            }
        };
        let key = published.iter().find_map(|text| {
            let p = tags(text)?.into_iter().find(|(tag, _)| *tag == "p")?.1;
            (!p.is_empty()).then_some(())
        });
        points.push(match key {
            Some(()) => Point::good("dkim", format!("{name} holds a key")),
            None => Point::wrong(
                "dkim",
                format!("{name} holds no key"),
                "publish the record that your provider tells you",
            ),
        });
    }
    points
}
