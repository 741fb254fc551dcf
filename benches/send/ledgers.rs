//! One ledger beside the other: SQLite, PostgreSQL with one worker, and with
//! two, as on two machines: each with lines to the mail server of its own. The
//! database is on a real disk and flushes it, as SQLite does.

use std::path::Path;

use super::desk::Desk;
use super::sink::Sink;
use super::throwaway::{Flushes, Throwaway};
use super::{MESSAGES, TURNS, median, rate};

/// Of each worker.
const LINES: usize = 8;

pub fn run(sink: &Sink) {
    let Some(server) = Throwaway::start_below(Path::new("/var/tmp"), Flushes::Always) else {
        return;
    };
    println!(
        "{MESSAGES} messages, {LINES} lines a worker, messages a second, medians of {TURNS} turns"
    );
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    // A new server makes the files of its log; later it uses them again.
    Desk::sent_by_workers(1, &server.database(), MESSAGES, sink.address(), LINES);
    for _ in 0..TURNS {
        let desk = Desk::frozen_for(MESSAGES);
        rates[0].push(rate(desk.sent_through(sink.address(), LINES)));
        for workers in [1, 2] {
            let (ledger, sink) = (server.database(), sink.address());
            rates[workers]
                .push(rate(Desk::sent_by_workers(workers, &ledger, MESSAGES, sink, LINES)));
        }
    }
    let [file, one, two] = rates.map(median);
    println!("{:<26} {file:>6.0}", "SQLite");
    println!("{:<26} {one:>6.0} ({:.2})", "PostgreSQL, one worker", one / file);
    println!("{:<26} {two:>6.0} ({:.2})", "PostgreSQL, two workers", two / file);
}
