//! PDFs to look at: one by itself, pages as pictures, and the standards that
//! they are held to.

use crate::desk::{Desk, due, english};

/// Two pages: a heading that nothing may part from its text, and words.
fn long() -> String {
    due("Dlouhý text").replace("Konec.", &"Slova, slova, slova. ".repeat(300))
}

fn draft(text: &str) -> String {
    text.replace("status: ready", "status: draft")
}

/// Which standards a PDF claims to keep: PDF/UA, PDF/A.
fn claims(pdf: &[u8]) -> [bool; 2] {
    let holds = |claim: &[u8]| pdf.windows(claim.len()).any(|part| part == claim);
    [holds(b"<pdfuaid:part>"), holds(b"<pdfaid:part>")]
}

#[test]
fn one_pdf_is_made_of_a_draft_and_nothing_else_and_its_path_is_all_that_is_said() {
    let desk = Desk::small().publication("2020-01-06-text", &draft(&due("Text")));
    let said = desk.hlas(["pdf", "2020-01-06-text"]).ends_with(0);
    assert_eq!(said.out, "DESK/out/proof/2020-01-06-text.cs.pdf\n");
    assert!(desk.bytes("out/proof/2020-01-06-text.cs.pdf").starts_with(b"%PDF-1.7"));
    let made = desk.tree("out");
    assert_eq!(made, [".lock", "manifest.json", "proof/2020-01-06-text.cs.pdf"]);
}

#[test]
fn it_is_the_pdf_that_a_build_publishes() {
    let desk = Desk::small().publication("2020-01-06-text", &due("Text"));
    desk.hlas(["pdf", "2020-01-06-text"]).ends_with(0);
    let proof = desk.bytes("out/proof/2020-01-06-text.cs.pdf");
    desk.hlas(["build"]).ends_with(0);
    assert!(desk.bytes("out/site/2020-01-06-text/2020-01-06-text.cs.pdf") == proof);
    assert!(desk.tree("out/proof").is_empty(), "the build left what it had not made");
}

#[test]
fn a_translation_is_asked_for_by_its_language() {
    let desk = Desk::small()
        .publication("2020-01-06-text", &due("Text"))
        .translation("2020-01-06-text", &english("Text"));
    let said = desk.hlas(["pdf", "2020-01-06-text", "--language", "en"]).ends_with(0);
    assert_eq!(said.out, "DESK/out/proof/2020-01-06-text.en.pdf\n");
    let said = desk.hlas(["pdf", "2020-01-06-text", "--language", "de"]).ends_with(2);
    assert!(said.err.contains("has no text in `de`"), "{}", said.err);
    assert!(said.err.contains("there is cs, en"), "{}", said.err);
}

#[test]
fn what_keeps_it_from_being_made_is_told_at_its_line() {
    let broken = due("Text").replace("Konec.", "![](chybi.png)");
    let desk = Desk::small().publication("2020-01-06-text", &broken);
    let said = desk.hlas(["pdf", "2020-01-06-text"]).ends_with(1);
    assert_eq!(said.out, "");
    assert!(said.err.contains("publications/2020-01-06-text/cs.md:15"), "{}", said.err);
    let said = desk.hlas(["pdf", "2020-01-06-texty"]).ends_with(2);
    assert!(said.err.contains("did you mean 2020-01-06-text?"), "{}", said.err);
}

#[cfg(target_os = "linux")]
#[test]
fn it_is_handed_to_the_program_that_shows_pdfs_here() {
    use std::os::unix::fs::PermissionsExt;
    let programs = tempfile::tempdir().expect("a folder");
    let opener = programs.path().join("xdg-open");
    let desk = Desk::small()
        .publication("2020-01-06-text", &due("Text"))
        .knowing("PATH", programs.path().to_str().expect("UTF-8"));
    let asked = ["pdf", "2020-01-06-text", "--open"];
    let said = desk.hlas(asked).ends_with(2);
    assert!(said.err.contains("nothing here opens a PDF"), "{}", said.err);

    std::fs::write(&opener, "#!/bin/sh\necho \"$1\" > opened\n").expect("written");
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).expect("ours");
    let said = desk.hlas(asked).ends_with(0);
    let opened = desk.read("opened").replace(&desk.root().display().to_string(), "DESK");
    assert_eq!(opened, said.out);
}

#[test]
fn pages_are_made_as_pictures_when_asked_for_and_stay_while_they_are_true() {
    let desk = Desk::small()
        .publication("2020-01-06-text", &long())
        .publication("2020-01-07-koncept", &draft(&due("Koncept")));
    let proofs = || desk.tree("out/proof");
    desk.hlas(["build"]).ends_with(0);
    assert!(proofs().is_empty(), "nobody asked for them");

    desk.hlas(["build", "--proof"]).ends_with(0);
    let pages = [
        "2020-01-06-text.cs/page-1.png",
        "2020-01-06-text.cs/page-2.png",
        "2020-01-07-koncept.cs/page-1.png",
    ];
    assert_eq!(proofs(), pages);
    for page in pages {
        let png = desk.bytes(&format!("out/proof/{page}"));
        let size = imagesize::blob_size(&png).expect("a picture");
        assert_eq!((size.width, size.height), (1191, 1684), "A4 at 144 pixels an inch");
    }

    desk.hlas(["build"]).ends_with(0);
    assert_eq!(proofs(), pages, "they still show what there is");
    desk.write("publications/2020-01-06-text/cs.md", due("Kratší text"));
    desk.hlas(["build"]).ends_with(0);
    assert_eq!(proofs(), pages[2..], "those of the old text are gone");
}

#[test]
fn a_standard_is_chosen_for_one_build_and_the_next_keeps_to_the_settings() {
    let desk = Desk::small().publication("2020-01-06-text", &due("Text"));
    let published = || claims(&desk.bytes("out/site/2020-01-06-text/2020-01-06-text.cs.pdf"));
    for (asked, claimed) in [
        ("plain", [false, false]),
        ("ua-1", [true, false]),
        ("a-2a", [false, true]),
        ("ua-1+a-2a", [true, true]),
    ] {
        desk.hlas(["build", "--pdf-standard", asked]).ends_with(0);
        assert_eq!(published(), claimed, "{asked}");
    }
    desk.hlas(["build", "--pdf-standard", "plain"]).ends_with(0);
    desk.hlas(["build"]).ends_with(0);
    assert_eq!(published(), [true, true]);
    let said = desk.hlas(["build", "--pdf-standard", "ua-2"]).ends_with(2);
    assert!(said.err.contains("`ua-2` is no standard that hlas can keep"), "{}", said.err);
}

#[test]
fn a_house_may_have_its_own_standard_and_one_pdf_another() {
    let settings = format!("{}\n[pdf]\nstandard = [\"a-2a\"]\n", crate::desk::HOUSE);
    let desk = Desk::small().settings(&settings).publication("2020-01-06-text", &due("Text"));
    let made = || claims(&desk.bytes("out/proof/2020-01-06-text.cs.pdf"));
    desk.hlas(["pdf", "2020-01-06-text"]).ends_with(0);
    assert_eq!(made(), [false, true]);
    desk.hlas(["pdf", "2020-01-06-text", "--pdf-standard", "ua-1"]).ends_with(0);
    assert_eq!(made(), [true, false]);
}
