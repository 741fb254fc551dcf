//! A newsletter leads to other texts, so it can be no sounder than they are.
//!
//! This and a draft that missed its newsletter are the only things found in a
//! publication that are not of its own making, so they are never remembered
//! with what is.

use std::collections::BTreeSet;

use jiff::ZonedDateTime;

use super::inspect;
use crate::check;
use crate::load::Loaded;
use crate::load::gathered::asks_for;
use crate::load::publications::LoadedPublication;
use crate::model::{Finding, Findings, Place, Publication, Severity, Slug, Status};

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

/// A draft that a newsletter would have gathered, had it been ready: the
/// newsletter is out, and no other looks back so far. Once the draft is ready
/// nobody could tell it from one that was in time.
pub(super) fn missed(loaded: &Loaded, draft: &Publication, now: &ZonedDateTime) -> Findings {
    if draft.status != Status::Draft {
        return Findings::new();
    }
    let zone = now.time_zone();
    let known = loaded.publications.iter().filter_map(|it| it.publication.as_ref());
    let out = known.filter(|it| {
        let asked = it.gather.as_ref();
        it.is_public(now)
            && it.public_from(zone) >= draft.public_from(zone)
            && asked.is_some_and(|asked| asks_for(it, asked, draft))
    });
    let Some(first) = out.min_by_key(|it| it.public_from(zone)) else { return Findings::new() };
    let text = draft.leading();
    let field = if draft.at.is_some() { "at" } else { "date" };
    let message =
        format!("the newsletter `{}` is out: under this date no newsletter has it", first.slug);
    let help = "give it the day on which it comes out, or write since: in the next newsletter";
    let place = check::field_place(text, field).unwrap_or_else(|| Place::start(&text.file));
    vec![Finding::warning("gather-left-out", place, message).help(help).source(&text.text)]
}

/// What [`held`] says where nothing has been built: each piece is looked at. A piece
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
