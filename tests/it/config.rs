//! Settings in layers, and workspaces that begin: `config`, `init`.

use serde_json::Value;

use crate::desk::{Desk, HOUSE, Said};

/// The value of a setting and the layer it came from.
fn setting(said: &Said, key: &str) -> (String, String) {
    let all = said.json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let found = all.as_array().expect("settings").iter().find(|setting| setting["key"] == key);
    let found = found.unwrap_or_else(|| panic!("no {key} in {all:#}"));
    (text(&found["value"]), text(&found["layer"]))
}

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_defaults() {
    let json = ["config", "--format", "json"];
    let desk = Desk::bare().settings(HOUSE);
    let out = |said: Said| {
        let (value, layer) = setting(&said.ends_with(0), "out");
        format!("{value} {layer}")
    };
    assert_eq!(out(desk.hlas(json)), "out default");
    desk.write("hlas.toml", format!("out = \"from-file\"\n{HOUSE}"));
    assert_eq!(out(desk.hlas(json)), "from-file hlas.toml");
    let desk = desk.knowing("HLAS_OUT", "from-environment");
    assert_eq!(out(desk.hlas(json)), "from-environment HLAS_OUT");
    assert_eq!(
        out(desk.hlas(["config", "--format", "json", "--out", "from-flag"])),
        "from-flag --out"
    );
    let desk = desk.knowing("HLAS_OUT", "");
    assert_eq!(out(desk.hlas(json)), "from-file hlas.toml", "empty states nothing");
}

#[test]
fn config_shows_every_setting_with_its_layer() {
    let desk = Desk::bare().settings(HOUSE).knowing("HLAS_TRANSPORT", "smtp://mail.example.org");
    insta::assert_snapshot!(desk.hlas(["config", "--time-zone", "Europe/Dublin"]).ends_with(0).out);
}

#[test]
fn the_layers_are_what_the_program_does() {
    let desk = Desk::small().knowing("HLAS_OUT", "from-environment");
    desk.hlas(["build"]).ends_with(0);
    assert!(!desk.tree("from-environment").is_empty());
    desk.hlas(["build", "--out", "from-flag"]).ends_with(0);
    assert_eq!(desk.tree("from-flag"), desk.tree("from-environment"));
    assert!(desk.tree("out").is_empty());
}

#[test]
fn an_unknown_key_is_an_error_with_the_nearest_that_there_is() {
    let house = HOUSE.replace("\n[delivery]", "form = \"a\"\n\n[delivery]");
    let desk = Desk::bare().settings(&format!("transprot = \"file:x\"\n{house}"));
    let said = desk.hlas(["run"]).ends_with(3);
    insta::assert_snapshot!(said.err);
    assert_eq!(desk.tree(""), ["hlas.toml"], "nothing was done");
}

#[test]
fn where_there_is_no_workspace_the_way_out_is_told() {
    let said = Desk::bare().hlas(["check"]).ends_with(3);
    assert!(said.err.starts_with("error: DESK/hlas.toml: "), "{}", said.err);
    assert!(said.err.contains("make one with `hlas init DIR`"), "{}", said.err);
}

#[test]
fn a_bad_value_is_blamed_on_the_layer_it_came_from() {
    let desk = Desk::small().knowing("HLAS_TIME_ZONE", "Europe/Prag");
    let said = desk.hlas(["check"]).ends_with(3);
    assert!(said.err.contains("HLAS_TIME_ZONE"), "{}", said.err);
    assert!(said.err.contains("there is no time zone `Europe/Prag`"), "{}", said.err);
}

#[test]
fn a_new_workspace_checks_and_builds_as_it_stands() {
    let desk = Desk::bare();
    let said = desk.hlas(["init", "."]).ends_with(0);
    assert!(said.out.contains("hlas check"), "{}", said.out);
    let check = desk.hlas(["check"]).ends_with(0);
    assert_eq!(check.out, "1 publication checked: no findings\n");
    desk.hlas(["build"]).ends_with(0);
    let site = desk.site();
    for file in ["index.html", "feed.cs.xml", "2026-01-05-ukazka/en.html"] {
        assert!(site.contains(&file.to_owned()), "{site:?}");
    }
    assert_eq!(site.iter().filter(|file| file.ends_with(".pdf")).count(), 2);
    assert_eq!(desk.read(".gitignore"), "/out\n/var\n");

    let again = desk.hlas(["init", "."]).ends_with(4);
    assert!(again.err.contains("nothing was written"), "{}", again.err);
}

#[test]
fn the_defaults_are_a_file_that_a_new_workspace_accepts_in_front_of_its_own() {
    let desk = Desk::bare();
    let defaults = desk.hlas(["config", "--defaults"]).ends_with(0).out;
    desk.hlas(["init", "."]).ends_with(0);
    // TOML takes a key once, so what init wrote gives way to the defaults.
    let own = desk.read("hlas.toml");
    let stated = |line: &str| {
        let key = line.split(" = ").next().unwrap_or_default();
        !key.is_empty() && defaults.lines().any(|it| it.starts_with(&format!("{key} = ")))
    };
    let (top, tables) = own.split_at(own.find("\n[").expect("tables"));
    let top: Vec<&str> = top.lines().filter(|line| !stated(line)).collect();
    let kinds = defaults.find("[[").expect("kinds");
    let (before, after) = defaults.split_at(kinds);
    desk.write("hlas.toml", format!("{before}{}\n{after}{tables}", top.join("\n")));
    let said = desk.hlas(["config", "--format", "json"]).ends_with(0);
    assert_eq!(setting(&said, "transport"), ("file:var/outbox".into(), "hlas.toml".into()));
    desk.hlas(["check"]).ends_with(0);
}

#[test]
fn the_command_line_says_what_is_wrong_with_it() {
    let desk = Desk::small();
    for arguments in [["sned", "x"], ["send", "--yes"], ["new", "commentary"]] {
        let said = desk.hlas(arguments).ends_with(2);
        assert!(said.err.contains("Usage: hlas"), "{}", said.err);
    }
    let help = desk.hlas(["--help"]).ends_with(0).out;
    for code in 0..=9 {
        assert!(help.lines().any(|line| line.starts_with(&format!("  {code}  "))), "{help}");
    }
}
