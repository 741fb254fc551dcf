//! A house where it runs by itself: the units of `contrib/systemd`, and what
//! `docs/running.md` tells to copy.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::desk::{Desk, files_below, has, repository, skip};

const PROGRAM: &str = "/usr/local/bin/hlas";

fn docs() -> String {
    fs::read_to_string(repository().join("docs/running.md")).expect("the docs")
}

fn unit(name: &str) -> String {
    fs::read_to_string(repository().join("contrib/systemd").join(name)).expect("a unit")
}

/// The fenced blocks of the docs that are marked with `language`.
fn blocks(language: &str) -> Vec<String> {
    let docs = docs();
    let blocks = docs.split("\n```").skip(1).step_by(2);
    let of_it = blocks.filter_map(|block| block.strip_prefix(&format!("{language}\n")));
    of_it.map(ToOwned::to_owned).collect()
}

/// Whether the program knows these arguments: `--help` comes after the others.
fn is_known(arguments: &str) -> bool {
    let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
    arguments.push("--help");
    let said = Desk::bare().said(&mut Desk::bare().command(&arguments));
    said.exit == 0
}

#[test]
fn systemd_has_nothing_against_the_units() {
    if !has("systemd-analyze") {
        return skip("systemd-analyze is not there");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let here = assert_cmd::cargo::cargo_bin!("hlas").display().to_string();
    let names = files_below(&repository().join("contrib/systemd"));
    assert!(names.len() >= 4, "{names:?}");
    for name in &names {
        // As they are, and with all that is offered in comments.
        let text = unit(name).replace(PROGRAM, &here);
        let text = text.replace("\n#LoadCredential", "\nLoadCredential");
        let text = text.replace("\n#Environment", "\nEnvironment");
        fs::write(folder.path().join(name), text).expect("written");
    }
    let started = names.iter().map(|name| name.replace("@.", "@hlas.service."));
    let started: Vec<_> = started.map(|name| folder.path().join(name)).collect();
    let verify = |arguments: &[&str], units: &[&Path]| {
        let mut command = Command::new("systemd-analyze");
        let output = command.args(arguments).args(units).output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), text + &String::from_utf8_lossy(&output.stderr))
    };
    let units: Vec<&Path> = started.iter().map(AsRef::as_ref).collect();
    assert_eq!(verify(&["verify", "--man=no"], &units), (true, String::new()));

    for name in ["hlas.service", "hlas-worker.service"] {
        let unit = folder.path().join(name);
        // Tenths: up to 2.0 of 10.
        let arguments = ["security", "--offline=yes", "--threshold=20"];
        let (is_safe, text) = verify(&arguments, &[&unit]);
        assert!(is_safe, "{text}");
    }
}

#[test]
fn both_services_are_hardened_alike() {
    let hardening = |name: &str| {
        let unit = unit(name);
        let (_, from) = unit.split_once("# It reads the workspace").expect("its heading");
        let section = from.split("\n[").next().unwrap_or_default().trim_end();
        section.to_owned()
    };
    assert!(hardening("hlas.service").contains("ProtectSystem=strict"));
    assert_eq!(hardening("hlas.service"), hardening("hlas-worker.service"));
}

#[test]
fn the_program_knows_the_arguments_that_units_start_it_with() {
    assert!(unit("hlas.timer").contains("OnCalendar=*:0/5\n"));
    for service in [unit("hlas.service"), unit("hlas-worker.service")] {
        let started = service.lines().find_map(|line| line.strip_prefix("ExecStart="));
        let arguments = started.and_then(|line| line.strip_prefix(PROGRAM)).expect("our program");
        assert!(is_known(arguments), "{arguments}");
    }
    assert!(!is_known("run --no-such-flag"), "or this test sees nothing");
    let by_the_timer = unit("hlas.service");
    assert!(by_the_timer.contains("\nSuccessExitStatus=1 7\n"), "as the docs say of 1 and 7");
}

#[test]
fn what_is_offered_in_comments_is_what_the_docs_tell_to_write() {
    let told = blocks("ini");
    assert_eq!(told.len(), 2);
    for (name, told) in ["hlas.service", "hlas-worker.service"].iter().zip(&told) {
        let offered: BTreeSet<String> = unit(name)
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .filter(|line| line.starts_with("LoadCredential") || line.starts_with("Environment"))
            .map(ToOwned::to_owned)
            .collect();
        let told: BTreeSet<String> = told.lines().skip(1).map(ToOwned::to_owned).collect();
        assert_eq!(offered, told, "{name}");
    }
}

#[test]
fn the_crontab_has_five_fields_and_a_command_that_we_know() {
    let line = &blocks("crontab")[0];
    let fields: Vec<&str> = line.splitn(6, ' ').collect();
    let is_field = |field: &&str| field.chars().all(|c| c.is_ascii_digit() || "*/,-".contains(c));
    assert!(fields[..5].iter().all(is_field), "{line}");
    // cron takes it for a line end.
    assert!(!fields[5].contains('%'), "{line}");
    let (_, arguments) = fields[5].split_once(&format!("{PROGRAM} ")).expect("our program");
    assert!(is_known(arguments), "{arguments}");
}

#[test]
fn schedules_of_other_people_are_yaml_and_keep_the_ledger() {
    let blocks = blocks("yaml");
    let parsed: Vec<Value> = blocks
        .iter()
        .map(|block| serde_saphyr::from_str(block).unwrap_or_else(|error| panic!("{error}")))
        .collect();
    let [github, gitlab, alerts] = &parsed[..] else { panic!("{} blocks", parsed.len()) };

    assert!(github["on"]["schedule"][0]["cron"].is_string(), "{github:#}");
    assert_eq!(github["concurrency"]["cancel-in-progress"], false);
    let steps = github["jobs"]["run"]["steps"].as_array().expect("steps");
    let run = steps.last().expect("a step");
    let known = |command: &str| {
        let (_, arguments) = command.split_once("/hlas ").expect("our program");
        assert!(is_known(arguments), "{arguments}");
    };
    known(run["run"].as_str().expect("a command"));
    let environment = run["env"].as_object().expect("variables");
    for secret in ["HLAS_LEDGER_PASSWORD", "HLAS_SMTP_PASSWORD", "HLAS_PING_URL"] {
        assert_eq!(environment[secret], format!("${{{{ secrets.{secret} }}}}"));
        assert!(docs().contains(&format!("`{secret}`")), "masked with GitLab too");
    }

    let job = &gitlab["publish"];
    known(job["script"].as_array().expect("commands").last().unwrap().as_str().unwrap());
    assert_eq!(job["interruptible"], false);
    for stated in [&run["env"], &job["variables"]] {
        let ledger = stated["HLAS_LEDGER"].as_str().expect("a ledger");
        assert!(ledger.starts_with("postgres://"), "what a runner writes is gone: {ledger}");
    }
    assert!(alerts["groups"][0]["rules"][1]["expr"].is_string(), "{alerts:#}");
}

#[test]
fn prometheus_has_nothing_against_the_alerts() {
    if !has("promtool") {
        return skip("promtool is not there");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("rules.yml");
    fs::write(&rules, &blocks("yaml")[2]).expect("written");
    let output = Command::new("promtool").args(["check", "rules"]).arg(&rules).output();
    let output = output.expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_variable_that_the_docs_and_units_set_is_known() {
    let names = files_below(&repository().join("contrib/systemd"));
    let mut text: String = names.iter().map(|name| unit(name)).collect();
    text.push_str(&docs());
    let is_part = |c: char| c.is_ascii_uppercase() || c == '_';
    let words = text.split(|c| !is_part(c)).filter(|word| word.starts_with("HLAS_"));
    let words: BTreeSet<&str> = words.collect();
    assert!(words.len() > 5, "{words:?}");
    let refused = Desk::small().knowing("HLAS_NO_SUCH", "x").hlas(["check"]).ends_with(3).err;
    for word in words {
        assert!(refused.contains(word), "{word} is none of: {refused}");
    }
}
