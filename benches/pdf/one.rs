//! One document: what an analyst waits for.

use std::env;
use std::process::Command;

use divan::{Bencher, black_box};

use super::texts::House;

/// The promise: the program has just set it, and a sentence has changed.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn warm(bencher: Bencher<'_, '_>) {
    let house = House::with(1);
    let publication = house.publications()[0];
    let mut version = 0;
    let changed = || {
        version += 1;
        let mut publication = publication.clone();
        let body = &mut publication.manuscripts[0].body;
        let at = body.find(". ").expect("a sentence") + 1;
        body.insert_str(at, &format!(" Přibyla věta číslo {version}."));
        publication
    };
    house.pdf(publication);
    bencher.with_inputs(changed).bench_local_refs(|publication| house.pdf(publication));
}

/// The promise: the program has just been started.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn first(bencher: Bencher<'_, '_>) {
    let this = env::current_exe().expect("this program");
    bencher.bench_local(|| {
        let ended = Command::new(&this).arg("--one-document").status().expect("it runs");
        assert!(ended.success());
    });
}

/// What [`first`] measures.
pub fn alone() {
    let house = House::with(1);
    black_box(house.pdf(house.publications()[0]));
}
