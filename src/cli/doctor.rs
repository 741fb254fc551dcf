//! `hlas doctor`: what keeps mail from arriving, and how to mend it.

use std::net::{IpAddr, SocketAddr};

use hlas::clock::{Clock, System};
use hlas::dns::{Dns, DnsError};
use hlas::doctor::{self, House, Point, Sender, Verdict};
use hlas::load::settings::Settings;
use hlas::mail::dkim::Signer;
use hlas::report::points_text;
use serde_json::json;

use super::Context;
use super::error::{Exit, Failure};
use super::ledger::place;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The address that your mail server sends from, if the server is yours
    #[arg(long, value_name = "IP")]
    address: Option<IpAddr>,
    /// A DKIM selector of a provider who signs for you
    #[arg(long, value_name = "NAME")]
    selector: Vec<String>,
    #[command(flatten)]
    dns: DnsArgs,
}

/// Whom to ask.
#[derive(Debug, clap::Args)]
pub struct DnsArgs {
    /// Ask this DNS server in place of the machine's own
    #[arg(long, value_name = "IP:PORT")]
    dns: Option<SocketAddr>,
}

impl DnsArgs {
    pub fn open(&self) -> Result<Dns, Failure> {
        let opened = match self.dns {
            Some(server) => Dns::at(server),
            None => Dns::of_this_machine(),
        };
        opened.map_err(|DnsError { reason, .. }| {
            Failure::new(Exit::Settings, format!("DNS cannot be asked: {reason}"))
                .help("name a server with --dns 9.9.9.9:53")
        })
    }
}

pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings.read(&context.root)?;
    let workspace = &settings.workspace;
    let dns = args.dns.open()?;
    let signer = match &workspace.dkim {
        Some(dkim) => Some(Signer::open(dkim, &context.root)?),
        None => None,
    };
    let sender = Sender {
        mail: &workspace.mail,
        signer: signer.as_ref(),
        provider: &args.selector,
        address: args.address,
    };
    let mut points = doctor::domain(&dns, sender).await;
    let opened = opens(context, &settings).await;
    points.extend(doctor::house(&House {
        root: &context.root,
        transport: &settings.transport,
        ledger: (&settings.ledger, opened.err().map(|failure| failure.message)),
        keys: workspace.dkim.iter().flat_map(|dkim| dkim.keys.values().cloned()).collect(),
        now: System.now().to_zoned_datetime(workspace.time_zone.clone()),
    }));
    Ok(tell(context, &points))
}

async fn opens(context: &Context, settings: &Settings) -> Result<(), Failure> {
    place(context, settings)?.open().await?;
    Ok(())
}

/// Shows the points; what is wrong, or could not be asked, ends in failure.
pub fn tell(context: &Context, points: &[Point]) -> Exit {
    if context.ui.is_json() {
        context.ui.json(&json!(points));
    } else {
        context.ui.result(&points_text(points));
    }
    let bad = |point: &Point| matches!(point.verdict, Verdict::Wrong | Verdict::Unknown);
    if points.iter().any(bad) { Exit::Findings } else { Exit::Ok }
}
