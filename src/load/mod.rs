//! Disk → model. Two steps each: raw, as typed, then resolved, as used.
//!
//! Loading collects *all* findings and gives what it could read: one broken
//! publication never stops the others.

mod bibliography;
mod charts;
mod encoding;
pub(crate) mod front_matter;
mod gather;
pub mod gathered;
mod lines;
pub mod publications;
pub mod segments;
pub mod settings;
pub mod sketch;
pub mod subscribers;
pub mod templates;
mod typefaces;

use std::path::Path;

use crate::audience::{CsvFolder, Segment, Source, merge};
use crate::model::{Finding, Findings, Place, Readership, Subscriber, Workspace};
use crate::render::Theme;
#[cfg(test)]
pub(crate) use bibliography::parse as parse_bibliography;
pub use encoding::decode;
use publications::LoadedPublication;
use segments::LoadedSegments;

/// The candidate most like `written`, if any is like enough to be meant.
/// Accents are left out of it: whoever forgets one means the same word.
pub fn nearest<'c>(
    written: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let written = plain(written);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&written, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn plain(word: &str) -> String {
    match slug::slugify(word) {
        signs if signs.is_empty() => word.to_lowercase(),
        plain => plain,
    }
}

/// A workspace as it lies on the disk, with all that is wrong in it.
pub struct Loaded {
    pub workspace: Workspace,
    pub theme: Theme,
    pub publications: Vec<LoadedPublication>,
    pub segments: Vec<Segment>,
    /// People, merged over all lists.
    pub subscribers: Vec<Subscriber>,
    /// Findings in lists and segments; those in publications are with them.
    pub findings: Findings,
    /// False when a list could not be read whole: nobody new is mailed then,
    /// since a mailing is frozen once and would pass over who is missing.
    pub lists_whole: bool,
}

impl Loaded {
    /// The people of a segment as readers; `None` when its condition is broken.
    pub fn readership(&self, segment: &str) -> Option<Readership> {
        let known = self.segments.iter().find(|known| known.id == segment)?;
        let (id, title) = (known.id.clone(), known.title.clone());
        Some(Readership::Segment { id, title, pictures: known.pictures })
    }
}

/// Loads everything in a workspace.
///
/// # Errors
/// Only what leaves nothing to work with: a broken theme, an unreadable folder.
pub fn load(workspace: Workspace) -> Result<Loaded, Findings> {
    let root = workspace.root.clone();
    let own = templates::templates(&root).map_err(|finding| vec![finding])?;
    let theme = Theme::in_color(own, &workspace.languages, workspace.accent)?;
    let settings = std::fs::read_to_string(root.join("hlas.toml")).unwrap_or_default();
    let unknown = typefaces::findings(&workspace.pdf, &theme, &settings);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let read = CsvFolder::new(&root, "subscribers").read(&workspace);
    let segments = read_segments(&root, &read.extra_columns);
    let workspace = Workspace { segments: segments.ids.clone(), ..workspace };
    let mut publications =
        publications::publications(&workspace, &segments.ids).map_err(|finding| vec![finding])?;
    charts::draw(&mut publications, &workspace, &theme);
    gathered::gather(&mut publications, &workspace, &theme);
    let subscribers = merge(read.rows);
    let mut findings = read.findings;
    findings.extend(segments.findings);
    for (segment, place) in segments.segments.iter().zip(segments.places) {
        if !subscribers.iter().any(|person| !segment.listings(person).is_empty()) {
            let message = format!("nobody is in the segment `{}`", segment.id);
            let finding = Finding::warning("segment", place, message);
            findings.push(
                finding
                    .help("see the names in its condition: a list is a file's name without .csv"),
            );
        }
    }
    Ok(Loaded {
        workspace,
        theme,
        publications,
        segments: segments.segments,
        subscribers,
        findings,
        lists_whole: read.whole,
    })
}

fn read_segments(root: &Path, extra_columns: &[String]) -> LoadedSegments {
    let shown = Path::new("subscribers/segments.toml");
    let bytes = match std::fs::read(root.join(shown)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return LoadedSegments::default();
        }
        Err(error) => {
            let finding =
                Finding::error("unreadable", Place::start(shown), format!("cannot read: {error}"));
            let findings = vec![finding.help("see that you may read it")];
            return LoadedSegments { findings, ..LoadedSegments::default() };
        }
    };
    match decode(shown, &bytes) {
        Ok(text) => segments::segments(shown, &text, extra_columns),
        Err(finding) => LoadedSegments { findings: vec![finding], ..LoadedSegments::default() },
    }
}
