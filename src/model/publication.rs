//! One authored piece: a folder under `publications/`, a manuscript a language.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::ZonedDateTime;
use jiff::civil::Date;

use super::{Bibliography, DrawnChart, Gather, Gathered, Language, Place};

/// The name of a publication's folder, such as `2026-10-05-povoleni-k-pobytu`:
/// its address on the site, in the feed and in the ledger. Never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// `None` unless it is lower-case ASCII letters, digits and single
    /// hyphens: it stands in URLs, file names and Message-IDs.
    pub fn new(name: &str) -> Option<Self> {
        let fine = !name.is_empty()
            && name.len() <= 120
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !name.starts_with('-')
            && !name.ends_with('-')
            && !name.contains("--");
        fine.then(|| Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Only what is `Ready` leaves the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Draft,
    Ready,
}

/// What rides on the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attach {
    Nothing,
    Pdf,
}

/// How a mail shows its pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MailPictures {
    /// On the site, fetched by the reader's client when it shows them.
    #[default]
    Hosted,
    /// In the message itself, as parts that the HTML names (RFC 2392).
    Embedded,
}

impl MailPictures {
    /// As written in front matter and in `segments.toml`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "hosted" => Some(Self::Hosted),
            "embed" => Some(Self::Embedded),
            _ => None,
        }
    }
}

/// One authored piece, in all its languages.
#[derive(Debug, Clone)]
pub struct Publication {
    pub slug: Slug,
    /// The folder, relative to the workspace: `publications/<slug>`.
    pub folder: PathBuf,
    pub status: Status,
    /// Id of a [`super::Kind`].
    pub kind: String,
    pub date: Date,
    /// Its number among its kind, as the house counts: `3/2026`.
    pub number: Option<String>,
    /// When it goes out; `None` means that only `send` mails it.
    pub at: Option<ZonedDateTime>,
    /// From when on nobody gets it any more, if it has an end.
    pub not_after: Option<ZonedDateTime>,
    /// Ids of the segments it goes to, in the order stated: a person in
    /// several gets the edition of the first.
    pub to: Vec<String>,
    pub attach: Attach,
    /// `None`: as each segment has it.
    pub mail_pictures: Option<MailPictures>,
    /// What it gathers of the others, if it is a newsletter that does.
    pub gather: Option<Gather>,
    /// One a language, the leading one first; never empty.
    pub manuscripts: Vec<Manuscript>,
    /// The pictures beside the text, shown or not.
    pub pictures: Vec<Picture>,
    /// Pictures beside the text that nobody could show.
    pub unusable: Vec<UnusablePicture>,
    /// What it may cite, if there is a `.bib` file beside the text.
    pub bibliography: Option<Bibliography>,
}

/// What one person wrote in one language: `cs.md`.
#[derive(Debug, Clone)]
pub struct Manuscript {
    pub language: Language,
    /// A translation may still be a draft while the leading language is ready.
    pub status: Status,
    pub title: String,
    pub subtitle: Option<String>,
    pub summary: Option<String>,
    /// The subject line of the mail; the title where none is stated.
    pub subject: String,
    pub authors: Vec<String>,
    pub topics: Vec<String>,
    /// Id of a [`super::WorkingGroup`].
    pub working_group: Option<String>,
    /// Ids of the co-signing member organisations.
    pub members: Vec<String>,
    /// Whether the text is set by the rules of its language ([`crate::typography`]).
    pub typography: bool,
    /// The day on which what it says was last changed, if its author states one.
    pub updated: Option<Date>,
    /// The file, relative to the workspace.
    pub file: PathBuf,
    /// The whole file, front matter included, for showing lines of it.
    pub text: Arc<str>,
    /// The Markdown after the front matter.
    pub body: String,
    /// How many lines of the file come before `body`.
    pub lines_before_body: usize,
    /// What its publication gathers, for readers of this language.
    pub gathered: Option<Gathered>,
    /// The charts that it draws, in the order in which they stand in it.
    pub charts: Vec<DrawnChart>,
}

impl Manuscript {
    /// The place of a line and column of `body` (both from 1) in the file.
    pub fn place(&self, line: usize, column: usize) -> Place {
        Place::new(&self.file, line + self.lines_before_body, column)
    }

    /// The chart whose small picture has this name.
    pub fn chart(&self, picture: &str) -> Option<&DrawnChart> {
        self.charts.iter().find(|chart| chart.small.name == picture)
    }
}

/// A picture that lies beside the text.
#[derive(Clone)]
pub struct Picture {
    /// Its name as the Markdown writes it, `graf.svg`; never a path upwards.
    pub name: String,
    pub bytes: Arc<[u8]>,
    /// Natural size in CSS pixels.
    pub width: u32,
    pub height: u32,
}

impl Picture {
    pub fn is_svg(&self) -> bool {
        self.name.to_ascii_lowercase().ends_with(".svg")
    }

    /// The name under which mail and feed show it: SVG is drawn by hardly any
    /// mail client, so a PNG of it is published beside.
    pub fn raster_name(&self) -> String {
        if self.is_svg() { format!("{}.png", self.name) } else { self.name.clone() }
    }

    /// The media type of what [`Picture::raster_name`] names.
    pub fn raster_type(&self) -> &'static str {
        let name = self.raster_name().to_ascii_lowercase();
        match name.rsplit('.').next() {
            Some("jpg" | "jpeg") => "image/jpeg",
            Some("gif") => "image/gif",
            Some("webp") => "image/webp",
            _ => "image/png",
        }
    }
}

/// A file that has a picture's ending, and why it cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusablePicture {
    pub name: String,
    pub why: String,
    pub help: &'static str,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("name", &self.name)
            .field("bytes", &self.bytes.len())
            .field("width", &self.width)
            .field("height", &self.height)
            .finish()
    }
}

impl Publication {
    /// The manuscript in the workspace's default language, or the first there is.
    pub fn leading(&self) -> &Manuscript {
        &self.manuscripts[0]
    }

    pub fn manuscript(&self, language: &Language) -> Option<&Manuscript> {
        self.manuscripts.iter().find(|manuscript| &manuscript.language == language)
    }

    /// The manuscripts that may leave the house.
    pub fn ready(&self) -> impl Iterator<Item = &Manuscript> {
        let ready = self.status == Status::Ready;
        self.manuscripts.iter().filter(move |it| ready && it.status == Status::Ready)
    }

    pub fn picture(&self, name: &str) -> Option<&Picture> {
        self.all_pictures().find(|picture| picture.name == name)
    }

    /// The pictures beside the texts, and those of the charts in them.
    pub fn all_pictures(&self) -> impl Iterator<Item = &Picture> {
        let charts = self.manuscripts.iter().flat_map(|it| &it.charts);
        self.pictures.iter().chain(charts.flat_map(|chart| [&chart.wide, &chart.small]))
    }

    /// Whether a picture is a chart as only pages show it.
    pub fn is_wide_chart(&self, name: &str) -> bool {
        let mut charts = self.manuscripts.iter().flat_map(|it| &it.charts);
        charts.any(|chart| chart.wide.name == name)
    }

    pub fn unusable(&self, name: &str) -> Option<&UnusablePicture> {
        self.unusable.iter().find(|picture| picture.name == name)
    }

    /// From when on the public may read it: its send time, else its date.
    pub fn public_from(&self, time_zone: &jiff::tz::TimeZone) -> Option<ZonedDateTime> {
        self.at.clone().or_else(|| self.date.to_zoned_datetime(time_zone.clone()).ok())
    }

    /// Whether the public may read it at `now`.
    pub fn is_public(&self, now: &ZonedDateTime) -> bool {
        self.status == Status::Ready
            && self.public_from(now.time_zone()).is_some_and(|from| from <= *now)
    }

    /// Page of an edition, below `out/site/`.
    pub fn page_path(&self, language: &Language) -> String {
        format!("{}/{}.html", self.slug, language)
    }

    /// PDF of an edition, below `out/site/`.
    pub fn pdf_path(&self, language: &Language) -> String {
        format!("{0}/{0}.{1}.pdf", self.slug, language)
    }
}
