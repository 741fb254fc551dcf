//! A newsletter and what it gathers, from the folder to the mailbox.

use crate::desk::{ANNA, BOB, Desk, due, english};
use crate::first_run::FIRST_RUN;

const NEWSLETTER: &str = "---\ntitle: Zpravodaj\nsummary: Co je nového.\nkind: newsletter\n\
    date: 2020-01-31\nat: 2020-01-31 08:00\nto: [everyone]\ngather: all\nstatus: ready\n---\n\n\
    Vážení čtenáři, zde jsou nové texty.\n";

/// A house with a text in both languages, one in Czech only, and a newsletter.
fn desk() -> Desk {
    let desk = Desk::small();
    desk.write("publications/oboje/cs.md", due("Fronta"));
    desk.write("publications/oboje/en.md", english("The Queue"));
    desk.write("publications/cesky/cs.md", due("Pásky"));
    desk.write("publications/zpravodaj/cs.md", NEWSLETTER);
    desk.write(
        "publications/zpravodaj/en.md",
        "---\ntitle: Newsletter\nsummary: What is new.\n---\n\nDear readers, here are new texts.\n",
    );
    desk
}

#[test]
fn each_reader_is_led_to_pages_in_their_language_or_told_otherwise() {
    let desk = desk();
    desk.hlas(["run"]).ends_with(0);
    let mail = desk.outbox();
    let to = |address: &str| {
        let newsletter = ["Zpravodaj", "Newsletter"];
        let mut mail = mail.iter().filter(|mail| newsletter.contains(&mail.subject().as_str()));
        let message = mail.find(|mail| mail.recipient() == address).expect("a newsletter").parsed();
        message.body_text(0).expect("a text part").replace('\u{a0}', " ")
    };
    let (czech, english) = (to(ANNA), to(BOB));
    assert!(czech.contains("/oboje/cs.html") && czech.contains("/cesky/cs.html"), "{czech}");
    assert!(!czech.contains("česky"), "{czech}");
    assert!(english.contains("The Queue") && english.contains("/oboje/en.html"), "{english}");
    assert!(english.contains("Commentary · in Czech · 6 January 2020"), "{english}");
}

#[test]
fn a_text_that_stays_in_the_house_holds_the_newsletter_that_leads_to_it() {
    let desk = desk();
    desk.write(
        "publications/cesky/cs.md",
        due("Pásky").replace("## Závěr", "## Závěr\n\n![](neni.png)"),
    );
    let said = desk.hlas(["run"]).ends_with(1);
    let told = "it leads to “Pásky”, which has a mistake and stays in the house";
    assert!(said.out.contains(told) || said.err.contains(told), "{}{}", said.out, said.err);
    assert!(!desk.site().iter().any(|file| file.starts_with("zpravodaj/")), "{:?}", desk.site());
    assert!(
        desk.outbox()
            .iter()
            .all(|mail| mail.subject() == "Fronta" || mail.subject() == "The Queue")
    );

    let without = NEWSLETTER.replace("gather: all", "gather:\n  without: [cesky]");
    desk.write("publications/zpravodaj/cs.md", without);
    desk.hlas(["run"]).ends_with(1);
    assert!(desk.site().contains(&"zpravodaj/cs.html".to_owned()));
    assert!(!desk.read("out/site/zpravodaj/cs.html").contains("/cesky/"));
}

#[test]
fn the_sample_newsletter_leads_to_pages_that_are_there() {
    let desk = &FIRST_RUN.desk;
    let site = desk.site();
    for language in ["cs", "en"] {
        let page = desk.read(&format!("out/site/2026-11-12-zpravodaj-podzim/{language}.html"));
        let headings: Vec<&str> = page.split("<h3 ").skip(1).collect();
        assert_eq!(headings.len(), 4, "{page}");
        for heading in headings {
            let (_, address) =
                heading.split_once("href=\"https://hlas.example.org/").expect("a link");
            let path = address.split('"').next().expect("an address").to_owned();
            assert!(site.contains(&path), "{path}");
        }
    }
    let english = desk.read("out/site/2026-11-12-zpravodaj-podzim/en.html");
    assert!(english.contains("<p lang=\"cs\">"), "{english}");
}
