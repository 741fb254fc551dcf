//! Real texts that nobody wrote for us: posts of other houses, and the
//! specifications of Markdown itself. None of them is in this repository;
//! they are read from `../shared`, or from the folder that `HLAS_CORPUS` names.
//!
//! Each becomes a publication of its own, in one workspace, and has to come
//! out in every format or to be answered with findings at a line and column.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use hlas::build::{Built, build};
use hlas::load::load;
use hlas::load::settings::settings;
use hlas::model::Place;
use hlas::publish::Output;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::desk::{Desk, HOUSE, repository, skip};

pub fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("HLAS_CORPUS").map(PathBuf::from);
    let folders = [Some(repository().join("../shared")), named];
    folders.into_iter().flatten().find(|folder| folder.join("corpus").is_dir())
}

/// Texts and pictures below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md" || extension == "txt")
        && path.file_name().is_some_and(|name| name != "README.md")
}

/// The text below whatever front matter it came with.
pub fn body(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}');
    let Some(rest) = text.strip_prefix("---") else { return text };
    let end = rest.match_indices("\n---").find(|(at, fence)| {
        rest[at + fence.len()..].chars().next().is_none_or(char::is_whitespace)
    });
    end.map_or(text, |(at, fence)| &rest[at + fence.len()..])
}

const HEAD: &str =
    "---\ntitle: Text\nkind: analysis\ndate: 2020-01-06\nto: [everyone]\nstatus: ready\n---\n\n";

/// Texts of the corpus and the samples whose size `fits`.
fn texts(shared: &Path, fits: impl Fn(u64) -> bool) -> Vec<PathBuf> {
    let mut texts = files(&shared.join("corpus"));
    texts.extend(files(&shared.join("samples")));
    texts.retain(|path| is_text(path) && fits(fs::metadata(path).expect("a size").len()));
    assert!(texts.len() >= 5, "{} texts in {}", texts.len(), shared.display());
    texts
}

fn language(file: &Path) -> &'static str {
    let file = file.to_string_lossy();
    if file.contains("/cs-") || file.ends_with("analyza.md") { "cs" } else { "en" }
}

/// A workspace with a publication a text, each with the pictures beside it.
fn desk_with(texts: &[PathBuf]) -> Desk {
    let desk = Desk::small();
    for (number, file) in texts.iter().enumerate() {
        let folder = format!("publications/2020-01-06-text-{number}");
        let text = fs::read_to_string(file).expect("UTF-8");
        let text = format!("{HEAD}{}", body(&text));
        desk.write(&format!("{folder}/{}.md", language(file)), text);
        for beside in files(file.parent().expect("a folder")).iter().filter(|it| !is_text(it)) {
            let name = beside.file_name().expect("a name").to_string_lossy();
            desk.write(&format!("{folder}/{name}"), fs::read(beside).expect("a picture"));
        }
    }
    desk
}

/// The publications of a workspace, each built by itself, so that a panic has
/// a name and no other hides behind it.
fn build_each(desk: &Desk, texts: &[PathBuf], mut look: impl FnMut(&Path, &Built)) {
    let settings = settings(&desk.root(), HOUSE, &[]).expect("settings");
    let out = Output::open(&settings.workspace.out).expect("writable");
    let now = Timestamp::now().to_zoned_datetime(TimeZone::UTC);
    let mut loaded = load(settings.workspace).expect("a workspace");
    for publication in std::mem::take(&mut loaded.publications) {
        let folder = publication.folder.to_string_lossy().into_owned();
        let number = folder.rsplit('-').next().and_then(|it| it.parse::<usize>().ok());
        let file = &texts[number.expect("a number")];
        loaded.publications = vec![publication];
        let built = catch_unwind(AssertUnwindSafe(|| build(&loaded, &now, &out)));
        look(file, &built.unwrap_or_else(|_| panic!("{} panicked", file.display())));
    }
}

/// Where the errors are; each has a place in the text, and a way out.
fn errors(file: &Path, built: &Built) -> Vec<Place> {
    let findings = built.publications.iter().flat_map(|one| &one.findings);
    for finding in findings.clone() {
        assert!(!finding.help.is_empty(), "{}: {finding:?}", file.display());
    }
    let errors = findings.filter(|finding| finding.is_error());
    errors
        .map(|error| {
            let in_text = error.place.line > HEAD.lines().count();
            assert!(in_text, "{}: {error:?}", file.display());
            error.place.clone()
        })
        .collect()
}

fn came_out_in_every_format(file: &Path, built: &Built) {
    for ending in [".html", ".pdf", ".everyone.html", ".everyone.txt"] {
        assert!(
            built.renditions().any(|it| it.path.ends_with(ending)),
            "{}: no {ending}",
            file.display()
        );
    }
    let feed = format!("site/feed.{}.xml", language(file));
    let feed = built.renditions().find(|it| it.path == feed).expect("a feed");
    let feed = rss::Channel::read_from(&feed.bytes[..]).expect("RSS");
    assert_eq!(feed.items().len(), 1, "{}", file.display());
}

/// Builds every text; what has errors is built again without the lines that
/// they name, as an author would who does what is said, until it comes out.
fn each_comes_out_or_is_named_and_mended(texts: &[PathBuf]) {
    let desk = desk_with(texts);
    for round in 0..4 {
        let mut named: BTreeMap<PathBuf, BTreeSet<usize>> = BTreeMap::new();
        build_each(&desk, texts, |file, built| match errors(file, built) {
            places if places.is_empty() => came_out_in_every_format(file, built),
            places => {
                for place in places {
                    named.entry(place.file).or_default().insert(place.line);
                }
            }
        });
        println!("round {round}: {} of {} have errors", named.len(), texts.len());
        let publications = desk.root().join("publications");
        for folder in fs::read_dir(&publications).expect("publications") {
            let folder = folder.expect("a folder").path();
            if !named.keys().any(|file| desk.root().join(file).starts_with(&folder)) {
                fs::remove_dir_all(folder).expect("it came out");
            }
        }
        if named.is_empty() {
            return;
        }
        for (file, lines) in named {
            let file = file.to_str().expect("UTF-8");
            let text = desk.read(file);
            let kept = text
                .lines()
                .enumerate()
                .map(|(index, line)| if lines.contains(&(index + 1)) { "" } else { line });
            desk.write(file, kept.collect::<Vec<_>>().join("\n"));
        }
    }
    panic!("some texts still have errors: {:?}", desk.tree("publications"));
}

/// Parts the texts into two halves, of about the same work, for two cores.
const SHORT: u64 = 10_000;

#[test]
fn every_short_foreign_text_comes_out_in_every_format_or_is_named_at_its_line() {
    match corpus() {
        Some(shared) => each_comes_out_or_is_named_and_mended(&texts(&shared, |it| it <= SHORT)),
        None => skip("no foreign texts in ../shared, and HLAS_CORPUS names none"),
    }
}

#[test]
fn every_long_foreign_text_comes_out_in_every_format_or_is_named_at_its_line() {
    match corpus() {
        Some(shared) => each_comes_out_or_is_named_and_mended(&texts(&shared, |it| it > SHORT)),
        None => skip("no foreign texts in ../shared, and HLAS_CORPUS names none"),
    }
}
