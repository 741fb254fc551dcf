//! Which addresses a text may make us knock at.
//!
//! A name is resolved here and every address that is not public is dropped
//! before anything connects, at each redirect again; a name that changes its
//! mind between check and connection gains nothing, for it is the resolved
//! address that is used. An address written as a number never reaches the
//! resolver, so it is looked at in the URL.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// How far questions may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The public internet only.
    Public,
    /// Also this machine: tests run their servers here.
    Loopback,
}

impl Reach {
    pub(super) fn permits(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::Loopback && address.is_loopback())
    }

    /// Whether the host of a URL may be asked, as far as the URL tells: a name
    /// is told only once it is resolved.
    pub(super) fn permits_url(self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(address)) => self.permits(address.into()),
            Some(Host::Ipv6(address)) => self.permits(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        }
    }
}

/// Resolves as the system does, and keeps what may be asked.
pub(super) struct Guarded(pub Reach);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let (permitted, private): (Vec<SocketAddr>, Vec<SocketAddr>) =
                found.partition(|address| reach.permits(address.ip()));
            if permitted.is_empty() && !private.is_empty() {
                return Err(PrivateHost.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// All addresses of a name are private.
#[derive(Debug, thiserror::Error)]
#[error("the host has private addresses only")]
pub(super) struct PrivateHost;

/// Whether an address is reachable by everybody: not in the registries of
/// special-purpose addresses (RFC 6890, as IANA keeps them) unless marked
/// there as globally reachable.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127, ..]            // this network, private use (RFC 1918), loopback
        | [169, 254, ..]              // link-local, where clouds keep their secrets
        | [192, 168, ..]              // private use
        | [192, 0, 0 | 2, _]          // protocol assignments, documentation
        | [192, 88, 99, _]            // 6to4 relays, withdrawn
        | [198, 18 | 19, ..]          // benchmarks
        | [198, 51, 100, _] | [203, 0, 113, _] // documentation
        | [224..=255, ..] => true,    // multicast, reserved, broadcast
        [100, second, ..] => (64..128).contains(&second), // carriers' NAT (RFC 6598)
        [172, second, ..] => (16..32).contains(&second),  // private use
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // An IPv4 address may hide in several forms of an IPv6 address.
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [first, second, third, ..] = address.segments();
    match (first, second) {
        (0x64, 0xff9b) if third == 0 => {
            let octets = address.octets();
            is_public_v4(Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15]))
        }
        // 6to4 (RFC 3056), Teredo and other protocol assignments, documentation.
        (0x2002, _) | (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        // Global unicast (RFC 4291, 2.4); all else is local, multicast or reserved.
        _ => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_every_disguise_are_refused() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "::ffff:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:a00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::8.8.8.8"]
        {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn numbers_in_urls_are_read_as_browsers_read_them() {
        for url in ["http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://[::1]/"] {
            assert!(!Reach::Public.permits_url(&url.parse().unwrap()), "{url}");
        }
        assert!(Reach::Loopback.permits_url(&"http://127.0.0.1:8080/".parse().unwrap()));
        assert!(!Reach::Loopback.permits_url(&"http://192.168.0.1/".parse().unwrap()));
    }
}
