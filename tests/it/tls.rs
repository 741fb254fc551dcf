//! Encrypted lines and logins, against a server that has both.

use std::path::Path;

use hlas::model::{Message, Outcome};
use hlas::transport::{self, Keys, Secret, Transport, Unrecorded};

use crate::desk::{Desk, due};
use crate::tls_server::{Begins, FRIENDLY, Manner, TlsServer};

const LOGS_IN_LATER: Manner = Manner { begins: Begins::Plain, ..FRIENDLY };

fn message(n: usize) -> Message {
    Message {
        id: format!("{n}@example.org"),
        sender: "bounces@example.org".parse().expect("an address"),
        recipient: format!("r{n}@example.org").parse().expect("an address"),
        bytes: b"Subject: x\r\n\r\ny\r\n".to_vec(),
    }
}

/// A folder with a server's authority in it, the server, and keys.
struct Story {
    folder: tempfile::TempDir,
    server: TlsServer,
    keys: Keys,
}

impl Story {
    fn with(manner: Manner) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = TlsServer::start(folder.path(), manner);
        let keys = Keys {
            smtp_password: Some(Secret::new("tajné heslo")),
            smtp_ca: Some(server.ca().to_owned()),
            provider_key: None,
        };
        Self { folder, server, keys }
    }

    fn transport(&self, written: &str) -> Box<dyn Transport> {
        let written = written.replace("PORT", &self.server.port().to_string());
        transport::open(&written, self.folder.path(), self.keys.clone()).expect("a transport")
    }

    async fn send(&self, written: &str) -> Result<(), String> {
        self.send_many(written, 1).await
    }

    async fn send_many(&self, written: &str, count: usize) -> Result<(), String> {
        let mut transport = self.transport(written);
        for n in 0..count {
            let outcome = transport.send(&message(n), &mut Unrecorded).await;
            let outcome = outcome.map_err(|error| error.to_string())?;
            assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
        }
        transport.close().await;
        Ok(())
    }

    /// What the server was told, but for our name.
    fn told(&self) -> Vec<String> {
        let ehlo = |told: String| match told.split_once("EHLO ") {
            Some((mark, _)) => format!("{mark}EHLO"),
            None => told,
        };
        self.server.told().into_iter().map(ehlo).collect()
    }
}

const IN_TLS: &str = "smtps://desk@localhost:PORT";
const BY_STARTTLS: &str = "smtp://desk@localhost:PORT tls=required";

#[tokio::test]
async fn in_tls_from_the_first_byte_nothing_is_said_in_the_clear() {
    let story = Story::with(FRIENDLY);
    assert_eq!(story.send(IN_TLS).await, Ok(()));
    let expected = [
        "tls: EHLO",
        "tls: AUTH PLAIN AGRlc2sAdGFqbsOpIGhlc2xv",
        "tls: MAIL FROM:<bounces@example.org> SIZE=17",
        "tls: RCPT TO:<r0@example.org>",
        "tls: DATA",
        "tls: QUIT",
    ];
    assert_eq!(story.told(), expected);
}

#[tokio::test]
async fn with_starttls_only_the_wish_for_it_is_said_in_the_clear() {
    let story = Story::with(LOGS_IN_LATER);
    assert_eq!(story.send(BY_STARTTLS).await, Ok(()));
    let told = story.told();
    assert_eq!(told[..3], ["plain: EHLO", "plain: STARTTLS", "tls: EHLO"]);
    assert!(told[3..].iter().all(|told| told.starts_with("tls: ")), "{told:?}");
    assert!(told.contains(&"tls: MAIL FROM:<bounces@example.org> SIZE=17".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_certificate_that_does_not_hold_gets_no_password() {
    let elsewhere = Manner { named: "mail.example.org", ..FRIENDLY };
    let expired = Manner { expired: true, ..FRIENDLY };
    for (manner, url, told) in [
        (elsewhere, IN_TLS, "not valid for name \"localhost\""),
        (expired, IN_TLS, "expired"),
        (Manner { begins: Begins::Plain, ..elsewhere }, BY_STARTTLS, "not valid for name"),
    ] {
        let story = Story::with(manner);
        let error = story.send(url).await.expect_err("it must not hold");
        assert!(error.contains("turning to TLS") && error.contains(told), "{error}");
        assert_eq!(story.server.count("AUTH"), 0);
    }
    let mut unknown = Story::with(FRIENDLY);
    unknown.keys.smtp_ca = None;
    let error = unknown.send(IN_TLS).await.expect_err("nobody knows it");
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert_eq!(unknown.told(), [""; 0]);
    // Named for one server, it is as good as named for all.
    let ca = unknown.server.ca().file_name().expect("a name").to_string_lossy().into_owned();
    assert_eq!(unknown.send(&format!("{IN_TLS} ca={ca}")).await, Ok(()));
}

#[tokio::test]
async fn a_server_that_puts_tls_off_gets_no_mail() {
    let story = Story::with(Manner { starttls: "454 4.7.0 not now", ..LOGS_IN_LATER });
    let error = story.send(BY_STARTTLS).await.expect_err("no TLS");
    assert!(error.ends_with("failed while turning to TLS: 454 4.7.0 not now"), "{error}");
    // Somebody on the line slips commands in, to be heard as if in TLS.
    let story =
        Story::with(Manner { starttls: "220 go\r\n250-x\r\n250 AUTH PLAIN", ..LOGS_IN_LATER });
    let error = story.send(BY_STARTTLS).await.expect_err("something is wrong");
    assert!(error.contains("it said more before TLS began"), "{error}");
    assert_eq!(story.server.count("AUTH"), 0);
}

#[tokio::test]
async fn each_way_of_logging_in_is_spoken_as_servers_want_it() {
    // "Username:", "Password:", then user and password, all in base64.
    let by_login = Manner {
        auth: "LOGIN",
        login: &[
            ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
            ("ZGVzaw==", "334 UGFzc3dvcmQ6"),
            ("dGFqbsOpIGhlc2xv", "235 2.7.0 Welcome"),
        ],
        ..FRIENDLY
    };
    assert_eq!(Story::with(by_login).send(IN_TLS).await, Ok(()));

    let by_token = Manner {
        auth: "PLAIN XOAUTH2",
        // user=desk^Aauth=Bearer tajné heslo^A^A
        login: &[(
            "AUTH XOAUTH2 dXNlcj1kZXNrAWF1dGg9QmVhcmVyIHRham7DqSBoZXNsbwEB",
            "235 2.7.0 Welcome",
        )],
        ..FRIENDLY
    };
    let story = Story::with(by_token);
    assert_eq!(story.send(&format!("{IN_TLS} auth=xoauth2")).await, Ok(()));

    // A token that has run out: the reason is a challenge, the answer empty.
    let run_out = Manner {
        login: &[
            (
                "AUTH XOAUTH2 dXNlcj1kZXNrAWF1dGg9QmVhcmVyIHRham7DqSBoZXNsbwEB",
                "334 eyJzdGF0dXMiOiI0MDEifQ==",
            ),
            ("", "535 5.7.8 Username and Password not accepted"),
        ],
        ..by_token
    };
    let error = Story::with(run_out).send(&format!("{IN_TLS} auth=xoauth2")).await;
    let error = error.expect_err("the token has run out");
    let told = "failed while logging in: 535 5.7.8 Username and Password not accepted";
    assert!(error.ends_with(told), "{error}");
}

#[tokio::test]
async fn what_a_server_does_not_offer_is_not_tried() {
    let story = Story::with(Manner { auth: "GSSAPI NTLM", ..FRIENDLY });
    let error = story.send(IN_TLS).await.expect_err("no way in");
    let told = "it offers no PLAIN or LOGIN to log in by, but: GSSAPI NTLM";
    assert!(error.ends_with(told), "{error}");
    let story = Story::with(FRIENDLY);
    let error = story.send(&format!("{IN_TLS} auth=xoauth2")).await.expect_err("no tokens");
    assert!(error.contains("it offers no XOAUTH2"), "{error}");
    assert!(!error.contains("heslo"), "{error}");
}

#[tokio::test]
async fn a_line_carries_only_so_many_messages() {
    let story = Story::with(FRIENDLY);
    assert_eq!(story.send_many(&format!("{IN_TLS} messages=2"), 5).await, Ok(()));
    assert_eq!((story.server.count("EHLO"), story.server.count("QUIT")), (3, 3));
    assert_eq!(story.server.count("DATA"), 5);
}

#[tokio::test]
async fn a_token_in_a_file_is_read_anew_for_each_line() {
    let story = Story::with(FRIENDLY);
    let token = story.folder.path().join("token");
    std::fs::write(&token, "old\n").expect("written");
    let written = format!("{IN_TLS} messages=1 secret=token");
    let mut transport = story.transport(&written);
    let error = transport.send(&message(0), &mut Unrecorded).await.expect_err("the old one");
    assert!(error.to_string().contains("535"), "{error}");
    std::fs::write(&token, "tajné heslo\n").expect("written");
    transport.send(&message(1), &mut Unrecorded).await.expect("the new one");
}

#[test]
fn the_whole_program_mails_through_a_relay_of_the_house() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = TlsServer::start(folder.path(), FRIENDLY);
    let secret = folder.path().join("password");
    std::fs::write(&secret, "tajné heslo\n").expect("written");
    let path = |path: &Path| path.display().to_string();
    let desk = Desk::small()
        .publication("2020-01-06-povoleni", &due("Povolení"))
        .mailing_through(&format!("smtps://desk@localhost:{}", server.port()))
        .knowing("HLAS_SMTP_CA", &path(server.ca()))
        .knowing("HLAS_SMTP_PASSWORD_FILE", &path(&secret));
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(server.count("DATA"), 2);
    let lines = server.count("EHLO");
    assert!(lines > 0 && server.count("AUTH PLAIN") == lines, "each line logs in, once");
}

#[test]
fn a_certificate_file_that_holds_none_is_a_wrong_setting() {
    let desk =
        Desk::small().mailing_through("smtps://localhost").knowing("HLAS_SMTP_CA", "hlas.toml");
    let said = desk.hlas(["run"]).ends_with(3);
    assert!(said.err.contains("hlas.toml: there is no certificate in it"), "{}", said.err);
}
