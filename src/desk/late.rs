//! Mail that would come too late to be news, and does not go out by itself.
//!
//! An author may say until when (`not_after`): then nobody gets it any more,
//! whoever asks. Whatever else is long past its time waits for a person: a
//! folder that was renamed is a new mailing to the ledger, and a ledger that was
//! lost, or restored from an old copy, takes what was sent for still to be sent.
//!
//! The surprise: a frozen mailing is late not by its send time but by the last
//! thing that happened in it, so that one which is put off, paused or resumed
//! by a person is not taken for an old one.

use std::fmt;

use jiff::{SignedDuration, ZonedDateTime};

use super::Desk;
use crate::ledger::{Ledger, LedgerError};
use crate::model::{Publication, Slug};

/// For so long after its time was over it is told of with every run.
const NEWS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Past its time, and by whose word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    pub by: Limit,
    /// Whether a person should still be told: somebody may be waiting for it.
    pub is_news: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// The author's: nobody gets it after that.
    NotAfter(ZonedDateTime),
    /// The house's: it was due then, and may still be sent by hand.
    Due(ZonedDateTime),
    /// Due before the ledger was taken over: another copy may have sent it.
    Adopted(ZonedDateTime),
    /// The house's: nothing has happened in it since.
    Quiet(ZonedDateTime),
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |at: &ZonedDateTime| at.strftime("%Y-%m-%d %H:%M").to_string();
        match &self.by {
            Limit::NotAfter(end) => {
                write!(f, "it is too late: not after {}, its text says", shown(end))
            }
            Limit::Due(at) => {
                write!(f, "it is late, and goes out only by hand: it was due {}", shown(at))
            }
            Limit::Adopted(at) => write!(
                f,
                "it was due {}, before the ledger was taken over, and may have been sent: it goes out only by hand",
                shown(at)
            ),
            Limit::Quiet(since) => {
                write!(
                    f,
                    "it is late, and goes on only by hand: its last step was {}",
                    shown(since)
                )
            }
        }
    }
}

impl Desk<'_> {
    /// Past the end that its author has set.
    pub(super) fn past_its_end(&self, publication: &Publication) -> Option<Late> {
        let end = publication.not_after.clone()?;
        self.late(end.clone(), SignedDuration::ZERO, Limit::NotAfter(end))
    }

    /// So long past its send time that somebody has to want it.
    pub async fn overdue(
        &self,
        ledger: &dyn Ledger,
        publication: &Publication,
    ) -> Result<Option<Late>, LedgerError> {
        let Some(at) = publication.at.clone() else { return Ok(None) };
        let adopted = ledger.home().await?.and_then(|home| home.adopted_at);
        if let Some(adopted) = adopted.filter(|adopted| at.timestamp() <= *adopted) {
            let adopted = adopted.to_zoned_datetime(at.time_zone().clone());
            return Ok(self.late(adopted, SignedDuration::ZERO, Limit::Adopted(at)));
        }
        let from = self.counted_from(at.clone());
        Ok(self.late(from, self.late_after(), Limit::Due(at)))
    }

    /// A frozen mailing in which nothing has happened for too long.
    pub(super) async fn gone_quiet(
        &self,
        ledger: &dyn Ledger,
        slug: &Slug,
    ) -> Result<Option<Late>, LedgerError> {
        let Some(last) = ledger.last_step(slug).await? else { return Ok(None) };
        let last = last.to_zoned_datetime(self.loaded.workspace.time_zone.clone());
        let from = self.counted_from(last.clone());
        Ok(self.late(from, self.late_after(), Limit::Quiet(last)))
    }

    fn late_after(&self) -> SignedDuration {
        self.loaded.workspace.delivery.late_after
    }

    fn late(&self, from: ZonedDateTime, grace: SignedDuration, by: Limit) -> Option<Late> {
        // What would end after the end of time does not end.
        let end = from.checked_add(grace).ok()?;
        let now = self.now();
        let is_news = end.checked_add(NEWS).is_ok_and(|until| now < until);
        (end < now).then_some(Late { by, is_news })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::{JANA, MEMBERS, TEXT, at};
    use super::*;
    use crate::build::build;
    use crate::ledger;
    use crate::publish::Output;

    /// What the timer does at a moment: how many it freezes, and what it says
    /// of the rest.
    async fn timer(moment: &str, text: &str) -> (usize, Vec<String>) {
        let (loaded, clock) = at(moment, text, MEMBERS, JANA);
        let desk = Desk { loaded: &loaded, clock: Arc::new(clock) };
        let ledger = ledger::open("sqlite::memory:", &loaded.workspace.root).await.unwrap();
        let output = tempfile::tempdir().unwrap();
        let built = build(&loaded, &desk.now(), &Output::open(output.path()).unwrap());
        let frozen = desk.freeze_due(ledger.as_ref(), &built).await.unwrap();
        let told = frozen.held_back.iter().map(|(_, why)| why.to_string()).collect();
        (frozen.new.len(), told)
    }

    #[tokio::test]
    async fn three_days_after_its_time_a_text_waits_for_a_person() {
        assert_eq!(timer("2026-10-08T07:00:00Z", TEXT).await, (1, vec![]));
        let late = "it is late, and goes out only by hand: it was due 2026-10-05 09:00";
        assert_eq!(timer("2026-10-08T07:00:01Z", TEXT).await, (0, vec![late.to_owned()]));
        assert_eq!(timer("2026-12-08T07:00:00Z", TEXT).await, (0, vec![]), "not told for ever");
    }

    #[tokio::test]
    async fn after_the_end_that_the_author_set_nobody_gets_it() {
        let text = TEXT.replace("to:", "not_after: 2026-10-05 18:00\nto:");
        assert_eq!(timer("2026-10-05T16:00:00Z", &text).await, (1, vec![]));
        let late = "it is too late: not after 2026-10-05 18:00, its text says";
        assert_eq!(timer("2026-10-05T16:00:01Z", &text).await, (0, vec![late.to_owned()]));
    }

    #[tokio::test]
    async fn a_mailing_in_which_nothing_happens_for_days_is_not_gone_on_with() {
        let (loaded, clock) = at("2026-10-05T07:00:00Z", TEXT, MEMBERS, JANA);
        let clock = Arc::new(clock);
        let desk = Desk { loaded: &loaded, clock: clock.clone() };
        let ledger = ledger::open("sqlite::memory:", &loaded.workspace.root).await.unwrap();
        let output = tempfile::tempdir().unwrap();
        let built = build(&loaded, &desk.now(), &Output::open(output.path()).unwrap());
        desk.freeze_due(ledger.as_ref(), &built).await.unwrap();
        let held = async || {
            let open = desk.open_mailings(ledger.as_ref()).await.unwrap();
            open[0].held.as_ref().map(ToString::to_string)
        };
        assert_eq!(held().await, None);
        clock.advance(SignedDuration::from_hours(73));
        let late = "it is late, and goes on only by hand: its last step was 2026-10-05 09:00";
        assert_eq!(held().await.as_deref(), Some(late));
        assert!(desk.missed(ledger.as_ref()).await.unwrap().is_empty(), "it was planned");
    }
}
