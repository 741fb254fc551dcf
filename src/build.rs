//! Publications → everything that `publish` writes and `plan` freezes.
//!
//! Each publication is built by itself: one that cannot be keeps its page and
//! PDF as they were, but leaves index and feeds till it is mended, and the
//! others go on. Only what is ready and due is public; a
//! draft, or a text whose time has not come, is built into `preview/`, in the
//! same shape, so that its author can look at it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use comrak::Arena;
use jiff::ZonedDateTime;

use crate::check;
use crate::load::Loaded;
use crate::load::publications::LoadedPublication;
use crate::model::{
    Attach, Attachment, Edition, Finding, Findings, FrozenEdition, Language, Manuscript, Place,
    Publication, Readership, Rendition, Slug, Status, digest, hole,
};
use crate::plan::Plan;
use crate::publish::{Item, Output};
use crate::render::{
    self, Document, FORMATS, Format, Serves, email, feed, index, markdown, pdf, picture, text,
};

/// All that was built, and what could not be.
#[derive(Debug, Default)]
pub struct Built {
    pub items: Vec<Item>,
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
    /// The mail of every language to every segment; empty with an error.
    mail: Vec<FrozenEdition>,
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

    /// What a plan's readers will get: the editions that somebody gets.
    pub fn editions(&self, plan: &Plan) -> Vec<FrozenEdition> {
        let wanted = plan.by_edition();
        let mail = self.publication(&plan.slug).map(|built| built.mail.as_slice());
        let all = mail.unwrap_or_default().iter();
        all.filter(|edition| wanted.contains_key(&(edition.segment.as_str(), &edition.language)))
            .cloned()
            .collect()
    }

    /// The mail of one language, as its first segment gets it.
    pub fn mail(&self, slug: &Slug, language: &Language) -> Option<&FrozenEdition> {
        let built = self.publication(slug)?;
        built.mail.iter().find(|edition| edition.language == *language)
    }
}

/// Everything wrong with a publication: as loaded, by the rules, and what its
/// PDF could not show.
pub fn inspect(loaded: &Loaded, publication: &LoadedPublication) -> Findings {
    let mut findings = publication.findings.clone();
    let known = publication.publication.as_ref();
    let settled = |findings: &Findings| check::settle(findings, &loaded.workspace, known);
    let Some(known) = known else { return settled(&findings) };
    findings.extend(check::check(&loaded.workspace, known));
    // What is broken is not rendered, so what rendering would find comes last.
    let so_far = settled(&findings);
    if so_far.iter().any(Finding::is_error) {
        return so_far;
    }
    for manuscript in &known.manuscripts {
        let edition = Edition { publication: known, manuscript, readership: Readership::Public };
        let arena = Arena::new();
        let document = Document::new(&arena, &edition, &loaded.workspace);
        findings.extend(pdf::check(&document, &loaded.theme));
    }
    settled(&findings)
}

/// Builds everything there is. `output` is asked for PDFs that are still good.
pub fn build(loaded: &Loaded, now: &ZonedDateTime, output: &Output) -> Built {
    let mut built = Built::default();
    let mut public = Vec::new();
    let made = Workshop { loaded, now, output }.all();
    for (publication, (one, items)) in loaded.publications.iter().zip(made) {
        if !one.is_sound() {
            // A draft has no place in public, however broken it is.
            let public: &[&str] =
                if one.status == Some(Status::Draft) { &[] } else { &["site", "mail"] };
            let folders = public.iter().chain(&["preview/site", "preview/mail"]);
            built.keep.extend(folders.map(|folder| format!("{folder}/{}", one.name)));
        } else if one.public {
            public.extend(publication.publication.as_ref().map(ready_only));
        }
        built.items.extend(items);
        built.publications.push(one);
    }
    built.site(loaded, &public);
    built
}

impl Built {
    /// The index and the feeds, which are made of many publications.
    fn site(&mut self, loaded: &Loaded, public: &[Publication]) {
        let references: Vec<&Publication> = public.iter().collect();
        let mut pages = vec![index::index(&references, &loaded.workspace, &loaded.theme)];
        for language in &loaded.workspace.languages {
            pages.push(self.feed(language, loaded, public));
        }
        for page in pages {
            match page {
                Ok(rendition) => self.items.push(rendition.into()),
                Err(finding) => self.publications.push(BuiltPublication {
                    name: "site".to_owned(),
                    status: None,
                    public: true,
                    findings: vec![finding],
                    mail: Vec::new(),
                }),
            }
        }
    }

    fn feed(
        &self,
        language: &Language,
        loaded: &Loaded,
        public: &[Publication],
    ) -> Result<Rendition, Finding> {
        let editions: Vec<Edition<'_>> = public
            .iter()
            .filter_map(|publication| {
                let manuscript = publication.manuscript(language)?;
                Some(Edition { publication, manuscript, readership: Readership::Public })
            })
            .collect();
        let arenas: Vec<Arena<'_>> = editions.iter().map(|_| Arena::new()).collect();
        let documents: Vec<Document<'_>> = editions
            .iter()
            .zip(&arenas)
            .map(|(edition, arena)| Document::new(arena, edition, &loaded.workspace))
            .collect();
        let entries: Vec<feed::Entry<'_>> = documents
            .iter()
            .map(|document| feed::Entry { document, pdf_length: self.pdf_length(document) })
            .collect();
        feed::feed(language, &entries, &loaded.workspace, &loaded.theme)
    }

    fn pdf_length(&self, document: &Document<'_>) -> Option<u64> {
        let Edition { publication, manuscript, .. } = document.edition;
        let path = format!("site/{}", publication.pdf_path(&manuscript.language));
        let item = self.items.iter().find(|item| item.rendition.path == path)?;
        Some(item.rendition.bytes.len() as u64)
    }
}

/// The pictures that the text really shows: others beside it may be notes, or
/// belong to a translation that is still a draft.
fn shown_pictures(publication: &Publication) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for manuscript in &publication.manuscripts {
        let arena = Arena::new();
        shown.extend(markdown::pictures(markdown::parse(&arena, &manuscript.body)));
    }
    shown
}

/// The publication as it may leave the house.
fn ready_only(publication: &Publication) -> Publication {
    let mut ready = publication.clone();
    ready.manuscripts = publication.ready().cloned().collect();
    ready
}

/// What one publication is built with.
struct Workshop<'w> {
    loaded: &'w Loaded,
    now: &'w ZonedDateTime,
    output: &'w Output,
}

impl Workshop<'_> {
    /// Every publication, in order, made by as many threads as there are cores.
    fn all(&self) -> Vec<(BuiltPublication, Vec<Item>)> {
        let publications = &self.loaded.publications;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let work = || {
            let mut made = Vec::new();
            while let Some(one) = publications.get(next.fetch_add(1, Ordering::Relaxed)) {
                made.push((&one.folder, self.publication(one)));
            }
            made
        };
        let mut made = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..cores.min(publications.len())).map(|_| scope.spawn(work)).collect();
            let joined = threads.into_iter().flat_map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            joined.collect::<Vec<_>>()
        });
        // Publications were loaded in order of folder.
        made.sort_by_key(|(folder, _)| *folder);
        made.into_iter().map(|(_, one)| one).collect()
    }

    fn publication(&self, loaded: &LoadedPublication) -> (BuiltPublication, Vec<Item>) {
        let mut built = BuiltPublication {
            name: loaded.folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            status: loaded.status,
            public: false,
            findings: inspect(self.loaded, loaded),
            mail: Vec::new(),
        };
        let Some(publication) = loaded.publication.as_ref().filter(|_| built.is_sound()) else {
            return (built, Vec::new());
        };
        let leaving = match publication.status {
            Status::Ready => ready_only(publication),
            Status::Draft => publication.clone(),
        };
        built.public = publication.is_public(self.now);
        let mut made = Vec::new();
        match self.items(&leaving, built.public, &mut made, &mut built.mail) {
            Ok(()) => (built, made),
            Err(finding) => {
                built.findings.push(finding);
                built.mail.clear();
                (built, Vec::new())
            }
        }
    }

    fn items(
        &self,
        publication: &Publication,
        public: bool,
        items: &mut Vec<Item>,
        mail: &mut Vec<FrozenEdition>,
    ) -> Result<(), Finding> {
        let place = |path: &str| if public { path.to_owned() } else { format!("preview/{path}") };
        self.pictures(publication, &place, items)?;
        for manuscript in &publication.manuscripts {
            let edition = Edition { publication, manuscript, readership: Readership::Public };
            let made = self.renditions(&edition, Serves::Public, &place)?;
            let pdf = made.iter().find(|(format, _)| *format == pdf::Pdf.name());
            let pdf = pdf.map(|(_, item)| item.rendition.bytes.clone());
            items.extend(made.into_iter().map(|(_, item)| item));
            for id in &publication.to {
                // A segment whose condition is broken has its own finding, and nobody in it.
                let known = self.loaded.segments.iter().find(|known| known.id == *id);
                let Some(segment) = known else { continue };
                let readership =
                    Readership::Segment { id: id.clone(), title: segment.title.clone() };
                let edition = Edition { publication, manuscript, readership };
                let made = self.renditions(&edition, Serves::Segments, &place)?;
                mail.push(self.frozen(&edition, id, &made, pdf.as_deref()));
                items.extend(made.into_iter().map(|(_, item)| self.for_eyes(item, manuscript)));
            }
        }
        Ok(())
    }

    /// An edition in every format that serves its readership.
    fn renditions(
        &self,
        edition: &Edition<'_>,
        serves: Serves,
        place: &impl Fn(&str) -> String,
    ) -> Result<Vec<(&'static str, Item)>, Finding> {
        let arena = Arena::new();
        let document = Document::new(&arena, edition, &self.loaded.workspace);
        let formats = FORMATS.iter().filter(|format| format.serves() == serves);
        formats
            .map(|format| {
                let path = place(&format.path(edition));
                let made_from = format.is_slow().then(|| self.made_from(&document));
                let kept = made_from.as_ref().and_then(|it| self.output.reuse(&path, it));
                let bytes = match kept {
                    Some(bytes) => bytes,
                    None => format.render(&document, &self.loaded.theme)?.bytes,
                };
                Ok((format.name(), Item { rendition: Rendition { path, bytes }, made_from }))
            })
            .collect()
    }

    fn frozen(
        &self,
        edition: &Edition<'_>,
        segment: &str,
        made: &[(&str, Item)],
        pdf: Option<&[u8]>,
    ) -> FrozenEdition {
        let Edition { publication, manuscript, .. } = edition;
        let language = &manuscript.language;
        let text_of = |name: &str| {
            let found = made.iter().find(|(format, _)| *format == name);
            found.map(|(_, item)| String::from_utf8_lossy(&item.rendition.bytes).into_owned())
        };
        let attached = pdf.filter(|_| publication.attach == Attach::Pdf);
        FrozenEdition {
            language: language.clone(),
            segment: segment.to_owned(),
            subject: manuscript.subject.clone(),
            from_name: self.loaded.workspace.mail.from_name.text(language).to_owned(),
            greeting: self.greeting(manuscript),
            html: text_of(email::Email.name()).unwrap_or_default(),
            text: text_of(text::Text.name()).unwrap_or_default(),
            attachment: attached.map(|bytes| Attachment {
                name: format!("{}.{language}.pdf", publication.slug),
                media_type: "application/pdf".to_owned(),
                bytes: bytes.to_vec(),
            }),
        }
    }

    fn greeting(&self, manuscript: &Manuscript) -> String {
        self.loaded.theme.words(&manuscript.language).greeting("")
    }

    /// A mail with its holes filled for nobody in particular.
    fn for_eyes(&self, item: Item, manuscript: &Manuscript) -> Item {
        let greeting = self.greeting(manuscript);
        let way_out = format!("mailto:{}", self.loaded.workspace.mail.unsubscribe);
        let text = String::from_utf8_lossy(&item.rendition.bytes);
        let filled = hole::fill(&text, |hole| match hole {
            "salutation" => Some(&greeting),
            "address" => Some("name@example.org"),
            "unsubscribe" => Some(&way_out),
            _ => None,
        });
        let rendition = Rendition { bytes: filled.into_bytes(), ..item.rendition };
        Item { rendition, ..item }
    }

    /// The pictures beside the text, and a PNG of every SVG for mail and feed.
    fn pictures(
        &self,
        publication: &Publication,
        place: &impl Fn(&str) -> String,
        items: &mut Vec<Item>,
    ) -> Result<(), Finding> {
        let shown = shown_pictures(publication);
        let pictures = publication.pictures.iter().filter(|it| shown.contains(&it.name));
        for picture in pictures {
            let path = place(&format!("site/{}/{}", publication.slug, picture.name));
            items.push(Rendition { path, bytes: picture.bytes.to_vec() }.into());
            if !picture.is_svg() {
                continue;
            }
            let path = place(&format!("site/{}/{}", publication.slug, picture.raster_name()));
            let made_from = self.fingerprint(&[&picture.bytes]);
            let bytes = match self.output.reuse(&path, &made_from) {
                Some(bytes) => bytes,
                None => picture::png(&picture.bytes, self.loaded.theme.fonts()).map_err(|why| {
                    let file = publication.folder.join(&picture.name);
                    Finding::error("picture", Place::start(file), why)
                        .help("save it again as a plain SVG, or as PNG")
                })?,
            };
            items.push(Item { rendition: Rendition { path, bytes }, made_from: Some(made_from) });
        }
        Ok(())
    }

    /// A fingerprint of everything that an edition's renditions depend on.
    fn made_from(&self, document: &Document<'_>) -> String {
        let Edition { publication, manuscript, readership } = document.edition;
        // Debug output names every field of these, so a new one is not
        // forgotten here; pictures give their bytes beside it.
        let fields = format!(
            "{manuscript:?} {readership:?} {} {} {:?}",
            publication.kind, publication.date, self.loaded.workspace
        );
        let mut sources: Vec<&[u8]> = vec![fields.as_bytes()];
        sources.extend(publication.pictures.iter().map(|picture| &*picture.bytes));
        self.fingerprint(&sources)
    }

    fn fingerprint(&self, sources: &[&[u8]]) -> String {
        let mut all = format!("{} {}", render::fingerprint(), self.loaded.theme.fingerprint());
        for source in sources {
            all.push_str(&digest(source));
        }
        digest(all.as_bytes())
    }
}

/// Whether something that may leave the house cannot. A draft's mistakes are
/// its author's business till it is ready.
pub fn is_held_up(built: &[BuiltPublication]) -> bool {
    built.iter().any(|one| one.status != Some(Status::Draft) && !one.is_sound())
}
