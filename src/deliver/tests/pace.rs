//! Rounds at a pace, on a clock that only moves when somebody waits.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::*;
use crate::model::{DomainPace, Limit, Stage};
use crate::transport::{Progress, TransportError};

fn limit(rate: &str) -> Limit {
    Limit { rate: Some(rate.parse().expect("a rate")), ..Limit::default() }
}

fn at_most(rate: &str) -> DomainPace {
    DomainPace { limit: limit(rate), connections: None }
}

fn with_domains<const N: usize>(domains: [(&str, DomainPace); N]) -> Pace {
    let domains = domains.map(|(domain, pace)| (domain.to_owned(), pace));
    Pace { domains: domains.into(), ..Pace::default() }
}

fn readers(number: usize, domain: &str) -> Vec<String> {
    (0..number).map(|number| format!("reader{number}@{domain}")).collect()
}

async fn desk_with(pace: Pace, readers: &[Vec<String>]) -> Desk {
    let readers: Vec<&str> = readers.iter().flatten().map(String::as_str).collect();
    let mut desk = Desk::with(&mailing(&readers)).await;
    desk.pace = pace;
    desk
}

fn friendly(lines: usize) -> Vec<Memory> {
    (0..lines).map(|_| Memory::default()).collect()
}

/// When each reader of a domain was written to, in milliseconds from noon. That
/// is when the answer was there: never before its turn, but this clock may have
/// moved on meanwhile, so two answers may lie together whose turns did not.
async fn sent_to(desk: &Desk, domain: &str) -> Vec<i128> {
    let entries = desk.ledger.entries(&slug(), DeliveryState::Accepted).await.expect("read");
    let theirs = entries.into_iter().filter(|entry| entry.address.ends_with(&format!("@{domain}")));
    let at = |entry: ledger::Entry| entry.last.expect("an attempt").at.duration_since(NOON);
    let mut sent: Vec<i128> = theirs.map(|entry| at(entry).as_millis()).collect();
    sent.sort_unstable();
    sent
}

/// That the one behind `number` others left no sooner than it may.
fn never_faster_than(spacing: i128, sent: &[i128]) {
    for (number, at) in (0_i128..).zip(sent) {
        assert!(*at >= number * spacing, "{number} at {at}: {sent:?}");
    }
}

async fn nothing_is_stranded(desk: &Desk) {
    let lock = ledger::Place::Memory.lock().await.expect("nobody else");
    let found = desk.ledger.recover(NOON, Stranded::EverythingInHand(&lock)).await;
    assert_eq!(found.expect("read"), ledger::Recovered::default(), "a row is held by nobody");
}

fn goes_on(desk: &Desk) -> Option<(u64, i128)> {
    desk.events.iter().find_map(|event| match event {
        Event::Paced { left, goes_on, .. } => {
            Some((*left, goes_on.duration_since(NOON).as_secs().into()))
        }
        _ => None,
    })
}

#[tokio::test]
async fn a_house_keeps_its_own_pace_over_all_its_lines() {
    let pace = Pace { house: limit("5/second"), ..Pace::default() };
    let mut desk = desk_with(pace, &[readers(30, "example.org"), readers(30, "example.net")]).await;
    let tally = desk.deliver_on(friendly(4)).await.expect("delivered");
    assert_eq!(tally.accepted, 60);
    let mut all = sent_to(&desk, "example.org").await;
    all.extend(sent_to(&desk, "example.net").await);
    all.sort_unstable();
    never_faster_than(200, &all);
    assert!(all[59] < 59 * 200 + 1000, "and not much slower: {all:?}");
    nothing_is_stranded(&desk).await;
}

#[tokio::test]
async fn a_slow_domain_at_the_head_of_the_list_holds_up_nobody_else() {
    let pace =
        with_domains([("example.net", at_most("5/second")), ("example.com", at_most("50/second"))]);
    let lists =
        [readers(700, "example.net"), readers(300, "example.com"), readers(40, "example.org")];
    let mut desk = desk_with(pace, &lists).await;
    let tally = desk.deliver_on(friendly(3)).await.expect("delivered");
    assert_eq!(tally.accepted, 1040);
    let (net, com) = (sent_to(&desk, "example.net").await, sent_to(&desk, "example.com").await);
    never_faster_than(200, &net);
    never_faster_than(20, &com);
    assert!(com[299] < 299 * 20 + 3000, "50 a second go beside 5: {}", com[299]);
    assert!(net[699] < 699 * 200 + 9000, "{}", net[699]);
    assert!(sent_to(&desk, "example.org").await[39] < 1000, "these waited for nobody");
}

#[tokio::test]
async fn when_the_next_is_hours_away_the_round_ends_and_says_when_it_goes_on() {
    let pace = with_domains([("example.net", at_most("1/hour"))]);
    let mut desk = desk_with(pace, &[readers(600, "example.net"), readers(5, "example.org")]).await;
    let tally = desk.deliver_on(friendly(2)).await.expect("delivered");
    assert_eq!(tally.accepted, 6);
    assert_eq!(goes_on(&desk), Some((599, 3600)));
    nothing_is_stranded(&desk).await;

    // The next run, a minute later, has nothing to send, and takes no turn.
    desk.clock.advance(SignedDuration::from_mins(1));
    desk.events.clear();
    assert_eq!(desk.deliver(Memory::default()).await.expect("nothing"), Tally::default());
    assert_eq!(goes_on(&desk), Some((599, 3600)));
    desk.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(desk.deliver(Memory::default()).await.expect("one").accepted, 1);
}

#[tokio::test]
async fn waits_add_up_to_what_the_house_allows() {
    let pace =
        Pace { house: limit("1/minute"), wait: SignedDuration::from_mins(5), ..Pace::default() };
    let mut desk = desk_with(pace, &[readers(20, "example.net")]).await;
    let tally = desk.deliver(Memory::default()).await.expect("delivered");
    assert_eq!((tally.accepted, goes_on(&desk)), (6, Some((14, 360))));
    nothing_is_stranded(&desk).await;
}

#[tokio::test]
async fn a_new_server_is_warmed_up_day_by_day() {
    let house = Limit { warm_up: vec![3, 5], ..Limit::default() };
    let pace = Pace { house, ..Pace::default() };
    let mut desk = desk_with(pace, &[readers(20, "example.net")]).await;
    let tally = desk.deliver_on(friendly(4)).await.expect("delivered");
    // NOON is noon in UTC, and so is the house.
    assert_eq!((tally.accepted, goes_on(&desk)), (3, Some((17, 12 * 3600))));
    let mut next_day = async || {
        desk.clock.advance(SignedDuration::from_hours(24));
        desk.deliver_on(friendly(4)).await.expect("delivered").accepted
    };
    assert_eq!((next_day().await, next_day().await), (5, 12));
    nothing_is_stranded(&desk).await;
}

#[tokio::test]
async fn each_domain_that_is_not_named_has_turns_of_its_own() {
    let pace = Pace { other_domains: Some(at_most("1/minute")), ..Pace::default() };
    let lists: Vec<Vec<String>> =
        (0..50).map(|number| readers(3, &format!("d{number}.example.org"))).collect();
    let mut desk = desk_with(pace, &lists).await;
    let tally = desk.deliver_on(friendly(4)).await.expect("delivered");
    assert_eq!(tally.accepted, 150);
    for number in 0..50 {
        let sent = sent_to(&desk, &format!("d{number}.example.org")).await;
        never_faster_than(60_000, &sent);
        assert!(sent[2] < 130_000, "{sent:?}");
    }
}

#[tokio::test]
async fn a_line_keeps_a_pace_of_its_own() {
    let pace = Pace { connection: "1/second".parse().ok(), ..Pace::default() };
    let mut desk = desk_with(pace, &[readers(9, "example.net")]).await;
    desk.deliver_on(friendly(2)).await.expect("delivered");
    let sent = sent_to(&desk, "example.net").await;
    for (number, at) in (0_i128..).zip(&sent) {
        assert!(*at >= number / 2 * 1000, "{sent:?}");
    }
    assert_eq!(sent.len(), 9);
    nothing_is_stranded(&desk).await;
}

/// A line that sees who else is busy with the same domain.
#[derive(Clone, Default)]
struct Crowd(Arc<Mutex<BTreeMap<String, (u32, u32)>>>);

impl Crowd {
    fn most(&self, domain: &str) -> u32 {
        self.0.lock().expect("whole")[domain].1
    }
}

#[async_trait]
impl Transport for Crowd {
    async fn send(
        &mut self,
        message: &crate::model::Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        let domain = message.recipient.domain().to_owned();
        {
            let mut all = self.0.lock().expect("whole");
            let (now, most) = all.entry(domain.clone()).or_default();
            *now += 1;
            *most = (*most).max(*now);
        }
        progress.reached(Stage::Reply);
        progress.handing_over().await.map_err(|_| TransportError::Withheld)?;
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.0.lock().expect("whole").get_mut(&domain).expect("came").0 -= 1;
        Ok(Outcome::Accepted(Reply::new(Some(250), "ok")))
    }

    async fn close(&mut self) {}
}

#[tokio::test]
async fn no_more_lines_are_busy_with_a_domain_than_it_bears() {
    let one = DomainPace { connections: Some(1), ..DomainPace::default() };
    let pace = with_domains([("example.net", one)]);
    let mut desk = desk_with(pace, &[readers(30, "example.net"), readers(60, "example.org")]).await;
    let crowd = Crowd::default();
    let line = || Box::new(crowd.clone()) as Box<dyn Transport>;
    let tally = desk.deliver_over(vec![line(), line(), line(), line()]).await.expect("delivered");
    assert_eq!(tally.accepted, 90);
    assert_eq!(crowd.most("example.net"), 1);
    assert!(crowd.most("example.org") > 1, "the other lines had others");
}

fn too_fast() -> Outcome {
    Outcome::Deferred(Reply::new(Some(450), "4.7.1 too many messages, slow down"))
}

#[tokio::test]
async fn a_domain_that_says_too_fast_is_let_alone_and_then_written_to_slowly() {
    let lists = [readers(20, "example.net"), readers(40, "example.org")];
    let mut desk = desk_with(Pace::default(), &lists).await;
    let tally = desk.deliver(Memory::answering([too_fast()])).await.expect("delivered");
    assert_eq!((tally.accepted, tally.deferred), (59, 1));
    let net = sent_to(&desk, "example.net").await;
    // A minute's rest, then one a second, and soon a little more.
    never_faster_than(950, &net.iter().map(|at| at - 60_000).collect::<Vec<_>>());
    assert!(sent_to(&desk, "example.org").await[39] < 1000, "nobody else is slower");
    let meters = desk.ledger.meters().await.expect("read");
    assert!(meters["example.net"].is_slowed(&Limit::default(), desk.clock.now()));

    // The next round knows it from the beginning, and forgets it in time.
    desk.clock.advance(SignedDuration::from_hours(5));
    let meters = desk.ledger.meters().await.expect("read");
    assert!(!meters["example.net"].is_slowed(&Limit::default(), desk.clock.now()));
    assert_eq!(desk.deliver(Memory::default()).await.expect("the one").accepted, 1);
}

#[tokio::test]
async fn what_was_learned_holds_in_the_next_round() {
    let mut desk = desk_with(Pace::default(), &[readers(40, "example.net")]).await;
    let bucket = ledger::Bucket::Domain("example.net");
    let rest = SignedDuration::from_secs(90);
    desk.ledger.slow_down(bucket, &Limit::default(), NOON, rest).await.expect("written");
    desk.deliver_on(friendly(3)).await.expect("delivered");
    let net = sent_to(&desk, "example.net").await;
    never_faster_than(950, &net.iter().map(|at| at - 90_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn greylisting_of_a_reader_slows_down_nobody() {
    let mut desk = desk_with(Pace::default(), &[readers(20, "example.net")]).await;
    let tally = desk.deliver(Memory::answering([deferred()])).await.expect("delivered");
    assert_eq!((tally.accepted, tally.deferred), (19, 1));
    assert_eq!(desk.clock.now(), NOON, "nobody has waited");
    assert_eq!(desk.ledger.meters().await.expect("read"), BTreeMap::new());
}

#[tokio::test]
async fn where_nothing_is_stated_nothing_is_counted() {
    let mut desk = desk_with(Pace::default(), &[readers(600, "example.net")]).await;
    desk.deliver_on(friendly(4)).await.expect("delivered");
    assert_eq!(desk.ledger.meters().await.expect("read"), BTreeMap::new());
}

#[tokio::test]
async fn a_line_that_fails_at_a_pace_leaves_its_row_to_the_others() {
    let pace = Pace { house: limit("50/second"), ..Pace::default() };
    let mut desk = desk_with(pace, &[readers(30, "example.net")]).await;
    let lines = vec![Memory::default().then_down(), Memory::default()];
    let tally = desk.deliver_on(lines).await.expect("delivered");
    assert_eq!(tally.accepted, 30);
    nothing_is_stranded(&desk).await;
}

#[tokio::test]
async fn a_server_that_goes_down_at_a_pace_ends_the_round() {
    let pace = Pace { house: limit("50/second"), ..Pace::default() };
    let mut desk = desk_with(pace, &[readers(30, "example.net")]).await;
    desk.deliver(Memory::default().then_down()).await.expect_err("down");
    assert_eq!(desk.books().await.pending, 30);
    nothing_is_stranded(&desk).await;
}

#[tokio::test]
async fn when_the_window_closes_the_rest_is_left_for_its_next_opening() {
    let pace = Pace { house: limit("1/second"), ..Pace::default() };
    let mut desk = desk_with(pace, &[readers(10, "example.net")]).await;
    let opens = NOON + SignedDuration::from_hours(19);
    desk.closing = Some(Closing { at: NOON + SignedDuration::from_millis(3500), opens });
    let tally = desk.deliver(Memory::default()).await.expect("delivered");
    assert_eq!((tally.accepted, goes_on(&desk)), (4, Some((6, 19 * 3600))));
    nothing_is_stranded(&desk).await;

    desk.clock.advance(SignedDuration::from_secs(1));
    desk.deliver(Memory::default()).await.expect("nothing");
    let closed = Event::Closed { mailing: slug(), left: 6, opens };
    assert!(desk.events.contains(&closed), "{:?}", desk.events);
    assert_eq!(desk.books().await.pending, 6);
}

#[tokio::test]
async fn two_workers_on_one_ledger_share_one_pace() {
    let pace = Pace { house: limit("10/second"), ..Pace::default() };
    let desk = desk_with(pace, &[readers(60, "example.net")]).await;
    let line = || vec![Box::new(Memory::default()) as Box<dyn Transport>];
    let (mut ours, mut theirs) = (line(), line());
    let (one, mut two) = (desk.round(&mut ours), desk.round(&mut theirs));
    two.worker = "another".to_owned();
    let slug = slug();
    let (mut watch_one, mut watch_two) = (|_| {}, |_| {});
    let (one, two) =
        tokio::join!(deliver(one, &slug, &mut watch_one), deliver(two, &slug, &mut watch_two));
    let (one, two) = (one.expect("delivered").accepted, two.expect("delivered").accepted);
    assert_eq!(one + two, 60);
    never_faster_than(100, &sent_to(&desk, "example.net").await);
    nothing_is_stranded(&desk).await;
}

/// Somebody says stop while the first waits by this clock.
struct StoppedInAWait {
    clock: Arc<Fixed>,
    stop: Arc<AtomicBool>,
}

#[async_trait]
impl Clock for StoppedInAWait {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn sleep(&self, time: Duration) {
        self.stop.store(true, Ordering::Relaxed);
        self.clock.sleep(time).await;
    }
}

#[tokio::test]
async fn told_to_stop_it_does_not_wait_for_the_next_turn() {
    let pace = Pace { house: limit("1/minute"), ..Pace::default() };
    let mut desk = desk_with(pace, &[readers(10, "example.net")]).await;
    let mut transports: Vec<Box<dyn Transport>> = vec![Box::new(Memory::default())];
    let (clock, stop) = (Arc::clone(&desk.clock), Arc::clone(&desk.stop));
    let clock: Arc<dyn Clock> = Arc::new(StoppedInAWait { clock, stop });
    let round = Round { clock, ..desk.round(&mut transports) };
    let events = &mut desk.events;
    let tally = deliver(round, &slug(), &mut |event| events.push(event)).await.expect("in peace");
    assert_eq!(tally.accepted, 1);
    assert!(desk.events.contains(&Event::Stopped));
    assert!(desk.clock.now() < NOON + SignedDuration::from_mins(1));
    nothing_is_stranded(&desk).await;
}
