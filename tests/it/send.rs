//! A coordinator presses send: asked first, to some before the rest, to
//! nobody who must not get it, and never while another run is at work.

use std::path::Path;

use serde_json::json;

use crate::desk::{ANNA, BOB, CYRIL, Desk, HOUSE, READERS, due, english};

const SLUG: &str = "2020-01-06-povoleni";

/// Three readers and a text that only `send` mails, for it has no time.
fn desk() -> Desk {
    let on_request = |text: String| text.replace("at: 2020-01-06 09:00\n", "");
    Desk::small()
        .publication(SLUG, &on_request(due("Povolení k pobytu")))
        .translation(SLUG, &english("Residence permits"))
}

#[test]
fn a_text_without_a_time_waits_for_send() {
    let desk = desk();
    desk.hlas(["run"]).ends_with(0);
    assert!(desk.outbox().is_empty());
    assert!(
        desk.hlas(["plan"]).out.contains(&format!("no send time: `hlas send {SLUG}` mails it"))
    );

    desk.hlas(["send", SLUG, "--yes"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
    let again = desk.hlas(["send", SLUG, "--yes"]).ends_with(0);
    assert!(again.err.contains("nobody is left to send to"), "{}", again.err);
    assert_eq!(desk.outbox().len(), 3);
}

#[test]
fn everybody_gets_it_in_their_language_under_their_name() {
    let desk = desk();
    desk.hlas(["send", SLUG, "--yes"]).ends_with(0);
    let mut mails: Vec<_> = desk
        .outbox()
        .iter()
        .map(|mail| {
            let message = mail.parsed();
            let to = message.to().and_then(|to| to.first()).and_then(|to| to.name());
            (to.unwrap_or_default().to_owned(), mail.subject())
        })
        .collect();
    mails.sort();
    let expected = [
        ("Anna Žáčková", "Povolení k\u{a0}pobytu"),
        ("Bob O'Hara", "Residence permits"),
        ("Řehoř, Cyril", "Povolení k\u{a0}pobytu"),
    ];
    assert_eq!(mails, expected.map(|(name, subject)| (name.to_owned(), subject.to_owned())));
}

#[test]
fn a_dry_run_shows_the_plan_and_leaves_no_row() {
    let desk = desk();
    let said = desk.hlas(["send", SLUG, "--dry-run"]).ends_with(0);
    assert!(said.out.contains("3 people get it, 0 in its segments do not"), "{}", said.out);
    assert!(said.err.contains("nothing was planned and nothing sent"), "{}", said.err);
    assert_eq!(desk.hlas(["status"]).out, "nothing was mailed yet\n");
    assert!(desk.outbox().is_empty());
}

#[test]
fn some_first_and_the_rest_later_and_nobody_twice() {
    let desk = desk();
    desk.hlas(["send", SLUG, "--only", "*@example.NET", "--yes"]).ends_with(0);
    assert_eq!(desk.mailed(), [BOB]);
    let books = desk.books(SLUG);
    assert_eq!((&books["complete"], &books["accepted"]), (&json!(false), &json!(1)));
    assert_eq!(books["excluded"], json!({ "not-selected": 2 }));
    let first = desk.times("var/outbox");

    desk.hlas(["send", SLUG, "--yes"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
    let books = desk.books(SLUG);
    assert_eq!((&books["complete"], &books["accepted"]), (&json!(true), &json!(3)));
    let rest = desk.times("var/outbox");
    assert!(first.iter().all(|(file, time)| rest[file] == *time), "Bob's was written again");
}

#[test]
fn the_timer_sends_the_rest_of_what_was_tried_on_some() {
    let desk = Desk::small().publication(SLUG, &due("Povolení")).translation(SLUG, &english("P"));
    desk.hlas(["send", SLUG, "--only", ANNA, "--yes"]).ends_with(0);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
}

#[test]
fn a_test_copy_is_marked_and_the_ledger_does_not_know_of_it() {
    let desk = desk();
    let said = desk.hlas(["send", SLUG, "--test", "desk@example.org"]).ends_with(0);
    assert!(said.out.contains("a test copy for desk@example.org was accepted"), "{}", said.out);
    let args = ["send", SLUG, "--test", "desk@example.org", "--language", "en"];
    desk.hlas(args).ends_with(0);
    let mut subjects: Vec<String> = desk.outbox().iter().map(|mail| mail.subject()).collect();
    subjects.sort();
    assert_eq!(subjects, ["[TEST] Povolení k\u{a0}pobytu", "[TEST] Residence permits"]);
    assert_eq!(desk.mailed(), ["desk@example.org", "desk@example.org"]);
    assert_eq!(desk.hlas(["status"]).out, "nothing was mailed yet\n");

    // One of the readers may get a test copy, and still gets the real one.
    desk.hlas(["send", SLUG, "--test", ANNA]).ends_with(0);
    desk.hlas(["send", SLUG, "--yes"]).ends_with(0);
    assert_eq!(desk.books(SLUG)["accepted"], 3);
    assert_eq!(desk.mailed().iter().filter(|to| *to == ANNA).count(), 2);
}

#[test]
fn where_nobody_can_be_asked_nothing_is_sent() {
    let desk = desk();
    let said = desk.hlas(["send", SLUG]).ends_with(9);
    assert_eq!(
        said.err,
        "error: nothing was sent\n  help: there is nobody to ask; --yes answers\n"
    );
    assert_eq!(desk.hlas(["status"]).out, "nothing was mailed yet\n");
    assert!(desk.outbox().is_empty());
}

#[test]
fn what_may_not_leave_the_house_is_refused_with_the_reason() {
    let draft = due("Koncept").replace("status: ready", "status: draft");
    let future = due("Příště").replace("2020-01-06", "2999-01-06");
    let nobody = due("Nikomu").replace("to: [everyone]\n", "");
    let broken = due("Rozbitý").replace("kind: commentary", "kind: comentary");
    let desk = Desk::small()
        .publication("2020-01-06-koncept", &draft)
        .publication("2999-01-06-priste", &future)
        .publication("2020-01-06-nikomu", &nobody)
        .publication("2020-01-06-rozbity", &broken);
    let refused = |slug: &str, exit| {
        let said = desk.hlas(["send", slug, "--yes"]).ends_with(exit);
        said.err
    };
    assert_eq!(
        refused("2020-01-06-koncept", 9),
        "error: `2020-01-06-koncept` is not sent: it is a draft\n  \
         help: set status: ready; a draft can be tried with --test ADDRESS\n"
    );
    assert_eq!(
        refused("2999-01-06-priste", 9),
        "error: `2999-01-06-priste` is not sent: its time is 2999-01-06 09:00\n  \
         help: `hlas run` sends it then; to send it now, change or delete `at`\n"
    );
    assert_eq!(
        refused("2020-01-06-nikomu", 9),
        "error: `2020-01-06-nikomu` is not sent: `to` names no segment\n  \
         help: add to: [segment] to its front matter\n"
    );
    assert_eq!(
        refused("2020-01-06-rozbity", 1),
        "error: `2020-01-06-rozbity` cannot be read\n  help: hlas check 2020-01-06-rozbity says why\n"
    );
    assert!(desk.outbox().is_empty());
    desk.hlas(["send", "2020-01-06-koncept", "--test", ANNA]).ends_with(0);
    assert_eq!(desk.outbox()[0].subject(), "[TEST] Koncept");
}

#[test]
fn a_slug_that_is_not_there_is_answered_with_the_nearest() {
    let desk = desk();
    let help = |slug: &str| desk.hlas(["send", slug, "--yes"]).ends_with(2).err;
    let meant = format!("  help: did you mean {SLUG}?\n");
    assert!(help("2020-01-06-povolení").ends_with(&meant));
    assert!(help("povoleni").ends_with(&meant));
    assert!(help("neco-jineho-uplne").ends_with(&format!("  help: there are: {SLUG}\n")));
}

#[test]
fn a_second_run_is_turned_away_while_one_is_at_work() {
    let desk = Desk::small().publication(SLUG, &due("Povolení"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let root = desk.root();
    let lock = runtime.block_on(hlas::ledger::lock("sqlite:var/ledger.db", &root)).expect("free");
    for said in [desk.hlas(["run"]), desk.hlas(["send", SLUG, "--yes"])] {
        let said = said.ends_with(7);
        assert!(said.err.starts_with("error: another run is at work on this ledger"), "{said:?}");
    }
    assert!(desk.outbox().is_empty());
    assert_eq!(desk.hlas(["status"]).ends_with(0).out, "nothing was mailed yet\n");
    drop(lock);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, CYRIL]);
}

#[test]
fn what_was_frozen_is_what_goes_out_whatever_is_edited_later() {
    let desk = desk().mailing_through("file:hlas.toml/outbox");
    desk.hlas(["send", SLUG, "--yes"]).ends_with(6);
    assert_eq!(desk.books(SLUG)["pending"], 3);
    desk.write(&format!("publications/{SLUG}/cs.md"), due("Něco jiného"));

    let desk = desk.mailing_through("file:var/outbox");
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
    assert!(desk.outbox().iter().all(|mail| mail.subject() != "Něco jiného"));
}

#[test]
fn who_leaves_the_lists_before_it_goes_out_gets_nothing_and_who_joins_neither() {
    let desk = desk().mailing_through("file:hlas.toml/outbox");
    desk.hlas(["send", SLUG, "--yes"]).ends_with(6);
    let left = READERS.replace("anna@example.org,Anna", "nova@example.org,Nová");
    desk.write("subscribers/readers.csv", left);

    let desk = desk.mailing_through("file:var/outbox");
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.mailed(), [BOB, CYRIL]);
    let books = desk.books(SLUG);
    assert_eq!((&books["candidates"], &books["accepted"]), (&json!(3), &json!(2)));
    assert_eq!(books["excluded"], json!({ "left-lists": 1 }));
}

#[test]
fn making_it_a_draft_again_is_the_brake() {
    let desk = desk().mailing_through("file:hlas.toml/outbox");
    desk.hlas(["send", SLUG, "--yes"]).ends_with(6);
    let text = desk.read(&format!("publications/{SLUG}/cs.md"));
    desk.write(&format!("publications/{SLUG}/cs.md"), text.replace("ready", "draft"));

    let desk = desk.mailing_through("file:var/outbox");
    let said = desk.hlas(["run"]).ends_with(0);
    assert!(said.out.contains("it is a draft again"), "{}", said.out);
    assert!(desk.outbox().is_empty());
    assert_eq!(desk.books(SLUG)["pending"], 3);

    desk.write(&format!("publications/{SLUG}/cs.md"), text);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
}

#[test]
fn another_workspace_is_worked_on_from_anywhere() {
    let desk = desk();
    let mut command =
        desk.command(&["-C", desk.root().to_str().expect("UTF-8"), "send", SLUG, "--yes"]);
    desk.said(command.current_dir(Path::new("/"))).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
}

#[test]
fn send_answers_a_script_with_one_json_value() {
    let said = desk().hlas(["send", SLUG, "--yes", "--format", "json"]).ends_with(0);
    said.json();
}

#[test]
fn a_text_long_past_its_time_is_mailed_only_when_a_person_says_so() {
    let desk = Desk::small()
        .settings(&HOUSE.replace("800000", "72"))
        .publication("2020-01-06-a", &due("A"));
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.mailed(), [""; 0]);
    let told = "2020-01-06-a was never mailed: it is late, and goes out only by hand: it was due 2020-01-06 09:00\n";
    assert_eq!(desk.hlas(["status"]).ends_with(0).err, told);
    let sent = desk.hlas(["send", "2020-01-06-a", "--yes"]).ends_with(0);
    assert!(sent.err.contains("2020-01-06-a: it is late"), "{sent:?}");
    assert_eq!(desk.mailed(), [ANNA, CYRIL]);
    assert_eq!(desk.hlas(["status"]).ends_with(0).err, "");
}

#[test]
fn after_the_end_that_the_author_set_nobody_can_send_it() {
    let text = due("A").replace("to:", "not_after: 2020-01-07 09:00\nto:");
    let desk = Desk::small().publication("2020-01-06-a", &text);
    desk.hlas(["run"]).ends_with(0);
    let refused = desk.hlas(["send", "2020-01-06-a", "--yes"]).ends_with(9);
    assert!(refused.err.contains("not after 2020-01-07 09:00"), "{refused:?}");
    assert!(refused.err.contains("change or delete `not_after`"), "{refused:?}");
    assert_eq!(desk.mailed(), [""; 0]);
}
