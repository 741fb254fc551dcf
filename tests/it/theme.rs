//! `hlas theme`: which files make the look, and how to have one's own.

use crate::desk::{Desk, due};

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
