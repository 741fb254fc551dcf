//! `hlas status`: what was sent, and whether the books balance.

use std::collections::BTreeMap;
use std::sync::Arc;

use hlas::clock::{Clock, System};
use hlas::desk::{Desk, Held};
use hlas::ledger::Ledger;
use hlas::load::settings::Settings;
use hlas::model::{Books, DeliveryState, Slug};
use hlas::report::{books_json, books_text, pace_text, slowed_json};
use serde_json::{Value, json};

use super::Context;
use super::check::no_such_publication;
use super::error::{Exit, Failure};
use super::ledger::place;
use super::settings::load_workspace;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this mailing
    slug: Option<String>,
}

/// States that a person may want to see by name.
const SHOWN: [DeliveryState; 3] =
    [DeliveryState::Unsure, DeliveryState::Deferred, DeliveryState::Refused];

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    let ledger = place(context, &settings)?.open().await?;
    let mut all = ledger.all_books().await?;
    if let Some(slug) = &args.slug {
        let known: Vec<String> = all.iter().map(|books| books.slug.to_string()).collect();
        all.retain(|books| books.slug.as_str() == slug);
        if all.is_empty() {
            let failure = no_such_publication(slug, &known);
            let message = format!("nothing was mailed of `{slug}`");
            return Err(Failure { message, ..failure });
        }
    }
    let waiting = Waiting::of(&settings, ledger.as_ref()).await?;
    let meters = ledger.meters().await?;
    let (pace, now) = (&settings.workspace.pace, System.now());
    let mut values = Vec::new();
    for books in &all {
        let mut entries = Vec::new();
        for state in SHOWN {
            entries.extend(ledger.entries(&books.slug, state).await?);
        }
        let why = waiting.held.get(&books.slug);
        let held = why.map(ToString::to_string);
        let held = held.as_deref();
        let mut value = books_json(books, &entries, held);
        let goes_on = why.and_then(Held::goes_on);
        value["goes_on"] = json!(goes_on.map(|at| at.timestamp()));
        value["slowed"] = slowed_json(&meters, pace, now);
        values.push(value);
        if !context.ui.is_json() {
            let zone = &settings.workspace.time_zone;
            context.ui.result(&books_text(books, &entries, held, zone));
        }
    }
    if context.ui.is_json() {
        context.ui.json(&Value::Array(values));
    } else if all.is_empty() {
        context.ui.result("nothing was mailed yet\n");
    }
    if !context.ui.is_json() {
        context.ui.result(&pace_text(&meters, pace, now));
    }
    if args.slug.is_none() {
        for line in &waiting.missed {
            context.ui.say(line);
        }
    }
    let sound = all.iter().all(|books| Books::balance(books) && books.unsure == 0);
    Ok(if sound { Exit::Ok } else { Exit::Unsure })
}

/// What does not go out, and why, as the publications stand now.
#[derive(Default)]
struct Waiting {
    held: BTreeMap<Slug, Held>,
    missed: Vec<String>,
}

impl Waiting {
    /// Nothing where the workspace cannot be read: the books can, all the same.
    async fn of(settings: &Settings, ledger: &dyn Ledger) -> Result<Self, Failure> {
        let Ok(loaded) = load_workspace(settings) else { return Ok(Self::default()) };
        let desk = Desk { loaded: &loaded, clock: Arc::new(System) };
        let mut waiting = Self::default();
        for open in desk.open_mailings(ledger).await? {
            // A pause has lines of its own.
            if let Some(held) = open.held.filter(|held| *held != Held::Paused) {
                waiting.held.insert(open.slug, held);
            }
        }
        for (publication, late) in desk.missed(ledger).await? {
            waiting.missed.push(format!("{} was never mailed: {late}", publication.slug));
        }
        Ok(waiting)
    }
}
