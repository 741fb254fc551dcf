//! `hlas plan` for a million readers out of a CSV: the program itself, from its
//! start to its end, with a list as an office would keep it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const READERS: u32 = 1_000_000;

pub fn run() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    workspace(folder.path());
    let began = Instant::now();
    let mut plan = hlas(folder.path(), &["plan"]).stdout(Stdio::null()).spawn().expect("it starts");
    let most = most_resident(&mut plan);
    println!(
        "{READERS} readers planned out of a CSV in {:.1} s; at most {most} MiB",
        began.elapsed().as_secs_f64()
    );
}

fn hlas(folder: &Path, verb: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hlas"));
    command.args(verb).current_dir(folder);
    command
}

fn workspace(folder: &Path) {
    let made = hlas(folder, &["init", "."]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(made.expect("it starts").success(), "a workspace");
    let mut list =
        "email,name,salutation,language,organisation,role,country,topics,basis,since,source\n"
            .to_owned();
    for number in 0..READERS {
        writeln!(
            list,
            "reader-{number}@example.org,Jana Nováková {number},\"Vážená paní Nováková,\",cs,\
             Poradna Příklad {},ředitelka,CZ,integration;labour,consent,2026-01-05,přihláška",
            number % 5000,
        )
        .expect("a String takes all that is written");
    }
    std::fs::write(folder.join("subscribers/members.csv"), list).expect("written");
}

/// In MiB, while it ran; Linux alone tells.
fn most_resident(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(kib.unwrap_or(0) / 1024);
        if let Some(ended) = child.try_wait().expect("it can be waited for") {
            assert!(ended.success(), "{ended}");
            return most;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
