//! `hlas theme`: which files make the look, and how to have one's own.

use crate::desk::{Desk, HOUSE, due, repository};

#[test]
fn a_file_is_written_out_edited_and_seen_in_what_is_built() {
    let desk = Desk::small();
    desk.write("publications/text/cs.md", due("Text"));
    let said = desk.hlas(["theme", "page/footer.hbs"]).ends_with(0);
    assert_eq!(said.out, "templates/page/footer.hbs\n");
    let list = || desk.hlas(["theme"]).ends_with(0).out;
    let line = |list: &str| {
        let line = list.lines().find(|line| line.starts_with("page/footer.hbs"));
        line.expect("a line").to_owned()
    };
    assert!(line(&list()).contains("  copied  "), "{}", list());
    assert_eq!(desk.hlas(["theme", "--diff"]).ends_with(0).out, "");

    let own = desk.read("templates/page/footer.hbs").replace("<br>{{address}}", "");
    desk.write("templates/page/footer.hbs", &own);
    assert!(line(&list()).contains("  changed  "), "{}", list());
    insta::assert_snapshot!(desk.hlas(["theme", "--diff"]).ends_with(0).out);
    desk.hlas(["build"]).ends_with(0);
    assert!(!desk.read("out/site/text/cs.html").contains("Úzká 1"));

    let again = desk.hlas(["theme", "templates/page/footer.hbs"]).ends_with(4);
    assert!(again.err.contains("templates/page/footer.hbs is there already"), "{}", again.err);
    assert_eq!(desk.read("templates/page/footer.hbs"), own);
    desk.hlas(["theme", "page/footer.hbs", "--force"]).ends_with(0);
    assert!(line(&list()).contains("  copied  "), "{}", list());
}

#[test]
fn a_name_that_is_nearly_right_is_told() {
    let desk = Desk::small();
    for (written, meant) in [
        ("email/masthed.hbs", "email/masthead.hbs"),
        ("style.typ", "pdf/style.typ"),
        ("words.cz.toml", "words.cs.toml"),
    ] {
        let said = desk.hlas(["theme", written]).ends_with(2);
        assert!(said.err.contains(&format!("did you mean {meant}?")), "{}", said.err);
    }
    assert!(desk.tree("templates").is_empty());
    desk.write("templates/email/fotter.hbs", "<p>");
    let list = desk.hlas(["theme"]).ends_with(0).out;
    assert!(list.contains("did you mean email/footer.hbs?"), "{list}");
}

#[test]
fn a_broken_theme_can_still_be_looked_at_and_mended() {
    let desk = Desk::small();
    desk.write("templates/page/page.hbs", "{{titel}}");
    desk.hlas(["check"]).ends_with(3);
    assert!(desk.hlas(["theme", "--diff"]).ends_with(0).out.contains("\n+{{titel}}"));
    desk.hlas(["theme", "page/page.hbs", "--force"]).ends_with(0);
    desk.hlas(["check"]).ends_with(0);
}

#[test]
fn scripts_get_every_file_with_its_origin() {
    let desk = Desk::small();
    desk.write("templates/words.cs.toml", "and = \"i\"");
    let list = desk.hlas(["theme", "--format", "json"]).ends_with(0).json();
    let files = list.as_array().expect("a list");
    let words = files.iter().find(|file| file["file"] == "words.cs.toml").expect("the words");
    assert_eq!(words["origin"], "changed");
    assert!(files.iter().all(|file| !file["purpose"].as_str().expect("text").is_empty()));
    Desk::bare().hlas(["theme", "page/style.css"]).ends_with(3);
}

/// A face of a family that nobody else has: one of ours under another name.
fn face_of(family: &str) -> Vec<u8> {
    let mut face = std::fs::read(repository().join("templates/fonts/SourceCodePro-Regular.ttf"))
        .expect("the typeface of code");
    let utf16 = |name: &str| name.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let (ours, theirs) = (utf16("Source Code Pro"), utf16(family));
    assert_eq!(ours.len(), theirs.len());
    while let Some(at) = face.windows(ours.len()).position(|part| part == ours) {
        face[at..at + ours.len()].copy_from_slice(&theirs);
    }
    face
}

#[test]
fn a_typeface_in_the_workspace_joins_the_others_and_may_set_the_text() {
    let slug = "2020-01-06-text";
    let desk = Desk::small().publication(slug, &due("Text"));
    let pdf = || desk.bytes(&format!("out/proof/{slug}.cs.pdf"));
    desk.hlas(["pdf", slug]).ends_with(0);
    let built_in = pdf();
    desk.write("hlas.toml", format!("{HOUSE}\n[pdf]\ntext_font = \"Redakce Kod Pro\"\n"));
    let said = desk.hlas(["pdf", slug]).ends_with(3);
    assert!(said.err.contains("templates/fonts/"), "{}", said.err);

    desk.write("templates/fonts/Redakce.ttf", face_of("Redakce Kod Pro"));
    desk.hlas(["pdf", slug]).ends_with(0);
    assert!(pdf() != built_in);
    desk.write("hlas.toml", HOUSE);
    desk.hlas(["pdf", slug]).ends_with(0);
    assert!(pdf() == built_in, "a face that nothing asks for changes nothing");
}
