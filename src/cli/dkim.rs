//! `hlas dkim keygen|records|check`: the keys that mail is signed with.

use std::path::{Path, PathBuf};

use hlas::clock::{Clock, System};
use hlas::doctor;
use hlas::mail::dkim::{Algorithm, Key, KeyError, Record, Signer, write_secret, zone_line};
use serde_json::json;

use super::Context;
use super::doctor::{DnsArgs, tell};
use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make an RSA and an Ed25519 key, and print what DNS and hlas.toml need
    Keygen(Keygen),
    /// Print the DNS records of the keys in hlas.toml
    Records,
    /// Hold what DNS says against the keys in hlas.toml
    Check(DnsArgs),
}

#[derive(Debug, clap::Args)]
struct Keygen {
    /// What the keys are called; -rsa and -ed25519 are added [default: hlas and
    /// the month]
    #[arg(long, value_name = "NAME")]
    selector: Option<String>,
    /// The folder for the two files, below the workspace
    #[arg(long, value_name = "FOLDER", default_value = "var/dkim")]
    dir: PathBuf,
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Keygen(args) => keygen(args, context),
        Verb::Records => {
            show(context, &records(&signer(context)?), None);
            Ok(Exit::Ok)
        }
        Verb::Check(dns) => {
            let signer = signer(context)?;
            Ok(tell(context, &doctor::keys(&dns.open()?, &signer).await))
        }
    }
}

/// The keys of hlas.toml, without which the other two verbs have no work.
fn signer(context: &Context) -> Result<Signer, Failure> {
    let settings = context.settings.read(&context.root)?;
    let Some(dkim) = &settings.workspace.dkim else {
        return Err(Failure::new(Exit::Settings, "hlas.toml names no keys to sign with")
            .help("`hlas dkim keygen` makes them, and prints the lines for hlas.toml"));
    };
    Ok(Signer::open(dkim, &context.root)?)
}

fn keygen(args: &Keygen, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    let workspace = &settings.workspace;
    let domain = match &workspace.dkim {
        Some(dkim) => dkim.domain.clone(),
        None => workspace.mail.from.domain().to_owned(),
    };
    let month = System.now().to_zoned_datetime(workspace.time_zone.clone()).strftime("hlas%Y%m");
    let selector = args.selector.clone().unwrap_or_else(|| month.to_string());
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if selector.is_empty() || selector.len() > 50 || !selector.chars().all(label) {
        return Err(Failure::new(Exit::Usage, format!("`{selector}` is no selector"))
            .help("write letters, digits and hyphens: hlas2026"));
    }
    let folder = context.root.join(&args.dir);
    std::fs::create_dir_all(&folder)
        .map_err(|source| KeyError::Write { path: folder.clone(), source })?;
    let names = [Algorithm::Rsa, Algorithm::Ed25519]
        .map(|algorithm| (algorithm, format!("{selector}-{}", algorithm.name())));
    let file = |name: &str| format!("{name}.pem");
    // Both or none: a key alone would be in the way the next time.
    if let Some(path) =
        names.iter().map(|(_, name)| folder.join(file(name))).find(|path| path.exists())
    {
        let source = std::io::ErrorKind::AlreadyExists.into();
        return Err(KeyError::Write { path, source }.into());
    }
    let (mut keys, mut lines) = (Vec::new(), Vec::new());
    for (algorithm, name) in names {
        let (key, pem) = Key::generate(algorithm).map_err(|_| {
            Failure::new(Exit::Output, "no key can be made: this machine has no random numbers")
        })?;
        write_secret(&folder.join(file(&name)), &pem)?;
        let path = args.dir.join(file(&name));
        lines.push(format!("{name} = {}", toml::Value::from(path.to_string_lossy().as_ref())));
        keys.push((name, key));
    }
    show(context, &records(&Signer::new(&domain, keys)), Some((&folder, lines.join(", "))));
    Ok(Exit::Ok)
}

fn records(signer: &Signer) -> Vec<Record> {
    signer.keys().map(|(selector, key)| Record::new(selector, signer.domain(), key)).collect()
}

/// Records to publish; for new keys also where they are and what to set.
fn show(context: &Context, records: &[Record], made: Option<(&Path, String)>) {
    if context.ui.is_json() {
        let list: Vec<_> = records
            .iter()
            .map(|record| json!({ "name": record.name, "type": "TXT", "value": record.value }))
            .collect();
        let setting = made.map(|(_, lines)| format!("[dkim]\nkeys = {{ {lines} }}\n"));
        context.ui.json(&json!({ "records": list, "setting": setting }));
        return;
    }
    let zone: String =
        records.iter().map(|record| zone_line(&record.name, &record.value)).collect();
    let Some((folder, lines)) = made else {
        context.ui.result(&zone);
        return;
    };
    let folder = folder.display();
    context.ui.result(&format!(
        "Two keys are in {folder}; nobody else may have them. Keep a copy in a safe place.\n\n\
         1. Publish these records in DNS (a web form wants the quoted parts as one text):\n\n\
         {zone}\n2. Wait until `hlas dkim check` finds them, with this in hlas.toml:\n\n\
         [dkim]\nkeys = {{ {lines} }}\n\n\
         Keys that signed before stay in DNS for a week, for mail that is on its way.\n"
    ));
}
