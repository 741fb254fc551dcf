//! Which row was the first about a person.
//!
//! A map with keys of its own would hold a million addresses a second time;
//! this one holds where they stand, and looks there.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::model::Subscriber;

/// Rows by the key of the person they are about, each by its index.
#[derive(Debug, Default)]
pub struct Met {
    rows: HashTable<usize>,
    hasher: RandomState,
}

impl Met {
    /// The row that stands for the person of row `index`: that one itself, when
    /// nobody has met them.
    pub fn meet(&mut self, rows: &[Subscriber], index: usize) -> &mut usize {
        let key = rows[index].key();
        let hash = |row: &usize| self.hasher.hash_one(rows[*row].key());
        let is_theirs = |row: &usize| rows[*row].key() == key;
        self.rows.entry(hash(&index), is_theirs, hash).or_insert(index).into_mut()
    }
}
