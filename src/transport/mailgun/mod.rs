//! Messages to Mailgun's HTTP API, as whole messages (docs/adr/0021).
//!
//! `POST …/v3/DOMAIN/messages.mime` takes the very bytes that SMTP would carry,
//! so that our signature, our Message-ID and our way out survive. Tracking is
//! switched off in each request, whatever the account says: we count no reader.
//! The delivery's id goes along as `Idempotency-Key` (draft-ietf-httpapi-
//! idempotency-key-header) and as the variable `delivery`, which comes back in
//! the provider's events.
//!
//! The surprise: the last bytes of the request are held back until it is
//! written down that the message may have arrived. So a crash while the body
//! goes up is a retry and not a doubt, exactly as with SMTP's final dot.

mod form;
mod gate;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Response, header};
use url::Url;

use super::envelope::EnvelopeAddress;
use super::replies::{self, Kind};
use super::{Progress, Secret, Transport, TransportError};
use crate::http::{self, Patience, cause};
use crate::model::{Message, Outcome, Reply, Stage};
use form::Form;

const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(30), whole: Duration::from_secs(3 * 60) };
const LONGEST_ANSWER: usize = 16 * 1024;

/// HTTP basic authentication: the user is always this.
const USER: &str = "api";

pub struct Mailgun {
    endpoint: Url,
    /// As it is shown and written down.
    name: String,
    key: Secret,
    client: Client,
}

impl Mailgun {
    /// `url` is `mailgun:https://api.eu.mailgun.net/v3/DOMAIN`.
    pub fn open(url: &str, key: Option<Secret>) -> Result<Self, TransportError> {
        let wrong = |reason: &str| TransportError::address(url, reason);
        let base = url.split_once(':').map_or("", |(_, base)| base);
        let mut endpoint = Url::parse(base)
            .map_err(|_| wrong("write mailgun:https://api.eu.mailgun.net/v3/DOMAIN"))?;
        if !http::is_private(&endpoint) {
            return Err(wrong("off this machine only https will do"));
        }
        if !endpoint.username().is_empty() || endpoint.password().is_some() {
            return Err(wrong("a key does not belong here, put it in HLAS_PROVIDER_KEY"));
        }
        let path = endpoint.path().trim_end_matches('/').to_owned();
        if path.split('/').filter(|part| !part.is_empty()).count() < 2 {
            return Err(wrong("it names no domain: …/v3/DOMAIN"));
        }
        let name = format!("{}{path}", endpoint.host_str().unwrap_or_default());
        endpoint.set_path(&format!("{path}/messages.mime"));
        let key = key.ok_or_else(|| wrong("HLAS_PROVIDER_KEY must be set"))?;
        let client = http::client(PATIENCE).map_err(|reason| wrong(&reason))?;
        Ok(Self { endpoint, name, key, client })
    }

    fn failed(&self, stage: Stage, reason: impl ToString) -> TransportError {
        TransportError::Server { server: self.name.clone(), stage, reason: reason.to_string() }
    }
}

#[async_trait]
impl Transport for Mailgun {
    async fn send(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        progress.through(&self.name);
        let recipient = match EnvelopeAddress::try_from(&message.recipient) {
            Ok(recipient) => recipient,
            Err(wrong) => return Ok(Outcome::Refused(Reply::new(None, wrong.to_string()))),
        };
        let key = self.key.reveal().map_err(|why| self.failed(Stage::Auth, why))?;
        let form = Form::of(message, &recipient);
        let kind = form.content_type();
        let (body, gate) = gate::held_back(form.into_bytes());
        let request = self
            .client
            .post(self.endpoint.clone())
            .basic_auth(USER, Some(key))
            .header(header::CONTENT_TYPE, kind)
            .header("Idempotency-Key", header_value(&message.id))
            .body(reqwest::Body::wrap(body))
            .send();
        tokio::pin!(request);
        progress.reached(Stage::Body);
        let opener = tokio::select! {
            biased;
            answer = &mut request => return self.too_early(answer, progress).await,
            opener = gate.reached() => opener,
        };
        progress.handing_over().await.map_err(|_| TransportError::Withheld)?;
        progress.reached(Stage::Reply);
        opener.open();
        match request.await {
            Ok(response) => self.outcome(response, progress).await,
            Err(error) => Ok(unsure(error)),
        }
    }

    async fn close(&mut self) {}
}

impl Mailgun {
    /// An answer to a request that was not whole: nothing can have arrived, so
    /// whatever is not about the recipient or the moment is an error.
    async fn too_early(
        &self,
        answer: reqwest::Result<Response>,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        let response = answer.map_err(|error| self.failed(Stage::Connect, cause(error)))?;
        let status = response.status().as_u16();
        match self.outcome(response, progress).await? {
            Outcome::Accepted(reply) | Outcome::Unsure(reply) => Err(self.failed(
                Stage::Body,
                format!("it answered {status} to half a request: {}", reply.text),
            )),
            outcome => Ok(outcome),
        }
    }

    async fn outcome(
        &self,
        response: Response,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        let status = response.status().as_u16();
        let wait = response.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|it| it.to_str().ok()?.parse::<u32>().ok());
        let mut text = match body(response).await {
            Ok(text) => text,
            // The status is an answer all the same.
            Err(error) => cause(error),
        };
        if let Some(seconds) = wait {
            text = format!("{text} (retry after {seconds} seconds)");
        }
        let verdict = replies::http(status, &text);
        progress.judged(verdict);
        let reply = Reply::new(None, format!("HTTP {status}: {}: {text}", verdict.reason));
        match verdict.kind {
            Kind::Accepted => Ok(Outcome::Accepted(Reply::new(None, text))),
            Kind::Deferred => Ok(Outcome::Deferred(reply)),
            Kind::Refused => Ok(Outcome::Refused(reply)),
            Kind::Unsure => Ok(Outcome::Unsure(reply)),
            Kind::Ours => {
                let stage = if matches!(status, 401 | 403) { Stage::Auth } else { Stage::Reply };
                Err(self.failed(stage, reply.text))
            }
        }
    }
}

async fn body(mut response: Response) -> reqwest::Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_ANSWER {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

fn unsure(error: reqwest::Error) -> Outcome {
    let text = format!("the line was lost after the message went out: {}", cause(error));
    Outcome::Unsure(Reply::new(None, text))
}

/// Ours are letters, digits, hyphens, dots and an @; of any other only those
/// stay that a header may hold.
fn header_value(id: &str) -> String {
    id.chars().filter(char::is_ascii_graphic).collect()
}

#[cfg(test)]
mod tests;
