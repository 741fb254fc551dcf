//! `hlas new`: a beginning that has nothing wrong with it but what is to be written.

use crate::desk::{Desk, Said};

/// The rules that `check` finds broken.
fn rules(said: &Said) -> Vec<String> {
    let all = said.json();
    let findings = all["findings"].as_array().expect("findings").iter();
    findings.map(|finding| finding["rule"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn every_kind_in_every_language_complains_only_of_what_is_left_to_do() {
    for kind in ["commentary", "analysis", "newsletter"] {
        let desk = Desk::small();
        let said = desk.hlas(["new", kind, "Fronta na pobyt", "--language", "en,cs"]).ends_with(0);
        let files: Vec<&str> = said.out.lines().collect();
        let names: Vec<_> = files.iter().filter_map(|file| file.rsplit('/').next()).collect();
        assert_eq!(names, ["cs.md", "en.md"], "the default language leads");

        let rules = rules(&desk.hlas(["check", "--format", "json"]).ends_with(0));
        assert!(rules.len() > 4 && rules.iter().all(|rule| rule == "unfinished"), "{rules:?}");

        for file in files {
            let done = desk.read(file).replace("TODO", "Hotovo").replace(": draft", ": ready");
            desk.write(file, done);
        }
        if kind == "newsletter" {
            // For one that is ready there must be something to gather.
            desk.write("publications/text/cs.md", crate::desk::due("Text"));
        }
        let check = desk.hlas(["check"]).ends_with(0);
        assert!(check.out.ends_with("checked: no findings\n"), "{}", check.out);
        desk.hlas(["build"]).ends_with(0);
    }
}

#[test]
fn a_czech_newsletter_as_its_author_first_sees_it() {
    let desk = Desk::small();
    let said = desk.hlas(["new", "newsletter", "Zpravodaj: \"podzim\""]).ends_with(0);
    let file = said.out.trim_end();
    let day = file.split_once('/').expect("a folder").1.get(..10).expect("its day");
    assert_eq!(file, format!("publications/{day}-zpravodaj-podzim/cs.md"));
    insta::assert_snapshot!(desk.read(file).replace(day, "2026-10-05"));
}

#[test]
fn an_english_analysis_as_its_author_first_sees_it() {
    let desk = Desk::small();
    let said = desk.hlas(["new", "analysis", "Queueing", "--language", "en"]).ends_with(0);
    let file = said.out.trim_end();
    let day = file.split_once('/').expect("a folder").1.get(..10).expect("its day");
    insta::assert_snapshot!(desk.read(file).replace(day, "2026-10-05"));
}

#[test]
fn what_is_there_stays_and_what_is_misspelt_is_told() {
    let desk = Desk::small();
    let first = desk.hlas(["new", "commentary", "Příliš žluťoučký kůň: co dál?"]).ends_with(0);
    let file = first.out.trim_end().to_owned();
    desk.write(&file, "mé");
    let again =
        desk.hlas(["new", "commentary", "Příliš žluťoučký kůň: co dál", "--language", "cs,en"]);
    let again = again.ends_with(4);
    assert!(again.err.contains("a text is there already"), "{}", again.err);
    assert_eq!(desk.tree("publications").len(), 1, "not even the translation");
    assert_eq!(desk.read(&file), "mé");

    let kind = desk.hlas(["new", "comentary", "X"]).ends_with(2);
    assert!(kind.err.ends_with("  help: did you mean commentary?\n"), "{}", kind.err);
    let language = desk.hlas(["new", "commentary", "X", "--language", "de"]).ends_with(2);
    assert!(language.err.ends_with("  help: hlas.toml has: cs, en\n"), "{}", language.err);
    let json = desk.hlas(["new", "commentary", "Jiný", "--format", "json"]).ends_with(0).json();
    assert!(json["files"][0].as_str().expect("a file").ends_with("-jiny/cs.md"), "{json}");
}
