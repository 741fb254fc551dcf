//! The whole program against a mail server: friendly, moody, gone.
//!
//! What each answer of a server means is told in [`crate::delivery`], below
//! the command line; here it is what the coordinator sees of it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::desk::{ANNA, BOB, CYRIL, Desk, HOUSE, due, english, skip, without_date};
use crate::postfix_sink::PostfixSink;
use crate::smtp_sink::{Answer, Moment, Sink};

const SLUG: &str = "2020-01-06-povoleni";

fn desk() -> Desk {
    Desk::small()
        .publication(SLUG, &due("Povolení").replace("status:", "attach: pdf\nstatus:"))
        .translation(SLUG, &english("Permits"))
}

/// Several lines keep no order.
fn sorted(sink: &Sink) -> Vec<String> {
    let mut recipients = sink.recipients();
    recipients.sort();
    recipients
}

/// Messages by recipient, all but their date.
fn by_recipient(mails: impl Iterator<Item = (String, Vec<u8>)>) -> BTreeMap<String, String> {
    mails.map(|(to, bytes)| (to, without_date(&bytes))).collect()
}

#[test]
fn a_server_gets_the_messages_that_the_outbox_would() {
    let filed = desk();
    filed.hlas(["run"]).ends_with(0);
    let outbox = filed.outbox().into_iter().map(|mail| (mail.recipient(), mail.bytes));

    let sink = Sink::friendly();
    let mailed = desk().mailing_through(&sink.url());
    mailed.hlas(["run"]).ends_with(0);
    let taken = sink.taken();
    assert_eq!(taken.len(), 3);
    assert!(taken.iter().all(|mail| mail.sender == "bounces@example.org"));
    let taken = taken.into_iter().map(|mail| (mail.recipient, mail.bytes));
    assert!(by_recipient(taken) == by_recipient(outbox), "the messages differ");

    let books = mailed.books(SLUG);
    assert_eq!((&books["candidates"], &books["accepted"]), (&json!(3), &json!(3)));
    let status = mailed.hlas(["status"]).ends_with(0);
    let line =
        "3 candidates = 0 excluded + 3 accepted + 0 refused + 0 deferred + 0 pending + 0 unsure";
    assert!(status.out.contains(line), "{}", status.out);
    mailed.hlas(["run"]).ends_with(0);
    assert_eq!(sink.count(), 3, "a second run sends nothing");
}

#[test]
fn a_server_of_somebody_elses_takes_them_too() {
    let Some(sink) = PostfixSink::start() else {
        return skip("smtp-sink is not installed (Debian package postfix)");
    };
    let desk = desk().mailing_through(&sink.url());
    desk.hlas(["run"]).ends_with(0);
    let mut recipients = sink.recipients();
    recipients.sort();
    assert_eq!(recipients, [ANNA, BOB, CYRIL]);
    assert_eq!(desk.books(SLUG)["accepted"], 3);
}

#[test]
fn one_refused_reader_is_told_of_and_the_others_get_theirs() {
    let sink = Sink::saying(|moment| match moment {
        Moment::Rcpt(to) if to == BOB => Answer::Say("550 5.1.1 No such user here"),
        _ => Answer::Yes,
    });
    let desk = desk().mailing_through(&sink.url());
    let said = desk.hlas(["run"]).ends_with(8);
    assert!(
        said.out.contains(&format!("refused {BOB}: 550 5.1.1 No such user here")),
        "{}",
        said.out
    );
    assert!(said.out.contains("2 accepted, 1 refused"), "{}", said.out);
    assert_eq!(sorted(&sink), [ANNA, CYRIL]);

    let books = desk.books(SLUG);
    assert_eq!((&books["accepted"], &books["refused"]), (&json!(2), &json!(1)));
    assert_eq!(books["entries"][0]["address"], BOB);
    assert_eq!(books["entries"][0]["reply"]["code"], 550);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(sink.count(), 2, "a refusal is final");
}

#[test]
fn a_mailing_that_everybody_refuses_pauses_and_goes_on_when_told() {
    let rows: String =
        (0..20).map(|n| format!("reader-{n}@example.org,Čtenář,cs,consent\n")).collect();
    let one_line = format!("{HOUSE}connections = 1\n");
    let desk = Desk::small()
        .settings(&one_line)
        .list("readers", format!("email,name,language,basis\n{rows}"))
        .publication(SLUG, &due("Povolení k pobytu"));
    let against = Sink::saying(|moment| match moment {
        Moment::Rcpt(_) => Answer::Say("554 5.7.1 Access denied"),
        _ => Answer::Yes,
    });
    let desk = desk.mailing_through(&against.url());
    let said = desk.hlas(["run"]).ends_with(8);
    assert!(said.out.contains("paused: 5 of the last 5 were refused"), "{}", said.out);
    assert!(said.err.contains("the mailing paused itself"), "{}", said.err);
    assert_eq!(desk.books(SLUG)["refused"], 5);
    let status = desk.hlas(["status"]).out;
    assert!(status.contains(": 5 of the last 5 were refused or are unsure; last: 554"), "{status}");
    assert!(status.contains(&format!("`hlas send {SLUG} --resume` goes on")), "{status}");

    let sink = Sink::friendly();
    let desk = desk.mailing_through(&sink.url());
    let said = desk.hlas(["run"]).ends_with(1);
    assert!(said.out.contains("held, it paused itself; 15 messages not sent"), "{}", said.out);
    let said = desk.hlas(["send", SLUG, "--yes"]).ends_with(9);
    assert!(said.err.contains("--resume goes on"), "{}", said.err);
    assert_eq!(sink.count(), 0);
    desk.hlas(["send", SLUG, "--yes", "--resume"]).ends_with(0);
    assert_eq!((sink.count(), &desk.books(SLUG)["accepted"]), (15, &json!(15)));
}

#[test]
fn a_greylisted_reader_waits_and_quiet_runs_stay_quiet() {
    let sink = Sink::saying(|moment| match moment {
        Moment::Rcpt(to) if to == ANNA => Answer::Say("451 4.7.1 Try again later"),
        _ => Answer::Yes,
    });
    let desk = desk().mailing_through(&sink.url());
    let said = desk.hlas(["run"]).ends_with(0);
    assert!(said.out.contains(&format!("deferred {ANNA}: 451 4.7.1 Try again later (next try ")));
    assert_eq!(desk.books(SLUG)["deferred"], 1);
    let quiet = desk.hlas(["run", "--quiet"]).ends_with(0);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
    assert_eq!(sorted(&sink), [BOB, CYRIL]);
}

#[test]
fn a_server_that_is_down_loses_nobody() {
    let nobody = Sink::url_of_nobody();
    let desk = desk().mailing_through(&nobody);
    let said = desk.hlas(["run"]).ends_with(6);
    let server = nobody.trim_start_matches("smtp://");
    assert!(said.err.contains(&format!("the mail server {server} failed while connecting")));
    assert!(said.err.contains("help: see that the server runs"), "{}", said.err);
    assert_eq!(desk.books(SLUG)["pending"], 3);

    let sink = Sink::friendly();
    let desk = desk.mailing_through(&sink.url());
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(sorted(&sink), [ANNA, BOB, CYRIL]);
}

#[test]
fn of_two_servers_one_is_down_and_nobody_has_to_wait() {
    let sink = Sink::friendly();
    let both = format!("{} weight=9, {}", Sink::url_of_nobody(), sink.url());
    let desk = desk().mailing_through(&both);
    desk.hlas(["run"]).ends_with(0);
    let mut recipients = sink.recipients();
    recipients.sort();
    assert_eq!(recipients, [ANNA, BOB, CYRIL]);
    assert_eq!(desk.books(SLUG)["accepted"], 3);
}

#[cfg(unix)]
#[test]
fn the_mail_server_of_this_machine_takes_them_too() {
    use std::os::unix::fs::PermissionsExt;

    let desk = desk().mailing_through("sendmail:bin/sendmail");
    let program = desk.root().join("bin/sendmail");
    std::fs::create_dir_all(desk.root().join("bin")).expect("a folder");
    let script = "#!/bin/sh\ncat > \"$0.$5\"; test \"$5\" != bob@example.net || exit 67\n";
    std::fs::write(&program, script).expect("written");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("runnable");
    let said = desk.hlas(["run"]).ends_with(8);
    assert!(said.out.contains("2 accepted, 1 refused"), "{}", said.out);
    assert!(said.out.contains("exit 67: there is no such user (EX_NOUSER)"), "{}", said.out);
    let taken = std::fs::read_to_string(program.with_extension(ANNA)).expect("Anna's mail");
    assert!(taken.contains("\nTo: ") && !taken.contains('\r'), "{taken}");
}

#[test]
fn a_server_that_goes_away_half_way_loses_nobody_and_doubles_nobody() {
    let mut mails = 0;
    let sink = Sink::saying(move |moment| {
        mails += usize::from(matches!(moment, Moment::Mail(_)));
        // The second reader's line breaks, and the line after that.
        let breaks = matches!(moment, Moment::Data(_)) && (2..=3).contains(&mails);
        if breaks { Answer::HangUp } else { Answer::Yes }
    });
    let one_line = format!("{HOUSE}connections = 1\n");
    let desk = desk().settings(&one_line).mailing_through(&sink.url());
    desk.hlas(["run"]).ends_with(6);
    let books = desk.books(SLUG);
    assert_eq!((&books["accepted"], &books["pending"]), (&json!(1), &json!(2)));
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(sorted(&sink), [ANNA, BOB, CYRIL]);
}

#[test]
fn a_line_that_breaks_after_the_body_is_for_a_person_to_look_at() {
    let sink = Sink::saying(|moment| match moment {
        Moment::Body(to) if to == BOB => Answer::HangUp,
        _ => Answer::Yes,
    });
    let desk = desk().mailing_through(&sink.url());
    let said = desk.hlas(["run"]).ends_with(8);
    assert!(said.out.contains(&format!("unsure {BOB}: ")), "{}", said.out);
    assert!(said.out.contains("(not sent again)"), "{}", said.out);
    let status = desk.hlas(["status"]).ends_with(8);
    assert!(status.out.contains(&format!("    unsure {BOB}: ")), "{}", status.out);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(sorted(&sink), [ANNA, BOB, CYRIL], "never resent unasked");
    assert_eq!(desk.books(SLUG)["unsure"], 1);
}

/// A server that takes Bob's mail and hangs up before it says so, once.
fn lost_for_bob() -> (Sink, Desk) {
    let mut answered = false;
    let sink = Sink::saying(move |moment| match moment {
        Moment::Body(to) if to == BOB && !std::mem::replace(&mut answered, true) => Answer::HangUp,
        _ => Answer::Yes,
    });
    let desk = desk().mailing_through(&sink.url());
    desk.hlas(["run"]).ends_with(8);
    (sink, desk)
}

#[test]
fn who_says_that_it_has_arrived_is_written_down() {
    let (sink, desk) = lost_for_bob();
    let status = desk.hlas(["status"]).ends_with(8).out;
    assert!(status.contains(&format!("hlas resolve {SLUG} --accepted {BOB}")), "{status}");
    desk.hlas(["resolve", SLUG, "--accepted"]).ends_with(2);
    desk.hlas(["resolve", SLUG, "--by", "Jana"]).ends_with(2);
    let nobody = desk.hlas(["resolve", SLUG, "--accepted", "--by", "Jana", ANNA]).ends_with(2);
    assert!(nobody.err.contains(&format!("nobody like `{ANNA}` is unsure")), "{nobody:?}");

    let said = desk.hlas(["resolve", SLUG, "--accepted", "--by", "Jana", BOB]).ends_with(0);
    let told = format!("{SLUG}: 1 message settled as accepted, by the word of Jana");
    assert_eq!(said.out, format!("  {BOB}\n{told}\n"));
    assert_eq!(desk.books(SLUG)["accepted"], 3);
    desk.hlas(["status"]).ends_with(0);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(sink.count(), 3);

    let again = desk.hlas(["resolve", SLUG, "--resend", "--by", "Jana"]).ends_with(2);
    assert!(again.err.contains(&format!("nobody is unsure in `{SLUG}`")), "{again:?}");
}

#[test]
fn what_has_not_arrived_is_sent_again_under_the_same_message_id() {
    let (sink, desk) = lost_for_bob();
    desk.hlas(["resolve", SLUG, "--resend", "--by", "Jana"]).ends_with(0);
    assert_eq!(desk.books(SLUG)["pending"], 1);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.books(SLUG)["accepted"], 3);
    let to_bob: Vec<_> = sink.taken().into_iter().filter(|mail| mail.recipient == BOB).collect();
    let ids: Vec<_> = to_bob
        .iter()
        .map(|mail| {
            let parser = mail_parser::MessageParser::default();
            parser.parse(&mail.bytes).and_then(|it| it.message_id().map(str::to_owned))
        })
        .collect();
    assert_eq!(ids.len(), 2);
    assert!(ids[0].is_some() && ids[0] == ids[1], "{ids:?}");
}

#[test]
fn a_list_that_vanishes_half_way_holds_the_mailing_and_takes_nobody_out() {
    let rows: String =
        (0..20).map(|n| format!("reader-{n}@example.org,Čtenář,cs,consent\n")).collect();
    let list = format!("email,name,language,basis\n{rows}");
    let one = "email,name,language,basis\nanna@example.org,Anna,cs,consent\n";
    let desk = Desk::small()
        .list("readers", &list)
        .list("others", one)
        .publication(SLUG, &due("Povolení k pobytu"))
        .mailing_through(&Sink::url_of_nobody());
    desk.hlas(["run"]).ends_with(6);
    assert_eq!(desk.books(SLUG)["pending"], 21);

    let sink = Sink::friendly();
    let desk = desk.mailing_through(&sink.url()).list("readers", "email,name,language,basis\n");
    let said = desk.hlas(["run", "--quiet"]).ends_with(1);
    assert!(said.out.contains("held, many of its people are in no list any more"), "{}", said.out);
    let said = desk.hlas(["send", SLUG, "--yes"]).ends_with(9);
    assert!(said.err.contains("is held: many of its people"), "{}", said.err);
    assert_eq!(desk.books(SLUG)["pending"], 21, "nobody was taken out");

    let desk = desk.list("readers", &list);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.books(SLUG)["accepted"], 21);
}

#[test]
fn who_loses_the_basis_before_their_turn_is_taken_out() {
    let list = |basis: &str| {
        format!(
            "email,name,language,basis\na@example.org,A,cs,{basis}\nb@example.org,B,cs,consent\n"
        )
    };
    let desk = Desk::small()
        .list("readers", list("consent"))
        .publication(SLUG, &due("Povolení k pobytu"))
        .mailing_through(&Sink::url_of_nobody());
    desk.hlas(["run"]).ends_with(6);
    let sink = Sink::friendly();
    let desk = desk.mailing_through(&sink.url()).list("readers", list(""));
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(sink.recipients(), ["b@example.org"]);
    assert_eq!(desk.books(SLUG)["excluded"]["no-lawful-basis"], 1);
}

#[test]
fn a_password_in_the_address_is_refused_and_not_repeated() {
    let desk = desk().mailing_through("smtp://desk:hunter2@mail.example.org");
    let said = desk.hlas(["run"]);
    assert_ne!(said.exit, 0);
    assert!(said.err.contains("HLAS_SMTP_PASSWORD"), "{}", said.err);
    assert!(!format!("{said:?}").contains("hunter2"), "{said:?}");
}

#[test]
fn a_transport_that_is_none_is_a_wrong_setting_and_nothing_is_done() {
    let desk = desk().mailing_through("pigeon:loft");
    desk.hlas(["run"]).ends_with(3);
    assert_eq!(desk.hlas(["status"]).out, "nothing was mailed yet\n");
}

#[test]
fn a_failed_run_answers_a_script_with_one_json_value() {
    let desk = desk().mailing_through(&Sink::url_of_nobody());
    let said = desk.hlas(["run", "--format", "json"]).ends_with(6);
    said.json();
}
