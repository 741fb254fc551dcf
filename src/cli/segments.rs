//! `hlas segments`: the segments and who is in them.

use hlas::model::Finding;
use serde_json::{Value, json};

use super::Context;
use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name everybody in this segment
    name: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (_, loaded) = context.settings.load(&context.root)?;
    let language = loaded.workspace.default_language();
    let known = || loaded.segments.iter().map(|segment| segment.id.as_str());
    if let Some(name) = &args.name
        && !known().any(|known| known == name)
    {
        let failure = Failure::new(Exit::Usage, format!("there is no segment `{name}`"));
        return Err(match hlas::load::nearest(name, known()) {
            Some(close) => failure.help(format!("did you mean {close}?")),
            None => failure.help(format!("there are: {}", known().collect::<Vec<_>>().join(", "))),
        });
    }
    let mut values = Vec::new();
    let width = known().map(str::len).max().unwrap_or(0);
    for segment in &loaded.segments {
        if args.name.as_ref().is_some_and(|name| *name != segment.id) {
            continue;
        }
        let people: Vec<_> = loaded
            .subscribers
            .iter()
            .filter(|person| !segment.listings(person).is_empty())
            .collect();
        values.push(json!({
            "segment": segment.id,
            "title": segment.title,
            "when": segment.condition,
            "people": people.iter().map(|person| person.key()).collect::<Vec<_>>(),
        }));
        if context.ui.is_json() {
            continue;
        }
        let (id, title) = (&segment.id, segment.title.text(language));
        context.ui.result(&format!("{:>6}  {id:width$}  {title}\n", people.len()));
        if args.name.is_some() {
            context.ui.result(&format!("        {}\n", segment.condition));
            for person in people {
                context.ui.result(&format!("        {} <{}>\n", person.name, person.key()));
            }
        }
    }
    if context.ui.is_json() {
        context.ui.json(&Value::Array(values));
    } else {
        context.ui.findings(&loaded.findings);
    }
    let wrong = loaded.findings.iter().any(Finding::is_error);
    Ok(if wrong { Exit::Findings } else { Exit::Ok })
}
