//! Rounds told as stories, on a ledger and a transport in memory.

use std::path::Path;

use super::*;
use crate::clock::Fixed;
use crate::ledger::{self, Stranded};
use crate::model::{Books, ByLanguage, DeliveryState, Mailing};
use crate::transport::memory::Memory;

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
    ledger: Box<dyn Ledger>,
    clock: Fixed,
    stop: AtomicBool,
    events: Vec<Event>,
}

impl Desk {
    async fn with(mailing: &Mailing) -> Self {
        let ledger = ledger::open("sqlite::memory:", Path::new(".")).await.expect("a ledger");
        ledger.freeze(mailing, NOON).await.expect("frozen");
        let (clock, stop) = (Fixed::at(NOON), AtomicBool::new(false));
        Self { ledger, clock, stop, events: Vec::new() }
    }

    async fn deliver(&mut self, transport: &mut dyn Transport) -> Result<Tally, DeliverError> {
        let Self { ledger, clock, stop, events } = self;
        let round = Round {
            ledger: &**ledger,
            transport,
            settings: &settings(),
            clock,
            worker: "desk",
            stop,
        };
        deliver(round, &slug(), &mut |event| events.push(event)).await
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
    let mut transport = Memory::default();

    let tally = desk.deliver(&mut transport).await.expect("delivered");
    assert_eq!(tally, Tally { accepted: 250, ..Tally::default() });
    assert_eq!(transport.taken().recipients(), addresses);
    assert_eq!(desk.books().await.accepted, 250);

    let again = desk.deliver(&mut transport).await.expect("delivered");
    assert_eq!(again, Tally::default());
    assert_eq!(transport.taken().recipients().len(), 250);
}

#[tokio::test]
async fn what_happens_is_told_in_order() {
    let mut desk = Desk::with(&mailing(&["a@example.org", "b@example.org"])).await;
    let refused = Outcome::Refused(Reply::new(Some(550), "5.1.1 no such user"));
    desk.deliver(&mut Memory::answering([refused])).await.expect("delivered");

    let told = serde_json::to_value(&desk.events).expect("JSON");
    let names: Vec<_> = told.as_array().expect("a list").iter().map(|e| &e["event"]).collect();
    assert_eq!(names, ["started", "refused", "accepted", "finished"]);
    assert_eq!(told[1]["reply"]["code"], 550);
    assert_eq!(told[3]["tally"]["accepted"], 1);
}

#[tokio::test]
async fn a_deferred_reader_is_tried_again_when_due_and_never_sooner() {
    let mut desk = Desk::with(&mailing(&["a@example.org"])).await;
    let mut transport = Memory::answering([deferred()]);
    desk.deliver(&mut transport).await.expect("delivered");
    assert_eq!(desk.books().await.deferred, 1);

    desk.clock.advance(SignedDuration::from_mins(4));
    desk.deliver(&mut transport).await.expect("delivered");
    assert_eq!(desk.books().await.deferred, 1);

    desk.clock.advance(SignedDuration::from_mins(1));
    desk.deliver(&mut transport).await.expect("delivered");
    assert_eq!(desk.books().await.accepted, 1);
    let ids: Vec<_> = transport.taken().messages().into_iter().map(|mail| mail.id).collect();
    assert_eq!(ids[0], ids[1], "a resend is recognisable");
}

#[tokio::test]
async fn after_three_days_of_not_now_it_is_never() {
    let mut desk = Desk::with(&mailing(&["a@example.org"])).await;
    desk.clock.advance(WORTH_SENDING);
    // An outage of days is no reason to give up at the first "not now".
    for _ in 0..5 {
        desk.deliver(&mut Memory::answering([deferred()])).await.expect("delivered");
        assert_eq!(desk.books().await.deferred, 1);
        desk.clock.advance(SignedDuration::from_hours(4));
    }
    desk.deliver(&mut Memory::answering([deferred()])).await.expect("delivered");

    assert_eq!(desk.books().await.refused, 1);
    let entries = desk.ledger.entries(&slug(), DeliveryState::Refused).await.expect("read");
    let last = entries[0].last.as_ref().expect("an attempt").outcome.reply();
    assert_eq!(last.text, "not accepted within 72 hours; last: 4.7.1 greylisted");
}

#[tokio::test]
async fn a_server_that_is_against_us_does_not_write_off_the_list() {
    let people: Vec<String> = (0..20).map(|number| format!("p{number}@example.org")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let mut desk = Desk::with(&mailing(&people)).await;
    let denied = || Outcome::Refused(Reply::new(Some(550), "5.7.1 relaying denied"));
    let mut transport = Memory::answering(std::iter::repeat_with(denied).take(20));
    let error = desk.deliver(&mut transport).await.expect_err("stopped");
    assert_eq!(
        error.to_string(),
        "the first 5 were refused or are unsure, and nobody was accepted: 5.7.1 relaying denied"
    );
    let books = desk.books().await;
    assert_eq!((books.refused, books.pending), (5, 15));
}

#[tokio::test]
async fn a_server_that_goes_down_leaves_the_rest_pending_for_the_next_run() {
    let mut desk = Desk::with(&mailing(&["a@example.org", "b@example.org", "c@example.org"])).await;
    let accepted = Outcome::Accepted(Reply::new(Some(250), "ok"));
    let mut transport = Memory::answering([accepted]).then_down();
    let error = desk.deliver(&mut transport).await.expect_err("down");
    assert!(matches!(error, DeliverError::Transport(_)), "{error:?}");
    assert!(matches!(desk.events.last(), Some(Event::Finished { .. })));

    let books = desk.books().await;
    assert_eq!((books.accepted, books.pending, books.unsure), (1, 2, 0));
    desk.deliver(&mut transport).await.expect("up again");
    let all = ["a@example.org", "b@example.org", "c@example.org"];
    assert_eq!(transport.taken().recipients(), all);
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
    let mut transport = Memory::default();
    let tally = desk.deliver(&mut transport).await.expect("delivered");
    assert_eq!((tally.refused, tally.accepted), (1, 1));
    assert_eq!(transport.taken().recipients(), ["b@example.org"]);
}

#[tokio::test]
async fn told_to_stop_it_finishes_the_message_in_hand_and_frees_the_rest() {
    let mut desk = Desk::with(&mailing(&["a@example.org", "b@example.org", "c@example.org"])).await;
    let mut transport = Memory::default();
    let (settings, events) = (settings(), &mut Vec::new());
    let round = Round {
        ledger: &*desk.ledger,
        transport: &mut transport,
        settings: &settings,
        clock: &desk.clock,
        worker: "desk",
        stop: &desk.stop,
    };
    let stop = &desk.stop;
    let mut watch = |event| {
        if matches!(event, Event::Accepted { .. }) {
            stop.store(true, Ordering::Relaxed);
        }
        events.push(event);
    };
    let tally = deliver(round, &slug(), &mut watch).await.expect("stopped in peace");
    assert_eq!(tally.accepted, 1);
    assert!(events.contains(&Event::Stopped));

    let recovered = desk.ledger.recover(desk.clock.now(), Stranded::LeasesRunOut).await;
    assert_eq!(recovered.expect("read"), ledger::Recovered::default(), "nothing is stranded");
    desk.stop.store(false, Ordering::Relaxed);
    desk.deliver(&mut transport).await.expect("delivered");
    assert_eq!(desk.books().await.accepted, 3);
}

#[tokio::test]
async fn what_is_unsure_is_never_sent_again() {
    let mut desk = Desk::with(&mailing(&["a@example.org"])).await;
    let lost = Outcome::Unsure(Reply::new(None, "the line was lost after the message"));
    let mut transport = Memory::answering([lost]);
    desk.deliver(&mut transport).await.expect("delivered");
    desk.clock.advance(WORTH_SENDING);
    desk.deliver(&mut transport).await.expect("delivered");
    assert_eq!(desk.books().await.unsure, 1);
    assert_eq!(transport.taken().recipients(), ["a@example.org"]);
}
