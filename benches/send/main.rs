//! How fast a mailing goes out, ledger and disk included, beside Postfix's
//! `smtp-source`, which composes nothing and remembers nothing.
//!
//! `just bench-send` runs it, unsigned and signed with each kind of key: the same
//! sink, the same size of message, the same number of lines, in turns, so that
//! what else the machine is doing falls on all. Ratios are what is quoted: a
//! second is not the same second tomorrow.
//! Against our own sink, which does next to nothing, what is measured is the
//! senders; `just bench-send postfix` measures both against Postfix's
//! `smtp-sink`, where the sink is most of the work.
//! `just bench-send million` plans and sends a million and looks at memory and
//! at how the rate holds; `just bench-send plan` only plans them.
//! `just bench-send ledgers` sends the same with SQLite and with PostgreSQL.
//!
//! Not divan's business: one run is seconds long, and the other program is not
//! ours to call in a loop.

mod desk;
mod ledgers;
mod million;
mod planning;
mod postfix_sink;
mod signing;
mod sink;
#[path = "../../src/ledger/postgres/throwaway.rs"]
mod throwaway;

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use desk::Desk;
use postfix_sink::PostfixSink;
use signing::Signing;
use sink::Sink;

const MESSAGES: u32 = 5_000;
const LINES: [usize; 3] = [4, 8, 16];
const TURNS: usize = 5;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("plan") => planning::run(),
        Some("million") => {
            planning::run();
            million::run(&Sink::start());
        }
        Some("ledgers") => ledgers::run(&Sink::start()),
        Some("postfix") => match PostfixSink::start() {
            Some(sink) => {
                beside_smtp_source(sink.address);
            }
            None => println!("there is no smtp-sink here"),
        },
        _ => {
            let sink = Sink::start();
            let taken = beside_smtp_source(sink.address());
            assert_eq!(sink.count(), taken, "the sink has counted something else");
        }
    }
}

/// How many messages were sent by all.
fn beside_smtp_source(sink: SocketAddr) -> u64 {
    let size = Desk::message_size();
    println!("{MESSAGES} messages of {size} bytes, messages a second, medians of {TURNS} turns;");
    println!("in brackets how much of smtp-source that is");
    let ways = Signing::all();
    print!("{:>6} {:>12}", "lines", "smtp-source");
    ways.iter().for_each(|way| print!(" {:>16}", way.name));
    println!();
    let mut sent = 0;
    for lines in LINES {
        let (mut theirs, mut ours) = (Vec::new(), vec![Vec::new(); ways.len()]);
        for _ in 0..TURNS {
            theirs.extend(smtp_source(sink, lines, size).map(rate));
            for (way, rates) in ways.iter().zip(&mut ours) {
                let desk = Desk::frozen_for(MESSAGES).signed_by(way.signer.as_ref());
                rates.push(rate(desk.sent_through(sink, lines)));
            }
        }
        sent += theirs.len() + TURNS * ways.len();
        let theirs = median(theirs);
        print!("{lines:>6} {theirs:>12.0}");
        for rates in ours {
            let ours = median(rates);
            let ratio = if theirs > 0.0 { format!("{:.2}", ours / theirs) } else { "-".to_owned() };
            print!(" {:>16}", format!("{ours:.0} ({ratio})"));
        }
        println!();
    }
    sent as u64 * u64::from(MESSAGES)
}

fn rate(took: Duration) -> f64 {
    f64::from(MESSAGES) / took.as_secs_f64()
}

/// 0 of nothing.
fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(0.0)
}

/// `None` where it is not installed (Debian package postfix).
fn smtp_source(sink: SocketAddr, lines: usize, size: usize) -> Option<Duration> {
    let mut command = Command::new("/usr/sbin/smtp-source");
    command.args(["-d", "-s", &lines.to_string(), "-m", &MESSAGES.to_string()]);
    command.args(["-l", &size.to_string(), "-f", "a@example.org", "-t", "b@example.org"]);
    command.arg(sink.to_string()).stdout(Stdio::null());
    let began = Instant::now();
    let ended = command.status().ok()?;
    assert!(ended.success(), "smtp-source: {ended}");
    Some(began.elapsed())
}
