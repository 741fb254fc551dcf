//! How fast a mailing goes out, ledger and disk included, beside Postfix's
//! `smtp-source`, which composes nothing and remembers nothing.
//!
//! `just bench-send` runs it: the same sink, the same size of message, the same
//! number of lines, in turns, so that what else the machine is doing falls on
//! both. Ratios are what is quoted: a second is not the same second tomorrow.
//! `just bench-send million` plans and sends a million and looks at memory and
//! at how the rate holds.
//!
//! Not divan's business: one run is seconds long, and the other program is not
//! ours to call in a loop.

mod desk;
mod million;
mod sink;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use desk::Desk;
use sink::Sink;

const MESSAGES: u32 = 20_000;
const LINES: [usize; 3] = [4, 8, 16];
const TURNS: usize = 3;

fn main() {
    let sink = Sink::start();
    match std::env::args().nth(1).as_deref() {
        Some("million") => million::run(&sink),
        _ => beside_smtp_source(&sink),
    }
}

fn beside_smtp_source(sink: &Sink) {
    let size = Desk::message_size();
    println!("{MESSAGES} messages of {size} bytes, messages a second, best of {TURNS} turns");
    println!("{:>6} {:>12} {:>8} {:>6}", "lines", "smtp-source", "hlas", "ratio");
    for lines in LINES {
        let (mut theirs, mut ours) = (0.0_f64, 0.0_f64);
        for _ in 0..TURNS {
            let before = sink.count();
            theirs = theirs.max(rate(smtp_source(sink, lines, size)));
            ours = ours.max(rate(Some(Desk::frozen_for(MESSAGES).sent_through(sink, lines))));
            let took = sink.count() - before;
            let expected = if theirs > 0.0 { 2 } else { 1 } * u64::from(MESSAGES);
            assert_eq!(took, expected, "the sink has counted something else");
        }
        let ratio = if theirs > 0.0 { format!("{:.2}", ours / theirs) } else { "-".to_owned() };
        println!("{lines:>6} {theirs:>12.0} {ours:>8.0} {ratio:>6}");
    }
}

fn rate(took: Option<Duration>) -> f64 {
    took.map_or(0.0, |took| f64::from(MESSAGES) / took.as_secs_f64())
}

/// `None` where it is not installed (Debian package postfix).
fn smtp_source(sink: &Sink, lines: usize, size: usize) -> Option<Duration> {
    let mut command = Command::new("/usr/sbin/smtp-source");
    command.args(["-d", "-s", &lines.to_string(), "-m", &MESSAGES.to_string()]);
    command.args(["-l", &size.to_string(), "-f", "a@example.org", "-t", "b@example.org"]);
    command.arg(sink.address().to_string()).stdout(Stdio::null());
    let began = Instant::now();
    let ended = command.status().ok()?;
    assert!(ended.success(), "smtp-source: {ended}");
    Some(began.elapsed())
}
