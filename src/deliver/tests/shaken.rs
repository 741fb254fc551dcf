//! Rounds whose lanes get in each other's way, in as many ways as can be found
//! (docs/adr/0059): several threads, transports that pause wherever they can, and
//! a look into the ledger at the very moment at which a message may leave.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::SqlitePool;
use tokio::sync::Barrier;

use super::*;
use crate::model::{DomainPace, Limit, Message, Stage};
use crate::transport::memory::Taken;
use crate::transport::{Progress, TransportError};

/// Marsaglia's xorshift: the same rounds each time, as far as threads allow.
struct Dice(u64);

impl Dice {
    fn below(&mut self, faces: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % faces
    }

    /// Lets others go first, up to three times.
    async fn pause(&mut self) {
        for _ in 0..self.below(4) {
            tokio::task::yield_now().await;
        }
    }
}

fn down() -> TransportError {
    let (server, reason) = ("shaken".to_owned(), "down".to_owned());
    TransportError::Server { server, stage: Stage::Connect, reason }
}

struct Shaken {
    dice: Dice,
    /// Another way into the same ledger: it shows what is durable.
    books: SqlitePool,
    memory: Memory,
    lanes: usize,
}

impl Shaken {
    /// What the round promises about this moment.
    async fn look(&self, message: &Message) {
        let handed = "SELECT address FROM delivery WHERE state = 'handing-over'";
        let handed: Vec<String> =
            sqlx::query_scalar(handed).fetch_all(&self.books).await.expect("read");
        let recipient = message.recipient.to_string();
        assert!(handed.contains(&recipient), "{recipient}: {handed:?}");
        assert!(handed.len() <= self.lanes, "more are in doubt than there are lanes: {handed:?}");
    }
}

#[async_trait]
impl Transport for Shaken {
    async fn send(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        self.dice.pause().await;
        if self.dice.below(12) == 0 {
            return Err(down());
        }
        progress.reached(Stage::Body);
        self.dice.pause().await;
        progress.handing_over().await.map_err(|_| TransportError::Withheld)?;
        self.look(message).await;
        self.dice.pause().await;
        self.memory.send(message, &mut crate::transport::Unrecorded).await
    }

    async fn close(&mut self) {}
}

fn shaken(books: &SqlitePool, seed: u64, lanes: usize) -> (Vec<Box<dyn Transport>>, Vec<Taken>) {
    let lane = |lane: usize| {
        let memory = Memory::default();
        let taken = memory.taken();
        let dice = Dice(seed * 31 + lane as u64 + 1);
        let books = books.clone();
        (Box::new(Shaken { dice, books, memory, lanes }) as Box<dyn Transport>, taken)
    };
    (0..lanes).map(lane).unzip()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_lanes_interleave_what_leaves_was_written_down_and_leaves_once() {
    shake(&Pace::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_a_pace_too_rows_come_back_from_lanes_that_fail_and_leave_once() {
    let limit = |rate: &str| Limit { rate: rate.parse().ok(), ..Limit::default() };
    let slow = DomainPace { limit: limit("20/second"), connections: Some(2) };
    let domains = [("example.org".to_owned(), slow)].into();
    shake(&Pace { house: limit("100/second"), domains, ..Pace::default() }).await;
}

async fn shake(pace: &Pace) {
    const LANES: usize = 5;
    for seed in 1..10 {
        let readers: Vec<String> = (0..30).map(|n| format!("p{n}@example.org")).collect();
        let mailing = mailing(&readers.iter().map(String::as_str).collect::<Vec<_>>());
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = Desk::with(&mailing).await;
        desk.pace = pace.clone();
        desk.ledger = ledger::open("sqlite:ledger.db", folder.path()).await.expect("a ledger");
        desk.ledger.freeze(&mailing, NOON).await.expect("frozen");
        let file = folder.path().join("ledger.db");
        let books = SqlitePool::connect(&format!("sqlite:{}", file.display())).await;
        let books = books.expect("another way in");
        let mut got = Vec::new();
        // Lines fail on the way; what is left is for the next round.
        for round in 0.. {
            let (mut transports, taken) = shaken(&books, seed + 1000 * round, LANES);
            let _ = deliver(desk.round(&mut transports), &slug(), &mut |_| {}).await;
            got.extend(taken.iter().flat_map(Taken::recipients));
            let now = desk.books().await;
            assert_eq!((now.unsure, now.refused, now.deferred), (0, 0, 0), "seed {seed}");
            let recovered = desk.ledger.recover(NOON, Stranded::LeasesRunOut).await;
            assert_eq!(recovered.expect("read"), ledger::Recovered::default(), "seed {seed}");
            if now.pending == 0 {
                break;
            }
            assert!(round < 50, "seed {seed} comes to no end: {now:?}");
        }
        got.sort();
        let mut all = readers;
        all.sort();
        assert_eq!(got, all, "seed {seed}");
    }
}

/// Fails in the same moment as the other of its kind, as near as a processor can.
struct Together {
    nearly: Arc<Barrier>,
    there: Arc<AtomicUsize>,
}

#[async_trait]
impl Transport for Together {
    async fn send(
        &mut self,
        _message: &Message,
        _progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        self.nearly.wait().await;
        self.there.fetch_add(1, Ordering::SeqCst);
        let began = Instant::now();
        while self.there.load(Ordering::SeqCst) < 2 && began.elapsed() < Duration::from_millis(2) {
            std::hint::spin_loop();
        }
        Err(down())
    }

    async fn close(&mut self) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_all_lines_fail_in_the_same_moment_the_round_says_so() {
    let desk = twenty().await;
    for _ in 0..200 {
        let (nearly, there) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
        let line = |_| {
            let (nearly, there) = (Arc::clone(&nearly), Arc::clone(&there));
            Box::new(Together { nearly, there }) as Box<dyn Transport>
        };
        let mut transports: Vec<_> = (0..2).map(line).collect();
        let ended = deliver(desk.round(&mut transports), &slug(), &mut |_| {}).await;
        assert!(matches!(ended, Err(DeliverError::Transport(_))), "{ended:?}");
        assert_eq!(desk.books().await.pending, 20);
    }
}
