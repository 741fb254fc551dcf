//! Stories of composing, and properties that no list of names can break.

use proptest::prelude::*;

use super::*;
use crate::mail::personal::mailto;
use crate::mail::specimen::{NOON, delivery, edition, hostile, pdf, picture, settings};

const IN_EARNEST: Posting = Posting { date: NOON, purpose: Purpose::Real };

fn composed(edition: &FrozenEdition, delivery: &Delivery) -> String {
    let message = compose(&settings(), edition, delivery, IN_EARNEST).expect("composed");
    String::from_utf8(message.bytes).expect("ASCII")
}

/// The header `name` as it stands, unfolded (RFC 5322 section 2.2.3).
fn header(mail: &str, name: &str) -> Option<String> {
    let head = mail.split("\r\n\r\n").next()?.replace("\r\n ", " ");
    let prefix = format!("{name}: ");
    head.split("\r\n").find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
}

#[test]
fn a_czech_mail_with_its_pdf_reads_like_this() {
    let mut edition = edition();
    edition.attachment = Some(pdf());
    insta::assert_snapshot!(composed(&edition, &delivery()).replace("\r\n", "\n"));
}

#[test]
fn pictures_are_related_to_the_html_alone_and_the_pdf_to_all_of_it() {
    let mut edition = edition();
    edition.attachment = Some(pdf());
    edition.html = "<p><img src=\"cid:1a2b@hlas.example.org\" alt=\"graf\"></p>".to_owned();
    edition.pictures = vec![
        picture("graf.svg.png", "1a2b@hlas.example.org"),
        picture("mapa čtvrti.png", "3c4d@hlas.example.org"),
    ];
    insta::assert_snapshot!(composed(&edition, &delivery()).replace("\r\n", "\n"));
}

#[test]
fn the_same_values_make_the_same_bytes() {
    assert_eq!(composed(&edition(), &delivery()), composed(&edition(), &delivery()));
}

#[test]
fn the_envelope_sender_is_where_bounces_go_and_the_id_is_the_deliverys() {
    let message = compose(&settings(), &edition(), &delivery(), IN_EARNEST).expect("composed");
    assert_eq!(message.sender.to_string(), "bounces@hlas.example.org");
    assert_eq!(message.recipient.to_string(), "jana@example.org");
    assert_eq!(message.id, format!("{}@hlas.example.org", delivery().id));
    let mail = String::from_utf8(message.bytes).expect("ASCII");
    assert_eq!(header(&mail, "Message-ID"), Some(format!("<{}>", message.id)));
}

#[test]
fn nobody_without_a_salutation_goes_ungreeted() {
    let mut delivery = delivery();
    delivery.salutation = " \t".to_owned();
    let mail = composed(&edition(), &delivery);
    assert!(mail.contains("\r\n\r\nDobr=C3=BD den,\r\n"), "{mail}");
}

#[test]
fn markup_in_a_salutation_is_text() {
    let mut delivery = delivery();
    delivery.salutation = "<script>alert(\"x\")</script>".to_owned();
    let mail = composed(&edition(), &delivery);
    let page = mail.split("text/html").nth(1).expect("an HTML part").replace("=\r\n", "");
    assert!(page.contains("<p>&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;</p>"), "{page}");
}

#[test]
fn a_test_is_marked_and_never_under_the_same_id_twice() {
    let test = |date| {
        let posting = Posting { date, purpose: Purpose::Test };
        compose(&settings(), &edition(), &delivery(), posting).expect("composed")
    };
    let (first, second) = (test(NOON), test(NOON + jiff::SignedDuration::from_secs(1)));
    assert_ne!(first.id, second.id);
    assert!(first.id.starts_with("test-1791201600000."), "{}", first.id);
    let mail = String::from_utf8(first.bytes).expect("ASCII");
    assert!(header(&mail, "Subject").expect("a subject").starts_with("[TEST] "), "{mail}");
}

#[test]
fn a_reader_with_a_non_ascii_address_makes_an_eight_bit_message() {
    let mut delivery = delivery();
    delivery.address = "žofie@example.org".parse().expect("an address");
    let message = compose(&settings(), &edition(), &delivery, IN_EARNEST).expect("composed");
    assert!(!message.bytes.is_ascii());
}

#[test]
fn an_attachment_of_no_media_type_is_told() {
    let mut edition = edition();
    edition.attachment = Some(Attachment { media_type: "pdf".to_owned(), ..pdf() });
    let error = compose(&settings(), &edition, &delivery(), IN_EARNEST).expect_err("no type");
    assert_eq!(error, ComposeError::MediaType("pdf".to_owned()));
}

#[test]
fn a_subject_that_cannot_be_folded_is_an_error_and_not_a_broken_mail() {
    let mut edition = edition();
    edition.subject = "x".repeat(2000);
    let error = compose(&settings(), &edition, &delivery(), IN_EARNEST).expect_err("too long");
    assert!(matches!(error, ComposeError::LongLine(_)), "{error:?}");
}

#[test]
fn the_list_is_named_by_a_phrase_that_parses() {
    let named = |name: &str| list_id(display_name(name), "hlas.example.org");
    assert_eq!(named("Hlas \"CZ\", z.s."), r#""Hlas \"CZ\", z.s." <hlas.example.org>"#);
    assert_eq!(named("Hlas, pobočka"), "Hlas pobočka <hlas.example.org>");
    assert_eq!(named(""), "<hlas.example.org>");
}

#[test]
fn the_unsubscribe_address_is_a_url_whatever_is_in_it() {
    let address = "o&d?h+x@example.org".parse().expect("an address");
    assert_eq!(
        mailto(&address, "slug.01"),
        "mailto:o%26d%3Fh%2Bx@example.org?subject=unsubscribe%20slug.01"
    );
}

proptest! {
    #[test]
    fn no_name_salutation_or_subject_breaks_a_message(
        name in hostile(), salutation in hostile(), from_name in hostile(), subject in hostile(),
    ) {
        let edition = FrozenEdition { from_name, subject, ..edition() };
        let delivery = Delivery { name, salutation, ..delivery() };
        let message = match compose(&settings(), &edition, &delivery, IN_EARNEST) {
            Ok(message) => message,
            Err(ComposeError::LongLine(_)) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let mail = String::from_utf8(message.bytes).expect("ASCII");
        let head = mail.split("\r\n\r\n").next().expect("headers");
        let names: Vec<_> = head
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap_or_default())
            .collect();
        prop_assert_eq!(names, HEADERS);
        prop_assert!(head.split("\r\n").all(|line| !line.trim().is_empty()));
    }
}

/// All the headers of a message, and each once.
const HEADERS: &[&str] = &[
    "From",
    "Subject",
    "Date",
    "List-Id",
    "Precedence",
    "X-Auto-Response-Suppress",
    "Reply-To",
    "To",
    "Message-ID",
    "List-Unsubscribe",
    "MIME-Version",
    "Content-Type",
];
