//! Editions as bytes, a format a file.
//!
//! Everything here is pure: the same edition and theme give the same bytes, with
//! no clock, no disk and no network. What could not be rendered comes back as
//! a finding, and the other editions go on.

pub mod markdown;
pub mod picture;
#[cfg(test)]
pub mod specimen;
pub mod theme;

use crate::model::{Finding, Rendition};

pub use markdown::Document;
pub use theme::Theme;

/// One way to turn an edition into bytes.
pub trait Format: Sync {
    /// The word for it in messages: `email`, `text`, `pdf`, `page`.
    fn name(&self) -> &'static str;

    /// The rendition, with its path below the output folder.
    fn render(&self, document: &Document<'_>, theme: &Theme) -> Result<Rendition, Finding>;
}
