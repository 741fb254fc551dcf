//! From the freeze to the books, against a mail server that may be friendly,
//! moody, or gone.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hlas::clock::{Clock, Fixed};
use hlas::deliver::{DeliverError, Event, Round, Tally, deliver};
use hlas::ledger::{self, Ledger, LockError, Stranded};
use hlas::model::{
    Books, ByLanguage, Delivery, DeliveryId, DeliverySettings, DeliveryState, FrozenEdition,
    Language, MailSettings, Mailing, Slug,
};
use hlas::transport::{self, Patience, Secret, Smtp, Transport};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::smtp_sink::{Answer, Moment, Sink};

/// 2026-10-05 12:00 UTC
const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);
const LEDGER: &str = "sqlite:var/ledger.db";
const ANNA: &str = "anna@example.org";
const BOB: &str = "bob@example.net";
const CYRIL: &str = "cyril@example.com";

/// A house with a ledger on disk, one mailing frozen in it, and a clock.
struct House {
    folder: TempDir,
    ledger: Arc<dyn Ledger>,
    clock: Arc<Fixed>,
    events: Vec<Event>,
}

impl House {
    async fn with_mailing_to(addresses: &[&str]) -> Self {
        Self::with(&mailing(addresses)).await
    }

    async fn with(mailing: &Mailing) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger::open(LEDGER, folder.path()).await.expect("a ledger");
        ledger.freeze(mailing, NOON).await.expect("frozen");
        Self { folder, ledger, clock: Arc::new(Fixed::at(NOON)), events: Vec::new() }
    }

    /// With an attachment that no socket's buffer can hold.
    async fn with_heavy_mailing_to(addresses: &[&str]) -> Self {
        let mut mailing = mailing(addresses);
        mailing.editions[0].attachment = Some(hlas::model::Attachment {
            name: "atlas.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: vec![7; 9_000_000],
        });
        Self::with(&mailing).await
    }

    async fn deliver_to(&mut self, url: &str) -> Result<Tally, DeliverError> {
        let transport = transport::open(url, self.folder.path(), None).expect("a transport");
        self.deliver_through(transport).await
    }

    async fn deliver_through(
        &mut self,
        transport: Box<dyn Transport>,
    ) -> Result<Tally, DeliverError> {
        let mut transports = vec![transport];
        let round = round(&self.ledger, &mut transports, &self.clock, "desk");
        let events = &mut self.events;
        deliver(round, &slug(), &mut |event| events.push(event)).await
    }

    /// The books, which balance at every moment.
    async fn books(&self) -> Books {
        let books = self.ledger.books(&slug()).await.expect("read").expect("a mailing");
        assert!(books.balance(), "{books:?}");
        books
    }

    /// Who stands in `state`, and what was said last.
    async fn standing(&self, state: DeliveryState) -> Vec<(String, String)> {
        let entries = self.ledger.entries(&slug(), state).await.expect("read");
        let said = |attempt: hlas::model::Attempt| {
            let reply = attempt.outcome.reply();
            format!("{} {}", reply.code.unwrap_or_default(), reply.text)
        };
        entries
            .into_iter()
            .map(|entry| (entry.address, entry.last.map(said).unwrap_or_default()))
            .collect()
    }
}

fn round<'r>(
    ledger: &Arc<dyn Ledger>,
    transports: &'r mut Vec<Box<dyn Transport>>,
    clock: &Arc<Fixed>,
    worker: &str,
) -> Round<'r> {
    Round {
        ledger: Arc::clone(ledger),
        transports,
        settings: Arc::new(settings()),
        signer: None,
        delivery: DeliverySettings::default(),
        pace: Arc::default(),
        not_after: None,
        closing: None,
        clock: clock.clone(),
        worker: worker.to_owned(),
        stop: Arc::default(),
    }
}

fn slug() -> Slug {
    Slug::new("2026-10-05-povoleni").expect("a slug")
}

fn settings() -> MailSettings {
    let address = |text: &str| text.parse().expect("an address");
    MailSettings {
        from_name: ByLanguage::default(),
        from: address("redakce@hlas.example.org"),
        reply_to: Some(address("kontakt@hlas.example.org")),
        envelope_sender: address("bounces@hlas.example.org"),
        list_id: "hlas.example.org".to_owned(),
        unsubscribe: address("odhlaseni@hlas.example.org"),
    }
}

fn mailing(addresses: &[&str]) -> Mailing {
    let delivery = |address: &&str| Delivery {
        id: DeliveryId::new(&slug(), address),
        subscriber: (*address).to_owned(),
        address: address.parse().expect("an address"),
        name: "Jiří Čapek".to_owned(),
        salutation: "Vážený pane poslanče,".to_owned(),
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
    };
    let edition = FrozenEdition {
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
        subject: "Povolení k pobytu".to_owned(),
        from_name: "Hlas".to_owned(),
        greeting: "Dobrý den,".to_owned(),
        html: "<p>Žluťoučký kůň úpěl ďábelské ódy.</p>".to_owned(),
        text: ".tečka na začátku řádku\nŽluťoučký kůň úpěl ďábelské ódy.\n".to_owned(),
        pictures: Vec::new(),
        attachment: None,
    };
    Mailing {
        slug: slug(),
        editions: vec![edition],
        deliveries: addresses.iter().map(delivery).collect(),
        excluded: Vec::new(),
        complete: true,
    }
}

/// Says `answer` at the moments that `when` picks, for the first `times`.
fn first(
    times: usize,
    when: impl Fn(&Moment) -> bool + Send + 'static,
    answer: Answer,
) -> impl FnMut(&Moment) -> Answer + Send {
    let mut left = times;
    move |moment| {
        if left == 0 || !when(moment) {
            return Answer::Yes;
        }
        left -= 1;
        answer
    }
}

fn is_rcpt(address: &'static str) -> impl Fn(&Moment) -> bool + Send {
    move |moment| *moment == Moment::Rcpt(address.to_owned())
}

fn is_body(address: &'static str) -> impl Fn(&Moment) -> bool + Send {
    move |moment| *moment == Moment::Body(address.to_owned())
}

fn logged_in(sink: &Sink, password: &str) -> Box<dyn Transport> {
    let url = sink.url().replace("smtp://", "smtp://desk@");
    let password = Some(Secret::new(password));
    transport::open(&url, Path::new("."), password).expect("a transport")
}

const A_MOMENT: Duration = Duration::from_millis(50);

fn waiting(sink: &Sink, patience: Patience) -> Box<dyn Transport> {
    Box::new(Smtp::open(&sink.url(), None, patience).expect("a transport"))
}

#[tokio::test]
async fn a_friendly_server_takes_everything_on_one_line_and_the_books_balance() {
    let sink = Sink::friendly();
    let mut house = House::with_mailing_to(&[ANNA, BOB, CYRIL]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");

    assert_eq!(tally.accepted, 3);
    assert_eq!(sink.recipients(), [ANNA, BOB, CYRIL]);
    assert_eq!(sink.lines(), 1);
    assert!(sink.taken().iter().all(|mail| mail.sender == "bounces@hlas.example.org"));
    assert_eq!(house.books().await.accepted, 3);
    assert_eq!(house.standing(DeliveryState::Accepted).await[0].1, "250 2.0.0 Ok: queued");

    house.deliver_to(&sink.url()).await.expect("nothing to do");
    assert_eq!(sink.recipients().len(), 3, "a second run sends nothing");
}

#[tokio::test]
async fn a_server_and_a_folder_get_the_same_bytes() {
    let sink = Sink::friendly();
    let mut mailed = House::with_mailing_to(&[ANNA]).await;
    mailed.deliver_to(&sink.url()).await.expect("delivered");
    let mut filed = House::with_mailing_to(&[ANNA]).await;
    filed.deliver_to("file:outbox").await.expect("delivered");

    let file = format!("outbox/{}.eml", DeliveryId::new(&slug(), ANNA));
    let file = std::fs::read(filed.folder.path().join(file)).expect("written");
    assert_eq!(sink.taken()[0].bytes, file);
}

#[tokio::test]
async fn one_refused_reader_does_not_keep_the_rest_from_theirs() {
    let refused = "550 5.1.1 No such user here";
    let sink = Sink::saying(first(1, is_rcpt(BOB), Answer::Say(refused)));
    let mut house = House::with_mailing_to(&[ANNA, BOB, CYRIL]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");

    assert_eq!((tally.accepted, tally.refused), (2, 1));
    assert_eq!(sink.recipients(), [ANNA, CYRIL]);
    assert_eq!(sink.lines(), 1, "the line is used again after RSET");
    let refused = (BOB.to_owned(), refused.to_owned());
    assert_eq!(house.standing(DeliveryState::Refused).await, [refused]);
    house.books().await;
}

#[tokio::test]
async fn a_message_refused_for_its_body_is_refused() {
    let policy = "552 5.2.3 Too long for this mailbox";
    let sink = Sink::saying(first(1, is_body(ANNA), Answer::Say(policy)));
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.accepted, tally.refused), (1, 1));
    assert_eq!(sink.lines(), 1);
}

#[tokio::test]
async fn what_is_taken_for_spam_pauses_the_mailing_and_writes_off_nobody() {
    let sink = Sink::saying(first(1, is_body(ANNA), Answer::Say("554 5.7.1 Looks like spam")));
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let error = house.deliver_to(&sink.url()).await.expect_err("paused").to_string();
    let told = "it takes what we send for spam: 554 5.7.1 Looks like spam";
    assert_eq!(error, format!("the mailing paused itself: {told}"));
    let books = house.books().await;
    assert_eq!((books.refused, books.deferred, books.pending), (0, 1, 1));
}

#[tokio::test]
async fn a_greylisted_reader_is_deferred_and_accepted_later() {
    let greylisted = Answer::Say("451 4.7.1 Greylisted, try again");
    let sink = Sink::saying(first(1, is_rcpt(ANNA), greylisted));
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.accepted, tally.deferred), (1, 1));
    assert_eq!(house.books().await.deferred, 1);

    house.clock.advance(SignedDuration::from_mins(6));
    house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!(house.books().await.accepted, 2);
    assert_eq!(sink.recipients(), [BOB, ANNA]);
}

#[tokio::test]
async fn a_server_that_is_down_loses_nobody_and_the_error_says_so() {
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let url = Sink::url_of_nobody();
    let error = house.deliver_to(&url).await.expect_err("nobody there").to_string();
    let server = url.trim_start_matches("smtp://");
    assert!(error.contains(server) && error.contains("while connecting"), "{error}");
    assert!(error.contains("refused"), "{error}");
    assert_eq!(house.books().await.pending, 2);

    house.deliver_to(&Sink::friendly().url()).await.expect("up again");
    assert_eq!(house.books().await.accepted, 2);
}

#[tokio::test]
async fn a_server_that_greets_with_no_stops_the_run() {
    let is_greeting = |moment: &Moment| matches!(moment, Moment::Greeting(_));
    let sink = Sink::saying(first(9, is_greeting, Answer::SayAndHangUp("554 No mail here")));
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let error = house.deliver_to(&sink.url()).await.expect_err("not welcome").to_string();
    assert!(error.ends_with("while connecting: 554 No mail here"), "{error}");
    assert_eq!(house.books().await.pending, 2);
}

#[tokio::test]
async fn a_sender_that_the_server_does_not_want_writes_off_no_reader() {
    let is_mail = |moment: &Moment| matches!(moment, Moment::Mail(_));
    for no in ["550 5.7.1 Sender not allowed", "530 5.7.0 Authentication required"] {
        let sink = Sink::saying(first(9, is_mail, Answer::Say(no)));
        let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
        let error = house.deliver_to(&sink.url()).await.expect_err("not welcome").to_string();
        assert!(error.ends_with(no), "{error}");
        assert_eq!(house.books().await.pending, 2);
    }
}

#[tokio::test]
async fn a_user_logs_in_before_the_first_message() {
    let (tell, told) = std::sync::mpsc::channel();
    let sink = Sink::saying(move |moment| {
        if let Moment::Auth(said) = moment {
            tell.send(said.clone()).expect("the story listens");
        }
        Answer::Yes
    });
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let transport = logged_in(&sink, "hunter2");
    house.deliver_through(transport).await.expect("delivered");
    // base64 of "\0desk\0hunter2", RFC 4616
    assert_eq!(told.try_iter().collect::<Vec<_>>(), ["PLAIN AGRlc2sAaHVudGVyMg=="]);
}

#[tokio::test]
async fn a_wrong_password_loses_nobody_and_is_not_repeated() {
    let is_auth = |moment: &Moment| matches!(moment, Moment::Auth(_));
    let sink = Sink::saying(first(9, is_auth, Answer::Say("535 5.7.8 Wrong credentials")));
    let mut house = House::with_mailing_to(&[ANNA]).await;
    let transport = logged_in(&sink, "hunter2");
    let error = house.deliver_through(transport).await.expect_err("not let in");
    let told = error.to_string();
    assert!(told.ends_with("while logging in: 535 5.7.8 Wrong credentials"), "{told}");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    assert_eq!(house.books().await.pending, 1);
}

#[tokio::test]
async fn a_line_that_was_dropped_while_idle_is_opened_again() {
    // The second message finds the line closed; the third needs no third line.
    let is_mail = |moment: &Moment| matches!(moment, Moment::Mail(_));
    let mut mails = 0;
    let sink = Sink::saying(move |moment| {
        mails += usize::from(is_mail(moment));
        if is_mail(moment) && mails == 2 { Answer::HangUp } else { Answer::Yes }
    });
    let mut house = House::with_mailing_to(&[ANNA, BOB, CYRIL]).await;
    house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!(sink.recipients(), [ANNA, BOB, CYRIL]);
    assert_eq!(sink.lines(), 2);
}

#[tokio::test]
async fn a_server_that_closes_with_421_is_called_again_at_once() {
    let is_data = |moment: &Moment| *moment == Moment::Data(BOB.to_owned());
    let closing = Answer::SayAndHangUp("421 4.4.2 Too many messages on one line");
    let sink = Sink::saying(first(1, is_data, closing));
    let mut house = House::with_mailing_to(&[ANNA, BOB, CYRIL]).await;
    house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!(sink.recipients(), [ANNA, BOB, CYRIL]);
    assert_eq!(sink.lines(), 2);
}

#[tokio::test]
async fn a_reader_at_whom_the_server_always_closes_is_deferred() {
    let sink = Sink::saying(first(2, is_rcpt(ANNA), Answer::SayAndHangUp("421 4.3.2 Not now")));
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.deferred, tally.accepted), (1, 1));
}

#[tokio::test]
async fn a_line_that_keeps_breaking_before_the_body_loses_nobody() {
    let is_data = |moment: &Moment| matches!(moment, Moment::Data(_));
    let sink = Sink::saying(first(2, is_data, Answer::HangUp));
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let error = house.deliver_to(&sink.url()).await.expect_err("broken off").to_string();
    assert!(error.contains("while announcing the message"), "{error}");
    let books = house.books().await;
    assert_eq!((books.pending, books.unsure), (2, 0));

    house.deliver_to(&sink.url()).await.expect("better now");
    assert_eq!(sink.recipients(), [ANNA, BOB]);
}

#[tokio::test]
async fn a_line_that_breaks_after_the_body_leaves_us_unsure_and_is_never_resent() {
    let sink = Sink::saying(first(1, is_body(ANNA), Answer::HangUp));
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.unsure, tally.accepted), (1, 1));

    house.clock.advance(SignedDuration::from_hours(200));
    house.deliver_to(&sink.url()).await.expect("nothing to do");
    assert_eq!(sink.recipients(), [ANNA, BOB], "it had arrived, once");
    let standing = house.standing(DeliveryState::Unsure).await;
    assert_eq!(standing[0].0, ANNA);
    assert!(standing[0].1.contains("the line was lost after the message went out"), "{standing:?}");
    assert_eq!(house.books().await.unsure, 1);
}

#[tokio::test]
async fn a_server_without_pipelining_is_asked_one_thing_at_a_time() {
    let plain = Answer::Say("250-sink.example.org\r\n250 8BITMIME");
    let sink = Sink::saying(move |moment| match moment {
        Moment::Ehlo => plain,
        Moment::Rcpt(to) if to == BOB => Answer::Say("550 5.1.1 No such user here"),
        _ => Answer::Yes,
    });
    let mut house = House::with_mailing_to(&[ANNA, BOB, CYRIL]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.accepted, tally.refused), (2, 1));
    assert_eq!(sink.recipients(), [ANNA, CYRIL]);
    assert_eq!(sink.lines(), 1);
}

#[tokio::test]
async fn a_line_that_breaks_in_the_middle_of_the_body_is_tried_again_and_nobody_is_unsure() {
    let in_body = |moment: &Moment| *moment == Moment::FirstLine(ANNA.to_owned());
    let sink = Sink::saying(first(1, in_body, Answer::HangUp));
    let mut house = House::with_heavy_mailing_to(&[ANNA, BOB]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.accepted, tally.unsure), (2, 0));
    assert_eq!(sink.recipients(), [ANNA, BOB]);
}

#[tokio::test]
async fn a_body_that_the_server_cannot_bear_does_not_hold_up_the_others() {
    let in_body = |moment: &Moment| *moment == Moment::FirstLine(ANNA.to_owned());
    let sink = Sink::saying(first(9, in_body, Answer::HangUp));
    let mut house = House::with_heavy_mailing_to(&[ANNA, BOB]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.accepted, tally.deferred), (1, 1));
    assert_eq!(sink.recipients(), [BOB]);
}

#[tokio::test]
async fn a_server_that_has_enough_of_a_message_says_so_and_is_heard() {
    let in_body = |moment: &Moment| *moment == Moment::FirstLine(ANNA.to_owned());
    let too_big = Answer::SayAndHangUp("552 5.3.4 Message too big");
    let sink = Sink::saying(first(1, in_body, too_big));
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.accepted, tally.refused), (1, 1));
    let refused = (ANNA.to_owned(), "552 5.3.4 Message too big".to_owned());
    assert_eq!(house.standing(DeliveryState::Refused).await, [refused]);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_waited_for_only_so_long() {
    let sink = Sink::saying(first(2, is_rcpt(ANNA), Answer::Silence));
    let mut house = House::with_mailing_to(&[ANNA]).await;
    let hasty = Patience { command: A_MOMENT, quit: A_MOMENT, ..Patience::default() };
    let error = house.deliver_through(waiting(&sink, hasty)).await.expect_err("silence");
    assert!(error.to_string().ends_with("no answer in time"), "{error}");
    assert_eq!(house.books().await.pending, 1);

    let sink = Sink::saying(first(1, is_body(ANNA), Answer::Silence));
    let hasty = Patience { body: A_MOMENT, quit: A_MOMENT, ..Patience::default() };
    house.deliver_through(waiting(&sink, hasty)).await.expect("one reader unsure");
    assert_eq!(house.books().await.unsure, 1);
}

#[tokio::test]
async fn a_non_ascii_address_is_refused_where_the_server_cannot_take_it() {
    let sink = Sink::friendly();
    let mut house = House::with_mailing_to(&["žofie@example.org", BOB]).await;
    let tally = house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!((tally.refused, tally.accepted), (1, 1));
    let standing = house.standing(DeliveryState::Refused).await;
    assert!(standing[0].1.contains("SMTPUTF8"), "{standing:?}");
}

#[tokio::test]
async fn planning_again_changes_nothing() {
    let sink = Sink::friendly();
    let mut house = House::with_mailing_to(&[ANNA, BOB]).await;
    house.deliver_to(&sink.url()).await.expect("delivered");
    let before = house.books().await;
    let again = mailing(&[ANNA, BOB, CYRIL]);
    assert_eq!(house.ledger.freeze(&again, house.clock.now()).await.expect("read"), 0);
    assert_eq!(house.books().await, before);
    house.deliver_to(&sink.url()).await.expect("nothing to do");
    assert_eq!(sink.recipients(), [ANNA, BOB]);
}

#[tokio::test]
async fn after_a_run_that_died_the_next_one_goes_on_under_the_lock() {
    let sink = Sink::friendly();
    let mut house = House::with_mailing_to(&[ANNA, BOB, CYRIL]).await;
    // The dead run had claimed all three and was handing over to the first.
    let lease = ledger::Lease { worker: "dead".to_owned(), lasts: SignedDuration::from_hours(9) };
    let claimed = house.ledger.claim(&slug(), &lease, NOON, 3).await.expect("claimed");
    house.ledger.handing_over(&claimed[0].delivery.id, &lease).await.expect("written");

    let lock = ledger::lock(LEDGER, house.folder.path()).await.expect("the dead hold no lock");
    let stranded = Stranded::EverythingInHand(&lock);
    let found = house.ledger.recover(NOON, stranded).await.expect("recovered");
    assert_eq!((found.unsure, found.released), (1, 2));
    house.deliver_to(&sink.url()).await.expect("delivered");
    assert_eq!(sink.recipients(), [BOB, CYRIL]);
    let books = house.books().await;
    assert_eq!((books.unsure, books.accepted), (1, 2));
}

#[tokio::test]
async fn while_one_run_is_at_work_a_second_is_turned_away() {
    let house = House::with_mailing_to(&[ANNA]).await;
    let first = ledger::lock(LEDGER, house.folder.path()).await.expect("free");
    let error = ledger::lock(LEDGER, house.folder.path()).await.expect_err("held");
    assert!(matches!(error, LockError::Busy { holder: Some(_), .. }), "{error:?}");
    drop(first);
    ledger::lock(LEDGER, house.folder.path()).await.expect("free again");
}

#[tokio::test]
async fn two_workers_on_one_ledger_share_the_readers_between_them() {
    let sink = Sink::friendly();
    let addresses: Vec<String> = (0..230).map(|n| format!("reader{n}@example.org")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let house = House::with_mailing_to(&addresses).await;
    let other = ledger::open(LEDGER, house.folder.path()).await.expect("the same ledger");

    let url = sink.url();
    let work = async |ledger: &Arc<dyn Ledger>, worker: &str| {
        let transport = transport::open(&url, house.folder.path(), None).expect("a transport");
        let mut transports = vec![transport];
        let round = round(ledger, &mut transports, &house.clock, worker);
        deliver(round, &slug(), &mut |_| {}).await.expect("delivered").accepted
    };
    let (one, two) = tokio::join!(work(&house.ledger, "one"), work(&other, "two"));
    assert_eq!(one + two, 230);
    let mut got = sink.recipients();
    assert_eq!(got.len(), 230, "nobody twice");
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 230, "everybody");
    assert_eq!(house.books().await.accepted, 230);
}
