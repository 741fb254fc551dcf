//! An edition as bytes that only lack the reader: what is the same for
//! everybody is encoded once, and copied.
//!
//! Lines are what makes this exact: quoted-printable (RFC 2045 section 6.7) and
//! DKIM's canonical form (RFC 6376 section 3.4.4) both start afresh with each.
//! So a line without holes is encoded once, and a line with one is encoded for
//! each reader, whole, because what fills it moves every soft break after it.
//!
//! The surprise: a skeleton is made of a message that `compose` has built, cut
//! apart where the readers differ. So lettre decides the order of headers, the
//! MIME around the parts and every encoding, and there is no second opinion
//! about any. `tests.rs` holds the two against each other, byte for byte.

mod body;
mod head;

use jiff::Timestamp;

use super::compose::{ComposeError, longest_line, may_be_seven_bit};
use super::dkim::Signer;
use super::personal::{Personal, Posting, Purpose};
use crate::model::{Delivery, FrozenEdition, MailSettings, Message};
use body::Body;
use head::Head;

/// What a message of an edition is before it has a reader.
pub struct Skeleton {
    settings: MailSettings,
    greeting: String,
    purpose: Purpose,
    head: Head,
    body: Body,
}

impl Skeleton {
    /// An error here is one about every message of the edition.
    pub fn new(
        settings: &MailSettings,
        edition: &FrozenEdition,
        purpose: Purpose,
    ) -> Result<Self, ComposeError> {
        Ok(Self {
            settings: settings.clone(),
            greeting: edition.greeting.clone(),
            purpose,
            head: Head::of(settings, edition, purpose)?,
            body: Body::of(edition)?,
        })
    }

    /// The message to one reader, signed if anybody signs.
    pub fn message(
        &self,
        delivery: &Delivery,
        date: Timestamp,
        signer: Option<&Signer>,
    ) -> Result<Message, ComposeError> {
        let posting = Posting { date, purpose: self.purpose };
        let personal = Personal::new(&self.settings, &self.greeting, delivery, posting);
        let seven_bit = may_be_seven_bit(&self.settings, delivery);

        let head = self.head.filled(&personal, date)?;
        longest_line(head.as_bytes())?;
        let body = self.body.filled(&personal)?;
        if seven_bit && !(head.is_ascii() && body.is_ascii()) {
            return Err(ComposeError::NotSevenBit);
        }
        let signatures = match signer {
            Some(signer) => signer.sign_hashed(&head, body.hash(), date)?,
            None => String::new(),
        };
        let mut bytes = Vec::with_capacity(signatures.len() + head.len() + 2 + body.len());
        bytes.extend_from_slice(signatures.as_bytes());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        body.write(&mut bytes);
        Ok(Message {
            id: personal.message_id,
            sender: self.settings.envelope_sender.clone(),
            recipient: delivery.address.clone(),
            bytes,
        })
    }
}

#[cfg(test)]
mod tests;
