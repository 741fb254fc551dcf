//! A transport as it is written in settings: a URL, then what else is to be
//! said about it, `weight=3 messages=100`; and several of them, between commas.
//!
//! The surprise: a folder's name may hold spaces and commas. So an option is
//! only what stands at the end and has a known name, and a comma only divides
//! where another transport begins after it.

use std::path::{Path, PathBuf};

use super::{SCHEMES, TransportError};

/// What may stand behind a URL. The one list that parsing and help read.
pub const OPTIONS: &[(&str, &str)] = &[
    (
        "weight",
        "how many messages this server gets for one of another with 1; 0: only when others fail",
    ),
    ("messages", "how many messages go over one connection"),
    ("secret", "a file whose first line is the password, token or key"),
    ("auth", "plain, login or xoauth2; without it, plain or login as the server offers"),
    ("tls", "required: STARTTLS on this machine too, where it is left out otherwise"),
    ("ca", "a PEM file of certificates that this server may be signed by"),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub url: String,
    pub weight: u32,
    pub messages: Option<u32>,
    pub secret: Option<PathBuf>,
    pub auth: Option<LoginBy>,
    /// STARTTLS on loopback too.
    pub encrypted: bool,
    pub ca: Option<PathBuf>,
}

/// How to log in (RFC 4616; `LOGIN`, never standardised; Google's XOAUTH2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginBy {
    Plain,
    Login,
    Xoauth2,
}

/// The transports in `text`, one at least.
pub fn all(text: &str, root: &Path) -> Result<Vec<Written>, TransportError> {
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(',') {
        match parts.last_mut() {
            Some(last) if !begins_a_transport(piece) => {
                last.push(',');
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts.iter().map(|part| one(part.trim(), root)).collect()
}

fn begins_a_transport(piece: &str) -> bool {
    let scheme = piece.trim_start().split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|name| SCHEMES.iter().any(|scheme| scheme.name.eq_ignore_ascii_case(name)))
}

fn one(text: &str, root: &Path) -> Result<Written, TransportError> {
    let mut url = text;
    let mut written = Written {
        url: String::new(),
        weight: 1,
        messages: None,
        secret: None,
        auth: None,
        encrypted: false,
        ca: None,
    };
    while let Some((before, word)) = url.rsplit_once(char::is_whitespace)
        && let Some((name, value)) = word.split_once('=')
        && OPTIONS.iter().any(|(option, _)| *option == name)
    {
        written.set(name, value, root).map_err(|reason| TransportError::address(before, reason))?;
        url = before.trim_end();
    }
    url.clone_into(&mut written.url);
    Ok(written)
}

impl Written {
    fn set(&mut self, name: &str, value: &str, root: &Path) -> Result<(), String> {
        let number =
            || value.parse::<u32>().map_err(|_| format!("`{name}={value}`: a number is needed"));
        let path = || (!value.is_empty()).then(|| root.join(value));
        match name {
            "weight" => self.weight = number()?,
            "messages" => self.messages = Some(number()?.max(1)),
            "secret" => self.secret = path(),
            "ca" => self.ca = path(),
            "tls" if value == "required" => self.encrypted = true,
            "tls" => return Err(format!("`tls={value}`: write tls=required, or nothing")),
            _ => self.auth = Some(LoginBy::read(value)?),
        }
        Ok(())
    }
}

impl LoginBy {
    fn read(value: &str) -> Result<Self, String> {
        match value.to_ascii_lowercase().as_str() {
            "plain" => Ok(Self::Plain),
            "login" => Ok(Self::Login),
            "xoauth2" => Ok(Self::Xoauth2),
            _ => Err(format!("`auth={value}`: write plain, login or xoauth2")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Written>, String> {
        all(text, Path::new("/desk")).map_err(|error| error.to_string())
    }

    fn plain(url: &str) -> Written {
        one(url, Path::new("/desk")).expect("no option is wrong")
    }

    #[test]
    fn several_transports_stand_between_commas_with_what_is_said_of_each() {
        let found = read(
            "smtps://desk@a.example.org weight=3 messages=100, \
             smtps://desk@b.example.org secret=var/b auth=XOAUTH2 ca=/etc/b.pem",
        );
        let a = Written { weight: 3, messages: Some(100), ..plain("smtps://desk@a.example.org") };
        let b = Written {
            secret: Some("/desk/var/b".into()),
            auth: Some(LoginBy::Xoauth2),
            ca: Some("/etc/b.pem".into()),
            ..plain("smtps://desk@b.example.org")
        };
        assert_eq!(found, Ok(vec![a, b]));
    }

    #[test]
    fn a_folder_may_have_spaces_and_commas() {
        for url in ["file:var/outbox", "file:Moje pošta, odeslaná", "file:a=b c=d"] {
            assert_eq!(read(url), Ok(vec![plain(url)]));
            assert_eq!(plain(url).url, url);
        }
    }

    #[test]
    fn an_option_that_makes_no_sense_is_an_error() {
        for (text, told) in [
            ("smtp://h weight=much", "`weight=much`: a number is needed"),
            ("smtp://h tls=no", "`tls=no`: write tls=required, or nothing"),
            ("smtp://h auth=cram-md5", "`auth=cram-md5`: write plain, login or xoauth2"),
        ] {
            assert_eq!(read(text), Err(format!("`smtp://h` is no transport: {told}")));
        }
    }
}
