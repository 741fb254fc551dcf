//! One of every mistake that people make, in one workspace: each is named at
//! its line and column with a way out, and none of them stops the others.
//!
//! `tests/fixtures/bad_input/` has one publication a mistake, called after it;
//! only 2020-01-01-v-poradku, and a text with keys of somebody else's, are
//! sound. Mistakes in `hlas.toml` are in [`crate::config`], those of mail
//! servers in [`crate::smtp`].

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::desk::{ANNA, BOB, CYRIL, Desk, HOUSE, READERS, due, english, skip};

#[test]
fn check_names_every_mistake_with_its_place_and_the_way_out() {
    let desk = Desk::from_fixture("bad_input");
    let said = desk.hlas(["check"]).ends_with(1);
    insta::assert_snapshot!(said.out);
    assert_eq!(said.err, "");
}

#[test]
fn check_tells_scripts_the_same_by_rule_and_place() {
    let desk = Desk::from_fixture("bad_input");
    let found = desk.hlas(["check", "--format", "json"]).ends_with(1).json();
    let findings = found["findings"].as_array().expect("findings");
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            assert!(!text(&finding["help"]).is_empty(), "no way out of {finding}");
            let place = &finding["place"];
            format!(
                "{} {} {}:{}:{}",
                text(&finding["severity"]),
                text(&finding["rule"]),
                text(&place["file"]),
                place["line"],
                place["column"],
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// Where the text says that a finding is: `[subscribers/members.csv:6:37]`.
fn places_drawn(text: &str) -> Vec<String> {
    let heads = text.lines().filter_map(|line| line.split_once("─[")?.1.strip_suffix(']'));
    heads.map(str::to_owned).collect()
}

#[test]
fn text_and_json_agree_on_the_column_behind_an_accent() {
    let desk = Desk::small().publication(
        "2020-01-06-obrazek",
        &due("Obrázek").replace("Konec.", "Příliš žluťoučký ![kůň](kun.png)"),
    );
    let place = desk.hlas(["check", "--format", "json"]).json()["findings"][0]["place"].clone();
    assert_eq!((place["line"].as_u64(), place["column"].as_u64()), (Some(15), Some(18)));
    let drawn = places_drawn(&desk.hlas(["check"]).out);
    assert_eq!(drawn, ["publications/2020-01-06-obrazek/cs.md:15:18"]);
}

#[test]
fn broken_yaml_is_one_mistake_and_not_four() {
    let desk = Desk::small().publication("2020-01-06-yaml", &due("Bydlení: otázky"));
    let found = desk.hlas(["check", "--format", "json"]).ends_with(1).json();
    assert_eq!(found["errors"], 1, "{found:#}");
}

#[test]
fn while_a_list_is_unreadable_nobody_is_mailed_and_once_it_is_mended_the_sound_ones_go_out() {
    let desk = Desk::from_fixture("bad_input");
    let said = desk.hlas(["run"]).ends_with(1);
    assert!(said.err.contains("subscribers/ngos.csv"), "{}", said.err);
    assert!(desk.outbox().is_empty(), "who is missing from a frozen mailing never gets it");
    let published: Vec<_> =
        desk.site().into_iter().filter(|file| file.ends_with("/cs.html")).collect();
    let sound = ["2020-01-01-v-poradku/cs.html", "2020-01-04-neznamy-klic/cs.html"];
    assert_eq!(published, sound, "the site does not wait for the lists");

    desk.write(
        "subscribers/ngos.csv",
        "email,name,language,basis\ncyril@example.com,Cyril Řehoř,cs,consent\n",
    );
    let said = desk.hlas(["run"]).ends_with(1);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL], "{}", said.out);
    assert!(said.out.contains("2020-01-01-v-poradku: 3 accepted"), "{}", said.out);
    let slugs: BTreeSet<String> =
        desk.outbox().into_iter().map(|mail| mail.file[..20].to_owned()).collect();
    assert_eq!(slugs.into_iter().collect::<Vec<_>>(), ["2020-01-01-v-poradku"]);

    let excluded = &desk.books("2020-01-01-v-poradku")["excluded"];
    let reasons = [("malformed-address", 3), ("no-lawful-basis", 2), ("no-edition-in-language", 1)];
    for (reason, number) in reasons {
        assert_eq!(excluded[reason], number, "{excluded}");
    }
}

#[test]
fn a_run_says_which_mailing_an_unreadable_list_holds_back() {
    let desk = Desk::small().publication("2020-01-06-a", &due("A")).list("ngos", b"email\n\xD8");
    let said = desk.hlas(["run"]).ends_with(1);
    let told = format!("{}{}", said.out, said.err);
    assert!(told.contains("2020-01-06-a"), "{told}");
}

#[test]
fn a_mistake_in_a_draft_is_nothing_to_the_timer() {
    let broken = due("Koncept").replace("ready", "draft").replace("commentary", "esej");
    let desk = Desk::small().publication("2020-01-06-koncept", &broken);
    desk.hlas(["check"]).ends_with(1);
    let said = desk.hlas(["run"]).ends_with(0);
    assert_eq!(said.err, "");
}

#[test]
fn a_house_without_a_website_can_publish() {
    let website = "website = \"https://www.example.org/\"\n";
    let desk =
        Desk::small().settings(&HOUSE.replace(website, "")).publication("2020-01-06-a", &due("A"));
    desk.hlas(["check"]).ends_with(0);
    desk.hlas(["build"]).ends_with(0);
}

#[test]
fn a_publication_that_breaks_keeps_what_it_had_on_the_site() {
    let desk = Desk::small().publication("2020-01-06-a", &due("A"));
    desk.hlas(["build"]).ends_with(0);
    let before = desk.site();
    desk.write("publications/2020-01-06-a/cs.md", "rozepsáno");
    desk.hlas(["build"]).ends_with(1);
    assert_eq!(desk.site(), before);
}

#[test]
fn excel_in_czech_and_a_byte_order_mark_are_no_mistakes() {
    let list = "\u{feff}Email;Name;Language;Basis\r\nanna@example.org;Anna Žáčková;cs;consent\r\n";
    let desk = Desk::small().list("readers", list);
    let said = desk.hlas(["subscribers"]).ends_with(0);
    assert_eq!(
        said.out,
        "     1  readers\n1 person in 1 row, 0 of them in several lists\nno findings\n"
    );
}

#[test]
fn one_address_in_two_lists_is_one_person_with_one_mail() {
    let desk = Desk::small()
        .list("members", READERS.replace("anna@", "Anna@"))
        .publication("2020-01-06-a", &due("A"))
        .translation("2020-01-06-a", &english("A"));
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.mailed(), ["Anna@example.org", BOB, CYRIL]);
}

#[test]
fn an_output_folder_that_cannot_be_one_is_named_before_anything_is_sent() {
    let desk = Desk::small().publication("2020-01-06-a", &due("A"));
    desk.write("out", "a file where the folder should be");
    let said = desk.hlas(["run"]).ends_with(4);
    assert!(said.err.starts_with("error: cannot write DESK/out: "), "{}", said.err);
    assert!(said.err.contains("help: "), "{}", said.err);
    assert!(desk.outbox().is_empty());
}

#[test]
fn a_read_only_output_folder_is_named() {
    let desk = Desk::small().publication("2020-01-06-a", &due("A"));
    let out = desk.root().join("out");
    std::fs::create_dir(&out).expect("made");
    std::fs::set_permissions(&out, std::fs::Permissions::from_mode(0o555)).expect("set");
    if std::fs::write(out.join("x"), "").is_ok() {
        return skip("a read-only folder: this user may write everywhere");
    }
    let said = desk.hlas(["run"]).ends_with(4);
    assert!(said.err.starts_with("error: cannot write DESK/out: "), "{}", said.err);
}

/// A limit on the size of a file stands in for the disk that is full: a write
/// fails half-way through a PDF.
#[test]
fn a_disk_that_is_full_leaves_no_half_files_and_the_next_build_goes_on() {
    let desk = Desk::small().publication("2020-01-06-a", &due("A"));
    let small = "trap '' XFSZ; ulimit -f 8; exec \"$0\" build";
    let said = desk.said(&mut desk.command_under(small)).ends_with(4);
    assert!(said.err.starts_with("error: cannot write DESK/out/site/"), "{}", said.err);
    assert!(said.err.contains("free some space"), "{}", said.err);
    let left = desk.tree("out");
    assert!(!left.iter().any(|file| file.contains(".tmp")), "{left:?}");
    assert!(!left.iter().any(|file| file.ends_with(".pdf")), "{left:?}");

    desk.hlas(["build"]).ends_with(0);
    assert!(desk.site().contains(&"2020-01-06-a/2020-01-06-a.cs.pdf".to_owned()));
}
