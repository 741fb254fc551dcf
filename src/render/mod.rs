//! Editions as bytes, a format a file.
//!
//! Everything here is pure: the same edition and theme give the same bytes, with
//! no clock, no disk and no network. What could not be rendered comes back as
//! a finding, and the other editions go on.

pub mod citing;
mod credits;
pub mod email;
pub mod feed;
mod flowed;
pub mod fonts;
mod html;
pub mod index;
mod mail_box;
pub mod markdown;
pub mod outline;
pub mod page;
mod palette;
pub mod parts;
pub mod pdf;
pub mod picture;
mod picture_address;
mod ruler;
#[cfg(test)]
pub mod specimen;
pub mod table_width;
mod template;
pub mod text;
pub mod theme;

use crate::model::{Edition, Finding, Rendition};

pub use credits::Credits;
pub use markdown::Document;
pub use outline::Outline;
pub use picture_address::{
    Placement, cid_url, content_id, is_asked_for, raster_address, relative_address,
};
pub use template::{Template, Templates};
pub use theme::Theme;

/// The formats, in the order in which they are made.
pub const FORMATS: &[&dyn Format] = &[&page::Page, &pdf::Pdf, &email::Email, &text::Text];

/// For whom a format is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// Anybody: once a language.
    Public,
    /// Readers of mail: once a language and segment.
    Segments,
}

/// One way to turn an edition into bytes.
pub trait Format: Sync {
    /// The word for it in messages: `email`, `text`, `pdf`, `page`.
    fn name(&self) -> &'static str;

    fn serves(&self) -> Serves;

    /// Whether its renditions are worth keeping while nothing changes.
    fn is_slow(&self) -> bool {
        false
    }

    /// Where its rendition of an edition goes, below the output folder.
    fn path(&self, edition: &Edition<'_>) -> String;

    /// The rendition, with its [`Format::path`].
    fn render(&self, document: &Document<'_>, theme: &Theme) -> Result<Rendition, Finding>;

    /// What a rendition of the document has to say: all of it, unless the
    /// format leaves something out by design.
    fn expected(&self, document: &Document<'_>, _theme: &Theme) -> Outline {
        Outline::of_document(document)
    }

    /// What a rendition of the document says, read back from its bytes.
    fn outline(&self, document: &Document<'_>, theme: &Theme, bytes: &[u8]) -> Outline;
}
