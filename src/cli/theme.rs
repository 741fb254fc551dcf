//! `hlas theme`: the files that make the look, and one of them to edit.

use std::fs;
use std::path::Path;

use hlas::load::{nearest, templates};
use hlas::render::parts::{Origin, Part, parts};
use hlas::render::theme::{ThemeFiles, built_in_files};
use serde_json::json;
use similar::TextDiff;

use super::Context;
use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write this file of the built-in theme into templates/, to edit
    file: Option<String>,
    /// Even where there is one already
    #[arg(long, requires = "file", conflicts_with = "diff")]
    force: bool,
    /// Show how the workspace's own files differ from the built-in ones
    #[arg(long)]
    diff: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    // Only to be sure that this is a workspace: a broken theme must not keep
    // anybody from mending it.
    context.settings.read(&context.root)?;
    let own = templates::templates(&context.root).map_err(Failure::from)?;
    match &args.file {
        Some(file) => {
            let path = known(file)?;
            if args.diff {
                context.ui.result(&difference(&path, &own));
            } else {
                write(&path, args.force, context)?;
            }
        }
        None if args.diff => {
            for part in parts(&own).iter().filter(|part| part.origin == Origin::Changed) {
                context.ui.result(&difference(&part.path, &own));
            }
        }
        None => list(&parts(&own), context),
    }
    Ok(Exit::Ok)
}

fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::BuiltIn => "built-in",
        Origin::Copied => "copied",
        Origin::Changed => "changed",
        Origin::Added => "added",
    }
}

fn list(parts: &[Part], context: &Context) {
    if context.ui.is_json() {
        let parts = parts.iter().map(|part| {
            json!({ "file": part.path, "origin": word(part.origin), "purpose": part.purpose })
        });
        context.ui.json(&parts.collect());
        return;
    }
    let width = parts.iter().map(|part| part.path.chars().count()).max().unwrap_or(0);
    for Part { path, purpose, origin } in parts {
        let purpose = match origin {
            Origin::Added => meant(path),
            _ => (*purpose).to_owned(),
        };
        let line = format!("{path:width$}  {:8}  {purpose}", word(*origin));
        context.ui.result(&format!("{}\n", line.trim_end()));
    }
    context.ui.result(
        "\nA file in templates/ wins over the built-in one: changed, or a copy of it;\n\
         added is what the built-in theme does not have. `hlas theme FILE` writes one\n\
         out to edit, `hlas theme --diff` shows what you changed.\n",
    );
}

/// What a file may have been meant for that overrides nothing.
fn meant(path: &str) -> String {
    let built_in = built_in_files();
    match nearest(path, built_in.keys().map(String::as_str)) {
        // Files for another language are meant as they are.
        Some(close) if !path.starts_with("words.") => format!("did you mean {close}?"),
        _ => String::new(),
    }
}

/// A file of the built-in theme by its name, with or without `templates/`.
fn known(written: &str) -> Result<String, Failure> {
    let path = written.trim_start_matches("./").trim_start_matches("templates/");
    let built_in = built_in_files();
    if built_in.contains_key(path) {
        return Ok(path.to_owned());
    }
    let failure = Failure::new(Exit::Usage, format!("the theme has no file `{path}`"));
    // People leave the folder away.
    let alone = |known: &&String| known.rsplit('/').next() == Some(path);
    let close = built_in.keys().find(alone).map(String::as_str);
    Err(match close.or_else(|| nearest(path, built_in.keys().map(String::as_str))) {
        Some(close) => failure.help(format!("did you mean {close}?")),
        None => failure.help("`hlas theme` lists them"),
    })
}

fn write(path: &str, force: bool, context: &Context) -> Result<(), Failure> {
    let shown = Path::new("templates").join(path);
    let target = context.root.join(&shown);
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Output, format!("cannot write {}: {error}", shown.display()))
    };
    if target.exists() && !force {
        let failure = Failure::new(Exit::Output, format!("{} is there already", shown.display()));
        return Err(failure.help("edit that one; --force writes the built-in one over it"));
    }
    fs::create_dir_all(target.parent().unwrap_or(&context.root)).map_err(failed)?;
    fs::write(&target, &built_in_files()[path]).map_err(failed)?;
    if context.ui.is_json() {
        context.ui.json(&json!({ "file": shown }));
    } else {
        context.ui.result(&format!("{}\n", shown.display()));
    }
    Ok(())
}

/// From the built-in file to the workspace's own, as a patch; empty where they
/// are alike.
fn difference(path: &str, own: &ThemeFiles) -> String {
    let Some(ours) = own.get(path) else { return String::new() };
    let theirs = &built_in_files()[path];
    match (std::str::from_utf8(theirs), std::str::from_utf8(ours)) {
        (Ok(theirs), Ok(ours)) => {
            let names = (format!("built-in/{path}"), format!("templates/{path}"));
            TextDiff::from_lines(theirs, ours).unified_diff().header(&names.0, &names.1).to_string()
        }
        _ if theirs == ours => String::new(),
        _ => format!("templates/{path} is not the built-in one\n"),
    }
}
