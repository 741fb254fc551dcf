//! A scripted `sendmail` that does what the story wants.

use tempfile::TempDir;

use super::super::{Unrecorded, Withheld};
use super::*;

/// A folder with a program in it that runs `script`.
///
/// Written by a process of its own: were it open for writing in this one, a test
/// beside us that starts a program just then would hand that on to it for a
/// moment, and the kernel starts nothing that somebody may write to (ETXTBSY).
fn house(script: &str) -> (TempDir, Sendmail) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("#!/bin/sh\ncd '{}'\n{script}\n", folder.path().display());
    std::fs::write(folder.path().join("script"), text).expect("written");
    let mut install = std::process::Command::new("install");
    install.current_dir(folder.path()).args(["-m", "755", "script", "sendmail"]);
    assert!(install.status().expect("install runs").success());
    let sendmail = Sendmail::open("sendmail:sendmail", folder.path());
    (folder, sendmail)
}

fn message(recipient: &str) -> Message {
    Message {
        id: "x@example.org".to_owned(),
        sender: "bounces@example.org".parse().expect("an address"),
        recipient: recipient.parse().expect("an address"),
        bytes: "Subject: x\r\n\r\nPříliš\r\n.\r\nžluťoučký\r\n".into(),
    }
}

async fn send(sendmail: &mut Sendmail) -> Result<Outcome, TransportError> {
    sendmail.send(&message("a@example.org"), &mut Unrecorded).await
}

#[tokio::test]
async fn it_gets_the_whole_message_and_the_envelope_as_arguments() {
    let (folder, mut sendmail) = house("printf '%s|' \"$@\" > args; cat > body");
    let outcome = send(&mut sendmail).await.expect("an outcome");
    assert_eq!(
        outcome,
        Outcome::Accepted(Reply::new(None, "exit 0: it is in the local queue (EX_OK)"))
    );
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("read");
    assert_eq!(read("args"), "-i|-f|bounces@example.org|--|a@example.org|");
    assert_eq!(read("body"), "Subject: x\n\nPříliš\n.\nžluťoučký\n");
}

#[tokio::test]
async fn no_recipient_is_an_option() {
    let (folder, mut sendmail) = house("printf '%s|' \"$@\" > args");
    sendmail.send(&message("-oQ/tmp@example.org"), &mut Unrecorded).await.expect("an outcome");
    let args = std::fs::read_to_string(folder.path().join("args")).expect("read");
    assert!(args.ends_with("|--|-oQ/tmp@example.org|"), "{args}");
}

#[tokio::test]
async fn how_it_ends_says_what_came_of_it() {
    for (script, told) in [
        (
            "echo 'User unknown' >&2; exit 67",
            "Refused: exit 67: there is no such user (EX_NOUSER): User unknown",
        ),
        ("exit 75", "Deferred: exit 75: it asks to try later (EX_TEMPFAIL)"),
        ("exit 3", "Deferred: exit 3: it failed, and does not say how"),
        ("kill -9 $$", "Unsure: it was killed by signal 9"),
        ("exit 77", "error: we may not send"),
    ] {
        let (_folder, mut sendmail) = house(script);
        let found = match send(&mut sendmail).await {
            Ok(outcome) => {
                let name = format!("{outcome:?}");
                format!("{}: {}", name.split('(').next().unwrap_or_default(), outcome.reply().text)
            }
            Err(error) => format!("error: {error}"),
        };
        let (kind, text) = told.split_once(": ").expect("two parts");
        assert!(found.starts_with(kind) && found.contains(text), "{script}: {found}");
    }
}

#[tokio::test]
async fn one_that_does_not_end_leaves_us_unsure_and_is_ended() {
    let (folder, mut sendmail) = house("echo $$ > mine && mv mine pid; exec sleep 60");
    let mut patience = Duration::from_millis(100);
    // A machine with much to do may take longer to begin with it at all.
    let pid = loop {
        patience *= 2;
        sendmail = sendmail.patient_for(patience);
        let outcome = send(&mut sendmail).await.expect("an outcome");
        assert_eq!(outcome, Outcome::Unsure(Reply::new(None, "it did not end in time")));
        if let Ok(pid) = std::fs::read_to_string(folder.path().join("pid")) {
            break pid;
        }
        assert!(patience < Duration::from_secs(60), "it never ran");
    };
    let stat = format!("/proc/{}/stat", pid.trim());
    let state = || std::fs::read_to_string(&stat).ok();
    while state().is_some_and(|stat| !stat.contains(") Z")) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_an_error_before_anything_is_handed_over() {
    struct Never;
    #[async_trait]
    impl Progress for Never {
        async fn handing_over(&mut self) -> Result<(), Withheld> {
            panic!("nothing is ready to go")
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut sendmail = Sendmail::open("sendmail:nowhere", folder.path());
    let error = sendmail.send(&message("a@example.org"), &mut Never).await.expect_err("none there");
    assert!(error.to_string().contains("there is no such program"), "{error}");
}

#[tokio::test]
async fn what_is_withheld_never_reaches_it() {
    struct No;
    #[async_trait]
    impl Progress for No {
        async fn handing_over(&mut self) -> Result<(), Withheld> {
            Err(Withheld)
        }
    }
    let (folder, mut sendmail) = house("touch ran");
    let error = sendmail.send(&message("a@example.org"), &mut No).await.expect_err("withheld");
    assert!(matches!(error, TransportError::Withheld), "{error}");
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn without_a_path_it_is_where_systems_have_it() {
    for (url, path) in [
        ("sendmail:", "/usr/sbin/sendmail"),
        ("sendmail:/opt/bin/msmtp", "/opt/bin/msmtp"),
        ("sendmail:bin/fake", "/desk/bin/fake"),
    ] {
        assert_eq!(Sendmail::open(url, Path::new("/desk")).program, Path::new(path));
    }
}
