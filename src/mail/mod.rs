//! From an edition and a reader to a message, signed.

mod compose;
pub mod dkim;
mod hole_values;
mod personal;
mod skeleton;
#[cfg(test)]
mod specimen;

pub use compose::{ComposeError, compose};
pub use personal::{Posting, Purpose};
pub use skeleton::Skeleton;
