//! A ledger's disk is full in the middle of a mailing: that of its file, or of
//! its server.
//!
//! As when the plug is pulled, nobody is lost and nobody gets it twice; but
//! somebody has to make room, so each run says what is the matter.

use std::fs::File;
use std::process::Command;
use std::thread;

use crate::desk::{Desk, Said, skip};
use crate::killed::{LEASE, LINES, desk, tell, whole};
use crate::small_disk::SmallDisk;
use crate::smtp_sink::Sink;
use crate::workers::{Worker, all_is_done, machine, planned, until};

const READERS: usize = 300;

/// Runs it with a disk of its own below `var/`, of so many KiB; what is on it
/// afterwards is put where the disk was.
fn run_on_small_disk(desk: &Desk, kib: u64) -> Said {
    let rename = |from: &str, to: &str| {
        std::fs::rename(desk.root().join(from), desk.root().join(to)).expect("renamed");
    };
    rename("var", "before");
    let script = format!(
        "mkdir var after && mount -t tmpfs -o size={kib}k none var && cp -p before/* var/ || exit 99
         \"$0\" run; code=$?; cp -p var/* after/; exit $code"
    );
    let inner = desk.command_under(&script);
    let mut command = Command::new("unshare");
    command.arg("-rm").arg(inner.get_program()).args(inner.get_args());
    desk.set_up(&mut command);
    let said = desk.said(&mut command);
    std::fs::remove_dir(desk.root().join("var")).expect("the place of the disk");
    std::fs::remove_dir_all(desk.root().join("before")).expect("removed");
    rename("after", "var");
    said
}

#[test]
fn a_small_disk_that_is_full_loses_nobody_and_is_told() {
    let mount = ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"];
    if !Command::new("unshare").args(mount).output().is_ok_and(|it| it.status.success()) {
        return skip("unshare with a tmpfs");
    }
    let desk = desk(READERS).mailing_through(&Sink::url_of_nobody());
    desk.hlas(["run"]).ends_with(6);
    let sink = Sink::friendly();
    let desk = desk.mailing_through(&sink.url());
    let files = std::fs::read_dir(desk.root().join("var")).expect("a folder");
    let mut kib: u64 = files.map(|it| it.and_then(|it| it.metadata()).expect("a file").len()).sum();
    kib /= 1024;
    while sink.count() == 0 {
        kib += 64;
        let said = run_on_small_disk(&desk, kib);
        assert_eq!(said.exit, 5, "{said:?}");
        assert!(said.err.contains("no room is left for the ledger"), "{said:?}");
    }
    let before = cut_short(&sink);
    desk.hlas(["run"]);
    nobody_is_missing("small disk full", before, &desk, &sink);
}

#[test]
fn a_disk_that_fills_up_in_the_middle_loses_nobody() {
    let desk = desk(READERS).mailing_through(&Sink::url_of_nobody());
    desk.hlas(["run"]).ends_with(6);
    // No file may grow beyond a size, in blocks of 512 octets as POSIX has
    // them: the ledger's journal reaches it. How much a run writes before it
    // sends anything is its own business, so there is a little more room in
    // each, until some of the mail has gone.
    let ledger = std::fs::metadata(desk.root().join("var/ledger.db")).expect("a ledger").len();
    let sink = Sink::friendly();
    let desk = desk.mailing_through(&sink.url());
    let mut runs = 0;
    while sink.count() == 0 {
        runs += 1;
        let blocks = ledger.div_ceil(512) + runs * 64;
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" run");
        let said = desk.said(&mut desk.command_under(&script));
        assert_eq!(said.exit, 5, "{said:?}");
    }
    let before = cut_short(&sink);
    desk.hlas(["run"]);
    nobody_is_missing("disk full", before, &desk, &sink);
}

/// How many had been mailed when the disk was full.
fn cut_short(sink: &Sink) -> usize {
    let before = sink.count();
    assert!(before < READERS, "it was over before the disk was full");
    before
}

/// There was room again, and a run since.
fn nobody_is_missing(what: &str, before: usize, desk: &Desk, sink: &Sink) {
    let unsure = whole(desk, &sink.recipients(), READERS);
    assert!(unsure.len() <= LINES, "{unsure:?}");
    tell(what, before, sink.count(), unsure.len());
}

/// What of a server's is on a small disk, and what comes of it.
struct Shortage {
    what: &'static str,
    folder: &'static str,
    database: fn(&SmallDisk) -> String,
    /// So many KiB more in each run, until some of the mail has gone.
    step: u64,
    /// One of these, in each of those runs.
    told: &'static [&'static str],
}

const NO_ROOM: &str = "no room is left on the server for the ledger";

/// It takes itself down when it cannot write its journal. Of our lines to it one
/// may hear why; the others, that it is gone.
const GONE: &str = "was lost";

/// PostgreSQL stays up, and says no.
const TABLES: Shortage = Shortage {
    what: "no room for the tables",
    folder: "small",
    database: tables_on,
    step: 64,
    told: &[NO_ROOM],
};

/// PostgreSQL panics.
const JOURNAL: Shortage = Shortage {
    what: "no room for the journal",
    folder: "data/pg_wal",
    database: |disk| disk.server.database(),
    step: 1024,
    told: &[NO_ROOM, GONE],
};

/// Whichever comes first.
const ALL_OF_IT: Shortage = Shortage {
    what: "no room for the whole server",
    folder: "data",
    database: |disk| disk.server.database(),
    step: 64,
    told: &[NO_ROOM, GONE],
};

/// A database whose tables lie on the disk.
fn tables_on(disk: &SmallDisk) -> String {
    let folder = disk.server.folder().join(TABLES.folder);
    let sql = format!("CREATE TABLESPACE small LOCATION '{}'", folder.display());
    disk.server.sql("postgres", &sql);
    disk.server.sql("postgres", "CREATE DATABASE books TABLESPACE small");
    disk.server.url("books")
}

fn short_of_room(shortage: &Shortage) {
    let Some(mut disk) = SmallDisk::with(shortage.folder) else { return };
    let ledger = (shortage.database)(&disk);
    let desk = planned(READERS, &ledger);
    let sink = Sink::friendly();
    let desk = desk.mailing_through(&sink.url());
    let mut kib = 0;
    while sink.count() == 0 {
        disk.leave(kib);
        disk.serve();
        let said = desk.hlas(["run"]).ends_with(5);
        assert!(shortage.told.iter().any(|told| said.err.contains(told)), "{said:?}");
        kib += shortage.step;
    }
    let before = cut_short(&sink);
    disk.leave_plenty();
    disk.serve();
    thread::sleep(LEASE);
    desk.hlas(["run"]);
    nobody_is_missing(shortage.what, before, &desk, &sink);
}

#[test]
fn a_server_without_room_for_its_tables_loses_nobody_and_that_is_told() {
    short_of_room(&TABLES);
}

#[test]
fn a_server_without_room_for_its_journal_goes_down_and_loses_nobody() {
    short_of_room(&JOURNAL);
}

#[test]
#[ignore = "like the two above; `just kill-test` runs it"]
fn a_server_without_any_room_loses_nobody() {
    short_of_room(&ALL_OF_IT);
}

#[test]
#[ignore = "waits for a worker's half minute; `just kill-test` runs it"]
fn a_worker_waits_until_the_server_has_room() {
    let Some(mut disk) = SmallDisk::with(TABLES.folder) else { return };
    let ledger = tables_on(&disk);
    let desk = planned(READERS, &ledger);
    let sink = Sink::friendly();
    let machine = machine(&ledger, &sink);
    disk.leave(128);
    let heard = machine.root().join("heard");
    let worker = Worker::heard_by(&machine, File::create(&heard).expect("a file"));
    let hears = |what| std::fs::read_to_string(&heard).is_ok_and(|said| said.contains(what));
    until(|| hears(NO_ROOM) && hears("trying again soon"));
    let before = cut_short(&sink);
    disk.leave_plenty();
    all_is_done(&desk);
    worker.told_to_stop();
    nobody_is_missing("a worker, no room for the tables", before, &desk, &sink);
}
