//! Whether answers and bounces find their way back, and whether the address
//! that mail comes from has a name.

use std::collections::BTreeSet;

use crate::dns::Dns;

use super::{Point, Sender};

/// Every address that mail names has a server that takes mail for it.
pub(super) async fn answers(dns: &Dns, sender: Sender<'_>) -> Vec<Point> {
    let mail = sender.mail;
    let addresses = [
        Some(&mail.from),
        mail.reply_to.as_ref(),
        Some(&mail.envelope_sender),
        Some(&mail.unsubscribe),
    ];
    let domains: BTreeSet<&str> =
        addresses.into_iter().flatten().map(|address| address.domain()).collect();
    let mut points = Vec::new();
    for domain in domains {
        points.push(match dns.mx(domain).await {
            Err(error) => Point::unknown("mx", &error),
            Ok(servers) if servers.iter().any(|server| server == ".") => Point::wrong(
                "mx",
                format!("{domain} says that it takes no mail (RFC 7505)"),
                "take its MX record `.` away, or write another address under [mail]",
            ),
            Ok(servers) if servers.is_empty() => match dns.addresses(domain).await {
                Err(error) => Point::unknown("mx", &error),
                // RFC 5321 section 5.1: then the domain itself is its server.
                Ok(addresses) if !addresses.is_empty() => Point::note(
                    "mx",
                    format!("{domain} names no mail server, so it takes its own mail"),
                    "publish an MX record, which all senders understand",
                ),
                Ok(_) => Point::wrong(
                    "mx",
                    format!("no server takes mail for {domain}: answers and bounces are lost"),
                    "publish an MX record, or write another address under [mail]",
                ),
            },
            Ok(servers) => {
                Point::good("mx", format!("mail for {domain} goes to {}", servers.join(", ")))
            }
        });
    }
    points
}

/// The address has a name, and the name has the address (forward-confirmed
/// reverse DNS): Gmail and Yahoo turn away what comes from others.
pub(super) async fn address(dns: &Dns, sender: Sender<'_>) -> Vec<Point> {
    let Some(address) = sender.address else {
        return vec![Point::note(
            "address",
            "the address that your mail server sends from was not looked at",
            "name it with --address, if the server is yours",
        )];
    };
    let names = match dns.names_of(address).await {
        Ok(names) => names,
        Err(error) => return vec![Point::unknown("address", &error)],
    };
    if names.is_empty() {
        return vec![Point::wrong(
            "address",
            format!("{address} has no name (PTR)"),
            "ask whoever runs the machine's network to give it the name of your mail server",
        )];
    }
    for name in &names {
        match dns.addresses(name).await {
            Err(error) => return vec![Point::unknown("address", &error)],
            Ok(addresses) if addresses.contains(&address) => {
                return vec![Point::good("address", format!("{address} is {name}, and back"))];
            }
            Ok(_) => {}
        }
    }
    let names = names.join(", ");
    vec![Point::wrong(
        "address",
        format!("{address} says it is {names}, which has another address"),
        format!("publish an A or AAAA record {address} for {names}"),
    )]
}
