//! What happened and what stands, as text for people and JSON for scripts.
//!
//! The one place that phrases: verbs print what comes from here.

mod books;
mod doctor;
mod events;
pub mod metrics;
mod pace;
mod plan;
mod progress;
mod run;
mod stream;

pub use books::{books_json, books_text};
pub use doctor::points_text;
pub use events::event_text;
pub use pace::{pace_text, slowed_json};
pub use plan::{plan_json, plan_text};
pub use progress::{BAR, Rhythm, Standing, bar_text, is_narrow, progress_text};
pub use run::{HeldBackOfRun, HeldOfRun, Run, Summary};
pub use stream::{Told, event_line};

/// `1 message`, `2 messages`.
pub fn count(number: impl Into<u64>, one: &str) -> String {
    match number.into() {
        1 => format!("1 {one}"),
        number => format!("{number} {one}s"),
    }
}
