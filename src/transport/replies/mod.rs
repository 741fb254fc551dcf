//! What a reply means: a table that a person can read, and the search in it.
//!
//! A reply has a basic code (RFC 5321 section 4.2), often an enhanced status
//! code (RFC 3463), and a sentence. Servers do not agree on any of the three:
//! a full mailbox is 452 4.2.2 here and 552 5.1.1 there. So each row of a table
//! states as much of the three as it needs, and *the most specific row wins*:
//! one that knows the sentence before one that knows the enhanced code, before
//! one that knows the basic code, before one that only knows the stage. Every
//! table ends in rows that match whatever is left.
//!
//! The tables are [`smtp`], [`http`] (a provider's answers) and [`sysexits`]
//! (how a local `sendmail` ends). `docs/replies.md` is printed from them.
//!
//! The surprise is [`Kind::Ours`]: what is said of *us* (log in first, relaying
//! denied, your network is on our block list) would be said of every reader in
//! turn, so nobody is written off for it, whatever the first digit was.

mod http;
mod listing;
mod row;
mod smtp;
mod status;
mod sysexits;
mod wait;

use crate::model::{Reply, Stage};
use row::Heard;

pub use listing::listing;
pub use status::status;
pub use wait::wait;

/// What came of a message, by what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Accepted,
    /// Not now.
    Deferred,
    /// Not to this recipient, however often it is tried.
    Refused,
    /// It may have gone out, or not.
    Unsure,
    /// Said of us or of what we send, not of the recipient: nobody is written
    /// off, and the mailing stops until a person has looked.
    Ours,
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    Never,
    /// In minutes: greylisting, a hiccup.
    Soon,
    /// As long as it usually takes, growing with each try.
    Usual,
    /// Not before hours: a rate limit, a full mailbox.
    Later,
}

/// A judgement, and the reason in words for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub kind: Kind,
    pub again: Again,
    /// The address will never work: write to it no more, from any mailing.
    pub suppress: bool,
    /// Send more slowly to this recipient's domain.
    pub slow: bool,
    pub reason: &'static str,
}

impl Verdict {
    const fn new(kind: Kind, again: Again, reason: &'static str) -> Self {
        Self { kind, again, suppress: false, slow: false, reason }
    }

    const fn accepted(reason: &'static str) -> Self {
        Self::new(Kind::Accepted, Again::Never, reason)
    }

    const fn deferred(again: Again, reason: &'static str) -> Self {
        Self::new(Kind::Deferred, again, reason)
    }

    const fn refused(reason: &'static str) -> Self {
        Self::new(Kind::Refused, Again::Never, reason)
    }

    const fn unsure(reason: &'static str) -> Self {
        Self::new(Kind::Unsure, Again::Never, reason)
    }

    const fn ours(reason: &'static str) -> Self {
        Self::new(Kind::Ours, Again::Never, reason)
    }

    const fn suppressing(mut self) -> Self {
        self.suppress = true;
        self
    }

    const fn slowing(mut self) -> Self {
        self.slow = true;
        self
    }
}

/// What `code` and `text` mean, as the answer of a mail server at `stage`.
///
/// `text` is all that was said after the code; of several lines, joined.
pub fn smtp(stage: Stage, code: u16, text: &str) -> &'static Verdict {
    smtp::TABLE.verdict(&Heard::of_server(stage, code, text))
}

/// What `reply` means at `stage`; `None` where no mail server said it.
pub fn of(stage: Stage, reply: &Reply) -> Option<&'static Verdict> {
    reply.code.map(|code| smtp(stage, code, &reply.text))
}

/// What a provider's HTTP `status` and the `text` of its answer mean.
pub fn http(status: u16, text: &str) -> &'static Verdict {
    http::TABLE.verdict(&Heard::of_program(status, text))
}

/// What the end of a local `sendmail` means: its exit `code` (sysexits.h) and
/// what it wrote to its standard error.
pub fn sysexits(code: u16, text: &str) -> &'static Verdict {
    sysexits::TABLE.verdict(&Heard::of_program(code, text))
}

#[cfg(test)]
mod tests;
