//! The skeleton against the obvious composition, byte for byte.

use proptest::prelude::*;

use super::*;
use crate::mail::compose;
use crate::mail::dkim::{Algorithm, Key};
use crate::mail::specimen::{NOON, delivery, edition, hostile, pdf, picture, settings};
use crate::model::DeliveryId;
use crate::model::hole::{ADDRESS, CLOSE, OPEN, SALUTATION, UNSUBSCRIBE};

/// What both make of it; errors only have to be errors on both sides.
fn both(
    edition: &FrozenEdition,
    delivery: &Delivery,
    purpose: Purpose,
) -> (Option<String>, Option<String>) {
    let text = |message: Message| String::from_utf8_lossy(&message.bytes).into_owned();
    let posting = Posting { date: NOON, purpose };
    let obvious = compose(&settings(), edition, delivery, posting);
    let skeleton = Skeleton::new(&settings(), edition, purpose);
    let fast = skeleton.and_then(|skeleton| skeleton.message(delivery, NOON, None));
    if let (Ok(obvious), Ok(fast)) = (&obvious, &fast) {
        assert_eq!((&obvious.id, &obvious.recipient), (&fast.id, &fast.recipient));
        assert_eq!(obvious.sender, fast.sender);
    }
    (obvious.ok().map(text), fast.ok().map(text))
}

#[track_caller]
fn same(edition: &FrozenEdition, delivery: &Delivery) {
    for purpose in [Purpose::Real, Purpose::Test] {
        let (obvious, fast) = both(edition, delivery, purpose);
        assert!(obvious.is_some(), "it can be composed");
        assert_eq!(obvious, fast);
    }
}

#[test]
fn with_a_pdf_and_pictures_and_without() {
    let mut edition = edition();
    same(&edition, &delivery());
    edition.attachment = Some(pdf());
    same(&edition, &delivery());
    edition.pictures = vec![picture("graf.png", "1a@example.org"), picture("{{the text}}", "2b")];
    same(&edition, &delivery());
    edition.attachment = None;
    same(&edition, &delivery());
}

#[test]
fn what_stands_for_the_parts_may_be_in_them() {
    let mut edition = edition();
    edition.text = format!("{{{{the page}}}} {{{{the text}}}}\n{SALUTATION}{{{{the text}}}}\n");
    edition.html = edition.text.clone();
    edition.subject = "{{the text}}".to_owned();
    same(&edition, &delivery());
}

#[test]
fn holes_at_the_ends_of_lines_and_of_parts_and_side_by_side() {
    for text in [
        SALUTATION.to_owned(),
        format!("{SALUTATION}\n"),
        format!("\n{ADDRESS}\n\n{UNSUBSCRIBE}"),
        format!("{SALUTATION}{ADDRESS} \n {UNSUBSCRIBE}\t\n"),
        format!("a\r\nb\r{SALUTATION}\rc\r\n{ADDRESS}\r\n\r"),
        format!("{OPEN}nobody{CLOSE}{OPEN}open {SALUTATION}\n{CLOSE}"),
        format!("{OPEN}a\nb{CLOSE}ž{SALUTATION}"),
        String::new(),
        "žádná díra\n".to_owned(),
        format!("{}{SALUTATION}{}", "ž".repeat(37), "=".repeat(90)),
    ] {
        let edition = FrozenEdition { html: text.clone(), text, ..edition() };
        same(&edition, &delivery());
    }
}

#[test]
fn readers_without_a_name_with_a_long_one_and_with_markup_in_it() {
    for (name, salutation) in [
        ("", ""),
        ("Jana", "Vážená paní,"),
        ("Novák, Jan <jan>", "<b>Milý „Honzo“</b> & spol.…"),
        ("\r\nBcc: x@example.net", "\r\n\r\nahoj"),
        (&"ž".repeat(300), &"Vážený pane doktore honoris causa ".repeat(20)),
    ] {
        let (name, salutation) = (name.to_owned(), salutation.to_owned());
        same(&edition(), &Delivery { name, salutation, ..delivery() });
    }
    let greeting = "Dobrý den,\r\nvážení\n".to_owned();
    let silent = Delivery { salutation: " ".to_owned(), ..delivery() };
    same(&FrozenEdition { greeting, ..edition() }, &silent);
}

#[test]
fn addresses_that_need_utf_8_and_ids_of_any_length() {
    let address = "jana@příklad.example.org".parse().expect("an address");
    same(&edition(), &Delivery { address, ..delivery() });
    for id in ["x".to_owned(), "slug.".to_owned() + &"0123456789abcdef".repeat(12)] {
        same(&edition(), &Delivery { id: DeliveryId(id), ..delivery() });
    }
}

#[test]
fn what_cannot_be_composed_cannot_be_composed_fast() {
    let long = FrozenEdition { subject: "x".repeat(2000), ..edition() };
    assert_eq!(both(&long, &delivery(), Purpose::Real), (None, None));
    let media_type = "pdf".to_owned();
    let attachment = Some(crate::model::Attachment { media_type, ..pdf() });
    let odd = FrozenEdition { attachment, ..edition() };
    assert_eq!(both(&odd, &delivery(), Purpose::Real), (None, None));
}

/// Lines that quoted-printable has to think about, with and without holes.
fn part() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zá-ž ,.]{0,90}",
        1 => "[ \t=]{1,5}",
        1 => "(\n|\r\n|\r){1,3}",
        1 => Just(SALUTATION.to_owned()),
        1 => Just(ADDRESS.to_owned()),
        1 => Just(UNSUBSCRIBE.to_owned()),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_an_edition_says_and_whoever_reads_it(
        text in part(), html in part(), name in hostile(), salutation in hostile(),
        subject in hostile(), from_name in hostile(), attach in any::<bool>(),
    ) {
        let attachment = attach.then(pdf);
        let edition = FrozenEdition { text, html, subject, from_name, attachment, ..edition() };
        let delivery = Delivery { name, salutation, ..delivery() };
        let (obvious, fast) = both(&edition, &delivery, Purpose::Real);
        prop_assert_eq!(obvious, fast);
    }

    /// A body is hashed piece by piece, and has the hash of the whole.
    #[test]
    fn a_message_is_signed_as_if_it_had_been_signed_whole(text in part(), html in part()) {
        let key = Key::generate(Algorithm::Ed25519).expect("a key").0;
        let signer = Signer::new("example.org", vec![("hlas".to_owned(), key)]);
        let edition = FrozenEdition { text, html, ..edition() };
        let skeleton = Skeleton::new(&settings(), &edition, Purpose::Real).expect("a skeleton");
        let plain = skeleton.message(&delivery(), NOON, None).expect("composed").bytes;
        let signed = skeleton.message(&delivery(), NOON, Some(&signer)).expect("composed").bytes;
        let whole = [signer.sign(&plain, NOON).expect("signed").as_bytes(), &plain].concat();
        prop_assert_eq!(
            String::from_utf8_lossy(&signed).into_owned(),
            String::from_utf8_lossy(&whole).into_owned()
        );
    }
}
