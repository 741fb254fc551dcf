//! Hands rows to the lanes: ahead of them while nobody has to wait, and one by
//! one, each at its turn, as soon as somebody has.
//!
//! Where nothing is stated and no server has complained, rows flow from one
//! claim to the next and nothing is counted. Otherwise a row leaves when its
//! domain's turn has come and then the house's, and a line is free for it; only
//! then is the turn taken, so that none is lost to a row that cannot use it.
//! Nothing that waits is held for long: what would is given back to the ledger.
//!
//! The surprise: it ends while there is work. When the next row may leave only
//! after longer than the house wants a run to wait, the rest stays pending and
//! the round says when it goes on: a run that sat for hours would keep the next
//! from publishing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use super::lane::Shared;
use super::lots::{AT_HAND, Lots, Next, Whose};
use super::ticket::{Back, Row, Ticket};
use super::{A_GLANCE, BATCH};
use crate::ledger::{Among, Bucket, Claimed, LedgerError, Meter, Today, Turns, Wish};
use crate::model::{DeliveryId, Limit};

/// Turns are taken so far ahead, so that a fast pace need not ask for each.
const AHEAD: SignedDuration = SignedDuration::from_millis(20);

/// A row that has to wait longer is not held meanwhile. Far below a lease.
const HELD: SignedDuration = SignedDuration::from_mins(1);

/// What a feeder leaves behind.
pub struct Fed {
    /// What it had claimed for nothing.
    pub unsent: Vec<DeliveryId>,
    pub back: mpsc::UnboundedReceiver<Back>,
}

/// Feeds the lanes until there are no rows, or nobody takes them, or the next
/// one is too far off.
pub async fn feed(
    shared: Arc<Shared>,
    rows: mpsc::Sender<Row>,
    back: mpsc::UnboundedReceiver<Back>,
) -> Fed {
    let lots = Lots::with([]);
    let mut feeder = Feeder {
        shared: &shared,
        rows,
        back,
        lots,
        under_way: VecDeque::new(),
        waited: SignedDuration::ZERO,
        unsent: Vec::new(),
    };
    if let Err(error) = feeder.feed().await {
        shared.end_with(error.into());
    }
    let Feeder { lots, mut unsent, back, .. } = feeder;
    unsent.extend(lots.into_ids());
    shared.is_fed.store(true, Ordering::Relaxed);
    Fed { unsent, back }
}

/// How many lines may be busy with a domain at once.
fn lines(shared: &Shared, domain: &str) -> u32 {
    shared.pace.of(domain).and_then(|it| it.connections).unwrap_or(u32::MAX)
}

struct Feeder<'s> {
    shared: &'s Shared,
    rows: mpsc::Sender<Row>,
    back: mpsc::UnboundedReceiver<Back>,
    lots: Lots,
    /// When the rows that lines are busy with have left; of a line that rests,
    /// too.
    under_way: VecDeque<Timestamp>,
    /// So long it has waited in all.
    waited: SignedDuration,
    unsent: Vec<DeliveryId>,
}

impl Feeder<'_> {
    async fn feed(&mut self) -> Result<(), LedgerError> {
        if self.shared.pace.is_free() && self.flow().await? {
            return Ok(());
        }
        self.lots = Lots::with(self.named());
        self.pace().await
    }

    /// Claims ahead of the lanes. True when that was all; false as soon as
    /// somebody has to be written to more slowly.
    async fn flow(&mut self) -> Result<bool, LedgerError> {
        let shared = self.shared;
        while !shared.brakes.are_on() {
            if shared.is_ending() {
                return Ok(true);
            }
            let now = shared.clock.now();
            let batch = shared.ledger.claim(&shared.slug, &shared.lease(), now, BATCH).await?;
            if batch.is_empty() {
                // Those still on their way may yet come back.
                let nobody_takes_them = self.rows.reserve_many(BATCH as usize).await.is_err();
                return Ok(nobody_takes_them || !shared.brakes.are_on());
            }
            let mut batch = batch.into_iter();
            while let Some(claimed) = batch.next() {
                if let Err(nobody) = self.rows.send(Row { claimed, ticket: None }).await {
                    let rest = std::iter::once(nobody.0.claimed).chain(batch);
                    self.unsent.extend(rest.map(|claimed| claimed.delivery.id));
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Domains that have turns of their own from the beginning.
    fn named(&self) -> Vec<(String, u32)> {
        let Shared { pace, brakes, .. } = self.shared;
        let stated = pace.domains.keys().filter(|domain| self.waits(domain)).cloned();
        let mut named: Vec<String> = stated.chain(brakes.domains()).collect();
        named.sort();
        named.dedup();
        named.into_iter().map(|domain| (domain.clone(), lines(self.shared, &domain))).collect()
    }

    /// Whether readers of `domain` may have to wait for one another.
    fn waits(&self, domain: &str) -> bool {
        let stated = self.shared.pace.of(domain);
        stated.is_some_and(|it| !it.limit.is_none() || it.connections.is_some())
            || self.shared.brakes.are_on_in(domain)
    }

    async fn pace(&mut self) -> Result<(), LedgerError> {
        while !self.shared.is_ending() {
            self.hear().await?;
            let now = self.shared.clock.now();
            if let Some(busy) = self.busy(now) {
                match busy {
                    Some(until) if !self.wait_for(until, now).await => break,
                    Some(_) => {}
                    None => self.listen().await?,
                }
                continue;
            }
            match self.lots.next(now) {
                Next::Now(whose) => self.one_turn(&whose, now).await?,
                // What is in hand may open another way.
                Next::At(moment) if self.is_too_long(moment, now) && self.lots.in_hand() > 0 => {
                    self.listen().await?;
                }
                Next::At(moment) => {
                    if !self.wait_for(moment, now).await {
                        break;
                    }
                }
                Next::Nothing if self.lots.in_hand() > 0 => self.listen().await?,
                Next::Nothing => {
                    let shared = self.shared;
                    if !self.lots.begin_again(|domain| lines(shared, domain)) {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// `None` while a line is free. Otherwise until when none can be, where
    /// that can be told: lines that rest do so for a known time.
    fn busy(&mut self, now: Timestamp) -> Option<Option<Timestamp>> {
        let lanes = self.shared.end().lanes;
        let in_hand = self.lots.in_hand() as usize;
        let Some(rate) = self.shared.pace.connection else {
            return (in_hand >= lanes).then_some(None);
        };
        let rested =
            |left: Timestamp| left.saturating_add(rate.spacing()).unwrap_or(Timestamp::MAX);
        // Of those that are in hand as many stay as there are, the latest.
        while self.under_way.len() > in_hand
            && self.under_way.front().is_some_and(|left| rested(*left) <= now)
        {
            self.under_way.pop_front();
        }
        let first = self.under_way.front().copied();
        (self.under_way.len() >= lanes).then(|| first.map(rested).filter(|until| *until > now))
    }

    /// One turn of a lot, or of as many rows of it as lines are free. That it
    /// has none after all is learned here too.
    async fn one_turn(&mut self, whose: &Whose, now: Timestamp) -> Result<(), LedgerError> {
        if self.lots.at_hand(whose) == 0 && !self.claim_more(whose, now).await? {
            self.lots.ran_out(whose);
            return Ok(());
        }
        let most = self.free_lines().min(self.lots.room(whose));
        let most = most.min(u32::try_from(self.lots.at_hand(whose)).unwrap_or(u32::MAX));
        if most == 0 {
            return Ok(());
        }
        for at in self.take_turns(whose, most, now).await? {
            if let Some(claimed) = self.lots.take(whose) {
                self.send(claimed, whose, at).await;
            }
        }
        match whose {
            Some(domain) if self.lots.is_shut_for(domain, HELD, now) => {
                self.put_back(Bucket::Domain(domain)).await
            }
            _ => Ok(()),
        }
    }

    fn free_lines(&self) -> u32 {
        let busy = (self.lots.in_hand() as usize).max(self.under_way.len());
        u32::try_from(self.shared.end().lanes.saturating_sub(busy)).unwrap_or(u32::MAX)
    }

    /// Claims rows of a lot; false when there are none. Everybody's are laid to
    /// the lot of their domain, where it has one.
    async fn claim_more(&mut self, whose: &Whose, now: Timestamp) -> Result<bool, LedgerError> {
        let shared = self.shared;
        let apart = if whose.is_none() { self.lots.apart() } else { Vec::new() };
        let after = self.lots.after(whose);
        let among = match whose {
            Some(domain) => Among::Domain { domain, after },
            None => Among::Others { than: &apart, after },
        };
        let batch = self.batch(whose);
        let lease = shared.lease();
        let claimed = shared.ledger.claim_among(among, &shared.slug, &lease, now, batch).await?;
        if let Some(last) = claimed.last() {
            self.lots.claimed_to(whose, last.number);
        }
        let found = !claimed.is_empty();
        let back: Vec<DeliveryId> =
            claimed.into_iter().filter_map(|claimed| self.lay(claimed)).collect();
        if !back.is_empty() {
            shared.ledger.release(&back, &shared.worker).await?;
        }
        Ok(found)
    }

    fn lay(&mut self, claimed: Claimed) -> Option<DeliveryId> {
        let domain = claimed.delivery.domain();
        if self.waits(&domain) {
            let (domain, lines) = (domain.clone().into_owned(), lines(self.shared, &domain));
            self.lots.lay(claimed, Some(domain), lines)
        } else {
            self.lots.lay(claimed, None, u32::MAX)
        }
    }

    /// As many rows as may leave while they can be held.
    fn batch(&self, whose: &Whose) -> u32 {
        let pace = &self.shared.pace;
        let most = if whose.is_some() { u32::try_from(AT_HAND).unwrap_or(BATCH) } else { BATCH };
        let rates = [pace.house.rate, pace.limit(whose.as_deref()).rate];
        let spacing = rates.into_iter().flatten().map(|rate| rate.spacing()).max();
        let Some(spacing) = spacing else { return most };
        let fit = HELD.as_micros() / spacing.as_micros().max(1);
        u32::try_from(fit).unwrap_or(most).clamp(1, most)
    }

    /// When up to `most` rows of a lot may leave. None now: the lot, or the
    /// house, then knows when it opens.
    async fn take_turns(
        &mut self,
        whose: &Whose,
        most: u32,
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, LedgerError> {
        let Shared { pace, brakes, ledger, .. } = self.shared;
        let mut buckets: Vec<(Bucket<'_>, &Limit)> = Vec::with_capacity(2);
        if !pace.house.is_none() || brakes.are_on_in(Meter::OF_THE_HOUSE) {
            buckets.push((Bucket::House, &pace.house));
        }
        if let Some(domain) = whose {
            let limit = pace.limit(Some(domain));
            if !limit.is_none() || brakes.are_on_in(domain) {
                buckets.push((Bucket::Domain(domain), limit));
            }
        }
        if buckets.is_empty() {
            return Ok(vec![now; most as usize]);
        }
        let until = now.saturating_add(AHEAD).unwrap_or(now);
        let today = Today::at(now, &pace.time_zone);
        let wish = Wish { buckets: &buckets, most, now, until, today };
        match ledger.take_turns(&wish).await? {
            Turns::At(turns) => {
                let last = turns.last().copied().unwrap_or(now);
                for (bucket, limit) in &buckets {
                    // What was learned besides, the ledger tells when asked.
                    let spacing = limit.rate.map_or(SignedDuration::ZERO, |rate| rate.spacing());
                    let next = last.saturating_add(spacing).unwrap_or(Timestamp::MAX);
                    self.opens(*bucket, next);
                }
                Ok(turns)
            }
            Turns::NotBefore { bucket, at } => {
                let (bucket, _) = buckets[bucket];
                self.opens(bucket, at);
                if bucket == Bucket::House && at.duration_since(now) > HELD {
                    self.put_back(bucket).await?;
                }
                Ok(Vec::new())
            }
        }
    }

    fn opens(&mut self, bucket: Bucket<'_>, at: Timestamp) {
        match bucket {
            Bucket::House => self.lots.house_opens_at(at),
            Bucket::Domain(domain) => self.lots.opens_at(domain, at),
        }
    }

    /// Rows that would be held too long.
    async fn put_back(&mut self, bucket: Bucket<'_>) -> Result<(), LedgerError> {
        let ids = match bucket {
            Bucket::Domain(domain) => self.lots.put_back(domain),
            Bucket::House => self.lots.put_back_all(),
        };
        if ids.is_empty() {
            return Ok(());
        }
        self.shared.ledger.release(&ids, &self.shared.worker).await
    }

    /// Hands a row over when its moment has come.
    async fn send(&mut self, claimed: Claimed, whose: &Whose, at: Timestamp) {
        let left = at.duration_since(self.shared.clock.now());
        if left > SignedDuration::ZERO {
            self.shared.clock.sleep(left.unsigned_abs()).await;
        }
        if self.shared.pace.connection.is_some() {
            self.under_way.push_back(self.shared.clock.now());
        }
        let ticket = Some(Ticket { domain: whose.clone(), back: self.shared.back.clone() });
        if let Err(nobody) = self.rows.send(Row { claimed, ticket }).await {
            self.unsent.push(nobody.0.claimed.delivery.id.clone());
        }
    }

    fn is_too_long(&self, moment: Timestamp, now: Timestamp) -> bool {
        let whole = self.waited.saturating_add(moment.duration_since(now));
        whole > self.shared.pace.wait
            || self.shared.closing.is_some_and(|closing| moment >= closing.at)
    }

    /// Waits for `moment`, or until something comes back; false where that is
    /// too long, and the round ends.
    async fn wait_for(&mut self, moment: Timestamp, now: Timestamp) -> bool {
        if self.is_too_long(moment, now) {
            let closing = self.shared.closing.filter(|closing| moment >= closing.at);
            let mut end = self.shared.end();
            end.goes_on = Some(closing.map_or(moment, |closing| moment.max(closing.opens)));
            end.is_near = true;
            return false;
        }
        let left = moment.duration_since(now).unsigned_abs().min(A_GLANCE);
        let clock = &self.shared.clock;
        let back = tokio::select! {
            biased;
            back = self.back.recv() => back,
            () = clock.sleep(left) => None,
        };
        let passed = clock.now().duration_since(now);
        self.waited = self.waited.saturating_add(passed.max(SignedDuration::ZERO));
        if let Some(back) = back {
            self.heard(back);
        }
        true
    }

    /// Waits until something comes back, and looks up now and then.
    async fn listen(&mut self) -> Result<(), LedgerError> {
        if let Ok(Some(back)) = tokio::time::timeout(A_GLANCE, self.back.recv()).await {
            self.heard(back);
        }
        self.hear().await
    }

    /// Takes in what came back.
    async fn hear(&mut self) -> Result<(), LedgerError> {
        while let Ok(back) = self.back.try_recv() {
            self.heard(back);
        }
        let unsent = std::mem::take(&mut self.unsent);
        if unsent.is_empty() {
            return Ok(());
        }
        self.shared.ledger.release(&unsent, &self.shared.worker).await
    }

    fn heard(&mut self, back: Back) {
        match back {
            Back::Done { domain } => self.lots.done(&domain),
            Back::Row(claimed) => {
                let overflow = self.lay(claimed);
                self.unsent.extend(overflow);
            }
            Back::Braked => {
                for claimed in self.lots.everybodys() {
                    let overflow = self.lay(claimed);
                    self.unsent.extend(overflow);
                }
            }
        }
    }
}
