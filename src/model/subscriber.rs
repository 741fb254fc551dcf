//! A person with an address, and the lists that name them.

use std::collections::BTreeMap;
use std::path::Path;
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

/// One row of one list about a person. What many rows say alike is kept once.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The list's name: its file without `.csv`.
    pub list: Arc<str>,
    /// `None` where the row states none or an unknown one: such a row gives
    /// no right to write.
    pub basis: Option<Basis>,
    pub since: Option<Date>,
    pub source: Arc<str>,
    /// The list's file, and the row's line in it.
    pub file: Arc<Path>,
    pub line: u32,
}

impl Listing {
    pub fn place(&self) -> Place {
        Place::new(&*self.file, usize::try_from(self.line).unwrap_or(usize::MAX), 1)
    }
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
    pub salutation: Arc<str>,
    /// `None`: the workspace's default language.
    pub language: Option<Language>,
    pub organisation: Arc<str>,
    pub role: Arc<str>,
    pub country: Arc<str>,
    pub topics: Vec<Arc<str>>,
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
            salutation: Arc::default(),
            language: None,
            organisation: Arc::default(),
            role: Arc::default(),
            country: Arc::default(),
            topics: Vec::new(),
            listings: vec![listing],
            extra: BTreeMap::new(),
        }
    }
}
