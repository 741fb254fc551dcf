//! `hlas pdf`: one PDF as the text is now, and a look at it.
//!
//! Draft or ready, due or not: it lies in `out/proof/`, and nothing of it is
//! published.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use hlas::build;
use hlas::clock::System;
use hlas::desk::Desk;
use hlas::load::Loaded;
use hlas::model::{Finding, Findings, Language, Publication, Rendition};
use hlas::publish::Output;
use serde_json::json;

use super::Context;
use super::check::chosen;
use super::error::{Exit, Failure};
use super::standard::StandardArgs;
use super::ui::tally;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The publication, draft or ready
    slug: String,
    /// Its text in this language; otherwise in the one that leads
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Open it with the program that this machine shows PDFs with
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    standard: StandardArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (_, mut loaded) = context.settings.load(&context.root)?;
    args.standard.apply(&mut loaded)?;
    let desk = Desk { loaded: &loaded, clock: std::sync::Arc::new(System) };
    let chosen = chosen(std::slice::from_ref(&args.slug), &loaded)?;
    let [read] = chosen[..] else { unreachable!("a folder's name is its own") };
    let mut findings = build::inspect(&loaded, read, &desk.now());
    let rendition = match &read.publication {
        Some(publication) if !findings.iter().any(Finding::is_error) => {
            match made(&loaded, publication, args.language.as_deref())? {
                Ok(rendition) => Some(rendition),
                Err(finding) => {
                    findings.push(finding);
                    None
                }
            }
        }
        _ => None,
    };
    let Some(rendition) = rendition else {
        show(context, &findings, None);
        return Ok(Exit::Findings);
    };
    let path = Output::open(&loaded.workspace.out)?.lay(&rendition)?;
    show(context, &findings, Some(&path));
    if args.open {
        open(&path).map_err(|error| {
            let message = format!("nothing here opens a PDF: {error}");
            Failure::new(Exit::Usage, message).help("open it yourself; it is where it says above")
        })?;
    }
    Ok(Exit::Ok)
}

fn made(
    loaded: &Loaded,
    publication: &Publication,
    language: Option<&str>,
) -> Result<Result<Rendition, Finding>, Failure> {
    let language = language.map_or_else(|| publication.leading().language.clone(), Language::new);
    build::pdf(loaded, publication, &language).ok_or_else(|| {
        let there = publication.manuscripts.iter().map(|it| it.language.to_string());
        let message = format!("`{}` has no text in `{language}`", publication.slug);
        let help = format!("there is {}", there.collect::<Vec<_>>().join(", "));
        Failure::new(Exit::Usage, message).help(help)
    })
}

fn show(context: &Context, findings: &Findings, path: Option<&Path>) {
    if context.ui.is_json() {
        context.ui.json(&json!({ "pdf": path, "findings": findings }));
        return;
    }
    context.ui.findings(findings);
    match path {
        // By itself, for `$(hlas pdf …)`.
        Some(path) => context.ui.result(&format!("{}\n", path.display())),
        None => context.ui.say(&format!("no PDF: {}", tally(findings))),
    }
}

/// Hands a file to the desktop, and waits no longer than it takes to do so.
fn open(file: &Path) -> io::Result<()> {
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        // `start` takes the first quoted word for a title.
        ("cmd", &["/C", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(before).arg(file).stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{program}: {status}"))) }
}
