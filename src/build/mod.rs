//! Publications → everything that `publish` writes and `plan` freezes.
//!
//! Each publication is built by itself: one that cannot be keeps its page and
//! PDF as they were, but leaves index and feeds till it is mended, and the
//! others go on. Only what is ready and due is public; a
//! draft, or a text whose time has not come, is built into `preview/`, in the
//! same shape, so that its author can look at it.
//!
//! Work is done in pieces ([`Piece`]): what the rules say of a publication, its
//! pictures, each manuscript in all formats, the index, each feed. A piece
//! whose sources ([`made_from`]) are those of the last build is recalled with
//! its findings and not done again, so a build with nothing changed renders
//! nothing and is as outspoken as the first.

mod gathered;
mod made_from;
mod mail;
mod pictures;
mod proof;
mod site;
mod workshop;

use std::collections::BTreeSet;

use comrak::Arena;
use jiff::ZonedDateTime;

use crate::check;
use crate::load::Loaded;
use crate::load::publications::LoadedPublication;
use crate::model::{Edition, Finding, Findings, Publication, Readership, Rendition, Slug, Status};
use crate::publish::{Output, Piece};
use crate::render::{Document, FORMATS, Format, email, pdf};

use made_from::MadeFrom;
pub use mail::{editions, mail};
pub use proof::pdf;
use workshop::Workshop;

/// All that was built, and what could not be.
#[derive(Debug, Default)]
pub struct Built {
    pub pieces: Vec<Piece>,
    /// Folders below the output folder that keep what they have.
    pub keep: BTreeSet<String>,
    pub publications: Vec<BuiltPublication>,
}

/// One publication, looked at and, unless something is wrong, rendered.
#[derive(Debug)]
pub struct BuiltPublication {
    /// The folder's name, which is the slug if it can be one.
    pub name: String,
    /// `None` when it could not be read far enough to know.
    pub status: Option<Status>,
    pub public: bool,
    pub findings: Findings,
}

impl BuiltPublication {
    pub fn is_sound(&self) -> bool {
        !self.findings.iter().any(Finding::is_error)
    }
}

impl Built {
    pub fn publication(&self, slug: &Slug) -> Option<&BuiltPublication> {
        self.publications.iter().find(|built| built.name == slug.as_str())
    }

    /// What was rendered just now, and not recalled.
    pub fn renditions(&self) -> impl Iterator<Item = &Rendition> {
        self.pieces.iter().flat_map(Piece::items).map(|item| &item.rendition)
    }

    /// The names of the pieces that were made just now.
    pub fn made(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter(|piece| piece.is_made()).map(|piece| piece.name.as_str())
    }
}

/// Everything wrong with a publication: as loaded, by the rules, by the clock,
/// and what its PDF could not show.
pub fn inspect(loaded: &Loaded, publication: &LoadedPublication, now: &ZonedDateTime) -> Findings {
    let mut findings = as_loaded(publication, now);
    findings.extend(by_the_rules(loaded, publication));
    findings.extend(
        publication.publication.iter().flat_map(|known| gathered::inspected(loaded, known, now)),
    );
    findings.extend(missed(loaded, publication, now));
    settled(&findings, loaded, publication)
}

/// What was found while reading, and what the clock adds, which nothing may
/// remember.
fn as_loaded(publication: &LoadedPublication, now: &ZonedDateTime) -> Findings {
    let known = publication.publication.as_ref();
    let overdue = known.map(|known| check::overdue(known, now)).unwrap_or_default();
    publication.findings.iter().cloned().chain(overdue).collect()
}

/// What a draft has missed, which the clock and other publications tell.
fn missed(loaded: &Loaded, publication: &LoadedPublication, now: &ZonedDateTime) -> Findings {
    let known = publication.publication.iter();
    known.flat_map(|known| gathered::missed(loaded, known, now)).collect()
}

/// Findings as the house and its authors weigh them. To be asked of all that
/// there are at once: an allowance that none of them needs is one more.
fn settled(findings: &[Finding], loaded: &Loaded, publication: &LoadedPublication) -> Findings {
    check::settle(findings, &loaded.workspace, publication.publication.as_ref())
}

/// What a publication's own sources, the workspace and the theme tell, and
/// nothing else: no clock, no other publication. It is remembered by those.
fn by_the_rules(loaded: &Loaded, publication: &LoadedPublication) -> Findings {
    let Some(known) = &publication.publication else { return sketched(loaded, publication) };
    let mut findings = check::check(&loaded.workspace, &loaded.theme, known);
    findings.extend(check::pictures::check(loaded, known));
    let so_far: Findings = publication.findings.iter().chain(&findings).cloned().collect();
    let is_broken = settled(&so_far, loaded, publication).iter().any(Finding::is_error);
    for manuscript in &known.manuscripts {
        let edition = Edition { publication: known, manuscript, readership: Readership::Public };
        let arena = Arena::new();
        let document = Document::new(&arena, &edition, &loaded.workspace, &loaded.theme);
        // What is broken is not rendered; its characters can be looked at.
        let looked_at = if is_broken { pdf::characters } else { pdf::check };
        findings.extend(looked_at(&document, &loaded.theme));
    }
    if !is_broken {
        findings.extend(mail_sizes(loaded, known));
    }
    findings
}

/// What is wrong with the text of a publication that could not be understood.
fn sketched(loaded: &Loaded, publication: &LoadedPublication) -> Findings {
    let sketch = publication.sketch.iter();
    sketch.flat_map(|it| check::sketched(it, &loaded.workspace, &loaded.theme)).collect()
}

/// Where the mail of a segment ends early; once a place, for segments mostly
/// read the same.
fn mail_sizes(loaded: &Loaded, publication: &Publication) -> Findings {
    let mut findings = Findings::new();
    for manuscript in &publication.manuscripts {
        for readership in publication.to.iter().filter_map(|id| loaded.readership(id)) {
            let edition = Edition { publication, manuscript, readership };
            let arena = Arena::new();
            let document = Document::new(&arena, &edition, &loaded.workspace, &loaded.theme);
            let found = email::check(&document, &loaded.theme);
            let same = |one: &Finding, known: &Finding| {
                (&known.place, known.rule) == (&one.place, one.rule)
            };
            let is_new = |one: &Finding| !findings.iter().any(|known| same(one, known));
            findings.extend(found.into_iter().filter(is_new).collect::<Vec<_>>());
        }
    }
    findings
}

/// Builds everything there is. `output` is asked for work that was done before.
pub fn build(loaded: &Loaded, now: &ZonedDateTime, output: &Output) -> Built {
    build_in(FORMATS, loaded, now, output)
}

/// Builds everything, and the pages of every PDF as pictures.
pub fn build_with_proofs(loaded: &Loaded, now: &ZonedDateTime, output: &Output) -> Built {
    let made_from = MadeFrom::new(loaded, FORMATS);
    let formats = FORMATS;
    built_by(&Workshop { loaded, now, output, formats, made_from: &made_from, proofs: true })
}

/// Builds everything in some formats only.
pub fn build_in(
    formats: &[&dyn Format],
    loaded: &Loaded,
    now: &ZonedDateTime,
    output: &Output,
) -> Built {
    let made_from = MadeFrom::new(loaded, formats);
    built_by(&Workshop { loaded, now, output, formats, made_from: &made_from, proofs: false })
}

fn built_by(workshop: &Workshop<'_>) -> Built {
    let (mut built, mut public) = (Built::default(), Vec::new());
    let loaded = workshop.loaded;
    for (publication, (one, pieces)) in loaded.publications.iter().zip(workshop.all()) {
        if !one.is_sound() {
            // A draft has no place in public, however broken it is.
            let public: &[&str] =
                if one.status == Some(Status::Draft) { &[] } else { &["site", "mail"] };
            let folders = public.iter().chain(&["preview/site", "preview/mail"]);
            built.keep.extend(folders.map(|folder| format!("{folder}/{}", one.name)));
        } else if one.public {
            public.extend(publication.publication.as_ref().map(leaving));
        }
        built.pieces.extend(pieces);
        built.publications.push(one);
    }
    site::add(&mut built, workshop, &public);
    built
}

/// The publication as it may leave the house; a draft, as it would.
fn leaving(publication: &Publication) -> Publication {
    let mut leaving = publication.clone();
    if publication.status == Status::Ready {
        leaving.manuscripts = publication.ready().cloned().collect();
    }
    leaving
}

/// Where a path below the output folder lies: what is not public is a preview.
fn place(public: bool, path: &str) -> String {
    if public { path.to_owned() } else { format!("preview/{path}") }
}

/// Whether something that may leave the house cannot. A draft's mistakes are
/// its author's business till it is ready.
pub fn is_held_up(built: &[BuiltPublication]) -> bool {
    built.iter().any(|one| one.status != Some(Status::Draft) && !one.is_sound())
}

#[cfg(test)]
mod tests;
