//! Tells others over HTTP that a run began and how it ended: whoever watches
//! over timers (a ping, as healthchecks.io takes it), and a program of the
//! house's (a webhook).
//!
//! It promises nothing: a ping that is not heard is told of and forgotten, for
//! no mail may wait for it. What goes out is counts and slugs, never a reader.
//!
//! The surprise: the URL is the password. Whoever knows it can say that all is
//! well, so no message of ours shows more of it than its host.

use std::fmt;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use serde::Serialize;
use url::Url;

use crate::http::{self, Patience, cause};

/// Nobody waits long for a run that is done.
const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(3), whole: Duration::from_secs(6) };
/// Between one try and the next: three tries in all.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// Where to tell it. Shows its host and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Target(Url);

/// Why a text is no target. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTarget {
    #[error("it is no http or https address")]
    NoUrl,
    #[error("off this machine only https will do")]
    InTheOpen,
}

impl Target {
    /// # Errors
    /// When it is no URL that can be posted to, or others could read it on its way.
    pub fn parse(text: &str) -> Result<Self, NoTarget> {
        let url = Url::parse(text.trim()).map_err(|_| NoTarget::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(NoTarget::NoUrl);
        }
        if http::is_private(&url) { Ok(Self(url)) } else { Err(NoTarget::InTheOpen) }
    }

    /// The same with one more part behind its path; a query stays where it is.
    fn below(&self, part: &str) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(part);
        }
        url
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

/// What a ping says, as <https://healthchecks.io/docs/http_api/> has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// `URL/start`
    Start,
    /// `URL` for 0, `URL/CODE` for any other: that is a failure.
    Ended(u8),
}

/// A message that nobody took.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{target} has not taken it: {reason}")]
pub struct Unheard {
    target: Target,
    reason: String,
}

/// Carries messages out.
#[derive(Debug, Clone)]
pub struct Messenger {
    client: Client,
    pauses: &'static [Duration],
}

impl Messenger {
    /// # Errors
    /// When the machine has no TLS to offer.
    pub fn new() -> Result<Self, String> {
        Ok(Self { client: http::client(PATIENCE)?, pauses: &PAUSES })
    }

    /// `text` is for the eyes of whoever looks at the check.
    ///
    /// # Errors
    /// When nobody took it after three tries.
    pub async fn ping(&self, to: &Target, signal: Signal, text: &str) -> Result<(), Unheard> {
        let url = match signal {
            Signal::Start => to.below("start"),
            Signal::Ended(0) => to.0.clone(),
            Signal::Ended(exit) => to.below(&exit.to_string()),
        };
        let request = self.client.request(Method::POST, url);
        let request = request.header(header::CONTENT_TYPE, "text/plain; charset=utf-8");
        self.deliver(to, request, text.as_bytes().to_vec()).await
    }

    /// Posts `value` as JSON.
    ///
    /// # Errors
    /// When nobody took it after three tries.
    pub async fn post(&self, to: &Target, value: &impl Serialize) -> Result<(), Unheard> {
        let body = serde_json::to_vec(value)
            .map_err(|error| Unheard { target: to.clone(), reason: error.to_string() })?;
        let request = self.client.request(Method::POST, to.0.clone());
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.deliver(to, request, body).await
    }

    async fn deliver(
        &self,
        to: &Target,
        request: RequestBuilder,
        body: Vec<u8>,
    ) -> Result<(), Unheard> {
        let mut pauses = self.pauses.iter();
        let request = request.body(body);
        loop {
            let again = request.try_clone().expect("a body of bytes can be sent again");
            let (reason, is_passing) = match again.send().await {
                Ok(response) if response.status().is_success() => return Ok(()),
                Ok(response) => {
                    let status = response.status();
                    (format!("HTTP {}", status.as_u16()), is_passing(status))
                }
                Err(error) => (cause(error), true),
            };
            match pauses.next().filter(|_| is_passing) {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(Unheard { target: to.clone(), reason }),
            }
        }
    }
}

/// Whether the same may be taken a moment later.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

#[cfg(test)]
mod listener;
#[cfg(test)]
mod tests;
