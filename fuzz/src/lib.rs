//! As much of hlas as is fuzzed, out of the very same files.
//!
//! Depending on the package would compile a typesetter with the fuzzer's
//! instruments, which takes half an hour. It works because `model`, `mail` and
//! `transport::replies` know so little of the rest.
#![allow(dead_code, unused_imports, reason = "not all of it is fuzzed")]

#[path = "../../src/mail/mod.rs"]
pub mod mail;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/transport/smtp/line.rs"]
pub mod line;
#[path = "../../src/transport/replies/mod.rs"]
pub mod replies;

pub mod transport {
    pub use crate::replies;

    pub mod smtp {
        pub use crate::line;
    }
}
