//! What may stand at the head of a message, and what may not: shared with the
//! fuzz target of the same name, which knows nothing else of tests.

use hlas::mail::{ComposeError, Posting, Purpose, Skeleton, compose};
use hlas::model::{
    Attachment, ByLanguage, Delivery, DeliveryId, EmbeddedPicture, FrozenEdition, Language,
    MailSettings, Message, Slug,
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
    /// Ours where it is empty.
    pub list_id: String,
    /// The name of what is attached; nothing is where it is empty.
    pub attachment: String,
    /// The name of a picture in the mail; there is none where it is empty.
    pub picture: String,
    pub content_id: String,
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
        list_id: or_ours(&written.list_id, "hlas.example.org"),
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
        pictures: picture(written).into_iter().collect(),
        attachment: attachment(written),
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

fn or_ours(written: &str, ours: &str) -> String {
    if written.is_empty() { ours.to_owned() } else { written.to_owned() }
}

fn attachment(written: &Written) -> Option<Attachment> {
    let name = Some(&written.attachment).filter(|name| !name.is_empty())?.clone();
    Some(Attachment { name, media_type: "application/pdf".to_owned(), bytes: vec![b'x'; 100] })
}

fn picture(written: &Written) -> Option<EmbeddedPicture> {
    let name = Some(&written.picture).filter(|name| !name.is_empty())?.clone();
    Some(EmbeddedPicture {
        content_id: or_ours(&written.content_id, "1@hlas.example.org"),
        name,
        media_type: "image/png".to_owned(),
        bytes: [0; 100].as_slice().into(),
    })
}

/// What is wrong with the headers of `message` and of its parts, if anything is:
/// one that is none of ours, or twice there; a line that ends in anything but
/// CRLF, or is too long (RFC 5322 section 2.1.1); a control character.
pub fn wrong_with(message: &[u8]) -> Option<String> {
    let end = message.windows(4).position(|it| it == b"\r\n\r\n")?;
    let names = match names(&message[..end]) {
        Ok(names) => names,
        Err(wrong) => return Some(wrong),
    };
    let mut expected: Vec<_> = HEADERS.iter().map(|name| (*name).to_owned()).collect();
    expected.retain(|name| names.contains(name) || !OPTIONAL.contains(&name.as_str()));
    if names != expected {
        return Some(format!("the headers are {names:?}"));
    }
    wrong_with_parts(&message[end + 4..])
}

/// Of a part; none of them twice.
const PARTS: [&str; 4] =
    ["content-disposition", "content-id", "content-transfer-encoding", "content-type"];

/// Our boundaries hold what no quoted-printable and no base64 does.
fn wrong_with_parts(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body).into_owned();
    let mut parts = 0;
    for piece in text.split("\r\n--=_").chain(text.strip_prefix("--=_")).skip(1) {
        let (boundary, part) = piece.split_once("\r\n").unwrap_or((piece, ""));
        if boundary.ends_with("--") {
            continue;
        }
        parts += 1;
        // Of a part that holds others nothing but its head stands before theirs.
        let head = part.split_once("\r\n\r\n").map(|(head, _)| head);
        let Some(head) = head.or_else(|| part.strip_suffix("\r\n")) else {
            return Some(format!("a part without a body: {part:?}"));
        };
        match names(head.as_bytes()) {
            Err(wrong) => return Some(wrong),
            Ok(names) if names.iter().any(|name| !PARTS.contains(&name.as_str())) => {
                return Some(format!("the headers of a part are {names:?}"));
            }
            Ok(names) if names.windows(2).any(|two| two[0] == two[1]) => {
                return Some(format!("twice in a part: {names:?}"));
            }
            Ok(_) => {}
        }
    }
    (parts < 2).then(|| format!("{parts} parts"))
}

/// In order; or what is wrong with the lines.
fn names(head: &[u8]) -> Result<Vec<String>, String> {
    let head = String::from_utf8_lossy(head).into_owned();
    let mut names = Vec::new();
    for line in head.split("\r\n") {
        if line.len() > 998 {
            return Err(format!("a line of {} octets", line.len()));
        }
        if let Some(control) = line.chars().find(|c| c.is_control() && *c != '\t') {
            return Err(format!("{control:?} in {line:?}"));
        }
        if line.trim().is_empty() {
            return Err("a line of nothing".to_owned());
        }
        if !line.starts_with([' ', '\t']) {
            names.push(line.split(':').next().unwrap_or(line).to_ascii_lowercase());
        }
    }
    names.sort();
    Ok(names)
}
