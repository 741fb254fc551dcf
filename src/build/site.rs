//! The index and the feeds, which are made of many publications.

use std::collections::BTreeMap;

use comrak::Arena;

use super::workshop::{Made, Workshop};
use super::{Built, BuiltPublication};
use crate::cores;
use crate::load::Loaded;
use crate::model::{Edition, Finding, Language, Publication, Readership, Rendition};
use crate::publish::Piece;
use crate::render::{Document, feed, index};

/// Adds index and feeds of what is public.
pub(super) fn add(built: &mut Built, workshop: &Workshop<'_>, public: &[Publication]) {
    let loaded = workshop.loaded;
    let site = Site {
        workshop,
        public,
        pieces: built.pieces.iter().map(|piece| (piece.name.as_str(), piece)).collect(),
    };
    let mut pieces = vec![site.index()];
    pieces.extend(loaded.workspace.languages.iter().map(|language| site.feed(language)));
    for piece in pieces {
        if !piece.findings.is_empty() {
            built.publications.push(BuiltPublication {
                name: "site".to_owned(),
                status: None,
                public: true,
                findings: piece.findings.clone(),
            });
        }
        built.pieces.push(piece);
    }
}

struct Site<'s> {
    workshop: &'s Workshop<'s>,
    public: &'s [Publication],
    /// Those of publications, by name.
    pieces: BTreeMap<&'s str, &'s Piece>,
}

impl Site<'_> {
    fn index(&self) -> Piece {
        let all = self.public.iter();
        let all = all.flat_map(|it| it.manuscripts.iter().map(move |text| (it, &text.language)));
        let made_from = self.made_from(all);
        let loaded = self.workshop.loaded;
        self.workshop.piece("index".to_owned(), made_from, || {
            let references: Vec<&Publication> = self.public.iter().collect();
            index::index(&references, &loaded.workspace, &loaded.theme).map(alone)
        })
    }

    fn feed(&self, language: &Language) -> Piece {
        let all = || self.public.iter().filter(|it| it.manuscript(language).is_some());
        let made_from = self.made_from(all().map(|it| (it, language)));
        self.workshop.piece(format!("feed {language}"), made_from, || {
            let editions = all().filter_map(|publication| {
                let manuscript = publication.manuscript(language)?;
                Some(Edition { publication, manuscript, readership: Readership::Public })
            });
            let editions: Vec<_> = editions.collect();
            let entries = cores::map(&editions, |edition| self.entry(edition));
            let entries = entries.into_iter().collect::<Result<_, _>>()?;
            let Loaded { workspace, theme, .. } = self.workshop.loaded;
            Ok(alone(feed::feed(language, entries, workspace, theme)))
        })
    }

    fn entry(&self, edition: &Edition<'_>) -> Result<feed::Entry, Finding> {
        let Loaded { workspace, theme, .. } = self.workshop.loaded;
        let arena = Arena::new();
        let document = Document::new(&arena, edition, workspace, theme);
        feed::Entry::new(&document, self.pdf_length(edition), theme)
    }

    /// The length of a PDF follows from what its manuscript was made from.
    fn pdf_length(&self, edition: &Edition<'_>) -> Option<u64> {
        let Edition { publication, manuscript, .. } = edition;
        let piece = self.piece(publication, &manuscript.language)?;
        piece.length_of(&format!("site/{}", publication.pdf_path(&manuscript.language)))
    }

    fn made_from<'p>(
        &self,
        editions: impl Iterator<Item = (&'p Publication, &'p Language)>,
    ) -> String {
        let pieces = editions.filter_map(|(publication, language)| {
            let piece = self.piece(publication, language)?;
            Some((piece.name.as_str(), piece.made_from.as_str()))
        });
        self.workshop.made_from.of_many(&pieces.collect::<Vec<_>>())
    }

    fn piece(&self, publication: &Publication, language: &Language) -> Option<&Piece> {
        self.pieces.get(format!("{} {language}", publication.slug).as_str()).copied()
    }
}

fn alone(rendition: Rendition) -> Made {
    Made { items: vec![rendition.into()], ..Made::default() }
}
