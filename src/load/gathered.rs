//! What each newsletter gathers, once all publications are loaded.
//!
//! A publication *came out* for a newsletter when it is ready and its time
//! ([`Publication::public_from`]) is after that of the previous newsletter, or
//! from `since` on, and not after the newsletter's own. Only what publications
//! say of themselves counts, never the clock: the same folder gives the same
//! newsletter today and in a year. The surprise that follows: a text made
//! ready late, under an old date, comes out in no newsletter at all.

use jiff::ZonedDateTime;

use super::nearest;
use super::publications::LoadedPublication;
use crate::model::{
    Finding, Findings, Gather, Gathered, Manuscript, Order, Piece, Publication, Status, Workspace,
};
use crate::render::Theme;
use crate::render::theme::Words;

/// Fills in what the newsletters among `publications` gather.
pub(super) fn gather(publications: &mut [LoadedPublication], workspace: &Workspace, theme: &Theme) {
    let all: &[LoadedPublication] = publications;
    let mut filled = Vec::new();
    for (index, one) in all.iter().enumerate() {
        let Some(newsletter) = &one.publication else { continue };
        let Some(asked) = &newsletter.gather else { continue };
        let gathering = Gathering { workspace, theme, all, newsletter, asked };
        let (pieces, findings) = gathering.pieces();
        let by_language: Vec<Gathered> =
            newsletter.manuscripts.iter().map(|reader| gathering.told(&pieces, reader)).collect();
        filled.push((index, by_language, findings));
    }
    for (index, by_language, mut findings) in filled {
        let one = &mut publications[index];
        let Some(newsletter) = &mut one.publication else { continue };
        for (manuscript, gathered) in newsletter.manuscripts.iter_mut().zip(by_language) {
            manuscript.gathered = Some(gathered);
        }
        one.findings.append(&mut findings);
    }
}

/// Whether a newsletter wants a publication, whenever that comes out.
/// Newsletters do not gather each other.
pub fn asks_for(newsletter: &Publication, asked: &Gather, piece: &Publication) -> bool {
    let Gather { kinds, topics, working_groups, without, .. } = asked;
    let kind = match kinds.as_slice() {
        [] => piece.kind != newsletter.kind,
        kinds => kinds.contains(&piece.kind),
    };
    let says = |wanted: &[String], of: &dyn Fn(&Manuscript) -> Vec<String>| {
        wanted.is_empty() || piece.manuscripts.iter().flat_map(of).any(|has| wanted.contains(&has))
    };
    piece.gather.is_none()
        && piece.slug != newsletter.slug
        && !without.iter().any(|slug| slug == piece.slug.as_str())
        && kind
        && says(topics, &|text| text.topics.clone())
        && says(working_groups, &|text| text.working_group.iter().cloned().collect())
}

/// One newsletter at its work.
struct Gathering<'g> {
    workspace: &'g Workspace,
    theme: &'g Theme,
    all: &'g [LoadedPublication],
    newsletter: &'g Publication,
    asked: &'g Gather,
}

impl<'g> Gathering<'g> {
    /// What it shows, in order, and what its author should know of the rest.
    fn pieces(&self) -> (Vec<&'g Publication>, Findings) {
        let mut findings = self.unknown();
        let mut pieces: Vec<&Publication> =
            self.candidates().filter(|piece| self.came_out(piece)).collect();
        pieces.sort_by(|a, b| (self.from(b), &a.slug).cmp(&(self.from(a), &b.slug)));
        findings.extend(self.too_late());
        findings.extend(self.unread());
        // One that is being written may be early.
        if pieces.is_empty() && self.newsletter.status == Status::Ready {
            findings.push(self.nothing());
        }
        if let Some(count) = self.asked.count.filter(|count| *count < pieces.len()) {
            findings.push(self.too_many(&pieces.split_off(count)));
        }
        if self.asked.order == Order::Kind {
            pieces.sort_by_key(|piece| self.rank(piece));
        }
        (pieces, findings)
    }

    fn known(&self) -> impl Iterator<Item = &'g Publication> + use<'g> {
        self.all.iter().filter_map(|one| one.publication.as_ref())
    }

    /// What it asks for, whenever it comes out.
    fn candidates(&self) -> impl Iterator<Item = &'g Publication> {
        self.known().filter(|piece| {
            piece.ready().next().is_some() && asks_for(self.newsletter, self.asked, piece)
        })
    }

    fn from(&self, piece: &Publication) -> Option<ZonedDateTime> {
        piece.public_from(&self.workspace.time_zone)
    }

    fn came_out(&self, piece: &Publication) -> bool {
        let from = self.from(piece);
        let begun = match (self.asked.since, self.previous()) {
            (Some(day), _) => from >= day.to_zoned_datetime(self.workspace.time_zone.clone()).ok(),
            (None, Some(previous)) => from > self.from(previous),
            (None, None) => true,
        };
        begun && from <= self.from(self.newsletter)
    }

    /// The last of its kind before it that shared a segment with it, or, like
    /// it, went to nobody. It need not have gathered anything.
    fn previous(&self) -> Option<&'g Publication> {
        let to = &self.newsletter.to;
        let earlier = self.known().filter(|other| {
            other.kind == self.newsletter.kind
                && other.ready().next().is_some()
                && self.from(other) < self.from(self.newsletter)
                && (other.to.iter().any(|id| to.contains(id))
                    || (to.is_empty() && other.to.is_empty()))
        });
        earlier.max_by_key(|other| self.from(other))
    }

    /// Where its kind stands among those asked for, or in the house.
    fn rank(&self, piece: &Publication) -> usize {
        let asked = self.asked.kinds.iter().position(|kind| *kind == piece.kind);
        let house = || self.workspace.kinds.iter().position(|kind| kind.id == piece.kind);
        asked.or_else(house).unwrap_or(usize::MAX)
    }

    /// The pieces for readers of one manuscript.
    fn told(&self, pieces: &[&Publication], reader: &Manuscript) -> Gathered {
        let words = self.theme.words(&reader.language);
        let pieces = pieces.iter().filter_map(|piece| self.piece(piece, reader, words));
        Gathered { heading: words.get("gathered").to_owned(), pieces: pieces.collect() }
    }

    /// In the reader's language, or else in the one that leads.
    fn piece(&self, piece: &Publication, reader: &Manuscript, words: &Words) -> Option<Piece> {
        let own = piece.ready().find(|text| text.language == reader.language);
        let text = own.or_else(|| piece.ready().next())?;
        let called = self.workspace.designation(piece, &reader.language);
        let mut byline: Vec<String> =
            Some(called).filter(|it| !it.is_empty()).into_iter().collect();
        if text.language != reader.language {
            byline.push(words.in_language(&text.language, self.theme));
        }
        byline.push(words.date(piece.date));
        byline.extend((!text.authors.is_empty()).then(|| words.list(&text.authors)));
        Some(Piece {
            slug: piece.slug.clone(),
            language: text.language.clone(),
            title: text.title.clone(),
            summary: text.summary.clone(),
            url: self.workspace.url(&piece.page_path(&text.language)),
            byline: byline.join(" · "),
        })
    }
}

/// What an author should know of what is not gathered.
impl Gathering<'_> {
    fn warning(&self, rule: &'static str, message: impl Into<String>) -> Finding {
        let finding = Finding::warning(rule, self.asked.place.clone(), message);
        finding.source(&self.newsletter.leading().text)
    }

    /// Topics that no text has, and slugs that no folder has.
    fn unknown(&self) -> Findings {
        let used: Vec<&str> = self
            .known()
            .flat_map(|piece| &piece.manuscripts)
            .flat_map(|text| text.topics.iter().map(String::as_str))
            .collect();
        let topics = self.asked.topics.iter().filter(|topic| !used.contains(&topic.as_str()));
        let topics = topics.map(|topic| {
            let message = format!("no text has the topic `{topic}`");
            self.warning("gather", message).help(self.meant(topic, &used))
        });
        let slugs: Vec<&str> = self.known().map(|piece| piece.slug.as_str()).collect();
        let without = self.asked.without.iter().filter(|slug| !slugs.contains(&slug.as_str()));
        let without = without.map(|slug| {
            let message = format!("there is no publication `{slug}` to leave out");
            self.warning("gather", message).help(self.meant(slug, &slugs))
        });
        topics.chain(without).collect()
    }

    fn meant(&self, written: &str, known: &[&str]) -> String {
        match nearest(written, known.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "take it away, or mend it".to_owned(),
        }
    }

    fn nothing(&self) -> Finding {
        let help = "see kinds, topics and working_groups, or say since when: since: 2026-09-01";
        let since = match (self.asked.since, self.previous()) {
            (Some(day), _) => format!("since {day}"),
            (None, Some(previous)) => format!("since `{}`", previous.slug),
            (None, None) => "before it".to_owned(),
        };
        self.warning("gather-nothing", format!("nothing that it gathers came out {since}"))
            .help(help)
    }

    fn too_many(&self, left: &[&Publication]) -> Finding {
        let message = format!("`count` leaves out {}", titles(left));
        self.warning("gather-left-out", message)
            .help("raise the count, or leave them out on purpose: without: [slug]")
    }

    /// What comes out on its own day, but after it.
    fn too_late(&self) -> Option<Finding> {
        let day = |piece| self.from(piece).map(|from| from.date());
        let late: Vec<&Publication> = self
            .candidates()
            .filter(|piece| {
                self.from(piece) > self.from(self.newsletter) && day(piece) == day(self.newsletter)
            })
            .collect();
        let message =
            format!("later on the same day comes out, so it is not in it: {}", titles(&late));
        let help =
            "give the newsletter a later time, at: 2026-10-05 12:00; else the next one has it";
        (!late.is_empty()).then(|| self.warning("gather-left-out", message).help(help))
    }

    /// What might belong into it, if it could be read.
    fn unread(&self) -> Option<Finding> {
        let broken = self
            .all
            .iter()
            .filter(|one| one.publication.is_none() && one.status != Some(Status::Draft));
        let names: Vec<String> =
            broken.map(|one| one.folder.to_string_lossy().into_owned()).collect();
        let message = format!("it is not known whether it gathers {}", names.join(", "));
        let finding =
            || self.warning("gather-left-out", message).help("mend what `hlas check` says of it");
        (!names.is_empty()).then(finding)
    }
}

fn titles(publications: &[&Publication]) -> String {
    let titles = publications.iter().map(|it| format!("“{}” ({})", it.leading().title, it.slug));
    titles.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
