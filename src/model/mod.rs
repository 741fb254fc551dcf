//! The nouns of the house, as plain values: no I/O, no async, no command line.
//!
//! Everything else may know this module; it knows nothing but the standard
//! library and a few value types (dates, URLs, addresses).

mod address;
mod bibliography;
mod chart;
mod color;
mod digest;
mod edition;
mod finding;
mod gather;
pub mod hole;
mod holidays;
mod language;
mod licence;
mod look;
mod mailing;
mod message;
mod pace;
mod pdf;
mod publication;
mod subscriber;
mod window;
mod workspace;

pub use address::with_ascii_domain;
pub use bibliography::{Bibliography, Work};
pub use chart::{Chart, ChartKind, ChartRow, ChartValue, DrawnChart};
pub use color::{Color, linear};
pub use digest::{Fingerprint, digest};
pub use edition::{Edition, Readership, Rendition};
pub use finding::{Finding, Findings, Place, Severity, each_once};
pub use gather::{Gather, Gathered, Order, Piece};
pub use holidays::Holidays;
pub use language::{ByLanguage, Language};
pub use licence::Licence;
pub use look::{Layout, Margins, Paper, PdfSettings};
pub use mailing::{
    Attempt, Books, Deliveries, Delivery, DeliveryId, DeliveryState, Excluded, Exclusion,
    FrozenEdition, Mailing, Paused,
};
pub use message::{Attachment, EmbeddedPicture, Enhanced, Message, Outcome, Reply, Stage};
pub use pace::{DomainPace, Limit, NoRate, Pace, Rate};
pub use pdf::{PdfStandard, standards};
pub use publication::{
    Attach, MailPictures, Manuscript, Picture, Publication, Slug, Status, UnusablePicture,
};
pub use subscriber::{Basis, List, Listing, Mailbox, Subscriber};
pub use window::{Days, Hours, NoWindow, Opening, Window};
pub use workspace::{
    DeliverySettings, DkimSettings, Kind, MailSettings, Member, Organisation, TypographySettings,
    WorkingGroup, Workspace,
};
