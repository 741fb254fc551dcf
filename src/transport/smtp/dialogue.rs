//! One message on an open line: MAIL, RCPT, DATA, body, dot; and what a
//! failure at each of them means.
//!
//! Where the server offers PIPELINING the first three go out together (RFC
//! 2920 section 3.1): one round trip less, twice. The surprise comes with it:
//! DATA may be answered with *go on* although the recipient was refused just
//! before. Then a lone dot ends a message to nobody.

use std::borrow::Cow;

use lettre::transport::smtp::commands::{Data, Rset};
use memchr::memmem;

use super::super::Progress;
use super::super::replies::{self, Kind};
use super::Patience;
use super::envelope::Envelope;
use super::line::{self, Broken, Line};
use crate::model::{Message, Outcome, Reply, Stage};

/// An answer, and the state of the line after it.
#[derive(Debug)]
pub enum Said {
    Kept(Outcome),
    /// The server still holds the transaction it refused.
    ResetNeeded(Outcome),
    Closed(Outcome),
}

/// No answer, and the message is not whole over there.
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
    /// We were told to keep the last bytes back.
    Withheld,
}

impl Lost {
    /// An idle line may have been dropped, or be dropped by 421 now.
    pub fn worth_another_line(&self) -> bool {
        match self {
            Self::Line { .. } | Self::Leaving(_) => true,
            Self::Unwelcome { .. } | Self::Withheld => false,
        }
    }
}

pub async fn send(
    line: &mut Line,
    message: &Message,
    patience: &Patience,
    progress: &mut dyn Progress,
) -> Result<Said, Lost> {
    let envelope = match Envelope::of(message, &line.offers) {
        Ok(envelope) => envelope,
        Err(refused) => return Ok(Said::Kept(refused)),
    };
    let refused = if line.offers.pipelining {
        envelope.at_once(line, patience, progress).await?
    } else {
        envelope.one_by_one(line, patience, progress).await?
    };
    match refused {
        Some(said) => Ok(said),
        None => body(line, message, patience, progress).await,
    }
}

impl Envelope {
    /// `None` when the server waits for the body.
    async fn one_by_one(
        &self,
        line: &mut Line,
        patience: &Patience,
        progress: &mut dyn Progress,
    ) -> Result<Option<Said>, Lost> {
        progress.reached(Stage::Mail);
        let said = line.command(self.mail(), patience.command).await;
        if let Answer::No(outcome) = answer(Stage::Mail, said)? {
            return Ok(Some(Said::ResetNeeded(outcome)));
        }
        progress.reached(Stage::Rcpt);
        let said = line.command(self.rcpt(), patience.command).await;
        if let Answer::No(outcome) = answer(Stage::Rcpt, said)? {
            return Ok(Some(Said::ResetNeeded(outcome)));
        }
        progress.reached(Stage::Data);
        let said = line.command(Data, patience.data).await;
        match go_on(answer(Stage::Data, said)?)? {
            Answer::Yes(_) => Ok(None),
            Answer::No(outcome) => Ok(Some(Said::ResetNeeded(outcome))),
        }
    }

    async fn at_once(
        &self,
        line: &mut Line,
        patience: &Patience,
        progress: &mut dyn Progress,
    ) -> Result<Option<Said>, Lost> {
        progress.reached(Stage::Mail);
        let together = format!("{}{}{Data}", self.mail(), self.rcpt());
        line.write(together.as_bytes(), patience.command)
            .await
            .map_err(|broken| Lost::Line { stage: Stage::Mail, reason: broken.reason() })?;
        let mail = answer(Stage::Mail, line.hear(patience.command).await)?;
        // Whoever hangs up after a refusal has refused all the same.
        let mut refused = match mail {
            Answer::Yes(_) => None,
            Answer::No(outcome) => Some((Stage::Mail, outcome)),
        };
        for stage in [Stage::Rcpt, Stage::Data] {
            if refused.is_none() {
                progress.reached(stage);
            }
            let wait = if stage == Stage::Data { patience.data } else { patience.command };
            let heard = answer(stage, line.hear(wait).await);
            let heard = if stage == Stage::Data { heard.and_then(go_on) } else { heard };
            match (heard, refused.take()) {
                (Err(_), Some((_, outcome))) => return Ok(Some(Said::Closed(outcome))),
                (Err(lost), None) => return Err(lost),
                (Ok(Answer::Yes(_)), Some((_, outcome))) if stage == Stage::Data => {
                    return Ok(Some(message_to_nobody(line, patience, outcome).await));
                }
                (Ok(Answer::No(outcome)), None) => refused = Some((stage, outcome)),
                (Ok(_), first) => refused = first,
            }
        }
        Ok(refused.map(|(_, outcome)| Said::ResetNeeded(outcome)))
    }
}

/// Whoever answers DATA with 250 would read our body as commands.
fn go_on(answer: Answer) -> Result<Answer, Lost> {
    match answer {
        Answer::Yes(said) if said.code != 354 => {
            let reason = format!("an answer that is none: {}", said.reply());
            Err(Lost::Line { stage: Stage::Data, reason })
        }
        answer => Ok(answer),
    }
}

async fn message_to_nobody(line: &mut Line, patience: &Patience, outcome: Outcome) -> Said {
    match line.command(".\r\n", patience.body).await {
        Ok(said) if said.code != 421 => Said::Kept(outcome),
        Ok(_) | Err(_) => Said::Closed(outcome),
    }
}

/// The message, then what makes it whole. Until the dot nothing can arrive
/// (RFC 5321 section 4.1.1.4); from there on it may, whatever we get to hear.
async fn body(
    line: &mut Line,
    message: &Message,
    patience: &Patience,
    progress: &mut dyn Progress,
) -> Result<Said, Lost> {
    progress.reached(Stage::Body);
    if let Err(broken) = line.write(&stuffed(&message.bytes), patience.body).await {
        return interrupted(line, patience, broken).await;
    }
    progress.handing_over().await.map_err(|_| Lost::Withheld)?;
    let end: &[u8] = if message.bytes.ends_with(b"\r\n") { b".\r\n" } else { b"\r\n.\r\n" };
    progress.reached(Stage::Reply);
    let said = match line.write(end, patience.body).await {
        Ok(()) => line.hear(patience.body).await,
        Err(broken) => Err(broken),
    };
    let unsure = |reason: String| Ok(Said::Closed(Outcome::Unsure(Reply::new(None, reason))));
    match said {
        Ok(said) => match said.code {
            200..300 => Ok(Said::Kept(Outcome::Accepted(said.reply()))),
            421 => Ok(Said::Closed(Outcome::Deferred(said.reply()))),
            400.. => Ok(Said::Kept(outcome(Stage::Reply, said.code, said.reply()))),
            _ => unsure(format!("an answer that is none: {}", said.reply())),
        },
        Err(broken) => {
            unsure(format!("the line was lost after the message went out: {}", broken.reason()))
        }
    }
}

/// A server that had enough in the middle of a message may have said why
/// before it hung up.
async fn interrupted(line: &mut Line, patience: &Patience, broken: Broken) -> Result<Said, Lost> {
    match line.hear(patience.quit).await {
        Ok(said) if said.code >= 400 => {
            Ok(Said::Closed(outcome(Stage::Body, said.code, said.reply())))
        }
        _ => Err(Lost::Line { stage: Stage::Body, reason: broken.reason() }),
    }
}

/// A dot at the head of a line is doubled (RFC 5321 section 4.5.2).
fn stuffed(bytes: &[u8]) -> Cow<'_, [u8]> {
    let heads = memmem::find_iter(bytes, b"\r\n.").map(|at| at + 2);
    let mut dots = bytes.starts_with(b".").then_some(0).into_iter().chain(heads).peekable();
    if dots.peek().is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut from = 0;
    for dot in dots {
        out.extend_from_slice(&bytes[from..dot]);
        out.push(b'.');
        from = dot;
    }
    out.extend_from_slice(&bytes[from..]);
    Cow::Owned(out)
}

/// Forgets a refused transaction (RFC 5321 section 4.1.1.5), so that the line
/// can be used again. False where it cannot.
pub async fn reset(line: &mut Line, patience: &Patience) -> bool {
    line.command(Rset, patience.command).await.is_ok_and(|said| said.is_yes())
}

enum Answer {
    Yes(line::Said),
    No(Outcome),
}

fn answer(stage: Stage, said: Result<line::Said, Broken>) -> Result<Answer, Lost> {
    let said = match said {
        Ok(said) => said,
        Err(Broken::Lost(reason)) => return Err(Lost::Line { stage, reason }),
        Err(broken @ Broken::Unreadable(_)) => {
            return Err(Lost::Leaving(Reply::new(None, broken.reason())));
        }
    };
    if said.is_yes() {
        return Ok(Answer::Yes(said));
    }
    let reply = said.reply();
    match said.code {
        421 => Err(Lost::Leaving(reply)),
        // A sender that is refused for good would be refused for every reader.
        530 => Err(Lost::Unwelcome { stage: Stage::Auth, reason: reply.to_string() }),
        500.. if stage == Stage::Mail && is_ours(stage, &reply) => {
            Err(Lost::Unwelcome { stage, reason: reply.to_string() })
        }
        _ => Ok(Answer::No(outcome(stage, said.code, reply))),
    }
}

fn is_ours(stage: Stage, reply: &Reply) -> bool {
    replies::of(stage, reply).is_some_and(|verdict| verdict.kind == Kind::Ours)
}

/// What a reply of 4xx or 5xx means, by the table.
fn outcome(stage: Stage, code: u16, reply: Reply) -> Outcome {
    let is_of_now = code < 500;
    match replies::smtp(stage, code, &reply.text).kind {
        Kind::Deferred => Outcome::Deferred(reply),
        Kind::Accepted | Kind::Ours if is_of_now => Outcome::Deferred(reply),
        Kind::Accepted | Kind::Refused | Kind::Ours => Outcome::Refused(reply),
        Kind::Unsure => Outcome::Unsure(reply),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As a server undoes it (RFC 5321 section 4.5.2), line by line.
    fn undone(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut at_head = true;
        for (index, byte) in bytes.iter().enumerate() {
            if !(at_head && *byte == b'.') {
                out.push(*byte);
            }
            at_head = *byte == b'\n' && index > 0 && bytes[index - 1] == b'\r';
        }
        out
    }

    #[test]
    fn only_a_dot_at_the_head_of_a_line_is_doubled() {
        for (plain, doubled) in [
            ("a\r\nb.\r\n", "a\r\nb.\r\n"),
            (".\r\n", "..\r\n"),
            (".a\r\n.\r\n..b\r\n", "..a\r\n..\r\n...b\r\n"),
            ("a\r\n.b\r\n", "a\r\n..b\r\n"),
        ] {
            assert_eq!(stuffed(plain.as_bytes()), doubled.as_bytes());
        }
        assert!(matches!(stuffed(b"no dot"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn no_message_ends_before_its_end_and_every_one_arrives_as_it_was(
            lines in prop::collection::vec("[.a]{0,4}", 0..8)
        ) {
            let message = format!("{}\r\n", lines.join("\r\n"));
            let sent = stuffed(message.as_bytes());
            prop_assert_eq!(undone(&sent), message.as_bytes());
            prop_assert!(memmem::find(&sent, b"\r\n.\r\n").is_none() && !sent.starts_with(b".\r\n"));
        }
    }
}
