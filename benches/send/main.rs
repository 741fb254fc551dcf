//! How fast a mailing goes out, ledger and disk included, beside Postfix's
//! `smtp-source`, which composes nothing and remembers nothing.
//!
//! `just bench-send` runs it: the same sink, the same size of message, the same
//! number of lines, in turns, so that what else the machine is doing falls on
//! both. Ratios are what is quoted: a second is not the same second tomorrow.
//! Against our own sink, which does next to nothing, what is measured is the
//! senders; `just bench-send postfix` measures both against Postfix's
//! `smtp-sink`, where the sink is most of the work.
//! `just bench-send million` plans and sends a million and looks at memory and
//! at how the rate holds.
//!
//! Not divan's business: one run is seconds long, and the other program is not
//! ours to call in a loop.

mod desk;
mod million;
mod postfix_sink;
mod sink;

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use desk::Desk;
use postfix_sink::PostfixSink;
use sink::Sink;

const MESSAGES: u32 = 10_000;
const LINES: [usize; 3] = [4, 8, 16];
const TURNS: usize = 5;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("million") => million::run(&Sink::start()),
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

/// How many messages were sent by both.
fn beside_smtp_source(sink: SocketAddr) -> u64 {
    let size = Desk::message_size();
    println!("{MESSAGES} messages of {size} bytes, messages a second, medians of {TURNS} turns");
    println!("{:>6} {:>12} {:>8} {:>6}", "lines", "smtp-source", "hlas", "ratio");
    let mut turns = 0;
    for lines in LINES {
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            theirs.extend(smtp_source(sink, lines, size).map(rate));
            ours.push(rate(Desk::frozen_for(MESSAGES).sent_through(sink, lines)));
        }
        turns += theirs.len() + ours.len();
        let (theirs, ours) = (median(theirs), median(ours));
        let ratio = if theirs > 0.0 { format!("{:.2}", ours / theirs) } else { "-".to_owned() };
        println!("{lines:>6} {theirs:>12.0} {ours:>8.0} {ratio:>6}");
    }
    turns as u64 * u64::from(MESSAGES)
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
