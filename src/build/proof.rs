//! Pages of a PDF as pictures, and one PDF by itself: for the eyes of whoever
//! is at work on a text or on the look. They lie in `out/proof/`, which nobody
//! serves.
//!
//! The surprise: a build that was not asked for proofs keeps those that still
//! show what there is, and sweeps away the others.

use comrak::Arena;

use super::made_from;
use super::workshop::{Made, Workshop};
use crate::load::Loaded;
use crate::model::{Edition, Finding, Language, Manuscript, Publication, Readership, Rendition};
use crate::publish::Piece;
use crate::render::{Document, Format, pdf};

/// On a screen about as large as on paper, and sharp enough to read a note.
const PIXELS_PER_INCH: u16 = 144;

impl Workshop<'_> {
    /// The pages of a manuscript, where they are asked for, or as they were
    /// made before. `text` is its fingerprint.
    pub(super) fn proof(
        &self,
        publication: &Publication,
        manuscript: &Manuscript,
        text: &str,
    ) -> Option<Piece> {
        let name = format!("{} {} proof", publication.slug, manuscript.language);
        if !self.proofs {
            return self.output.recall(&name, text);
        }
        Some(self.piece(name, text.to_owned(), || {
            let publication = &made_from::alone(publication, manuscript);
            let pages = with_document(self.loaded, publication, manuscript, |document| {
                pdf::pages(document, &self.loaded.theme, PIXELS_PER_INCH)
            })?;
            let folder = format!("proof/{}.{}", publication.slug, manuscript.language);
            let items = pages.into_iter().enumerate().map(|(index, bytes)| {
                Rendition { path: format!("{folder}/page-{}.png", index + 1), bytes }.into()
            });
            Ok(Made { items: items.collect(), ..Made::default() })
        }))
    }
}

/// The PDF of one manuscript as it is now, ready or not: `None` when there is
/// none in this language.
///
/// # Errors
/// What keeps it from being set.
pub fn pdf(
    loaded: &Loaded,
    publication: &Publication,
    language: &Language,
) -> Option<Result<Rendition, Finding>> {
    let manuscript = publication.manuscript(language)?;
    let made = with_document(loaded, publication, manuscript, |document| {
        pdf::Pdf.render(document, &loaded.theme)
    });
    let path = format!("proof/{}.{language}.pdf", publication.slug);
    Some(made.map(|made| Rendition { path, bytes: made.bytes }))
}

fn with_document<T>(
    loaded: &Loaded,
    publication: &Publication,
    manuscript: &Manuscript,
    make: impl FnOnce(&Document<'_>) -> T,
) -> T {
    let edition = Edition { publication, manuscript, readership: Readership::Public };
    let arena = Arena::new();
    make(&Document::new(&arena, &edition, &loaded.workspace, &loaded.theme))
}
