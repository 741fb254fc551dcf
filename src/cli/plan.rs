//! `hlas plan`: who would get what, and who would not and why. Writes nothing.

use std::sync::Arc;

use hlas::build::inspect;
use hlas::clock::{Clock, System};
use hlas::desk::{Desk, Obstacle};
use hlas::ledger::Ledger;
use hlas::load::Loaded;
use hlas::model::{Finding, Publication, Status};
use hlas::report::{count, plan_json, plan_text};
use serde_json::{Value, json};

use super::Context;
use super::check::no_such_publication;
use super::error::{Exit, Failure};
use super::ledger::place;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this publication; otherwise all that are ready
    slug: Option<String>,
    /// Only addresses like this, `*` standing for anything
    #[arg(long, value_name = "PATTERN")]
    only: Vec<String>,
    /// Name everybody
    #[arg(long)]
    people: bool,
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (settings, loaded) = context.settings.load(&context.root)?;
    let desk = Desk { loaded: &loaded, clock: Arc::new(System) };
    let ledger = place(context, &settings)?.open().await?;
    let mut plans = Vec::new();
    let chosen = chosen(args, &desk)?;
    for publication in &chosen {
        plans.extend(one(args, context, &desk, ledger.as_ref(), publication).await?);
    }
    if context.ui.is_json() {
        context.ui.json(&Value::Array(plans));
    } else if chosen.is_empty() {
        context.ui.result("nothing is ready to be mailed\n");
    }
    Ok(Exit::Ok)
}

fn chosen<'p>(args: &Args, desk: &'p Desk<'_>) -> Result<Vec<&'p Publication>, Failure> {
    let Some(slug) = &args.slug else {
        let ready = desk.publications().filter(|it| it.status == Status::Ready);
        return Ok(ready.filter(|it| !it.to.is_empty()).collect());
    };
    let known = || desk.publications().map(|it| it.slug.to_string()).collect::<Vec<_>>();
    let publication = desk.publication(slug);
    Ok(vec![publication.ok_or_else(|| no_such_publication(slug, &known()))?])
}

/// The JSON, where that is asked for: it names everybody, a million of them too.
async fn one(
    args: &Args,
    context: &Context,
    desk: &Desk<'_>,
    ledger: &dyn Ledger,
    publication: &Publication,
) -> Result<Option<Value>, Failure> {
    let plan = desk.plan(ledger, publication, &args.only).await?;
    let obstacle = desk.obstacle(publication, errors(desk.loaded, publication));
    let closed = desk.closed_until();
    if context.ui.is_json() {
        let mut value = plan_json(&plan);
        value["opens"] = json!(closed.as_ref().map(|opens| opens.timestamp()));
        value["obstacle"] = json!(obstacle.as_ref().map(ToString::to_string));
        value["at"] = json!(publication.at.as_ref().map(ToString::to_string));
        return Ok(Some(value));
    }
    let language = desk.loaded.workspace.default_language();
    let segments = &desk.loaded.segments;
    context.ui.result(&plan_text(&plan, publication, segments, language, args.people));
    let books = ledger.books(&publication.slug).await?;
    let left = books.map_or(0, |books| books.pending + books.deferred);
    let mut paced = None;
    if left > 0 {
        let open = desk.open_mailings(ledger).await?;
        let open = open.into_iter().find(|open| open.slug == publication.slug);
        paced = open.and_then(|open| open.held).filter(|held| held.goes_on().is_some());
        let what = count(left, "message");
        context.ui.result(&format!("  {left:>6}  left from before: {what} still to be sent\n"));
    }
    let when = match (obstacle, &publication.at) {
        (Some(obstacle), _) => format!("cannot be mailed now: {obstacle}"),
        (None, _) if plan.recipients.is_empty() => "nobody else is left to plan".to_owned(),
        (None, None) => format!("no send time: `hlas send {}` mails it", plan.slug),
        (None, Some(at)) => format!("due since {}", at.strftime("%Y-%m-%d %H:%M")),
    };
    let closed = closed.filter(|_| left > 0 || !plan.recipients.is_empty());
    let when = match (closed, paced) {
        (Some(opens), _) => format!("{when}; {}", Obstacle::Closed(opens)),
        (None, Some(held)) => format!("{when}; {held}"),
        (None, None) => when,
    };
    context.ui.result(&format!("  {when}\n"));
    Ok(None)
}

/// How many errors keep a publication in the house.
pub fn errors(loaded: &Loaded, publication: &Publication) -> usize {
    let found = loaded.publications.iter().find(|it| it.folder == publication.folder);
    let now = System.now().to_zoned_datetime(loaded.workspace.time_zone.clone());
    let findings = found.map(|it| inspect(loaded, it, &now)).unwrap_or_default();
    findings.iter().filter(|it: &&Finding| it.is_error()).count()
}
