//! Nothing that anybody writes into a list, a title or a name becomes a header
//! of its own, a command, or the end of a message.

use hlas::mail::ComposeError;
use hlas::transport::{self, Unrecorded};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::headers::{Written, composed, wrong_with};
use crate::smtp_sink::Sink;

/// What somebody would try, among what anybody writes.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zěščřžýáíé ]{0,12}",
        2 => "\\PC{0,6}",
        1 => Just("\r\n".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\0".to_owned()),
        1 => Just("\u{85}\u{2028}\u{b}\u{c}".to_owned()),
        1 => Just("\r\nBcc: everybody@example.net\r\n".to_owned()),
        1 => Just("\r\n.\r\nMAIL FROM:<a@example.net>\r\n".to_owned()),
        1 => Just("\r\n\r\n<p>".to_owned()),
        1 => Just("=?utf-8?q?=0D=0ABcc:_a@example.net?=".to_owned()),
        1 => Just("\" <a@example.net>, \"".to_owned()),
        1 => "[a-ž]{60,300}",
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn written() -> impl Strategy<Value = Written> {
    let address = prop_oneof![
        nasty(),
        nasty().prop_map(|local| format!("{local}@example.org")),
        nasty().prop_map(|local| format!("\"{local}\"@example.org")),
        nasty().prop_map(|domain| format!("a@{domain}")),
    ];
    // A nasty id makes no message at all: most are ours.
    let id = || prop_oneof![4 => Just(String::new()), 1 => nasty()];
    let names = (id(), nasty(), nasty(), id());
    ((nasty(), nasty(), nasty(), nasty()), (nasty(), nasty(), nasty(), address), names).prop_map(
        |(
            (from_name, subject, name, salutation),
            (greeting, text, html, address),
            (list_id, attachment, picture, content_id),
        )| Written {
            from_name,
            subject,
            name,
            salutation,
            greeting,
            text,
            html,
            address,
            list_id,
            attachment,
            picture,
            content_id,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_text_becomes_a_header(written in written()) {
        match composed(&written) {
            Ok(message) => prop_assert_eq!(wrong_with(&message.bytes), None),
            // Refusing is safe; these are what it may refuse for.
            Err(ComposeError::LongLine(_) | ComposeError::Unbuildable(_)) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

/// Found by fuzzing: it was only settings that kept this out.
#[test]
fn an_id_that_no_header_may_hold_is_no_message() {
    for id in ["-\u{17}", "a>\r\nBcc: a@example.net", "a b", "žluť"] {
        let list = Written { list_id: id.to_owned(), ..Written::default() };
        let picture = Written {
            picture: "graf.png".to_owned(),
            content_id: id.to_owned(),
            ..Written::default()
        };
        for written in [list, picture] {
            let composed = composed(&written);
            assert!(matches!(composed, Err(ComposeError::Unbuildable(_))), "{composed:?}");
        }
    }
}

#[test]
fn the_check_itself_finds_what_it_looks_for() {
    let name = || "graf.png".to_owned();
    let written = Written { attachment: name(), picture: name(), ..Written::default() };
    let sound = composed(&written).expect("a message").bytes;
    assert_eq!(wrong_with(&sound), None);
    let text = String::from_utf8(sound).expect("ASCII");
    for (from, to) in [
        ("Subject:", "Bcc: a@example.net\r\nSubject:"),
        ("Subject:", "Subject: a\r\nSubject:"),
        ("Subject:", "Subject: a\rb"),
        ("Subject:", "Subject: a\nb"),
        ("Subject:", "Subject: a\0b"),
        ("Content-ID:", "X-Evil: x\r\nContent-ID:"),
        ("Content-Disposition: att", "Content-Disposition: a\nb: att"),
        (
            "Content-Disposition: att",
            "Content-ID: <x>\r\nContent-ID: <x>\r\nContent-Disposition: att",
        ),
    ] {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{from:?}");
        assert!(wrong_with(broken.as_bytes()).is_some(), "{to:?}");
    }
}

/// Every message arrives as it was composed, for whom it was, whatever is in
/// it: the server hears as many commands as there were messages.
#[tokio::test]
async fn no_text_becomes_a_command() {
    let sink = Sink::friendly();
    let mut transport =
        transport::open(&sink.url(), std::path::Path::new("."), None).expect("a transport");
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut sent = Vec::new();
    for _ in 0..200 {
        let written = written().new_tree(&mut runner).expect("a value").current();
        let Ok(message) = composed(&written) else { continue };
        let outcome = transport.send(&message, &mut Unrecorded).await.expect("a friendly server");
        if matches!(outcome, hlas::model::Outcome::Accepted(_)) {
            sent.push(message.bytes);
        }
    }
    transport.close().await;
    let taken = sink.taken();
    assert!(sent.len() > 100, "{} of 200", sent.len());
    assert_eq!(taken.len(), sent.len());
    for (taken, sent) in taken.iter().zip(&sent) {
        assert!(taken.bytes == *sent, "{}", String::from_utf8_lossy(sent));
        assert_eq!(taken.sender, "bounces@example.org");
    }
}
