//! Header fields, those of everybody as bytes, those of a reader as names.

use jiff::Timestamp;
use lettre::message::Mailboxes;
use lettre::message::header::{Date, Headers, MessageId, To};

use crate::mail::compose::{ComposeError, date_header, longest_line, specimen_headers};
use crate::mail::dkim::fields;
use crate::mail::personal::{Personal, Purpose};
use crate::model::{FrozenEdition, MailSettings};

pub(super) struct Head {
    fields: Vec<Field>,
}

enum Field {
    /// One or more fields, with their line ends.
    Everybodys(String),
    Date,
    To,
    MessageId,
    ListUnsubscribe,
}

impl Head {
    pub fn of(
        settings: &MailSettings,
        edition: &FrozenEdition,
        purpose: Purpose,
    ) -> Result<Self, ComposeError> {
        let specimen = specimen_headers(settings, edition, purpose)?;
        longest_line(specimen.as_bytes())?;
        let mut pieces = Vec::new();
        for field in fields(&specimen) {
            let name = field.split(':').next().unwrap_or_default();
            match (name, pieces.last_mut()) {
                ("Date", _) => pieces.push(Field::Date),
                ("To", _) => pieces.push(Field::To),
                ("Message-ID", _) => pieces.push(Field::MessageId),
                ("List-Unsubscribe", _) => pieces.push(Field::ListUnsubscribe),
                (_, Some(Field::Everybodys(before))) => before.push_str(field),
                _ => pieces.push(Field::Everybodys(field.to_owned())),
            }
        }
        Ok(Self { fields: pieces })
    }

    /// Without the empty line that ends it.
    pub fn filled(&self, personal: &Personal, date: Timestamp) -> Result<String, ComposeError> {
        let mut headers = Headers::new();
        let mut filled = String::with_capacity(2048);
        for field in &self.fields {
            match field {
                Field::Everybodys(fields) => {
                    filled.push_str(fields);
                    continue;
                }
                Field::Date => headers.set::<Date>(date_header(date)?),
                Field::To => headers.set(To::from(Mailboxes::from(personal.mailbox()))),
                Field::MessageId => {
                    headers.set(MessageId::from(format!("<{}>", personal.message_id)));
                }
                Field::ListUnsubscribe => headers.insert_raw(personal.list_unsubscribe()),
            }
            filled.push_str(&headers.to_string());
            headers.clear();
        }
        Ok(filled)
    }
}
