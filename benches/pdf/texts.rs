//! The documents: eight pages with a table, notes and pictures, as many
//! different ones as are asked for.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs};

use comrak::Arena;
use hlas::load::settings::settings;
use hlas::load::{Loaded, load};
use hlas::model::{Edition, Publication, Readership};
use hlas::render::{Document, Format, pdf};
use tempfile::TempDir;

use super::prose;

const SETTINGS: &str = r#"base_url = "https://hlas.example.org/"
[organisation]
name = { cs = "Konsorcium Žluťásek", en = "Finch Consortium" }
address = { cs = "Úzká 1, 110 00 Praha 1", en = "Úzká 1, 110 00 Prague 1" }
email = "redakce@example.org"
[mail]
from = "hlas@example.org"
"#;

const HEAD: &str = "---\ntitle: Dostupnost bydlení v obcích\nsummary: Co ukazují čísla a co \
    z nich plyne.\nkind: analysis\ndate: 2020-01-06\nauthors: [Žofie Přibylová]\n\
    status: ready\n---\n\n";

/// About as much as makes eight pages.
const WORDS: usize = 2_500;

struct Model {
    body: String,
    /// What lies beside it.
    pictures: Vec<(String, Vec<u8>)>,
    origin: String,
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| real().unwrap_or_else(made_up))
}

/// The sample that the promises name, where it is at hand.
fn real() -> Option<Model> {
    let named = env::var_os("HLAS_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = [named, Some(beside)].into_iter().flatten().map(|it| it.join("samples"));
    let file = folder.map(|it| it.join("analyza.md")).find(|it| it.is_file())?;
    let text = fs::read_to_string(&file).ok()?;
    let body = text.split_once("\n---\n").map_or(text.as_str(), |(_, body)| body).to_owned();
    let files = fs::read_dir(file.parent()?).ok()?.flatten().map(|it| it.path());
    let pictures = files.filter(|it| it.extension().is_some_and(|it| it == "svg" || it == "png"));
    let read =
        |it: PathBuf| Some((it.file_name()?.to_string_lossy().into_owned(), fs::read(it).ok()?));
    Some(Model {
        body,
        pictures: pictures.filter_map(read).collect(),
        origin: file.display().to_string(),
    })
}

fn made_up() -> Model {
    let drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='640' height='240'>\
        <rect x='40' y='40' width='400' height='60' fill='#1f4e79'/>\
        <text x='40' y='160' font-family=\"'Source Sans 3'\">Počet žádostí</text></svg>";
    let rows: String =
        (1..40).map(|row| format!("| Obec č. {row} | {} | {} |\n", row * 517, row * 3)).collect();
    let body = format!(
        "{}\n\n![Sloupcový graf](graf.svg)\n\n| Obec | Obyvatel | Žádostí |\n|---|--:|--:|\n{rows}",
        prose::text(WORDS, 0)
    );
    Model {
        body,
        pictures: vec![("graf.svg".to_owned(), drawing.as_bytes().to_vec())],
        origin: "made up: no ../shared/samples, none in HLAS_CORPUS".to_owned(),
    }
}

/// Says what is set, before any figure.
pub fn announce() {
    let words = prose::count(&model().body);
    println!("a document of {words} words; text: {}\n", model().origin);
}

/// The text with something else in every paragraph and every cell that holds
/// a number, so that no two documents have one of these in common.
fn varied(body: &str, number: usize) -> String {
    let mut varied = String::new();
    for line in body.lines() {
        let is_sentence = line.starts_with(char::is_alphabetic) && line.len() > 60;
        let shift = |c: char| match c.to_digit(10) {
            Some(digit) if line.starts_with('|') => {
                char::from_digit((digit + number as u32) % 10, 10).expect("a digit")
            }
            _ => c,
        };
        varied.extend(line.chars().map(shift));
        if is_sentence {
            varied.push_str(&format!(" Jde o případ číslo {number} ze sta."));
        }
        varied.push('\n');
    }
    varied
}

/// A workspace with so many different documents.
pub struct House {
    pub loaded: Loaded,
    _folder: TempDir,
}

impl House {
    pub fn with(documents: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: String, bytes: &[u8]| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, bytes).expect("written");
        };
        write("hlas.toml".to_owned(), SETTINGS.as_bytes());
        for number in 0..documents {
            let below = format!("publications/2020-01-06-text-{number:03}");
            let text = format!("{HEAD}{}", varied(&model().body, number));
            write(format!("{below}/cs.md"), text.as_bytes());
            for (name, bytes) in &model().pictures {
                write(format!("{below}/{name}"), bytes);
            }
        }
        let settings = settings(folder.path(), SETTINGS, &[]).expect("settings");
        let loaded = load(settings.workspace).unwrap_or_else(|findings| panic!("{findings:?}"));
        Self { loaded, _folder: folder }
    }

    pub fn publications(&self) -> Vec<&Publication> {
        self.loaded.publications.iter().filter_map(|it| it.publication.as_ref()).collect()
    }

    pub fn pdf(&self, publication: &Publication) -> Vec<u8> {
        let manuscript = publication.leading();
        let edition = Edition { publication, manuscript, readership: Readership::Public };
        let Loaded { workspace, theme, .. } = &self.loaded;
        let arena = Arena::new();
        let document = Document::new(&arena, &edition, workspace, theme);
        let made = pdf::Pdf.render(&document, theme);
        made.unwrap_or_else(|finding| panic!("{finding:?}")).bytes
    }
}
