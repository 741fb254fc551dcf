//! Hands one message over and says what came of it.
//!
//! A transport sees a [`Message`] and nothing else: no publication, no
//! subscriber, no ledger. What it must get right is the difference between
//! *nothing arrived* (an error: the message may be tried again at once) and
//! *something may have* (an [`Outcome`], at worst [`Outcome::Unsure`]). The
//! moment between the two is told to a [`Progress`] before it comes.

mod envelope;
mod file;
mod keys;
mod mailgun;
pub mod memory;
mod relays;
pub mod replies;
#[cfg(unix)]
mod sendmail;
pub mod smtp;
mod written;

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::model::{Message, Outcome, Stage};

pub use crate::secret::Secret;
pub use envelope::{EnvelopeAddress, NoEnvelopeAddress};
pub use file::Folder;
pub use keys::Keys;
pub use mailgun::Mailgun;
pub use relays::{Relays, Turns};
use replies::Verdict;
#[cfg(unix)]
pub use sendmail::Sendmail;
pub use smtp::{Patience, Smtp};
pub use written::OPTIONS;
use written::Written;

#[async_trait]
pub trait Transport: Send {
    /// Hands `message` over, and lets `progress` know how far it has come. An
    /// error means that nothing arrived, and that the next message would fare
    /// no better.
    ///
    /// Whatever the transport, this holds: [`Progress::handing_over`] is
    /// awaited once all is ready, immediately before the bytes (the rename,
    /// the request) that can make the message arrive; and where it says no,
    /// they are never sent and [`TransportError::Withheld`] is the answer.
    async fn send(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError>;

    /// Takes leave, politely where that is possible.
    async fn close(&mut self);
}

/// Who is told, by a transport, how far one message has come.
#[async_trait]
pub trait Progress: Send {
    /// The message goes through `server` (a host, a folder): told before any
    /// stage is reached, and again when another server has to do.
    fn through(&mut self, _server: &str) {}

    /// What follows belongs to `stage`. A second try on a new line begins at
    /// an earlier one again.
    fn reached(&mut self, _stage: Stage) {}

    /// What the answer means where nobody else could say: a mail server's reply
    /// has a code, and [`replies::of`] judges it; a provider's or a program's
    /// answer is judged by who heard it.
    fn judged(&mut self, _verdict: &'static Verdict) {}

    /// Returns once it is written down, durably, that the message may have
    /// arrived; or says that it must not go out.
    async fn handing_over(&mut self) -> Result<(), Withheld>;
}

/// The message must not be made whole: its row is no longer ours, or could not
/// be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld;

/// Progress of a message that no ledger knows of.
pub struct Unrecorded;

#[async_trait]
impl Progress for Unrecorded {
    async fn handing_over(&mut self) -> Result<(), Withheld> {
        Ok(())
    }
}

/// One way out of the house. [`SCHEMES`] is the list that opening, help and
/// messages read; another transport is another file and another line there.
pub struct Scheme {
    pub name: &'static str,
    /// As it is written in settings.
    pub form: &'static str,
    pub about: &'static str,
    open: Open,
}

type Open = fn(&Written, &Path, &Keys) -> Result<Box<dyn Transport>, TransportError>;

const SMTP: Open =
    |written, _, keys| Ok(Box::new(Smtp::as_written(written, keys, Patience::default())?));

pub const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "file",
        form: "file:FOLDER",
        about: "writes each message as an .eml file",
        open: |written, root, _| Ok(Box::new(Folder::open(&written.url, root)?)),
    },
    Scheme {
        name: "smtp",
        form: "smtp://[USER@]HOST[:PORT]",
        about: "mails through a server; off this machine only with STARTTLS",
        open: SMTP,
    },
    Scheme {
        name: "smtps",
        form: "smtps://[USER@]HOST[:PORT]",
        about: "mails through a server, in TLS from the first byte",
        open: SMTP,
    },
    #[cfg(unix)]
    Scheme {
        name: "sendmail",
        form: "sendmail:[PROGRAM]",
        about: "hands each message to the mail server of this machine",
        open: |written, root, _| Ok(Box::new(Sendmail::open(&written.url, root))),
    },
    Scheme {
        name: "mailgun",
        form: "mailgun:https://HOST/v3/DOMAIN",
        about: "mails through Mailgun's HTTP API",
        open: |written, _, keys| {
            let own = written.secret.clone().map(Secret::in_file);
            Ok(Box::new(Mailgun::open(&written.url, own.or_else(|| keys.provider_key.clone()))?))
        },
    },
];

/// Opens what is `written`: a transport, or several with their shares between
/// commas (see [`OPTIONS`]). Relative paths are below `root`; nothing is
/// connected before the first message.
pub fn open(
    written: &str,
    root: &Path,
    keys: impl Into<Keys>,
) -> Result<Box<dyn Transport>, TransportError> {
    let mut one = open_lanes(written, root, keys, 1)?;
    one.pop().ok_or_else(|| TransportError::address(written, "it is empty"))
}

/// The same `count` times, for as many messages at once. Of several servers
/// they all know which one is down.
pub fn open_lanes(
    written: &str,
    root: &Path,
    keys: impl Into<Keys>,
    count: usize,
) -> Result<Vec<Box<dyn Transport>>, TransportError> {
    let keys = keys.into();
    let all = written::all(written, root)?;
    let turns = Turns::of(all.iter().map(|one| one.weight));
    let lane = |_| {
        let opened = all.iter().map(|one| open_one(one, root, &keys));
        let mut opened = opened.collect::<Result<Vec<_>, _>>()?;
        match opened.pop() {
            Some(only) if opened.is_empty() => Ok(only),
            last => {
                opened.extend(last);
                Ok(Box::new(Relays::new(opened, turns.clone())) as Box<dyn Transport>)
            }
        }
    };
    (0..count).map(lane).collect()
}

fn open_one(
    written: &Written,
    root: &Path,
    keys: &Keys,
) -> Result<Box<dyn Transport>, TransportError> {
    let url = &written.url;
    let name = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match SCHEMES.iter().find(|scheme| Some(scheme.name) == name.as_deref()) {
        Some(scheme) => (scheme.open)(written, root, keys),
        None => {
            let forms: Vec<_> = SCHEMES.iter().map(|scheme| scheme.form).collect();
            Err(TransportError::address(url, format!("write it as {}", forms.join(" or "))))
        }
    }
}

/// Why nothing arrived.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("`{url}` is no transport: {reason}")]
    Address { url: String, reason: String },

    #[error("the outbox {} cannot be written: {source}", path.display())]
    Outbox { path: PathBuf, source: std::io::Error },

    /// The server cannot be reached, or broke off before a message went out.
    #[error("the mail server {server} failed while {}: {reason}", stage.doing())]
    Server { server: String, stage: Stage, reason: String },

    /// [`Progress::handing_over`] said no.
    #[error("the message was kept back at the last moment")]
    Withheld,
}

impl TransportError {
    fn address(url: &str, reason: impl Into<String>) -> Self {
        Self::Address { url: shown(url), reason: reason.into() }
    }

    /// The way out, where there is a usual one.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Address { .. } | Self::Withheld => None,
            Self::Outbox { .. } => Some("make room, or make the folder writable"),
            Self::Server { stage: Stage::Connect, .. } => {
                Some("see that the server runs and the name and port are right; nobody is lost")
            }
            Self::Server { stage: Stage::Tls, .. } => {
                Some("use `smtps://`, or a server that offers STARTTLS with a valid certificate")
            }
            Self::Server { stage: Stage::Auth, .. } => {
                Some("see the user in the transport's URL and the password in HLAS_SMTP_PASSWORD")
            }
            Self::Server { stage: Stage::Mail, .. } => {
                Some("see that this server may send for the envelope sender in hlas.toml")
            }
            Self::Server { .. } => Some("run again later; nobody is lost"),
        }
    }
}

/// What is written, as it may be shown: whoever wrote a password into a URL
/// against advice does not see it on a screen or in a log.
pub fn shown(written: &str) -> String {
    let one = |url: &str| match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    };
    written.split(", ").map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str) -> String {
        let password = Some(Secret::new("hunter2"));
        open(url, Path::new("/desk"), password).err().expect("no transport").to_string()
    }

    #[test]
    fn an_unknown_scheme_is_answered_with_the_known_ones() {
        assert_eq!(
            told("pigeon:loft"),
            "`pigeon:loft` is no transport: write it as file:FOLDER \
             or smtp://[USER@]HOST[:PORT] or smtps://[USER@]HOST[:PORT] \
             or sendmail:[PROGRAM] or mailgun:https://HOST/v3/DOMAIN"
        );
    }

    #[test]
    fn a_password_in_the_url_is_an_error_that_does_not_repeat_it() {
        let message = told("smtp://desk:hunter2@mail.example.org");
        assert!(message.contains("HLAS_SMTP_PASSWORD"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        let message = told("smtp://desk:hunt@er2@mail.example.org:x");
        assert!(!message.contains("hunt"), "{message}");
    }

    #[test]
    fn what_is_shown_of_several_is_all_but_their_users() {
        assert_eq!(
            shown("smtps://desk:hunter2@a.example.org weight=3, file:var/outbox"),
            "smtps://…@a.example.org weight=3, file:var/outbox"
        );
    }
}
