//! `hlas check --privacy`: whom a reader's client touches, before anybody reads.

use crate::desk::{Desk, due};

#[test]
fn the_samples_touch_nobody_on_opening_but_our_own_site() {
    let desk = Desk::of_the_repository("privacy");
    let said = desk.hlas(["check", "--privacy"]).ends_with(0);
    assert_eq!(said.err, "");
    insta::assert_snapshot!(said.out);
}

#[test]
fn scripts_get_every_address_of_every_medium_with_the_front_page() {
    let desk = Desk::small();
    desk.write("publications/text/cs.md", due("Text"));
    let all = desk.hlas(["check", "--privacy", "--format", "json"]).ends_with(0).json();
    let media = all["publications"][0]["renditions"].as_array().expect("renditions");
    let media: Vec<&str> = media.iter().filter_map(|it| it["format"].as_str()).collect();
    assert_eq!(media, ["page", "pdf", "feed", "email", "text"]);
    let links = all["front_page"]["touches"].as_array().expect("touches");
    assert!(
        links.iter().any(|it| it["url"].as_str().is_some_and(|url| url.ends_with("/text/cs.html")))
    );
    let one = desk.hlas(["check", "--privacy", "--format", "json", "text"]).ends_with(0).json();
    assert!(one["front_page"].is_null());
}

#[test]
fn a_pixel_in_the_theme_holds_every_publication_and_is_told_once() {
    let desk = Desk::small();
    for slug in ["prvni", "druhy"] {
        desk.write(&format!("publications/{slug}/cs.md"), due("Text"));
    }
    desk.hlas(["theme", "email/footer.hbs"]).ends_with(0);
    let pixel = "<img src=\"https://count.example.net/o.gif\" width=\"1\" height=\"1\" alt=\"\">\n";
    let footer = desk.read("templates/email/footer.hbs");
    desk.write("templates/email/footer.hbs", footer + pixel);
    let said = desk.hlas(["build"]).ends_with(1);
    assert_eq!(said.err.matches("a picture of one pixel from count.example.net").count(), 1);
    assert_eq!(desk.site().iter().filter(|path| path.ends_with("cs.html")).count(), 0);
}
