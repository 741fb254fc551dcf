//! The publishing desk: the steps of the pipeline in a row, for the verbs.
//!
//! `load → check → render → publish → plan → deliver → report`. What a verb
//! decides is decided here, so that `send` and the timer's `run` cannot come
//! to differ.

mod hours;
mod late;
mod worker;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::ZonedDateTime;

use crate::build::{Built, build, build_with_proofs, editions};
use crate::clock::Clock;
use crate::deliver::{DeliverError, Event, Round, Tally, deliver};
use crate::ledger::{Hold, Ledger, LedgerError, Machine, Waiting};
use crate::load::Loaded;
use crate::mail::dkim::Signer;
use crate::model::{Exclusion, Finding, Publication, Slug, Status};
use crate::plan::{Plan, Question, only};
use crate::publish::{Output, PublishError, Published};
use crate::transport::Transport;

pub use hours::Hours;
pub use late::{Late, Limit};
pub use worker::Worker;

/// A loaded workspace at a moment in time.
pub struct Desk<'d> {
    pub loaded: &'d Loaded,
    pub clock: Arc<dyn Clock>,
}

/// What keeps a publication from being mailed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    Draft,
    /// Its time has not come.
    NotBefore(ZonedDateTime),
    /// Its time is over.
    Late(Late),
    /// The house does not mail before that.
    Closed(ZonedDateTime),
    /// `to` names nobody.
    NoSegments,
    /// It has errors; so many.
    Errors(usize),
    /// A list could not be read whole.
    ListsBroken,
    /// The condition of a segment it goes to is broken.
    SegmentBroken(String),
    /// Nobody is in a segment it goes to, so a list may be missing.
    SegmentEmpty(String),
}

/// What came of freezing all that is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frozen {
    /// How many deliveries are new, by mailing.
    pub new: Vec<(Slug, u64)>,
    /// Due, but nobody can be planned yet.
    pub held_back: Vec<(Slug, Obstacle)>,
}

impl Frozen {
    /// Whether somebody should look why it does not go out.
    pub fn is_stuck(&self) -> bool {
        self.held_back.iter().any(|(_, why)| !why.passes_by_itself())
    }
}

/// Why a plan was not written down.
#[derive(Debug, thiserror::Error)]
pub enum FreezeError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Its mail cannot be rendered.
    #[error("{}: {}", .0.place, .0.message)]
    Render(Box<Finding>),
}

impl From<Box<Finding>> for FreezeError {
    fn from(finding: Box<Finding>) -> Self {
        Self::Render(finding)
    }
}

/// What is to be delivered, and until when.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'e> {
    pub slug: &'e Slug,
    pub hours: Hours,
    /// Set when the messages in hand are to be the last.
    pub stop: &'e Arc<AtomicBool>,
}

/// A mailing that is not done.
#[derive(Debug, Clone)]
pub struct Open {
    pub slug: Slug,
    /// Who is to be tried now.
    pub waiting: Waiting,
    /// Why nobody is, all the same.
    pub held: Option<Held>,
}

/// What holds up a mailing that was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    Draft,
    Gone,
    Unreadable,
    /// Its time was moved into the future.
    NotYet,
    /// Suddenly many of its people are in no list: a list is missing, rather.
    ManyLeft,
    /// Too much of it was refused.
    Paused,
    /// Its time is over.
    Late(Late),
    /// The house does not mail before that.
    Closed(ZonedDateTime),
    /// By the pace that is stated or was learned, nobody has a turn before that.
    Paced(ZonedDateTime),
}

impl Held {
    /// For machines, which may hold on to it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Gone => "gone",
            Self::Unreadable => "unreadable",
            Self::NotYet => "not-yet",
            Self::ManyLeft => "many-left",
            Self::Paused => "paused",
            Self::Late(_) => "late",
            Self::Closed(_) => "closed",
            Self::Paced(_) => "paced",
        }
    }

    /// Whether nobody may have meant it: the others are brakes that somebody
    /// pulled, or have a finding of their own.
    pub fn is_suspicious(&self) -> bool {
        match self {
            Self::ManyLeft | Self::Paused => true,
            Self::Late(late) => late.is_news,
            Self::Draft | Self::Gone | Self::Unreadable | Self::NotYet => false,
            Self::Closed(_) | Self::Paced(_) => false,
        }
    }

    /// When it goes on by itself, where that is known.
    pub fn goes_on(&self) -> Option<&ZonedDateTime> {
        match self {
            Self::Closed(at) | Self::Paced(at) => Some(at),
            _ => None,
        }
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Draft => "it is a draft again",
            Self::Gone => "its folder is gone",
            Self::Unreadable => "its text cannot be read",
            Self::NotYet => "its time was moved",
            Self::Paused => "it paused itself",
            Self::ManyLeft => "many of its people are in no list any more",
            Self::Late(late) => return late.fmt(f),
            Self::Closed(opens) => return again_from(opens, f),
            Self::Paced(at) => {
                return write!(f, "its pace lets the next go at {}", at.strftime("%Y-%m-%d %H:%M"));
            }
        })
    }
}

impl Obstacle {
    /// Whether waiting is all that is needed.
    pub fn passes_by_itself(&self) -> bool {
        matches!(self, Self::NotBefore(_) | Self::Closed(_))
    }
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Draft => f.write_str("it is a draft"),
            Self::NotBefore(at) => write!(f, "its time is {}", at.strftime("%Y-%m-%d %H:%M")),
            Self::Late(late) => late.fmt(f),
            Self::Closed(opens) => again_from(opens, f),
            Self::NoSegments => f.write_str("`to` names no segment"),
            Self::Errors(1) => f.write_str("it has an error"),
            Self::Errors(count) => write!(f, "it has {count} errors"),
            Self::ListsBroken => f.write_str("a list of subscribers could not be read"),
            Self::SegmentBroken(id) => write!(f, "the segment `{id}` is broken"),
            Self::SegmentEmpty(id) => write!(f, "nobody is in the segment `{id}`"),
        }
    }
}

fn again_from(opens: &ZonedDateTime, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    write!(f, "the house mails again from {}", opens.strftime("%Y-%m-%d %H:%M"))
}

impl Desk<'_> {
    pub fn now(&self) -> ZonedDateTime {
        self.clock.now().to_zoned_datetime(self.loaded.workspace.time_zone.clone())
    }

    /// Builds everything and writes what has changed.
    pub fn publish(&self) -> Result<(Built, Published), PublishError> {
        let mut output = Output::open(&self.loaded.workspace.out)?;
        let built = build(self.loaded, &self.now(), &output);
        let published = output.publish(&built.pieces, &built.keep)?;
        Ok((built, published))
    }

    /// The same, and the pages of every PDF as pictures.
    pub fn publish_with_proofs(&self) -> Result<(Built, Published), PublishError> {
        let mut output = Output::open(&self.loaded.workspace.out)?;
        let built = build_with_proofs(self.loaded, &self.now(), &output);
        let published = output.publish(&built.pieces, &built.keep)?;
        Ok((built, published))
    }

    /// Every publication that could be read.
    pub fn publications(&self) -> impl Iterator<Item = &Publication> {
        self.loaded.publications.iter().filter_map(|loaded| loaded.publication.as_ref())
    }

    pub fn publication(&self, slug: &str) -> Option<&Publication> {
        self.publications().find(|publication| publication.slug.as_str() == slug)
    }

    /// Why a publication cannot be mailed now, if it cannot.
    pub fn obstacle(&self, publication: &Publication, errors: usize) -> Option<Obstacle> {
        if errors > 0 {
            return Some(Obstacle::Errors(errors));
        }
        if publication.status == Status::Draft {
            return Some(Obstacle::Draft);
        }
        if !publication.is_public(&self.now()) {
            return publication
                .public_from(&self.loaded.workspace.time_zone)
                .map(Obstacle::NotBefore);
        }
        if let Some(late) = self.past_its_end(publication) {
            return Some(Obstacle::Late(late));
        }
        if publication.to.is_empty() {
            return Some(Obstacle::NoSegments);
        }
        if !self.loaded.lists_whole {
            return Some(Obstacle::ListsBroken);
        }
        // A mailing is frozen once: with a segment missing it would pass over
        // everybody in there for good.
        publication.to.iter().find_map(|id| {
            let Some(segment) = self.loaded.segments.iter().find(|it| it.id == *id) else {
                return Some(Obstacle::SegmentBroken(id.clone()));
            };
            let mut people = self.loaded.subscribers.iter();
            let somebody = people.any(|person| !segment.listings(person).is_empty());
            (!somebody).then(|| Obstacle::SegmentEmpty(id.clone()))
        })
    }

    /// Who would get a publication now.
    pub async fn plan<'p>(
        &'p self,
        ledger: &dyn Ledger,
        publication: &'p Publication,
        only_them: &[String],
    ) -> Result<Plan<'p>, LedgerError> {
        let planned = ledger.planned(&publication.slug).await?;
        let suppressed = ledger.suppressed().await?;
        Ok(Plan::new(&Question {
            workspace: &self.loaded.workspace,
            publication,
            segments: &self.loaded.segments,
            subscribers: &self.loaded.subscribers,
            planned: planned.as_ref(),
            suppressed: &suppressed,
            only: &only(only_them),
        }))
    }

    /// Writes a plan down; what it says to whom stays as it is from now on.
    pub async fn freeze(
        &self,
        ledger: &dyn Ledger,
        plan: Plan<'_>,
        built: &Built,
    ) -> Result<u64, FreezeError> {
        let editions = editions(self.loaded, built, &plan).map_err(Box::new)?;
        Ok(ledger.freeze(&plan.freeze(editions), self.clock.now()).await?)
    }

    /// Plans and freezes what the timer should mail now: ready, with a send
    /// time that has come, sound, and not frozen for everybody before.
    pub async fn freeze_due(
        &self,
        ledger: &dyn Ledger,
        all_built: &Built,
    ) -> Result<Frozen, LedgerError> {
        let mut frozen = Frozen::default();
        for publication in self.publications().filter(|publication| publication.at.is_some()) {
            // Whose time came while we were building has no page yet.
            let Some(built) = all_built.publication(&publication.slug).filter(|it| it.public)
            else {
                continue;
            };
            let errors = built.findings.iter().filter(|finding| finding.is_error()).count();
            let planned = ledger.planned(&publication.slug).await?;
            if planned.is_some_and(|planned| planned.complete) {
                continue;
            }
            let late = self.overdue(ledger, publication).await?.map(Obstacle::Late);
            let closed = self.closed_until().map(Obstacle::Closed);
            match self.obstacle(publication, errors).or(late).or(closed) {
                None => {}
                // What is long past would be told of for ever.
                Some(Obstacle::Late(late)) if !late.is_news => continue,
                // Its time has come, but something else is broken.
                Some(
                    obstacle @ (Obstacle::ListsBroken
                    | Obstacle::SegmentBroken(_)
                    | Obstacle::SegmentEmpty(_)
                    | Obstacle::Closed(_)
                    | Obstacle::Late(_)),
                ) => {
                    frozen.held_back.push((publication.slug.clone(), obstacle));
                    continue;
                }
                Some(_) => continue,
            }
            let plan = self.plan(ledger, publication, &[]).await?;
            if plan.recipients.is_empty() {
                // Nobody yet, perhaps because a list is still to come.
                continue;
            }
            match self.freeze(ledger, plan, all_built).await {
                Ok(new) => frozen.new.push((publication.slug.clone(), new)),
                Err(FreezeError::Render(_)) => {
                    frozen.held_back.push((publication.slug.clone(), Obstacle::Errors(1)));
                }
                Err(FreezeError::Ledger(error)) => return Err(error),
            }
        }
        Ok(frozen)
    }

    /// What is ready, was due, and was never mailed, with the reason: for who
    /// looks at the books.
    pub async fn missed(
        &self,
        ledger: &dyn Ledger,
    ) -> Result<Vec<(&Publication, Late)>, LedgerError> {
        let mut missed = Vec::new();
        for publication in self.publications().filter(|it| it.is_public(&self.now())) {
            let overdue = self.overdue(ledger, publication).await?;
            let late = self.past_its_end(publication).or(overdue);
            let Some(late) = late.filter(|_| !publication.to.is_empty()) else { continue };
            if ledger.planned(&publication.slug).await?.is_none() {
                missed.push((publication, late));
            }
        }
        Ok(missed)
    }

    /// Mailings that somebody is still to be tried in now, and what holds
    /// them up, if anything does.
    pub async fn open_mailings(&self, ledger: &dyn Ledger) -> Result<Vec<Open>, LedgerError> {
        let mut open = Vec::new();
        let meters = ledger.meters().await?;
        for books in ledger.all_books().await? {
            if books.pending + books.deferred == 0 {
                continue;
            }
            let waiting = ledger.waiting(&books.slug, self.clock.now()).await?;
            if !waiting.is_empty() {
                let paused = books.paused.is_some().then_some(Held::Paused);
                let mut held =
                    self.held(&books.slug).or_else(|| self.many_left(&waiting)).or(paused);
                if held.is_none() {
                    held = self.gone_quiet(ledger, &books.slug).await?.map(Held::Late);
                }
                let held = held
                    .or_else(|| self.closed_until().map(Held::Closed))
                    .or_else(|| self.paced_until(&meters, &waiting).map(Held::Paced));
                open.push(Open { slug: books.slug, waiting, held });
            }
        }
        Ok(open)
    }

    /// Writes down what holds mailings up and until when they may go out, for
    /// workers, who see nothing of the workspace. Of all that are not done: who
    /// was deferred is due before the next run of ours.
    pub async fn put_holds(&self, ledger: &dyn Ledger, open: &[Open]) -> Result<(), LedgerError> {
        for books in ledger.all_books().await? {
            if books.pending + books.deferred == 0 {
                continue;
            }
            let seen = open.iter().find(|open| open.slug == books.slug);
            let held = match seen {
                Some(open) => open.held.clone(),
                None => self.held(&books.slug),
            };
            // A pause is written down already, and ends by another word; of
            // hours and pace each worker knows by itself.
            let lasts = |held: &Held| *held != Held::Paused && held.goes_on().is_none();
            let reason = held.filter(lasts).map(|held| held.to_string());
            let publication = self.publication(books.slug.as_str());
            let not_after = publication.and_then(|it| it.not_after.as_ref());
            let not_after = not_after.map(|end| end.timestamp());
            ledger.hold(&books.slug, &Hold { reason, not_after }).await?;
        }
        Ok(())
    }

    /// A text that was pulled back after its mailing was frozen is not sent on:
    /// making it a draft again, or taking its folder away, is the brake.
    fn held(&self, slug: &Slug) -> Option<Held> {
        let mut folders = self.loaded.publications.iter();
        let folder = folders.find(|it| it.folder.ends_with(slug.as_str()));
        match folder.map(|it| it.status) {
            None => Some(Held::Gone),
            Some(None) => Some(Held::Unreadable),
            Some(Some(Status::Draft)) => Some(Held::Draft),
            Some(Some(Status::Ready)) => {
                let known = folder.and_then(|it| it.publication.as_ref())?;
                if !known.is_public(&self.now()) {
                    return Some(Held::NotYet);
                }
                self.past_its_end(known).map(Held::Late)
            }
        }
    }

    /// A person or two leave a list; when a tenth of all are gone at once, a
    /// file is missing, and taking their mail back could not be undone.
    fn many_left(&self, waiting: &Waiting) -> Option<Held> {
        let left = self.left(waiting).len();
        (left > 5 && left * 10 > waiting.len()).then_some(Held::ManyLeft)
    }

    /// Keys of those in no list.
    fn left(&self, waiting: &Waiting) -> Vec<String> {
        let people = self.loaded.subscribers.iter();
        let listed: HashSet<&str> = people.map(|person| person.key()).collect();
        waiting.subscribers.iter().filter(|key| !listed.contains(key.as_str())).cloned().collect()
    }

    /// Keys of those whom no listing gives a right to write to any more.
    fn without_basis(&self, waiting: &Waiting) -> Vec<String> {
        let people = self.loaded.subscribers.iter();
        let without: HashSet<&str> = people
            .filter(|person| person.listings.iter().all(|listing| listing.basis.is_none()))
            .map(|person| person.key())
            .collect();
        waiting.subscribers.iter().filter(|key| without.contains(key.as_str())).cloned().collect()
    }

    /// Takes back what is still to be sent to people who have left every list
    /// or opted out since the freeze. Returns how many.
    pub async fn withdraw(&self, ledger: &dyn Ledger, open: &Open) -> Result<u64, LedgerError> {
        let now = self.clock.now();
        let suppressed = ledger.suppressed().await?;
        let waiting = open.waiting.subscribers.iter();
        let opted_out: Vec<_> = waiting.filter(|key| suppressed.contains(*key)).cloned().collect();
        let mut taken = ledger.withdraw(&open.slug, &opted_out, Exclusion::Suppressed, now).await?;
        let without = self.without_basis(&open.waiting);
        taken += ledger.withdraw(&open.slug, &without, Exclusion::NoLawfulBasis, now).await?;
        // With a list unread, who is missing may only be missing from our eyes.
        if self.loaded.lists_whole {
            let left = self.left(&open.waiting);
            taken += ledger.withdraw(&open.slug, &left, Exclusion::LeftLists, now).await?;
        }
        Ok(taken)
    }

    /// Delivers what is due of one mailing, on as many lines as there are
    /// `transports`.
    pub async fn deliver(
        &self,
        ledger: &Arc<dyn Ledger>,
        transports: &mut Vec<Box<dyn Transport>>,
        signer: Option<Arc<Signer>>,
        errand: Errand<'_>,
        watch: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Tally, DeliverError> {
        let Errand { slug, hours, stop } = errand;
        let workspace = &self.loaded.workspace;
        let not_after = self.publication(slug.as_str()).and_then(|it| it.not_after.clone());
        let hold = Hold { reason: None, not_after: not_after.as_ref().map(|end| end.timestamp()) };
        ledger.hold(slug, &hold).await?;
        let round = Round {
            ledger: Arc::clone(ledger),
            transports,
            settings: Arc::new(workspace.mail.clone()),
            signer,
            delivery: workspace.delivery,
            pace: Arc::new(workspace.pace.clone()),
            closing: self.closing().filter(|_| hours == Hours::OfTheHouse),
            not_after,
            clock: Arc::clone(&self.clock),
            worker: Machine::worker(),
            stop: Arc::clone(stop),
        };
        deliver(round, slug, watch).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Fixed;
    use crate::load::load;
    use crate::load::settings::settings;

    const HLAS_TOML: &str = r#"
base_url = "https://hlas.example.org/"
[organisation]
name = { cs = "Hlas" }
address = { cs = "Praha" }
email = "a@example.org"
[mail]
from = "hlas@example.org"
"#;

    pub(super) const TEXT: &str = "---\ntitle: Text\nkind: commentary\ndate: 2026-10-05\nat: 2026-10-05 09:00\nto: [members]\nstatus: ready\n---\nText.\n";

    /// A workspace with one publication to its members, at a moment.
    pub(super) fn at(moment: &str, text: &str, segments: &str, members: &[u8]) -> (Loaded, Fixed) {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        write("publications/2026-10-05-text/cs.md", text.as_bytes());
        write("subscribers/members.csv", members);
        write("subscribers/segments.toml", segments.as_bytes());
        let settings = settings(folder.path(), HLAS_TOML, &[]).unwrap();
        let loaded = load(settings.workspace).unwrap_or_else(|findings| panic!("{findings:?}"));
        (loaded, Fixed::at(moment.parse().unwrap()))
    }

    fn obstacle(moment: &str, text: &str, segments: &str, members: &[u8]) -> Option<String> {
        let (loaded, clock) = at(moment, text, segments, members);
        let desk = Desk { loaded: &loaded, clock: Arc::new(clock) };
        let publication = desk.publications().next().unwrap();
        desk.obstacle(publication, 0).map(|obstacle| obstacle.to_string())
    }

    pub(super) const MEMBERS: &str = "[members]\nwhen = 'list == \"members\"'\n";
    pub(super) const JANA: &[u8] = b"email,basis\njana@example.org,consent\n";

    #[test]
    fn the_time_is_the_workspaces_own() {
        // 09:00 in Prague in October is 07:00 UTC.
        let before = obstacle("2026-10-05T06:59:59Z", TEXT, MEMBERS, JANA);
        assert_eq!(before.as_deref(), Some("its time is 2026-10-05 09:00"));
        assert_eq!(obstacle("2026-10-05T07:00:00Z", TEXT, MEMBERS, JANA), None);
    }

    #[test]
    fn drafts_and_letters_to_nobody_stay() {
        let now = "2026-10-06T07:00:00Z";
        let draft = TEXT.replace("ready", "draft");
        assert_eq!(obstacle(now, &draft, MEMBERS, JANA).as_deref(), Some("it is a draft"));
        let nobody = TEXT.replace("to: [members]\n", "");
        let told = obstacle(now, &nobody, MEMBERS, JANA);
        assert_eq!(told.as_deref(), Some("`to` names no segment"));
    }

    #[test]
    fn nothing_is_frozen_while_somebody_may_be_missing() {
        let now = "2026-10-06T07:00:00Z";
        let windows_1250 = b"email,name,basis\njana@example.org,Ji\xF8\xED,consent\n";
        let told = obstacle(now, TEXT, MEMBERS, windows_1250);
        assert_eq!(told.as_deref(), Some("a list of subscribers could not be read"));
        let told = obstacle(now, TEXT, "[members]\nwhen = 'lists = 3'\n", JANA);
        assert_eq!(told.as_deref(), Some("the segment `members` is broken"));
    }

    #[test]
    fn a_mailing_to_an_empty_list_waits_for_somebody() {
        let (loaded, clock) = at("2026-10-06T07:00:00Z", TEXT, MEMBERS, b"email,basis\n");
        let desk = Desk { loaded: &loaded, clock: Arc::new(clock) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ledger = crate::ledger::open("sqlite::memory:", &loaded.workspace.root);
            let ledger = ledger.await.unwrap();
            let output = tempfile::tempdir().unwrap();
            let built = build(&loaded, &desk.now(), &Output::open(output.path()).unwrap());
            let frozen = desk.freeze_due(ledger.as_ref(), &built).await.unwrap();
            assert_eq!(frozen.new, []);
            assert_eq!(frozen.held_back[0].1.to_string(), "nobody is in the segment `members`");
            assert_eq!(ledger.mailings().await.unwrap(), []);
        });
    }
}
