//! One frozen edition and one reader make one message: RFC 5322 headers, MIME
//! parts, CRLF.
//!
//! Pure: the same values give the same bytes, the boundaries included, so a
//! resend is the same mail. It is the slow, obvious way, through lettre's
//! builder: [`super::Skeleton`] is the one that mails, and it is compared with
//! this one byte for byte.
//!
//! The surprise is at the end: the finished bytes are measured (line lengths,
//! line ends, 7 bit) rather than trusted, and a message that breaks a rule is
//! an error about one reader, not a mail that some server on the way mangles.
//!
//! **No automatic replies, please.** A reader's *out of office* to a newsletter
//! helps nobody. RFC 3834 section 2 keeps responders from answering mail with
//! `List-` headers or `Precedence: bulk`, so both are there. `Auto-Submitted`
//! is not: section 5 of the same forbids `auto-generated` on what people wrote,
//! and `no` would invite replies. Exchange heeds neither, but
//! `X-Auto-Response-Suppress` (MS-OXCMAIL 2.1.3.2.20); its `All` would suppress
//! non-delivery reports as well, which we want, so the two kinds are named.

use jiff::Timestamp;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{self, ContentTransferEncoding, ContentType};
use lettre::message::{
    Attachment as AttachmentPart, Mailbox, MessageBuilder, MultiPart, SinglePart,
};

use super::hole_values::one_line;
use super::personal::{Personal, Posting, Purpose, display_name, raw};
use crate::model::{
    Attachment, Delivery, DeliveryId, EmbeddedPicture, FrozenEdition, MailSettings, Message,
    digest, hole,
};

/// RFC 5321 section 4.5.3.1.6 (1,000 with the CRLF); RFC 5322 section 2.1.1.
pub(super) const LONGEST_LINE: usize = 998;

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum ComposeError {
    #[error("`{0}` is no media type")]
    MediaType(String),
    #[error("the message cannot be built: {0}")]
    Unbuildable(String),
    #[error("a line of the message has {0} octets, and mail allows {LONGEST_LINE}")]
    LongLine(usize),
    #[error("the message has a line end that is not CRLF")]
    LooseLineEnd,
    #[error("the message is not 7 bit, though its addresses are")]
    NotSevenBit,
    #[error("the message cannot be signed with the key `{0}`")]
    Unsigned(String),
}

pub fn compose(
    settings: &MailSettings,
    edition: &FrozenEdition,
    delivery: &Delivery,
    posting: Posting,
) -> Result<Message, ComposeError> {
    let personal = Personal::new(settings, &edition.greeting, delivery, posting);
    let (as_text, as_html) = (personal.as_text(), personal.as_html());
    let text = hole::fill(&edition.text, |name| as_text.of(name));
    let page = hole::fill(&edition.html, |name| as_html.of(name));
    let mail = built(settings, edition, delivery, posting, parts(edition, text, page)?)?;
    let message = Message {
        id: personal.message_id,
        sender: settings.envelope_sender.clone(),
        recipient: delivery.address.clone(),
        bytes: mail.formatted(),
    };
    longest_line(&message.bytes)?;
    if !message.bytes.is_ascii() && may_be_seven_bit(settings, delivery) {
        return Err(ComposeError::NotSevenBit);
    }
    Ok(message)
}

fn built(
    settings: &MailSettings,
    edition: &FrozenEdition,
    delivery: &Delivery,
    posting: Posting,
    parts: MultiPart,
) -> Result<lettre::Message, ComposeError> {
    let personal = Personal::new(settings, &edition.greeting, delivery, posting);
    headers(settings, edition, posting)?
        .to(personal.mailbox())
        .message_id(Some(format!("<{}>", personal.message_id)))
        .raw_header(personal.list_unsubscribe())
        .envelope(envelope(settings, delivery)?)
        .multipart(parts)
        .map_err(|error| ComposeError::Unbuildable(error.to_string()))
}

/// The headers of a message of this edition, to a reader who is nobody.
pub(super) fn specimen_headers(
    settings: &MailSettings,
    edition: &FrozenEdition,
    purpose: Purpose,
) -> Result<String, ComposeError> {
    let delivery = Delivery {
        id: DeliveryId(String::new()),
        subscriber: String::new(),
        address: settings.from.clone(),
        name: String::new(),
        salutation: String::new(),
        language: edition.language.clone(),
        segment: edition.segment.clone(),
    };
    let posting = Posting { date: Timestamp::UNIX_EPOCH, purpose };
    let parts = parts(edition, String::new(), String::new())?;
    let mail = built(settings, edition, &delivery, posting, parts)?;
    // Those of the message, then those of its outermost part.
    let formatted = String::from_utf8(mail.formatted()).map_err(|_| ComposeError::NotSevenBit)?;
    let (head, _) = formatted.split_once("\r\n\r\n").ok_or(ComposeError::LooseLineEnd)?;
    Ok(format!("{head}\r\n"))
}

/// The headers that are the same for everybody.
fn headers(
    settings: &MailSettings,
    edition: &FrozenEdition,
    posting: Posting,
) -> Result<MessageBuilder, ComposeError> {
    let from_name = display_name(&edition.from_name);
    let mut headers = lettre::Message::builder()
        .from(Mailbox::new(from_name.clone(), settings.from.clone()))
        .subject(subject(edition, posting))
        .header(date_header(posting.date)?)
        .raw_header(raw("List-Id", list_id(from_name, in_brackets(&settings.list_id)?)))
        .raw_header(raw("Precedence", "bulk".to_owned()))
        .raw_header(raw("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned()));
    if let Some(reply_to) = &settings.reply_to {
        headers = headers.reply_to(Mailbox::new(None, reply_to.clone()));
    }
    Ok(headers)
}

pub(super) fn date_header(date: Timestamp) -> Result<header::Date, ComposeError> {
    let date: std::time::SystemTime =
        date.try_into().map_err(|_| ComposeError::Unbuildable(format!("{date} is no date")))?;
    Ok(date.into())
}

fn subject(edition: &FrozenEdition, posting: Posting) -> String {
    let subject = one_line(&edition.subject);
    match posting.purpose {
        Purpose::Real => subject,
        Purpose::Test => format!("[TEST] {subject}"),
    }
}

/// What may stand between angle brackets in a header. Ours always may: settings
/// see to it, and this to whatever has become of it in a ledger.
fn in_brackets(id: &str) -> Result<&str, ComposeError> {
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>');
    if id.is_empty() || !id.chars().all(fits) {
        return Err(ComposeError::Unbuildable(format!("{id:?} is no id for a header")));
    }
    Ok(id)
}

/// RFC 2919 section 3: a phrase, then the identifier in angle brackets.
///
/// An ASCII phrase is quoted. Another becomes encoded words, which must not
/// stand in quotes (RFC 2047 section 5), so its punctuation goes instead.
fn list_id(name: Option<String>, list_id: &str) -> String {
    match name {
        Some(name) if name.is_ascii() => {
            let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{quoted}\" <{list_id}>")
        }
        Some(name) => {
            let words = name.replace(|c: char| !c.is_alphanumeric() && c != '-', " ");
            format!("{} <{list_id}>", one_line(&words))
        }
        None => format!("<{list_id}>"),
    }
}

fn envelope(settings: &MailSettings, delivery: &Delivery) -> Result<Envelope, ComposeError> {
    let sender = Some(settings.envelope_sender.clone());
    Envelope::new(sender, vec![delivery.address.clone()])
        .map_err(|error| ComposeError::Unbuildable(error.to_string()))
}

/// All below the headers that are about the message: MIME, and what it holds.
pub(super) fn parts(
    edition: &FrozenEdition,
    text: String,
    page: String,
) -> Result<MultiPart, ComposeError> {
    // What a client shows in place of the HTML is the text alone, so pictures
    // are related to the HTML, inside the alternative (RFC 2387), and what is
    // attached to all of it stands around.
    //
    // "=_" stands in no quoted-printable and in no base64 (RFC 2045 section
    // 6.7), so no boundary can occur in a part, and none needs to be random.
    // It is the edition's own rather than the message's: no message has
    // another of its edition inside, and the fewer bytes differ the better.
    let tail = tail(edition);
    let page = quoted_printable(ContentType::TEXT_HTML, page);
    let alternative = MultiPart::alternative()
        .boundary(format!("=_alternative_{tail}"))
        .singlepart(quoted_printable(flowed(), text));
    let alternative = if edition.pictures.is_empty() {
        alternative.singlepart(page)
    } else {
        alternative.multipart(related(page, &edition.pictures, &tail)?)
    };
    let Some(attachment) = &edition.attachment else { return Ok(alternative) };
    Ok(MultiPart::mixed()
        .boundary(format!("=_mixed_{tail}"))
        .multipart(alternative)
        .singlepart(attached(attachment)?))
}

fn tail(edition: &FrozenEdition) -> String {
    let FrozenEdition { subject, html, text, .. } = edition;
    digest(format!("{subject}\0{text}\0{html}").as_bytes())[..16].to_owned()
}

/// RFC 3676, as the text part is written; `DelSp` is its default, no.
fn flowed() -> ContentType {
    ContentType::parse("text/plain; charset=utf-8; format=flowed").expect("a media type")
}

/// lettre makes CRLF of LF, and would encode a CR that stands alone.
pub(super) fn line_feeds(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn quoted_printable(content_type: ContentType, text: String) -> SinglePart {
    SinglePart::builder()
        .header(content_type)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(line_feeds(text))
}

/// RFC 2387: the root comes first, and `type` says what it is.
fn related(
    page: SinglePart,
    pictures: &[EmbeddedPicture],
    tail: &str,
) -> Result<MultiPart, ComposeError> {
    let kind = format!("multipart/related; boundary=\"=_related_{tail}\"; type=\"text/html\"");
    let kind = ContentType::parse(&kind)
        .map_err(|_| ComposeError::Unbuildable(format!("`{kind}` is no media type")))?;
    let mut related = MultiPart::builder().header(kind).singlepart(page);
    for picture in pictures {
        related = related.singlepart(shown_inline(picture)?);
    }
    Ok(related)
}

/// RFC 2392 and RFC 2183, section 2.1. The name is for those who save it.
fn shown_inline(picture: &EmbeddedPicture) -> Result<SinglePart, ComposeError> {
    let id = in_brackets(&picture.content_id)?.to_owned();
    let part = AttachmentPart::new_inline_with_name(id, file_name(&picture.name));
    Ok(part.body(base64(picture.bytes.to_vec()), media_type(&picture.media_type)?))
}

fn media_type(written: &str) -> Result<ContentType, ComposeError> {
    ContentType::parse(written).map_err(|_| ComposeError::MediaType(written.to_owned()))
}

/// A name, and no path.
fn file_name(name: &str) -> String {
    let mut name = one_line(name);
    name.retain(|c| c != '/' && c != '\\');
    name
}

/// Always: what is plain text by chance must not change its line ends.
fn base64(bytes: Vec<u8>) -> lettre::message::Body {
    lettre::message::Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
        .expect("base64 takes any bytes")
}

/// RFC 2183 with the name by RFC 2231, which lettre sees to.
fn attached(attachment: &Attachment) -> Result<SinglePart, ComposeError> {
    let part = AttachmentPart::new(file_name(&attachment.name));
    Ok(part.body(base64(attachment.bytes.clone()), media_type(&attachment.media_type)?))
}

/// How long the longest line is. Nothing is taken on trust: what other people
/// wrote went into these bytes.
pub(super) fn longest_line(bytes: &[u8]) -> Result<usize, ComposeError> {
    let (mut rest, mut longest) = (bytes, 0);
    while !rest.is_empty() {
        let end = memchr::memchr2(b'\r', b'\n', rest);
        let Some(end) = end else { return Err(ComposeError::LooseLineEnd) };
        if end > LONGEST_LINE {
            return Err(ComposeError::LongLine(end));
        }
        longest = longest.max(end);
        rest = rest[end..].strip_prefix(b"\r\n").ok_or(ComposeError::LooseLineEnd)?;
    }
    Ok(longest)
}

/// Unless an address has to stand there in UTF-8 (RFC 6532), nothing does.
pub(super) fn may_be_seven_bit(settings: &MailSettings, delivery: &Delivery) -> bool {
    let addresses = [
        Some(&settings.from),
        settings.reply_to.as_ref(),
        Some(&settings.unsubscribe),
        Some(&delivery.address),
    ];
    let ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    addresses.into_iter().flatten().all(ascii)
}

#[cfg(test)]
mod tests;
