//! When a mailing stops by itself.
//!
//! What a server says to everybody ("we do not take your mail") must not write
//! off a list, and a list gone bad must not spoil the name of the house with
//! those who judge senders by how many strangers they write to. So the last
//! hundred answers are watched, across runs; too many refusals among them, or a
//! single word against *us* ([`Kind::Ours`]), and the mailing waits for a person.

use std::collections::VecDeque;

use crate::model::{DeliverySettings, DeliveryState, Outcome};
use crate::transport::replies::{Kind, Verdict};

/// So many answers are remembered.
pub const WINDOW: u32 = 100;

/// The last answers of one mailing.
pub struct Temper {
    /// True where it was one against the mail.
    answers: VecDeque<bool>,
    settings: DeliverySettings,
}

impl Temper {
    /// `before` are the answers of earlier runs, the latest first.
    pub fn new(settings: DeliverySettings, before: &[DeliveryState]) -> Self {
        let against = |state: &DeliveryState| *state != DeliveryState::Accepted;
        Self { answers: before.iter().rev().map(against).collect(), settings }
    }

    /// Takes one more answer in, and says why to pause, if it is time.
    pub fn hear(&mut self, outcome: &Outcome, verdict: Option<&Verdict>) -> Option<String> {
        let reply = outcome.reply();
        if let Some(verdict) = verdict.filter(|verdict| is_about_us(verdict)) {
            return Some(format!("{}: {reply}", verdict.reason));
        }
        self.answers.push_back(is_against(outcome)?);
        if self.answers.len() > WINDOW as usize {
            self.answers.pop_front();
        }
        let refused = self.answers.iter().filter(|against| **against).count();
        let of = self.answers.len();
        let DeliverySettings { pause_refusals, pause_percent, .. } = self.settings;
        let too_many =
            refused >= pause_refusals as usize && refused * 100 >= pause_percent as usize * of;
        (is_against(outcome)? && too_many).then(|| {
            format!("{refused} of the last {of} were refused or are unsure; last: {reply}")
        })
    }
}

/// Whether an answer speaks against the mail; `None` when it says nothing
/// either way: *not now*, or no server was asked.
fn is_against(outcome: &Outcome) -> Option<bool> {
    match outcome {
        Outcome::Accepted(_) => Some(false),
        Outcome::Unsure(_) => Some(true),
        Outcome::Refused(reply) => reply.code.map(|_| true),
        Outcome::Deferred(_) => None,
    }
}

/// Whether an answer speaks of the house and not of a reader, so that every
/// other reader of that server would hear the same: our mail is not
/// authenticated, our machine has no name, we may not send here.
pub fn is_about_us(verdict: &Verdict) -> bool {
    verdict.kind == Kind::Ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Reply, Stage};
    use crate::transport::replies;

    fn settings() -> DeliverySettings {
        DeliverySettings { pause_refusals: 5, pause_percent: 20, ..DeliverySettings::default() }
    }

    fn refused() -> Outcome {
        Outcome::Refused(Reply::new(Some(550), "5.1.1 no such user"))
    }

    fn accepted() -> Outcome {
        Outcome::Accepted(Reply::new(Some(250), "ok"))
    }

    fn hear(temper: &mut Temper, outcome: &Outcome) -> Option<String> {
        temper.hear(outcome, replies::of(Stage::Rcpt, outcome.reply()))
    }

    /// After how many answers it pauses.
    fn pauses_at(temper: &mut Temper, answers: impl IntoIterator<Item = Outcome>) -> Option<usize> {
        answers.into_iter().position(|outcome| hear(temper, &outcome).is_some()).map(|it| it + 1)
    }

    #[test]
    fn five_refusals_from_the_start_are_enough_and_four_are_not() {
        let mut temper = Temper::new(settings(), &[]);
        assert_eq!(pauses_at(&mut temper, std::iter::repeat_with(refused).take(4)), None);
        let reason = hear(&mut temper, &refused()).expect("the fifth");
        let told = "5 of the last 5 were refused or are unsure; last: 550 5.1.1 no such user";
        assert_eq!(reason, told);
    }

    #[test]
    fn one_bad_address_in_ten_is_an_old_list_and_one_in_four_is_too_many() {
        let every = |n: usize| {
            (1..400).map(move |number| if number % n == 0 { refused() } else { accepted() })
        };
        assert_eq!(pauses_at(&mut Temper::new(settings(), &[]), every(10)), None);
        assert_eq!(pauses_at(&mut Temper::new(settings(), &[]), every(4)), Some(20));
    }

    #[test]
    fn a_server_that_turns_against_us_late_is_noticed_within_twenty() {
        let mut temper = Temper::new(settings(), &[DeliveryState::Accepted; 100]);
        let all = std::iter::repeat_with(refused);
        assert_eq!(pauses_at(&mut temper, all.take(100)), Some(20));
    }

    #[test]
    fn what_was_refused_in_the_last_run_counts_in_this() {
        let mut temper = Temper::new(settings(), &[DeliveryState::Refused; 4]);
        assert!(hear(&mut temper, &refused()).is_some());
    }

    #[test]
    fn not_now_and_what_no_server_said_count_for_nothing() {
        let mut temper = Temper::new(settings(), &[DeliveryState::Refused; 4]);
        let later = Outcome::Deferred(Reply::new(Some(451), "4.7.1 greylisted"));
        let ours = Outcome::Refused(Reply::new(None, "the message cannot be built"));
        assert_eq!((hear(&mut temper, &later), hear(&mut temper, &ours)), (None, None));
    }

    #[test]
    fn one_word_against_the_house_is_enough() {
        for (code, text, told) in [
            (
                550,
                "5.7.26 Unauthenticated email",
                "our mail does not prove whose it is (SPF, DKIM, DMARC): 550 5.7.26 Unauthenticated email",
            ),
            (
                554,
                "5.7.1 Relay access denied",
                "this server does not relay for us: 554 5.7.1 Relay access denied",
            ),
            (
                421,
                "4.7.1 [TS03] All messages will be permanently deferred",
                "Yahoo takes no more mail from our address: 421 4.7.1 [TS03] All messages will be permanently deferred",
            ),
        ] {
            let reply = Reply::new(Some(code), text);
            let of_us = if code < 500 { Outcome::Deferred(reply) } else { Outcome::Refused(reply) };
            assert_eq!(hear(&mut Temper::new(settings(), &[]), &of_us).as_deref(), Some(told));
        }
        let of_them = Outcome::Refused(Reply::new(Some(550), "5.7.1 members only"));
        assert_eq!(hear(&mut Temper::new(settings(), &[]), &of_them), None);
    }
}
