//! What a newsletter gathers: what its author asked for, and what came of it.
//!
//! [`Gather`] is the question as the front matter puts it, [`Gathered`] the
//! answer in one language. The answer is a plain value, found once while
//! loading, so that rendering stays pure: a newsletter knows nothing of other
//! publications but what stands here.

use jiff::civil::Date;
use url::Url;

use super::{Language, Place, Slug};

/// What a newsletter asks for. An empty list asks for everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gather {
    /// Ids of [`super::Kind`]s; empty: every kind but the newsletter's own.
    pub kinds: Vec<String>,
    pub topics: Vec<String>,
    /// Ids of [`super::WorkingGroup`]s.
    pub working_groups: Vec<String>,
    /// Publications that it passes over.
    pub without: Vec<String>,
    pub order: Order,
    /// At most so many, the newest.
    pub count: Option<usize>,
    /// From the beginning of this day, instead of since the previous one.
    pub since: Option<Date>,
    /// Where the author asked.
    pub place: Place,
}

impl Gather {
    /// What `gather: all` asks for.
    pub fn everything(place: Place) -> Self {
        Self {
            kinds: Vec::new(),
            topics: Vec::new(),
            working_groups: Vec::new(),
            without: Vec::new(),
            order: Order::Date,
            count: None,
            since: None,
            place,
        }
    }
}

/// How what was gathered stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The newest first.
    #[default]
    Date,
    /// As `kinds` names them, or hlas.toml does; in each the newest first.
    Kind,
}

/// What was gathered, for readers of one language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathered {
    /// What stands over the pieces where the author gave them no place.
    pub heading: String,
    pub pieces: Vec<Piece>,
}

/// One publication as a newsletter shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub slug: Slug,
    /// The language that title, summary and page are in: the reader's, or
    /// another where the piece has no edition in theirs.
    pub language: Language,
    pub title: String,
    pub summary: Option<String>,
    /// Its page.
    pub url: Url,
    /// Kind, language if it is another, date and authors, in the reader's
    /// own language: `Commentary · in Czech · 24 September 2026 · Jan Novák`.
    pub byline: String,
}
