//! What would harm the house that sets it: each is answered with findings or
//! with sound pages, in bounded time and memory.
//!
//! What fits on a page of Markdown is in `tests/fixtures/hostile/`; what would
//! only be large is made here.

use std::fmt::Write as _;

use serde_json::Value;

use crate::desk::{Desk, HOUSE, due};

/// A text of this body, due since 2020.
fn text(body: &str) -> String {
    due("Zkouška").replace("Konec.", body)
}

/// Findings that keep something in the house: rule and place.
fn errors(desk: &Desk) -> Vec<String> {
    let found = desk.hlas(["build", "--format", "json"]).json();
    let findings = found["findings"].as_array().expect("findings").iter();
    let errors = findings.filter(|finding| finding["severity"] == "error");
    errors
        .map(|finding| {
            let Value::Object(place) = &finding["place"] else { panic!("no place: {finding}") };
            let file = place["file"].as_str().expect("a file");
            format!("{} {file}:{}", finding["rule"].as_str().expect("a rule"), place["line"])
        })
        .collect()
}

/// Whether the PDF of a publication came out, and how long it is.
fn pdf(desk: &Desk, slug: &str) -> Option<u64> {
    let file = desk.root().join(format!("out/site/{slug}/{slug}.cs.pdf"));
    std::fs::metadata(file).ok().map(|file| file.len())
}

#[test]
fn what_wants_to_harm_is_answered_one_by_one() {
    let desk = Desk::from_fixture("hostile");
    insta::assert_snapshot!(errors(&desk).join("\n"));
    // Odd, but nothing is wrong with these.
    for sound in ["2020-01-03-cteni", "2020-01-04-pismo-zprava-doleva", "2020-01-05-neviditelne"] {
        assert!(pdf(&desk, sound).is_some(), "{sound}");
    }
}

#[test]
fn three_hundred_quotes_in_each_other_are_told_by_their_line() {
    let quotes = format!("{} hluboko", ">".repeat(300));
    let desk = Desk::small().publication("2020-01-06-citace", &text(&quotes));
    assert_eq!(errors(&desk), ["nesting publications/2020-01-06-citace/cs.md:15"]);
}

#[test]
fn five_megabytes_of_text_are_refused_before_they_are_read() {
    let body = "Slova, slova, slova a zase slova. ".repeat(150_000);
    let desk = Desk::small()
        .publication("2020-01-06-roman", &text(&body))
        .publication("2020-01-07-text", &due("Text"));
    assert_eq!(errors(&desk), ["too-long publications/2020-01-06-roman/cs.md:1"]);
    assert!(pdf(&desk, "2020-01-07-text").is_some(), "the others go on");
}

#[test]
fn a_word_that_does_not_end_is_given_up_in_time_and_the_others_go_on() {
    let desk = Desk::small()
        .settings(&format!("{HOUSE}\n[pdf]\ntime_limit = 2\n"))
        .publication("2020-01-06-slovo", &text(&"a".repeat(400_000)))
        .publication("2020-01-07-text", &due("Text"));
    assert_eq!(errors(&desk), ["pdf-limit publications/2020-01-06-slovo/cs.md:1"]);
    assert!(pdf(&desk, "2020-01-06-slovo").is_none());
    assert!(pdf(&desk, "2020-01-07-text").is_some());
}

/// A picture of 20,000 × 20,000 pixels in a few hundred bytes: nothing of it is
/// decoded.
#[test]
fn a_small_file_of_four_hundred_million_pixels_is_told_where_it_is_shown() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([20_000_u32.to_be_bytes(), 20_000_u32.to_be_bytes()].concat());
    png.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    let desk = Desk::small().publication("2020-01-06-mapa", &text("![Mapa](mapa.png)"));
    desk.write("publications/2020-01-06-mapa/mapa.png", png);
    assert_eq!(errors(&desk), ["picture publications/2020-01-06-mapa/cs.md:15"]);
}

/// Nested loops: Typst itself stops only `while`, after ten thousand rounds.
const LOOPS: &str = "\
#let doc = json(\"document.json\")
#if doc.title == \"Smyčka\" {
  let many = range(10000)
  for a in many { for b in many { for c in many { let _ = a * b * c } } }
}
";

/// The built-in look with something before it.
fn own_style(desk: &Desk, before: &str) {
    desk.hlas(["theme", "pdf/style.typ"]).ends_with(0);
    let file = desk.root().join("templates/pdf/style.typ");
    let style = std::fs::read_to_string(&file).expect("the look");
    desk.write("templates/pdf/style.typ", format!("{before}{style}"));
}

#[test]
fn a_template_that_never_ends_is_ended_and_the_others_go_on() {
    let desk = Desk::small()
        .settings(&format!("{HOUSE}\n[pdf]\ntime_limit = 8\n"))
        .publication("2020-01-06-smycka", &due("Smyčka"))
        .publication("2020-01-07-text", &due("Text"));
    own_style(&desk, LOOPS);
    assert_eq!(errors(&desk), ["pdf-limit templates/pdf/style.typ:1"]);
    assert!(pdf(&desk, "2020-01-06-smycka").is_none());
    assert!(pdf(&desk, "2020-01-07-text").is_some());
}

#[cfg(unix)]
#[test]
fn a_template_that_eats_memory_is_ended_before_the_machine_is() {
    let desk = Desk::small().publication("2020-01-06-text", &due("Text"));
    let eats = "#let more = (range(100000),)\n#for a in range(40) { more = more + more }\n";
    own_style(&desk, eats);
    assert_eq!(errors(&desk), ["pdf-limit templates/pdf/style.typ:1"]);
}

#[test]
fn a_template_sees_no_file_of_the_machine_and_of_the_workspace() {
    for reads in ["/etc/passwd", "/hlas.toml", "../../hlas.toml"] {
        let desk = Desk::small().publication("2020-01-06-text", &due("Text"));
        own_style(&desk, &format!("#let stolen = read(\"{reads}\")\n"));
        assert_eq!(errors(&desk), ["pdf-typst templates/pdf/style.typ:1"], "{reads}");
    }
}

#[test]
fn a_look_of_the_workspaces_own_sets_the_same_bytes_as_the_same_look_built_in() {
    let desk = Desk::small().publication("2020-01-06-text", &due("Text"));
    desk.hlas(["build"]).ends_with(0);
    let path = "out/site/2020-01-06-text/2020-01-06-text.cs.pdf";
    let built_in = std::fs::read(desk.root().join(path)).expect("a PDF");
    own_style(&desk, "// Náš vzhled\n");
    desk.hlas(["build"]).ends_with(0);
    assert!(std::fs::read(desk.root().join(path)).expect("a PDF") == built_in);
}

#[test]
fn a_table_of_a_thousand_columns_is_answered() {
    let mut table = String::new();
    for cell in ["a", "--", "1"] {
        let _ = writeln!(table, "|{}", format!("{cell}|").repeat(1_000));
    }
    let desk = Desk::small().publication("2020-01-06-sloupce", &text(&table));
    for error in errors(&desk) {
        assert!(error.starts_with("wide-table publications/"), "{error}");
    }
}
