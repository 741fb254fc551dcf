//! Disk → model. Two steps each: raw, as typed, then resolved, as used.
//!
//! Loading collects *all* findings and gives what it could read: one broken
//! publication never stops the others.

mod encoding;
mod front_matter;
pub mod publications;
pub mod segments;
pub mod settings;
pub mod subscribers;
pub mod templates;

use encoding::decode;

/// The candidate most like `written`, if any is like enough to be meant.
pub fn nearest<'c>(
    written: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let written = written.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&written, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
