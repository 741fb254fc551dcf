//! Who could be written to: lists merged into people, people in segments.

mod merge;
mod met;
mod segment;
mod source;

pub use merge::merge;
pub use met::Met;
pub use segment::{ConditionError, Segment};
pub use source::{CsvFolder, Read, Source};
