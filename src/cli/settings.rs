//! Environment and flags → the layers that settings are resolved from.
//!
//! The only place that reads the environment.

use std::path::{Path, PathBuf};

use clap::Args;
use hlas::ledger::Machine;
use hlas::load::settings::{Layer, OVERRIDES, Override, Settings, settings};
use hlas::load::{Loaded, decode, load, nearest};
use hlas::transport::{Keys, Secret};

use super::error::{Exit, Failure};
use super::guard::Guard;

/// The variables that hold passwords and keys, or name files that do. Not flags
/// and not keys of `hlas.toml`: other people read command lines and
/// repositories.
const SMTP_PASSWORD: &str = "HLAS_SMTP_PASSWORD";
const SMTP_PASSWORD_FILE: &str = "HLAS_SMTP_PASSWORD_FILE";
const LEDGER_PASSWORD: &str = "HLAS_LEDGER_PASSWORD";
const LEDGER_PASSWORD_FILE: &str = "HLAS_LEDGER_PASSWORD_FILE";
const PROVIDER_KEY: &str = "HLAS_PROVIDER_KEY";
const PROVIDER_KEY_FILE: &str = "HLAS_PROVIDER_KEY_FILE";

/// Where others are told of a run. Whoever knows such a URL can say that all is
/// well, so these are secrets too.
pub const PING_URL: &str = "HLAS_PING_URL";
const PING_URL_FILE: &str = "HLAS_PING_URL_FILE";
pub const WEBHOOK_URL: &str = "HLAS_WEBHOOK_URL";
const WEBHOOK_URL_FILE: &str = "HLAS_WEBHOOK_URL_FILE";

/// A file of certificates, which is a machine's affair rather than a house's.
const SMTP_CA: &str = "HLAS_SMTP_CA";

/// The name of this machine, for one that has a new id every time it starts.
const MACHINE: &str = "HLAS_MACHINE";

const KEYS: [&str; 12] = [
    SMTP_PASSWORD,
    SMTP_PASSWORD_FILE,
    SMTP_CA,
    PROVIDER_KEY,
    PROVIDER_KEY_FILE,
    LEDGER_PASSWORD,
    LEDGER_PASSWORD_FILE,
    MACHINE,
    PING_URL,
    PING_URL_FILE,
    WEBHOOK_URL,
    WEBHOOK_URL_FILE,
];

/// Settings that a flag may state; see `hlas config`.
#[derive(Debug, Clone, Args)]
pub struct SettingsArgs {
    /// Where mail goes: file:FOLDER, smtp://[user@]host[:port], smtps://…,
    /// sendmail: or mailgun:URL
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    transport: Option<String>,
    /// What was planned, tried and answered: sqlite:FILE or
    /// postgres://USER@HOST/DATABASE
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    ledger: Option<String>,
    /// Where build writes
    #[arg(long, global = true, value_name = "FOLDER", help_heading = "Settings")]
    out: Option<String>,
    /// Where out/site/ will be served
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    base_url: Option<String>,
    /// The zone of dates and send times
    #[arg(long, global = true, value_name = "NAME", help_heading = "Settings")]
    time_zone: Option<String>,
    /// Where run and send leave figures for Prometheus: a name ending in .prom
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    metrics_file: Option<String>,
}

impl SettingsArgs {
    fn flag(&self, key: &str) -> Option<&String> {
        match key {
            "transport" => self.transport.as_ref(),
            "ledger" => self.ledger.as_ref(),
            "out" => self.out.as_ref(),
            "base_url" => self.base_url.as_ref(),
            "time_zone" => self.time_zone.as_ref(),
            "metrics_file" => self.metrics_file.as_ref(),
            _ => None,
        }
    }

    /// What environment and flags state; a flag wins over the environment.
    fn overrides(&self) -> Vec<Override> {
        let mut overrides = Vec::new();
        for (key, variable) in OVERRIDES {
            let flag = self
                .flag(key)
                .map(|value| (value.clone(), Layer::Flag(format!("--{}", key.replace('_', "-")))));
            let environment =
                || stated(variable).map(|value| (value, Layer::Environment(variable)));
            if let Some((value, layer)) = flag.or_else(environment) {
                overrides.push(Override { key, value, layer });
            }
        }
        overrides
    }

    /// The settings of the workspace in `root`.
    pub fn read(&self, root: &Path) -> Result<Settings, Failure> {
        known_variables()?;
        let file = root.join("hlas.toml");
        let bytes = std::fs::read(&file).map_err(|error| {
            let failure = Failure::new(Exit::Settings, format!("{}: {error}", file.display()));
            match error.kind() {
                std::io::ErrorKind::NotFound => failure.help(
                    "a workspace is a folder with hlas.toml: go there, name it with -C, or make one with `hlas init DIR`",
                ),
                _ => failure.help("see that it is a file that you may read"),
            }
        })?;
        let text = decode(Path::new("hlas.toml"), &bytes).map_err(|finding| {
            Failure::findings(Exit::Settings, "the settings cannot be read", vec![finding])
        })?;
        settings(root, &text, &self.overrides()).map_err(|findings| {
            Failure::findings(Exit::Settings, "the settings cannot be used", findings)
        })
    }

    /// The settings and everything in the workspace.
    pub fn load(&self, root: &Path) -> Result<(Settings, Loaded), Failure> {
        let settings = self.read(root)?;
        let loaded = load_workspace(&settings)?;
        Ok((settings, loaded))
    }
}

/// Everything in the workspace of these settings.
pub fn load_workspace(settings: &Settings) -> Result<Loaded, Failure> {
    let mut loaded = load(settings.workspace.clone()).map_err(|findings| {
        Failure::findings(Exit::Settings, "the workspace cannot be used", findings)
    })?;
    if let Ok(program) = std::env::current_exe() {
        loaded.theme.guard(Guard::new(program));
    }
    Ok(loaded)
}

/// A misspelt variable would be as good as none, and mail go elsewhere.
fn known_variables() -> Result<(), Failure> {
    let known = || OVERRIDES.iter().map(|(_, variable)| *variable).chain(KEYS);
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in set.filter(|name| name.starts_with("HLAS_")) {
        if !known().any(|known| known == name) {
            let failure =
                Failure::new(Exit::Settings, format!("the environment has an unknown {name}"));
            return Err(match nearest(&name, known()) {
                Some(close) => failure.help(format!("did you mean {close}?")),
                None => {
                    failure.help(format!("there are {}", known().collect::<Vec<_>>().join(", ")))
                }
            });
        }
    }
    Ok(())
}

/// This machine, by the name that the environment gives it, if it does.
pub fn machine() -> Machine {
    Machine::here(stated(MACHINE).as_deref())
}

/// Passwords and keys, as the environment has them; files below `root`.
pub fn keys(root: &Path) -> Keys {
    Keys {
        smtp_password: secret(root, SMTP_PASSWORD, SMTP_PASSWORD_FILE),
        smtp_ca: stated(SMTP_CA).map(|path| root.join(path)),
        provider_key: secret(root, PROVIDER_KEY, PROVIDER_KEY_FILE),
    }
}

/// Where to ping, as the environment has it.
pub fn ping_url(root: &Path) -> Option<Secret> {
    secret(root, PING_URL, PING_URL_FILE)
}

/// Where to post a summary, as the environment has it.
pub fn webhook_url(root: &Path) -> Option<Secret> {
    secret(root, WEBHOOK_URL, WEBHOOK_URL_FILE)
}

/// The password of the ledger's server, where its URL has none.
pub fn ledger_password(root: &Path) -> Option<Secret> {
    secret(root, LEDGER_PASSWORD, LEDGER_PASSWORD_FILE)
}

/// What the variable `text` holds, or else the file that `file` names.
fn secret(root: &Path, text: &str, file: &str) -> Option<Secret> {
    let in_file = || stated(file).map(|path| Secret::in_file(root.join(path)));
    stated(text).map(Secret::new).or_else(in_file)
}

fn stated(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// The workspace folder, absolute, so that later messages name whole paths.
pub fn workspace_root(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}
