//! From an edition and a reader to a message.

mod compose;
mod hole_values;

pub use compose::{ComposeError, Posting, Purpose, compose};
