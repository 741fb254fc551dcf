//! What an analyst types and what readers see, in every format.

use crate::desk::Desk;

const FOLDER: &str = "publications/2020-01-06-fronta";

fn text(more: &str, title: &str, body: &str) -> String {
    format!(
        "---\ntitle: {title}\nsummary: O čekání v \"Praze\"...\nkind: commentary\n\
         date: 2020-01-06\nto: [everyone]\nstatus: ready\n{more}---\n\n{body}\n"
    )
}

/// A desk with one text in both languages; `more` is in the leading one.
fn desk(more: &str) -> Desk {
    let desk = Desk::small();
    let czech = "## V roce 2020 - \"fronta\"\n\nČeká se dle č. 325/1999 Sb. a § 42 *v\n Praze*, `v \"kódu\"` 5 %.";
    desk.write(&format!("{FOLDER}/cs.md"), text(more, "Fronta na \"pobyt\" v Praze", czech));
    let english = "It's a \"queue\" - see No. 5.";
    desk.write(&format!("{FOLDER}/en.md"), text("", "The \"queue\" in Prague", english));
    desk
}

fn shown(text: &str) -> String {
    text.replace("&nbsp;", "\u{a0}").replace('\u{a0}', "␣")
}

#[test]
fn a_title_is_set_once_for_page_index_and_feed() {
    let desk = desk("");
    desk.hlas(["build"]).ends_with(0);
    let read = |path: &str| shown(&desk.read(&format!("out/{path}")));
    for path in ["site/2020-01-06-fronta/cs.html", "site/index.html", "site/feed.cs.xml"] {
        assert!(read(path).contains("Fronta na „pobyt“ v␣Praze"), "{path}");
    }
    let page = read("site/2020-01-06-fronta/cs.html");
    assert!(page.contains("<h2 id=\"v-roce-2020---fronta\">V␣roce 2020␣– „fronta“</h2>"), "{page}");
    assert!(page.contains("č.␣325/1999␣Sb. a␣§␣42 <em>v␣Praze</em>"), "{page}");
    assert!(page.contains("<code>v &quot;kódu&quot;</code> 5␣%"), "{page}");
    let english = read("site/2020-01-06-fronta/en.html");
    assert!(english.contains("It’s a “queue”␣– see No.␣5."), "{english}");
}

#[test]
fn it_is_switched_off_for_a_publication_or_for_one_language() {
    let off = desk("typography: false\n");
    off.hlas(["build"]).ends_with(0);
    for (language, title) in [("cs", "Fronta na &quot;pobyt&quot; v Praze"), ("en", "It's a")] {
        let page = off.read(&format!("out/site/2020-01-06-fronta/{language}.html"));
        assert!(page.replace("&#x27;", "'").contains(title), "{page}");
    }
    let english = text("typography: true\n", "The \"queue\" in Prague", "It's a queue.");
    off.write(&format!("{FOLDER}/en.md"), english);
    off.hlas(["build"]).ends_with(0);
    assert!(off.read("out/site/2020-01-06-fronta/en.html").contains("It’s a queue"));
    assert!(off.read("out/site/2020-01-06-fronta/cs.html").contains("v Praze"));
    let wrong = desk("typography: maybe\n");
    let said = wrong.hlas(["check"]).ends_with(1);
    assert!(said.out.contains("`maybe` is neither true nor false"), "{}", said.out);
}

#[test]
fn check_shows_what_was_changed_and_where() {
    insta::assert_snapshot!(desk("").hlas(["check", "--typography"]).ends_with(0).out);
}

#[test]
fn check_tells_scripts_what_was_changed() {
    let said = desk("").hlas(["check", "--typography", "2020-01-06-fronta", "--format", "json"]);
    let all = said.ends_with(0).json();
    assert_eq!(all["total"], all["changes"].as_array().expect("changes").len());
    assert_eq!(all["counts"]["reference"], 4);
    let title = &all["changes"][0];
    assert_eq!(title["kind"], "quote");
    assert_eq!(title["place"]["line"], 2);
    assert_eq!(title["place"]["column"], 18);
    assert_eq!(title["before"], "Fronta na \"pobyt\" v Praze");
    assert_eq!(title["after"], "Fronta na „pobyt“ v\u{a0}Praze");
}
