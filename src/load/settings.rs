//! Settings: embedded defaults < `hlas.toml` < environment < flags.
//!
//! Raw, then resolved: the layers are merged as TOML, each leaf remembering
//! its layer, then read into [`Settings`]. Only `cli` reads the environment
//! and the flags; it hands them in as [`Layer`]s, so all of this is testable
//! without either.

mod look;
mod pace;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use lettre::Address;
use serde::Deserialize;
use toml::{Spanned, Table, Value, de::DeTable, de::DeValue};
use url::Url;

use super::nearest;
use crate::check::catalogue;
use crate::model::{
    ByLanguage, DeliverySettings, DkimSettings, Finding, Findings, Language, Licence, MailSettings,
    Member, Organisation, Pace, Place, Severity, TypographySettings, WorkingGroup, Workspace,
    with_ascii_domain,
};

/// The embedded defaults, as `hlas config --defaults` prints them.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// The settings that environment and flags may state: name in the file, and
/// the variable. Flags have the name with hyphens.
pub const OVERRIDES: [(&str, &str); 6] = [
    ("transport", "HLAS_TRANSPORT"),
    ("ledger", "HLAS_LEDGER"),
    ("out", "HLAS_OUT"),
    ("base_url", "HLAS_BASE_URL"),
    ("time_zone", "HLAS_TIME_ZONE"),
    ("metrics_file", "HLAS_METRICS_FILE"),
];

/// Every key there is, by the table it stands in. The one list that unknown
/// keys are held against.
const KEYS: [(&str, &[&str]); 11] = [
    (
        "",
        &[
            "default_language",
            "languages",
            "base_url",
            "time_zone",
            "transport",
            "ledger",
            "out",
            "metrics_file",
            "organisation",
            "mail",
            "delivery",
            "dkim",
            "kinds",
            "working_groups",
            "members",
            "rules",
            "typography",
            "theme",
            "pdf",
        ],
    ),
    ("organisation", &["name", "tagline", "address", "email", "website", "licence", "licence_url"]),
    (
        "mail",
        &[
            "from_name",
            "from",
            "reply_to",
            "envelope_sender",
            "list_id",
            "unsubscribe",
            "picture_budget_kb",
        ],
    ),
    (
        "delivery",
        &[
            "connections",
            "retry_hours",
            "late_hours",
            "pause_refusals",
            "pause_percent",
            "rate",
            "connection_rate",
            "warm_up",
            "wait_minutes",
            "lease_seconds",
            "domains",
            "window",
            "days",
            "holidays",
        ],
    ),
    ("dkim", &["domain", "keys"]),
    ("kinds", &["id", "name", "layout", "numbered"]),
    ("working_groups", &["id", "name"]),
    ("members", &["id", "name", "website"]),
    ("typography", &["bind"]),
    ("theme", &["accent"]),
    (
        "pdf",
        &[
            "paper",
            "margin_top",
            "margin_bottom",
            "margin_left",
            "margin_right",
            "text_font",
            "heading_font",
            "code_font",
            "text_size",
            "contents_from",
            "standard",
            "time_limit",
        ],
    ),
];

/// `[mail]` in a file takes the place of the whole table of the defaults, so
/// this one default of it stands here. 2 MB are 2.7 in base64: with a PDF still
/// far from the 10 MB that small servers take, and half a minute on a slow phone.
const DEFAULT_PICTURE_BUDGET_KB: u32 = 2000;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    Defaults,
    File,
    /// The variable's name.
    Environment(&'static str),
    /// The flag as typed: `--out`.
    Flag(String),
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Defaults => f.write_str("default"),
            Self::File => f.write_str("hlas.toml"),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// One setting stated outside the file.
#[derive(Debug, Clone)]
pub struct Override {
    /// A name out of [`OVERRIDES`].
    pub key: &'static str,
    pub value: String,
    pub layer: Layer,
}

/// What the program uses.
#[derive(Debug, Clone)]
pub struct Settings {
    pub workspace: Workspace,
    /// What `transport` opens: a URL with its options, or several between
    /// commas.
    pub transport: String,
    /// A URL that `ledger` opens.
    pub ledger: String,
    /// Where figures for Prometheus go, if anywhere.
    pub metrics_file: Option<PathBuf>,
    /// Every leaf: dotted key, value, and the layer it came from.
    pub origins: Vec<(String, Value, Layer)>,
}

/// Reads settings for the workspace in `root`, whose `hlas.toml` is `text`.
pub fn settings(root: &Path, text: &str, overrides: &[Override]) -> Result<Settings, Findings> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = TomlFile::parse("hlas.toml", text)?;
    let findings = unknown_keys(&file);
    if !findings.is_empty() {
        return Err(findings);
    }
    let (merged, layers) = merge(&file, overrides);
    // Errors of type are looked for in the file first: there they have a span.
    toml::from_str::<Raw>(text).map_err(|error| vec![file.type_error(&error)])?;
    let raw: Raw = merged
        .clone()
        .try_into()
        .map_err(|error: toml::de::Error| vec![file.whole(error.message().to_owned())])?;
    let mut resolver = Resolver { file: &file, layers: &layers, findings: Findings::new() };
    let workspace = resolver.workspace(root, &raw);
    match workspace {
        Some(workspace) if resolver.findings.is_empty() => Ok(Settings {
            workspace,
            transport: raw.transport.map(Transports::joined).unwrap_or_default(),
            ledger: raw.ledger.unwrap_or_default(),
            metrics_file: raw.metrics_file.map(|file| root.join(file)),
            origins: origins(&merged, &layers),
        }),
        _ => Err(resolver.findings),
    }
}

/// As typed: everything may be missing.
#[derive(Debug, Clone, Deserialize)]
struct Raw {
    default_language: Option<Language>,
    languages: Option<Vec<Language>>,
    base_url: Option<String>,
    time_zone: Option<String>,
    transport: Option<Transports>,
    ledger: Option<String>,
    out: Option<PathBuf>,
    metrics_file: Option<PathBuf>,
    #[serde(default)]
    organisation: RawOrganisation,
    #[serde(default)]
    mail: RawMail,
    dkim: Option<RawDkim>,
    #[serde(default)]
    kinds: Vec<look::RawKind>,
    #[serde(default)]
    delivery: RawDelivery,
    #[serde(default)]
    working_groups: Vec<RawNamed>,
    #[serde(default)]
    members: Vec<RawMember>,
    #[serde(default)]
    rules: BTreeMap<String, String>,
    #[serde(default)]
    typography: RawTypography,
    #[serde(default)]
    theme: look::RawTheme,
    #[serde(default)]
    pdf: look::RawPdf,
}

/// One, or a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "invalid type: a text or a list of texts is expected")]
enum Transports {
    One(String),
    Several(Vec<String>),
}

impl Transports {
    fn joined(self) -> String {
        match self {
            Self::One(one) => one,
            Self::Several(several) => several.join(", "),
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
struct RawTypography {
    #[serde(default)]
    bind: ByLanguage<Vec<String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct RawOrganisation {
    #[serde(default)]
    name: ByLanguage<String>,
    #[serde(default)]
    tagline: ByLanguage<String>,
    #[serde(default)]
    address: ByLanguage<String>,
    email: Option<String>,
    website: Option<String>,
    #[serde(default)]
    licence: ByLanguage<String>,
    licence_url: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct RawMail {
    #[serde(default)]
    from_name: ByLanguage<String>,
    from: Option<String>,
    reply_to: Option<String>,
    envelope_sender: Option<String>,
    list_id: Option<String>,
    unsubscribe: Option<String>,
    picture_budget_kb: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct RawDelivery {
    connections: Option<i64>,
    retry_hours: Option<i64>,
    late_hours: Option<i64>,
    pause_refusals: Option<i64>,
    pause_percent: Option<i64>,
    rate: Option<String>,
    connection_rate: Option<String>,
    warm_up: Option<Vec<i64>>,
    wait_minutes: Option<i64>,
    lease_seconds: Option<i64>,
    #[serde(default)]
    domains: BTreeMap<String, pace::RawDomain>,
    window: Option<String>,
    days: Option<String>,
    holidays: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawDkim {
    domain: Option<String>,
    #[serde(default)]
    keys: BTreeMap<String, PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawNamed {
    id: String,
    name: ByLanguage<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawMember {
    id: String,
    name: String,
    website: Option<String>,
}

/// A TOML file that can say where each of its values stands.
pub(super) struct TomlFile<'t> {
    name: PathBuf,
    text: &'t str,
    source: Arc<str>,
    pub(super) table: DeTable<'t>,
}

impl<'t> TomlFile<'t> {
    pub(super) fn parse(name: impl Into<PathBuf>, text: &'t str) -> Result<Self, Findings> {
        let (name, source) = (name.into(), Arc::from(text));
        let (table, errors) = DeTable::parse_recoverable(text);
        let file = Self { name, text, source, table: table.into_inner() };
        if errors.is_empty() {
            return Ok(file);
        }
        Err(errors.iter().map(|error| file.type_error(error)).collect())
    }

    pub(super) fn error(&self, span: std::ops::Range<usize>, message: String) -> Finding {
        let length = self.text.get(span.clone()).map_or(1, |text| text.chars().count());
        let place = Place::at_offset(&self.name, self.text, span.start).spanning(length.min(60));
        Finding::error("settings", place, message).source(&self.source)
    }

    pub(super) fn slice(&self, span: &std::ops::Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or("")
    }

    fn type_error(&self, error: &toml::de::Error) -> Finding {
        let message = format!("not valid TOML: {}", error.message().replace('\n', ", "));
        // serde calls a list a sequence and a table a map; people do not.
        let message = message.replace("a sequence", "a list: [\"…\"]").replace("a map", "a table");
        self.error(error.span().unwrap_or(0..0), message).help(
            "texts stand between \"quotes\", lists between [ ]; `hlas config --defaults` shows how",
        )
    }

    fn whole(&self, message: String) -> Finding {
        self.error(0..0, message)
    }

    /// The span of a value by its dotted key; numbers count array elements.
    fn span(&self, key: &str) -> Option<std::ops::Range<usize>> {
        self.span_at(key.split('.'))
    }

    /// The same by the parts of the key, in which there may be dots.
    fn span_at<'k>(
        &self,
        mut parts: impl Iterator<Item = &'k str>,
    ) -> Option<std::ops::Range<usize>> {
        let mut value = self.table.get(parts.next()?)?;
        for part in parts {
            value = match (value.get_ref(), part.parse::<usize>()) {
                (DeValue::Array(items), Ok(index)) => items.get(index)?,
                (DeValue::Table(table), _) => table.get(part)?,
                _ => return None,
            };
        }
        Some(value.span())
    }
}

fn unknown_keys(file: &TomlFile<'_>) -> Findings {
    let mut findings = Findings::new();
    let top = KEYS[0].1;
    for (key, value) in &file.table {
        if !top.contains(&key.get_ref().as_ref()) {
            findings.push(unknown_key(file, key, top));
            continue;
        }
        let Some((_, known)) = KEYS.iter().find(|(table, _)| *table == key.get_ref().as_ref())
        else {
            continue;
        };
        let tables: Vec<&DeTable<'_>> = match value.get_ref() {
            DeValue::Table(table) => vec![table],
            DeValue::Array(items) => {
                items.iter().filter_map(|item| item.get_ref().as_table()).collect()
            }
            _ => vec![],
        };
        for key in tables.iter().flat_map(|table| table.keys()) {
            if !known.contains(&key.get_ref().as_ref()) {
                findings.push(unknown_key(file, key, known));
            }
        }
    }
    findings.extend(pace::unknown_keys(file));
    findings.sort_by(|a, b| a.place.cmp(&b.place));
    findings
}

fn unknown_key(
    file: &TomlFile<'_>,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    known: &[&str],
) -> Finding {
    let finding = file.error(key.span(), format!("unknown key `{}`", key.get_ref()));
    match nearest(key.get_ref(), known.iter().copied()) {
        Some(close) => finding.help(format!("did you mean `{close}`?")),
        None => finding.help(format!("the keys here are {}", known.join(", "))),
    }
}

/// The layers laid over one another, and which layer each dotted leaf is from.
fn merge(file: &TomlFile<'_>, overrides: &[Override]) -> (Table, BTreeMap<String, Layer>) {
    let mut merged: Table = toml::from_str(DEFAULTS).expect("the embedded defaults are TOML");
    let mut layers = BTreeMap::new();
    note_layer(&Value::Table(merged.clone()), "", &Layer::Defaults, &mut layers);
    let stated: Table = toml::from_str(file.text).unwrap_or_default();
    lay_over(&mut merged, stated, "", &mut layers);
    for stated in overrides {
        merged.insert(stated.key.to_owned(), Value::String(stated.value.clone()));
        layers.insert(stated.key.to_owned(), stated.layer.clone());
    }
    (merged, layers)
}

/// Lays what the file states over the defaults. Tables go key by key, so that
/// a house that binds words of one language keeps those of the others; lists
/// are replaced as wholes.
fn lay_over(below: &mut Table, above: Table, parent: &str, layers: &mut BTreeMap<String, Layer>) {
    for (name, value) in above {
        let key = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
        match (below.get_mut(&name), value) {
            (Some(Value::Table(below)), Value::Table(above)) => {
                lay_over(below, above, &key, layers);
            }
            (_, value) => {
                layers.retain(|leaf, _| leaf != &key && !leaf.starts_with(&format!("{key}.")));
                note_layer(&value, &key, &Layer::File, layers);
                below.insert(name, value);
            }
        }
    }
}

fn note_layer(value: &Value, key: &str, layer: &Layer, layers: &mut BTreeMap<String, Layer>) {
    for (leaf, _) in leaves(value, key) {
        layers.insert(leaf, layer.clone());
    }
}

fn leaves(value: &Value, key: &str) -> Vec<(String, Value)> {
    let join = |part: &str| if key.is_empty() { part.to_owned() } else { format!("{key}.{part}") };
    match value {
        Value::Table(table) => {
            table.iter().flat_map(|(part, value)| leaves(value, &join(part))).collect()
        }
        Value::Array(items) if items.iter().any(Value::is_table) => items
            .iter()
            .enumerate()
            .flat_map(|(index, value)| leaves(value, &join(&index.to_string())))
            .collect(),
        leaf => vec![(key.to_owned(), leaf.clone())],
    }
}

fn origins(merged: &Table, layers: &BTreeMap<String, Layer>) -> Vec<(String, Value, Layer)> {
    leaves(&Value::Table(merged.clone()), "")
        .into_iter()
        .map(|(key, value)| {
            let layer = layers.get(&key).cloned().unwrap_or(Layer::Defaults);
            (key, value, layer)
        })
        .collect()
}

/// Turns what was typed into what the program uses, collecting what is wrong.
struct Resolver<'r> {
    file: &'r TomlFile<'r>,
    layers: &'r BTreeMap<String, Layer>,
    findings: Findings,
}

impl Resolver<'_> {
    fn workspace(&mut self, root: &Path, raw: &Raw) -> Option<Workspace> {
        let languages = self.languages(raw);
        let base_url = self.base_url(raw.base_url.as_deref());
        let time_zone = self.time_zone(raw.time_zone.as_deref().unwrap_or_default());
        let organisation = self.organisation(&raw.organisation, base_url.as_ref());
        let from = self.required_address("mail.from", raw.mail.from.as_deref());
        let reply_to = self.address("mail.reply_to", raw.mail.reply_to.as_deref());
        let envelope_sender =
            self.address("mail.envelope_sender", raw.mail.envelope_sender.as_deref());
        let unsubscribe = self.address("mail.unsubscribe", raw.mail.unsubscribe.as_deref());
        let kinds = self.kinds(&raw.kinds);
        let accent = self.accent(&raw.theme);
        let working_groups = self.named("working_groups", &raw.working_groups);
        self.unique_ids("members", raw.members.iter().map(|member| member.id.as_str()));
        for (index, member) in raw.members.iter().enumerate() {
            let key = format!("members.{index}.website");
            self.website(&key, member.website.as_deref(), None);
        }
        self.ledger(raw.ledger.as_deref().unwrap_or_default());
        let dkim = raw.dkim.as_ref().and_then(|dkim| self.dkim(dkim, from.as_ref()));
        let levels = self.levels(&raw.rules);
        let delivery = self.delivery(&raw.delivery);
        let pace = self.pace(&raw.delivery);
        let window = self.window(&raw.delivery);
        let typography = TypographySettings { bind: self.bind(&raw.typography.bind) };
        let pdf = self.pdf(&raw.pdf);
        let (base_url, organisation, from) = (base_url?, organisation?, from?);
        let list_id = self.list_id(raw.mail.list_id.as_deref());
        let out = self.out(raw.out.as_deref().unwrap_or(Path::new("out")));
        self.metrics_file(raw.metrics_file.as_deref());
        let mail = MailSettings {
            from_name: if raw.mail.from_name.0.is_empty() {
                organisation.name.clone()
            } else {
                raw.mail.from_name.clone()
            },
            envelope_sender: envelope_sender.unwrap_or_else(|| from.clone()),
            list_id: list_id.unwrap_or_else(|| base_url.host_str().unwrap_or("").to_owned()),
            unsubscribe: unsubscribe.or_else(|| reply_to.clone()).unwrap_or_else(|| from.clone()),
            reply_to,
            from,
        };
        Some(Workspace {
            root: root.to_owned(),
            organisation,
            base_url,
            time_zone: time_zone.clone()?,
            languages: languages?,
            segments: Vec::new(),
            kinds,
            working_groups: working_groups
                .into_iter()
                .map(|(id, name)| WorkingGroup { id, name })
                .collect(),
            members: raw
                .members
                .iter()
                .map(|RawMember { id, name, website }| Member {
                    id: id.clone(),
                    name: name.clone(),
                    website: website.clone(),
                })
                .collect(),
            mail,
            delivery,
            pace: Pace { time_zone: time_zone.clone()?, ..pace },
            window,
            dkim,
            levels,
            picture_budget: u64::from(
                raw.mail.picture_budget_kb.unwrap_or(DEFAULT_PICTURE_BUDGET_KB),
            ) * 1000,
            typography,
            accent: accent?,
            pdf: pdf?,
            out: root.join(out?),
        })
    }

    /// A finding about the value of `key`, in the layer it came from.
    fn wrong(&mut self, key: &str, message: impl Into<String>, help: impl Into<String>) {
        let finding = match self.layers.get(key) {
            Some(layer @ (Layer::Environment(_) | Layer::Flag(_))) => {
                Finding::error("settings", Place::start(layer.to_string()), message)
            }
            _ => self.file.error(self.file.span(key).unwrap_or(0..0), message.into()),
        };
        self.findings.push(finding.help(help));
    }

    fn languages(&mut self, raw: &Raw) -> Option<Vec<Language>> {
        let default = raw.default_language.clone()?;
        let mut languages = raw.languages.clone().unwrap_or_default();
        let Some(position) = languages.iter().position(|language| *language == default) else {
            let message = format!("`languages` does not have the default language, “{default}”");
            self.wrong("languages", message, "add it there, or choose another default_language");
            return None;
        };
        let default = languages.remove(position);
        languages.insert(0, default);
        let unique: BTreeSet<_> = languages.iter().collect();
        if unique.len() != languages.len() {
            self.wrong("languages", "a language is listed twice", "keep one of them");
        }
        if languages.iter().any(|language| {
            language.as_str().is_empty()
                || !language.as_str().chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        }) {
            self.wrong("languages", "not a language tag", "write tags such as \"cs\" or \"en\"");
        }
        Some(languages)
    }

    fn base_url(&mut self, written: Option<&str>) -> Option<Url> {
        let help = "say where out/site/ is served, such as \"https://hlas.example.org/\"";
        let Some(written) = written else {
            self.wrong("base_url", "`base_url` is missing", help);
            return None;
        };
        match Url::parse(written) {
            Ok(mut url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                if !url.path().ends_with('/') {
                    url.set_path(&format!("{}/", url.path()));
                }
                Some(url)
            }
            _ => {
                self.wrong("base_url", format!("`{written}` is no http or https address"), help);
                None
            }
        }
    }

    fn time_zone(&mut self, written: &str) -> Option<TimeZone> {
        TimeZone::get(written)
            .map_err(|_| {
                let message = format!("there is no time zone `{written}`");
                self.wrong("time_zone", message, "write an IANA name such as \"Europe/Prague\"");
            })
            .ok()
    }

    fn organisation(
        &mut self,
        raw: &RawOrganisation,
        base_url: Option<&Url>,
    ) -> Option<Organisation> {
        for (key, value) in [("name", &raw.name), ("address", &raw.address)] {
            if value.0.is_empty() {
                self.wrong(
                    &format!("organisation.{key}"),
                    format!("`organisation.{key}` is missing"),
                    format!("add to [organisation]: {key} = {{ cs = \"…\", en = \"…\" }}"),
                );
            }
        }
        let email = self.required_address("organisation.email", raw.email.as_deref())?;
        Some(Organisation {
            name: raw.name.clone(),
            tagline: raw.tagline.clone(),
            address: raw.address.clone(),
            email: email.to_string(),
            website: self.website("organisation.website", raw.website.as_deref(), base_url)?,
            licence: self.licence(raw),
        })
    }

    /// What the house publishes under, where it says so.
    fn licence(&mut self, raw: &RawOrganisation) -> Option<Licence> {
        let written = raw.licence_url.as_deref();
        let stated = self.website("organisation.licence_url", written, None);
        if stated.is_some() && raw.licence.0.is_empty() {
            let message = "`licence_url` leads to a licence that has no name";
            let help = "add to [organisation]: licence = { cs = \"…\", en = \"…\" }";
            self.wrong("organisation.licence_url", message, help);
        }
        (!raw.licence.0.is_empty()).then(|| Licence { name: raw.licence.clone(), stated })
    }

    /// A web address; the site of the publications when none is stated.
    fn website(&mut self, key: &str, written: Option<&str>, site: Option<&Url>) -> Option<String> {
        let Some(written) = written else { return site.map(ToString::to_string) };
        match Url::parse(written) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Some(url.into()),
            _ => {
                let message = format!("`{written}` is no http or https address");
                self.wrong(key, message, "write the whole of it: https://www.example.org/");
                None
            }
        }
    }

    fn levels(&mut self, written: &BTreeMap<String, String>) -> BTreeMap<String, Option<Severity>> {
        let mut levels = BTreeMap::new();
        for (name, level) in written {
            let key = format!("rules.{name}");
            let Some(rule) = catalogue::named(name) else {
                let names = catalogue::entries().filter(|entry| !entry.firm).map(|it| it.name);
                let help = match nearest(name, names) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => "`hlas check --rules` lists them".to_owned(),
                };
                self.wrong(&key, format!("there is no rule `{name}`"), help);
                continue;
            };
            if rule.firm {
                let help = format!("take the line away; `hlas check --explain {name}` says why");
                self.wrong(&key, format!("the rule `{name}` is firm"), help);
            }
            match level.as_str() {
                "off" => levels.insert(name.clone(), None),
                "warning" => levels.insert(name.clone(), Some(Severity::Warning)),
                "error" => levels.insert(name.clone(), Some(Severity::Error)),
                _ => {
                    let help = "write \"off\", \"warning\" or \"error\"";
                    self.wrong(&key, format!("`{level}` is no level"), help);
                    None
                }
            };
        }
        levels
    }

    /// A ledger in memory would mail everybody again with every run.
    fn delivery(&mut self, raw: &RawDelivery) -> DeliverySettings {
        let usual = DeliverySettings::default();
        let mut number =
            |name: &str, stated: Option<i64>, usual: u32, range: RangeInclusive<u32>| {
                let Some(stated) = stated else { return usual };
                match u32::try_from(stated).ok().filter(|number| range.contains(number)) {
                    Some(number) => number,
                    None => {
                        let (least, most) = (range.start(), range.end());
                        let message = format!("`{stated}` is out of range");
                        let help = format!("a number from {least} to {most}");
                        self.wrong(&format!("delivery.{name}"), &message, &help);
                        usual
                    }
                }
            };
        let in_hours = |time: SignedDuration| u32::try_from(time.as_hours()).unwrap_or(u32::MAX);
        let retry = number("retry_hours", raw.retry_hours, in_hours(usual.retry_for), 1..=24 * 30);
        let late =
            number("late_hours", raw.late_hours, in_hours(usual.late_after), 1..=24 * 36_500);
        let in_seconds = u32::try_from(usual.lease.as_secs()).unwrap_or(u32::MAX);
        let lease = number("lease_seconds", raw.lease_seconds, in_seconds, 2..=3600);
        DeliverySettings {
            lease: SignedDuration::from_secs(i64::from(lease)),
            connections: number("connections", raw.connections, usual.connections, 1..=100),
            retry_for: SignedDuration::from_hours(i64::from(retry)),
            late_after: SignedDuration::from_hours(i64::from(late)),
            pause_refusals: number(
                "pause_refusals",
                raw.pause_refusals,
                usual.pause_refusals,
                1..=100,
            ),
            pause_percent: number("pause_percent", raw.pause_percent, usual.pause_percent, 1..=100),
        }
    }

    fn ledger(&mut self, written: &str) {
        if written.contains(":memory:") {
            let message = "a ledger in memory forgets whom it mailed";
            self.wrong("ledger", message, "name a file: sqlite:var/ledger.db");
        }
    }

    /// RFC 2919 section 2: labels and dots, like a host name.
    fn list_id(&mut self, written: Option<&str>) -> Option<String> {
        let written = written?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if written.is_empty() || !written.chars().all(fits) {
            let help = "write it like a host name: hlas.example.org";
            self.wrong("mail.list_id", format!("`{written:?}` is no list id"), help);
        }
        Some(written.to_owned())
    }

    /// RFC 6376 section 3.1: selectors and domains are host names' labels. What
    /// is in the files is not looked at here.
    fn dkim(&mut self, raw: &RawDkim, from: Option<&Address>) -> Option<DkimSettings> {
        let host = |text: &str| {
            text.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            })
        };
        let domain = raw.domain.as_deref().or(from.map(Address::domain))?;
        if !host(domain) {
            let message = format!("`{domain}` is no domain");
            self.wrong(
                "dkim.domain",
                message,
                "write the part of `from` behind the @: example.org",
            );
        }
        for selector in raw.keys.keys().filter(|selector| !host(selector)) {
            let help = "write letters, digits and hyphens: hlas2026-rsa";
            self.wrong("dkim.keys", format!("`{selector}` is no selector"), help);
        }
        if raw.keys.is_empty() {
            let help = "`hlas dkim keygen` makes keys, and prints the lines for here";
            self.wrong("dkim", "[dkim] names no keys", help);
        }
        Some(DkimSettings { domain: domain.to_ascii_lowercase(), keys: raw.keys.clone() })
    }

    /// Words that never end a line: letters alone, or they would never be met.
    fn bind(&mut self, written: &ByLanguage<Vec<String>>) -> ByLanguage<Vec<String>> {
        for (language, words) in &written.0 {
            for word in words {
                if word.is_empty() || !word.chars().all(char::is_alphabetic) {
                    let key = format!("typography.bind.{language}");
                    let message = format!("`{word}` is not one word");
                    self.wrong(&key, message, "write words of letters only: [\"k\", \"ve\"]");
                }
            }
        }
        written.clone()
    }

    /// A folder that holds nothing else of the workspace.
    fn out(&mut self, written: &Path) -> Option<PathBuf> {
        let parts: Vec<_> = written.components().collect();
        let first = written.components().find(|part| *part != Component::CurDir);
        let taken = match first {
            None => true,
            Some(Component::Normal(name)) => ["publications", "subscribers", "templates"]
                .iter()
                .any(|folder| name == std::ffi::OsStr::new(folder)),
            Some(_) => false,
        };
        if taken || parts.is_empty() {
            let message = format!("`{}` holds the workspace itself", written.display());
            self.wrong("out", message, "name a folder of its own, such as out");
            return None;
        }
        Some(written.to_owned())
    }

    /// The collector reads no file of another name (node_exporter,
    /// `collector/textfile.go`).
    fn metrics_file(&mut self, written: Option<&Path>) {
        if written.is_some_and(|file| file.extension().is_none_or(|ending| ending != "prom")) {
            let message = "the figures would be read by nobody: the name must end in .prom";
            let help = "write it like /var/lib/prometheus/node-exporter/hlas.prom";
            self.wrong("metrics_file", message, help);
        }
    }

    fn required_address(&mut self, key: &str, written: Option<&str>) -> Option<Address> {
        if written.is_none() {
            let message = format!("`{key}` is missing");
            self.wrong(key, message, "write an e-mail address");
        }
        self.address(key, written)
    }

    fn address(&mut self, key: &str, written: Option<&str>) -> Option<Address> {
        let written = written?;
        written
            .parse()
            .map(|address| with_ascii_domain(&address))
            .map_err(|_| {
                let message = format!("`{written}` is no e-mail address");
                self.wrong(key, message, "write it as name@example.org, without a display name");
            })
            .ok()
    }

    fn named(&mut self, key: &str, raw: &[RawNamed]) -> Vec<(String, ByLanguage<String>)> {
        self.unique_ids(key, raw.iter().map(|entry| entry.id.as_str()));
        raw.iter().map(|entry| (entry.id.clone(), entry.name.clone())).collect()
    }

    fn unique_ids<'i>(&mut self, key: &str, ids: impl Iterator<Item = &'i str>) {
        let mut seen = BTreeSet::new();
        for (index, id) in ids.enumerate() {
            if !seen.insert(id) {
                let message = format!("the id `{id}` stands twice in `{key}`");
                self.wrong(&format!("{key}.{index}.id"), message, "every id stands once");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PdfStandard;

    const SMALL: &str = r#"base_url = "https://hlas.example.org"

[organisation]
name = { cs = "Konsorcium" }
address = { cs = "Ulice 1, Praha" }
email = "a@example.org"

[mail]
from = "hlas@example.org"
"#;

    fn read(text: &str, overrides: &[Override]) -> Result<Settings, Vec<String>> {
        settings(Path::new("/w"), text, overrides).map_err(|findings| {
            findings
                .iter()
                .map(|finding| format!("{} {} → {}", finding.place, finding.message, finding.help))
                .collect()
        })
    }

    #[test]
    fn a_small_file_gets_the_rest_from_the_defaults() {
        let settings = read(SMALL, &[]).unwrap();
        assert_eq!(settings.transport, "file:var/outbox");
        assert_eq!(settings.workspace.base_url.as_str(), "https://hlas.example.org/");
        assert_eq!(settings.workspace.mail.list_id, "hlas.example.org");
        assert_eq!(settings.workspace.organisation.website, "https://hlas.example.org/");
        assert_eq!(settings.workspace.kinds.len(), 3);
        assert_eq!(settings.workspace.out, Path::new("/w/out"));
    }

    #[test]
    fn delivery_has_defaults_and_a_number_out_of_range_is_told() {
        let with = |lines: &str| read(&format!("{SMALL}\n[delivery]\n{lines}"), &[]);
        let usual = read(SMALL, &[]).unwrap().workspace.delivery;
        assert_eq!(usual, DeliverySettings::default());
        let own = with("connections = 9\nretry_hours = 24").unwrap().workspace.delivery;
        let day = SignedDuration::from_hours(24);
        assert_eq!(own, DeliverySettings { connections: 9, retry_for: day, ..usual });
        let told = with("connections = 0\npause_percent = -1").unwrap_err();
        assert_eq!(
            told,
            [
                "hlas.toml:12:15 `0` is out of range → a number from 1 to 100",
                "hlas.toml:13:17 `-1` is out of range → a number from 1 to 100",
            ]
        );
    }

    #[test]
    fn a_house_sets_the_levels_of_rules_that_are_not_firm() {
        let with = |lines: &str| read(&format!("{SMALL}\n[rules]\n{lines}"), &[]);
        let levels = with("raw-html = \"off\"\nfootnote = \"warning\"").unwrap().workspace.levels;
        assert_eq!(levels["raw-html"], None);
        assert_eq!(levels["footnote"], Some(Severity::Warning));
        assert_eq!(
            with("raw-htm = \"off\"\nlink = \"off\"\nfootnote = \"info\"").unwrap_err(),
            [
                "hlas.toml:14:12 `info` is no level → write \"off\", \"warning\" or \"error\"",
                "hlas.toml:13:8 the rule `link` is firm → take the line away; `hlas check --explain link` says why",
                "hlas.toml:12:11 there is no rule `raw-htm` → did you mean `raw-html`?",
            ]
        );
    }

    #[test]
    fn words_bound_in_one_language_leave_those_of_the_others() {
        let bound = |lines: &str| {
            read(&format!("{SMALL}\n[typography]\n{lines}"), &[]).map(|settings| {
                let origin = |key: &str| {
                    let found = settings.origins.iter().find(|(leaf, ..)| leaf == key);
                    found.map_or(String::new(), |found| found.2.to_string())
                };
                let words = |tag: &str| settings.workspace.typography.bind.0[&tag.into()].join(" ");
                let origins = [origin("typography.bind.cs"), origin("typography.bind.en")];
                (words("cs"), words("en"), origins.join(", "))
            })
        };
        let expected = |cs: &str, en: &str, origins: &str| {
            Ok((cs.to_owned(), en.to_owned(), origins.to_owned()))
        };
        assert_eq!(
            bound("bind = { en = [\"a\"] }"),
            expected("k s v z o u a i", "a", "default, hlas.toml")
        );
        assert_eq!(bound("bind.cs = [\"k\", \"ve\"]"), expected("k ve", "", "hlas.toml, default"));
        assert_eq!(
            bound("bind.cs = [\"k \"]").unwrap_err(),
            ["hlas.toml:12:11 `k ` is not one word → write words of letters only: [\"k\", \"ve\"]"]
        );
        assert!(bound("bnid = 3").unwrap_err()[0].ends_with("did you mean `bind`?"));
    }

    #[test]
    fn figures_go_into_a_file_that_the_collector_reads() {
        let file = |line: &str| read(&format!("{line}\n{SMALL}"), &[]).map(|it| it.metrics_file);
        assert_eq!(file(""), Ok(None));
        assert_eq!(
            file("metrics_file = \"var/hlas.prom\""),
            Ok(Some(PathBuf::from("/w/var/hlas.prom")))
        );
        assert_eq!(
            file("metrics_file = \"/var/lib/hlas.txt\"").unwrap_err(),
            [
                "hlas.toml:1:16 the figures would be read by nobody: the name must end in .prom → write it like /var/lib/prometheus/node-exporter/hlas.prom"
            ]
        );
    }

    #[test]
    fn a_house_may_have_several_transports() {
        let several = format!("transport = [\"smtps://a weight=3\", \"smtps://b\"]\n{SMALL}");
        assert_eq!(read(&several, &[]).unwrap().transport, "smtps://a weight=3, smtps://b");
        let wrong = read(&format!("transport = 3\n{SMALL}"), &[]).unwrap_err();
        assert!(wrong[0].contains("a text or a list of texts is expected"), "{wrong:?}");
    }

    #[test]
    fn the_pdf_is_accessible_and_archival_unless_the_house_says_otherwise() {
        let with = |lines: &str| {
            read(&format!("{SMALL}\n[pdf]\n{lines}"), &[]).map(|settings| settings.workspace.pdf)
        };
        assert_eq!(with("").unwrap().standards, PdfStandard::ALL.into());
        assert_eq!(with("standard = [\"plain\"]").unwrap().standards, [].into());
        assert_eq!(with("time_limit = 5").unwrap().time_limit.as_secs(), 5);
        assert_eq!(
            with("standard = [\"ua-3\"]\ntime_limit = 0").unwrap_err(),
            [
                "hlas.toml:12:12 `ua-3` is no standard that hlas can keep → write [\"ua-1\", \"a-2a\"], one of them, or [\"plain\"]",
                "hlas.toml:13:14 a PDF cannot have 0 seconds to be set in → write seconds, from 1 to 3600",
            ]
        );
    }

    #[test]
    fn each_value_knows_its_layer() {
        let stated = Override {
            key: "out",
            value: "elsewhere".to_owned(),
            layer: Layer::Environment("HLAS_OUT"),
        };
        let settings = read(SMALL, &[stated]).unwrap();
        let layer = |key: &str| {
            let found = settings.origins.iter().find(|(leaf, ..)| leaf == key).unwrap();
            (found.1.to_string(), found.2.to_string())
        };
        assert_eq!(layer("out"), ("\"elsewhere\"".to_owned(), "HLAS_OUT".to_owned()));
        assert_eq!(layer("mail.from").1, "hlas.toml");
        assert_eq!(layer("time_zone").1, "default");
    }

    #[test]
    fn every_unknown_key_is_named_with_its_nearest() {
        let text = format!("transprot = \"x\"\n{SMALL}form = \"b\"\n");
        assert_eq!(
            read(&text, &[]).unwrap_err(),
            [
                "hlas.toml:1:1 unknown key `transprot` → did you mean `transport`?",
                "hlas.toml:11:1 unknown key `form` → did you mean `from`?",
            ]
        );
    }

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        let missing = read("time_zone = \"Europe/Prag\"\n", &[]).unwrap_err();
        assert_eq!(missing.len(), 6, "{missing:#?}");
        assert!(missing[1].starts_with("hlas.toml:1:13 there is no time zone `Europe/Prag`"));
    }

    #[test]
    fn a_bad_value_from_the_environment_is_blamed_on_the_environment() {
        let stated = Override {
            key: "base_url",
            value: "hlas".to_owned(),
            layer: Layer::Environment("HLAS_BASE_URL"),
        };
        let wrong = read(SMALL, &[stated]).unwrap_err();
        assert!(wrong[0].starts_with("HLAS_BASE_URL:1:1 `hlas` is no http"), "{wrong:?}");
    }

    #[test]
    fn broken_toml_and_wrong_types_have_a_place() {
        assert!(read("out = \n", &[]).unwrap_err()[0].starts_with("hlas.toml:1:7 not valid TOML"));
        let typed = read("languages = 3\n", &[]).unwrap_err();
        assert!(typed[0].starts_with("hlas.toml:1:13 not valid TOML: invalid type"), "{typed:?}");
    }

    #[test]
    fn keys_that_sign_have_selectors_and_a_domain_of_their_own_or_that_of_from() {
        let dkim = |lines: &str| {
            let text = SMALL.to_owned() + "[dkim]\n" + lines;
            read(&text, &[]).map(|settings| settings.workspace.dkim.expect("keys"))
        };
        let signs = dkim("keys = { rsa = \"var/dkim/rsa.pem\" }").unwrap();
        assert_eq!((signs.domain.as_str(), signs.keys.len()), ("example.org", 1));
        let signs =
            dkim("domain = \"Mail.Example.org\"\nkeys = { rsa = \"a\", ed = \"b\" }").unwrap();
        assert_eq!((signs.domain.as_str(), signs.keys.len()), ("mail.example.org", 2));
        assert_eq!(
            dkim("domain = \"hlas@example.org\"\nkeys = { \"a b\" = \"c\" }").unwrap_err(),
            [
                "hlas.toml:11:10 `hlas@example.org` is no domain → write the part of `from` behind the @: example.org",
                "hlas.toml:12:8 `a b` is no selector → write letters, digits and hyphens: hlas2026-rsa",
            ]
        );
        let none = dkim("").unwrap_err();
        assert!(none[0].contains("[dkim] names no keys"), "{none:?}");
    }

    #[test]
    fn the_list_of_keys_knows_every_default() {
        let file = TomlFile::parse("defaults.toml", DEFAULTS).ok().unwrap();
        assert_eq!(unknown_keys(&file), []);
    }
}
