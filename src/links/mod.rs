//! Whether the pages that a text links to are still there.
//!
//! The one part of checking that speaks to the world, and only when asked to:
//! a build must not hang on somebody else's server. It asks as a guest would:
//! the head of a page first, one question at a time to a host, answers kept
//! for days ([`cache`]), and never into private networks ([`guard`]), so that
//! a text cannot make this machine knock on the doors of its neighbours.
//!
//! The surprise: what is not sure is not reported. A server that forbids robots
//! (401, 403, 429) or is down today (5xx, no answer) says nothing about the page.

mod ask;
mod cache;
mod findings;
mod guard;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

pub use ask::Asker;
pub use cache::Cache;
pub use findings::{Linked, findings, linked};
pub use guard::Reach;

use crate::clock::Clock;

/// What became of one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Alive,
    /// For good (301, 308), to this address, where it is alive.
    Moved(String),
    /// The server says that there is no such page (404, 410).
    Gone(u16),
    /// No such host, or a certificate that browsers refuse.
    Unreachable(String),
    /// Nobody can tell: robots are forbidden, or the server is down today.
    Unsure(String),
    /// A private address, which is not asked.
    Private,
}

/// How to ask.
#[derive(Debug, Clone)]
pub struct Manners {
    /// The name we ask under: who we are, and where to complain.
    pub user_agent: String,
    /// For each question, redirects and all.
    pub patience: Duration,
    /// Between two questions to the same host.
    pub pause: Duration,
    pub reach: Reach,
    /// The file of the cache.
    pub cache: PathBuf,
}

impl Manners {
    /// Those of a house with this website.
    pub fn new(website: &str, cache: PathBuf) -> Self {
        Self {
            user_agent: format!("hlas/{} (+{website})", env!("CARGO_PKG_VERSION")),
            patience: Duration::from_secs(20),
            pause: Duration::from_secs(1),
            reach: Reach::Public,
            cache,
        }
    }
}

/// The links of some texts, asked after; those in the cache are not asked
/// again while their answer is good.
///
/// # Errors
/// When the machine gives us no client to ask with, or the answers cannot be
/// written down.
pub async fn probe(
    urls: impl IntoIterator<Item = Url>,
    manners: &Manners,
    clock: &dyn Clock,
) -> Result<BTreeMap<Url, Verdict>, ProbeError> {
    let mut cache = Cache::read(&manners.cache);
    let mut verdicts = BTreeMap::new();
    let mut by_host: BTreeMap<String, Vec<Url>> = BTreeMap::new();
    for mut url in urls {
        url.set_fragment(None);
        match cache.get(&url, clock.now()) {
            _ if verdicts.contains_key(&url) => {}
            Some(verdict) => {
                verdicts.insert(url, verdict);
            }
            None => {
                let questions = by_host.entry(url.host_str().unwrap_or("").to_owned()).or_default();
                if !questions.contains(&url) {
                    questions.push(url);
                }
            }
        }
    }
    let asker = Asker::new(manners)?;
    let hosts = by_host.len();
    let mut answers = asker.ask_all(by_host.into_values().collect()).await;
    let none = answers.iter().all(|(_, verdict)| matches!(verdict, Verdict::Unreachable(_)));
    if hosts > 1 && none {
        // All hosts gone at once is our own line, not theirs.
        let offline = "no host was found at all; is this machine online?".to_owned();
        answers.iter_mut().for_each(|(_, verdict)| *verdict = Verdict::Unsure(offline.clone()));
    }
    for (url, verdict) in answers {
        cache.put(&url, &verdict, clock.now());
        verdicts.insert(url, verdict);
    }
    cache.write(&manners.cache, clock.now())?;
    Ok(verdicts)
}

/// Why no question could be put.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("cannot speak HTTP: {0}")]
    Client(String),
    #[error("cannot write {path}: {source}", path = path.display())]
    Cache { path: PathBuf, source: std::io::Error },
}

#[cfg(test)]
mod tests;
