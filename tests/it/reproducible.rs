//! The same sources give the same bytes: in another folder, at another time, on
//! another number of threads, with files that lie in another order.

use std::collections::BTreeMap;
use std::fs;

use crate::desk::{Desk, files_below, repository};
use crate::first_run::FIRST_RUN;

/// What was published, by path. `memory.json` has the times of files, so that
/// they need not be read again, and is nobody's to publish.
fn published(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    let files = desk.tree("out").into_iter();
    let files = files.filter(|file| ![".lock", "memory.json"].contains(&file.as_str()));
    files.map(|file| (file.clone(), desk.bytes(&format!("out/{file}")))).collect()
}

/// A clone with its files written in the opposite order.
fn backwards() -> Desk {
    let desk = Desk::bare();
    for part in ["templates", "subscribers", "publications"] {
        for file in files_below(&repository().join(part)).iter().rev() {
            let bytes = fs::read(repository().join(part).join(file)).expect("a file");
            desk.write(&format!("{part}/{file}"), bytes);
        }
    }
    desk.write("hlas.toml", fs::read(repository().join("hlas.toml")).expect("settings"));
    desk
}

#[test]
fn two_clones_publish_the_same_bytes_pdfs_included() {
    let here = published(&FIRST_RUN.desk);
    let there = backwards().knowing("RAYON_NUM_THREADS", "1").knowing("TZ", "Pacific/Auckland");
    there.hlas(["build"]).ends_with(0);
    let there = published(&there);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&here), names(&there));
    let pdfs = here.keys().filter(|file| file.ends_with(".pdf")).count();
    assert!(pdfs > 5, "{pdfs} PDFs");
    let differ: Vec<_> = here.keys().filter(|file| here[*file] != there[*file]).collect();
    assert!(differ.is_empty(), "{differ:?}");
}
