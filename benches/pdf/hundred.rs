//! A hundred different documents, each way in a process of its own: one by one,
//! the same on a single core, then side by side as a build does it.

use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use hlas::cores;

use super::texts::House;

const DOCUMENTS: usize = 100;

/// On how many threads Typst works.
const THREADS: &str = "RAYON_NUM_THREADS";

/// Measures both and says what it found.
pub fn report() {
    run(Command::new(this()).arg("--one-by-one"));
    // One thread for Typst too, which lays out some things side by side.
    let alone: Duration = run(Command::new(this()).arg("--one-by-one").env(THREADS, "1"));
    let together = run(Command::new(this()).arg("--on-all-cores"));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{cores} cores    {:.2} of the {:.1} s that one takes\n",
        together.as_secs_f64() / alone.as_secs_f64(),
        alone.as_secs_f64(),
    );
}

fn this() -> std::path::PathBuf {
    env::current_exe().expect("this program")
}

/// Runs a process that says something for people, and how many microseconds
/// it took.
fn run(command: &mut Command) -> Duration {
    let said = command.output().expect("it runs").stdout;
    let said = String::from_utf8(said).expect("text");
    let (told, micros) = said.trim_end().rsplit_once('\n').expect("two lines");
    println!("{told}");
    Duration::from_micros(micros.parse().expect("a number"))
}

pub fn one_by_one() {
    let house = House::with(DOCUMENTS);
    let (mut each, mut sizes, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    let started = Instant::now();
    for publication in house.publications() {
        let before = Instant::now();
        sizes.push(house.pdf(publication).len());
        each.push(before.elapsed());
        peaks.push(peak());
    }
    let all = started.elapsed();
    each.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (median, slowest) = (ms(each[DOCUMENTS / 2]), ms(each[DOCUMENTS - 1]));
    let cores = if env::var_os(THREADS).is_some() { "one core" } else { "hundred " };
    println!("{cores}   median {median:.0} ms a document, slowest {slowest:.0} ms");
    println!("memory     {} after 10, {} after 50, {} after 100", peaks[9], peaks[49], peaks[99]);
    println!("size       {:.1} kB", sizes[0] as f64 / 1e3);
    println!("{}", all.as_micros());
}

pub fn on_all_cores() {
    let house = House::with(DOCUMENTS);
    let publications = house.publications();
    let started = Instant::now();
    cores::map(&publications, |publication| house.pdf(publication).len());
    let all = started.elapsed();
    println!("memory     {} with a thread a core", peak());
    println!("{}", all.as_micros());
}

/// The most memory that this process has had at once, where the system tells.
fn peak() -> String {
    let kib = || -> Option<u64> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse().ok()
    };
    kib().map_or_else(|| "unknown".to_owned(), |kib| format!("{} MiB", kib / 1024))
}
