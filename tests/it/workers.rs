//! Several machines on one PostgreSQL: one plans, any number send.
//!
//! A worker's folder holds `hlas.toml` and nothing else. What counts is what the
//! mail server has counted.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::{Desk, HOUSE};
use crate::killed::{LEASE, LINES, SHORT_LEASE, SLUG, desk, tell, whole};
use crate::smtp_sink::{Answer, Moment, Sink};
use crate::throwaway::{self, Flushes, Throwaway};

/// A mailing that was planned, of which nobody has had anything yet.
pub fn planned(readers: usize, ledger: &str) -> Desk {
    let desk = desk(readers).knowing("HLAS_LEDGER", ledger);
    let desk = desk.mailing_through(&Sink::url_of_nobody());
    desk.hlas(["run"]).ends_with(6);
    assert_eq!(desk.books(SLUG)["pending"], readers);
    desk
}

/// A machine with settings, and nothing else.
pub fn machine(ledger: &str, sink: &Sink) -> Desk {
    Desk::bare()
        .settings(&format!("{HOUSE}{SHORT_LEASE}"))
        .knowing("HLAS_LEDGER", ledger)
        .mailing_through(&sink.url())
}

/// At work until it is told to stop; and gone, when the story has failed before.
pub struct Worker(Child);

impl Worker {
    fn at(machine: &Desk) -> Self {
        Self::heard_by(machine, Stdio::null())
    }

    pub fn heard_by(machine: &Desk, ear: impl Into<Stdio>) -> Self {
        let mut command = machine.command(&["send", "--worker"]);
        command.stdout(ear).stderr(Stdio::null());
        Self(command.spawn().expect("the program runs"))
    }

    fn killed(mut self) {
        self.0.kill().expect("SIGKILL");
        assert_eq!(self.0.wait().expect("gone").code(), None, "it was at work");
    }

    pub fn told_to_stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        assert_eq!(self.0.wait().expect("our child").code(), Some(0), "that is how a worker ends");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Until nobody is left to be written to.
pub fn all_is_done(desk: &Desk) {
    let began = Instant::now();
    while desk.books(SLUG)["pending"] != 0 {
        assert!(began.elapsed() < Duration::from_secs(300), "{:#}", desk.books(SLUG));
        thread::sleep(Duration::from_millis(200));
    }
}

pub fn until(what: impl Fn() -> bool) {
    let began = Instant::now();
    while !what() {
        assert!(began.elapsed() < Duration::from_secs(120), "it never came");
        thread::sleep(Duration::from_millis(5));
    }
}

/// So many workers; one is killed when so many messages are in.
fn one_is_killed(server: &Throwaway, workers: usize, readers: usize, at: usize) {
    let ledger = server.database();
    let desk = planned(readers, &ledger);
    let sink = Sink::friendly();
    let machines: Vec<Desk> = (0..workers).map(|_| machine(&ledger, &sink)).collect();
    let mut at_work: Vec<Worker> = machines.iter().map(Worker::at).collect();
    until(|| sink.count() >= at);
    at_work.remove(0).killed();
    let before = sink.count();
    all_is_done(&desk);
    at_work.into_iter().for_each(Worker::told_to_stop);
    let unsure = whole(&desk, &sink.recipients(), readers);
    assert!(unsure.len() <= LINES, "more than one message a line was in hand: {unsure:?}");
    tell(&format!("{workers} workers, one killed"), before, sink.count(), unsure.len());
}

#[test]
fn of_two_workers_one_is_killed_and_the_other_takes_its_rows() {
    let Some(server) = throwaway::shared(Flushes::Always) else { return };
    one_is_killed(server, 2, 600, 100);
}

#[test]
#[ignore = "takes a minute or more; `just kill-test` runs it"]
fn of_two_and_of_four_workers_one_is_killed_and_nobody_gets_it_twice() {
    let Some(server) = throwaway::shared(Flushes::Always) else { return };
    one_is_killed(server, 2, 5_000, 1_500);
    one_is_killed(server, 4, 5_000, 1_500);
}

#[test]
fn workers_that_are_told_to_stop_leave_nobody_unsure_and_their_rows_at_once() {
    let Some(server) = throwaway::shared(Flushes::Always) else { return };
    let readers = 400;
    let ledger = server.database();
    let desk = planned(readers, &ledger);
    let sink = Sink::friendly();
    let machine = machine(&ledger, &sink);
    let worker = Worker::at(&machine);
    until(|| sink.count() >= 50);
    worker.told_to_stop();
    let before = sink.count();
    assert!(before < readers, "it was over before it was told");
    let books = desk.books(SLUG);
    assert_eq!((&books["unsure"], &books["accepted"]), (&0.into(), &before.into()));
    machine.hlas(["send", "--worker", "--once"]).ends_with(0);
    assert_eq!(whole(&desk, &sink.recipients(), readers).len(), 0);
    tell("a worker, SIGTERM", before, sink.count(), 0);
}

#[test]
fn a_text_that_is_made_a_draft_again_stops_the_workers_in_the_middle() {
    let Some(server) = throwaway::shared(Flushes::Always) else { return };
    let readers = 300;
    let ledger = server.database();
    let desk = planned(readers, &ledger);
    // Fifty messages, then as if it took a nap before each word.
    let (mut seen, sleepy) = (0, Arc::new(AtomicBool::new(true)));
    let naps = Arc::clone(&sleepy);
    let sink = Sink::saying(move |moment| {
        seen += usize::from(matches!(moment, Moment::Body(_)));
        if seen > 50 && naps.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(30));
        }
        Answer::Yes
    });
    let machine = machine(&ledger, &sink);
    let worker = Worker::at(&machine);
    until(|| sink.count() >= 50);
    let draft = desk.read(&format!("publications/{SLUG}/cs.md")).replace("ready", "draft");
    desk.write(&format!("publications/{SLUG}/cs.md"), draft.clone());
    let said = desk.hlas(["run"]);
    assert!(said.out.contains("held, it is a draft again"), "{said:?}");
    // The worker looks every two seconds.
    thread::sleep(Duration::from_secs(4));
    let stood = sink.count();
    thread::sleep(Duration::from_secs(1));
    assert_eq!(sink.count(), stood, "nobody more");
    assert!(stood < readers);
    sleepy.store(false, Ordering::Relaxed);
    desk.write(&format!("publications/{SLUG}/cs.md"), draft.replace("draft", "ready"));
    let desk = desk.mailing_through(&sink.url());
    desk.hlas(["run"]);
    all_is_done(&desk);
    worker.told_to_stop();
    assert_eq!(whole(&desk, &sink.recipients(), readers).len(), 0);
}

#[test]
fn a_server_of_the_ledger_that_is_restarted_in_the_middle_loses_nobody() {
    let Some(server) = Throwaway::start(Flushes::Always) else { return };
    let readers = 300;
    let ledger = server.database();
    let server = Arc::new(Mutex::new(server));
    let desk = planned(readers, &ledger);
    // Down as if the power had gone, in the middle of the talk about one.
    let (restarts, asked) = (Arc::clone(&server), Arc::new(AtomicU32::new(0)));
    let sink = Sink::saying(move |moment| {
        if matches!(moment, Moment::Body(_)) && asked.fetch_add(1, Ordering::SeqCst) == 60 {
            restarts.lock().expect("whole").restart_at_once();
        }
        Answer::Yes
    });
    let desk = desk.mailing_through(&sink.url());
    let said = desk.hlas(["run"]).ends_with(5);
    assert!(said.err.contains("the line to the ledger"), "{said:?}");
    let before = sink.count();
    thread::sleep(LEASE);
    desk.hlas(["run"]);
    let unsure = whole(&desk, &sink.recipients(), readers);
    assert!(unsure.len() <= LINES, "{unsure:?}");
    tell("PostgreSQL restarts", before, sink.count(), unsure.len());
}

#[test]
fn two_machines_that_plan_at_once_mail_nobody_twice() {
    let Some(server) = throwaway::shared(Flushes::Always) else { return };
    let readers = 200;
    let ledger = server.database();
    let sink = Sink::friendly();
    let houses: Vec<Desk> = (0..2)
        .map(|_| desk(readers).knowing("HLAS_LEDGER", &ledger).mailing_through(&sink.url()))
        .collect();
    let runs: Vec<Child> = houses
        .iter()
        .map(|house| {
            let mut command = house.command(&["run"]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
        })
        .collect();
    let ends: Vec<_> =
        runs.into_iter().map(|mut run| run.wait().expect("our child").code()).collect();
    assert!(ends.iter().all(|end| [Some(0), Some(7)].contains(end)), "{ends:?}");
    houses[0].hlas(["run"]).ends_with(0);
    assert_eq!(whole(&houses[1], &sink.recipients(), readers).len(), 0);
}

#[test]
fn a_worker_with_a_ledger_in_a_file_is_told_what_it_needs() {
    let machine = Desk::bare().settings(HOUSE);
    let said = machine.hlas(["send", "--worker"]).ends_with(2).err;
    assert!(said.contains("the ledger in a file serves one machine at a time"), "{said}");
}

#[test]
fn a_worker_does_not_send_with_a_copy() {
    let Some(server) = throwaway::shared(Flushes::Always) else { return };
    let ledger = server.database();
    let desk = planned(3, &ledger);
    let sink = Sink::friendly();
    let copy = server.database();
    desk.hlas(["ledger", "copy", &ledger, &copy]).ends_with(0);
    let machine = machine(&copy, &sink);
    let said = machine.hlas(["send", "--worker"]).ends_with(5).err;
    assert!(said.contains("nothing is sent: this is a copy of the ledger"), "{said}");
    assert_eq!(sink.count(), 0);

    let adopted = machine.hlas(["ledger", "adopt"]).ends_with(0).out;
    assert!(adopted.contains("paused, 3 open"), "{adopted}");
    machine.hlas(["send", "--worker", "--once"]).ends_with(0);
    assert_eq!(sink.count(), 0, "paused until somebody says so");
}
