//! How long the work takes, against what the house was promised:
//!
//! | bench | promise |
//! |---|---|
//! | `edition` | a 2,000-word edition to mail HTML and text, warm, one core: under 5 ms |
//! | `house::first_build` | 500 publications to mail, text, page and feed, two cores: under 3 s |
//! | `house::nothing_changed` | the same house once more: under 0.3 s |
//!
//! `cargo bench --bench speed` prints medians; a word after it chooses benches
//! by name. The five hundred are made of real texts where these are at hand
//! (`../shared/corpus`, or below the folder that `HLAS_CORPUS` names), else of
//! made-up ones; which, is said first.
//!
//! `compose` has no promise of its own: messages of 77 kB, the obvious way, from
//! the skeleton, and signed.
//!
//! A pass or rule that must be fast on its own has a file here of its own, as
//! `parity` has.

mod citations;
mod compose;
mod edition;
mod house;
mod parity;
mod prose;
mod typography;

fn main() {
    house::announce();
    divan::main();
}
