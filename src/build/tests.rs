//! Two builds in a row: what is done again, and what is still said.

use std::collections::BTreeSet;
use std::fs;

use jiff::ZonedDateTime;
use tempfile::TempDir;

use super::*;
use crate::load::load;
use crate::load::settings::settings;
use crate::publish::Published;
use crate::render::page;

const HLAS_TOML: &str = r#"
base_url = "https://hlas.example.org/"
languages = ["cs", "en"]
[organisation]
name = { cs = "Hlas" }
address = { cs = "Praha" }
email = "redakce@example.org"
[mail]
from = "hlas@example.org"
"#;

/// A workspace of two publications, the first in two languages.
struct House(TempDir);

impl House {
    fn new() -> Self {
        let house = Self(tempfile::tempdir().unwrap());
        house.write("hlas.toml", HLAS_TOML);
        house.write("subscribers/segments.toml", "[members]\nwhen = 'list == \"members\"'\n");
        house.write("subscribers/members.csv", "email,basis\njana@example.org,consent\n");
        house.text("2026-10-05-povoleni/cs", "Povolení k pobytu", "Text. ![Graf](graf.svg)");
        house.text("2026-10-05-povoleni/en", "Residence permits", "Text. ![Graph](graf.svg)");
        house.write("publications/2026-10-05-povoleni/graf.svg", SVG);
        house.text("2026-10-06-fronta/cs", "Fronta", "Text <div>v rámu</div>.");
        house
    }

    fn text(&self, name: &str, title: &str, body: &str) {
        let head = format!("title: {title}\nsummary: O čem to je.\nkind: commentary\n");
        let head = format!("{head}date: {}\nto: [members]\nstatus: ready\n", &name[..10]);
        self.write(&format!("publications/{name}.md"), &format!("---\n{head}---\n\n{body}\n"));
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).unwrap()
    }

    fn build(&self) -> (Built, Published) {
        self.build_in(FORMATS)
    }

    fn build_in(&self, formats: &[&dyn Format]) -> (Built, Published) {
        let toml = self.read("hlas.toml");
        let settings = settings(self.0.path(), &toml, &[]).unwrap();
        let loaded = load(settings.workspace).unwrap_or_else(|findings| panic!("{findings:?}"));
        let now: ZonedDateTime = "2026-11-01T09:00[Europe/Prague]".parse().unwrap();
        let mut output = Output::open(&loaded.workspace.out).unwrap();
        let built = super::build_in(formats, &loaded, &now, &output);
        let published = output.publish(&built.pieces, &built.keep).unwrap();
        (built, published)
    }

    /// What the next build makes.
    fn makes(&self) -> BTreeSet<String> {
        self.build().0.made().map(str::to_owned).collect()
    }
}

const SVG: &str =
    r#"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><path d="M0 0h9v9z"/></svg>"#;

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

fn told(built: &Built) -> Findings {
    built.publications.iter().flat_map(|one| one.findings.clone()).collect()
}

#[test]
fn a_build_with_nothing_changed_makes_nothing() {
    let house = House::new();
    let (first, published) = house.build();
    assert_eq!(first.made().count(), 10, "{:?}", first.made().collect::<Vec<_>>());
    let (second, again) = house.build();
    assert_eq!(second.made().collect::<Vec<_>>(), [""; 0]);
    assert_eq!(again.unchanged, published.written.len());
    assert!(!again.is_change());
}

#[test]
fn a_build_with_nothing_changed_says_what_the_first_said() {
    let house = House::new();
    let first = told(&house.build().0);
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].source.is_some());
    assert_eq!(told(&house.build().0), first);
}

#[test]
fn a_mistake_is_told_till_it_is_mended() {
    let house = House::new();
    house.text("2026-10-06-fronta/cs", "Fronta", "![](graf.png) \u{1F980}");
    let first = told(&house.build().0);
    assert!(first.iter().any(Finding::is_error));
    let (second, _) = house.build();
    assert_eq!(told(&second), first);
    assert_eq!(second.made().count(), 0);
    house.text("2026-10-06-fronta/cs", "Fronta", "Text.");
    assert_eq!(told(&house.build().0), []);
}

#[test]
fn mistakes_in_a_text_are_told_although_its_front_matter_is_broken() {
    let house = House::new();
    let body = "Viz [zde](zprava.html).\n\n:::gathered\n:::\n";
    for broken in ["date: 5. 10. 2026", "date: 2026-10-05\nsummary: Čekání: proč"] {
        let head = format!("title: Fronta\nkind: commentary\n{broken}\n");
        house.write("publications/2026-10-06-fronta/cs.md", &format!("---\n{head}---\n{body}"));
        let lines = head.lines().count() + 3;
        let (built, _) = house.build();
        let found = told(&built);
        let rules: Vec<_> = found.iter().map(|it| (it.rule, it.place.line == lines)).collect();
        assert_eq!(rules, [("front-matter", false), ("link", true), ("link-text", true)]);
    }
}

#[test]
fn one_text_is_made_anew_with_the_feed_of_its_language_and_the_index() {
    let house = House::new();
    house.build();
    house.text("2026-10-05-povoleni/en", "Residence permits", "Another. ![Graph](graf.svg)");
    let own = ["2026-10-05-povoleni findings", "2026-10-05-povoleni pictures"];
    let made = house.makes();
    let rendered: BTreeSet<_> = made.difference(&names(own)).cloned().collect();
    assert_eq!(rendered, names(["2026-10-05-povoleni en", "feed en", "index"]));
    assert!(house.read("out/site/2026-10-05-povoleni/en.html").contains("Another."));
    assert!(house.read("out/site/feed.en.xml").contains("Another."));
    assert_eq!(house.makes(), names([]));
}

#[test]
fn what_everything_shows_makes_everything_anew() {
    let house = House::new();
    let (first, _) = house.build();
    let all: BTreeSet<_> = first.made().map(str::to_owned).collect();
    house.write("hlas.toml", &HLAS_TOML.replace("Praha", "Brno"));
    assert_eq!(house.makes(), all);
    house.write("templates/words.cs.toml", "and = \"i\"");
    assert_eq!(house.makes(), all);
    assert_eq!(house.makes(), names([]));
}

#[test]
fn the_title_of_a_segment_stands_in_its_mail() {
    let house = House::new();
    house.build();
    let segments = "[members]\ntitle = { cs = \"Členové\" }\nwhen = 'list == \"members\"'\n";
    house.write("subscribers/segments.toml", segments);
    let mail = "2026-10-06-fronta cs".to_owned();
    assert!(house.makes().contains(&mail));
    assert!(house.read("out/mail/2026-10-06-fronta/cs.members.html").contains("Členové"));
}

#[test]
fn a_draft_that_missed_its_newsletter_is_told_while_it_can_still_get_another_date() {
    let house = House::new();
    let head = |kind: &str, date: &str, status: &str| {
        format!("---\ntitle: T\nsummary: S.\nkind: {kind}\ndate: {date}\nstatus: {status}\n")
    };
    let issue = head("newsletter", "2026-10-10", "ready") + "gather: all\n---\n\nDobrý den.\n";
    house.write("publications/2026-10-10-zpravodaj/cs.md", &issue);
    let left_out = |date: &str, status: &str| {
        let text = head("commentary", date, status) + "---\n\nText.\n";
        house.write("publications/2026-10-08-pozde/cs.md", &text);
        let found = told(&house.build().0);
        let found = found.into_iter().filter(|it| it.rule == "gather-left-out");
        found.map(|it| it.place.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(left_out("2026-10-08", "draft"), ["publications/2026-10-08-pozde/cs.md:5:7"]);
    assert_eq!(left_out("2026-10-11", "draft"), Vec::<String>::new());
    assert_eq!(left_out("2026-10-08", "ready"), Vec::<String>::new());
}

#[test]
fn a_mail_to_look_at_shows_its_pictures_before_the_site_is_out() {
    let house = House::new();
    let chart =
        "```chart\nkind: bar\ntitle: Kraje\nalt: V Praze.\n\nKraj;Dnů\nPraha;41\nBrno;29\n```\n";
    house.text("2026-10-06-fronta/cs", "Fronta", chart);
    house.build();
    for (slug, drawn) in [
        ("2026-10-05-povoleni", "graf.svg.png"),
        ("2026-10-06-fronta", "chart-kraje.cs.small.svg.png"),
    ] {
        let mail = house.read(&format!("out/mail/{slug}/cs.members.html"));
        let picture = format!("../../site/{slug}/{drawn}");
        assert!(mail.contains(&format!("src=\"{picture}\"")), "{mail}");
        assert!(house.0.path().join("out/mail").join(slug).join(picture).exists());
    }
}

#[test]
fn another_picture_under_the_same_name_is_noticed() {
    let house = House::new();
    house.build();
    // As long as the old one, and as large.
    house.write("publications/2026-10-05-povoleni/graf.svg", &SVG.replace("M0 0", "M1 1"));
    assert!(house.makes().contains("2026-10-05-povoleni pictures"));
    assert!(house.read("out/site/2026-10-05-povoleni/graf.svg").contains("M1 1"));
}

#[test]
fn a_published_file_that_somebody_changed_or_took_is_put_right() {
    let house = House::new();
    house.build();
    let page = house.0.path().join("out/site/2026-10-06-fronta/cs.html");
    let whole = fs::read_to_string(&page).unwrap();
    fs::write(&page, whole.replace("Fronta", "Fontra")).unwrap();
    assert_eq!(house.build().1.written, ["site/2026-10-06-fronta/cs.html"]);
    fs::remove_file(&page).unwrap();
    assert_eq!(house.build().1.written, ["site/2026-10-06-fronta/cs.html"]);
    assert_eq!(fs::read_to_string(&page).unwrap(), whole);
}

#[test]
fn a_draft_that_is_ready_now_moves_from_the_preview_to_the_site() {
    let house = House::new();
    let path = "publications/2026-10-06-fronta/cs.md";
    let ready = house.read(path);
    house.write(path, &ready.replace("status: ready", "status: draft"));
    house.build();
    assert!(house.read("out/preview/site/2026-10-06-fronta/cs.html").contains("Fronta"));
    house.write(path, &ready);
    let (_, published) = house.build();
    assert!(published.written.contains(&"site/2026-10-06-fronta/cs.html".to_owned()));
    assert!(published.removed.contains(&"preview/site/2026-10-06-fronta/cs.html".to_owned()));
}

#[test]
fn the_level_of_a_rule_changes_what_is_said_and_renders_nothing() {
    let house = House::new();
    house.build();
    house.write("hlas.toml", &format!("{HLAS_TOML}[rules]\nraw-html = \"off\"\n"));
    let (built, _) = house.build();
    assert_eq!(told(&built), []);
    assert!(built.made().all(|piece| piece.ends_with(" findings")), "{built:?}");
}

#[test]
fn a_format_that_is_left_out_is_made_when_it_is_asked_for() {
    let house = House::new();
    let with = |formats: &[&dyn Format]| {
        let built = house.build_in(formats).0;
        built.made().filter(|name| name.ends_with(" cs")).count()
    };
    assert_eq!(with(&[&page::Page]), 3);
    assert!(!house.0.path().join("out/site/2026-10-06-fronta/2026-10-06-fronta.cs.pdf").exists());
    assert_eq!(with(FORMATS), 3);
    assert!(house.0.path().join("out/site/2026-10-06-fronta/2026-10-06-fronta.cs.pdf").exists());
    assert_eq!(with(FORMATS), 0);
}

#[test]
fn a_newsletter_is_made_anew_with_what_it_shows_of_others_and_held_while_one_is_broken() {
    let house = House::new();
    let head = "title: Zpravodaj\nsummary: Co je nového.\nkind: newsletter\ndate: 2026-10-31\n";
    let newsletter = format!("---\n{head}gather: all\nstatus: ready\n---\n\nDobrý den.\n");
    house.write("publications/2026-10-31-zpravodaj/cs.md", &newsletter);
    house.build();
    let page = || house.read("out/site/2026-10-31-zpravodaj/cs.html");
    assert!(page().contains(">Fronta</a>"));

    house.text("2026-10-06-fronta/cs", "Fronta", "Jiný text.");
    assert!(!house.makes().contains("2026-10-31-zpravodaj cs"), "it shows nothing of the text");
    house.text("2026-10-06-fronta/cs", "Fronta se krátí", "Jiný text.");
    assert!(house.makes().contains("2026-10-31-zpravodaj cs"));
    assert!(page().contains(">Fronta se krátí</a>"));

    house.text("2026-10-06-fronta/cs", "Fronta", "![](graf.png)");
    let broken = |built: &Built| -> Vec<bool> {
        built.publications.iter().map(BuiltPublication::is_sound).collect()
    };
    let (first, _) = house.build();
    assert_eq!(broken(&first), [true, false, false]);
    let (again, _) = house.build();
    assert_eq!(told(&again), told(&first));
    house.text("2026-10-06-fronta/cs", "Fronta", "Text.");
    assert_eq!(broken(&house.build().0), [true, true, true]);
    assert!(page().contains(">Fronta</a>"));
}
