//! Every message of the first run, as somebody else's parser reads it.
//!
//! Python's `email` refuses whatever it finds a defect in; see `parse_mail.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::desk::{has, repository, skip};
use crate::first_run::FIRST_RUN;

/// What Python read in the outbox; `None` where there is no Python.
static READ: LazyLock<Option<Value>> = LazyLock::new(|| {
    if !has("python3") {
        skip("python3 is not installed, so nobody else reads the mail");
        return None;
    }
    let outbox = FIRST_RUN.desk.root().join("var/outbox");
    let script = repository().join("tests/it/parse_mail.py");
    let output = Command::new("python3").arg(script).arg(outbox).output().expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
});

fn mails() -> impl Iterator<Item = &'static Value> {
    READ.iter().flat_map(|read| read["mails"].as_array().expect("mails"))
}

/// The publication that a mail is about.
fn slug(mail: &Value) -> &str {
    let file = mail["file"].as_str().expect("a name");
    file.split('.').next().expect("a slug")
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().expect("a list").iter().map(|it| it.as_str().expect("text")).collect()
}

#[test]
fn a_strict_parser_finds_no_defect_in_any_message() {
    let Some(read) = &*READ else { return };
    assert_eq!(read["defects"], json!({}));
    assert_eq!(mails().count(), FIRST_RUN.desk.outbox().len());
    for mail in mails() {
        assert!(mail["longest_line"].as_u64() <= Some(998), "{mail:#}");
        assert_eq!((&mail["is_ascii"], &mail["loose_line_ends"]), (&json!(true), &json!(0)));
    }
}

#[test]
fn names_with_diacritics_arrive_as_they_were_written() {
    let people = FIRST_RUN.desk.hlas(["subscribers", "*", "--format", "json"]).json();
    let people: BTreeMap<&str, &Value> = people
        .as_array()
        .expect("people")
        .iter()
        .map(|person| (person["email"].as_str().expect("an address"), &person["name"]))
        .collect();
    let mut accents = 0;
    for mail in mails() {
        let [name, address] = [&mail["to"][0], &mail["to"][1]];
        let address = address.as_str().expect("an address").to_lowercase();
        assert_eq!(name, people[address.as_str()], "{address}");
        accents += usize::from(!name.as_str().expect("a name").is_ascii());
    }
    assert!(READ.is_none() || accents > 100, "{accents} names with accents");
}

#[test]
fn headers_say_who_writes_from_which_list_and_how_to_leave() {
    let mut ids = BTreeSet::new();
    for mail in mails() {
        let from = &mail["from"];
        assert_eq!(from[1], "hlas@example.org");
        let name = from[0].as_str().expect("a name");
        assert!(["Konsorcium Mnohohlas", "Mnohohlas Consortium"].contains(&name), "{name}");
        assert_eq!(mail["list_id"], format!("\"{name}\" <hlas.example.org>"));
        let id = mail["message_id"].as_str().expect("an id");
        assert!(ids.insert(id), "{id} stands twice");
        let file = mail["file"].as_str().expect("a name");
        assert_eq!(id, format!("<{}@example.org>", file.trim_end_matches(".eml")));
        let delivery = file.trim_end_matches(".eml");
        assert_eq!(
            mail["list_unsubscribe"],
            format!("<mailto:unsubscribe@example.org?subject=unsubscribe%20{delivery}>")
        );
        let date = mail["date"].as_str().expect("a date");
        assert!(date.ends_with("+00:00"), "{date}");
        let mut headers = texts(&mail["headers"]).into_iter().collect::<Vec<_>>();
        assert_eq!(
            headers.len(),
            mail["headers"].as_array().expect("headers").len(),
            "{headers:?}"
        );
        headers.sort_unstable();
        assert_eq!(
            headers,
            [
                "Content-Type",
                "Date",
                "From",
                "List-Id",
                "List-Unsubscribe",
                "MIME-Version",
                "Message-ID",
                "Precedence",
                "Reply-To",
                "Subject",
                "To",
                "X-Auto-Response-Suppress",
            ]
        );
    }
}

#[test]
fn both_parts_carry_the_same_headings_in_the_same_order() {
    for mail in mails() {
        assert_eq!(mail["html"]["headings"], mail["text"]["headings"], "{}", mail["file"]);
        assert!(mail["html"]["headings"].as_array().is_some_and(|it| it.len() > 1), "{mail:#}");
    }
}

#[test]
fn both_parts_carry_the_same_links() {
    for mail in mails() {
        // The text names the reader's own address, which nobody has to click.
        let reader = format!("mailto:{}", mail["to"][1].as_str().expect("an address"));
        let mut text = texts(&mail["text"]["links"]);
        text.remove(reader.as_str());
        let html = texts(&mail["html"]["links"]);
        if related(mail).is_empty() {
            assert_eq!(html, text, "{}", mail["file"]);
        } else {
            // An embedded picture has no address; the text says where it is.
            let more: Vec<_> = text.difference(&html).collect();
            assert!(html.is_subset(&text) && more.len() == related(mail).len(), "{more:?}");
        }
        let unsubscribe = mail["list_unsubscribe"].as_str().expect("a way out");
        assert!(text.contains(unsubscribe.trim_matches(['<', '>'])), "{}", mail["file"]);
    }
}

#[test]
fn the_pdf_is_attached_where_it_was_asked_for() {
    let ready = FIRST_RUN.ready();
    let asks = |slug: &str| {
        let leading = ready.iter().find(|it| it.slug == slug && it.language == "cs");
        leading.expect("a text").text.lines().any(|line| line == "attach: pdf")
    };
    for mail in mails() {
        let slug = slug(mail);
        let attached = mail["attachments"].as_array().expect("a list");
        if !asks(slug) {
            assert_eq!((attached.len(), &mail["type"]), (0, &json!("multipart/alternative")));
            continue;
        }
        let czech = mail["from"][0] == "Konsorcium Mnohohlas";
        let language = if czech { "cs" } else { "en" };
        let expected = json!([["application/pdf", format!("{slug}.{language}.pdf"), "%PDF-"]]);
        assert_eq!((&mail["attachments"], &mail["type"]), (&expected, &json!("multipart/mixed")));
    }
}

fn related(mail: &Value) -> &[Value] {
    mail["related"].as_array().expect("a list")
}

#[test]
fn officials_get_every_picture_in_the_message_and_all_others_fetch_it() {
    let people = FIRST_RUN.desk.hlas(["subscribers", "*", "--format", "json"]).json();
    let officials: BTreeSet<String> = people
        .as_array()
        .expect("people")
        .iter()
        .filter(|person| {
            let mut listings = person["listings"].as_array().expect("listings").iter();
            listings.any(|listing| listing["list"] == "officials")
        })
        .map(|person| person["email"].as_str().expect("an address").to_lowercase())
        .collect();
    let (mut embedded, mut fetched) = (0, 0);
    for mail in mails() {
        let reader = mail["to"][1].as_str().expect("an address").to_lowercase();
        let remote = texts(&mail["html"]["links"]).iter().any(|link| link.ends_with(".png"));
        let asked: Vec<_> = mail["pictures"].as_array().expect("a list").iter().collect();
        let brought: Vec<_> = related(mail).iter().collect();
        assert_eq!(asked.len(), brought.len(), "{}", mail["file"]);
        fetched += usize::from(remote);
        if brought.is_empty() {
            continue;
        }
        assert!(officials.contains(&reader) && !remote, "{}", mail["file"]);
        embedded += 1;
        for (asked, brought) in asked.iter().zip(&brought) {
            assert_eq!(asked["id"], brought["id"], "{}", mail["file"]);
            assert_eq!(
                (&brought["type"], &brought["disposition"], &brought["encoding"]),
                (&json!("image/png"), &json!("inline"), &json!("base64"))
            );
            let sides = |of: &Value| {
                of.as_array()
                    .expect("sides")
                    .iter()
                    .map(|it| it.as_u64().expect("a number") as f64)
                    .collect::<Vec<_>>()
            };
            let (shown, drawn) = (sides(&asked["size"]), sides(&brought["size"]));
            assert!(drawn[0] >= 2.0 * shown[0], "{shown:?} of {drawn:?} is not sharp");
            let height = drawn[1] / drawn[0] * shown[0];
            assert!((height - shown[1]).abs() < 1.0, "{shown:?} of {drawn:?} is stretched");
        }
        let mut related = vec!["text/html"];
        related.extend(brought.iter().map(|_| "image/png"));
        let alternative =
            json!({ "multipart/alternative": ["text/plain", { "multipart/related": related }] });
        assert_eq!(mail["shape"], json!({ "multipart/mixed": [alternative, "application/pdf"] }));
    }
    assert!(READ.is_none() || (embedded > 5 && fetched > 5), "{embedded}, {fetched}");
}

/// Only paragraphs without a mark or a link: those are the same in both parts.
#[test]
fn a_client_that_knows_flowed_text_gets_the_paragraphs_of_the_html_part() {
    let mut whole = 0;
    for mail in mails() {
        assert_eq!(mail["text_type"], json!([["flowed", null]]));
        let text = texts(&mail["paragraphs"]["text"]);
        let text: BTreeSet<String> =
            text.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        for paragraph in texts(&mail["paragraphs"]["html"]) {
            if paragraph.len() > 200 && text.contains(paragraph) {
                whole += 1;
            } else {
                // In a list or a note lines stand, each by itself.
                assert!(paragraph.len() < 1200, "{}: {paragraph}", mail["file"]);
            }
        }
    }
    assert!(READ.is_none() || whole > 1000, "{whole} long paragraphs came out whole");
}

/// Gmail clips what is longer and hides the way to leave with it.
#[test]
fn no_html_part_is_long_enough_to_be_clipped() {
    for mail in mails() {
        assert!(mail["html_bytes"].as_u64() < Some(102_400), "{}", mail["file"]);
    }
}
