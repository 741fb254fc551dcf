//! A publication going to its segments, frozen when planned.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use lettre::Address;
use serde::Serialize;

use super::{Attachment, EmbeddedPicture, Language, Outcome, Slug, Stage, digest};

/// Why somebody in a segment gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exclusion {
    /// Opted out, or mail to them bounced for good.
    Suppressed,
    /// Has a row in this mailing.
    AlreadyPlanned,
    /// No listing by which they are in the segment gives a right to write.
    NoLawfulBasis,
    MalformedAddress,
    /// They read a language that the publication has no edition in.
    NoEditionInLanguage,
    /// `--only` named others.
    NotSelected,
    /// The mailing had been frozen for everybody before they joined.
    JoinedAfterFreeze,
    /// They were in when it was frozen, and are in no list any more.
    LeftLists,
}

impl Exclusion {
    pub const ALL: [Self; 8] = [
        Self::Suppressed,
        Self::AlreadyPlanned,
        Self::NoLawfulBasis,
        Self::MalformedAddress,
        Self::NoEditionInLanguage,
        Self::NotSelected,
        Self::JoinedAfterFreeze,
        Self::LeftLists,
    ];

    /// Stable name, in the ledger and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Suppressed => "suppressed",
            Self::AlreadyPlanned => "already-planned",
            Self::NoLawfulBasis => "no-lawful-basis",
            Self::MalformedAddress => "malformed-address",
            Self::NoEditionInLanguage => "no-edition-in-language",
            Self::NotSelected => "not-selected",
            Self::JoinedAfterFreeze => "joined-after-freeze",
            Self::LeftLists => "left-lists",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// One person who gets nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// [`super::Subscriber::key`].
    pub subscriber: String,
    pub reason: Exclusion,
}

/// Names one mailing to one subscriber; also the left side of its Message-ID,
/// so a resend is recognisable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DeliveryId(pub String);

impl DeliveryId {
    /// The id of the mailing `slug` to `subscriber` (their key): always the
    /// same, so a plan made twice names the same deliveries, and nothing of
    /// the address shows in headers that relays log.
    pub fn new(slug: &Slug, subscriber: &str) -> Self {
        let hash = digest(format!("{slug}\0{subscriber}").as_bytes());
        Self(format!("{slug}.{}", &hash[..16]))
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a mailing says in one language to one segment, rendered and frozen:
/// editing the publication afterwards changes nothing for those still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenEdition {
    pub language: Language,
    pub segment: String,
    pub subject: String,
    /// Display name of From, in the edition's language.
    pub from_name: String,
    /// Greeting for those whose list states none.
    pub greeting: String,
    /// With holes (see [`super::hole`]).
    pub html: String,
    /// Those that `html` shows by `cid:`, each once.
    pub pictures: Vec<EmbeddedPicture>,
    /// With holes.
    pub text: String,
    pub attachment: Option<Attachment>,
}

/// One mailing to one subscriber: one ledger row, with all that is needed to
/// write to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    /// [`super::Subscriber::key`].
    pub subscriber: String,
    pub address: Address,
    pub name: String,
    /// Empty: the edition's own greeting.
    pub salutation: String,
    pub language: Language,
    pub segment: String,
}

impl Delivery {
    /// By which the reader is counted with others: what stands behind the @.
    pub fn domain(&self) -> Cow<'_, str> {
        let domain = self.address.domain();
        if domain.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(domain.to_ascii_lowercase())
        } else {
            Cow::Borrowed(domain)
        }
    }
}

/// Those whom a mailing goes to, in planned order. A plan of a million readers
/// makes each delivery when it is asked for, and never has all of them.
pub trait Deliveries: Send + Sync {
    fn is_empty(&self) -> bool;

    fn each(&self) -> Box<dyn Iterator<Item = Cow<'_, Delivery>> + Send + '_>;

    /// [`Delivery::subscriber`] of each.
    fn subscribers(&self) -> Box<dyn Iterator<Item = &str> + Send + '_>;
}

impl Deliveries for Vec<Delivery> {
    fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    fn each(&self) -> Box<dyn Iterator<Item = Cow<'_, Delivery>> + Send + '_> {
        Box::new(self.iter().map(Cow::Borrowed))
    }

    fn subscribers(&self) -> Box<dyn Iterator<Item = &str> + Send + '_> {
        Box::new(self.iter().map(|delivery| delivery.subscriber.as_str()))
    }
}

/// A publication going to its segments. Whoever is handed one takes a
/// `&Mailing<dyn Deliveries>`.
#[derive(Debug)]
pub struct Mailing<D: ?Sized = Vec<Delivery>> {
    pub slug: Slug,
    pub editions: Vec<FrozenEdition>,
    pub excluded: Vec<Excluded>,
    /// False when `--only` froze just some: a later plan may add the others.
    pub complete: bool,
    pub deliveries: D,
}

impl Mailing<dyn Deliveries + '_> {
    /// How many there are of whom the plan speaks, where each stands once, with
    /// those who are `present` in the ledger already. Counted from the plan and not
    /// from the rows that come of it, so that [`Books::balance`] can find a row
    /// missing.
    pub fn candidates(&self, present: &HashSet<String>) -> usize {
        let left_out =
            self.excluded.iter().filter(|excluded| excluded.reason != Exclusion::AlreadyPlanned);
        let left_out = left_out.map(|excluded| excluded.subscriber.as_str());
        let everybody = self.deliveries.subscribers().chain(left_out);
        present.len() + everybody.filter(|subscriber| !present.contains(*subscriber)).count()
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// To be tried; also while claimed or being handed over by a live worker.
    Pending,
    Accepted,
    Deferred,
    Refused,
    Unsure,
}

impl DeliveryState {
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Accepted, Self::Deferred, Self::Refused, Self::Unsure];

    /// Stable name, in the ledger and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
            Self::Unsure => "unsure",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl From<&Outcome> for DeliveryState {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Accepted(_) => Self::Accepted,
            Outcome::Deferred(_) => Self::Deferred,
            Outcome::Refused(_) => Self::Refused,
            Outcome::Unsure(_) => Self::Unsure,
        }
    }
}

/// One try at a delivery; append-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub at: Timestamp,
    pub outcome: Outcome,
    /// Where it ended; `None` when no server was asked.
    pub stage: Option<Stage>,
    pub server: Option<String>,
    /// From the first byte to the answer.
    pub took: Option<Duration>,
    /// The person by whose word, where it was no server's.
    pub by: Option<String>,
}

impl Attempt {
    /// One that no server knows of.
    pub fn new(at: Timestamp, outcome: Outcome) -> Self {
        Self { at, outcome, stage: None, server: None, took: None, by: None }
    }
}

/// A mailing that stopped by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paused {
    pub at: Timestamp,
    pub reason: String,
}

/// The sums of one mailing. They balance when
/// `candidates = excluded + accepted + refused + deferred + pending + unsure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Books {
    pub slug: Slug,
    pub frozen_at: Timestamp,
    pub complete: bool,
    /// Nobody is written to until somebody resumes it.
    pub paused: Option<Paused>,
    /// As counted when the mailing was frozen, not derived from the rest.
    pub candidates: u64,
    pub excluded: std::collections::BTreeMap<String, u64>,
    pub accepted: u64,
    pub refused: u64,
    pub deferred: u64,
    pub pending: u64,
    pub unsure: u64,
}

impl Books {
    pub fn excluded_total(&self) -> u64 {
        self.excluded.values().sum()
    }

    pub fn balance(&self) -> bool {
        self.candidates
            == self.excluded_total()
                + self.accepted
                + self.refused
                + self.deferred
                + self.pending
                + self.unsure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_named_by_its_mailing_and_its_reader_alone() {
        let slug = Slug::new("2026-10-05-povoleni").expect("a slug");
        let id = DeliveryId::new(&slug, "a@example.org");
        assert_eq!(id, DeliveryId::new(&slug, "a@example.org"));
        assert_ne!(id, DeliveryId::new(&slug, "b@example.org"));
        let (left, right) = id.0.split_once('.').expect("two parts");
        assert_eq!(left, "2026-10-05-povoleni");
        assert_eq!(right.len(), 16);
    }
}
