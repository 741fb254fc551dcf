//! When a mailing stops by itself.
//!
//! What a server says to everybody ("we do not take your mail") must not write
//! off a list, and a list gone bad must not spoil the name of the house with
//! those who judge senders by how many strangers they write to. So the last
//! hundred answers are watched, across runs; too many refusals among them, or a
//! single word against *us*, and the mailing waits for a person.

use std::collections::VecDeque;

use crate::model::{DeliverySettings, DeliveryState, Enhanced, Outcome, Reply};

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
    pub fn hear(&mut self, outcome: &Outcome) -> Option<String> {
        let reply = outcome.reply();
        if is_about_us(outcome) {
            return Some(format!("the server says of us: {}", spoken(reply)));
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
            format!(
                "{refused} of the last {of} were refused or are unsure; last: {}",
                spoken(reply)
            )
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

/// Whether a refusal speaks of the house and not of a reader, so that every
/// other reader of that server would hear the same: our mail is not
/// authenticated, our machine has no name, we send too much (RFC 7372 section
/// 3, and the registry it began: <https://www.iana.org/assignments/smtp-enhanced-status-codes/>).
pub fn is_about_us(outcome: &Outcome) -> bool {
    let Outcome::Refused(Reply { enhanced: Some(enhanced), .. }) = outcome else { return false };
    matches!(enhanced, Enhanced { class: 5, subject: 7, detail: 20..=29 })
}

fn spoken(reply: &Reply) -> String {
    let code = reply.code.map(|code| format!("{code} ")).unwrap_or_default();
    format!("{code}{}", reply.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> DeliverySettings {
        DeliverySettings { pause_refusals: 5, pause_percent: 20, ..DeliverySettings::default() }
    }

    fn refused() -> Outcome {
        Outcome::Refused(Reply::new(Some(550), "5.1.1 no such user"))
    }

    fn accepted() -> Outcome {
        Outcome::Accepted(Reply::new(Some(250), "ok"))
    }

    /// After how many answers it pauses.
    fn pauses_at(temper: &mut Temper, answers: impl IntoIterator<Item = Outcome>) -> Option<usize> {
        answers.into_iter().position(|outcome| temper.hear(&outcome).is_some()).map(|it| it + 1)
    }

    #[test]
    fn five_refusals_from_the_start_are_enough_and_four_are_not() {
        let mut temper = Temper::new(settings(), &[]);
        assert_eq!(pauses_at(&mut temper, std::iter::repeat_with(refused).take(4)), None);
        let reason = temper.hear(&refused()).expect("the fifth");
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
        assert!(temper.hear(&refused()).is_some());
    }

    #[test]
    fn not_now_and_what_no_server_said_count_for_nothing() {
        let mut temper = Temper::new(settings(), &[DeliveryState::Refused; 4]);
        let later = Outcome::Deferred(Reply::new(Some(451), "4.7.1 greylisted"));
        let ours = Outcome::Refused(Reply::new(None, "the message cannot be built"));
        assert_eq!((temper.hear(&later), temper.hear(&ours)), (None, None));
    }

    #[test]
    fn one_word_against_the_house_is_enough() {
        let mut temper = Temper::new(settings(), &[]);
        let of_us = Outcome::Refused(Reply::new(Some(550), "5.7.26 Unauthenticated email"));
        assert!(temper.hear(&of_us).expect("at once").contains("5.7.26 Unauthenticated"));
        let of_them = Outcome::Refused(Reply::new(Some(550), "5.7.1 members only"));
        assert_eq!(temper.hear(&of_them), None);
    }
}
