//! An edition and a reader to try composing on, and what hurts it.

use jiff::Timestamp;
use proptest::prelude::*;

use crate::model::{
    Attachment, ByLanguage, Delivery, DeliveryId, EmbeddedPicture, FrozenEdition, Language,
    MailSettings, Slug, hole,
};

/// 2026-10-05 12:00 UTC
pub const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);

pub fn settings() -> MailSettings {
    MailSettings {
        from_name: ByLanguage::default(),
        from: "redakce@hlas.example.org".parse().expect("an address"),
        reply_to: Some("kontakt@hlas.example.org".parse().expect("an address")),
        envelope_sender: "bounces@hlas.example.org".parse().expect("an address"),
        list_id: "hlas.example.org".to_owned(),
        unsubscribe: "odhlaseni@hlas.example.org".parse().expect("an address"),
    }
}

pub fn edition() -> FrozenEdition {
    use hole::{ADDRESS, SALUTATION, UNSUBSCRIBE};
    FrozenEdition {
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
        subject: "Povolení k pobytu: co se mění od ledna".to_owned(),
        from_name: "Hlas, konsorcium nevládních organizací".to_owned(),
        greeting: "Dobrý den,".to_owned(),
        html: format!(
            "<html lang=\"cs\"><p>{SALUTATION}</p><p>Žluťoučký kůň.</p>\
             <p><a href=\"{UNSUBSCRIBE}\">Odhlásit {ADDRESS}</a></p></html>"
        ),
        text: format!("{SALUTATION}\n\nŽluťoučký kůň.\n\nOdhlásit {ADDRESS}: {UNSUBSCRIBE}\n"),
        pictures: Vec::new(),
        attachment: None,
    }
}

pub fn delivery() -> Delivery {
    let slug = Slug::new("2026-10-05-povoleni").expect("a slug");
    Delivery {
        id: DeliveryId::new(&slug, "jana@example.org"),
        subscriber: "jana@example.org".to_owned(),
        address: "jana@example.org".parse().expect("an address"),
        name: "Mgr. Jana Nováková".to_owned(),
        salutation: "Vážená paní poslankyně,".to_owned(),
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
    }
}

pub fn pdf() -> Attachment {
    Attachment {
        name: "Povolení k pobytu.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: b"%PDF-1.7\nall ASCII, and base64 all the same\n".to_vec(),
    }
}

pub fn picture(name: &str, content_id: &str) -> EmbeddedPicture {
    EmbeddedPicture {
        content_id: content_id.to_owned(),
        name: name.to_owned(),
        media_type: "image/png".to_owned(),
        bytes: b"\x89PNG\r\n\x1a\n".as_slice().into(),
    }
}

/// Everything a list could hold, and more of what hurts.
pub fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\r\n\t :<>@\",;\\\\=?a-zá-ž\u{2028}\u{85}]{0,80}",
        "(\r\n|\n|\r)Bcc: x@example\\.net(\r\n\r\n)?[a-z]{0,20}",
        "(=\\?utf-8\\?b\\?[A-Za-z0-9]{1,8}\\?= ?){1,4}",
        "[a-ž]{900,1200}",
    ]
}
