//! The index and the feeds, which are made of many publications.

use std::collections::BTreeMap;

use comrak::Arena;

use super::workshop::{Made, Workshop};
use super::{Built, BuiltPublication};
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
            self.feed_of(language, &editions.collect::<Vec<_>>()).map(alone)
        })
    }

    fn feed_of(&self, language: &Language, editions: &[Edition<'_>]) -> Result<Rendition, Finding> {
        let loaded = self.workshop.loaded;
        let arenas: Vec<Arena<'_>> = editions.iter().map(|_| Arena::new()).collect();
        let documents: Vec<Document<'_>> = editions
            .iter()
            .zip(&arenas)
            .map(|(edition, arena)| Document::new(arena, edition, &loaded.workspace, &loaded.theme))
            .collect();
        let entries: Vec<feed::Entry<'_>> = documents
            .iter()
            .map(|document| feed::Entry { document, pdf_length: self.pdf_length(document) })
            .collect();
        feed::feed(language, &entries, &loaded.workspace, &loaded.theme)
    }

    /// The length of a PDF follows from what its manuscript was made from.
    fn pdf_length(&self, document: &Document<'_>) -> Option<u64> {
        let Edition { publication, manuscript, .. } = document.edition;
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
