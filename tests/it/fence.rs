//! Copies of a ledger: one sends, and the others say why they do not.

use crate::desk::{Desk, due};
use crate::smtp_sink::Sink;

const FIRST: &str = "2020-01-06-a";
const SECOND: &str = "2020-01-07-b";

fn desk(sink: &Sink) -> Desk {
    Desk::small()
        .publication(FIRST, &due("A"))
        .mailing_through(&sink.url())
        .knowing("HLAS_MACHINE", "first")
}

#[test]
fn a_cloned_server_does_not_send_until_somebody_takes_the_ledger_over() {
    let sink = Sink::friendly();
    let desk = desk(&sink);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(sink.count(), 2);
    let desk = desk.publication(SECOND, &due("B")).knowing("HLAS_MACHINE", "second");
    let told = desk.hlas(["run"]).ends_with(5).err;
    assert!(told.contains("nothing is sent: this ledger belongs to another machine"), "{told}");
    assert!(told.contains("`hlas ledger adopt` takes it over"), "{told}");
    desk.hlas(["send", SECOND, "--yes"]).ends_with(5);
    desk.hlas(["status"]).ends_with(0);
    assert_eq!(sink.count(), 2);

    desk.hlas(["ledger", "adopt"]).ends_with(0);
    let told = desk.hlas(["run"]).ends_with(1).out;
    let why = "2020-01-07-b: due, but not mailed: it was due 2020-01-06 09:00, before the ledger was taken over";
    assert!(told.contains(why), "{told}");
    desk.hlas(["send", SECOND, "--yes"]).ends_with(0);
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(sink.count(), 4);
}

#[test]
fn a_backup_that_was_put_back_mails_nobody_again() {
    let sink = Sink::friendly();
    let desk = desk(&sink).publication(SECOND, &due("B").replace("at: 2020-01-06 09:00\n", ""));
    desk.hlas(["plan", FIRST]).ends_with(0);
    desk.hlas(["run"]).ends_with(0);
    let backup = desk.hlas(["ledger", "backup", "copy.db"]).ends_with(0);
    assert_eq!(backup.out, "copy.db is a copy of the ledger\n");
    let again = desk.hlas(["ledger", "backup", "copy.db"]).ends_with(5).err;
    assert!(again.contains("name a file that is not there yet"), "{again}");
    desk.hlas(["send", SECOND, "--yes"]).ends_with(0);
    assert_eq!(sink.count(), 4);

    for journal in ["var/ledger.db-wal", "var/ledger.db-shm"] {
        let _ = std::fs::remove_file(desk.root().join(journal));
    }
    desk.write("var/ledger.db", desk.bytes("copy.db"));
    let told = desk.hlas(["send", SECOND, "--yes"]).ends_with(5).err;
    assert!(told.contains("this is an old copy of the ledger"), "{told}");
    assert_eq!(sink.count(), 4);
}

#[test]
fn what_was_open_when_a_ledger_was_taken_over_waits_for_a_word() {
    let sink = Sink::friendly();
    let desk = desk(&sink).mailing_through(&Sink::url_of_nobody());
    desk.hlas(["run"]).ends_with(6);
    let desk = desk.mailing_through(&sink.url()).knowing("HLAS_MACHINE", "second");
    let adopted = desk.hlas(["ledger", "adopt"]).ends_with(0).out;
    assert!(adopted.contains("2020-01-06-a: paused, 2 open"), "{adopted}");
    desk.hlas(["run"]).ends_with(1);
    let status = desk.hlas(["status"]).out;
    assert!(status.contains("PAUSED") && status.contains("another copy may have sent the rest"));
    assert_eq!(sink.count(), 0);
    desk.hlas(["send", FIRST, "--resume", "--yes"]).ends_with(0);
    assert_eq!(sink.count(), 2);
}
