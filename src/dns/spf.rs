//! SPF (RFC 7208): which machines may send for a domain, and what is wrong with
//! the way it says so.
//!
//! Everything that a record leads to is followed, also what a receiver would
//! not come to, so that the lookups counted are the most that anybody needs.

use std::fmt;
use std::net::IpAddr;

use super::{Dns, DnsError};

/// RFC 7208 section 4.6.4.
pub const MOST_LOOKUPS: usize = 10;

/// Includes that include themselves end somewhere.
const DEEPEST: usize = 20;

/// What a domain says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spf {
    /// As published; `None` if there is none.
    pub record: Option<String>,
    /// How many further questions the record costs.
    pub lookups: usize,
    /// What is said of everybody else: `-`, `~`, `?` or `+`.
    pub others: Option<char>,
    /// What is said of the address that was asked about.
    pub of_address: Option<char>,
    pub flaws: Vec<Flaw>,
}

/// What is wrong; each of them but the last two makes receivers give the whole
/// record up (permerror).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// RFC 7208 section 4.5.
    Several {
        domain: String,
        count: usize,
    },
    TooManyLookups(usize),
    /// An include or redirect to a domain that says nothing.
    NothingThere(String),
    Unreadable {
        domain: String,
        term: String,
    },
    /// `+all`: the whole world may send for the domain.
    Everybody,
    /// RFC 7208 section 5.5.
    Ptr,
}

impl Flaw {
    pub fn mend(&self) -> &'static str {
        match self {
            Self::Several { .. } => {
                "put them together into one record that begins with v=spf1 once"
            }
            Self::TooManyLookups(_) => {
                "take out what you no longer send through, or write ip4: and ip6: in place of a, mx and include"
            }
            Self::NothingThere(_) => "take it out, or mend its spelling",
            Self::Unreadable { .. } => {
                "mend its spelling: mechanisms are all, include, a, mx, ip4, ip6 and exists"
            }
            Self::Everybody => "end the record with ~all, and with -all when all your mail passes",
            Self::Ptr => "write ip4: or ip6: in place of ptr, which receivers may ignore",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Several { domain, count } => {
                write!(f, "{domain} has {count} SPF records, so none counts")
            }
            Self::TooManyLookups(count) => {
                write!(f, "it takes {count} lookups, and after {MOST_LOOKUPS} receivers give up")
            }
            Self::NothingThere(domain) => {
                write!(f, "it leads to {domain}, which has no SPF record, so receivers give up")
            }
            Self::Unreadable { domain, term } => {
                write!(f, "`{term}` in the record of {domain} cannot be read, so none of it counts")
            }
            Self::Everybody => f.write_str("it lets everybody send for you (+all)"),
            Self::Ptr => f.write_str("it asks for names of addresses (ptr), which is given up"),
        }
    }
}

/// One word of a record.
struct Term<'t> {
    qualifier: char,
    name: &'t str,
    value: &'t str,
    prefix: Option<u8>,
}

impl<'t> Term<'t> {
    /// RFC 7208 section 4.6.1; modifiers have `=` where mechanisms have `:`.
    fn mechanism(word: &'t str) -> Option<Self> {
        let (qualifier, rest) = match word.chars().next()? {
            sign @ ('+' | '-' | '~' | '?') => (sign, &word[1..]),
            _ => ('+', word),
        };
        let (name, value) = match rest.split_once(':') {
            Some((name, value)) => (name, value),
            None => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        };
        let (value, prefix) = match value.split_once('/') {
            Some((value, prefix)) => {
                (value, Some(prefix.split('/').next()?.parse().ok().filter(|it| *it <= 128)?))
            }
            None => (value, None),
        };
        let known = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];
        let name = known.into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let fits = match name {
            "all" => value.is_empty(),
            "include" | "exists" => !value.is_empty(),
            "ip4" => matches!(value.parse(), Ok(IpAddr::V4(_))) && prefix.is_none_or(|it| it <= 32),
            "ip6" => matches!(value.parse(), Ok(IpAddr::V6(_))),
            _ => true,
        };
        fits.then_some(Self { qualifier, name, value, prefix })
    }
}

impl Spf {
    /// What `domain` says, and what it says of `address`.
    pub async fn of(dns: &Dns, domain: &str, address: Option<IpAddr>) -> Result<Self, DnsError> {
        let nothing =
            Self { record: None, lookups: 0, others: None, of_address: None, flaws: vec![] };
        let mut walk = Walk { dns, address, spf: nothing };
        walk.spf.of_address = walk.record(domain, 0).await?;
        let mut spf = walk.spf;
        if spf.lookups > MOST_LOOKUPS {
            spf.flaws.push(Flaw::TooManyLookups(spf.lookups));
        }
        if spf.others == Some('+') {
            spf.flaws.push(Flaw::Everybody);
        }
        Ok(spf)
    }
}

struct Walk<'w> {
    dns: &'w Dns,
    address: Option<IpAddr>,
    spf: Spf,
}

impl Walk<'_> {
    /// What the record of `domain` says of the address, if anything.
    async fn record(&mut self, domain: &str, depth: usize) -> Result<Option<char>, DnsError> {
        let mut records = self.dns.txt(domain).await?;
        records.retain(|text| is_spf(text));
        let record = match records.as_slice() {
            [record] => record.clone(),
            [] if depth == 0 => return Ok(None),
            [] => {
                self.spf.flaws.push(Flaw::NothingThere(domain.to_owned()));
                return Ok(None);
            }
            several => {
                let count = several.len();
                self.spf.flaws.push(Flaw::Several { domain: domain.to_owned(), count });
                return Ok(None);
            }
        };
        if depth == 0 {
            self.spf.record = Some(record.clone());
        }
        let (mut said, mut redirect, mut has_all) = (None, None, false);
        for word in record.split(' ').skip(1).filter(|word| !word.is_empty()) {
            if let Some((name, value)) = modifier(word) {
                if name.eq_ignore_ascii_case("redirect") {
                    redirect = Some(value);
                }
                continue;
            }
            let Some(term) = Term::mechanism(word) else {
                let (domain, term) = (domain.to_owned(), word.to_owned());
                self.spf.flaws.push(Flaw::Unreadable { domain, term });
                continue;
            };
            has_all |= term.name == "all";
            if term.name == "all" && depth == 0 {
                self.spf.others = Some(term.qualifier);
            }
            if self.matches(&term, domain, depth).await? && said.is_none() {
                said = Some(term.qualifier);
            }
        }
        // RFC 7208 section 6.1: beside `all`, a redirect is nothing.
        if let Some(target) = redirect.filter(|_| !has_all) {
            self.spf.lookups += 1;
            if depth < DEEPEST && !target.contains('%') {
                let others = self.spf.others;
                let of_target = Box::pin(self.record(target, depth + 1)).await?;
                said = said.or(of_target);
                self.spf.others = others.or(self.all_of(target).await?);
            }
        }
        Ok(said)
    }

    /// What a redirect's target says of everybody else.
    async fn all_of(&self, domain: &str) -> Result<Option<char>, DnsError> {
        let records = self.dns.txt(domain).await?;
        let record = records.iter().find(|text| is_spf(text));
        let mut words = record.map_or("", String::as_str).split(' ').filter_map(Term::mechanism);
        Ok(words.find(|term| term.name == "all").map(|term| term.qualifier))
    }

    async fn matches(
        &mut self,
        term: &Term<'_>,
        domain: &str,
        depth: usize,
    ) -> Result<bool, DnsError> {
        let target = if term.value.is_empty() { domain } else { term.value };
        if !matches!(term.name, "all" | "ip4" | "ip6") {
            self.spf.lookups += 1;
        }
        // What macros (RFC 7208 section 7) stand for only a receiver knows.
        if target.contains('%') {
            return Ok(false);
        }
        match term.name {
            "all" => Ok(true),
            "ip4" | "ip6" => Ok(term.value.parse().is_ok_and(|it| self.within(it, term.prefix))),
            "include" if depth < DEEPEST => {
                Ok(Box::pin(self.record(target, depth + 1)).await? == Some('+'))
            }
            "ptr" => {
                self.spf.flaws.push(Flaw::Ptr);
                Ok(false)
            }
            // Only where it matters: these say nothing of the record itself.
            "a" | "mx" | "exists" if self.address.is_some() => {
                let hosts = match term.name {
                    "mx" => self.dns.mx(target).await?,
                    _ => vec![target.to_owned()],
                };
                let mut found = false;
                for host in hosts.iter().filter(|host| *host != ".") {
                    let addresses = self.dns.addresses(host).await?;
                    found |= match term.name {
                        "exists" => !addresses.is_empty(),
                        _ => addresses.iter().any(|it| self.within(*it, term.prefix)),
                    };
                }
                Ok(found)
            }
            _ => Ok(false),
        }
    }

    /// Whether the address that was asked about is in a network.
    fn within(&self, network: IpAddr, prefix: Option<u8>) -> bool {
        let bits = |prefix: Option<u8>, all: u8| u32::from(all - prefix.unwrap_or(all).min(all));
        match (self.address, network) {
            (Some(IpAddr::V4(address)), IpAddr::V4(network)) => {
                let differ = address.to_bits() ^ network.to_bits();
                differ.checked_shr(bits(prefix, 32)).unwrap_or(0) == 0
            }
            (Some(IpAddr::V6(address)), IpAddr::V6(network)) => {
                let differ = address.to_bits() ^ network.to_bits();
                differ.checked_shr(bits(prefix, 128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// RFC 7208 section 4.5: the version, then a space or the end.
fn is_spf(text: &str) -> bool {
    text.split(' ').next().is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"))
}

/// `name=value`, where the name is a name (RFC 7208 section 4.6.1).
fn modifier(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let named = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    (named && name.starts_with(|c: char| c.is_ascii_alphabetic())).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::fake_zone;

    const ZONE: &str = "
        good.example.org TXT v=spf1 mx ip4:192.0.2.0/28 include:_spf.example.net ~all
        good.example.org TXT something else
        good.example.org MX 10 mx.example.org
        mx.example.org A 198.51.100.7
        mx.example.org AAAA 2001:db8::7
        _spf.example.net TXT v=spf1 ip4:203.0.113.9 -all
        moved.example.org TXT v=spf1 redirect=good.example.org
        two.example.org TXT v=spf1 -all
        two.example.org TXT v=spf1 mx -all
        many.example.org TXT v=spf1 include:five.example.org include:five.example.org -all
        five.example.org TXT v=spf1 a mx exists:a.example.org a:b.example.org mx:c.example.org ?all
        odd.example.org TXT v=spf1 ipv4:192.0.2.1 ip4:300.1.1.1 include:gone.example.org ptr +all
        loop.example.org TXT v=spf1 include:loop.example.org -all
        macro.example.org TXT v=spf1 exists:%{i}._spf.example.org include:%{d}.x exp=why.example.org ?all
        broken.example.org SERVFAIL
    ";

    fn spf(domain: &str, address: Option<&str>) -> Result<Spf, DnsError> {
        let address = address.map(|it| it.parse().expect("an address"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let dns = Dns::at(fake_zone::serve(ZONE)).expect("a resolver");
            Spf::of(&dns, domain, address).await
        })
    }

    fn told(domain: &str) -> (usize, Option<char>, Vec<String>) {
        let spf = spf(domain, None).expect("an answer");
        (spf.lookups, spf.others, spf.flaws.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_record_and_what_it_leads_to() {
        assert_eq!(told("good.example.org"), (2, Some('~'), vec![]));
        assert_eq!(told("moved.example.org"), (3, Some('~'), vec![]));
        assert_eq!(told("nobody.example.org"), (0, None, vec![]));
        assert_eq!(told("macro.example.org"), (2, Some('?'), vec![]));
    }

    #[test]
    fn whether_an_address_may_send() {
        let says =
            |address: &str| spf("good.example.org", Some(address)).expect("an answer").of_address;
        for (address, said) in [
            ("192.0.2.15", '+'),
            ("192.0.2.16", '~'),
            ("198.51.100.7", '+'),
            ("203.0.113.9", '+'),
            ("203.0.113.10", '~'),
            ("2001:db8::7", '+'),
            ("2001:db8::8", '~'),
        ] {
            assert_eq!(says(address), Some(said), "{address}");
        }
        let moved = spf("moved.example.org", Some("203.0.113.9")).expect("an answer");
        assert_eq!(moved.of_address, Some('+'));
    }

    #[test]
    fn what_makes_receivers_give_up_is_named() {
        assert_eq!(
            told("two.example.org").2,
            ["two.example.org has 2 SPF records, so none counts"]
        );
        assert_eq!(
            told("many.example.org"),
            (12, Some('-'), vec!["it takes 12 lookups, and after 10 receivers give up".to_owned()])
        );
        assert_eq!(
            told("odd.example.org").2,
            [
                "`ipv4:192.0.2.1` in the record of odd.example.org cannot be read, so none of it counts",
                "`ip4:300.1.1.1` in the record of odd.example.org cannot be read, so none of it counts",
                "it leads to gone.example.org, which has no SPF record, so receivers give up",
                "it asks for names of addresses (ptr), which is given up",
                "it lets everybody send for you (+all)",
            ]
        );
        assert!(told("loop.example.org").2[0].starts_with("it takes 21 lookups"));
    }

    #[test]
    fn a_server_that_is_broken_is_not_a_domain_without_a_record() {
        let error = spf("broken.example.org", None).expect_err("no answer");
        assert_eq!(error.name, "broken.example.org");
    }
}
