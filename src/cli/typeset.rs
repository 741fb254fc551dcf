//! `hlas typeset`: sets one PDF for another `hlas`, and nobody else: see
//! [`super::guard`]. A job comes in on standard input, its answer goes out.
//!
//! It serves templates that may ask for anything, so before it reads one it
//! gives away what it will not need: memory without a bound, processor time
//! without end, and every file that is not open yet.

use std::io::{Read, Write};

use hlas::render::pdf::wire;

use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Seconds of processor time on each core
    seconds: u64,
}

pub fn run(args: &Args) -> Result<Exit, Failure> {
    limit(args.seconds);
    let broken = |error| Failure::new(Exit::Output, format!("no job, no answer: {error}"));
    let mut job = Vec::new();
    std::io::stdin().read_to_end(&mut job).map_err(broken)?;
    let mut out = std::io::stdout().lock();
    out.write_all(&wire::answer(&job)).and_then(|()| out.flush()).map_err(broken)?;
    Ok(Exit::Ok)
}

/// Addresses that a document may claim; eight pages take a tenth of it.
#[cfg(unix)]
const ADDRESSES: u64 = 2 << 30;

/// Who started us ends us in time. Should they be gone, processor time ends.
#[cfg(unix)]
fn limit(seconds: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let bounds = [
        (Resource::As, ADDRESSES),
        (Resource::Cpu, seconds.saturating_add(1).saturating_mul(cores)),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in bounds {
        // A system that knows no such bound has our parent's clock still.
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
}

#[cfg(not(unix))]
fn limit(_: u64) {}
