//! How fast mail arrives, and when it leaves at all, by the server's own clock.
//!
//! What is told of a rate is never "so fast", always "never faster": a machine
//! with other things to do may be slower, and is right all the same.

use std::fmt::Write;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::desk::{ANNA, CYRIL, Desk, HOUSE, READERS, due};
use crate::smtp_sink::{Answer, Moment, Sink};

const SLUG: &str = "2020-01-06-povoleni";

/// As many as the defaults have: so many messages may be under way when one is
/// held up, and arrive together.
const LINES: usize = 4;

/// A desk with so many readers at each domain, in this order, and lines for
/// `[delivery]`.
fn desk(readers: &[(&str, usize)], delivery: &str) -> Desk {
    let mut list = String::from("email,name,language,basis\n");
    for (domain, count) in readers {
        for number in 0..*count {
            let _ = writeln!(list, "reader-{number}@{domain},Čtenář {number},cs,consent");
        }
    }
    let desk = Desk::small().settings(&format!("{HOUSE}{delivery}")).list("readers", list);
    desk.publication(SLUG, &due("Povolení k pobytu"))
}

/// When those of a domain arrived, counted from `start`.
fn arrivals(sink: &Sink, domain: &str, start: Instant) -> Vec<Duration> {
    let theirs = sink.taken().into_iter().filter(|it| it.recipient.ends_with(domain));
    let mut arrived: Vec<Duration> = theirs.map(|it| it.at.duration_since(start)).collect();
    arrived.sort_unstable();
    arrived
}

/// The first leaves when it likes; behind it none sooner than it may, and
/// nowhere a burst.
#[track_caller]
fn never_faster_than(a_second: u32, arrived: &[Duration]) {
    let spacing = Duration::from_secs(1) / a_second;
    for (number, at) in (0..).zip(arrived) {
        assert!(*at >= spacing * number, "{number} came at {at:?}: {arrived:?}");
    }
    let most = usize::try_from(a_second).expect("few") + 1 + LINES;
    for (number, from) in arrived.iter().enumerate() {
        let second = *from + Duration::from_secs(1);
        let in_it = arrived[number..].iter().take_while(|at| **at < second).count();
        assert!(in_it <= most, "{in_it} in the second from {from:?}: {arrived:?}");
    }
}

fn start(desk: &Desk) -> Child {
    let mut command = desk.command(&["run"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
}

/// Waits until the server has so many; whoever is never so far has failed.
fn wait_for(sink: &Sink, count: usize, child: &mut Child) {
    while sink.count() < count {
        assert!(child.try_wait().expect("our child").is_none(), "it ended at {}", sink.count());
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn five_a_second_here_and_fifty_there_in_one_mailing_also_when_it_is_killed() {
    let sink = Sink::friendly();
    let pace = "[delivery.domains.\"example.net\"]\nrate = \"5/second\"\n\
                [delivery.domains.\"example.com\"]\nrate = \"50/second\"\n";
    let readers = [("example.net", 22), ("example.com", 100), ("example.org", 30)];
    let desk = desk(&readers, pace).mailing_through(&sink.url());
    let began = Instant::now();
    let mut first = start(&desk);
    wait_for(&sink, 55, &mut first);
    first.kill().expect("SIGKILL");
    first.wait().expect("gone");
    let said = desk.hlas(["run"]);
    // Those in hand when it was killed may have arrived, and are shown.
    let unsure = usize::try_from(desk.books(SLUG)["unsure"].as_u64().expect("a number"));
    let unsure = unsure.expect("few");
    assert!(unsure <= LINES, "{unsure}");
    said.ends_with(if unsure > 0 { 8 } else { 0 });

    let (net, com) = (arrivals(&sink, "example.net", began), arrivals(&sink, "example.com", began));
    never_faster_than(5, &net);
    never_faster_than(50, &com);
    let all = net.len() + com.len() + arrivals(&sink, "example.org", began).len();
    assert!(all >= 152 - unsure, "{all} of 152, {unsure} unsure");
    let mut recipients = sink.recipients();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), all, "nobody twice");
    // The slow ones stand first in the list, and held up nobody.
    assert!(com.last() < net.last(), "{com:?} {net:?}");
}

#[test]
fn a_run_that_would_wait_for_hours_ends_and_says_when_it_goes_on() {
    let sink = Sink::friendly();
    let pace = "[delivery.domains.\"example.net\"]\nrate = \"1/hour\"\n";
    let readers = [("example.net", 3), ("example.org", 2)];
    let desk = desk(&readers, pace).mailing_through(&sink.url());
    let said = desk.hlas(["run"]).ends_with(0);
    assert!(said.out.contains("paced: 2 messages left for the next run; goes on at 2"), "{said:?}");
    assert_eq!(sink.count(), 3);
    let books = desk.books(SLUG);
    assert_eq!(books["pending"], 2);
    let goes_on: Timestamp = books["goes_on"].as_str().expect("a moment").parse().expect("one");
    let left = goes_on.duration_since(Timestamp::now());
    assert!(
        left > SignedDuration::from_mins(50) && left <= SignedDuration::from_mins(60),
        "{left}"
    );
    let told = desk.hlas(["status"]).ends_with(0).out;
    assert!(told.contains("HELD: its pace lets the next go at 2"), "{told}");

    // A timer that calls again has nothing to say, and takes nobody's turn.
    let said = desk.hlas(["run", "--quiet"]).ends_with(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    assert_eq!(desk.books(SLUG)["goes_on"], books["goes_on"]);
    assert_eq!(sink.count(), 3);
}

#[test]
fn a_domain_that_says_too_fast_is_shown_with_its_pace() {
    let sink = Sink::saying(|moment| match moment {
        Moment::Rcpt(reader) if reader == "reader-0@example.net" => {
            Answer::Say("450 4.7.1 Too many messages, slow down")
        }
        _ => Answer::Yes,
    });
    let readers = [("example.net", 8), ("example.org", 8)];
    let desk = desk(&readers, "connections = 1\nwait_minutes = 0\n").mailing_through(&sink.url());
    let said = desk.hlas(["run"]).ends_with(0);
    assert!(said.out.contains("paced: 8 messages left"), "{said:?}");
    assert_eq!(arrivals(&sink, "example.org", Instant::now()).len(), 8, "who has said nothing");
    assert_eq!(sink.count(), 8);

    let told = desk.hlas(["status"]).ends_with(0).out;
    assert!(told.contains("example.net: slowed down 2"), "{told}");
    let slowed = &desk.books(SLUG)["slowed"][0];
    assert_eq!(slowed["domain"], "example.net");
    assert!(slowed["next"].is_string(), "{slowed}");
    assert_eq!(desk.hlas(["run"]).ends_with(0).err, "");
    assert_eq!(sink.count(), 8, "it has its rest");
}

#[cfg(unix)]
#[test]
fn told_to_stop_while_it_waits_it_ends_at_once() {
    let sink = Sink::friendly();
    let desk = desk(&[("example.net", 5)], "rate = \"2/minute\"\n").mailing_through(&sink.url());
    let mut child = start(&desk);
    wait_for(&sink, 1, &mut child);
    let told = Instant::now();
    let process = i32::try_from(child.id()).expect("a process id");
    let process = rustix::process::Pid::from_raw(process).expect("a process");
    rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("told");
    let code = child.wait().expect("ended").code();
    assert_eq!(code, Some(6));
    // Ten seconds is what a message in hand would have been given.
    assert!(told.elapsed() < Duration::from_secs(9), "{:?}", told.elapsed());
    let books = desk.books(SLUG);
    assert_eq!(
        (&books["accepted"], &books["pending"], &books["unsure"]),
        (&1.into(), &4.into(), &0.into())
    );
}

/// Settings of a house that mails twelve hours from now, for a minute a day.
fn asleep() -> String {
    let later = Timestamp::now() + SignedDuration::from_hours(12);
    let hour = later.to_zoned_datetime(jiff::tz::TimeZone::UTC).hour();
    let window = format!("window = \"{hour:02}:00-{hour:02}:01\"\nholidays = \"none\"\n");
    format!("time_zone = \"UTC\"\n{HOUSE}{window}")
}

#[test]
fn out_of_hours_nothing_leaves_by_itself_and_a_person_may_insist() {
    let desk = Desk::small().settings(&asleep()).list("readers", READERS);
    let desk = desk.publication(SLUG, &due("Povolení k pobytu"));
    let again = "the house mails again from 2";
    let said = desk.hlas(["run"]).ends_with(0);
    assert!(said.out.contains(&format!("due, but not mailed: {again}")), "{said:?}");
    let said = desk.hlas(["run", "--quiet"]).ends_with(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    let told = desk.hlas(["plan"]).ends_with(0).out;
    assert!(told.contains(again), "{told}");
    assert!(desk.hlas(["plan", "--format", "json"]).json()[0]["opens"].is_string());
    assert!(desk.mailed().is_empty());

    let said = desk.hlas(["send", SLUG, "--yes"]).ends_with(9);
    assert!(said.err.contains(again) && said.err.contains("--any-time"), "{said:?}");
    assert!(desk.mailed().is_empty());
    desk.hlas(["send", SLUG, "--yes", "--any-time"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, CYRIL], "Bob reads English");
}
