//! What every ledger must do, told as stories. Each backend runs [`STORIES`],
//! each story on a ledger of its own; a new backend adds one loop, no story.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;

use jiff::{SignedDuration, Timestamp};

use super::{
    Among, Bucket, Hold, Home, Lease, Ledger, Machine, Meter, Step, Stranded, Today, Turns, Wish,
    Word, lock,
};
use crate::model::{
    Attachment, Attempt, Books, Delivery, DeliveryId, DeliveryState, EmbeddedPicture, Excluded,
    Exclusion, FrozenEdition, Language, Limit, Mailing, Outcome, Reply, Slug, Stage,
};

pub type Story = for<'l> fn(&'l dyn Ledger) -> Pin<Box<dyn Future<Output = ()> + 'l>>;

macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($ledger:ident) $body:block)*) => {
        /// In the order of a mailing's life.
        pub const STORIES: &[Story] = &[$($name),*];
        $($(#[$doc])* fn $name($ledger: &dyn Ledger) -> Pin<Box<dyn Future<Output = ()> + '_>> {
            Box::pin(async move $body)
        })*
    };
}

/// 2026-10-05 12:00 UTC
pub const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);

fn later(minutes: i64) -> Timestamp {
    NOON + SignedDuration::from_mins(minutes)
}

fn slug() -> Slug {
    Slug::new("2026-10-05-povoleni").expect("a slug")
}

pub fn delivery(address: &str) -> Delivery {
    Delivery {
        id: DeliveryId::new(&slug(), address),
        subscriber: address.to_owned(),
        address: address.parse().expect("an address"),
        name: "Jana Nováková".to_owned(),
        salutation: "Vážená paní poslankyně,".to_owned(),
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
    }
}

fn edition(subject: &str) -> FrozenEdition {
    FrozenEdition {
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
        subject: subject.to_owned(),
        from_name: "Hlas".to_owned(),
        greeting: "Dobrý den,".to_owned(),
        html: "<p>Žluťoučký kůň</p>".to_owned(),
        text: "Žluťoučký kůň\n".to_owned(),
        pictures: Vec::new(),
        attachment: Some(Attachment {
            name: "povolení.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: vec![0, 159, 146, 150],
        }),
    }
}

pub fn picture(name: &str, bytes: &[u8]) -> EmbeddedPicture {
    EmbeddedPicture {
        content_id: format!("{name}@example.org"),
        name: name.to_owned(),
        media_type: "image/png".to_owned(),
        bytes: bytes.into(),
    }
}

pub fn mailing(addresses: &[&str]) -> Mailing {
    Mailing {
        slug: slug(),
        editions: vec![edition("Povolení k pobytu")],
        deliveries: addresses.iter().copied().map(delivery).collect(),
        excluded: Vec::new(),
        complete: true,
    }
}

pub fn without(subscriber: &str, reason: Exclusion) -> Excluded {
    Excluded { subscriber: subscriber.to_owned(), reason }
}

fn reply() -> Reply {
    Reply::new(Some(250), "2.0.0 queued")
}

pub fn accepted() -> Attempt {
    Attempt::new(NOON, Outcome::Accepted(reply()))
}

/// Of so many minutes; of none, it has run out at once.
fn lease(worker: &str, minutes: i64) -> Lease {
    Lease { worker: worker.to_owned(), lasts: SignedDuration::from_mins(minutes) }
}

async fn freeze(ledger: &dyn Ledger, mailing: &Mailing) -> u64 {
    ledger.freeze(mailing, NOON).await.expect("frozen")
}

async fn claim(ledger: &dyn Ledger, now: Timestamp) -> Vec<DeliveryId> {
    claim_under(ledger, &lease("desk", 10), now).await
}

async fn claim_under(ledger: &dyn Ledger, lease: &Lease, now: Timestamp) -> Vec<DeliveryId> {
    let claimed = ledger.claim(&slug(), lease, now, 100).await.expect("claimed");
    claimed.into_iter().map(|claimed| claimed.delivery.id).collect()
}

/// Whom a claim of `among` gives, by address, and the last row's number.
async fn claim_among(ledger: &dyn Ledger, among: Among<'_>, limit: u32) -> (Vec<String>, i64) {
    let lease = lease("desk", 10);
    let claimed = ledger.claim_among(among, &slug(), &lease, later(5), limit).await;
    let claimed = claimed.expect("claimed");
    let last = claimed.last().map_or(0, |claimed| claimed.number);
    (claimed.iter().map(|claimed| claimed.delivery.address.to_string()).collect(), last)
}

fn limit(rate: &str) -> Limit {
    Limit { rate: Some(rate.parse().expect("a rate")), ..Limit::default() }
}

/// Asks for turns that come at once, or within a second.
async fn take_turns(
    ledger: &dyn Ledger,
    buckets: &[(Bucket<'_>, &Limit)],
    most: u32,
    now: Timestamp,
) -> Turns {
    let today = Today::at(now, &jiff::tz::TimeZone::UTC);
    let until = now + SignedDuration::from_secs(1);
    let wish = Wish { buckets, most, now, until, today };
    ledger.take_turns(&wish).await.expect("asked")
}

async fn hand_over(ledger: &dyn Ledger, id: &DeliveryId) {
    let ours = ledger.handing_over(id, &lease("desk", 10)).await.expect("written");
    assert!(ours, "the row is ours");
}

/// The books of the one mailing, which must balance at every moment.
async fn books(ledger: &dyn Ledger) -> Books {
    let books = ledger.books(&slug()).await.expect("read").expect("a mailing");
    assert!(books.balance(), "{books:?}");
    books
}

stories! {
    async fn a_mailing_that_was_never_frozen_is_not_there(ledger) {
        assert_eq!(ledger.planned(&slug()).await.expect("read"), None);
        assert_eq!(ledger.books(&slug()).await.expect("read"), None);
        assert_eq!(claim(ledger, NOON).await, []);
        assert!(ledger.all_books().await.expect("read").is_empty());
    }

    async fn freezing_writes_everybody_down_and_freezing_again_adds_nobody(ledger) {
        let mut plan = mailing(&["a@example.org", "b@example.org"]);
        plan.excluded.push(without("c@example.org", Exclusion::Suppressed));
        assert_eq!(freeze(ledger, &plan).await, 2);
        assert_eq!(freeze(ledger, &plan).await, 0);

        let books = books(ledger).await;
        assert_eq!((books.candidates, books.pending), (3, 2));
        assert_eq!(books.excluded, [("suppressed".to_owned(), 1)].into());
        let planned = ledger.planned(&slug()).await.expect("read").expect("planned");
        assert!(planned.complete);
        assert!(planned.subscribers.contains("a@example.org"));
        assert_eq!(ledger.all_books().await.expect("read"), [books]);
    }

    async fn a_complete_mailing_is_never_extended(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        assert_eq!(freeze(ledger, &mailing(&["a@example.org", "late@example.org"])).await, 0);
        assert_eq!(books(ledger).await.candidates, 1);
    }

    async fn a_complete_mailing_admits_people_named_one_by_one(ledger) {
        let mut all = mailing(&["a@example.org"]);
        all.excluded.push(without("b@example.org", Exclusion::NoLawfulBasis));
        freeze(ledger, &all).await;

        let mut named = mailing(&["b@example.org", "late@example.org"]);
        named.complete = false;
        named.excluded.push(without("a@example.org", Exclusion::AlreadyPlanned));
        named.excluded.push(without("d@example.org", Exclusion::JoinedAfterFreeze));
        assert_eq!(freeze(ledger, &named).await, 2);

        let books = books(ledger).await;
        assert_eq!((books.candidates, books.pending, books.excluded_total()), (3, 3, 0));
        assert!(books.complete && books.balance());
    }

    async fn a_text_is_mended_between_a_first_reader_and_the_rest(ledger) {
        let mut first = mailing(&["a@example.org"]);
        first.complete = false;
        freeze(ledger, &first).await;
        let claimed = ledger.claim(&slug(), &lease("w", 10), NOON, 1).await.expect("one");
        let attempt = Attempt::new(NOON, Outcome::Accepted(reply()));
        ledger.settle(&claimed[0].delivery.id, &attempt, None).await.expect("settled");

        let mut rest = mailing(&["b@example.org"]);
        rest.editions[0].subject = "Mended".to_owned();
        freeze(ledger, &rest).await;
        let frozen = ledger.edition(&slug(), &"cs".into(), "politicians").await.expect("read");
        assert_eq!(frozen.expect("an edition").subject, "Mended");
    }

    async fn what_is_still_to_be_sent_can_be_taken_back(ledger) {
        freeze(ledger, &mailing(&["a@example.org", "b@example.org", "c@example.org"])).await;
        let first = ledger.claim(&slug(), &lease("w", 10), NOON, 1).await.expect("claimed");
        let later_on = Outcome::Deferred(Reply::new(Some(451), "later"));
        let attempt = Attempt::new(NOON, later_on);
        ledger.settle(&first[0].delivery.id, &attempt, Some(later(60))).await.expect("settled");
        let gone = ["a@example.org", "b@example.org", "x@example.org"].map(String::from);
        let taken = ledger.withdraw(&slug(), &gone, Exclusion::LeftLists, NOON).await;
        assert_eq!(taken.expect("withdrawn"), 2);

        let books = books(ledger).await;
        assert_eq!((books.pending, books.deferred, books.refused), (1, 0, 1));
        assert_eq!(books.excluded, [("left-lists".to_owned(), 1)].into());
        assert!(books.balance());
    }

    async fn a_mailing_frozen_for_some_is_extended_to_the_others(ledger) {
        let mut some = mailing(&["a@example.org"]);
        some.complete = false;
        some.excluded.push(without("b@example.org", Exclusion::NotSelected));
        some.excluded.push(without("c@example.org", Exclusion::NotSelected));
        assert_eq!(freeze(ledger, &some).await, 1);
        assert_eq!(books(ledger).await.excluded_total(), 2);

        let mut all = mailing(&["b@example.org"]);
        all.editions[0].subject = "Edited meanwhile".to_owned();
        all.excluded.push(without("a@example.org", Exclusion::AlreadyPlanned));
        all.excluded.push(without("c@example.org", Exclusion::NoLawfulBasis));
        let second = ledger.freeze(&all, later(60)).await.expect("frozen");
        assert_eq!(second, 1);

        let books = books(ledger).await;
        assert_eq!((books.candidates, books.pending, books.complete), (3, 2, true));
        assert_eq!(books.excluded, [("no-lawful-basis".to_owned(), 1)].into());
        assert_eq!(books.frozen_at, NOON);
        let frozen = ledger.edition(&slug(), &"cs".into(), "politicians").await.expect("read");
        assert_eq!(frozen, Some(edition("Povolení k pobytu")), "as first frozen");
    }

    async fn somebody_with_a_row_is_counted_once_whatever_a_later_plan_says(ledger) {
        let mut some = mailing(&["a@example.org"]);
        some.complete = false;
        freeze(ledger, &some).await;
        let mut next = mailing(&["a@example.org", "b@example.org"]);
        next.excluded.push(without("a@example.org", Exclusion::Suppressed));
        freeze(ledger, &next).await;
        assert_eq!(books(ledger).await.candidates, 2);
    }

    async fn an_edition_comes_back_as_it_was_frozen(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        let frozen = ledger.edition(&slug(), &"cs".into(), "politicians").await.expect("read");
        assert_eq!(frozen, Some(edition("Povolení k pobytu")));
        assert_eq!(ledger.edition(&slug(), &"en".into(), "politicians").await.expect("read"), None);
    }

    async fn pictures_in_a_mail_are_frozen_with_it_and_told_in_their_order(ledger) {
        let mut plan = mailing(&["a@example.org"]);
        plan.editions[0].pictures = vec![picture("mapa.png", b"m"), picture("graf.svg.png", b"g")];
        freeze(ledger, &plan).await;
        let frozen = ledger.edition(&slug(), &"cs".into(), "politicians").await.expect("read");
        assert_eq!(frozen.as_ref(), Some(&plan.editions[0]));
    }

    async fn a_mended_text_brings_its_own_pictures_and_one_still_to_be_sent_keeps_its(ledger) {
        let frozen = async |ledger: &dyn Ledger| {
            let frozen = ledger.edition(&slug(), &"cs".into(), "politicians").await.expect("read");
            frozen.expect("an edition").pictures
        };
        let mut first = mailing(&["a@example.org"]);
        first.complete = false;
        first.editions[0].pictures = vec![picture("graf.png", b"old"), picture("mapa.png", b"m")];
        freeze(ledger, &first).await;

        let mut next = mailing(&["b@example.org"]);
        next.complete = false;
        next.editions[0].pictures = vec![picture("graf.png", b"new")];
        freeze(ledger, &next).await;
        assert_eq!(frozen(ledger).await, first.editions[0].pictures, "a waits for the old ones");

        for id in claim(ledger, NOON).await {
            ledger.settle(&id, &accepted(), None).await.expect("settled");
        }
        let mut rest = mailing(&["c@example.org"]);
        rest.editions[0].pictures = next.editions[0].pictures.clone();
        freeze(ledger, &rest).await;
        assert_eq!(frozen(ledger).await, rest.editions[0].pictures);
    }

    async fn a_claim_gives_each_row_once_in_planned_order(ledger) {
        let plan = mailing(&["c@example.org", "a@example.org", "b@example.org"]);
        freeze(ledger, &plan).await;
        let lease = lease("desk", 10);
        let first = ledger.claim(&slug(), &lease, NOON, 2).await.expect("claimed");
        let order: Vec<_> = first.iter().map(|row| row.delivery.clone()).collect();
        assert_eq!(order, plan.deliveries[..2]);
        assert_eq!((first[0].attempts, first[0].frozen_at), (0, NOON));
        assert_eq!(claim(ledger, NOON).await, [plan.deliveries[2].id.clone()]);
        assert_eq!(claim(ledger, NOON).await, []);
        assert_eq!(books(ledger).await.pending, 3, "in hand is not yet answered");
    }

    async fn an_answer_settles_a_row_and_stays_beside_it(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        hand_over(ledger, &ids[0]).await;
        ledger.settle(&ids[0], &accepted(), None).await.expect("settled");

        assert_eq!(books(ledger).await.accepted, 1);
        let entries = ledger.entries(&slug(), DeliveryState::Accepted).await.expect("read");
        assert_eq!(entries[0].address, "a@example.org");
        assert_eq!(entries[0].last, Some(accepted()));
        assert_eq!(claim(ledger, NOON).await, []);
    }

    async fn who_waits_is_told_with_whose_readers_they_are(ledger) {
        let all = ["a@example.net", "b@example.org", "c@example.org", "d@example.com"];
        freeze(ledger, &mailing(&all)).await;
        let waiting = async |minutes| {
            let waiting = ledger.waiting(&slug(), later(minutes)).await.expect("read");
            (waiting.subscribers, waiting.domains.into_iter().collect::<Vec<_>>())
        };
        let domains = ["example.com", "example.net", "example.org"].map(str::to_owned).to_vec();
        let ids = claim(ledger, NOON).await;
        assert_eq!(waiting(0).await, (all.map(str::to_owned).to_vec(), domains));
        let not_now = Attempt::new(NOON, Outcome::Deferred(Reply::new(Some(451), "busy")));
        ledger.settle(&ids[0], &not_now, Some(later(5))).await.expect("settled");
        ledger.settle(&ids[3], &accepted(), None).await.expect("settled");
        let org = vec!["example.org".to_owned()];
        let (b, c) = (all[1].to_owned(), all[2].to_owned());
        assert_eq!(waiting(4).await, (vec![b, c], org));
        assert_eq!(waiting(5).await.0, all[..3]);
    }

    async fn a_deferred_row_comes_back_when_it_is_due_and_not_before(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        hand_over(ledger, &ids[0]).await;
        let not_now = Attempt::new(NOON, Outcome::Deferred(Reply::new(Some(451), "busy")));
        ledger.settle(&ids[0], &not_now, Some(later(5))).await.expect("settled");

        assert_eq!(books(ledger).await.deferred, 1);
        let entry = ledger.entries(&slug(), DeliveryState::Deferred).await.expect("read").remove(0);
        assert_eq!((entry.next_try, entry.last), (Some(later(5)), Some(not_now)));
        assert_eq!(claim(ledger, later(4)).await, []);
        let again = lease("desk", 10);
        let again = ledger.claim(&slug(), &again, later(5), 9).await.expect("claimed");
        assert_eq!(again[0].attempts, 1);
    }

    async fn a_row_that_another_worker_took_over_is_not_handed_over_here(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        let ids = claim_under(ledger, &lease("desk", 0), NOON).await;
        ledger.recover(later(10), Stranded::LeasesRunOut).await.expect("recovered");
        let other = lease("other", 10);
        ledger.claim(&slug(), &other, later(10), 9).await.expect("claimed");

        let ours = ledger.handing_over(&ids[0], &lease("desk", 10)).await.expect("told");
        assert!(!ours);
        assert!(ledger.handing_over(&ids[0], &other).await.expect("told"));
    }

    async fn a_released_row_is_pending_again_at_once(ledger) {
        freeze(ledger, &mailing(&["a@example.org", "b@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        hand_over(ledger, &ids[0]).await;
        ledger.release(&ids, "desk").await.expect("released");
        assert_eq!(claim(ledger, NOON).await, ids);
    }

    async fn nobody_releases_what_another_holds(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        ledger.release(&ids, "other").await.expect("released");
        assert_eq!(claim(ledger, NOON).await, []);
    }

    async fn releasing_does_not_unsettle_what_was_answered(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        ledger.settle(&ids[0], &accepted(), None).await.expect("settled");
        ledger.release(&ids, "desk").await.expect("released");
        assert_eq!(books(ledger).await.accepted, 1);
    }

    async fn after_a_crash_what_was_handed_over_is_unsure_and_the_rest_pending(ledger) {
        freeze(ledger, &mailing(&["a@example.org", "b@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        hand_over(ledger, &ids[0]).await;

        let held = lock("sqlite::memory:", Path::new(".")).await.expect("a lock");
        let stranded = Stranded::EverythingInHand(&held);
        let found = ledger.recover(later(1), stranded).await.expect("recovered");
        assert_eq!((found.released, found.unsure), (1, 1));
        let again = ledger.recover(later(2), stranded).await.expect("recovered");
        assert_eq!((again.released, again.unsure), (0, 0), "once is enough");

        assert_eq!(books(ledger).await.unsure, 1);
        assert_eq!(claim(ledger, later(3)).await, [ids[1].clone()], "unsure is never resent");
        let unsure = ledger.entries(&slug(), DeliveryState::Unsure).await.expect("read").remove(0);
        let last = unsure.last.expect("an attempt says so");
        assert_eq!(last.at, later(1));
        assert_eq!(last.outcome.reply().text, "the run ended between hand-over and answer");
    }

    async fn a_lease_that_still_runs_is_left_alone(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        claim(ledger, NOON).await;
        // Of its own clock, whatever time a worker thinks it is.
        let far = NOON + SignedDuration::from_hours(24 * 365 * 10);
        let found = ledger.recover(far, Stranded::LeasesRunOut).await.expect("recovered");
        assert_eq!(found.released, 0);
    }

    async fn a_lease_that_has_run_out_frees_its_row_unless_it_was_renewed(ledger) {
        freeze(ledger, &mailing(&["a@example.org", "b@example.org", "c@example.org"])).await;
        let first = ledger.claim(&slug(), &lease("one", 0), NOON, 2).await.expect("claimed");
        ledger.claim(&slug(), &lease("two", 0), NOON, 1).await.expect("claimed");
        let id = &first[0].delivery.id;
        assert!(ledger.handing_over(id, &lease("one", 0)).await.expect("written"));
        assert_eq!(ledger.renew(&lease("one", 10)).await.expect("renewed"), 2);
        let found = ledger.recover(later(1), Stranded::LeasesRunOut).await.expect("recovered");
        assert_eq!((found.released, found.unsure), (1, 0), "only the other's");
        assert_eq!(ledger.renew(&lease("two", 10)).await.expect("renewed"), 0);
    }

    async fn an_answer_that_comes_late_is_better_than_unsure_but_never_undoes_another(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        assert!(ledger.handing_over(&ids[0], &lease("desk", 0)).await.expect("written"));
        ledger.recover(later(10), Stranded::LeasesRunOut).await.expect("recovered");
        assert_eq!(books(ledger).await.unsure, 1);

        ledger.settle(&ids[0], &accepted(), None).await.expect("settled");
        assert_eq!(books(ledger).await.accepted, 1);
        let lost = Attempt::new(NOON, Outcome::Unsure(Reply::new(None, "line lost")));
        ledger.settle(&ids[0], &lost, None).await.expect("written down");
        assert_eq!(books(ledger).await.accepted, 1);
    }

    async fn many_steps_are_written_down_as_one_and_each_is_told_whether_it_was_ours(ledger) {
        freeze(ledger, &mailing(&["a@example.org", "b@example.org", "c@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        hand_over(ledger, &ids[0]).await;
        let mut told = accepted();
        told.stage = Some(Stage::Reply);
        told.server = Some("mail.example.org:25".to_owned());
        told.took = Some(std::time::Duration::from_millis(7));
        let ours = lease("desk", 10);
        let steps = [
            Step::HandingOver { id: ids[1].clone(), lease: ours.clone() },
            Step::Settle { id: ids[0].clone(), attempt: told.clone(), next_try: None },
            Step::HandingOver { id: ids[2].clone(), lease: lease("other", 10) },
        ];
        assert_eq!(ledger.write_down(&steps).await.expect("written"), [true, true, false]);
        let entries = ledger.entries(&slug(), DeliveryState::Accepted).await.expect("read");
        assert_eq!(entries[0].last, Some(told));
        let again = [Step::HandingOver { id: ids[1].clone(), lease: ours }];
        assert_eq!(ledger.write_down(&again).await.expect("written"), [false], "once is enough");
        assert_eq!(ledger.write_down(&[]).await.expect("nothing"), [] as [bool; 0]);
    }

    async fn a_step_about_nobody_undoes_those_beside_it(ledger) {
        freeze(ledger, &mailing(&["a@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        let settle = |id: &DeliveryId| Step::Settle {
            id: id.clone(),
            attempt: accepted(),
            next_try: None,
        };
        let stranger = DeliveryId::new(&slug(), "nobody@example.org");
        let steps = [settle(&ids[0]), settle(&stranger)];
        ledger.write_down(&steps).await.expect_err("no such row");
        assert_eq!(books(ledger).await.pending, 1);
    }

    async fn an_answer_for_a_delivery_that_does_not_exist_is_an_error(ledger) {
        let stranger = DeliveryId::new(&slug(), "nobody@example.org");
        ledger.settle(&stranger, &accepted(), None).await.expect_err("no such row");
    }

    async fn a_persons_word_settles_what_is_unsure_and_nothing_else(ledger) {
        let all = ["a@example.org", "b@example.org", "c@example.org", "d@example.org"];
        freeze(ledger, &mailing(&all)).await;
        let ids = claim(ledger, NOON).await;
        for id in &ids[..3] {
            let lost = Outcome::Unsure(Reply::new(None, "line lost"));
            ledger.settle(id, &Attempt::new(NOON, lost), None).await.expect("settled");
        }
        ledger.settle(&ids[3], &accepted(), None).await.expect("settled");

        let has_it = [ids[0].clone(), ids[3].clone()];
        let settled = ledger.resolve(&has_it, Word::Accepted, "jana", later(1)).await;
        assert_eq!(settled.expect("resolved"), 1, "only what is unsure");
        let again = [ids[1].clone()];
        assert_eq!(ledger.resolve(&again, Word::Resend, "jana", later(2)).await.expect("resolved"), 1);

        let books = books(ledger).await;
        assert_eq!((books.accepted, books.pending, books.unsure), (2, 1, 1));
        let entries = ledger.entries(&slug(), DeliveryState::Accepted).await.expect("read");
        let word = entries[0].last.as_ref().expect("an attempt");
        assert_eq!((word.at, word.by.as_deref()), (later(1), Some("jana")));
        let claimed = claim(ledger, later(3)).await;
        assert_eq!(claimed, [ids[1].clone()], "the same delivery, so the same Message-ID");
    }

    async fn a_mailing_knows_when_something_last_happened_in_it(ledger) {
        assert_eq!(ledger.last_step(&slug()).await.expect("read"), None);
        freeze(ledger, &mailing(&["a@example.org"])).await;
        assert_eq!(ledger.last_step(&slug()).await.expect("read"), Some(NOON));
        let ids = claim(ledger, later(1)).await;
        let attempt = Attempt { at: later(2), ..accepted() };
        ledger.settle(&ids[0], &attempt, None).await.expect("settled");
        assert_eq!(ledger.last_step(&slug()).await.expect("read"), Some(later(2)));
    }

    async fn a_ledger_remembers_where_it_is_at_home(ledger) {
        assert_eq!(ledger.home().await.expect("read"), None);
        let cards = ["one", "two"].map(str::to_owned).into();
        let home = Home {
            machine: Machine { id: "m".to_owned(), cards },
            place: "/srv/hlas/ledger.db".into(),
            turn: 1,
            last_used: NOON,
            adopted_at: None,
        };
        ledger.settle_in(&home).await.expect("written");
        assert_eq!(ledger.home().await.expect("read"), Some(home.clone()));
        let home = Home { turn: 2, adopted_at: Some(later(1)), ..home };
        ledger.settle_in(&home).await.expect("written");
        assert_eq!(ledger.home().await.expect("read"), Some(home));
    }

    async fn a_paused_mailing_gives_out_no_rows_and_says_why(ledger) {
        freeze(ledger, &mailing(&["a@example.org", "b@example.org"])).await;
        let first = ledger.claim(&slug(), &lease("w", 10), NOON, 1).await.expect("claimed");
        ledger.pause(&slug(), "too many refused", NOON).await.expect("paused");
        ledger.pause(&slug(), "another reason", later(1)).await.expect("paused");
        let paused = books(ledger).await.paused.expect("it is");
        assert_eq!((paused.at, paused.reason.as_str()), (NOON, "too many refused"));
        assert_eq!(claim(ledger, NOON).await, []);
        ledger.settle(&first[0].delivery.id, &accepted(), None).await.expect("still heard");

        assert!(ledger.resume(&slug()).await.expect("resumed"));
        assert!(!ledger.resume(&slug()).await.expect("once is enough"));
        assert_eq!(books(ledger).await.paused, None);
        assert_eq!(claim(ledger, NOON).await.len(), 1);
    }

    async fn what_holds_a_mailing_up_is_known_to_those_who_only_send(ledger) {
        let due = async |now| -> Vec<Option<Timestamp>> {
            let due = ledger.due(now).await.expect("read");
            due.into_iter().map(|due| due.not_after).collect()
        };
        assert_eq!(due(NOON).await, []);
        freeze(ledger, &mailing(&["a@example.org", "b@example.org"])).await;
        assert_eq!(due(NOON).await, [None]);
        let draft = Hold { reason: Some("it is a draft again".to_owned()), not_after: None };
        ledger.hold(&slug(), &draft).await.expect("held");
        assert_eq!(due(NOON).await, []);
        assert!(!ledger.goes_on(&slug(), NOON).await.expect("read"));
        assert_eq!(claim(ledger, NOON).await, []);

        let in_time = Hold { reason: None, not_after: Some(later(5)) };
        ledger.hold(&slug(), &in_time).await.expect("let go");
        assert_eq!(due(later(5)).await, [Some(later(5))]);
        assert_eq!(due(later(6)).await, []);
        assert!(!ledger.goes_on(&slug(), later(6)).await.expect("read"));
        assert_eq!(claim(ledger, later(6)).await, []);
        let ids = claim(ledger, later(5)).await;
        assert_eq!(ids.len(), 2);
        assert_eq!(due(later(5)).await, [], "all of it is in hand");

        let not_now = Attempt::new(NOON, Outcome::Deferred(Reply::new(Some(451), "busy")));
        ledger.settle(&ids[0], &not_now, Some(later(3))).await.expect("settled");
        assert_eq!(due(later(2)).await, []);
        assert_eq!(due(later(3)).await.len(), 1);
        ledger.pause(&slug(), "so many", NOON).await.expect("paused");
        assert_eq!(due(later(3)).await, []);
    }

    async fn the_last_answers_are_those_of_servers_since_it_was_resumed(ledger) {
        freeze(ledger, &mailing(&["a@example.org", "b@example.org", "c@example.org"])).await;
        let ids = claim(ledger, NOON).await;
        let from_a_server = |outcome| Attempt {
            server: Some("mail.example.org".to_owned()),
            ..Attempt::new(NOON, outcome)
        };
        let refused = || Outcome::Refused(Reply::new(Some(550), "no"));
        ledger.settle(&ids[0], &from_a_server(refused()), None).await.expect("settled");
        ledger.settle(&ids[1], &from_a_server(Outcome::Accepted(reply())), None).await.expect("settled");
        ledger.settle(&ids[2], &Attempt::new(NOON, refused()), None).await.expect("settled");
        let recent = async |limit| ledger.recent_answers(&slug(), limit).await.expect("read");
        assert_eq!(recent(9).await, [DeliveryState::Accepted, DeliveryState::Refused]);
        assert_eq!(recent(1).await, [DeliveryState::Accepted]);

        ledger.pause(&slug(), "so many", NOON).await.expect("paused");
        ledger.resume(&slug()).await.expect("resumed");
        assert_eq!(recent(9).await, []);
    }

    async fn a_domain_can_be_claimed_by_itself_or_left_out(ledger) {
        let all = ["a@example.net", "b@EXAMPLE.net", "c@example.com", "d@example.org", "e@example.net", "f@example.org"];
        freeze(ledger, &mailing(&all)).await;
        let net = ["example.net".to_owned()];
        let (others, last) = claim_among(ledger, Among::Others { than: &net, after: 0 }, 2).await;
        assert_eq!(others, ["c@example.com", "d@example.org"]);
        let net_after = |after| Among::Domain { domain: "example.net", after };
        let (one, first) = claim_among(ledger, net_after(0), 1).await;
        assert_eq!(one, ["a@example.net"]);
        let back = [DeliveryId::new(&slug(), "a@example.net")];
        ledger.release(&back, "desk").await.expect("released");
        assert_eq!(claim_among(ledger, net_after(first), 1).await.0, ["b@EXAMPLE.net"]);
        assert_eq!(claim_among(ledger, net_after(0), 1).await.0, ["a@example.net"]);
        let (rest, _) = claim_among(ledger, Among::Others { than: &net, after: last }, 9).await;
        assert_eq!(rest, ["f@example.org"]);
        assert_eq!(claim_among(ledger, Among::Domain { domain: "example.com", after: 0 }, 9).await.0, [] as [&str; 0]);
        assert_eq!(claim_among(ledger, Among::Everybody, 9).await.0, ["e@example.net"]);
    }

    async fn who_goes_on_behind_a_row_passes_over_those_before_it(ledger) {
        freeze(ledger, &mailing(&["a@example.org", "b@example.org", "c@example.org"])).await;
        let from = |after| Among::Others { than: &[], after };
        let (first, last) = claim_among(ledger, from(0), 1).await;
        assert_eq!(first, ["a@example.org"]);
        ledger.release(&[DeliveryId::new(&slug(), "a@example.org")], "desk").await.expect("released");
        assert_eq!(claim_among(ledger, from(last), 9).await.0, ["b@example.org", "c@example.org"]);
        assert_eq!(claim_among(ledger, from(0), 9).await.0, ["a@example.org"]);
    }

    async fn a_domain_is_left_out_of_those_who_are_due_again_too(ledger) {
        freeze(ledger, &mailing(&["a@example.net", "b@example.org"])).await;
        for id in claim(ledger, NOON).await {
            let not_now = Attempt::new(NOON, Outcome::Deferred(Reply::new(Some(451), "busy")));
            ledger.settle(&id, &not_now, Some(later(5))).await.expect("settled");
        }
        let net = ["example.net".to_owned()];
        let (others, _) = claim_among(ledger, Among::Others { than: &net, after: 99 }, 9).await;
        assert_eq!(others, ["b@example.org"]);
        let (one, _) = claim_among(ledger, Among::Domain { domain: "example.net", after: 0 }, 9).await;
        assert_eq!(one, ["a@example.net"]);
    }

    async fn turns_are_remembered_and_a_wait_takes_nobodys_place(ledger) {
        let (house, slow) = (limit("50/second"), limit("1/minute"));
        let net = [(Bucket::House, &house), (Bucket::Domain("example.net"), &slow)];
        let com = [(Bucket::House, &house), (Bucket::Domain("example.com"), &slow)];
        let moment = |millis| NOON + SignedDuration::from_millis(millis);
        assert_eq!(take_turns(ledger, &net, 1, NOON).await, Turns::At(vec![NOON]));
        assert_eq!(take_turns(ledger, &com, 1, NOON).await, Turns::At(vec![moment(20)]));
        for _ in 0..3 {
            let wait = Turns::NotBefore { bucket: 1, at: moment(60_000) };
            assert_eq!(take_turns(ledger, &net, 1, moment(30)).await, wait);
        }
        let several = take_turns(ledger, &net[..1], 3, moment(30)).await;
        assert_eq!(several, Turns::At(vec![moment(40), moment(60), moment(80)]));
        let meters = ledger.meters().await.expect("read");
        assert_eq!(meters["*"].next, Some(moment(100)));
        assert_eq!(meters["example.com"].next, Some(moment(60_020)));
    }

    async fn a_plan_over_days_is_remembered_by_the_day(ledger) {
        let plan = Limit { warm_up: vec![2, 3], ..Limit::default() };
        let house = [(Bucket::House, &plan)];
        assert_eq!(take_turns(ledger, &house, 9, NOON).await, Turns::At(vec![NOON, NOON]));
        let midnight = later(12 * 60);
        let told = Turns::NotBefore { bucket: 0, at: midnight };
        assert_eq!(take_turns(ledger, &house, 9, later(1)).await, told);
        assert_eq!(take_turns(ledger, &house, 9, midnight).await, Turns::At(vec![midnight; 3]));
        let day = ledger.meters().await.expect("read")["*"].day.expect("counted");
        assert_eq!((day.date.to_string(), day.step, day.sent), ("2026-10-06".to_owned(), 1, 3));
    }

    async fn a_domain_that_slowed_us_down_is_remembered(ledger) {
        let (none, rest) = (Limit::default(), SignedDuration::from_secs(90));
        let bucket = Bucket::Domain("example.net");
        ledger.slow_down(bucket, &none, NOON, rest).await.expect("written");
        let net = [(bucket, &none)];
        let told = Turns::NotBefore { bucket: 0, at: NOON + rest };
        assert_eq!(take_turns(ledger, &net, 1, NOON).await, told);
        assert_eq!(take_turns(ledger, &net, 1, later(2)).await, Turns::At(vec![later(2)]));
        let meter: Meter = ledger.meters().await.expect("read")["example.net"].clone();
        assert_eq!(meter.learned(NOON), Some(SignedDuration::from_secs(1)));
        let next = meter.next.expect("a turn was taken");
        assert!(next > later(2) + SignedDuration::from_millis(900), "{next}");
    }

    async fn suppressing_twice_keeps_one(ledger) {
        for reason in ["opted out", "bounced"] {
            ledger.suppress("a@example.org", reason, NOON).await.expect("written");
        }
        let keys = ledger.suppressed().await.expect("read");
        assert_eq!(keys, ["a@example.org".to_owned()].into());
    }
}
