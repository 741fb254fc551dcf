//! Gives the program a name for the code it was built from: whatever an
//! earlier program rendered is not used again by one that might render it
//! differently. Sources are hashed whole, so that no module can be forgotten.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{fs, io};

/// Everything that a rendition's bytes and a rule's findings can come from.
const SOURCES: [&str; 3] = ["Cargo.lock", "src", "templates"];

fn main() -> io::Result<()> {
    // With fixed keys: the same sources have the same name everywhere.
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        hash(Path::new(source), &mut hasher)?;
    }
    // Not HLAS_…, which are settings: `cargo run` hands this on to the program.
    println!("cargo:rustc-env=CODE_OF_HLAS={:016x}", hasher.finish());
    Ok(())
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    path.to_string_lossy().hash(hasher);
    if !path.is_dir() {
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| hash(entry, hasher))
}
