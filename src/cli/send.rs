//! `hlas send SLUG`: mails one publication, after asking; `--worker` sends what
//! others have planned (`worker.rs`).

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use hlas::clock::{Clock, System};
use hlas::desk::{Desk, Held, Hours, Late, Limit, Obstacle, Open};
use hlas::ledger::Ledger;
use hlas::load::settings::Settings;
use hlas::mail::{Purpose, Skeleton};
use hlas::model::{
    Delivery, DeliveryId, Findings, Language, Outcome, Publication, Slug, with_ascii_domain,
};
use hlas::plan::{Plan, only};
use hlas::report::{Told, count, plan_json, plan_text};
use hlas::{build, transport};
use lettre::Address;
use serde_json::{Value, json};

use super::Context;
use super::check::no_such_publication;
use super::error::{Exit, Failure};
use super::ledger::{open_at_home, place};
use super::plan::errors;
use super::run::{Post, open_transport, open_transports, signer};
use super::ui::Format;
use super::watch::{Wanted, Watchers, WebhookArgs};
use super::worker;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which publication: the name of its folder
    #[arg(required_unless_present = "worker")]
    slug: Option<String>,
    /// Send what others have planned, as one of several machines; needs a ledger
    /// in PostgreSQL, and waits for new work until it is told to stop
    #[arg(long, conflicts_with_all = ["slug", "yes", "dry_run", "only", "resume", "test"])]
    worker: bool,
    /// With --worker: end when nothing is left to take
    #[arg(long, requires = "worker")]
    once: bool,
    /// Send without asking
    #[arg(long)]
    yes: bool,
    /// Show what would happen and stop
    #[arg(long, conflicts_with_all = ["yes", "test"])]
    dry_run: bool,
    /// Only addresses like this, `*` standing for anything; the others can be
    /// sent to later
    #[arg(long, value_name = "PATTERN")]
    only: Vec<String>,
    /// Go on with a mailing that paused itself
    #[arg(long, conflicts_with_all = ["dry_run", "test"])]
    resume: bool,
    /// Send also when the house does not mail (`window`, `days` and `holidays`
    /// under [delivery])
    #[arg(long, conflicts_with = "test")]
    any_time: bool,
    /// Send one copy to this address, marked as a test, outside the ledger
    #[arg(long, value_name = "ADDRESS")]
    test: Option<String>,
    /// Language of the test copy
    #[arg(long, value_name = "LANGUAGE", requires = "test")]
    language: Option<String>,
    #[command(flatten)]
    webhook: WebhookArgs,
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let verb = if args.worker { "worker" } else { "send" };
    let wanted = Wanted { verb, webhook: Some(&args.webhook), ..Wanted::default() };
    let mut watchers = Watchers::open(&wanted, context)?;
    let ended = match args.worker {
        true => worker::work(args.once, context, &mut watchers).await,
        false => work(args, context, &mut watchers).await,
    };
    watchers.close(ended).await
}

async fn work(args: &Args, context: &Context, watchers: &mut Watchers) -> Result<Exit, Failure> {
    let (settings, loaded) = context.settings.load(&context.root)?;
    watchers.know(&settings);
    let desk = Desk { loaded: &loaded, clock: Arc::new(System) };
    let slug = args.slug.as_deref().unwrap_or_default();
    let Some(publication) = desk.publication(slug) else {
        return Err(unknown(slug, &desk));
    };
    let errors = errors(&loaded, publication);
    if let Some(address) = &args.test {
        return test(args, context, &desk, &settings, publication, address).await;
    }
    if let Some(obstacle) = desk.obstacle(publication, errors) {
        return Err(refused(publication, &obstacle, &desk));
    }
    let closed = desk.closed_until().filter(|_| !args.any_time).map(Obstacle::Closed);
    if let Some(closed) = closed.filter(|_| !args.dry_run) {
        return Err(refused(publication, &closed, &desk));
    }
    if args.dry_run {
        let ledger = place(context, &settings)?.open().await?;
        let plan = desk.plan(ledger.as_ref(), publication, &args.only).await?;
        show(context, &desk, publication, &plan);
        let (mailing, shown) = (&publication.slug, &plan_json(&plan));
        watchers.tell(&Told::Plan { mailing, plan: shown });
        let left = still_open(&desk, ledger.as_ref(), &publication.slug).await?;
        if !context.ui.is_json() {
            tell_left(context, left.map_or(0, |open| open.waiting.len()));
        }
        if let Some(closed) = desk.closed_until() {
            let closed = Obstacle::Closed(closed);
            context.ui.say(&format!("{}: {closed}", publication.slug));
        }
        context.ui.say("a dry run: nothing was planned and nothing sent");
        return Ok(Exit::Ok);
    }
    let transports = open_transports(context, &settings)?;
    let signer = signer(context, &settings)?;
    let lock = place(context, &settings)?.lock().await?;
    let (ledger, recovered) = open_at_home(context, &settings, &lock).await?;
    if recovered.unsure > 0 {
        let unsure = recovered.unsure;
        context.ui.say(&format!("a run before this one did not end: {unsure} unsure"));
    }
    let plan = desk.plan(ledger.as_ref(), publication, &args.only).await?;
    let before = still_open(&desk, ledger.as_ref(), &publication.slug).await?;
    let left = before.as_ref().map_or(0, |open| open.waiting.len());
    if !context.ui.is_json() {
        show(context, &desk, publication, &plan);
        tell_left(context, left);
        let overdue = desk.overdue(ledger.as_ref(), publication).await?;
        let overdue = overdue.filter(|_| !plan.recipients.is_empty());
        tell_late(context, &publication.slug, overdue, before.as_ref());
    }
    if let Some(open) = &before {
        not_held(args, open)?;
        only_those(args, open)?;
    }
    // It names everybody, a million of them too.
    let shown = if context.ui.is_json() { plan_json(&plan) } else { Value::Null };
    if plan.recipients.is_empty() && left == 0 {
        if args.resume {
            ledger.resume(&publication.slug).await?;
        }
        return nobody(context, &shown);
    }
    confirm(args, plan.recipients.len() + left, &settings)?;
    if args.resume {
        ledger.resume(&publication.slug).await?;
    }
    let (built, _) = desk.publish()?;
    if let Some(broken) = built.publication(&publication.slug).filter(|it| !it.is_sound()) {
        let message = format!("`{}` is not sent: it cannot be rendered", publication.slug);
        return Err(Failure::findings(Exit::Findings, message, broken.findings.clone()));
    }
    watchers.begin(&ledger).await;
    let messages = desk.freeze(ledger.as_ref(), plan, &built).await?;
    watchers.planned(&publication.slug, messages);
    let open = still_open(&desk, ledger.as_ref(), &publication.slug).await?;
    let mut post = Post::new(watchers, transports, signer, &ledger);
    post.hours = if args.any_time { Hours::Any } else { Hours::OfTheHouse };
    let delivered = match open {
        Some(open) => post.go_on(&desk, &open).await,
        None => Ok(()),
    };
    let for_a_person = post.for_a_person;
    drop(post);
    if context.ui.format == Format::Json {
        let error = delivered.as_ref().err().map(|failure| &failure.message);
        let (plan, events) = (shown, watchers.events());
        context.ui.json(&json!({ "plan": plan, "left": left, "events": events, "error": error }));
    }
    if let Err(failure) = delivered {
        return failure.told_already(context.ui.format == Format::Json);
    }
    Ok(if for_a_person + recovered.unsure > 0 { Exit::Unsure } else { Exit::Ok })
}

fn nobody(context: &Context, plan: &Value) -> Result<Exit, Failure> {
    match context.ui.format {
        Format::Json => context.ui.json(&json!({ "plan": plan, "left": 0, "events": [] })),
        // Which ends with a line that says so.
        Format::Jsonl => {}
        Format::Text | Format::Github => context.ui.say("nobody is left to send to"),
    }
    Ok(Exit::Ok)
}

/// What a send before this one, or the timer, has left undone.
async fn still_open(
    desk: &Desk<'_>,
    ledger: &dyn Ledger,
    slug: &Slug,
) -> Result<Option<Open>, Failure> {
    let open = desk.open_mailings(ledger).await?;
    Ok(open.into_iter().find(|open| open.slug == *slug))
}

fn tell_left(context: &Context, left: usize) {
    if left > 0 {
        let what = count(left as u64, "message");
        context.ui.result(&format!("  {left:>6}  left from before: {what} still to be sent\n"));
    }
}

/// What the timer would not send any more, before a person is asked.
fn tell_late(context: &Context, slug: &Slug, overdue: Option<Late>, open: Option<&Open>) {
    let late = match open.and_then(|open| open.held.clone()) {
        Some(Held::Late(late)) => Some(late),
        _ => overdue,
    };
    if let Some(late) = late {
        context.ui.say(&format!("{slug}: {late}"));
    }
}

/// What holds up the timer holds up a person too: going on would take back,
/// for good, the mail of everybody who seems to have left.
fn not_held(args: &Args, open: &Open) -> Result<(), Failure> {
    let slug = &open.slug;
    let help = match &open.held {
        None => return Ok(()),
        // That is for a person to say, who says it now.
        Some(Held::Late(Late { by: Limit::Quiet(_), .. })) => return Ok(()),
        Some(Held::Late(_)) => "change or delete `not_after` to go on".to_owned(),
        Some(Held::Closed(_) | Held::Paced(_)) => return Ok(()),
        Some(Held::Paused) if args.resume => return Ok(()),
        Some(Held::Paused) => {
            format!("`hlas status {slug}` says why; --resume goes on when that is mended")
        }
        Some(_) => {
            "see that every list is in subscribers/; `hlas subscribers` counts them".to_owned()
        }
    };
    let held = open.held.as_ref().map(Held::to_string).unwrap_or_default();
    Err(Failure::new(Exit::Declined, format!("`{slug}` is held: {held}")).help(help))
}

/// `--only` says whom to write to: with others still open from before, sending
/// would reach those too.
fn only_those(args: &Args, open: &Open) -> Result<(), Failure> {
    let patterns = only(&args.only);
    let meant = |key: &str| patterns.iter().any(|pattern| pattern.matches(key));
    let others = open.waiting.subscribers.iter().filter(|key| !meant(key)).count();
    if args.only.is_empty() || others == 0 {
        return Ok(());
    }
    let what = count(others as u64, "message");
    let message = format!("not sent: {what} to others would go out too, planned before");
    Err(Failure::new(Exit::Declined, message)
        .help(format!("send without --only to finish them first, or set {} to draft", open.slug)))
}

fn unknown(slug: &str, desk: &Desk<'_>) -> Failure {
    let loaded = &desk.loaded.publications;
    let names: Vec<String> = loaded
        .iter()
        .map(|it| it.folder.file_name().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    if names.iter().any(|name| name == slug) {
        return Failure::new(Exit::Findings, format!("`{slug}` cannot be read"))
            .help(format!("hlas check {slug} says why"));
    }
    no_such_publication(slug, &names)
}

fn refused(publication: &Publication, obstacle: &Obstacle, desk: &Desk<'_>) -> Failure {
    let slug = &publication.slug;
    let message = format!("`{slug}` is not sent: {obstacle}");
    match obstacle {
        Obstacle::Errors(_) => {
            let loaded = desk.loaded.publications.iter();
            let findings: Findings = loaded
                .filter(|it| it.folder == publication.folder)
                .flat_map(|it| build::inspect(desk.loaded, it, &desk.now()))
                .filter(|finding| finding.is_error())
                .collect();
            Failure::findings(Exit::Findings, message, findings)
        }
        Obstacle::Draft => Failure::new(Exit::Declined, message)
            .help("set status: ready; a draft can be tried with --test ADDRESS"),
        Obstacle::NotBefore(_) => {
            Failure::new(Exit::Declined, message).help(match publication.at {
                Some(_) => "`hlas run` sends it then; to send it now, change or delete `at`",
                None => "change `date`, or wait for that day",
            })
        }
        Obstacle::Closed(_) => Failure::new(Exit::Declined, message).help(match publication.at {
            Some(_) => "`hlas run` sends it then; --any-time sends it now",
            None => "send it then; --any-time sends it now",
        }),
        Obstacle::Late(_) => Failure::new(Exit::Declined, message)
            .help("change or delete `not_after` to send it all the same"),
        Obstacle::NoSegments => {
            Failure::new(Exit::Declined, message).help("add to: [segment] to its front matter")
        }
        Obstacle::ListsBroken | Obstacle::SegmentBroken(_) | Obstacle::SegmentEmpty(_) => {
            Failure::findings(Exit::Findings, message, desk.loaded.findings.clone())
        }
    }
}

fn show(context: &Context, desk: &Desk<'_>, publication: &Publication, plan: &Plan<'_>) {
    match context.ui.format {
        Format::Json => return context.ui.json(&plan_json(plan)),
        Format::Jsonl => return,
        Format::Text | Format::Github => {}
    }
    let language = desk.loaded.workspace.default_language();
    context.ui.result(&plan_text(plan, publication, &desk.loaded.segments, language, false));
}

fn confirm(args: &Args, messages: usize, settings: &Settings) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    let declined = || Failure::new(Exit::Declined, "nothing was sent");
    if !std::io::stdin().is_terminal() {
        return Err(declined().help("there is nobody to ask; --yes answers"));
    }
    let what = count(messages as u64, "message");
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "Send {what} through {}? [y/N] ", transport::shown(&settings.transport));
    let _ = stderr.flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    let yes = ["y", "yes", "a", "ano"].contains(&answer.trim().to_lowercase().as_str());
    if read.is_ok() && yes { Ok(()) } else { Err(declined()) }
}

async fn test(
    args: &Args,
    context: &Context,
    desk: &Desk<'_>,
    settings: &Settings,
    publication: &Publication,
    address: &str,
) -> Result<Exit, Failure> {
    let address: Address = address.parse().map_err(|_| {
        Failure::new(Exit::Usage, format!("`{address}` is no e-mail address"))
            .help("write it as name@example.org")
    })?;
    let address = with_ascii_domain(&address);
    let language = args.language.as_deref().map(Language::new);
    let language = language.as_ref().unwrap_or(&publication.leading().language);
    let (built, _) = desk.publish()?;
    let edition = build::mail(desk.loaded, &built, &publication.slug, language)?;
    let Some(edition) = edition else {
        let errors = errors(desk.loaded, publication);
        let obstacle = match errors {
            0 if publication.to.is_empty() => Obstacle::NoSegments,
            0 => {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("`{}` has no edition in “{language}”", publication.slug),
                ));
            }
            errors => Obstacle::Errors(errors),
        };
        return Err(refused(publication, &obstacle, desk));
    };
    let key = address.to_string();
    let delivery = Delivery {
        id: DeliveryId::new(&publication.slug, &key),
        subscriber: key,
        address: address.clone(),
        name: String::new(),
        salutation: String::new(),
        language: language.clone(),
        segment: edition.segment.clone(),
    };
    let signer = signer(context, settings)?;
    let message = Skeleton::new(&settings.workspace.mail, &edition, Purpose::Test)
        .and_then(|skeleton| skeleton.message(&delivery, System.now(), signer.as_deref()))
        .map_err(|error| Failure::new(Exit::Transport, error.to_string()))?;
    let mut transport = open_transport(context, settings)?;
    let outcome = transport.send(&message, &mut transport::Unrecorded).await;
    transport.close().await;
    let outcome = outcome?;
    let reply = outcome.reply();
    let code = reply.code.map(|code| format!("{code} ")).unwrap_or_default();
    match outcome {
        Outcome::Accepted(_) if context.ui.is_json() => {
            context.ui.json(&json!({ "test": address.to_string(), "reply": reply }));
            Ok(Exit::Ok)
        }
        Outcome::Accepted(_) => {
            let text = &reply.text;
            context.ui.result(&format!("a test copy for {address} was accepted: {code}{text}\n"));
            Ok(Exit::Ok)
        }
        _ => Err(Failure::new(
            Exit::Transport,
            format!("the test copy was not accepted: {code}{}", reply.text),
        )),
    }
}
