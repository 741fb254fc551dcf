//! What is one reader's alone in a message: who they are, how they are
//! greeted, their way out.
//!
//! The only source of it, so that the fast composition and the obvious one can
//! differ in nothing but how they put it in.

use std::borrow::Cow;

use jiff::Timestamp;
use lettre::Address;
use lettre::message::Mailbox;
use lettre::message::header::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::hole_values::{html, one_line};
use crate::model::{Delivery, DeliveryId, MailSettings};

/// A name longer than this is no name. RFC 5322 sets no limit, but a word
/// without spaces cannot be folded, and must stay below the longest line.
const LONGEST_NAME: usize = 200;

/// RFC 6068 section 2: what may stand unencoded in the parts of a mailto.
const MAILTO: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// When, and in earnest or not. The date is that of composing: RFC 5322 section
/// 3.6.1 means the moment at which a message was complete, and a reader to whom
/// it is tried again tomorrow should not find it dated yesterday.
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

pub(super) struct Personal {
    /// One line, unless the edition's own greeting is not.
    pub salutation: String,
    pub address: String,
    /// A URL.
    pub way_out: String,
    /// Without angle brackets.
    pub message_id: String,
    mailbox: Mailbox,
}

impl Personal {
    /// `greeting` is for those whose list states no salutation.
    pub fn new(
        settings: &MailSettings,
        greeting: &str,
        delivery: &Delivery,
        posting: Posting,
    ) -> Self {
        let id = id(&delivery.id, posting);
        let salutation = match one_line(&delivery.salutation) {
            none if none.is_empty() => greeting.to_owned(),
            salutation => salutation,
        };
        Self {
            salutation,
            address: delivery.address.to_string(),
            way_out: mailto(&settings.unsubscribe, &id),
            message_id: format!("{id}@{}", settings.from.domain()),
            mailbox: Mailbox::new(display_name(&delivery.name), delivery.address.clone()),
        }
    }

    /// What fills the holes of the text part.
    pub fn as_text(&self) -> Values<'_> {
        let Self { salutation, address, way_out, .. } = self;
        let [salutation, address, way_out] = [salutation, address, way_out].map(Cow::from);
        Values { salutation, address, way_out }
    }

    /// What fills the holes of the HTML.
    pub fn as_html(&self) -> Values<'_> {
        let Self { salutation, address, way_out, .. } = self;
        let [salutation, address, way_out] = [salutation, address, way_out].map(|it| html(it));
        Values { salutation, address, way_out }
    }

    pub fn mailbox(&self) -> Mailbox {
        self.mailbox.clone()
    }

    pub fn list_unsubscribe(&self) -> HeaderValue {
        raw("List-Unsubscribe", format!("<{}>", self.way_out))
    }
}

/// What the holes of one format are filled with.
pub(super) struct Values<'p> {
    salutation: Cow<'p, str>,
    address: Cow<'p, str>,
    way_out: Cow<'p, str>,
}

impl Values<'_> {
    /// Of the hole of this name; of one that nobody knows, nothing.
    pub fn of(&self, hole: &str) -> Option<&str> {
        match hole {
            "salutation" => Some(&self.salutation),
            "address" => Some(&self.address),
            "unsubscribe" => Some(&self.way_out),
            _ => None,
        }
    }
}

fn id(delivery: &DeliveryId, posting: Posting) -> String {
    match posting.purpose {
        Purpose::Real => delivery.0.clone(),
        Purpose::Test => format!("test-{}.{delivery}", posting.date.as_millisecond()),
    }
}

/// RFC 2369 section 3.2. The id in the subject tells who, and from what.
pub(super) fn mailto(address: &Address, id: &str) -> String {
    let address = address.to_string();
    let address = utf8_percent_encode(&address, MAILTO);
    let subject = format!("unsubscribe {id}");
    format!("mailto:{address}?subject={}", utf8_percent_encode(&subject, MAILTO))
}

pub(super) fn display_name(name: &str) -> Option<String> {
    let name = one_line(name);
    let end = name.floor_char_boundary(LONGEST_NAME);
    let name = name[..end].trim_end();
    (!name.is_empty()).then(|| name.to_owned())
}

pub(super) fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}
