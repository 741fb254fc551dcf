//! The folder the tool runs on, and what `hlas.toml` says of the house.
//!
//! These are the *resolved* values: what was typed, and in which layer, is the
//! business of `load::settings`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use lettre::Address;
use url::Url;

use super::{
    ByLanguage, Color, Language, Layout, Licence, Pace, PdfSettings, Publication, Severity, Window,
};

/// Who publishes, in which languages and kinds, and as whom it mails.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The folder that holds `hlas.toml`; paths below are joined to it.
    pub root: PathBuf,
    pub organisation: Organisation,
    /// Where `out/site/` will be served from; always ends in a slash.
    pub base_url: Url,
    pub time_zone: TimeZone,
    /// The default language first, which leads; then the others as listed.
    pub languages: Vec<Language>,
    pub kinds: Vec<Kind>,
    pub working_groups: Vec<WorkingGroup>,
    pub members: Vec<Member>,
    /// Ids of the segments, as `segments.toml` names them.
    pub segments: Vec<String>,
    pub mail: MailSettings,
    pub delivery: DeliverySettings,
    pub pace: Pace,
    /// `None`: at any hour of any day.
    pub window: Option<Window>,
    /// `None`: mail leaves the house unsigned.
    pub dkim: Option<DkimSettings>,
    /// Levels of rules, by name, where the house has set them; `None` is off.
    pub levels: BTreeMap<String, Option<Severity>>,
    /// What the pictures of one mail may weigh together, in bytes.
    pub picture_budget: u64,
    pub typography: TypographySettings,
    /// The one colour of the house, in mail, page and PDF.
    pub accent: Color,
    pub pdf: PdfSettings,
    /// Output folder, absolute.
    pub out: PathBuf,
}

#[derive(Debug, Clone)]
pub struct Organisation {
    pub name: ByLanguage<String>,
    /// One line under the name: what the house is.
    pub tagline: ByLanguage<String>,
    /// Postal address, one line; bulk mail must carry it.
    pub address: ByLanguage<String>,
    pub email: String,
    pub website: String,
    pub licence: Option<Licence>,
}

#[derive(Debug, Clone)]
pub struct Kind {
    /// As written in front matter: `commentary`.
    pub id: String,
    pub name: ByLanguage<String>,
    pub layout: Layout,
    /// Whether the PDF numbers its headings.
    pub numbered: bool,
}

#[derive(Debug, Clone)]
pub struct WorkingGroup {
    pub id: String,
    pub name: ByLanguage<String>,
}

#[derive(Debug, Clone)]
pub struct Member {
    pub id: String,
    pub name: String,
    pub website: Option<String>,
}

#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Display name of From, in each language.
    pub from_name: ByLanguage<String>,
    pub from: Address,
    pub reply_to: Option<Address>,
    /// RFC 5321 MAIL FROM, where bounces go; `from` when not stated.
    pub envelope_sender: Address,
    /// RFC 2919 list identifier, without angle brackets: `hlas.example.org`.
    pub list_id: String,
    /// Where the mailto of List-Unsubscribe (RFC 2369) goes.
    pub unsubscribe: Address,
}

/// How mail is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliverySettings {
    /// Lines to the mail server at once.
    pub connections: u32,
    /// How long after the freeze a deferred message is tried again.
    pub retry_for: SignedDuration,
    /// How long after its time, or after the last that happened in it, a
    /// mailing goes out by itself.
    pub late_after: SignedDuration,
    /// A mailing pauses at so many refusals among the last hundred answers…
    pub pause_refusals: u32,
    /// …if they are this share of them at least.
    pub pause_percent: u32,
    /// How long after it was last heard of a worker counts as gone, so that
    /// others take up its rows.
    pub lease: SignedDuration,
}

impl Default for DeliverySettings {
    /// As `defaults.toml` states them; a test holds the two together.
    fn default() -> Self {
        Self {
            connections: 4,
            retry_for: SignedDuration::from_hours(72),
            late_after: SignedDuration::from_hours(72),
            pause_refusals: 5,
            pause_percent: 20,
            lease: SignedDuration::from_mins(5),
        }
    }
}

/// With what the house signs its mail (RFC 6376).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimSettings {
    /// `d=`, the domain that takes responsibility.
    pub domain: String,
    /// Selectors, and the files with their private keys; relative ones are
    /// below the workspace.
    pub keys: BTreeMap<String, PathBuf>,
}

/// What a house may choose in its typography.
#[derive(Debug, Clone, Default)]
pub struct TypographySettings {
    /// The words that never end a line, by language; a language that is not
    /// there has none.
    pub bind: ByLanguage<Vec<String>>,
}

impl Workspace {
    pub fn default_language(&self) -> &Language {
        &self.languages[0]
    }

    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    /// What a publication is called: `Analýza 3/2026`. No line end may part the
    /// name of its kind from its number.
    pub fn designation(&self, publication: &Publication, language: &Language) -> String {
        let kind = self.kind(&publication.kind).map_or("", |kind| kind.name.text(language));
        match &publication.number {
            Some(number) if kind.is_empty() => number.clone(),
            Some(number) => format!("{kind}\u{a0}{number}"),
            None => kind.to_owned(),
        }
    }

    pub fn working_group(&self, id: &str) -> Option<&WorkingGroup> {
        self.working_groups.iter().find(|group| group.id == id)
    }

    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// Public address of `path`, a path below `out/site/`.
    ///
    /// Path segments are percent-encoded, so a folder or picture named in
    /// Czech gives a URL that any mail client follows.
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/').filter(|part| !part.is_empty()));
        }
        url
    }
}
