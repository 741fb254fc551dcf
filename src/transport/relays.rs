//! Several servers, one transport: each gets its share, and when one fails the
//! others take over.
//!
//! A server that fails before a message is handed over rests for a minute, then
//! two, four … up to half an hour; meanwhile its share goes to the others, and
//! the message in hand goes on to the next. When all of them rest, the one whose
//! rest ends first is asked: it may be back, and if not, it says why.
//!
//! The surprise: only *errors* move a message on. A server's answer about a
//! recipient, 4xx included, is an answer, and asking another server until one
//! says yes is what spammers do.
//!
//! Shares are dealt by smooth weighted round robin (as nginx does), which
//! spreads the light ones among the heavy ones and needs no chance.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Progress, Transport, TransportError};
use crate::model::{Message, Outcome};

const FIRST_REST: Duration = Duration::from_secs(60);
const LONGEST_REST: Duration = Duration::from_secs(30 * 60);

/// Whose turn it is, known to all who send through the same servers: what one
/// finds out about a server spares the others the wait.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<Vec<Turn>>>);

struct Turn {
    weight: i64,
    /// What it is owed; the highest is next.
    credit: i64,
    failures: u32,
    rests_until: Option<Instant>,
}

impl Turns {
    pub fn of(weights: impl IntoIterator<Item = u32>) -> Self {
        let turn =
            |weight| Turn { weight: i64::from(weight), credit: 0, failures: 0, rests_until: None };
        Self(Arc::new(Mutex::new(weights.into_iter().map(turn).collect())))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Turn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose turn it is of those not `tried` with this message: by weight among
    /// those awake, then those of weight 0, then, with none of them tried, the
    /// one that wakes first.
    fn next(&self, now: Instant, tried: &[usize]) -> Option<usize> {
        let mut turns = self.lock();
        let awake = |turn: &Turn| turn.rests_until.is_none_or(|until| until <= now);
        let mut able: Vec<usize> =
            (0..turns.len()).filter(|at| !tried.contains(at) && awake(&turns[*at])).collect();
        if able.iter().any(|at| turns[*at].weight > 0) {
            able.retain(|at| turns[*at].weight > 0);
        }
        if able.is_empty() && tried.is_empty() {
            return (0..turns.len()).min_by_key(|at| turns[*at].rests_until);
        }
        let total: i64 = able.iter().map(|at| turns[*at].weight).sum();
        for at in &able {
            turns[*at].credit += turns[*at].weight;
        }
        // Of equals the first.
        let next = able.into_iter().rev().max_by_key(|at| turns[*at].credit)?;
        turns[next].credit -= total;
        Some(next)
    }

    fn failed(&self, at: usize, now: Instant) {
        let turn = &mut self.lock()[at];
        // Found out by several at once, it failed once.
        if turn.rests_until.is_some_and(|until| until > now) {
            return;
        }
        let wait = FIRST_REST.saturating_mul(2_u32.saturating_pow(turn.failures)).min(LONGEST_REST);
        turn.failures += 1;
        turn.rests_until = Some(now + wait);
        turn.credit = 0;
    }

    fn worked(&self, at: usize) {
        let turn = &mut self.lock()[at];
        turn.failures = 0;
        turn.rests_until = None;
    }
}

pub struct Relays {
    relays: Vec<Box<dyn Transport>>,
    turns: Turns,
}

impl Relays {
    /// As many as there are turns.
    pub fn new(relays: Vec<Box<dyn Transport>>, turns: Turns) -> Self {
        Self { relays, turns }
    }
}

#[async_trait]
impl Transport for Relays {
    async fn send(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        let mut tried = Vec::new();
        let mut last = None;
        loop {
            let now = Instant::now();
            let Some(next) = self.turns.next(now, &tried) else {
                return Err(last.unwrap_or_else(|| TransportError::address("", "it is empty")));
            };
            tried.push(next);
            let relay = &mut self.relays[next];
            match relay.send(message, progress).await {
                Ok(outcome) => {
                    self.turns.worked(next);
                    return Ok(outcome);
                }
                Err(TransportError::Withheld) => return Err(TransportError::Withheld),
                Err(error) => {
                    relay.close().await;
                    self.turns.failed(next, now);
                    last = Some(error);
                }
            }
        }
    }

    async fn close(&mut self) {
        for relay in &mut self.relays {
            relay.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Unrecorded;
    use super::super::memory::{Memory, Taken};
    use super::*;

    fn message(n: usize) -> Message {
        Message {
            id: format!("{n}@example.org"),
            sender: "desk@example.org".parse().expect("an address"),
            recipient: format!("r{n}@example.org").parse().expect("an address"),
            bytes: b"Subject: x\r\n\r\ny\r\n".to_vec(),
        }
    }

    fn of(memories: Vec<(Memory, u32)>) -> (Relays, Vec<Taken>) {
        let taken = memories.iter().map(|(memory, _)| memory.taken()).collect();
        let turns = Turns::of(memories.iter().map(|(_, weight)| *weight));
        let boxed = |(memory, _)| Box::new(memory) as Box<dyn Transport>;
        (Relays::new(memories.into_iter().map(boxed).collect(), turns), taken)
    }

    async fn send(relays: &mut Relays, count: usize) {
        for n in 0..count {
            relays.send(&message(n), &mut Unrecorded).await.expect("somebody takes it");
        }
    }

    fn counts(taken: &[Taken]) -> Vec<usize> {
        taken.iter().map(|taken| taken.messages().len()).collect()
    }

    #[tokio::test]
    async fn each_gets_its_share_the_light_ones_in_between() {
        let (mut relays, taken) =
            of(vec![(Memory::default(), 3), (Memory::default(), 1), (Memory::default(), 0)]);
        send(&mut relays, 4).await;
        assert_eq!(counts(&taken), [3, 1, 0]);
        assert_eq!(taken[1].recipients(), ["r2@example.org"]);
        send(&mut relays, 396).await;
        assert_eq!(counts(&taken), [300, 100, 0]);
    }

    #[test]
    fn a_rest_is_twice_as_long_each_time_up_to_half_an_hour_and_forgotten_after_work() {
        let (turns, start) = (Turns::of([1, 1]), Instant::now());
        let after = |minutes: u64| start + Duration::from_secs(minutes * 60);
        let is_awake = |minutes| (0..2).any(|_| turns.next(after(minutes), &[]) == Some(0));
        let mut now = 0;
        for rest in [1, 2, 4, 8, 16, 30, 30] {
            turns.failed(0, after(now));
            turns.failed(0, after(now));
            assert!(!is_awake(now + rest - 1) && is_awake(now + rest), "{rest}");
            now += rest;
        }
        turns.worked(0);
        turns.failed(0, after(now));
        assert!(is_awake(now + 1));
    }

    #[tokio::test]
    async fn one_that_fails_rests_and_nothing_is_lost_or_doubled() {
        let (mut relays, taken) =
            of(vec![(Memory::default().then_down(), 1), (Memory::default(), 1)]);
        send(&mut relays, 10).await;
        assert_eq!(counts(&taken), [0, 10]);
    }

    #[tokio::test]
    async fn one_without_weight_steps_in_when_the_others_are_down() {
        let (mut relays, taken) =
            of(vec![(Memory::default().then_down(), 1), (Memory::default(), 0)]);
        send(&mut relays, 3).await;
        assert_eq!(counts(&taken), [0, 3]);
    }

    #[tokio::test]
    async fn when_all_are_down_the_last_says_why_and_the_next_message_finds_who_is_back() {
        let (mut relays, taken) =
            of(vec![(Memory::default().then_down(), 1), (Memory::default().then_down(), 1)]);
        let error = relays.send(&message(0), &mut Unrecorded).await.expect_err("all down");
        assert!(error.to_string().contains("down"), "{error}");
        send(&mut relays, 1).await;
        assert_eq!(counts(&taken).iter().sum::<usize>(), 1);
    }

    #[tokio::test]
    async fn an_answer_about_a_recipient_is_not_asked_for_twice() {
        let reply = crate::model::Reply::new(Some(450), "later");
        let answering = Memory::answering([Outcome::Deferred(reply)]);
        let (mut relays, taken) = of(vec![(answering, 1), (Memory::default(), 1)]);
        let outcome = relays.send(&message(0), &mut Unrecorded).await.expect("an answer");
        assert!(matches!(outcome, Outcome::Deferred(_)));
        assert_eq!(counts(&taken), [1, 0]);
    }

    #[tokio::test]
    async fn what_one_line_finds_out_spares_the_other_the_wait() {
        let turns = Turns::of([1, 1]);
        let lane = |first: Memory| {
            let second = Memory::default();
            let taken = [first.taken(), second.taken()];
            (Relays::new(vec![Box::new(first), Box::new(second)], turns.clone()), taken)
        };
        let (mut one, _) = lane(Memory::default().then_down());
        let (mut other, taken) = lane(Memory::default());
        send(&mut one, 1).await;
        send(&mut other, 4).await;
        assert_eq!(counts(&taken), [0, 4]);
    }
}
