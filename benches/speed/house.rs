//! A house with five hundred publications, from disk to disk: read, checked,
//! rendered in every format but PDF for the public and two segments, written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use divan::Bencher;
use hlas::build::{Built, build_in};
use hlas::load::settings::settings;
use hlas::load::{Loaded, load};
use hlas::publish::{Output, Published};
use hlas::render::{Format, email, page, text};
use jiff::{Timestamp, tz::TimeZone};
use tempfile::TempDir;

use super::prose;

const PUBLICATIONS: usize = 500;
const FORMATS: &[&dyn Format] = &[&page::Page, &email::Email, &text::Text];

/// Longer than this is a specification, not a publication.
const LONGEST: usize = 10_000;

const SETTINGS: &str = r#"base_url = "https://hlas.example.org/"
[organisation]
name = { cs = "Konsorcium Žluťásek", en = "Finch Consortium" }
address = { cs = "Úzká 1, 110 00 Praha 1", en = "Úzká 1, 110 00 Prague 1" }
email = "redakce@example.org"
[mail]
from = "hlas@example.org"
"#;

const SEGMENTS: &str = "[politicians]\ntitle = { cs = \"Zákonodárci\", en = \"Legislators\" }\n\
    when = 'list == \"politicians\"'\n[everyone]\n\
    title = { cs = \"Všichni\", en = \"Everyone\" }\nwhen = 'true'\n";

/// A workspace in a folder of its own.
pub struct House(TempDir);

impl House {
    pub fn empty() -> Self {
        let house = Self(tempfile::tempdir().expect("a folder"));
        house.write("hlas.toml", SETTINGS);
        house.write("subscribers/segments.toml", SEGMENTS);
        let people = "email,language,basis\njana@example.org,cs,public-office\n";
        house.write("subscribers/politicians.csv", people);
        house
    }

    /// The house of five hundred.
    fn large() -> Self {
        let house = Self::empty();
        for (number, text) in texts().0.iter().cycle().take(PUBLICATIONS).enumerate() {
            let day = 1 + number % 28;
            let slug =
                format!("20{:02}-{:02}-{day:02}-text", 10 + number / 336, 1 + number / 28 % 12);
            house.publication(&slug, text.language, &text.body);
            for (name, bytes) in &text.pictures {
                let path = house.0.path().join(format!("publications/{slug}/{name}"));
                fs::write(path, bytes).expect("a picture");
            }
        }
        house
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub fn publication(&self, slug: &str, language: &str, body: &str) {
        let date = &slug[..10];
        let head = format!(
            "---\ntitle: Text ze dne {date}\nsummary: O čem to je.\nkind: analysis\ndate: {date}\n\
             authors: [Žofie Přibylová]\nto: [politicians, everyone]\nstatus: ready\n---\n\n"
        );
        self.write(&format!("publications/{slug}/{language}.md"), &format!("{head}{body}"));
    }

    pub fn loaded(&self) -> Loaded {
        let settings = settings(self.0.path(), SETTINGS, &[]).expect("settings");
        load(settings.workspace).unwrap_or_else(|findings| panic!("{findings:?}"))
    }

    /// From disk to disk.
    fn build(&self) -> (Built, Published) {
        let loaded = self.loaded();
        let now = Timestamp::now().to_zoned_datetime(TimeZone::UTC);
        let mut output = Output::open(&loaded.workspace.out).expect("an output folder");
        let built = build_in(FORMATS, &loaded, &now, &output);
        let published = output.publish(&built.pieces, &built.keep).expect("room on the disk");
        (built, published)
    }

    /// Begins with an empty output folder. The last one is moved away, not
    /// removed: some file systems pay for a removal with the next writing.
    fn forget(&self) {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let old = format!("out-{}", LAST.fetch_add(1, Ordering::Relaxed));
        let _ = fs::rename(self.0.path().join("out"), self.0.path().join(old));
    }
}

/// A publication's text and what lies beside it.
#[derive(Clone)]
struct Text {
    language: &'static str,
    body: String,
    pictures: Vec<(String, Vec<u8>)>,
}

/// Sound texts, and where they are from.
fn texts() -> &'static (Vec<Text>, String) {
    static TEXTS: OnceLock<(Vec<Text>, String)> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let named = std::env::var_os("HLAS_CORPUS").map(PathBuf::from);
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
        let mut folders = [named, Some(beside)].into_iter().flatten();
        match folders.find(|folder| folder.join("corpus").is_dir()) {
            Some(folder) => (real(&folder), format!("real ones from {}", folder.display())),
            None => (made_up(), "made up: no ../shared/corpus, none in HLAS_CORPUS".to_owned()),
        }
    })
}

/// Says what the five hundred are, before any figure.
pub fn announce() {
    let (texts, origin) = texts();
    let words = texts.iter().cycle().take(PUBLICATIONS).map(|text| prose::count(&text.body));
    let (kinds, words) = (texts.len(), words.sum::<usize>());
    println!("{PUBLICATIONS} publications of {kinds} texts, {words} words; texts: {origin}\n");
}

fn made_up() -> Vec<Text> {
    let text = |seed| Text {
        language: "cs",
        body: prose::text(300 + seed * 60, seed),
        pictures: Vec::new(),
    };
    (0..40).map(text).collect()
}

/// Every text of a folder that a publication could be, its mistakes mended.
fn real(folder: &Path) -> Vec<Text> {
    let mut files = Vec::new();
    walk(&folder.join("corpus"), &mut files);
    walk(&folder.join("samples"), &mut files);
    let is_text = |path: &&PathBuf| {
        path.extension().is_some_and(|it| it == "md") && path.file_name().unwrap() != "README.md"
    };
    let read = |path: &PathBuf| {
        let body = body(&fs::read_to_string(path).ok()?).to_owned();
        let name = path.to_string_lossy();
        let czech = name.contains("/cs-") || name.ends_with("analyza.md");
        let beside = files.iter().filter(|it| it.parent() == path.parent() && !is_text(it));
        let pictures = beside.filter_map(|it| {
            Some((it.file_name()?.to_string_lossy().into_owned(), fs::read(it).ok()?))
        });
        let language = if czech { "cs" } else { "en" };
        Some(Text { language, body, pictures: pictures.collect() })
    };
    let texts = files.iter().filter(is_text).filter_map(read);
    texts.filter(|text| prose::count(&text.body) < LONGEST).filter_map(mended).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// The text below whatever front matter it came with.
fn body(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---") else { return text };
    rest.split_once("\n---\n").map_or(text, |(_, body)| body)
}

/// The text without the lines that have errors, as its author would leave it.
fn mended(mut text: Text) -> Option<Text> {
    for _ in 0..5 {
        let house = House::empty();
        house.publication("2020-01-06-text", text.language, &text.body);
        let head = 10;
        for (name, bytes) in &text.pictures {
            fs::write(house.0.path().join("publications/2020-01-06-text").join(name), bytes)
                .ok()?;
        }
        let (built, _) = house.build();
        let findings = built.publications.iter().flat_map(|one| &one.findings);
        let wrong: Vec<usize> =
            findings.filter(|it| it.is_error()).map(|it| it.place.line).collect();
        if wrong.is_empty() {
            return Some(text);
        }
        let lines = text.body.lines().enumerate();
        let kept = lines.map(|(at, line)| if wrong.contains(&(at + 1 + head)) { "" } else { line });
        text.body = kept.collect::<Vec<_>>().join("\n");
    }
    None
}

/// The promise: nothing there yet, everything to do.
#[divan::bench(sample_count = 9, sample_size = 1)]
fn first_build(bencher: Bencher<'_, '_>) {
    let house = House::large();
    bencher.with_inputs(|| house.forget()).bench_local_values(|()| {
        let (built, published) = house.build();
        assert!(built.publications.iter().all(|one| one.is_sound()));
        assert!(published.written.len() > PUBLICATIONS * 5);
    });
}

/// The promise: what a timer finds every minute.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn nothing_changed(bencher: Bencher<'_, '_>) {
    let house = House::large();
    house.build();
    bencher.bench_local(|| {
        let (built, published) = house.build();
        assert_eq!((built.made().count(), published.is_change()), (0, false));
    });
}

/// What an analyst waits for: one text, its feed and the index.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn one_changed(bencher: Bencher<'_, '_>) {
    let house = House::large();
    house.build();
    let mut version = 0;
    let change = || {
        version += 1;
        house.publication("2010-01-01-text", "cs", &prose::text(2_000, version));
    };
    bencher.with_inputs(change).bench_local_values(|()| house.build());
}

/// Reading alone: settings, theme, lists, five hundred folders.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn load_alone(bencher: Bencher<'_, '_>) {
    let house = House::large();
    bencher.bench_local(|| house.loaded());
}
