//! What may stand at the head of a message, and what may not: shared with the
//! fuzz target of the same name, which knows nothing else of tests.

use hlas::mail::{ComposeError, Posting, Purpose, Skeleton, compose};
use hlas::model::{
    ByLanguage, Delivery, DeliveryId, FrozenEdition, Language, MailSettings, Message, Slug,
};
use jiff::Timestamp;

/// All that other people wrote and that goes into a message.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub from_name: String,
    pub subject: String,
    pub name: String,
    pub salutation: String,
    pub greeting: String,
    pub text: String,
    pub html: String,
    /// Somebody else is written to where this is no address.
    pub address: String,
}

/// Each once, and no other.
const HEADERS: [&str; 13] = [
    "content-type",
    "date",
    "from",
    "list-id",
    "list-unsubscribe",
    "message-id",
    "mime-version",
    "precedence",
    "reply-to",
    "sender",
    "subject",
    "to",
    "x-auto-response-suppress",
];

/// May stand there, but need not.
const OPTIONAL: [&str; 2] = ["reply-to", "sender"];

/// As a round composes it; both ways agree, or this panics.
pub fn composed(written: &Written) -> Result<Message, ComposeError> {
    let address = |text: &str| text.parse().expect("an address");
    let slug = Slug::new("2026-10-05-povoleni").expect("a slug");
    let settings = MailSettings {
        from_name: ByLanguage::default(),
        from: address("redakce@example.org"),
        reply_to: Some(address("kontakt@example.org")),
        envelope_sender: address("bounces@example.org"),
        list_id: "hlas.example.org".to_owned(),
        unsubscribe: address("odhlaseni@example.org"),
    };
    let edition = FrozenEdition {
        language: Language::new("cs"),
        segment: "everyone".to_owned(),
        subject: written.subject.clone(),
        from_name: written.from_name.clone(),
        greeting: written.greeting.clone(),
        html: written.html.clone(),
        text: written.text.clone(),
        pictures: Vec::new(),
        attachment: None,
    };
    let delivery = Delivery {
        id: DeliveryId::new(&slug, &written.address),
        subscriber: written.address.clone(),
        address: written.address.parse().unwrap_or_else(|_| address("anna@example.org")),
        name: written.name.clone(),
        salutation: written.salutation.clone(),
        language: Language::new("cs"),
        segment: "everyone".to_owned(),
    };
    let (date, purpose) = (Timestamp::constant(1_791_201_600, 0), Purpose::Real);
    let message = Skeleton::new(&settings, &edition, purpose)
        .and_then(|skeleton| skeleton.message(&delivery, date, None));
    let obvious = compose(&settings, &edition, &delivery, Posting { date, purpose });
    assert_eq!(message.as_ref().ok(), obvious.as_ref().ok());
    message
}

/// What is wrong with the head of `message`, if anything is: a header that is
/// none of ours, or twice there; a line that ends in anything but CRLF, or is
/// too long (RFC 5322 section 2.1.1); a control character.
pub fn wrong_with(message: &[u8]) -> Option<String> {
    let end = message.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&message[..end]).into_owned();
    let mut names = Vec::new();
    for line in head.split("\r\n") {
        if line.len() > 998 {
            return Some(format!("a line of {} octets", line.len()));
        }
        if let Some(control) = line.chars().find(|c| c.is_control() && *c != '\t') {
            return Some(format!("{control:?} in {line:?}"));
        }
        if line.trim().is_empty() {
            return Some("a line of nothing".to_owned());
        }
        if !line.starts_with([' ', '\t']) {
            names.push(line.split(':').next().unwrap_or(line).to_ascii_lowercase());
        }
    }
    names.sort();
    let mut expected: Vec<_> = HEADERS.iter().map(|name| (*name).to_owned()).collect();
    expected.retain(|name| names.contains(name) || !OPTIONAL.contains(&name.as_str()));
    (names != expected).then(|| format!("the headers are {names:?}"))
}
