//! Who is told over HTTP, and of what: a check that watches over the timer hears
//! of every run; a webhook, of those in which something happened.

use std::convert::Infallible;
use std::path::Path;

use hlas::notify::{Messenger, Signal, Target, Unheard};
use hlas::report::Summary;
use hlas::transport::Secret;
use tokio::task::JoinHandle;

use super::Wanted;
use crate::cli::error::{Exit, Failure};
use crate::cli::settings::{PING_URL, WEBHOOK_URL, ping_url, webhook_url};

#[derive(Debug, Clone, clap::Args)]
pub struct PingArgs {
    /// Tell a check (as healthchecks.io has it) that the run begins, and how it
    /// ended: URL/start, then URL, or URL/CODE when CODE is not 0
    ///
    /// Others on this machine read command lines, and whoever knows the URL can
    /// say that all is well: HLAS_PING_URL, or a file that HLAS_PING_URL_FILE
    /// names, is safer.
    #[arg(long, value_name = "URL", help_heading = "Seen from outside", value_parser = secret)]
    pub ping: Option<Secret>,
}

#[derive(Debug, Clone, clap::Args)]
pub struct WebhookArgs {
    /// Post a summary as JSON when something was mailed or went wrong
    ///
    /// It has counts and slugs, and no address. HLAS_WEBHOOK_URL, or a file that
    /// HLAS_WEBHOOK_URL_FILE names, keeps the URL from others on this machine.
    #[arg(long, value_name = "URL", help_heading = "Seen from outside", value_parser = secret)]
    pub webhook: Option<Secret>,
}

fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

#[derive(Default)]
pub struct Notices {
    messenger: Option<Messenger>,
    ping: Option<Target>,
    webhook: Option<Target>,
    /// A verb that a timer calls.
    minds_the_timer: bool,
    start: Option<JoinHandle<Result<(), Unheard>>>,
}

impl Notices {
    pub fn open(wanted: &Wanted<'_>, root: &Path) -> Result<Self, Failure> {
        let ping = wanted.ping.and_then(|args| stated(args.ping.as_ref(), || ping_url(root)));
        let webhook =
            wanted.webhook.and_then(|args| stated(args.webhook.as_ref(), || webhook_url(root)));
        let ping = ping.map(|url| target(&url, "--ping", PING_URL)).transpose()?;
        let webhook = webhook.map(|url| target(&url, "--webhook", WEBHOOK_URL)).transpose()?;
        let messenger = (ping.is_some() || webhook.is_some()).then(Messenger::new).transpose();
        let messenger = messenger.map_err(|why| Failure::new(Exit::Settings, why))?;
        Ok(Self { messenger, ping, webhook, minds_the_timer: wanted.ping.is_some(), start: None })
    }

    /// Whether even a run that cannot begin is told of.
    pub fn minds_the_timer(&self) -> bool {
        self.minds_the_timer
    }

    /// Told while the run goes on: no mail waits for it.
    pub fn began(&mut self) {
        if let (Some(messenger), Some(ping)) = (self.messenger.clone(), self.ping.clone()) {
            let told = async move { messenger.ping(&ping, Signal::Start, "").await };
            self.start = Some(tokio::spawn(told));
        }
    }

    /// Answers with what nobody has heard, as lines.
    pub async fn ended(self, summary: &Summary<'_>, is_news: bool) -> Vec<String> {
        let Some(messenger) = &self.messenger else { return Vec::new() };
        let ping = async {
            let Some(ping) = &self.ping else { return Vec::new() };
            let mut unheard = Vec::new();
            // A start that came after the end would begin another run.
            if let Some(start) = self.start
                && let Ok(Err(why)) = start.await
            {
                unheard.push(format!("the ping before the run: {why}"));
            }
            let signal = Signal::Ended(summary.exit);
            if let Err(why) = messenger.ping(ping, signal, &summary.text).await {
                unheard.push(format!("the ping after the run: {why}"));
            }
            unheard
        };
        let webhook = async {
            let webhook = self.webhook.as_ref().filter(|_| is_news)?;
            let unheard = messenger.post(webhook, summary).await.err()?;
            Some(format!("the summary of the run: {unheard}"))
        };
        let (mut unheard, webhook) = tokio::join!(ping, webhook);
        unheard.extend(webhook);
        unheard
    }
}

fn stated(flag: Option<&Secret>, environment: impl FnOnce() -> Option<Secret>) -> Option<Secret> {
    flag.cloned().or_else(environment)
}

/// The URL itself is not told: it may be in a log that others read.
fn target(url: &Secret, flag: &str, variable: &str) -> Result<Target, Failure> {
    let wrong = |why: String| {
        Failure::new(Exit::Settings, format!("{flag} or {variable}: {why}"))
            .help("write the whole of it, as the service shows it: https://hc-ping.com/…")
    };
    let text = url.reveal().map_err(wrong)?;
    Target::parse(&text).map_err(|why| wrong(why.to_string()))
}
