//! What tells this machine from another.
//!
//! The id that the system gave itself when it was set up (machine-id(5)), and
//! the addresses that are burnt into its network cards. A clone that was not
//! set up anew has the id of its original, but never its cards, or the two
//! could not be in one network.
//!
//! The surprise: only digests are kept. machine-id(5) asks that the id itself
//! be shown to nobody, and backups of a ledger go to places.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;

use crate::model::digest;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub id: String,
    /// Empty where there are none, or where they do not count.
    pub cards: BTreeSet<String>,
}

impl Machine {
    /// This one, or the name that somebody gave it: what runs in a container has
    /// another id every time.
    pub fn here(named: Option<&str>) -> Self {
        match named {
            Some(name) => Self { id: hidden("name", name), cards: BTreeSet::new() },
            None => Self { id: hidden("machine-id", &machine_id()), cards: cards() },
        }
    }

    /// A database server, by the identifier that it gave itself.
    pub fn server(identifier: &str) -> Self {
        Self { id: hidden("postgresql", identifier), cards: BTreeSet::new() }
    }

    /// What it is called, for people.
    pub fn name() -> String {
        let named = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let short = named.trim().split('.').next().unwrap_or_default();
        if short.is_empty() { "a machine".to_owned() } else { short.to_owned() }
    }

    /// A name for one process among all that use a ledger, never given twice:
    /// in containers every machine may have the same name, and every process
    /// the number 1.
    pub fn worker() -> String {
        let at_random = RandomState::new().build_hasher().finish();
        format!("{}-{}-{at_random:016x}", Self::name(), std::process::id())
    }

    /// The same id, and a card in common where both have some: one may be new.
    pub fn is(&self, other: &Self) -> bool {
        let known = !self.cards.is_empty() && !other.cards.is_empty();
        self.id == other.id && !(known && self.cards.is_disjoint(&other.cards))
    }
}

fn hidden(what: &str, value: &str) -> String {
    digest(format!("hlas {what} {value}").as_bytes())
}

/// Empty where the system has none: then the place of the file has to do.
fn machine_id() -> String {
    let files = ["/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/hostid"];
    let read = files.iter().filter_map(|file| fs::read_to_string(file).ok());
    read.map(|text| text.trim().to_owned()).find(|id| !id.is_empty()).unwrap_or_default()
}

/// Cards that are hardware, with the address they were made with: neither
/// bridges nor a wireless card that takes another address in each network
/// (<https://docs.kernel.org/ABI/testing/sysfs-class-net>).
fn cards() -> BTreeSet<String> {
    let Ok(all) = fs::read_dir("/sys/class/net") else { return BTreeSet::new() };
    all.filter_map(|card| address(&card.ok()?.path())).collect()
}

fn address(card: &Path) -> Option<String> {
    const PERMANENT: &str = "0";
    let read = |file: &str| fs::read_to_string(card.join(file)).ok();
    let counts = card.join("device").exists() && read("addr_assign_type")?.trim() == PERMANENT;
    counts.then(|| read("address")).flatten().map(|address| hidden("card", address.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(id: &str, cards: &[&str]) -> Machine {
        Machine { id: id.to_owned(), cards: cards.iter().map(|&card| card.to_owned()).collect() }
    }

    #[test]
    fn a_clone_has_the_id_but_not_the_cards() {
        assert!(machine("a", &["1", "2"]).is(&machine("a", &["2", "3"])), "a card was changed");
        assert!(machine("a", &["1"]).is(&machine("a", &[])), "nothing to compare");
        assert!(!machine("a", &["1"]).is(&machine("a", &["2"])), "a clone");
        assert!(!machine("a", &["1"]).is(&machine("b", &["1"])), "set up anew");
    }

    #[test]
    fn what_has_a_name_goes_by_it_and_shows_nothing_of_it() {
        let named = Machine::here(Some("posta"));
        assert!(named.is(&Machine::here(Some("posta"))));
        assert!(!named.is(&Machine::here(None)) && !named.is(&Machine::here(Some("mail"))));
        assert!(!named.id.contains("posta"));
        assert!(Machine::here(None).is(&Machine::here(None)));
    }
}
