//! A person with an address, and the lists that name them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lettre::Address;
use serde::Serialize;

use super::{Language, Place};

/// An address as far as it can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailbox {
    /// An address that mail can go to.
    Valid(Address),
    /// What stood in the file instead; counted among the excluded.
    Malformed(String),
}

/// Why we may write to somebody (GDPR, article 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    Consent,
    LegitimateInterest,
    PublicOffice,
}

impl Basis {
    pub const ALL: [(&'static str, Self); 3] = [
        ("consent", Self::Consent),
        ("legitimate-interest", Self::LegitimateInterest),
        ("public-office", Self::PublicOffice),
    ];

    /// As written in lists.
    pub fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(_, basis)| *basis == self);
        known.map_or("", |(name, _)| name)
    }
}

/// One row of one list about a person.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The list's name: its file without `.csv`.
    pub list: String,
    /// `None` where the row states none or an unknown one: such a row gives
    /// no right to write.
    pub basis: Option<Basis>,
    pub since: Option<Date>,
    pub source: String,
    pub place: Place,
}

/// A person with an address, merged from all the lists that name them.
///
/// Personal fields come from the first row that states them, topics from all.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// What makes two rows one person: the address in lower case.
    pub key: String,
    pub mailbox: Mailbox,
    pub name: String,
    pub salutation: String,
    /// `None`: the workspace's default language.
    pub language: Option<Language>,
    pub organisation: String,
    pub role: String,
    pub country: String,
    pub topics: Vec<String>,
    /// Never empty.
    pub listings: Vec<Listing>,
    /// Every further column, by its heading.
    pub extra: BTreeMap<String, String>,
}

impl Subscriber {
    /// Somebody of whom no more is known than one row of one list.
    pub fn bare(key: String, mailbox: Mailbox, listing: Listing) -> Self {
        Self {
            key,
            mailbox,
            name: String::new(),
            salutation: String::new(),
            language: None,
            organisation: String::new(),
            role: String::new(),
            country: String::new(),
            topics: Vec::new(),
            listings: vec![listing],
            extra: BTreeMap::new(),
        }
    }
}
