//! Rounds told as stories, on a ledger and a transport in memory.

use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::clock::Fixed;
use crate::ledger::throwaway::{self, Flushes};
use crate::ledger::{self, Stranded};
use crate::model::{
    Books, ByLanguage, Delivery, DeliveryState, FrozenEdition, Language, Mailing, Outcome, Reply,
};
use crate::transport::memory::Memory;

mod pace;
mod shaken;

const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);

fn slug() -> Slug {
    Slug::new("2026-10-05-povoleni").expect("a slug")
}

fn settings() -> MailSettings {
    let address = |text: &str| text.parse().expect("an address");
    MailSettings {
        from_name: ByLanguage::default(),
        from: address("redakce@hlas.example.org"),
        reply_to: None,
        envelope_sender: address("bounces@hlas.example.org"),
        list_id: "hlas.example.org".to_owned(),
        unsubscribe: address("odhlaseni@hlas.example.org"),
    }
}

fn mailing(addresses: &[&str]) -> Mailing {
    let deliveries = addresses.iter().map(|address| Delivery {
        id: DeliveryId::new(&slug(), address),
        subscriber: (*address).to_owned(),
        address: address.parse().expect("an address"),
        name: String::new(),
        salutation: String::new(),
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
    });
    let edition = FrozenEdition {
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
        subject: "Povolení".to_owned(),
        from_name: "Hlas".to_owned(),
        greeting: "Dobrý den,".to_owned(),
        html: "<p>Text</p>".to_owned(),
        text: "Text\n".to_owned(),
        pictures: Vec::new(),
        attachment: None,
    };
    Mailing {
        slug: slug(),
        editions: vec![edition],
        deliveries: deliveries.collect(),
        excluded: Vec::new(),
        complete: true,
    }
}

/// A desk with one mailing frozen at noon.
struct Desk {
    ledger: Arc<dyn Ledger>,
    clock: Arc<Fixed>,
    stop: Arc<AtomicBool>,
    events: Vec<Event>,
    not_after: Option<ZonedDateTime>,
    pace: Pace,
    closing: Option<Closing>,
}

impl Desk {
    async fn with(mailing: &Mailing) -> Self {
        Self::at("sqlite::memory:", mailing).await
    }

    async fn at(ledger: &str, mailing: &Mailing) -> Self {
        let ledger = ledger::open(ledger, Path::new(".")).await.expect("a ledger");
        ledger.freeze(mailing, NOON).await.expect("frozen");
        let (clock, stop) = (Arc::new(Fixed::at(NOON)), Arc::default());
        let (events, pace) = (Vec::new(), Pace::default());
        Self { ledger, clock, stop, events, not_after: None, pace, closing: None }
    }

    async fn deliver(&mut self, transport: Memory) -> Result<Tally, DeliverError> {
        self.deliver_on(vec![transport]).await
    }

    async fn deliver_on(&mut self, lines: Vec<Memory>) -> Result<Tally, DeliverError> {
        let boxed = |line| Box::new(line) as Box<dyn Transport>;
        self.deliver_over(lines.into_iter().map(boxed).collect()).await
    }

    async fn deliver_over(
        &mut self,
        mut transports: Vec<Box<dyn Transport>>,
    ) -> Result<Tally, DeliverError> {
        let number = transports.len();
        let round = self.round(&mut transports);
        let events = &mut self.events;
        let tally = deliver(round, &slug(), &mut |event| events.push(event)).await;
        assert_eq!(transports.len(), number, "transports come back");
        tally
    }

    fn round<'r>(&self, transports: &'r mut Vec<Box<dyn Transport>>) -> Round<'r> {
        Round {
            ledger: Arc::clone(&self.ledger),
            transports,
            settings: Arc::new(settings()),
            signer: None,
            delivery: DeliverySettings::default(),
            pace: Arc::new(self.pace.clone()),
            not_after: self.not_after.clone(),
            closing: self.closing,
            clock: self.clock.clone(),
            worker: "desk".to_owned(),
            stop: Arc::clone(&self.stop),
        }
    }

    async fn books(&self) -> Books {
        let books = self.ledger.books(&slug()).await.expect("read").expect("a mailing");
        assert!(books.balance(), "{books:?}");
        books
    }
}

fn deferred() -> Outcome {
    Outcome::Deferred(Reply::new(Some(451), "4.7.1 greylisted"))
}

#[tokio::test]
async fn everybody_is_written_to_once_in_planned_order() {
    let addresses: Vec<String> = (0..250).map(|n| format!("reader{n}@example.org")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let mut desk = Desk::with(&mailing(&addresses)).await;
    let transport = Memory::default();
    let taken = transport.taken();

    let tally = desk.deliver(transport).await.expect("delivered");
    assert_eq!(tally, Tally { accepted: 250, ..Tally::default() });
    assert_eq!(taken.recipients(), addresses);
    assert_eq!(desk.books().await.accepted, 250);

    let again = desk.deliver(Memory::default()).await.expect("delivered");
    assert_eq!(again, Tally::default());
}

#[tokio::test]
async fn what_happens_is_told_in_order() {
    let mut desk = Desk::with(&mailing(&["a@example.org", "b@example.org"])).await;
    let refused = Outcome::Refused(Reply::new(Some(550), "5.1.1 no such user"));
    desk.deliver(Memory::answering([refused])).await.expect("delivered");

    let told = serde_json::to_value(&desk.events).expect("JSON");
    let names: Vec<_> = told.as_array().expect("a list").iter().map(|e| &e["event"]).collect();
    assert_eq!(names, ["started", "refused", "accepted", "finished"]);
    assert_eq!(told[1]["reply"]["code"], 550);
    assert_eq!(told[3]["tally"]["accepted"], 1);
}

#[tokio::test]
async fn a_deferred_reader_is_tried_again_when_due_and_never_sooner() {
    let mut desk = Desk::with(&mailing(&["a@example.org"])).await;
    let (first, second) = (Memory::answering([deferred()]), Memory::default());
    let taken = (first.taken(), second.taken());
    desk.deliver(first).await.expect("delivered");
    assert_eq!(desk.books().await.deferred, 1);

    desk.clock.advance(SignedDuration::from_mins(4));
    desk.deliver(Memory::default()).await.expect("delivered");
    assert_eq!(desk.books().await.deferred, 1);

    desk.clock.advance(SignedDuration::from_mins(2));
    desk.deliver(second).await.expect("delivered");
    assert_eq!(desk.books().await.accepted, 1);
    let messages = [taken.0.messages(), taken.1.messages()].concat();
    let ids: Vec<_> = messages.into_iter().map(|mail| mail.id).collect();
    assert_eq!(ids[0], ids[1], "a resend is recognisable");
}

#[tokio::test]
async fn after_three_days_of_not_now_it_is_never() {
    let mut desk = Desk::with(&mailing(&["a@example.org"])).await;
    desk.clock.advance(SignedDuration::from_hours(72));
    // An outage of days is no reason to give up at the first "not now".
    for _ in 0..5 {
        desk.deliver(Memory::answering([deferred()])).await.expect("delivered");
        assert_eq!(desk.books().await.deferred, 1);
        desk.clock.advance(SignedDuration::from_hours(5));
    }
    desk.deliver(Memory::answering([deferred()])).await.expect("delivered");

    assert_eq!(desk.books().await.refused, 1);
    let entries = desk.ledger.entries(&slug(), DeliveryState::Refused).await.expect("read");
    let last = entries[0].last.as_ref().expect("an attempt").outcome.reply();
    assert_eq!(last.text, "given up after 72 hours; last: 4.7.1 greylisted");
}

/// A mailing to twenty people, `p0@example.org` and so on.
async fn twenty() -> Desk {
    twenty_at("sqlite::memory:").await
}

async fn twenty_at(ledger: &str) -> Desk {
    let people: Vec<String> = (0..20).map(|number| format!("p{number}@example.org")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    Desk::at(ledger, &mailing(&people)).await
}

/// Not of us, as far as one can tell; and not of the address.
fn unwanted() -> Outcome {
    Outcome::Refused(Reply::new(Some(550), "5.2.0 not here"))
}

#[tokio::test]
async fn a_server_that_is_against_us_does_not_write_off_the_list() {
    let mut desk = twenty().await;
    let transport = Memory::answering(std::iter::repeat_with(unwanted).take(20));
    let error = desk.deliver(transport).await.expect_err("stopped").to_string();
    let told = "5 of the last 5 were refused or are unsure; last: 550 5.2.0 not here";
    assert_eq!(error, format!("the mailing paused itself: {told}"));
    let books = desk.books().await;
    assert_eq!((books.refused, books.pending), (5, 15));
    assert_eq!(books.paused.expect("paused").reason, told);
    assert!(desk.events.iter().any(|event| matches!(event, Event::Paused { .. })));
}

#[tokio::test]
async fn a_paused_mailing_writes_to_nobody_until_it_is_resumed() {
    let mut desk = twenty().await;
    let transport = Memory::answering(std::iter::repeat_with(unwanted).take(5));
    desk.deliver(transport).await.expect_err("paused");
    let tally = desk.deliver(Memory::default()).await.expect("nothing to do");
    assert_eq!(tally, Tally::default());

    assert!(desk.ledger.resume(&slug()).await.expect("resumed"));
    assert_eq!(desk.books().await.paused, None);
    let tally = desk.deliver(Memory::default()).await.expect("delivered");
    assert_eq!(tally.accepted, 15);
}

#[tokio::test]
async fn refusals_of_one_run_are_remembered_in_the_next() {
    let mut desk = twenty().await;
    let first = Memory::answering(std::iter::repeat_with(unwanted).take(4)).then_down();
    desk.deliver(first).await.expect_err("down");
    desk.deliver(Memory::answering([unwanted()])).await.expect_err("the fifth");
    let books = desk.books().await;
    assert_eq!((books.refused, books.pending), (5, 15));
}

#[tokio::test]
async fn what_is_said_against_the_house_pauses_at_once_and_writes_off_nobody() {
    for (code, text) in [
        (550, "5.7.26 Unauthenticated email"),
        (554, "5.7.1 Relay access denied"),
        (550, "5.7.1 Your account has been suspended"),
    ] {
        let mut desk = twenty().await;
        let of_us = Outcome::Refused(Reply::new(Some(code), text));
        let error = desk.deliver(Memory::answering([of_us])).await.expect_err("paused");
        assert!(error.to_string().ends_with(text), "{error}");
        let books = desk.books().await;
        assert_eq!((books.refused, books.deferred, books.pending), (0, 1, 19));
        assert!(desk.ledger.suppressed().await.expect("read").is_empty());
    }
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_written_to_no_more_and_a_full_one_is() {
    let mut desk = Desk::with(&mailing(&["gone@example.org", "full@example.org"])).await;
    let gone = Outcome::Refused(Reply::new(Some(550), "5.1.1 User unknown"));
    let full = Outcome::Deferred(Reply::new(Some(452), "4.2.2 Mailbox full"));
    desk.deliver(Memory::answering([gone, full])).await.expect("delivered");
    let suppressed = desk.ledger.suppressed().await.expect("read");
    assert_eq!(suppressed, ["gone@example.org".to_owned()].into());
    let told = |event: &Event| matches!(event, Event::Refused { suppressed: true, .. });
    assert!(desk.events.iter().any(told));
}

#[tokio::test]
async fn how_long_a_reader_waits_depends_on_what_was_said() {
    for (text, sooner, later) in [
        ("4.7.1 Greylisted", 4, 6),
        ("4.7.1 Greylisted, try again in 20 minutes", 19, 24),
        ("4.3.0 queue file write error", 14, 18),
        ("4.2.2 Mailbox full", 119, 144),
    ] {
        let mut desk = Desk::with(&mailing(&["a@example.org"])).await;
        let not_now = Outcome::Deferred(Reply::new(Some(451), text));
        desk.deliver(Memory::answering([not_now])).await.expect("delivered");
        desk.clock.advance(SignedDuration::from_mins(sooner));
        desk.deliver(Memory::default()).await.expect("delivered");
        assert_eq!(desk.books().await.accepted, 0, "{text}");
        desk.clock.advance(SignedDuration::from_mins(later - sooner));
        desk.deliver(Memory::default()).await.expect("delivered");
        assert_eq!(desk.books().await.accepted, 1, "{text}");
    }
}

#[tokio::test]
async fn several_lines_share_the_readers_and_nobody_gets_it_twice() {
    let addresses: Vec<String> = (0..1500).map(|n| format!("reader{n}@example.org")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let mut desk = Desk::with(&mailing(&addresses)).await;
    let lines: Vec<Memory> = (0..4).map(|_| Memory::default()).collect();
    let taken: Vec<_> = lines.iter().map(Memory::taken).collect();
    let tally = desk.deliver_on(lines).await.expect("delivered");
    assert_eq!(tally.accepted, 1500);
    assert!(taken.iter().all(|line| !line.recipients().is_empty()), "a line had nothing to do");
    let mut got: Vec<String> = taken.iter().flat_map(|line| line.recipients()).collect();
    got.sort();
    let mut all: Vec<String> = addresses.into_iter().map(str::to_owned).collect();
    all.sort();
    assert_eq!(got, all);
}

#[tokio::test]
async fn a_server_that_bears_fewer_lines_gets_it_over_fewer() {
    let mut desk = twenty().await;
    let lines = vec![Memory::default().then_down(), Memory::default()];
    let tally = desk.deliver_on(lines).await.expect("delivered");
    assert!(tally.accepted >= 19, "{tally:?}");
    desk.deliver(Memory::default()).await.expect("delivered");
    assert_eq!(desk.books().await.accepted, 20);
}

#[tokio::test]
async fn a_server_that_goes_down_leaves_the_rest_pending_for_the_next_run() {
    let mut desk = Desk::with(&mailing(&["a@example.org", "b@example.org", "c@example.org"])).await;
    let accepted = Outcome::Accepted(Reply::new(Some(250), "ok"));
    let transport = Memory::answering([accepted]).then_down();
    let mut taken = vec![transport.taken()];
    let error = desk.deliver(transport).await.expect_err("down");
    assert!(matches!(error, DeliverError::Transport(_)), "{error:?}");
    assert!(matches!(desk.events.last(), Some(Event::Finished { .. })));

    let books = desk.books().await;
    assert_eq!((books.accepted, books.pending, books.unsure), (1, 2, 0));
    let up = Memory::default();
    taken.push(up.taken());
    desk.deliver(up).await.expect("up again");
    let all = ["a@example.org", "b@example.org", "c@example.org"];
    let got: Vec<String> = taken.iter().flat_map(|line| line.recipients()).collect();
    assert_eq!(got, all);
}

#[tokio::test]
async fn one_message_that_cannot_be_composed_does_not_hold_up_the_others() {
    let mut mailing = mailing(&["a@example.org", "b@example.org"]);
    let mut broken = mailing.editions[0].clone();
    broken.segment = "academics".to_owned();
    broken.subject = "x".repeat(2000);
    mailing.editions.push(broken);
    mailing.deliveries[0].segment = "academics".to_owned();

    let mut desk = Desk::with(&mailing).await;
    let transport = Memory::default();
    let taken = transport.taken();
    let tally = desk.deliver(transport).await.expect("delivered");
    assert_eq!((tally.refused, tally.accepted), (1, 1));
    assert_eq!(taken.recipients(), ["b@example.org"]);
}

#[tokio::test]
async fn told_to_stop_it_finishes_the_message_in_hand_and_frees_the_rest() {
    let mut desk = twenty().await;
    let mut transports: Vec<Box<dyn Transport>> = vec![Box::new(Memory::default())];
    let events = &mut Vec::new();
    let stop = Arc::clone(&desk.stop);
    let mut watch = |event| {
        if matches!(event, Event::Accepted { .. }) {
            stop.store(true, Ordering::Relaxed);
        }
        events.push(event);
    };
    let tally = deliver(desk.round(&mut transports), &slug(), &mut watch).await.expect("in peace");
    assert!((1..20).contains(&tally.accepted), "{tally:?}");
    assert!(events.contains(&Event::Stopped));

    let recovered = desk.ledger.recover(desk.clock.now(), Stranded::LeasesRunOut).await;
    assert_eq!(recovered.expect("read"), ledger::Recovered::default(), "nothing is stranded");
    desk.stop.store(false, Ordering::Relaxed);
    desk.deliver(Memory::default()).await.expect("delivered");
    assert_eq!(desk.books().await.accepted, 20);
}

#[tokio::test]
async fn what_is_unsure_is_never_sent_again() {
    let mut desk = Desk::with(&mailing(&["a@example.org"])).await;
    let lost = Outcome::Unsure(Reply::new(None, "the line was lost after the message"));
    desk.deliver(Memory::answering([lost])).await.expect("delivered");
    desk.clock.advance(SignedDuration::from_hours(72));
    let next = Memory::default();
    let taken = next.taken();
    desk.deliver(next).await.expect("delivered");
    assert_eq!(desk.books().await.unsure, 1);
    assert!(taken.recipients().is_empty());
}

#[tokio::test]
async fn an_attempt_says_how_far_it_came_and_with_whom() {
    let mut desk = Desk::with(&mailing(&["a@example.org"])).await;
    desk.deliver(Memory::default()).await.expect("delivered");
    let entries = desk.ledger.entries(&slug(), DeliveryState::Accepted).await.expect("read");
    let last = entries[0].last.as_ref().expect("an attempt");
    assert_eq!(last.server.as_deref(), Some("memory"));
    assert_eq!(last.stage.map(crate::model::Stage::name), Some("reply"));
    assert_eq!(last.took, Some(std::time::Duration::ZERO));
}

/// Ten years, either way, in the middle of a round; then another twenty.
async fn the_clock_jumps(mut desk: Desk, years: i64) {
    let transport = Memory::answering([deferred()]);
    let taken = transport.taken();
    let mut transports: Vec<Box<dyn Transport>> = vec![Box::new(transport)];
    let (clock, mut heard) = (desk.clock.clone(), 0);
    let mut watch = |event| {
        heard += u32::from(matches!(event, Event::Accepted { .. }));
        if heard == 5 {
            clock.advance(SignedDuration::from_hours(years * 24 * 365));
            heard += 1;
        }
    };
    deliver(desk.round(&mut transports), &slug(), &mut watch).await.expect("delivered");
    let books = desk.books().await;
    assert_eq!((books.pending, books.unsure), (0, 0), "{years}");
    let recovered = desk.ledger.recover(desk.clock.now(), Stranded::LeasesRunOut).await;
    assert_eq!(recovered.expect("read"), ledger::Recovered::default());
    desk.clock.advance(SignedDuration::from_hours(20 * 24 * 365));
    let next = Memory::default();
    let then = next.taken();
    desk.deliver(next).await.expect("delivered");
    assert_eq!(desk.books().await.accepted, 20);
    let mut got = [taken.recipients(), then.recipients()].concat();
    got.sort();
    assert_eq!(got.iter().filter(|to| *to == "p0@example.org").count(), 1 + got.len() - 20);
}

#[tokio::test]
async fn a_clock_that_jumps_loses_nobody_and_doubles_nobody() {
    for years in [-10, 10] {
        the_clock_jumps(twenty().await, years).await;
    }
}

/// Leases run by the server's clock there, the next try by this machine's.
#[tokio::test]
async fn a_clock_that_jumps_beside_that_of_a_server_loses_nobody_and_doubles_nobody() {
    let Some(server) = throwaway::shared(Flushes::Never) else { return };
    for years in [-10, 10] {
        the_clock_jumps(twenty_at(&server.database()).await, years).await;
    }
}

#[tokio::test]
async fn whose_turn_does_not_come_before_the_end_gets_nothing() {
    let mut desk = twenty().await;
    let end = NOON + SignedDuration::from_hours(1);
    desk.not_after = Some(end.to_zoned_datetime(TimeZone::UTC));
    let transport = Memory::default();
    let mut transports: Vec<Box<dyn Transport>> = vec![Box::new(transport)];
    let (clock, mut heard, mut events) = (desk.clock.clone(), 0, Vec::new());
    let round = desk.round(&mut transports);
    deliver(round, &slug(), &mut |event| {
        heard += u32::from(matches!(event, Event::Accepted { .. }));
        if heard == 5 {
            clock.advance(SignedDuration::from_hours(2));
        }
        events.push(event);
    })
    .await
    .expect("delivered");
    let books = desk.books().await;
    assert!((5..20).contains(&books.accepted), "{books:?}");
    assert_eq!(books.pending, 20 - books.accepted);
    let told = Event::TooLate { mailing: slug(), left: books.pending };
    assert!(events.contains(&told), "{events:?}");
}
