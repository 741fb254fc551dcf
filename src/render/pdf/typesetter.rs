//! Who sets a document: this process, or another that may be stopped.
//!
//! A template can loop for ever and no thread can be stopped from outside, so
//! templates that are not the built-in ones, and texts of hundreds of pages, are
//! set by somebody who can be. Who that is, `cli` decides ([`crate::render::Theme::guard`]): rendering knows no
//! processes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::job::Job;
use super::setting;
use crate::render::fonts::Fonts;

/// Sets documents.
pub trait Typesetter: Send + Sync {
    /// One PDF, or a PNG a page; `limit` is how long it may take, where that
    /// can be enforced.
    ///
    /// # Errors
    /// What kept the document from being set.
    fn set(&self, job: &Job, fonts: &Fonts, limit: Duration) -> Result<Vec<Vec<u8>>, Trouble>;
}

/// Sets in this process, for as long as it takes.
#[derive(Debug, Clone, Copy)]
pub struct InProcess;

impl Typesetter for InProcess {
    fn set(&self, job: &Job, fonts: &Fonts, _: Duration) -> Result<Vec<Vec<u8>>, Trouble> {
        setting::set(job, fonts)
    }
}

/// Why there is no PDF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// Typst found something wrong.
    Said(Said),
    /// It was stopped after so long.
    TookTooLong(Duration),
    /// It asked for more memory than it may have.
    TookTooMuch,
    /// It ended without an answer: how.
    Broke(String),
}

/// What Typst says is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub message: String,
    pub hints: Vec<String>,
    /// Where in the templates: file, line, column.
    pub at: Option<(String, usize, usize)>,
    /// The element of the text without which all would be well, if one can be
    /// told.
    pub element: Option<usize>,
}
