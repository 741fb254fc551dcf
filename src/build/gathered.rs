//! A newsletter leads to other texts, so it can be no sounder than they are.
//!
//! This is the one thing found in a publication that is not of its own making,
//! so it is never remembered with what is.

use std::collections::BTreeSet;

use jiff::ZonedDateTime;

use super::inspect;
use crate::load::Loaded;
use crate::load::publications::LoadedPublication;
use crate::model::{Finding, Findings, Publication, Severity, Slug, Status};

/// The pieces of a newsletter that cannot come out themselves: its readers
/// would be led to pages that are not there.
pub(super) fn held(newsletter: &Publication, is_broken: impl Fn(&Slug) -> bool) -> Findings {
    let Some(asked) = &newsletter.gather else { return Findings::new() };
    let severity = match newsletter.status {
        Status::Ready => Severity::Error,
        // Its author may look at it in the meantime.
        Status::Draft => Severity::Warning,
    };
    // Which they are is the same in every language.
    let pieces = newsletter.leading().gathered.iter().flat_map(|gathered| &gathered.pieces);
    let broken = pieces.filter(|piece| is_broken(&piece.slug)).map(|piece| {
        let title = &piece.title;
        let message = format!("it leads to “{title}”, which has a mistake and stays in the house");
        let help = format!("see `hlas check {0}`, or leave it out: without: [{0}]", piece.slug);
        let finding = Finding::new(severity, "gather", asked.place.clone(), message);
        finding.help(help).source(&newsletter.leading().text)
    });
    broken.collect()
}

/// The same where nothing has been built: each piece is looked at. A piece
/// never gathers, so this asks no further.
pub(super) fn inspected(
    loaded: &Loaded,
    newsletter: &Publication,
    now: &ZonedDateTime,
) -> Findings {
    held(newsletter, |slug| {
        let known = |it: &&LoadedPublication| {
            it.publication.as_ref().is_some_and(|known| known.slug == *slug)
        };
        let one = loaded.publications.iter().find(known);
        one.is_some_and(|one| inspect(loaded, one, now).iter().any(Finding::is_error))
    })
}

/// The publications by whether they gather: those that do not come first.
pub(super) fn by_turns(publications: &[LoadedPublication]) -> [Vec<&LoadedPublication>; 2] {
    let gathers =
        |one: &&LoadedPublication| one.publication.as_ref().is_some_and(|it| it.gather.is_some());
    let (last, first) = publications.iter().partition(gathers);
    [first, last]
}

/// The names of what turned out broken.
pub(super) type Broken = BTreeSet<String>;
