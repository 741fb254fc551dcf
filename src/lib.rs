//! hlas: the publishing desk of a consortium.
pub mod model;
pub mod render;
