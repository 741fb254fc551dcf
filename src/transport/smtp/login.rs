//! As whom we log in, and how (RFC 4954).
//!
//! PLAIN (RFC 4616) before LOGIN, which no RFC describes; XOAUTH2, as Google
//! and Microsoft have it, only when it is asked for, since its secret is a token
//! and no password. The names and the words are lettre's.
//!
//! The surprise: XOAUTH2 says no with a challenge. Only after an empty answer to
//! it comes the reply that says 535.

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS, Mechanism};
use lettre::transport::smtp::commands::Auth;
use lettre::transport::smtp::response::Response;
use percent_encoding::percent_decode_str;

use super::super::Secret;
use super::super::written::LoginBy;
use super::Patience;
use super::line::{Line, Said};

/// No mechanism of ours asks for more.
const CHALLENGES: usize = 3;

#[derive(Debug, Clone)]
pub struct Account {
    pub user: String,
    secret: Secret,
    pub by: Option<LoginBy>,
}

impl Account {
    /// `user` as it stands in a URL. `None` for nobody: a password may stand in
    /// the environment for another transport.
    pub fn read(user: &str, secret: Option<Secret>) -> Result<Option<Self>, &'static str> {
        if user.is_empty() {
            return Ok(None);
        }
        let user = percent_decode_str(user).decode_utf8().map_err(|_| "the user is not UTF-8")?;
        let secret = secret.ok_or("it names a user, so HLAS_SMTP_PASSWORD must be set")?;
        Ok(Some(Self { user: user.into_owned(), secret, by: None }))
    }

    /// The reason, where it cannot be done.
    pub async fn log_in(&self, line: &mut Line, patience: &Patience) -> Result<(), String> {
        let mechanism = self.mechanism(&line.offers.auth)?;
        let credentials = Credentials::new(self.user.clone(), self.secret.reveal()?);
        let cannot = |error: lettre::transport::smtp::Error| error.to_string();
        let mut next = Auth::new(mechanism, credentials.clone(), None).map_err(cannot)?.to_string();
        for _ in 0..=CHALLENGES {
            let said = line.command(&next, patience.command).await.map_err(|it| it.reason())?;
            match said.code {
                200..300 => return Ok(()),
                334 if mechanism == Mechanism::Xoauth2 => "\r\n".clone_into(&mut next),
                334 => {
                    let answer =
                        Auth::new_from_response(mechanism, credentials.clone(), &challenge(&said)?);
                    next = answer.map_err(cannot)?.to_string();
                }
                _ => return Err(said.reply().to_string()),
            }
        }
        Err("it asks and asks".to_owned())
    }

    fn mechanism(&self, offered: &[String]) -> Result<Mechanism, String> {
        let wanted = match self.by {
            None => DEFAULT_MECHANISMS,
            Some(LoginBy::Plain) => &[Mechanism::Plain],
            Some(LoginBy::Login) => &[Mechanism::Login],
            Some(LoginBy::Xoauth2) => &[Mechanism::Xoauth2],
        };
        let is_offered = |ours: &&Mechanism| offered.contains(&ours.to_string());
        wanted.iter().find(is_offered).copied().ok_or_else(|| {
            let ours: Vec<_> = wanted.iter().map(ToString::to_string).collect();
            let (ours, theirs) = (ours.join(" or "), offered.join(" "));
            format!("it offers no {ours} to log in by, but: {theirs}")
        })
    }
}

fn challenge(said: &Said) -> Result<Response, String> {
    format!("334 {}\r\n", said.lines.join(""))
        .parse()
        .map_err(|_| "a challenge that cannot be read".to_owned())
}
