//! `hlas new KIND TITLE`: a folder with a text to fill in.

mod skeleton;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use hlas::clock::{Clock, System};
use hlas::model::{Language, Slug, Workspace};
use serde_json::json;

use self::skeleton::Skeleton;
use super::Context;
use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// One of the kinds in hlas.toml, such as commentary
    kind: String,
    /// The title, in the language that leads
    title: String,
    /// The languages to write it in, such as cs,en; the default one if not said
    #[arg(long, value_name = "LANGUAGE", value_delimiter = ',')]
    language: Vec<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    let workspace = &settings.workspace;
    known_kind(workspace, &args.kind)?;
    let languages = languages(workspace, &args.language)?;
    let title = args.title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        return Err(Failure::new(Exit::Usage, "the title is empty"));
    }
    let date = System.now().to_zoned_datetime(workspace.time_zone.clone()).date();
    let slug = slug(&title, date)
        .ok_or_else(|| Failure::new(Exit::Usage, "the title has no letters to make a name from"))?;
    let skeleton = Skeleton { workspace, kind: &args.kind, title: &title, date };
    let folder = Path::new("publications").join(slug.as_str());
    let texts = languages.iter().enumerate().map(|(index, language)| {
        let text = match index {
            0 => skeleton.leading(language),
            _ => skeleton.translation(language),
        };
        (folder.join(format!("{language}.md")), text)
    });
    let texts: Vec<(PathBuf, String)> = texts.collect();
    write(&texts, context)?;
    let files: Vec<String> = texts.iter().map(|(file, _)| file.display().to_string()).collect();
    if context.ui.is_json() {
        context.ui.json(&json!({ "files": files }));
    } else {
        context.ui.result(&format!("{}\n", files.join("\n")));
    }
    Ok(Exit::Ok)
}

/// All of them or none: where one is there already, somebody has begun.
fn write(texts: &[(PathBuf, String)], context: &Context) -> Result<(), Failure> {
    let failed = |file: &Path, error: &dyn std::fmt::Display| {
        Failure::new(Exit::Output, format!("cannot write {}: {error}", file.display()))
    };
    if let Some((file, _)) = texts.iter().find(|(file, _)| context.root.join(file).exists()) {
        let failure = failed(file, &"a text is there already");
        return Err(failure.help("give another title, or write on in that one"));
    }
    for (file, text) in texts {
        let path = context.root.join(file);
        let folder = path.parent().unwrap_or(&context.root);
        fs::create_dir_all(folder).map_err(|error| failed(file, &error))?;
        let mut created = fs::File::create_new(&path).map_err(|error| failed(file, &error))?;
        created.write_all(text.as_bytes()).map_err(|error| failed(file, &error))?;
    }
    Ok(())
}

/// The languages asked for, the one that leads first.
fn languages(workspace: &Workspace, asked: &[String]) -> Result<Vec<Language>, Failure> {
    let asked: Vec<Language> = asked.iter().map(|tag| Language::new(tag)).collect();
    if asked.is_empty() {
        return Ok(vec![workspace.default_language().clone()]);
    }
    if let Some(unknown) = asked.iter().find(|tag| !workspace.languages.contains(tag)) {
        let known: Vec<&str> = workspace.languages.iter().map(Language::as_str).collect();
        let failure = Failure::new(Exit::Usage, format!("there is no language `{unknown}` here"));
        return Err(failure.help(format!("hlas.toml has: {}", known.join(", "))));
    }
    Ok(workspace.languages.iter().filter(|known| asked.contains(known)).cloned().collect())
}

fn known_kind(workspace: &Workspace, kind: &str) -> Result<(), Failure> {
    if workspace.kind(kind).is_some() {
        return Ok(());
    }
    let kinds: Vec<&str> = workspace.kinds.iter().map(|kind| kind.id.as_str()).collect();
    let failure = Failure::new(Exit::Usage, format!("there is no kind `{kind}`"));
    Err(match hlas::load::nearest(kind, kinds.iter().copied()) {
        Some(close) => failure.help(format!("did you mean {close}?")),
        None => failure.help(format!("there are: {}", kinds.join(", "))),
    })
}

/// The day and up to eight words of the title, without accents.
fn slug(title: &str, date: jiff::civil::Date) -> Option<Slug> {
    let words = slug::slugify(title);
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).take(8).collect();
    if words.is_empty() {
        return None;
    }
    Slug::new(&format!("{date}-{}", words.join("-")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_czech_title_becomes_a_web_address() {
        let slug = slug("Příliš žluťoučký kůň: co dál?", date(2026, 10, 5)).unwrap();
        assert_eq!(slug.as_str(), "2026-10-05-prilis-zlutoucky-kun-co-dal");
        assert_eq!(super::slug("…", date(2026, 10, 5)), None);
    }
}
