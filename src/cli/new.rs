//! `hlas new KIND TITLE`: a folder with a text to fill in.

use std::fs;
use std::io::Write;
use std::path::Path;

use hlas::clock::{Clock, System};
use hlas::model::{Slug, Workspace};

use super::Context;
use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// One of the kinds in hlas.toml, such as commentary
    kind: String,
    /// The title, in the default language
    title: String,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    let workspace = &settings.workspace;
    known_kind(workspace, &args.kind)?;
    let title = args.title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        return Err(Failure::new(Exit::Usage, "the title is empty"));
    }
    let now = System.now().to_zoned_datetime(workspace.time_zone.clone());
    let slug = slug(&title, now.date())
        .ok_or_else(|| Failure::new(Exit::Usage, "the title has no letters to make a name from"))?;
    let shown = Path::new("publications").join(slug.as_str());
    let folder = context.root.join(&shown);
    let file = format!("{}.md", workspace.default_language());
    let write = |error: std::io::Error| {
        Failure::new(Exit::Output, format!("cannot write {}: {error}", shown.display()))
    };
    fs::create_dir_all(&folder).map_err(write)?;
    let mut created = fs::File::create_new(folder.join(&file)).map_err(|error| {
        let failure = write(error);
        failure.help("a text is there already; give another title, or write on in that one")
    })?;
    let text = skeleton(&args.kind, &title, now.date());
    created.write_all(text.as_bytes()).map_err(write)?;
    context.ui.result(&format!("{}\n", shown.join(file).display()));
    Ok(Exit::Ok)
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

fn skeleton(kind: &str, title: &str, date: jiff::civil::Date) -> String {
    // A JSON text is a YAML text too, quotes and backslashes escaped.
    let title = serde_json::Value::from(title);
    format!(
        "---\n\
         title: {title}\n\
         # subtitle:\n\
         # One or two sentences: the front page, the feed and the mail's preview show them.\n\
         summary:\n\
         kind: {kind}\n\
         date: {date}\n\
         authors: []\n\
         topics: []\n\
         # working_group:\n\
         # members: []\n\
         # The subject line of the mail; the title when there is none.\n\
         # subject:\n\
         # Segments that get it by mail; `hlas segments` lists them.\n\
         to: []\n\
         # When the timer mails it, in the workspace's time zone.\n\
         # at: {date} 09:00\n\
         attach: none\n\
         # ready lets it out of the house.\n\
         status: draft\n\
         ---\n\
         \n\
         TODO\n"
    )
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

    #[test]
    fn a_title_with_quotes_is_still_yaml() {
        let text = skeleton("analysis", "Řekl: \"ne\"", date(2026, 10, 5));
        assert!(text.starts_with("---\ntitle: \"Řekl: \\\"ne\\\"\"\n"), "{text}");
    }
}
