//! Stories of the whole desk, in one binary so that it links once.
//!
//! - [`delivery`]: from the freeze to the books, against a mail server
//!
//! and what they stand on:
//!
//! - [`smtp_sink`]: a mail server on loopback that says what it is told to

mod delivery;
mod smtp_sink;
