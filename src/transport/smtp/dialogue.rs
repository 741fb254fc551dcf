//! One message on an open line: MAIL, RCPT, DATA, body; and what a failure at
//! each of them means.

use std::error::Error as _;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::time::timeout;

use super::super::Stage;
use super::Patience;
use crate::model::{Message, Outcome, Reply};

/// An answer, and the state of the line after it.
#[derive(Debug)]
pub enum Said {
    Kept(Outcome),
    /// The server still holds the transaction it refused.
    ResetNeeded(Outcome),
    Closed(Outcome),
}

/// No answer, and no byte of the body out.
#[derive(Debug)]
pub enum Lost {
    Line {
        stage: Stage,
        reason: String,
    },
    /// 421: the server closes the line (RFC 5321 section 3.8). So do we when an
    /// answer cannot be read: where the next one begins is anybody's guess.
    Leaving(Reply),
    /// Said of us, not of the recipient.
    Unwelcome {
        stage: Stage,
        reason: String,
    },
}

impl Lost {
    /// An idle line may have been dropped, or be dropped by 421 now.
    pub fn worth_another_line(&self) -> bool {
        match self {
            Self::Line { .. } | Self::Leaving(_) => true,
            Self::Unwelcome { .. } => false,
        }
    }
}

pub async fn send(
    line: &mut AsyncSmtpConnection,
    message: &Message,
    patience: &Patience,
) -> Result<Said, Lost> {
    let parameters = match parameters(line, message) {
        Ok(parameters) => parameters,
        Err(refused) => return Ok(Said::Kept(refused)),
    };
    // With a parameter that only some messages need, a 5xx may be about it.
    let of_us = parameters.is_empty();
    let mail = Mail::new(Some(message.sender.clone()), parameters);
    match answer(Stage::Mail, patience.command, line.command(mail)).await? {
        Answer::Yes(_) => {}
        Answer::No(Outcome::Refused(reply)) if of_us => {
            return Err(Lost::Unwelcome { stage: Stage::Mail, reason: spoken(&reply) });
        }
        Answer::No(outcome) => return Ok(Said::ResetNeeded(outcome)),
    }

    let rcpt = Rcpt::new(message.recipient.clone(), Vec::new());
    if let Answer::No(outcome) = answer(Stage::Rcpt, patience.command, line.command(rcpt)).await? {
        return Ok(Said::ResetNeeded(outcome));
    }

    match answer(Stage::Data, patience.data, line.command(Data)).await? {
        Answer::Yes(response) if response.has_code(354) => {}
        Answer::Yes(response) => {
            // Whoever answers DATA with 250 would read our body as commands.
            let reason = format!("an answer that is none: {}", spoken(&reply_of(&response)));
            return Err(Lost::Line { stage: Stage::Data, reason });
        }
        Answer::No(outcome) => return Ok(Said::ResetNeeded(outcome)),
    }
    Ok(body(line, message, patience).await)
}

/// From here on the message may arrive, whatever we get to hear.
async fn body(line: &mut AsyncSmtpConnection, message: &Message, patience: &Patience) -> Said {
    // lettre ends the body with CRLF of its own before the dot.
    let bytes = message.bytes.strip_suffix(b"\r\n").unwrap_or(&message.bytes);
    let unsure = |reason: String| Said::Closed(Outcome::Unsure(Reply::new(None, reason)));
    match timeout(patience.body, line.message(bytes)).await {
        Err(_) => unsure("no answer to the message in time".to_owned()),
        Ok(Ok(response)) if response.code().severity == Severity::PositiveCompletion => {
            Said::Kept(Outcome::Accepted(reply_of(&response)))
        }
        Ok(Ok(response)) => unsure(format!("an answer that is none: {}", reply_of(&response).text)),
        Ok(Err(error)) => match refusal(&error) {
            Some(outcome) if outcome.reply().code == Some(421) => Said::Closed(outcome),
            Some(outcome) => Said::Kept(outcome),
            None => unsure(format!(
                "the line was lost while the message went out, or after: {}",
                reason(&error)
            )),
        },
    }
}

/// Forgets a refused transaction (RFC 5321 section 4.1.1.5), so that the line
/// can be used again. False where it cannot.
pub async fn reset(line: &mut AsyncSmtpConnection, patience: &Patience) -> bool {
    matches!(timeout(patience.command, line.command(Rset)).await, Ok(Ok(_)))
}

/// What MAIL must ask for. Our bytes are ASCII unless an address is not: then
/// the server must know SMTPUTF8 (RFC 6531 section 3.1), or this recipient
/// cannot be written to through it.
fn parameters(
    line: &AsyncSmtpConnection,
    message: &Message,
) -> Result<Vec<MailParameter>, Outcome> {
    let addresses: [&str; 2] = [message.sender.as_ref(), message.recipient.as_ref()];
    let needed = [
        (
            !addresses.iter().all(|address| address.is_ascii()),
            Extension::SmtpUtfEight,
            MailParameter::SmtpUtfEight,
        ),
        (
            !message.bytes.is_ascii(),
            Extension::EightBitMime,
            MailParameter::Body(MailBodyParameter::EightBitMime),
        ),
    ];
    let mut parameters = Vec::new();
    for (_, extension, parameter) in needed.into_iter().filter(|(needed, ..)| *needed) {
        if !line.server_info().supports_feature(extension) {
            let text = format!("the address needs {extension}, which the server does not offer");
            return Err(Outcome::Refused(Reply::new(None, text)));
        }
        parameters.push(parameter);
    }
    Ok(parameters)
}

enum Answer {
    Yes(Response),
    No(Outcome),
}

async fn answer(
    stage: Stage,
    wait: Duration,
    command: impl Future<Output = Result<Response, Error>>,
) -> Result<Answer, Lost> {
    let error = match timeout(wait, command).await {
        Ok(Ok(response)) => return Ok(Answer::Yes(response)),
        Ok(Err(error)) => error,
        Err(_) => return Err(Lost::Line { stage, reason: "no answer in time".to_owned() }),
    };
    let Some(outcome) = refusal(&error) else {
        if is_unreadable(&error) {
            let text = format!("an answer that cannot be read: {}", reason(&error));
            return Err(Lost::Leaving(Reply::new(None, text)));
        }
        return Err(Lost::Line { stage, reason: reason(&error) });
    };
    let reply = outcome.reply();
    match reply.code {
        Some(421) => Err(Lost::Leaving(reply.clone())),
        Some(530) => Err(Lost::Unwelcome { stage: Stage::Auth, reason: spoken(reply) }),
        _ => Ok(Answer::No(outcome)),
    }
}

/// 4xx and 5xx, which lettre gives as errors; `None` when nothing was said.
fn refusal(error: &Error) -> Option<Outcome> {
    let code = error.status()?;
    let reply = Reply::new(Some(code.into()), text(error));
    Some(if error.is_transient() { Outcome::Deferred(reply) } else { Outcome::Refused(reply) })
}

/// Whether the server answered, but not in SMTP: not UTF-8, or no code. A line
/// that ended is no answer, though lettre calls that a response too.
fn is_unreadable(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let io = cause.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        source = cause.source();
    }
    error.is_response() && text(error) != "incomplete response"
}

fn reply_of(response: &Response) -> Reply {
    let text: Vec<_> = response.message().collect();
    Reply::new(Some(response.code().into()), text.join(" "))
}

fn spoken(reply: &Reply) -> String {
    match reply.code {
        Some(code) => format!("{code} {}", reply.text),
        None => reply.text.clone(),
    }
}

/// What went wrong, or what the server said with its code.
pub fn reason(error: &Error) -> String {
    refusal(error).map_or_else(|| text(error), |outcome| spoken(outcome.reply()))
}

/// An error without lettre's name for it; of a reply, all but the code.
fn text(error: &Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
