//! `hlas subscribers`: the people in the lists.

use std::collections::BTreeMap;

use hlas::model::{Finding, Mailbox, Subscriber};
use hlas::plan::only;
use hlas::report::count;
use serde_json::{Value, json};

use super::Context;
use super::error::{Exit, Failure};
use super::ui::tally;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show everybody whose address is like this, `*` standing for anything
    pattern: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (_, loaded) = context.settings.load(&context.root)?;
    let patterns = only(args.pattern.as_slice());
    let people: Vec<&Subscriber> = loaded
        .subscribers
        .iter()
        .filter(|person| patterns.is_empty() || patterns.iter().any(|it| it.matches(person.key())))
        .collect();
    if context.ui.is_json() {
        context.ui.json(&Value::Array(people.iter().map(|person| as_json(person)).collect()));
    } else if args.pattern.is_some() {
        for person in &people {
            context.ui.result(&as_text(person));
        }
        if people.is_empty() {
            context.ui.say("nobody has an address like this");
        }
    } else {
        context.ui.findings(&loaded.findings);
        context.ui.result(&summary(&people));
        context.ui.result(&format!("{}\n", tally(&loaded.findings)));
    }
    let wrong = loaded.findings.iter().any(Finding::is_error);
    Ok(if wrong { Exit::Findings } else { Exit::Ok })
}

fn summary(people: &[&Subscriber]) -> String {
    let mut lists: BTreeMap<&str, u64> = BTreeMap::new();
    let mut rows = 0u64;
    for listing in people.iter().flat_map(|person| &person.listings) {
        *lists.entry(&listing.list.name).or_default() += 1;
        rows += 1;
    }
    let mut text = String::new();
    for (list, number) in &lists {
        text.push_str(&format!("{number:>6}  {list}\n"));
    }
    let several = people.iter().filter(|person| person.listings.len() > 1).count() as u64;
    text.push_str(&format!(
        "{} in {}, {several} of them in several lists\n",
        count(people.len() as u64, "person").replace("persons", "people"),
        count(rows, "row"),
    ));
    text
}

fn as_text(person: &Subscriber) -> String {
    let address = match &person.mailbox {
        Mailbox::Valid(address) => address.to_string(),
        Mailbox::Malformed(written) => format!("{written} (malformed)"),
    };
    let language = person.language.as_ref().map_or("default", |language| language.as_str());
    let mut text = format!("{} <{address}>  {language}\n", person.name);
    for listing in &person.listings {
        let basis = listing.basis.map_or("no lawful basis", |basis| basis.name());
        text.push_str(&format!("    {}: {basis}  ({})\n", listing.list.name, listing.place()));
    }
    if !person.topics.is_empty() {
        text.push_str(&format!("    topics: {}\n", person.topics.join(", ")));
    }
    text
}

fn as_json(person: &Subscriber) -> Value {
    let listings: Vec<Value> = person
        .listings
        .iter()
        .map(|it| {
            let since = it.since.map(|since| since.to_string());
            json!({ "list": it.list.name, "basis": it.basis, "since": since, "source": &*it.source })
        })
        .collect();
    let extra = person.extra.iter().map(|(heading, written)| (&**heading, &**written));
    json!({
        "email": person.key(),
        "valid": matches!(person.mailbox, Mailbox::Valid(_)),
        "name": person.name,
        "language": person.language,
        "organisation": &*person.organisation,
        "role": &*person.role,
        "country": &*person.country,
        "topics": person.topics.iter().map(|topic| &**topic).collect::<Vec<_>>(),
        "listings": listings,
        "extra": extra.collect::<BTreeMap<_, _>>(),
    })
}
