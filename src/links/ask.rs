//! One question to one server: HEAD, then GET where HEAD is not understood.

use std::error::Error as _;
use std::sync::Arc;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Method, Response, StatusCode, header};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;
use url::Url;

use super::guard::{Guarded, PrivateHost, Reach};
use super::{Manners, ProbeError, Verdict};

/// Hosts that are asked at the same time.
const HOSTS: usize = 8;
/// As many as browsers follow before they call it a loop is twenty; a page
/// that needs more than ten wants mending.
const REDIRECTS: usize = 10;

/// Asks after pages.
#[derive(Clone)]
pub struct Asker {
    client: Client,
    manners: Arc<Manners>,
}

impl Asker {
    /// # Errors
    /// When the machine has no TLS to offer.
    pub fn new(manners: &Manners) -> Result<Self, ProbeError> {
        let failed = |error: &dyn std::fmt::Display| ProbeError::Client(error.to_string());
        // The roots of Mozilla's, not the machine's: a page that only this
        // office can open is of no use to readers.
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let reach = manners.reach;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Guarded(reach))
            .no_proxy()
            .referer(false)
            .user_agent(&manners.user_agent)
            .timeout(manners.patience)
            .redirect(Policy::custom(move |attempt| follow(attempt, reach)))
            .build()
            .map_err(|error| failed(&error))?;
        Ok(Self { client, manners: Arc::new(manners.clone()) })
    }

    /// Asks after all URLs, given a host each: several hosts at once, the
    /// pages of one host one after the other, with a pause.
    pub async fn ask_all(&self, hosts: Vec<Vec<Url>>) -> Vec<(Url, Verdict)> {
        let places = Arc::new(Semaphore::new(HOSTS));
        let mut tasks = JoinSet::new();
        for urls in hosts {
            let (asker, places) = (self.clone(), Arc::clone(&places));
            tasks.spawn(async move {
                let _place = places.acquire().await;
                let mut verdicts = Vec::new();
                for url in urls {
                    if !verdicts.is_empty() {
                        sleep(asker.manners.pause).await;
                    }
                    let verdict = asker.ask(&url).await;
                    verdicts.push((url, verdict));
                }
                verdicts
            });
        }
        tasks.join_all().await.into_iter().flatten().collect()
    }

    async fn ask(&self, url: &Url) -> Verdict {
        if !self.manners.reach.permits_url(url) {
            return Verdict::Private;
        }
        match self.request(Method::HEAD, url).await {
            Ok(response) if response.status().is_success() => judge(url, &response),
            // Servers that do not know HEAD, or answer it wrongly, are many;
            // one that is busy is left alone.
            Ok(response) if response.status() == StatusCode::TOO_MANY_REQUESTS => {
                judge(url, &response)
            }
            Ok(_) => {
                sleep(self.manners.pause).await;
                match self.request(Method::GET, url).await {
                    Ok(response) => judge(url, &response),
                    Err(error) => why(&error),
                }
            }
            Err(error) => why(&error),
        }
    }

    /// The head of the answer; the body is never read.
    async fn request(&self, method: Method, url: &Url) -> reqwest::Result<Response> {
        let accept = (header::ACCEPT, "text/html,application/xhtml+xml,application/pdf,*/*;q=0.8");
        self.client.request(method, url.clone()).header(accept.0, accept.1).send().await
    }
}

fn follow(attempt: Attempt<'_>, reach: Reach) -> reqwest::redirect::Action {
    if attempt.previous().len() > REDIRECTS {
        return attempt.error("it leads from page to page without end");
    }
    if !reach.permits_url(attempt.url()) {
        return attempt.error(PrivateHost);
    }
    attempt.follow()
}

fn judge(asked: &Url, response: &Response) -> Verdict {
    let status = response.status();
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Verdict::Gone(status.as_u16()),
        _ if !status.is_success() => Verdict::Unsure(format!("the server answers {status}")),
        _ if is_elsewhere(asked, response.url()) => Verdict::Moved(response.url().to_string()),
        _ => Verdict::Alive,
    }
}

/// Whether a redirect is worth telling an author: one to https or to www, to a
/// language or a session is how many sites greet everybody.
fn is_elsewhere(asked: &Url, found: &Url) -> bool {
    let bare = |url: &Url| url.host_str().unwrap_or("").trim_start_matches("www.").to_owned();
    let depth =
        |url: &Url| url.path().trim_matches('/').split('/').filter(|it| !it.is_empty()).count();
    let lost_its_path = depth(asked) > 0 && depth(found) == 0;
    bare(asked) != bare(found) || lost_its_path
}

fn why(error: &reqwest::Error) -> Verdict {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<PrivateHost>() {
            return Verdict::Private;
        }
        causes.push(error.to_string());
        cause = error.source();
    }
    let reason = causes.pop().unwrap_or_else(|| error.to_string());
    let all = causes.join(" ") + &reason;
    // A resolver that cannot be asked now is our trouble, not the page's.
    let no_such_host = all.contains("dns error") && !all.contains("Temporary failure");
    let certain = no_such_host || all.contains("invalid peer certificate");
    match (error.is_timeout(), certain || error.is_redirect()) {
        (true, _) => Verdict::Unsure("no answer in time".to_owned()),
        (false, true) => Verdict::Unreachable(reason),
        (false, false) => Verdict::Unsure(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_move_that_an_author_should_know_of_counts() {
        let elsewhere = |asked: &str, found: &str| {
            is_elsewhere(&asked.parse().unwrap(), &found.parse().unwrap())
        };
        assert!(!elsewhere("http://example.org/a", "https://www.example.org/a/"));
        assert!(!elsewhere("https://example.org/", "https://example.org/cs/"));
        assert!(elsewhere("https://example.org/zprava-2024", "https://example.org/"));
        assert!(elsewhere("https://example.org/a", "https://example.net/a"));
    }
}
