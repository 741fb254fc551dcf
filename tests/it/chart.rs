//! A chart from the block that an analyst writes to all that readers get.

use std::collections::BTreeSet;

use crate::desk::{BOB, CYRIL, Desk, HOUSE, has};

const SLUG: &str = "2020-01-06-cekani";
const BLOCK: &str = "\
```chart
kind: bar
title: Nejdéle se čeká v Praze
unit: dnů
alt: Praha 1 041,5 dne, Brno 29, o Zlíně se neví.
source: [Ministerstvo vnitra](https://www.example.org/data)
note: Jen pracovní dny.
data: cekani.csv
```
";
const CSV: &str = "\u{feff}Kraj;Dnů\r\nPraha;1 041,5\r\nBrno;29\r\nZlín;\r\n";

fn text(body: &str) -> String {
    format!(
        "---\ntitle: Čekání\nsummary: O čem to je.\nkind: commentary\ndate: 2020-01-06\n\
         at: 2020-01-06 09:00\nto: [everyone]\nstatus: ready\n---\n\nÚvod.\n\n{body}\nKonec.\n"
    )
}

fn desk() -> Desk {
    let desk = Desk::small().publication(SLUG, &text(BLOCK));
    desk.write(&format!("publications/{SLUG}/cekani.csv"), CSV);
    desk
}

/// From where the figure begins to where it ends.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap_or_else(|| panic!("no {from} in {text}"));
    let end = text[start..].find(to).unwrap_or_else(|| panic!("no {to} after {from}"));
    &text[start..start + end + to.len()]
}

#[test]
fn page_mail_text_and_feed_show_it_with_its_numbers() {
    let desk = desk();
    desk.hlas(["build"]).ends_with(0);
    let page = desk.read(&format!("out/site/{SLUG}/cs.html"));
    insta::assert_snapshot!("page", between(&page, "<figure", "</figure>"));
    let text = desk.read(&format!("out/mail/{SLUG}/cs.everyone.txt"));
    insta::assert_snapshot!("text", between(&text, "Nejdéle", "chybí"));
    let feed = desk.read("out/site/feed.cs.xml");
    insta::assert_snapshot!("feed", between(&feed, "<figure", "</figure>"));
    let mail = desk.read(&format!("out/mail/{SLUG}/cs.everyone.html"));
    let mail = between(&mail, "<div class=\"figure chart\"", "</table>");
    for said in
        ["small.svg.png", "width=\"432\"", "Praha 1&nbsp;041,5", "<th scope=\"row\"", "29,0"]
    {
        assert!(mail.contains(said), "no {said} in {mail}");
    }
    let files: BTreeSet<String> =
        desk.site().into_iter().filter(|it| it.contains("chart-")).collect();
    let stem = format!("{SLUG}/chart-nejdele-se-ceka-v-praze.cs");
    let expected = ["small.svg", "small.svg.png", "svg"].map(|end| format!("{stem}.{end}"));
    assert_eq!(files, expected.into(), "the data file is nobody's business");
}

#[test]
fn the_pdf_tells_it_as_one_figure_and_shows_its_letters_as_text() {
    let desk = desk();
    desk.hlas(["build"]).ends_with(0);
    let path = desk.root().join(format!("out/site/{SLUG}/{SLUG}.cs.pdf"));
    if !has("pdftotext") {
        crate::desk::skip("pdftotext is not installed, so it reads no PDF");
        return;
    }
    let output = std::process::Command::new("pdftotext").arg(&path).arg("-").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).replace('\u{a0}', " ");
    for said in ["Nejdéle se čeká v Praze", "1 041,5", "údaj chybí", "Zdroj: Ministerstvo vnitra"]
    {
        assert!(text.contains(said), "no {said} in {text}");
    }
}

#[test]
fn a_change_of_its_file_is_a_change_of_all_that_shows_it() {
    let desk = desk();
    desk.hlas(["build"]).ends_with(0);
    let before = desk.bytes(&format!("out/site/{SLUG}/{SLUG}.cs.pdf"));
    assert!(desk.hlas(["build"]).ends_with(0).out.contains(" 0 written"));
    desk.write(&format!("publications/{SLUG}/cekani.csv"), CSV.replace("29", "31"));
    desk.hlas(["build"]).ends_with(0);
    assert!(desk.bytes(&format!("out/site/{SLUG}/{SLUG}.cs.pdf")) != before);
    let page = desk.read(&format!("out/site/{SLUG}/cs.html"));
    assert!(page.contains("31,0") && !page.contains("29,0"));
    let svg = format!("out/site/{SLUG}/chart-nejdele-se-ceka-v-praze.cs.svg");
    assert!(desk.read(&svg).contains(">31,0<"), "at the same address");
}

#[test]
fn an_english_text_writes_the_same_numbers_in_english() {
    let desk = desk();
    let block = BLOCK.replace("Nejdéle se čeká v Praze", "Longest in Prague");
    let english = format!(
        "---\ntitle: Waiting\nsummary: What it is about.\n---\n\nIntro.\n\n{block}\nEnd.\n"
    );
    desk.write(&format!("publications/{SLUG}/en.md"), english);
    desk.hlas(["build"]).ends_with(0);
    let page = desk.read(&format!("out/site/{SLUG}/en.html"));
    for said in ["1,041.5", "no data", "Source: <a", "Note: Jen", "Data as a table"] {
        assert!(page.contains(said), "no {said}");
    }
}

#[test]
fn a_chart_for_some_readers_is_nowhere_on_the_site() {
    let secret = BLOCK.replace("Nejdéle se čeká v Praze", "Tajenka").replace("29", "92");
    let body = format!("{BLOCK}\n:::only officials\n{secret}:::\n");
    let segments = "[politicians]\ntitle = { cs = \"Politici\" }\nwhen = 'list == \"politicians\"'\n\
        [officials]\ntitle = { cs = \"Úřady\" }\nwhen = 'list == \"officials\"'\n";
    let person = |address: &str| format!("email,language,basis\n{address},cs,consent\n");
    let desk = Desk::bare()
        .settings(HOUSE)
        .segments(segments)
        .list("politicians", person(BOB))
        .list("officials", person(CYRIL));
    let text = text(&body)
        .replace("[everyone]", "[politicians, officials]")
        .replace("data: cekani.csv\n```\n:::", "\nKraj;Dnů\nPraha;77 123\n```\n:::");
    desk.write(&format!("publications/{SLUG}/cs.md"), text);
    desk.write(&format!("publications/{SLUG}/cekani.csv"), CSV);
    desk.hlas(["send", SLUG, "--yes"]).ends_with(0);
    for file in desk.site() {
        let bytes = desk.bytes(&format!("out/site/{file}"));
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let told = ["tajenka", "77\u{a0}123", "77 123"].iter().any(|it| text.contains(it));
        assert!(!told && !file.contains("tajenka"), "{file}");
    }
    let mail = |address: &str| {
        let outbox = desk.outbox();
        let mail = outbox.iter().find(|mail| mail.recipient() == address).expect("a mail");
        let message = mail.parsed();
        let parts = message.parts.iter().filter(|part| part.is_binary()).count();
        (message.body_html(0).unwrap().into_owned(), parts)
    };
    let (official, parts) = mail(CYRIL);
    assert!(official.contains("Tajenka") && official.contains("cid:"), "{official}");
    assert!(official.contains("77") && parts >= 1, "it rides in the mail");
    assert!(!mail(BOB).0.contains("Tajenka"));
}

#[test]
fn charts_that_differ_between_languages_are_told_of() {
    let desk = desk();
    let rows = "Region | Days\n--|--:\nPrague | 1,041.5\nBrno | 92\n";
    let block = BLOCK.replace("data: cekani.csv\n", &format!("\n{rows}"));
    let english = format!(
        "---\ntitle: Waiting\nsummary: What it is about.\n---\n\nIntro.\n\n{block}\nEnd.\n"
    );
    desk.write(&format!("publications/{SLUG}/en.md"), &english);
    let told = |desk: &Desk| {
        let found = desk.hlas(["check", "--format", "json"]).json();
        let all = found["findings"].as_array().expect("findings").iter();
        let own = all.filter(|it| it["rule"] == "editions-differ");
        own.map(|it| it["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(&desk), ["the number 92 is not in cs.md"]);
    desk.write(&format!("publications/{SLUG}/en.md"), english.replace(&block, ""));
    assert!(told(&desk).contains(&"1 picture in this part, in en.md no picture".to_owned()));
}

/// Each build reads every format back and holds it against the text, so one
/// without findings has all of them in all.
#[test]
fn charts_stand_in_quotes_lists_blocks_and_notes() {
    let rows = [
        "kind: stacked",
        "title: Půl na půl",
        "alt: Obě poloviny jsou stejné.",
        "",
        "Kraj;A;B",
        "Praha;50;50",
    ];
    let block = |indent: &str| {
        let lines = ["```chart"].iter().chain(&rows).chain(&["```"]);
        lines.map(|line| format!("{indent}{line}\n")).collect::<String>()
    };
    let body = format!(
        "Text.[^n]\n\n{}\n- bod\n\n{}\n:::summary\nShrnutí.\n\n{}:::\n\n[^n]: Poznámka.\n\n{}",
        block("> "),
        block("  "),
        block(""),
        block("    ")
    );
    let desk = Desk::small().publication(SLUG, &text(&body));
    let said = desk.hlas(["build"]).ends_with(0);
    assert!(said.out.contains("no findings"), "{}", said.out);
    let page = desk.read(&format!("out/site/{SLUG}/cs.html"));
    assert_eq!(page.matches("<figure class=\"chart\">").count(), 4);
}

#[test]
fn a_chart_is_looked_at_though_the_lines_at_the_top_are_broken() {
    let body = BLOCK.replace("kind: bar", "kind: pie").replace("data: cekani.csv", "\nA;B\nC;1");
    let broken = text(&body).replace("date: 2020-01-06\n", "date: brzy\n");
    let desk = Desk::small().publication(SLUG, &broken);
    let said = desk.hlas(["check"]).ends_with(1);
    for told in ["`brzy`", "there is no kind of chart `pie`"] {
        assert!(said.out.contains(told), "{}", said.out);
    }
}
