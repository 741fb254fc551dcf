//! The house's looks and words: files of `templates/`, the workspace's own first.
//!
//! The built-in theme is embedded in the binary, so a workspace without a
//! `templates/` folder still publishes; a file the workspace has there wins
//! over the built-in one of the same name. Words are merged key by key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use include_dir::{Dir, include_dir};
use jiff::civil::Date;
use serde_json::Value;

use super::citing::{self, Citing};
use super::fonts::Fonts;
use super::palette::Palette;
use super::pdf::{self, Typesetter};
use super::ruler::Ruler;
use super::template::{Template, Templates};
use super::{email, index, page};
use crate::chart::{Look, Numerals};
use crate::model::{Color, Finding, Findings, Language, Place, digest};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Files of a theme by their path below `templates/`: `email/mail.mjml`.
pub type ThemeFiles = BTreeMap<String, Vec<u8>>;

/// A theme, parsed once and used for every edition.
pub struct Theme {
    files: ThemeFiles,
    painted: bool,
    words: BTreeMap<Language, Words>,
    templates: Templates,
    charts: Look,
    citing: OnceLock<Citing>,
    fonts: OnceLock<Fonts>,
    fingerprint: OnceLock<String>,
    own_templates: Vec<String>,
    guard: Option<Box<dyn Typesetter>>,
}

impl Theme {
    /// The built-in theme with `own`, the workspace's files, laid over it.
    ///
    /// `languages` are those that the workspace publishes in: each needs its
    /// words. All that is wrong comes back as findings in the theme's files.
    pub fn new(own: ThemeFiles, languages: &[Language]) -> Result<Self, Findings> {
        Self::of(own, languages, built_in_files())
    }

    /// Whether its colours follow from one that the house has chosen.
    pub fn is_painted(&self) -> bool {
        self.painted
    }

    /// The same in the colour of a house.
    pub fn in_color(
        own: ThemeFiles,
        languages: &[Language],
        accent: Color,
    ) -> Result<Self, Findings> {
        let mut files = built_in_files();
        let painted = Palette::of(accent).paint(&mut files);
        Ok(Self { painted, ..Self::of(own, languages, files)? })
    }

    fn of(
        own: ThemeFiles,
        languages: &[Language],
        mut files: ThemeFiles,
    ) -> Result<Self, Findings> {
        let mut findings = Findings::new();
        let mut words = BTreeMap::new();
        for language in languages {
            match words_of(language, &own) {
                Ok(found) => {
                    words.insert(language.clone(), found);
                }
                Err(finding) => findings.push(finding),
            }
        }
        let charts = look_of_charts(&files, &own).map_err(|finding| findings.push(finding));
        let citing = OnceLock::new();
        if let Some(style) = own.get(citing::STYLE) {
            match Citing::new(style) {
                Ok(style) => drop(citing.set(style)),
                Err(finding) => findings.push(finding),
            }
        }
        let Ok(charts) = charts else { return Err(findings) };
        if !findings.is_empty() {
            return Err(findings);
        }
        let own_templates = own_templates(&own);
        files.extend(own);
        let templates = Templates::new(&files, |template| rehearsals(template, &words))?;
        let (fonts, fingerprint) = (OnceLock::new(), OnceLock::new());
        Ok(Self {
            files,
            painted: false,
            words,
            templates,
            charts,
            citing,
            fonts,
            fingerprint,
            own_templates,
            guard: None,
        })
    }

    /// Has those PDFs set by `guard` that might take for ever.
    pub fn guard(&mut self, guard: impl Typesetter + 'static) {
        self.guard = Some(Box::new(guard));
    }

    /// Who sets a PDF: the guard, if there is one, where the text is long or a
    /// template is the workspace's own.
    pub(super) fn typesetter(&self, is_long: bool) -> &dyn Typesetter {
        let guard = self.guard.as_deref().filter(|_| is_long || !self.own_templates.is_empty());
        guard.unwrap_or(&pdf::InProcess)
    }

    /// Templates of the PDF that are not as the built-in theme has them:
    /// `pdf/style.typ`.
    pub(super) fn own_templates(&self) -> &[String] {
        &self.own_templates
    }

    /// The templates, compiled.
    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// The bytes of a theme file. The built-in theme has every file that the
    /// renderers name, so a missing one is a bug.
    pub fn file(&self, path: &str) -> &[u8] {
        self.files.get(path).unwrap_or_else(|| panic!("the theme has no {path}"))
    }

    /// Every file below a folder of the theme, in order of name.
    pub fn folder<'t>(&'t self, folder: &'t str) -> impl Iterator<Item = (&'t str, &'t [u8])> {
        self.files
            .iter()
            .filter(move |(path, _)| Path::new(path.as_str()).starts_with(folder))
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The faces of `fonts/`, parsed when first asked for: a run that renders
    /// no PDF and no picture does not pay for them.
    pub fn fonts(&self) -> &Fonts {
        self.fonts.get_or_init(|| Fonts::new(self.folder("fonts")))
    }

    /// Colours and letters of charts.
    pub fn charts(&self) -> &Look {
        &self.charts
    }

    /// What texts in charts are measured with.
    pub fn ruler(&self) -> Ruler<'_> {
        Ruler::new(self.folder("fonts"), &self.charts.font)
    }

    /// How works are cited, parsed when the first one is.
    pub fn citing(&self) -> &Citing {
        self.citing.get_or_init(|| {
            Citing::new(self.file(citing::STYLE))
                .expect("the built-in style is sound; a test looks")
        })
    }

    /// The same for the same theme: what was made with it may be used again.
    pub fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| {
            let mut all = String::new();
            for (path, bytes) in &self.files {
                all.push_str(&format!("{path} {} ", digest(bytes)));
            }
            digest(all.as_bytes())
        })
    }

    /// The words of a language that the workspace publishes in.
    pub fn words(&self, language: &Language) -> &Words {
        self.words
            .get(language)
            .or_else(|| self.words.values().next())
            .expect("a workspace has at least one language")
    }
}

/// What a template must take, in every language.
fn rehearsals(template: Template, words: &BTreeMap<Language, Words>) -> Vec<Value> {
    let contexts = match template {
        Template::Mail => email::rehearsals,
        Template::Page => page::rehearsals,
        Template::Index => index::rehearsals,
    };
    words.iter().flat_map(|(language, words)| contexts(language.as_str(), words)).collect()
}

fn own_templates(own: &ThemeFiles) -> Vec<String> {
    let is_ours = |path: &str, bytes: &[u8]| {
        BUILT_IN.get_file(path).is_some_and(|file| file.contents() == bytes)
    };
    let templates = own.iter().filter(|(path, _)| path.starts_with("pdf/"));
    templates.filter(|(path, bytes)| !is_ours(path, bytes)).map(|(path, _)| path.clone()).collect()
}

/// The built-in theme's files.
pub fn built_in_files() -> ThemeFiles {
    fn gather(dir: &Dir<'_>, files: &mut ThemeFiles) {
        for file in dir.files() {
            files.insert(file.path().to_string_lossy().into_owned(), file.contents().to_vec());
        }
        for child in dir.dirs() {
            gather(child, files);
        }
    }
    let mut files = ThemeFiles::new();
    gather(&BUILT_IN, &mut files);
    files
}

/// What the theme says in one language: a tree of texts, and how the language
/// writes dates and numbers.
#[derive(Debug, Clone)]
pub struct Words {
    tree: Value,
}

impl Words {
    /// The whole tree, for templates: `{{words.email.read_online}}`.
    pub fn tree(&self) -> &Value {
        &self.tree
    }

    /// One text by its dotted key, such as `email.read_online`. The built-in
    /// words have every key in use, so a missing one is a bug; tests look.
    pub fn get(&self, key: &str) -> &str {
        let found = key.split('.').try_fold(&self.tree, |node, part| node.get(part));
        found.and_then(Value::as_str).unwrap_or_else(|| panic!("the words have no {key}"))
    }

    /// That a text is in another language: `in Czech`; that language's own
    /// name for itself where nobody has put it in words.
    pub fn in_language(&self, other: &Language, theme: &Theme) -> String {
        let known = self.tree["in_language"][other.as_str()].as_str();
        known.unwrap_or_else(|| theme.words(other).get("language")).to_owned()
    }

    /// A text with its `{holes}` filled.
    pub fn phrase(&self, key: &str, values: &[(&str, &str)]) -> String {
        let text = self.get(key).to_owned();
        values.iter().fold(text, |text, (hole, value)| text.replace(&format!("{{{hole}}}"), value))
    }

    /// The greeting line of a mail, with its comma: the reader's salutation as
    /// it stands in the list, or the house's greeting where it states none.
    pub fn greeting(&self, salutation: &str) -> String {
        match salutation.trim() {
            "" => self.get("email.greeting").to_owned(),
            greeting if greeting.ends_with([',', '!', '.', ':']) => greeting.to_owned(),
            greeting => format!("{greeting},"),
        }
    }

    /// A date as the language writes it: `5. října 2026`, `5 October 2026`.
    pub fn date(&self, date: Date) -> String {
        let month = usize::from(date.month().unsigned_abs()) - 1;
        let month = self.tree["months"][month].as_str().unwrap_or_default();
        self.get("date")
            .replace("{day}", &date.day().to_string())
            .replace("{month}", month)
            .replace("{year}", &date.year().to_string())
    }

    /// A whole number with its thousands set apart: `12 345`, `12,345`.
    pub fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push_str(self.get("group"));
            }
            grouped.push(digit);
        }
        grouped
    }

    /// How the language writes numbers with decimals.
    pub fn numerals(&self) -> Numerals {
        let get = |key| self.get(key).to_owned();
        Numerals { decimal: get("decimal"), group: get("group"), percent: get("percent") }
    }

    /// Several names as a sentence has them: `A, B a C`.
    pub fn list(&self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} {} {last}", first.join(", "), self.get("and")),
        }
    }
}

/// The file that says how charts look.
const CHARTS: &str = "chart.toml";

/// The look of charts in the colour of the house, with what the workspace states
/// over it. Where that colour is too near to another one the built-in stays.
fn look_of_charts(painted: &ThemeFiles, own: &ThemeFiles) -> Result<Look, Finding> {
    let place = Place::start(theme_path(CHARTS));
    let wrong = |message: String| {
        Finding::error(THEME_CHART, place.clone(), message)
            .help("`hlas theme chart.toml --force` writes out the built-in one")
    };
    let look = |tree: Value| {
        serde_json::from_value::<Look>(tree).map_err(|error| wrong(error.to_string()))
    };
    let built_in = BUILT_IN.get_file(CHARTS).map(|file| file.contents()).unwrap_or_default();
    let painted = painted.get(CHARTS).map_or(built_in, Vec::as_slice);
    let painted = parse_toml(CHARTS, THEME_CHART, painted)?;
    let mut tree = parse_toml(CHARTS, THEME_CHART, built_in)?;
    let Look { light, dark, .. } = look(painted.clone())?;
    for (name, palette) in [("light", light), ("dark", dark)] {
        if palette.confusion().is_none() {
            tree[name] = painted[name].clone();
        }
    }
    if let Some(own) = own.get(CHARTS) {
        merge(&mut tree, parse_toml(CHARTS, THEME_CHART, own)?);
    }
    let look = look(tree)?;
    match look.fault() {
        Some(fault) => Err(wrong(fault)),
        None => Ok(look),
    }
}

fn words_of(language: &Language, own: &ThemeFiles) -> Result<Words, Finding> {
    let name = format!("words.{language}.toml");
    let built_in = BUILT_IN.get_file(&name).map(|file| file.contents());
    let own = own.get(&name).map(Vec::as_slice);
    if built_in.is_none() && own.is_none() {
        let place = Place::start("hlas.toml");
        return Err(Finding::error(
            "theme-words",
            place,
            format!("the theme has no words for the language “{language}”"),
        )
        .help(format!("add templates/{name}; `templates/words.en.toml` is a model")));
    }
    let mut tree = Value::Object(serde_json::Map::new());
    // A language that the built-in theme lacks falls back on English for the
    // keys that its file does not state.
    let english = BUILT_IN.get_file("words.en.toml").map(|file| file.contents());
    for layer in [english, built_in, own].into_iter().flatten() {
        merge(&mut tree, parse_toml(&name, THEME_WORDS, layer)?);
    }
    let months = tree["months"].as_array().map_or(0, Vec::len);
    if months != 12 {
        let place = Place::start(theme_path(&name));
        return Err(Finding::error("theme-words", place, "`months` must name twelve months"));
    }
    Ok(Words { tree })
}

fn theme_path(name: &str) -> PathBuf {
    Path::new("templates").join(name)
}

const THEME_WORDS: &str = "theme-words";
const THEME_CHART: &str = "theme-chart";

fn parse_toml(name: &str, rule: &'static str, bytes: &[u8]) -> Result<Value, Finding> {
    let file = theme_path(name);
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Finding::error(rule, Place::start(&file), "the file is not UTF-8")
            .help("save it again as UTF-8")
    })?;
    let table: toml::Table = toml::from_str(text).map_err(|error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        let place = Place::at_offset(&file, text, offset);
        Finding::error(rule, place, format!("not valid TOML: {}", error.message()))
            .source(&text.into())
    })?;
    serde_json::to_value(table)
        .map_err(|error| Finding::error(rule, Place::start(&file), error.to_string()))
}

fn merge(tree: &mut Value, layer: Value) {
    match (tree, layer) {
        (Value::Object(tree), Value::Object(layer)) => {
            for (key, value) in layer {
                merge(tree.entry(key).or_insert(Value::Null), value);
            }
        }
        (tree, layer) => *tree = layer,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn theme(own: &[(&str, &str)]) -> Result<Theme, Findings> {
        let own = own.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        Theme::new(own.collect(), &["cs".into(), "en".into()])
    }

    #[test]
    fn dates_numbers_and_lists_are_written_as_each_language_writes_them() {
        let theme = theme(&[]).unwrap();
        let names = ["Jana".to_owned(), "Petr".to_owned(), "Eva".to_owned()];
        let (cs, en) = (theme.words(&"cs".into()), theme.words(&"en".into()));
        assert_eq!(cs.date(date(2026, 10, 5)), "5. října 2026");
        assert_eq!(en.date(date(2026, 10, 5)), "5 October 2026");
        assert_eq!(cs.number(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(en.number(999), "999");
        assert_eq!(cs.list(&names), "Jana, Petr a Eva");
        assert_eq!(en.list(&names[..1]), "Jana");
    }

    #[test]
    fn a_workspace_overrides_one_word_and_keeps_the_others() {
        let theme = theme(&[("words.cs.toml", "and = \"i\"")]).unwrap();
        let words = theme.words(&"cs".into());
        assert_eq!(words.get("and"), "i");
        assert_eq!(words.date(date(2026, 1, 1)), "1. ledna 2026");
    }

    #[test]
    fn broken_words_are_named_by_file_line_and_column() {
        let findings = theme(&[("words.cs.toml", "a = 1\nand = \n")]).err().unwrap();
        assert_eq!(findings[0].place.to_string(), "templates/words.cs.toml:2:7");
    }

    #[test]
    fn a_look_of_charts_is_laid_over_the_built_in_one_or_told_what_is_wrong_with_it() {
        let own = theme(&[("chart.toml", "[light]\npaper = \"#fffdf5\"\n")]).unwrap();
        assert_eq!(own.charts().light.paper, "#fffdf5");
        assert_eq!(own.charts().dark, theme(&[]).unwrap().charts().dark);
        for (toml, told) in [
            ("[light]\nseries = [\"#112233\"]\n", "[light] has 1 colours for series, and needs 5"),
            ("[light]\naxis = \"blue\"\n", "`blue` in [light] is no colour: write it as #1f4e79"),
            ("font = \"a\"\nfnt = 1\n", "unknown field `fnt`"),
            ("font = \n", "not valid TOML"),
        ] {
            let findings = theme(&[("chart.toml", toml)]).err().unwrap();
            let [finding] = &findings[..] else { panic!("one") };
            assert_eq!(finding.rule, "theme-chart");
            assert!(finding.message.starts_with(told), "{}", finding.message);
        }
    }

    #[test]
    fn charts_are_in_the_colour_of_the_house_unless_it_could_be_taken_for_another() {
        let first = |accent: &str| {
            let accent = accent.parse().unwrap();
            let theme = Theme::in_color(ThemeFiles::new(), &["cs".into()], accent).ok().unwrap();
            let look = theme.charts();
            [&look.light, &look.dark].map(|palette| palette.series[0].clone())
        };
        assert_eq!(first("#0000ff")[0], "#0000ff");
        assert_eq!(first("#003b7a"), ["#003b7a", "#aabed3"]);
        assert_eq!(first("#b8581c")[0], "#1f4e79", "the second is like it");
    }

    #[test]
    fn every_language_says_the_same_things() {
        fn keys(value: &Value, prefix: &str, into: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    for (key, value) in map {
                        keys(value, &format!("{prefix}.{key}"), into);
                    }
                }
                _ => into.push(prefix.to_owned()),
            }
        }
        let [cs, en] = ["cs", "en"].map(|language| {
            let name = format!("words.{language}.toml");
            let bytes = built_in_files().remove(&name).unwrap();
            let mut found = Vec::new();
            keys(&parse_toml(&name, THEME_WORDS, &bytes).unwrap(), "", &mut found);
            found
        });
        assert_eq!(cs, en);
    }
}
