//! Requests to servers of other people's: one client, made the same way for
//! whoever posts something.
//!
//! It follows no redirect, because what we send may be a secret, and goes where
//! it was meant to go. It trusts the authorities of the web, not the machine's.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

/// How long we wait: for a line, and from the first byte to the last of the
/// answer.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub connect: Duration,
    pub whole: Duration,
}

/// # Errors
/// When the machine has no TLS to offer.
pub fn client(patience: Patience) -> Result<Client, String> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .connect_timeout(patience.connect)
        .timeout(patience.whole)
        .user_agent(concat!("hlas/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}

/// Whether nobody on the way can read what goes there: TLS, or this machine.
pub fn is_private(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => url.host_str().is_some_and(is_loopback),
        _ => false,
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The innermost reason. The outer ones repeat the URL, which may be a secret.
pub fn cause(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason = inner.to_string();
        cause = inner.source();
    }
    reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_this_machine_only_tls_is_private() {
        let private = |url: &str| is_private(&url.parse().expect("a URL"));
        for url in
            ["https://example.org/", "http://127.0.0.1:80/", "http://[::1]/", "http://localhost/"]
        {
            assert!(private(url), "{url}");
        }
        for url in ["http://example.org/", "http://localhost.example.org/", "ftp://127.0.0.1/"] {
            assert!(!private(url), "{url}");
        }
    }
}
