//! `hlas resolve SLUG`: settles what is unsure by a person's word.
//!
//! A delivery that was caught between hand-over and answer may have arrived.
//! Nobody but the reader, or whoever keeps the server's log, can know: they are
//! asked, and what they say is written down with the name of who asked.

use hlas::clock::{Clock, System};
use hlas::ledger::{Entry, Word};
use hlas::model::{DeliveryState, Slug};
use hlas::plan::only;
use hlas::report::count;
use serde_json::json;

use super::Context;
use super::check::no_such_publication;
use super::error::{Exit, Failure};
use super::ledger::{open_at_home, place};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("word").required(true))]
pub struct Args {
    /// Which mailing: the name of its folder
    slug: String,
    /// Only these addresses, `*` standing for anything; none means all that
    /// are unsure
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// They have it: ask them, or look for the Message-ID in the server's log
    #[arg(long, group = "word")]
    accepted: bool,
    /// They do not have it: the next run sends it again, under the same
    /// Message-ID
    #[arg(long, group = "word")]
    resend: bool,
    /// Who says so; whoever is logged in when not stated
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let by = who(args)?;
    let settings = context.settings.read(&context.root)?;
    let lock = place(context, &settings)?.lock().await?;
    let (ledger, _) = open_at_home(context, &settings, &lock).await?;
    let now = System.now();

    let known = ledger.mailings().await?;
    let Some(slug) = known.iter().find(|slug| slug.as_str() == args.slug) else {
        let names: Vec<String> = known.iter().map(Slug::to_string).collect();
        let failure = no_such_publication(&args.slug, &names);
        let message = format!("nothing was mailed of `{}`", args.slug);
        return Err(Failure { message, ..failure });
    };
    let unsure = ledger.entries(slug, DeliveryState::Unsure).await?;
    let meant = meant(args, unsure)?;
    let word = if args.accepted { Word::Accepted } else { Word::Resend };
    let ids: Vec<_> = meant.iter().map(|entry| entry.id.clone()).collect();
    let settled = ledger.resolve(&ids, word, &by, now).await?;
    let addresses: Vec<&str> = meant.iter().map(|entry| entry.address.as_str()).collect();
    if context.ui.is_json() {
        context.ui.json(&json!({ "settled": settled, "addresses": addresses, "by": by }));
        return Ok(Exit::Ok);
    }
    for address in addresses {
        context.ui.result(&format!("  {address}\n"));
    }
    let what = count(settled, "message");
    context.ui.result(&match word {
        Word::Accepted => format!("{slug}: {what} settled as accepted, by the word of {by}\n"),
        Word::Resend => format!("{slug}: {what} to be sent again by the next run\n"),
    });
    Ok(Exit::Ok)
}

fn who(args: &Args) -> Result<String, Failure> {
    let logged_in = || std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok();
    let name = args.by.clone().or_else(logged_in).filter(|name| !name.trim().is_empty());
    name.ok_or_else(|| {
        Failure::new(Exit::Usage, "it is not known who says so").help("say it with --by NAME")
    })
}

/// Those of the unsure whom the patterns name; each must name somebody, or a
/// slip of the finger would go unnoticed.
fn meant(args: &Args, unsure: Vec<Entry>) -> Result<Vec<Entry>, Failure> {
    if unsure.is_empty() {
        let message = format!("nobody is unsure in `{}`", args.slug);
        return Err(
            Failure::new(Exit::Usage, message).help("`hlas status` shows where somebody is")
        );
    }
    let patterns = only(&args.addresses);
    let matches = |pattern: &wildmatch::WildMatch, entry: &Entry| {
        pattern.matches(&entry.address.to_lowercase())
    };
    for (pattern, typed) in patterns.iter().zip(&args.addresses) {
        if !unsure.iter().any(|entry| matches(pattern, entry)) {
            let message = format!("nobody like `{typed}` is unsure in `{}`", args.slug);
            return Err(Failure::new(Exit::Usage, message)
                .help(format!("`hlas status {}` shows who is", args.slug)));
        }
    }
    let named = |entry: &Entry| patterns.is_empty() || patterns.iter().any(|it| matches(it, entry));
    Ok(unsure.into_iter().filter(named).collect())
}
