//! One publication → its pieces, recalled where they can be and made where not.

use std::path::Path;

use comrak::Arena;
use jiff::ZonedDateTime;

use super::gathered::{self, Broken};
use super::made_from::{self, MadeFrom};
use super::{
    BuiltPublication, as_loaded, by_the_rules, leaving, pictures, place, settled, sketched,
};
use crate::check::{parity, privacy};
use crate::cores;
use crate::load::Loaded;
use crate::load::publications::LoadedPublication;
use crate::model::{
    Edition, Finding, Findings, Manuscript, Place, Publication, Readership, Rendition, hole,
};
use crate::publish::{Files, Item, Output, Piece};
use crate::render::{Document, Format, Outline, Serves, feed, markdown};

/// What publications are built with.
pub(super) struct Workshop<'w> {
    pub loaded: &'w Loaded,
    pub now: &'w ZonedDateTime,
    pub output: &'w Output,
    pub formats: &'w [&'w dyn Format],
    pub made_from: &'w MadeFrom,
    /// Whether pages are wanted as pictures, too.
    pub proofs: bool,
}

/// What came of a piece of work that was done.
#[derive(Default)]
pub(super) struct Made {
    pub items: Vec<Item>,
    pub findings: Findings,
}

impl Workshop<'_> {
    /// Every publication, in order. Those that lead to others come last, when
    /// it is known which of these are sound.
    pub fn all(&self) -> Vec<(BuiltPublication, Vec<Piece>)> {
        let [first, last] = gathered::by_turns(&self.loaded.publications);
        let mut made = self.some(&first, &Broken::new());
        let built = made.iter().map(|(_, (built, _))| built);
        let broken = built.filter(|it| !it.is_sound()).map(|it| it.name.clone()).collect();
        made.extend(self.some(&last, &broken));
        // Publications were loaded in order of folder.
        made.sort_by_key(|(folder, _)| *folder);
        made.into_iter().map(|(_, one)| one).collect()
    }

    /// Some publications, by folder.
    fn some<'p>(
        &self,
        publications: &[&'p LoadedPublication],
        broken: &Broken,
    ) -> Vec<(&'p Path, (BuiltPublication, Vec<Piece>))> {
        cores::map(publications, |one| (one.folder.as_path(), self.publication(one, broken)))
    }

    /// Recalls a piece of work, or does it. What it is made from tells what
    /// comes of it, mistakes included.
    pub fn piece(
        &self,
        name: String,
        made_from: String,
        work: impl FnOnce() -> Result<Made, Finding>,
    ) -> Piece {
        if let Some(piece) = self.output.recall(&name, &made_from) {
            return piece;
        }
        let made =
            work().unwrap_or_else(|finding| Made { findings: vec![finding], ..Made::default() });
        Piece { name, made_from, findings: made.findings, files: Files::Made(made.items) }
    }

    fn publication(
        &self,
        read: &LoadedPublication,
        broken: &Broken,
    ) -> (BuiltPublication, Vec<Piece>) {
        let mut built = BuiltPublication {
            name: read.folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            status: read.status,
            public: false,
            findings: settled(&as_loaded(read, self.now), self.loaded, read),
        };
        let Some(publication) = &read.publication else {
            built.findings.extend(sketched(self.loaded, read));
            return (built, Vec::new());
        };
        let all = self.made_from.shared(publication);
        let inspected = self.inspected(read, publication, &all);
        let mut findings = as_loaded(read, self.now);
        findings.extend(with_text(&inspected, publication));
        findings.extend(gathered::missed(self.loaded, publication, self.now));
        findings.extend(gathered::held(publication, |slug| broken.contains(slug.as_str())));
        built.findings = settled(&findings, self.loaded, read);
        if !built.is_sound() {
            return (built, vec![inspected]);
        }
        built.public = publication.is_public(self.now);
        let leaving = leaving(publication);
        let whole = leaving.manuscripts.len() == publication.manuscripts.len();
        let shared = if whole { all } else { self.made_from.shared(&leaving) };
        let mut pieces = vec![self.pictures(&leaving, &shared, built.public)];
        let manuscripts = leaving.manuscripts.iter();
        pieces.extend(manuscripts.map(|it| self.editions(&leaving, it, &shared, built.public)));
        pieces.extend(leaving.manuscripts.iter().filter_map(|manuscript| {
            let text = self.made_from.manuscript(&shared, manuscript);
            self.proof(&leaving, manuscript, &text)
        }));
        findings.extend(pieces.iter().flat_map(|piece| with_text(piece, publication)));
        built.findings = settled(&findings, self.loaded, read);
        if !built.is_sound() {
            pieces.clear();
        }
        pieces.push(inspected);
        (built, pieces)
    }

    /// What the rules say, which has no files.
    fn inspected(
        &self,
        read: &LoadedPublication,
        publication: &Publication,
        shared: &str,
    ) -> Piece {
        let made_from = self.made_from.inspected(shared, publication, &read.findings);
        self.piece(format!("{} findings", publication.slug), made_from, || {
            let findings = by_the_rules(self.loaded, read);
            Ok(Made { findings, ..Made::default() })
        })
    }

    /// The pictures that the public sees, and a PNG of every SVG for mail and
    /// feed. Others beside the text may be notes, or for some readers only, or
    /// belong to a translation that is still a draft.
    fn pictures(&self, publication: &Publication, shared: &str, public: bool) -> Piece {
        let made_from = self.made_from.pictures(shared, publication, public);
        self.piece(format!("{} pictures", publication.slug), made_from, || {
            let mut made = Made::default();
            let shown = markdown::public_pictures(publication);
            let folder = place(public, &format!("site/{}", publication.slug));
            for picture in publication.all_pictures().filter(|it| shown.contains(&it.name)) {
                let path = format!("{folder}/{}", picture.name);
                made.items.push(Rendition { path, bytes: picture.bytes.to_vec() }.into());
                // Mail and feed show charts in their small form alone.
                let is_wide = publication.is_wide_chart(&picture.name);
                if picture.is_svg() && !is_wide {
                    made.items.push(self.raster(publication, picture, &folder)?);
                }
            }
            Ok(made)
        })
    }

    /// One manuscript in every format: for the public, and for each segment.
    fn editions(
        &self,
        publication: &Publication,
        manuscript: &Manuscript,
        shared: &str,
        public: bool,
    ) -> Piece {
        let name = format!("{} {}", publication.slug, manuscript.language);
        let readers = self.readers(publication);
        let text = self.made_from.manuscript(shared, manuscript);
        let made_from = self.made_from.editions(&text, &readers, public);
        self.piece(name, made_from, || {
            let publication = &made_from::alone(publication, manuscript);
            let mut made = Made::default();
            for readership in readers {
                let edition = Edition { publication, manuscript, readership };
                self.renditions(&edition, &text, public, &mut made)?;
            }
            Ok(made)
        })
    }

    /// Everybody, then each segment that gets the mail.
    fn readers(&self, publication: &Publication) -> Vec<Readership> {
        let segments = publication.to.iter().filter_map(|id| self.loaded.readership(id));
        std::iter::once(Readership::Public).chain(segments).collect()
    }

    /// An edition in every format that serves its readership. `text` is the
    /// fingerprint by which slow formats know what they made before.
    fn renditions(
        &self,
        edition: &Edition<'_>,
        text: &str,
        public: bool,
        made: &mut Made,
    ) -> Result<(), Finding> {
        let serves = match edition.readership {
            Readership::Public => Serves::Public,
            Readership::Segment { .. } => Serves::Segments,
        };
        let arena = Arena::new();
        let document = Document::new(&arena, edition, &self.loaded.workspace, &self.loaded.theme);
        let theme = &self.loaded.theme;
        let place_of_text = Place::start(&edition.manuscript.file);
        for format in self.formats.iter().filter(|format| format.serves() == serves) {
            let path = place(public, &format.path(edition));
            let made_from = format.is_slow().then(|| text.to_owned());
            let kept = made_from.as_ref().and_then(|it| self.output.reuse(&path, it));
            let bytes = match kept {
                Some(bytes) => bytes,
                None => {
                    let bytes = format.render(&document, theme)?.bytes;
                    let expected = format.expected(&document, theme);
                    let said = format.outline(&document, theme, &bytes);
                    let lacking = parity::findings(format.name(), &expected, &said, &place_of_text);
                    made.findings.extend(lacking);
                    bytes
                }
            };
            let bytes = match serves {
                Serves::Public => bytes,
                Serves::Segments => {
                    let mail = String::from_utf8_lossy(&bytes);
                    let told = privacy::findings_in(format.name(), mail.as_bytes(), self.loaded);
                    made.findings.extend(told);
                    self.beside_preview(&mail, edition.publication, public, made)?;
                    self.for_eyes(&mail, edition)
                }
            };
            made.items.push(Item { rendition: Rendition { path, bytes }, made_from });
        }
        if serves == Serves::Public {
            // A feed holds many editions; each answers for its own item.
            let (expected, said) =
                (Outline::of_document(&document), feed::outline(&document, theme));
            made.findings.extend(parity::findings("feed", &expected, &said, &place_of_text));
        }
        Ok(())
    }

    /// A mail with its holes filled for nobody in particular.
    fn for_eyes(&self, mail: &str, edition: &Edition<'_>) -> Vec<u8> {
        let mail = pictures::for_eyes(mail, edition.publication, &self.loaded.workspace);
        let greeting = self.loaded.theme.words(&edition.manuscript.language).greeting("");
        let way_out = format!("mailto:{}", self.loaded.workspace.mail.unsubscribe);
        let filled = hole::fill(&mail, |hole| match hole {
            "salutation" => Some(&greeting),
            "address" => Some("name@example.org"),
            "unsubscribe" => Some(&way_out),
            _ => None,
        });
        filled.into_bytes()
    }
}

/// A piece's findings with the texts they are in, so that lines can be shown:
/// those that were recalled come without.
fn with_text(piece: &Piece, publication: &Publication) -> Findings {
    let mut findings = piece.findings.clone();
    for finding in &mut findings {
        let file = &finding.place.file;
        let text = publication.manuscripts.iter().find(|it| it.file == *file);
        finding.source = finding.source.take().or_else(|| Some(text?.text.clone()));
    }
    findings
}
