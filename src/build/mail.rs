//! The mail of a plan, rendered when there is one: a build only makes mails to
//! look at, and most builds freeze nothing.

use comrak::Arena;

use super::{Built, leaving, pictures, place};
use crate::load::Loaded;
use crate::model::{
    Attach, Attachment, Edition, Finding, FrozenEdition, Language, Publication, Readership, Slug,
};
use crate::plan::Plan;
use crate::render::{Document, Format, email, pdf, text};

/// What a plan's readers will get: the editions that somebody gets.
///
/// # Errors
/// One that cannot be rendered. The build has rendered the same before, so that
/// would be news.
pub fn editions(
    loaded: &Loaded,
    built: &Built,
    plan: &Plan<'_>,
) -> Result<Vec<FrozenEdition>, Finding> {
    let wanted = plan.by_edition();
    let Some(mail) = Mail::of(loaded, built, &plan.slug) else { return Ok(Vec::new()) };
    mail.editions()
        .filter(|(segment, language)| wanted.contains_key(&(*segment, *language)))
        .map(|(segment, language)| mail.frozen(segment, language))
        .filter_map(Result::transpose)
        .collect()
}

/// The mail of one language, as its first segment gets it.
///
/// # Errors
/// When it cannot be rendered.
pub fn mail(
    loaded: &Loaded,
    built: &Built,
    slug: &Slug,
    language: &Language,
) -> Result<Option<FrozenEdition>, Finding> {
    let Some(mail) = Mail::of(loaded, built, slug) else { return Ok(None) };
    let first = mail.editions().find(|(_, of)| *of == language);
    first.map_or(Ok(None), |(segment, language)| mail.frozen(segment, language))
}

/// The mail of one publication.
struct Mail<'m> {
    loaded: &'m Loaded,
    built: &'m Built,
    public: bool,
    publication: Publication,
}

impl<'m> Mail<'m> {
    /// `None` when it is not sound.
    fn of(loaded: &'m Loaded, built: &'m Built, slug: &Slug) -> Option<Self> {
        let one = built.publication(slug).filter(|built| built.is_sound())?;
        let mut known = loaded.publications.iter().filter_map(|it| it.publication.as_ref());
        let publication = leaving(known.find(|it| it.slug == *slug)?);
        Some(Self { loaded, built, public: one.public, publication })
    }

    /// Every segment in every language.
    fn editions(&self) -> impl Iterator<Item = (&str, &Language)> {
        let segments = &self.publication.to;
        self.publication.manuscripts.iter().flat_map(move |manuscript| {
            segments.iter().map(|segment| (segment.as_str(), &manuscript.language))
        })
    }

    /// `None` when the segment's condition is broken, which has its own
    /// finding, and nobody in it.
    fn frozen(&self, segment: &str, language: &Language) -> Result<Option<FrozenEdition>, Finding> {
        let Some(manuscript) = self.publication.manuscript(language) else { return Ok(None) };
        let Some(readership) = self.loaded.readership(segment) else { return Ok(None) };
        let Loaded { workspace, theme, .. } = self.loaded;
        let publication = &super::made_from::alone(&self.publication, manuscript);
        let edition = Edition { publication, manuscript, readership };
        let arena = Arena::new();
        let document = Document::new(&arena, &edition, workspace, theme);
        let rendered = |format: &dyn Format| {
            let bytes = format.render(&document, theme)?.bytes;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let html = rendered(&email::Email)?;
        Ok(Some(FrozenEdition {
            language: language.clone(),
            segment: segment.to_owned(),
            subject: manuscript.subject.clone(),
            from_name: workspace.mail.from_name.text(language).to_owned(),
            greeting: theme.words(language).greeting(""),
            pictures: pictures::embedded_in(&html, publication, self.loaded)?,
            html,
            text: rendered(&text::Text)?,
            attachment: match publication.attach {
                Attach::Pdf => Some(self.pdf(&edition)?),
                Attach::Nothing => None,
            },
        }))
    }

    /// The PDF that the build has just made, or the same once more.
    fn pdf(&self, mailed: &Edition<'_>) -> Result<Attachment, Finding> {
        let edition = Edition { readership: Readership::Public, ..mailed.clone() };
        let path = place(self.public, &pdf::Pdf.path(&edition));
        let bytes = match self.built.renditions().find(|made| made.path == path) {
            Some(made) => made.bytes.clone(),
            None => {
                let arena = Arena::new();
                let document =
                    Document::new(&arena, &edition, &self.loaded.workspace, &self.loaded.theme);
                pdf::Pdf.render(&document, &self.loaded.theme)?.bytes
            }
        };
        let (slug, language) = (&self.publication.slug, &edition.manuscript.language);
        let name = format!("{slug}.{language}.pdf");
        Ok(Attachment { name, media_type: "application/pdf".to_owned(), bytes })
    }
}
