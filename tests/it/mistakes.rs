//! One of each thing that a rule looks for, in one workspace: every one is
//! found at its line and column, and nothing else is.
//!
//! `tests/fixtures/mistakes/` has a publication for each group of mistakes;
//! the first, 2020-01-01-bez-chyby, is sound. A new rule comes with its
//! mistake in the publication of its group, or in a new one, and with the
//! snapshots below, read. What cannot be loaded at all is in
//! [`crate::bad_input`].

use std::collections::BTreeSet;
use std::fs;

use hlas::check::RULES;
use serde_json::Value;

use crate::desk::Desk;

/// The fixture, with the one mistake that would weigh too much in it.
fn desk() -> Desk {
    let desk = Desk::from_fixture("mistakes");
    let folder = "publications/2020-01-05-obrazky";
    let small = fs::read(desk.root().join(folder).join("maly.png")).expect("a picture");
    desk.write(&format!("{folder}/tezky.png"), [small, vec![0; 600_000]].concat());
    desk
}

#[test]
fn every_mistake_is_shown_in_its_line_with_the_way_out() {
    let said = desk().hlas(["check"]).ends_with(1);
    insta::assert_snapshot!(said.out);
    assert_eq!(said.err, "");
}

#[test]
fn scripts_get_the_rule_and_the_place_of_every_mistake() {
    let findings = findings(&desk());
    let lines: Vec<String> = findings.iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

fn findings(desk: &Desk) -> Vec<Value> {
    let found = desk.hlas(["check", "--format", "json"]).json();
    found["findings"].as_array().expect("findings").clone()
}

fn line(finding: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    assert!(!text(&finding["help"]).is_empty(), "no way out of {finding}");
    let place = &finding["place"];
    let file = text(&place["file"]).replace("publications/", "");
    let (line, column, length) = (&place["line"], &place["column"], &place["length"]);
    let (severity, rule) = (text(&finding["severity"]), text(&finding["rule"]));
    format!("{severity:7} {rule:17} {file}:{line}:{column} +{length}")
}

#[test]
fn no_rule_is_without_its_mistake() {
    let findings = findings(&desk());
    let hit: BTreeSet<&str> = findings.iter().filter_map(|it| it["rule"].as_str()).collect();
    let rules = RULES.iter().map(|rule| rule.name());
    let missed: Vec<_> = rules.filter(|rule| !hit.contains(rule)).collect();
    assert!(missed.is_empty(), "no mistake in the fixture for {missed:?}");
}

#[test]
fn what_is_sound_is_left_alone() {
    let desk = desk();
    desk.hlas(["check", "2020-01-01-bez-chyby"]).ends_with(0);
    let of_sound = |it: &Value| it["place"]["file"].as_str().unwrap().contains("bez-chyby");
    assert!(!findings(&desk).iter().any(of_sound));
}

/// What the repository itself publishes, as an example to others.
#[test]
fn no_rule_finds_anything_in_the_samples() {
    let desk = Desk::of_the_repository("mistakes");
    let own = |it: &Value| it["place"]["file"].as_str().unwrap().starts_with("publications/");
    let found: Vec<String> = findings(&desk).iter().filter(|it| own(it)).map(line).collect();
    assert_eq!(found, Vec::<String>::new());
}
