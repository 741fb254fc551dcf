//! Messages to a mail server, one command at a time.
//!
//! The commands and logins are lettre's, the talk is ours (docs/adr/0020),
//! because what an error means depends on how far the talk had come:
//!
//! - before the final dot nothing can have arrived. A lost line is tried once
//!   more on a new connection (the old one may have idled out), then it is an
//!   error and the run stops for now; but when it was lost in the middle of a
//!   body twice, it may be this body that the server cannot bear, so this
//!   reader alone is put off;
//! - once the dot is out, a lost line leaves us *unsure* (RFC 5321 section
//!   4.2.5 puts responsibility at the final reply);
//! - a reply is an answer about this recipient: 4xx defers, 5xx refuses.
//!
//! The surprise: a 5xx to MAIL, and 530 (RFC 4954 section 6) anywhere, are
//! errors and not refusals. They are said of us, not of the reader, and would
//! be said of every reader in turn: one wrong setting would write off a list.

mod dialogue;
mod envelope;
pub mod line;
mod login;
mod relay;
mod tls;

use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::commands::Quit;

use self::dialogue::{Lost, Said};
use self::line::Line;
use self::relay::Relay;
use super::{Keys, Progress, Secret, Transport, TransportError, Written};
use crate::model::{Message, Outcome, Reply, Stage};

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
    line: Option<Line>,
    /// How many messages the line may still carry.
    left: u32,
    /// How many a line may carry at all.
    most: u32,
}

/// Servers that count stop between a hundred and a thousand; a new line after
/// this many costs nothing beside them.
const MESSAGES: u32 = 500;

impl Smtp {
    /// `url` is `smtp://[USER@]HOST[:PORT]` or `smtps://…`. Connects nowhere yet.
    pub fn open(
        url: &str,
        password: Option<Secret>,
        patience: Patience,
    ) -> Result<Self, TransportError> {
        let relay = Relay::parse(url, password)?;
        Ok(Self { relay, patience, line: None, left: 0, most: MESSAGES })
    }

    /// With what else is written behind the URL.
    pub(super) fn as_written(
        written: &Written,
        keys: &Keys,
        patience: Patience,
    ) -> Result<Self, TransportError> {
        let own = written.secret.clone().map(Secret::in_file);
        let mut smtp =
            Self::open(&written.url, own.or_else(|| keys.smtp_password.clone()), patience)?;
        smtp.most = written.messages.unwrap_or(MESSAGES);
        let wrong = |why: String| TransportError::address(&written.url, why);
        smtp.relay.log_in_by(written.auth);
        if written.encrypted {
            smtp.relay.encrypt().map_err(wrong)?;
        }
        if let Some(ca) = written.ca.as_ref().or(keys.smtp_ca.as_ref()) {
            smtp.relay.trust(ca).map_err(wrong)?;
        }
        Ok(smtp)
    }

    /// One try on one line, which is kept where it can be used again.
    async fn attempt(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Result<Said, Lost>, TransportError> {
        if self.left == 0 {
            self.take_leave().await;
        }
        let mut line = match self.line.take() {
            Some(line) => line,
            None => {
                self.left = self.most;
                self.relay.connect(&self.patience, progress).await?
            }
        };
        self.left -= 1;
        let said = dialogue::send(&mut line, message, &self.patience, progress).await;
        match &said {
            Ok(Said::Kept(_)) => self.line = Some(line),
            Ok(Said::ResetNeeded(_)) => {
                if dialogue::reset(&mut line, &self.patience).await {
                    self.line = Some(line);
                }
            }
            Ok(Said::Closed(_)) | Err(_) => {}
        }
        Ok(said)
    }

    async fn take_leave(&mut self) {
        if let Some(mut line) = self.line.take() {
            // A server that does not say goodbye is no concern of ours.
            let _ = line.command(Quit, self.patience.quit).await;
        }
    }
}

#[async_trait]
impl Transport for Smtp {
    async fn send(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        progress.through(&self.relay.name());
        let first = self.attempt(message, progress).await?;
        let last = match first {
            Err(lost) if lost.worth_another_line() => self.attempt(message, progress).await?,
            first => first,
        };
        match last {
            Ok(Said::Kept(outcome) | Said::ResetNeeded(outcome) | Said::Closed(outcome)) => {
                Ok(outcome)
            }
            Err(Lost::Leaving(reply)) => Ok(Outcome::Deferred(reply)),
            Err(Lost::Withheld) => Err(TransportError::Withheld),
            Err(Lost::Line { stage: Stage::Body, reason }) => {
                let text = format!("the line broke in the middle of the message, twice: {reason}");
                Ok(Outcome::Deferred(Reply::new(None, text)))
            }
            Err(Lost::Line { stage, reason } | Lost::Unwelcome { stage, reason }) => {
                Err(self.relay.failed(stage, reason))
            }
        }
    }

    async fn close(&mut self) {
        self.take_leave().await;
    }
}
