//! Who gets a publication, who does not, and why.
//!
//! A pure function of what was loaded and what the ledger knows, so that what
//! `plan` shows is what `send` freezes. Everybody in a segment is a candidate
//! and ends up in exactly one place: among the deliveries, or among the
//! excluded with a reason.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use lettre::Address;
use wildmatch::WildMatch;

use crate::audience::Segment;
use crate::ledger::Planned;
use crate::model::{
    Deliveries, Delivery, DeliveryId, Excluded, Exclusion, FrozenEdition, Language, Listing,
    Mailbox, Mailing, Publication, Slug, Subscriber, Workspace,
};

/// Who is asked about, and what is known (`'k`) of them already: that need not
/// be there any more when the plan is used.
pub struct Question<'q, 'k> {
    pub workspace: &'q Workspace,
    pub publication: &'q Publication,
    pub segments: &'q [Segment],
    pub subscribers: &'q [Subscriber],
    /// The mailing, if it was frozen before.
    pub planned: Option<&'k Planned>,
    /// Keys of those who must not be written to.
    pub suppressed: &'k HashSet<String>,
    /// Patterns such as `*@example.org`; none means everybody.
    pub only: &'k [WildMatch],
}

/// The answer, shown to people and frozen into the ledger.
#[derive(Debug, Clone)]
pub struct Plan<'q> {
    pub slug: Slug,
    pub recipients: Vec<Recipient<'q>>,
    pub excluded: Vec<Excluded>,
    /// False when `--only` left people out, who can be planned later.
    pub complete: bool,
}

/// Somebody who gets it, and which edition of it. Says where that stands and
/// copies nothing: a million people are in memory once already.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'q> {
    pub person: &'q Subscriber,
    pub address: &'q Address,
    pub language: &'q Language,
    pub segment: &'q str,
}

impl Recipient<'_> {
    pub fn delivery(&self, slug: &Slug) -> Delivery {
        Delivery {
            id: DeliveryId::new(slug, self.person.key()),
            subscriber: self.person.key().to_owned(),
            address: self.address.clone(),
            name: self.person.name.to_string(),
            salutation: self.person.salutation.to_string(),
            language: self.language.clone(),
            segment: self.segment.to_owned(),
        }
    }
}

/// The recipients of a mailing, each of them a delivery when it is written down.
#[derive(Debug)]
pub struct Recipients<'q> {
    slug: Slug,
    all: Vec<Recipient<'q>>,
}

impl Deliveries for Recipients<'_> {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn each(&self) -> Box<dyn Iterator<Item = Cow<'_, Delivery>> + Send + '_> {
        Box::new(self.all.iter().map(|recipient| Cow::Owned(recipient.delivery(&self.slug))))
    }

    fn subscribers(&self) -> Box<dyn Iterator<Item = &str> + Send + '_> {
        Box::new(self.all.iter().map(|recipient| recipient.person.key()))
    }
}

impl<'q> Plan<'q> {
    /// Asks for everybody in the publication's segments, in the order of `to`:
    /// a person in several of them gets the edition of the first.
    pub fn new(question: &Question<'q, '_>) -> Self {
        let mut plan = Self {
            slug: question.publication.slug.clone(),
            // As many as there may be: a list that grows is in memory twice.
            recipients: Vec::with_capacity(question.subscribers.len()),
            excluded: Vec::new(),
            complete: question.only.is_empty(),
        };
        for person in question.subscribers {
            let Some((segment, listings)) = question.segment_of(person) else { continue };
            match question.recipient(person, segment, &listings) {
                Ok(recipient) => plan.recipients.push(recipient),
                Err(reason) => {
                    plan.excluded.push(Excluded { subscriber: person.key().to_owned(), reason });
                }
            }
        }
        plan
    }

    /// Everybody in the segments.
    pub fn candidates(&self) -> usize {
        self.recipients.len() + self.excluded.len()
    }

    /// How many get the edition of each segment and language.
    pub fn by_edition(&self) -> BTreeMap<(&str, &Language), usize> {
        let mut counts = BTreeMap::new();
        for recipient in &self.recipients {
            *counts.entry((recipient.segment, recipient.language)).or_default() += 1;
        }
        counts
    }

    /// How many get nothing, by reason.
    pub fn by_reason(&self) -> BTreeMap<Exclusion, usize> {
        let mut counts = BTreeMap::new();
        for excluded in &self.excluded {
            *counts.entry(excluded.reason).or_default() += 1;
        }
        counts
    }

    /// The plan with what it says, ready for the ledger.
    pub fn freeze(self, editions: Vec<FrozenEdition>) -> Mailing<Recipients<'q>> {
        Mailing {
            deliveries: Recipients { slug: self.slug.clone(), all: self.recipients },
            slug: self.slug,
            editions,
            excluded: self.excluded,
            complete: self.complete,
        }
    }
}

impl<'q> Question<'q, '_> {
    /// The first segment of `to` that a person is in by a listing that gives a
    /// right to write, and the listings by which; else the first at all.
    fn segment_of<'s>(&self, person: &'s Subscriber) -> Option<(&'q str, Vec<&'s Listing>)> {
        let mut theirs = self.publication.to.iter().filter_map(|id| {
            let segment = self.segments.iter().find(|segment| segment.id == *id)?;
            let listings = segment.listings(person);
            (!listings.is_empty()).then_some((segment.id.as_str(), listings))
        });
        let first = theirs.next()?;
        let lawful = |(_, listings): &(_, Vec<&Listing>)| {
            listings.iter().any(|listing| listing.basis.is_some())
        };
        if lawful(&first) {
            return Some(first);
        }
        Some(theirs.find(lawful).unwrap_or(first))
    }

    fn recipient(
        &self,
        person: &'q Subscriber,
        segment: &'q str,
        listings: &[&Listing],
    ) -> Result<Recipient<'q>, Exclusion> {
        if self.planned.is_some_and(|planned| planned.subscribers.contains(person.key())) {
            return Err(Exclusion::AlreadyPlanned);
        }
        let Mailbox::Valid(address) = &person.mailbox else {
            return Err(Exclusion::MalformedAddress);
        };
        if self.suppressed.contains(person.key()) {
            return Err(Exclusion::Suppressed);
        }
        if listings.iter().all(|listing| listing.basis.is_none()) {
            return Err(Exclusion::NoLawfulBasis);
        }
        let language = person.language.as_ref().unwrap_or(self.workspace.default_language());
        if !self.publication.ready().any(|manuscript| manuscript.language == *language) {
            return Err(Exclusion::NoEditionInLanguage);
        }
        let named = self.only.iter().any(|pattern| pattern.matches(person.key()));
        if !named && self.planned.is_some_and(|planned| planned.complete) {
            return Err(Exclusion::JoinedAfterFreeze);
        }
        if !named && !self.only.is_empty() {
            return Err(Exclusion::NotSelected);
        }
        Ok(Recipient { person, address, language, segment })
    }
}

/// Patterns of `--only`, held against addresses in lower case.
pub fn only(patterns: &[String]) -> Vec<WildMatch> {
    patterns.iter().map(|pattern| WildMatch::new(&pattern.to_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::audience::merge;
    use crate::load::segments::segments;
    use crate::load::subscribers::list;
    use crate::render::specimen;

    const SEGMENTS: &str =
        "[officials]\nwhen = 'list == \"officials\"'\n[everyone]\nwhen = 'true'\n";

    struct Desk {
        workspace: Workspace,
        publication: Publication,
        segments: Vec<Segment>,
        subscribers: Vec<Subscriber>,
    }

    /// Two lists, and a Czech publication to officials and then everyone.
    fn desk() -> Desk {
        let workspace = specimen::workspace();
        let mut rows = Vec::new();
        let mut read = |name: &str, written: &str| {
            let text = format!("email,name,language,basis\n{written}");
            list(&workspace, Path::new(name), text.as_bytes(), &mut rows).unwrap();
        };
        read(
            "members.csv",
            "eva@example.org,Eva,cs,\njohn@example.net,John,en,consent\nspatne,X,cs,consent\njana@example.org,Jana,cs,consent\n",
        );
        read(
            "officials.csv",
            "Jana@example.org,Jana,cs,public-office\npetr@example.com,Petr,,public-office\n",
        );
        let mut publication = specimen::commentary("Text.");
        publication.to = vec!["officials".to_owned(), "everyone".to_owned()];
        let segments = segments(Path::new("segments.toml"), SEGMENTS, &[]).segments;
        Desk { workspace, publication, segments, subscribers: merge(rows) }
    }

    impl Desk {
        fn plan(
            &self,
            planned: Option<&Planned>,
            suppressed: &[&str],
            only_them: &[&str],
        ) -> Plan<'_> {
            let own = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
            Plan::new(&Question {
                workspace: &self.workspace,
                publication: &self.publication,
                segments: &self.segments,
                subscribers: &self.subscribers,
                planned,
                suppressed: &own(suppressed).into_iter().collect(),
                only: &only(&own(only_them)),
            })
        }
    }

    fn to<'q>(plan: &Plan<'q>) -> Vec<(&'q str, &'q str)> {
        plan.recipients.iter().map(|it| (it.person.key(), it.segment)).collect()
    }

    fn reasons<'p>(plan: &'p Plan<'_>) -> Vec<(&'p str, Exclusion)> {
        plan.excluded.iter().map(|it| (it.subscriber.as_str(), it.reason)).collect()
    }

    #[test]
    fn everybody_in_a_segment_gets_one_mail_or_has_a_reason() {
        let desk = desk();
        let plan = desk.plan(None, &[], &[]);
        assert_eq!(
            to(&plan),
            [("jana@example.org", "officials"), ("petr@example.com", "officials")]
        );
        assert_eq!(
            reasons(&plan),
            [
                ("eva@example.org", Exclusion::NoLawfulBasis),
                ("john@example.net", Exclusion::NoEditionInLanguage),
                ("members.csv:4", Exclusion::MalformedAddress),
            ]
        );
        assert_eq!(plan.candidates(), 5);
        assert!(plan.complete);
    }

    #[test]
    fn the_suppressed_are_left_out() {
        let desk = desk();
        let plan = desk.plan(None, &["jana@example.org"], &[]);
        assert!(reasons(&plan).contains(&("jana@example.org", Exclusion::Suppressed)));
        assert_eq!(to(&plan), [("petr@example.com", "officials")]);
    }

    #[test]
    fn only_some_leaves_the_mailing_open_for_the_others() {
        let desk = desk();
        let plan = desk.plan(None, &[], &["*@EXAMPLE.com"]);
        assert_eq!(to(&plan), [("petr@example.com", "officials")]);
        assert!(reasons(&plan).contains(&("jana@example.org", Exclusion::NotSelected)));
        assert!(!plan.complete);
    }

    #[test]
    fn who_joins_after_the_freeze_gets_nothing_old() {
        let subscribers = HashSet::from(["petr@example.com".to_owned()]);
        let frozen = Planned { complete: true, subscribers };
        let desk = desk();
        let plan = desk.plan(Some(&frozen), &[], &[]);
        assert!(to(&plan).is_empty());
        assert!(reasons(&plan).contains(&("petr@example.com", Exclusion::AlreadyPlanned)));
        assert!(reasons(&plan).contains(&("jana@example.org", Exclusion::JoinedAfterFreeze)));
    }

    #[test]
    fn a_latecomer_gets_it_when_named() {
        let subscribers = HashSet::from(["petr@example.com".to_owned()]);
        let frozen = Planned { complete: true, subscribers };
        let desk = desk();
        let plan = desk.plan(Some(&frozen), &[], &["jana@example.org"]);
        assert_eq!(to(&plan), [("jana@example.org", "officials")]);
        assert!(!plan.complete);
    }

    #[test]
    fn a_draft_translation_reaches_nobody() {
        let mut desk = desk();
        let mut english = desk.publication.manuscripts[0].clone();
        english.language = "en".into();
        english.status = crate::model::Status::Draft;
        desk.publication.manuscripts.push(english);
        let plan = desk.plan(None, &[], &[]);
        assert!(reasons(&plan).contains(&("john@example.net", Exclusion::NoEditionInLanguage)));
        desk.publication.manuscripts[1].status = crate::model::Status::Ready;
        let plan = desk.plan(None, &[], &[]);
        assert!(to(&plan).contains(&("john@example.net", "everyone")));
    }
}
