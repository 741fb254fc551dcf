//! Messages to a mail server, one command at a time.
//!
//! lettre would send a message in one call; here it is spoken command by
//! command, because what an error means depends on how far the talk had come:
//!
//! - before DATA is answered, nothing can have arrived. A lost line is tried
//!   once more on a new connection (the old one may have idled out), then it
//!   is an error and the run stops for now;
//! - once the first byte of the body is out, a lost line leaves us *unsure*
//!   (RFC 5321 section 4.2.5 puts responsibility at the final reply);
//! - a reply is an answer about this recipient: 4xx defers, 5xx refuses.
//!
//! The surprise: a 5xx to MAIL, and 530 (RFC 4954 section 6) anywhere, are
//! errors and not refusals. They are said of us, not of the reader, and would
//! be said of every reader in turn: one wrong setting would write off a list.

mod dialogue;
mod relay;

use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::client::AsyncSmtpConnection;

use self::dialogue::{Lost, Said};
use self::relay::Relay;
use super::{Secret, Transport, TransportError};
use crate::model::{Message, Outcome};

/// How long to wait for what. The defaults are the minimums that RFC 5321
/// section 4.5.3.2 asks for, but for connecting, where it asks for nothing.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub connect: Duration,
    /// The greeting, EHLO, TLS, AUTH, MAIL, RCPT, RSET.
    pub command: Duration,
    pub data: Duration,
    /// Sending the body and waiting for the final reply.
    pub body: Duration,
    pub quit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            command: Duration::from_secs(5 * 60),
            data: Duration::from_secs(2 * 60),
            body: Duration::from_secs(13 * 60),
            quit: Duration::from_secs(5),
        }
    }
}

pub struct Smtp {
    relay: Relay,
    patience: Patience,
    connection: Option<AsyncSmtpConnection>,
}

impl Smtp {
    /// `url` is `smtp://[USER@]HOST[:PORT]` or `smtps://…`. Connects nowhere yet.
    pub fn open(
        url: &str,
        password: Option<Secret>,
        patience: Patience,
    ) -> Result<Self, TransportError> {
        Ok(Self { relay: Relay::parse(url, password)?, patience, connection: None })
    }

    /// One try on one connection, which is kept where it can be used again.
    async fn attempt(&mut self, message: &Message) -> Result<Result<Said, Lost>, TransportError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.relay.connect(&self.patience).await?,
        };
        let said = dialogue::send(&mut connection, message, &self.patience).await;
        match &said {
            Ok(Said::Kept(_)) => self.connection = Some(connection),
            Ok(Said::ResetNeeded(_)) => {
                if dialogue::reset(&mut connection, &self.patience).await {
                    self.connection = Some(connection);
                }
            }
            Ok(Said::Closed(_)) | Err(_) => {}
        }
        Ok(said)
    }
}

#[async_trait]
impl Transport for Smtp {
    async fn send(&mut self, message: &Message) -> Result<Outcome, TransportError> {
        let first = self.attempt(message).await?;
        let last = match first {
            Err(lost) if lost.worth_another_line() => self.attempt(message).await?,
            first => first,
        };
        match last {
            Ok(Said::Kept(outcome) | Said::ResetNeeded(outcome) | Said::Closed(outcome)) => {
                Ok(outcome)
            }
            Err(Lost::Leaving(reply)) => Ok(Outcome::Deferred(reply)),
            Err(Lost::Line { stage, reason } | Lost::Unwelcome { stage, reason }) => {
                Err(self.relay.failed(stage, reason))
            }
        }
    }

    async fn close(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // A server that does not say goodbye is no concern of ours.
            let _ = tokio::time::timeout(self.patience.quit, connection.quit()).await;
        }
    }
}
