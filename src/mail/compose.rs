//! One frozen edition and one reader make one message: RFC 5322 headers, MIME
//! parts, CRLF.
//!
//! Pure: the same values give the same bytes, the boundaries included, so a
//! resend is the same mail. It is the slow, obvious way, through lettre's
//! builder; a faster one will have this one to be compared with.
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
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{
    Attachment as AttachmentPart, Mailbox, MessageBuilder, MultiPart, SinglePart,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::hole_values::{html, one_line};
use crate::model::{
    Attachment, Delivery, DeliveryId, EmbeddedPicture, FrozenEdition, MailSettings, Message, hole,
};

/// RFC 5321 section 4.5.3.1.6 (1,000 with the CRLF); RFC 5322 section 2.1.1.
const LONGEST_LINE: usize = 998;

/// A name longer than this is no name. RFC 5322 sets no limit, but a word
/// without spaces cannot be folded, and must stay below [`LONGEST_LINE`].
const LONGEST_NAME: usize = 200;

/// RFC 6068 section 2: what may stand unencoded in the parts of a mailto.
const MAILTO: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// When, and in earnest or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    pub date: Timestamp,
    pub purpose: Purpose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A delivery of the ledger: always under the same id.
    Real,
    /// A copy outside the ledger. Marked in the subject, and under a new id
    /// each time: servers drop a second message with the same one.
    Test,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
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
}

pub fn compose(
    settings: &MailSettings,
    edition: &FrozenEdition,
    delivery: &Delivery,
    posting: Posting,
) -> Result<Message, ComposeError> {
    let id = id(&delivery.id, posting);
    let way_out = mailto(&settings.unsubscribe, &id);
    let message_id = format!("{id}@{}", settings.from.domain());

    let headers = headers(settings, edition, posting)?
        .to(Mailbox::new(display_name(&delivery.name), delivery.address.clone()))
        .message_id(Some(format!("<{message_id}>")))
        .raw_header(raw("List-Unsubscribe", format!("<{way_out}>")))
        .envelope(envelope(settings, delivery)?);
    let mail = headers
        .multipart(parts(edition, delivery, &way_out, &id)?)
        .map_err(|error| ComposeError::Unbuildable(error.to_string()))?;

    let message = Message {
        id: message_id,
        sender: settings.envelope_sender.clone(),
        recipient: delivery.address.clone(),
        bytes: mail.formatted(),
    };
    measure(&message, settings)?;
    Ok(message)
}

fn id(delivery: &DeliveryId, posting: Posting) -> String {
    match posting.purpose {
        Purpose::Real => delivery.0.clone(),
        Purpose::Test => format!("test-{}.{delivery}", posting.date.as_millisecond()),
    }
}

/// RFC 2369 section 3.2. The id in the subject tells who, and from what.
fn mailto(address: &Address, id: &str) -> String {
    let address = address.to_string();
    let address = utf8_percent_encode(&address, MAILTO);
    let subject = format!("unsubscribe {id}");
    format!("mailto:{address}?subject={}", utf8_percent_encode(&subject, MAILTO))
}

/// The headers that are the same for everybody.
fn headers(
    settings: &MailSettings,
    edition: &FrozenEdition,
    posting: Posting,
) -> Result<MessageBuilder, ComposeError> {
    let date = posting
        .date
        .try_into()
        .map_err(|_| ComposeError::Unbuildable(format!("{} is no date", posting.date)))?;
    let from_name = display_name(&edition.from_name);
    let mut headers = lettre::Message::builder()
        .from(Mailbox::new(from_name.clone(), settings.from.clone()))
        .subject(subject(edition, posting))
        .date(date)
        .raw_header(raw("List-Id", list_id(from_name, &settings.list_id)))
        .raw_header(raw("Precedence", "bulk".to_owned()))
        .raw_header(raw("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned()));
    if let Some(reply_to) = &settings.reply_to {
        headers = headers.reply_to(Mailbox::new(None, reply_to.clone()));
    }
    Ok(headers)
}

fn subject(edition: &FrozenEdition, posting: Posting) -> String {
    let subject = one_line(&edition.subject);
    match posting.purpose {
        Purpose::Real => subject,
        Purpose::Test => format!("[TEST] {subject}"),
    }
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

fn display_name(name: &str) -> Option<String> {
    let name = one_line(name);
    let end = name.floor_char_boundary(LONGEST_NAME);
    let name = name[..end].trim_end();
    (!name.is_empty()).then(|| name.to_owned())
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn envelope(settings: &MailSettings, delivery: &Delivery) -> Result<Envelope, ComposeError> {
    let sender = Some(settings.envelope_sender.clone());
    Envelope::new(sender, vec![delivery.address.clone()])
        .map_err(|error| ComposeError::Unbuildable(error.to_string()))
}

fn parts(
    edition: &FrozenEdition,
    delivery: &Delivery,
    way_out: &str,
    id: &str,
) -> Result<MultiPart, ComposeError> {
    let salutation = match one_line(&delivery.salutation) {
        none if none.is_empty() => edition.greeting.clone(),
        salutation => salutation,
    };
    let address = delivery.address.to_string();
    let text = fill(&edition.text, [&salutation, &address, way_out]);
    let page = fill(&edition.html, [&html(&salutation), &html(&address), &html(way_out)]);

    // What a client shows in place of the HTML is the text alone, so pictures
    // are related to the HTML, inside the alternative (RFC 2387), and what is
    // attached to all of it stands around.
    //
    // "=_" stands in no quoted-printable and in no base64 (RFC 2045 section
    // 6.7), so no boundary can occur in a part, and none needs to be random.
    let tail = id.rsplit('.').next().unwrap_or(id);
    let page = quoted_printable(ContentType::TEXT_HTML, page);
    let alternative = MultiPart::alternative()
        .boundary(format!("=_alternative_{tail}"))
        .singlepart(quoted_printable(flowed(), text));
    let alternative = if edition.pictures.is_empty() {
        alternative.singlepart(page)
    } else {
        alternative.multipart(related(page, &edition.pictures, tail)?)
    };
    let Some(attachment) = &edition.attachment else { return Ok(alternative) };
    Ok(MultiPart::mixed()
        .boundary(format!("=_mixed_{tail}"))
        .multipart(alternative)
        .singlepart(attached(attachment)?))
}

fn fill(text: &str, [salutation, address, way_out]: [&str; 3]) -> String {
    hole::fill(text, |name| match name {
        "salutation" => Some(salutation),
        "address" => Some(address),
        "unsubscribe" => Some(way_out),
        _ => None,
    })
}

/// RFC 3676, as the text part is written; `DelSp` is its default, no.
fn flowed() -> ContentType {
    ContentType::parse("text/plain; charset=utf-8; format=flowed").expect("a media type")
}

fn quoted_printable(content_type: ContentType, text: String) -> SinglePart {
    // lettre makes CRLF of LF, and would encode a CR that stands alone.
    let text =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    SinglePart::builder()
        .header(content_type)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text)
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
    let part =
        AttachmentPart::new_inline_with_name(picture.content_id.clone(), file_name(&picture.name));
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

/// Nothing is taken on trust: what other people wrote went into these bytes.
fn measure(message: &Message, settings: &MailSettings) -> Result<(), ComposeError> {
    let mut rest = message.bytes.as_slice();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let Some(end) = end else { return Err(ComposeError::LooseLineEnd) };
        if end > LONGEST_LINE {
            return Err(ComposeError::LongLine(end));
        }
        rest = rest[end..].strip_prefix(b"\r\n").ok_or(ComposeError::LooseLineEnd)?;
    }
    let addresses = [
        Some(&settings.from),
        settings.reply_to.as_ref(),
        Some(&settings.unsubscribe),
        Some(&message.recipient),
    ];
    let ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if message.bytes.is_ascii() || !addresses.into_iter().flatten().all(ascii) {
        Ok(())
    } else {
        Err(ComposeError::NotSevenBit)
    }
}

#[cfg(test)]
mod tests;
