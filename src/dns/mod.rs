//! Asks the domain name system what it says of the house.
//!
//! A name that is not there and a name without such records both answer with
//! nothing; only a server that does not answer is an error. Names are asked as
//! they are, whatever search list the machine has.

#[cfg(test)]
pub(crate) mod fake_zone;
pub mod spf;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long a server may think. Doctors wait, but not for ever.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Dns {
    resolver: TokioResolver,
}

/// Nobody knows: the servers do not answer, or say that they are broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("DNS does not answer for {name}: {reason}")]
pub struct DnsError {
    pub name: String,
    pub reason: String,
}

impl Dns {
    /// Through the servers of this machine (`/etc/resolv.conf`).
    pub fn of_this_machine() -> Result<Self, DnsError> {
        let builder = TokioResolver::builder_tokio().map_err(|error| failed("any name", &error))?;
        Ok(Self { resolver: built(builder)? })
    }

    /// Through one server.
    pub fn at(server: SocketAddr) -> Result<Self, DnsError> {
        let to = |mut connection: ConnectionConfig| {
            connection.port = server.port();
            connection
        };
        let connections = vec![to(ConnectionConfig::udp()), to(ConnectionConfig::tcp())];
        let server = NameServerConfig::new(server.ip(), true, connections);
        let config = ResolverConfig::from_name_servers(vec![server]);
        let provider = TokioRuntimeProvider::default();
        Ok(Self { resolver: built(TokioResolver::builder_with_config(config, provider))? })
    }

    /// The texts under a name, the strings of each put together (RFC 7208
    /// section 3.3, RFC 6376 section 3.6.2.2).
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let texts = self.records(name, RecordType::TXT).await?.into_iter().filter_map(|data| {
            let RData::TXT(text) = data else { return None };
            Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned())
        });
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        Ok(texts)
    }

    /// Who takes mail for a domain, the most preferred first; `.` is RFC 7505's
    /// "nobody".
    pub async fn mx(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let servers = self.records(name, RecordType::MX).await?.into_iter();
        let mut servers: Vec<(u16, String)> = servers
            .filter_map(|data| {
                let RData::MX(mx) = data else { return None };
                Some((mx.preference, plain(&mx.exchange.to_ascii())))
            })
            .collect();
        servers.sort();
        Ok(servers.into_iter().map(|(_, server)| server).collect())
    }

    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, DnsError> {
        let mut addresses = Vec::new();
        for kind in [RecordType::A, RecordType::AAAA] {
            for data in self.records(name, kind).await? {
                match data {
                    RData::A(a) => addresses.push(IpAddr::from(a.0)),
                    RData::AAAA(aaaa) => addresses.push(IpAddr::from(aaaa.0)),
                    _ => {}
                }
            }
        }
        addresses.sort();
        Ok(addresses)
    }

    /// The names that an address says it has (PTR).
    pub async fn names_of(&self, address: IpAddr) -> Result<Vec<String>, DnsError> {
        let name = hickory_resolver::proto::rr::Name::from(address).to_ascii();
        let names = self.records(&name, RecordType::PTR).await?.into_iter();
        Ok(names
            .filter_map(|data| {
                let RData::PTR(name) = data else { return None };
                Some(plain(&name.0.to_ascii()))
            })
            .collect())
    }

    async fn records(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, DnsError> {
        let whole = format!("{}.", name.trim_end_matches('.'));
        match self.resolver.lookup(whole, kind).await {
            Ok(found) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(failed(name, &error)),
        }
    }
}

fn built(
    builder: hickory_resolver::ResolverBuilder<TokioRuntimeProvider>,
) -> Result<TokioResolver, DnsError> {
    let mut options = ResolverOpts::default();
    options.timeout = PATIENCE;
    options.attempts = 1;
    options.use_hosts_file = ResolveHosts::Never;
    builder.with_options(options).build().map_err(|error| failed("any name", &error))
}

fn failed(name: &str, error: &NetError) -> DnsError {
    let reason = match error {
        NetError::Timeout => "no answer in time".to_owned(),
        error => error.to_string(),
    };
    DnsError { name: name.to_owned(), reason }
}

/// Small letters, and no dot at the end unless it is all there is.
fn plain(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.strip_suffix('.') {
        Some("") | None => name,
        Some(name) => name.to_owned(),
    }
}
