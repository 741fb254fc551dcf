//! Rows that wait for their turn, a lot for each that has turns of its own.
//!
//! A domain that has to wait must not hold up the others, so its rows are laid
//! aside: a few of them are kept, the rest goes back into the ledger, and from
//! then on it is *set apart*: the claims for everybody pass it over, and its own
//! rows are claimed when their turn comes. So nothing is held for long, and a
//! million rows of one slow domain take no more memory than twenty.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::ledger::Claimed;
use crate::model::DeliveryId;

/// So many rows of a lot are kept at hand.
pub const AT_HAND: usize = 20;

/// Whose turn it is: a domain's, or everybody's who has none of their own.
pub type Whose = Option<String>;

/// What can be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Now(Whose),
    /// Nothing before that.
    At(Timestamp),
    /// Nothing before a row that is in hand is out of it; or nothing at all.
    Nothing,
}

#[derive(Debug)]
struct Lot {
    rows: VecDeque<Claimed>,
    /// There may be more of it in the ledger, behind the row `after`.
    has_more: bool,
    after: i64,
    /// Its next row does not leave before that.
    opens: Timestamp,
    in_hand: u32,
    /// So many of its rows may be in hand at once.
    lines: u32,
}

impl Lot {
    fn new(lines: u32) -> Self {
        let opens = Timestamp::MIN;
        Self { rows: VecDeque::new(), has_more: false, after: 0, opens, in_hand: 0, lines }
    }

    /// Rows that go back into the ledger, to be claimed again.
    fn put_back(&mut self) -> Vec<DeliveryId> {
        self.has_more = true;
        for row in &self.rows {
            self.after = self.after.min(row.number - 1);
        }
        self.rows.drain(..).map(|row| row.delivery.id).collect()
    }

    fn is_done(&self) -> bool {
        self.rows.is_empty() && !self.has_more
    }
}

#[derive(Debug)]
pub struct Lots {
    lots: BTreeMap<Whose, Lot>,
    /// Domains that claims for everybody pass over, in order.
    apart: BTreeSet<String>,
    /// Nobody's row leaves before that.
    house_opens: Timestamp,
    in_hand: u32,
    /// Something was claimed since it was last begun from the start.
    found: bool,
}

impl Lots {
    /// With domains that are known to have turns of their own, and how many
    /// lines may be busy with each.
    pub fn with(apart: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut everybody = Lot::new(u32::MAX);
        everybody.has_more = true;
        let mut lots = Self {
            lots: BTreeMap::from([(None, everybody)]),
            apart: BTreeSet::new(),
            house_opens: Timestamp::MIN,
            in_hand: 0,
            found: false,
        };
        for (domain, lines) in apart {
            lots.set_apart(domain, lines);
        }
        lots
    }

    /// From now on its rows are claimed by themselves.
    pub fn set_apart(&mut self, domain: String, lines: u32) {
        self.apart.insert(domain.clone());
        self.lot(Some(domain), lines).has_more = true;
    }

    pub fn apart(&self) -> Vec<String> {
        self.apart.iter().cloned().collect()
    }

    pub fn in_hand(&self) -> u32 {
        self.in_hand
    }

    fn lot(&mut self, whose: Whose, lines: u32) -> &mut Lot {
        self.lots.entry(whose).or_insert_with(|| Lot::new(lines))
    }

    /// Lays a row down; or gives it back, for the ledger, when there are enough
    /// of its domain, which is set apart then.
    pub fn lay(&mut self, claimed: Claimed, whose: Whose, lines: u32) -> Option<DeliveryId> {
        self.found = true;
        let lot = self.lot(whose.clone(), lines);
        match whose {
            Some(domain) if lot.rows.len() >= AT_HAND => {
                lot.after = lot.after.min(claimed.number - 1);
                self.set_apart(domain, lines);
                Some(claimed.delivery.id)
            }
            _ => {
                lot.rows.push_back(claimed);
                None
            }
        }
    }

    /// Whose turn comes first. With thousands of lots this looks at each, a few
    /// dozen times a second: less than composing one message.
    pub fn next(&self, now: Timestamp) -> Next {
        let able = self.lots.iter().filter(|(_, lot)| !lot.is_done() && lot.in_hand < lot.lines);
        match able.min_by_key(|(_, lot)| lot.opens) {
            None => Next::Nothing,
            Some((whose, lot)) => match lot.opens.max(self.house_opens) {
                opens if opens <= now => Next::Now(whose.clone()),
                opens => Next::At(opens),
            },
        }
    }

    /// How many more lines may be busy with it.
    pub fn room(&self, whose: &Whose) -> u32 {
        self.lots.get(whose).map_or(0, |lot| lot.lines.saturating_sub(lot.in_hand))
    }

    pub fn at_hand(&self, whose: &Whose) -> usize {
        self.lots.get(whose).map_or(0, |lot| lot.rows.len())
    }

    /// The next row of a lot; it counts as in hand until it is [`Self::done`].
    pub fn take(&mut self, whose: &Whose) -> Option<Claimed> {
        let lot = self.lots.get_mut(whose)?;
        let row = lot.rows.pop_front()?;
        lot.in_hand += 1;
        self.in_hand += 1;
        Some(row)
    }

    pub fn done(&mut self, whose: &Whose) {
        self.in_hand = self.in_hand.saturating_sub(1);
        if let Some(lot) = self.lots.get_mut(whose) {
            lot.in_hand = lot.in_hand.saturating_sub(1);
        }
        self.forget(whose);
    }

    /// The row behind which a claim for the lot goes on.
    pub fn after(&self, whose: &Whose) -> i64 {
        self.lots.get(whose).map_or(0, |lot| lot.after)
    }

    pub fn claimed_to(&mut self, whose: &Whose, row: i64) {
        if let Some(lot) = self.lots.get_mut(whose) {
            lot.after = row;
        }
    }

    /// The ledger has no more of it.
    pub fn ran_out(&mut self, whose: &Whose) {
        if let Some(lot) = self.lots.get_mut(whose) {
            lot.has_more = false;
        }
        self.forget(whose);
    }

    /// A domain of which nothing is left; everybody's lot stays.
    fn forget(&mut self, whose: &Whose) {
        let gone = |lot: &Lot| lot.is_done() && lot.in_hand == 0;
        if whose.is_some() && self.lots.get(whose).is_some_and(gone) {
            self.lots.remove(whose);
        }
    }

    pub fn opens_at(&mut self, domain: &str, opens: Timestamp) {
        if let Some(lot) = self.lots.get_mut(&Some(domain.to_owned())) {
            lot.opens = opens;
        }
    }

    /// Whether a domain's rows would be held for longer than `long`.
    pub fn is_shut_for(&self, domain: &str, long: SignedDuration, now: Timestamp) -> bool {
        let lot = self.lots.get(&Some(domain.to_owned()));
        lot.is_some_and(|lot| !lot.rows.is_empty() && lot.opens.duration_since(now) > long)
    }

    pub fn house_opens_at(&mut self, opens: Timestamp) {
        self.house_opens = opens;
    }

    /// Rows of a domain that would be held for too long. It is claimed by itself
    /// when its turn has come.
    pub fn put_back(&mut self, domain: &str) -> Vec<DeliveryId> {
        let Some(lot) = self.lots.get_mut(&Some(domain.to_owned())) else { return Vec::new() };
        self.apart.insert(domain.to_owned());
        lot.put_back()
    }

    /// All rows, because nobody's may leave for so long.
    pub fn put_back_all(&mut self) -> Vec<DeliveryId> {
        self.apart.extend(self.lots.keys().flatten().cloned());
        self.lots.values_mut().flat_map(Lot::put_back).collect()
    }

    /// Rows that everybody's lot holds, to be laid anew.
    pub fn everybodys(&mut self) -> VecDeque<Claimed> {
        self.lots.get_mut(&None).map(|lot| std::mem::take(&mut lot.rows)).unwrap_or_default()
    }

    /// All is gone through: whether to look once more for what came back
    /// meanwhile, or has become due.
    pub fn begin_again(&mut self, lines: impl Fn(&str) -> u32) -> bool {
        if !std::mem::take(&mut self.found) {
            return false;
        }
        let apart = self.apart().into_iter().map(|domain| (lines(&domain), Some(domain)));
        let all: Vec<(u32, Whose)> = apart.chain([(u32::MAX, None)]).collect();
        for (lines, whose) in all {
            let lot = self.lot(whose, lines);
            (lot.has_more, lot.after) = (true, 0);
        }
        true
    }

    /// All that is still held.
    pub fn into_ids(self) -> Vec<DeliveryId> {
        let rows = self.lots.into_values().flat_map(|lot| lot.rows);
        rows.map(|row| row.delivery.id).collect()
    }
}
