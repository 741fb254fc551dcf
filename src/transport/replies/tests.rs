//! Every row judges the replies that stand beside it, and no other row does as
//! well; then some that a reader of the table would ask about first.

use proptest::prelude::*;

use super::row::{Heard, Table};
use super::*;
use crate::model::Stage::{Auth, Connect, Data, Mail, Rcpt, Reply, Tls};

/// The replies that another row takes, or that two rows of codes fight over.
fn misjudged(
    table: &'static Table,
    heard: fn(Stage, u16, &'static str) -> Heard<'static>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let reason = |index: usize| table.rows[index].verdict.reason;
    for (index, row) in table.rows.iter().enumerate() {
        assert!(!row.heard.is_empty(), "no example of “{}”", reason(index));
        for &(stage, code, text) in row.heard {
            let heard = heard(stage, code, text);
            let found = table.find(&heard);
            if found != index {
                let (found, meant) = (reason(found), reason(index));
                wrong.push(format!("{stage:?} {code} {text}: “{found}”, not “{meant}”"));
            }
            let as_much = |&rival: &usize| {
                rival != found && row.text.is_empty() && table.rows[rival].knows() == row.knows()
            };
            for rival in table.matching(&heard).filter(as_much) {
                wrong.push(format!("{stage:?} {code} {text}: “{}” knows as much", reason(rival)));
            }
        }
    }
    wrong
}

#[test]
fn every_reply_is_judged_by_the_row_it_stands_beside() {
    let program = |_, code, text| Heard::of_program(code, text);
    let mut wrong = misjudged(&super::smtp::TABLE, Heard::of_server);
    wrong.extend(misjudged(&super::http::TABLE, program));
    wrong.extend(misjudged(&super::sysexits::TABLE, program));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_verdict_does_not_contradict_itself() {
    for table in [&super::smtp::TABLE, &super::http::TABLE, &super::sysexits::TABLE] {
        for row in table.rows {
            let Verdict { kind, again, suppress, slow, reason } = row.verdict;
            assert_eq!(again != Again::Never, kind == Kind::Deferred, "{reason}");
            assert!(!suppress || kind == Kind::Refused, "{reason}");
            assert!(!slow || kind == Kind::Deferred, "{reason}");
        }
    }
}

#[test]
fn what_a_coordinator_asks_about_first() {
    use Again::{Later, Never, Soon, Usual};
    use Kind::{Accepted, Deferred, Ours, Refused, Unsure};
    for (stage, code, text, kind, again, suppress) in [
        // Tomorrow it may be different.
        (Rcpt, 450, "4.2.0 Greylisted, try again in 300 seconds", Deferred, Soon, false),
        (Rcpt, 421, "4.3.2 shutting down", Deferred, Soon, false),
        (Rcpt, 450, "mailbox unavailable", Deferred, Usual, false),
        (Rcpt, 451, "local error", Deferred, Usual, false),
        (Rcpt, 452, "4.2.2 over quota", Deferred, Later, false),
        (Rcpt, 552, "5.2.2 mailbox full", Deferred, Later, false),
        (Reply, 421, "4.7.0 [TSS04] temporarily deferred", Deferred, Later, false),
        // It will not.
        (Rcpt, 550, "5.1.1 User unknown", Refused, Never, true),
        (Rcpt, 550, "rejected", Refused, Never, false),
        (Rcpt, 550, "5.7.1 members only", Refused, Never, false),
        (Reply, 550, "5.7.1 rejected by organization policy", Refused, Never, false),
        (Rcpt, 551, "User not local", Refused, Never, true),
        (Rcpt, 553, "mailbox name not allowed", Refused, Never, false),
        (Mail, 552, "5.3.4 too big", Refused, Never, false),
        (Rcpt, 553, "5.6.7 needs SMTPUTF8", Refused, Never, false),
        // It is about us.
        (Mail, 530, "5.7.0 Must issue a STARTTLS command first", Ours, Never, false),
        (Auth, 535, "5.7.8 Error: authentication failed", Ours, Never, false),
        (Rcpt, 554, "5.7.1 <a@example.org>: Relay access denied", Ours, Never, false),
        (Reply, 554, "5.7.1 Message rejected as spam", Ours, Never, false),
        (
            Rcpt,
            554,
            "5.7.1 <mx[192.0.2.1]>: Client host rejected: Access denied",
            Ours,
            Never,
            false,
        ),
        (Rcpt, 550, "5.7.25 whatever is said", Ours, Never, false),
        (Connect, 554, "5.7.1 no", Ours, Never, false),
        (Tls, 501, "syntax", Ours, Never, false),
        (Data, 503, "5.5.1 RCPT first", Ours, Never, false),
        // Well, or not well.
        (Reply, 250, "2.0.0 Ok: queued", Accepted, Never, false),
        (Reply, 354, "go on", Unsure, Never, false),
    ] {
        let verdict = smtp(stage, code, text);
        let said = (verdict.kind, verdict.again, verdict.suppress);
        assert_eq!(said, (kind, again, suppress), "{stage:?} {code} {text}: {}", verdict.reason);
    }
}

#[test]
fn nobody_is_suppressed_for_what_is_said_of_us() {
    for text in [
        "5.1.1 sender is blacklisted",
        "550 your account has been disabled for sending spam, relaying denied",
        "5.7.1 user unknown or relay access denied",
    ] {
        let verdict = smtp(Rcpt, 550, text);
        assert!(!verdict.suppress, "{text}: {}", verdict.reason);
    }
}

#[test]
fn only_what_a_server_said_is_judged_as_a_reply() {
    let said = crate::model::Reply::new(Some(554), "5.7.1 Relay access denied");
    assert_eq!(of(Rcpt, &said).map(|verdict| verdict.kind), Some(Kind::Ours));
    let ours = crate::model::Reply::new(None, "the line broke");
    assert_eq!(of(Rcpt, &ours), None);
}

proptest! {
    /// Whatever is said, there is a verdict, and the first digit is heeded: a
    /// 4xx suppresses nobody, and only a 2xx to the message accepts it.
    #[test]
    fn no_reply_is_without_a_verdict(
        stage in proptest::sample::select(&Stage::ALL[..]), code: u16, text in ".*"
    ) {
        let verdict = smtp(stage, code, &text);
        prop_assert!(!verdict.suppress || (500..600).contains(&code));
        if verdict.kind == Kind::Accepted {
            prop_assert!((200..300).contains(&code));
        }
        let _ = (http(code, &text), sysexits(code, &text), wait(&text));
    }
}

#[test]
fn the_page_about_replies_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/replies.md");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(path, listing()).expect("written");
    }
    let page = std::fs::read_to_string(path).expect("the page");
    assert!(page == listing(), "docs/replies.md is not the table: INSTA_UPDATE=always writes it");
}
