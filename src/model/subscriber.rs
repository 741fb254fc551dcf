//! A person with an address, and the lists that name them.

use std::path::PathBuf;
use std::sync::Arc;

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

/// A list: a file of rows about persons.
#[derive(Debug, Default)]
pub struct List {
    /// Its file without `.csv`.
    pub name: String,
    pub file: PathBuf,
}

/// One row of one list about a person. What many rows say alike is kept once.
#[derive(Debug, Clone)]
pub struct Listing {
    pub list: Arc<List>,
    /// `None` where the row states none or an unknown one: such a row gives
    /// no right to write.
    pub basis: Option<Basis>,
    pub since: Option<Date>,
    pub source: Arc<str>,
    /// The row's line in the list's file.
    pub line: u32,
}

impl Listing {
    pub fn place(&self) -> Place {
        Place::new(&self.list.file, usize::try_from(self.line).unwrap_or(usize::MAX), 1)
    }
}

/// A person with an address, merged from all the lists that name them.
///
/// Personal fields come from the first row that states them, topics from all.
/// A million of them are in memory at once, so that each byte is a megabyte.
#[derive(Debug, Clone)]
pub struct Subscriber {
    pub mailbox: Mailbox,
    /// The [`Subscriber::key`], where it differs from what `mailbox` says.
    pub other_key: Option<Box<str>>,
    pub name: Box<str>,
    pub salutation: Arc<str>,
    /// `None`: the workspace's default language.
    pub language: Option<Language>,
    pub organisation: Arc<str>,
    pub role: Arc<str>,
    pub country: Arc<str>,
    pub topics: Arc<[Arc<str>]>,
    /// Never empty.
    pub listings: Box<[Listing]>,
    /// Every further column: its heading and what stands there.
    pub extra: Box<[(Arc<str>, Arc<str>)]>,
}

impl Subscriber {
    /// Somebody of whom no more is known than one row of one list.
    pub fn bare(mailbox: Mailbox, listing: Listing) -> Self {
        Self {
            mailbox,
            other_key: None,
            name: Box::default(),
            salutation: Arc::default(),
            language: None,
            organisation: Arc::default(),
            role: Arc::default(),
            country: Arc::default(),
            topics: Arc::default(),
            listings: Box::new([listing]),
            extra: Box::default(),
        }
    }

    /// What makes two rows one person: the address in lower case.
    pub fn key(&self) -> &str {
        match (&self.other_key, &self.mailbox) {
            (Some(key), _) => key,
            (None, Mailbox::Valid(address)) => address.as_ref(),
            (None, Mailbox::Malformed(written)) => written,
        }
    }

    /// What stands in a further column; nothing where the lists have none.
    pub fn extra(&self, heading: &str) -> &str {
        let column = self.extra.iter().find(|(known, _)| **known == *heading);
        column.map_or("", |(_, written)| written)
    }
}
