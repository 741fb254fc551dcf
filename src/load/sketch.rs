//! A publication whose front matter does not say enough to be one.
//!
//! Its author should hear of the mistakes in the text too, not only once the
//! lines at the top are mended. So the rules get a stand-in. The surprise is
//! how little of what they say of it may be told: only what stands in the
//! text, for all else about it is made up (`check/sketched.rs`).

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;

use super::front_matter;
use super::publications::{Draft, Pictures};
use crate::model::{Attach, Bibliography, Manuscript, Publication, Slug, Status, Workspace};

/// The texts of a publication that could not be read far enough to be one.
#[derive(Debug)]
pub struct Sketch(pub Publication);

impl Sketch {
    /// `None` where no file has an end of its front matter.
    pub(super) fn new(
        folder: &Path,
        drafts: &[Draft],
        pictures: Pictures,
        bibliography: Option<Bibliography>,
        workspace: &Workspace,
    ) -> Option<Self> {
        let manuscripts: Vec<Manuscript> = drafts.iter().filter_map(manuscript).collect();
        (!manuscripts.is_empty()).then_some(Self(Publication {
            slug: Slug::new("x")?,
            number: None,
            folder: folder.to_owned(),
            status: Status::Draft,
            kind: workspace.kinds.first().map(|kind| kind.id.clone()).unwrap_or_default(),
            date: Date::default(),
            at: None,
            not_after: None,
            to: Vec::new(),
            attach: Attach::Nothing,
            mail_pictures: None,
            gather: None,
            manuscripts,
            pictures: pictures.usable,
            unusable: pictures.unusable,
            bibliography,
        }))
    }
}

fn manuscript(draft: &Draft) -> Option<Manuscript> {
    let parts = front_matter::split(&draft.text)?;
    Some(Manuscript {
        language: draft.language.clone(),
        status: Status::Draft,
        title: String::new(),
        subtitle: None,
        summary: None,
        subject: String::new(),
        authors: Vec::new(),
        topics: Vec::new(),
        working_group: None,
        members: Vec::new(),
        typography: true,
        updated: None,
        file: draft.file.clone(),
        text: Arc::clone(&draft.text),
        body: parts.body.to_owned(),
        lines_before_body: parts.lines_before_body,
        gathered: None,
        charts: Vec::new(),
    })
}
