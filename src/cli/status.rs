//! `hlas status`: what was sent, and whether the books balance.

use hlas::ledger;
use hlas::model::{Books, DeliveryState};
use hlas::report::{books_json, books_text};
use serde_json::Value;

use super::Context;
use super::check::no_such_publication;
use super::error::{Exit, Failure};

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
    let ledger = ledger::open(&settings.ledger, &context.root).await?;
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
    let mut values = Vec::new();
    for books in &all {
        let mut entries = Vec::new();
        for state in SHOWN {
            entries.extend(ledger.entries(&books.slug, state).await?);
        }
        values.push(books_json(books, &entries));
        if !context.ui.is_json() {
            context.ui.result(&books_text(books, &entries, &settings.workspace.time_zone));
        }
    }
    if context.ui.is_json() {
        context.ui.json(&Value::Array(values));
    } else if all.is_empty() {
        context.ui.result("nothing was mailed yet\n");
    }
    let sound = all.iter().all(|books| Books::balance(books) && books.unsure == 0);
    Ok(if sound { Exit::Ok } else { Exit::Unsure })
}
