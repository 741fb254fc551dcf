//! A million readers: whether the last ten thousand go out as fast as the
//! first, and what memory it takes.

use std::time::Instant;

use super::desk::Desk;
use super::sink::Sink;

const READERS: u32 = 1_000_000;
const LINES: usize = 8;
const STRETCH: u64 = 10_000;

pub fn run(sink: &Sink) {
    let began = Instant::now();
    let desk = Desk::frozen_for(READERS);
    println!("frozen in {:.1} s; at most {} MiB", began.elapsed().as_secs_f64(), peak());
    reset_peak();
    println!("{} MiB before the first message", peak());
    let (mut began, mut rates) = (Instant::now(), Vec::new());
    desk.send(sink.address(), LINES, &mut |count| {
        if count % STRETCH == 0 {
            rates.push(STRETCH as f64 / began.elapsed().as_secs_f64());
            began = Instant::now();
        }
    });
    let part = |from: usize, to: usize| {
        let mut part: Vec<f64> = rates[from..to].to_vec();
        part.sort_by(f64::total_cmp);
        part[part.len() / 2]
    };
    let (first, last) = (rates[0], rates[rates.len() - 1]);
    println!("messages a second, by ten thousand: first {first:.0}, last {last:.0}");
    println!(
        "median of the first five {:.0}, of the middle five {:.0}, of the last five {:.0}",
        part(0, 5),
        part(rates.len() / 2 - 2, rates.len() / 2 + 3),
        part(rates.len() - 5, rates.len())
    );
    println!("at most {} MiB while sending", peak());
}

/// The most that was resident, in MiB; Linux alone tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// What freezing took does not count as sending's.
fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
