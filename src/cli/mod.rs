//! The command line: a verb a file. A verb gathers, calls the library, shows;
//! when one starts deciding, the decision moves down.

mod build;
mod check;
mod config;
mod dkim;
mod doctor;
mod error;
mod excerpt;
mod guard;
mod init;
mod ledger;
mod new;
mod pdf;
mod plan;
mod resolve;
mod run;
mod segments;
mod send;
mod settings;
mod standard;
mod status;
mod subscribers;
mod theme;
mod typeset;
mod ui;
mod watch;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::{Exit, Failure, exits_help};
use settings::{SettingsArgs, workspace_root};
use ui::{Format, Ui};

/// The publishing desk of a consortium: Markdown in; mail, PDF, web pages and
/// feeds out
#[derive(Debug, Parser)]
#[command(name = "hlas", version, after_help = exits_help(), max_term_width = 100)]
struct Cli {
    /// Run on the workspace in this folder
    #[arg(short = 'C', long, global = true, value_name = "DIR", default_value = ".")]
    workspace: PathBuf,
    /// Write results for people or for scripts
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a new, small workspace
    Init(init::Args),
    /// Begin a publication: a folder with a text to fill in
    New(new::Args),
    /// Look for mistakes in publications, lists and segments
    Check(check::Args),
    /// Make pages, PDFs and feeds, and every mail to look at
    Build(build::Args),
    /// Make one PDF of a text as it is now, and look at it
    Pdf(pdf::Args),
    /// Show who would get what, and who would not and why
    Plan(plan::Args),
    /// Mail one publication, after asking
    Send(send::Args),
    /// Do all that is due: build, plan, deliver; for a timer
    Run(run::Args),
    /// Show what was sent, and whether the books balance
    Status(status::Args),
    /// Settle by a person's word what is unsure
    Resolve(resolve::Args),
    /// Look after the ledger: copy it, take it over
    Ledger(ledger::Args),
    /// Make and check the keys that mail is signed with
    Dkim(dkim::Args),
    /// Look for what keeps mail from arriving: DNS, keys, ledger, clock
    Doctor(doctor::Args),
    /// Show the people in the lists
    Subscribers(subscribers::Args),
    /// Show the segments and how many people are in each
    Segments(segments::Args),
    /// Show the files of the theme, or write one out to edit
    Theme(theme::Args),
    /// Show every setting and where it comes from
    Config(config::Args),
    /// Set one PDF for another hlas
    #[command(hide = true)]
    Typeset(typeset::Args),
}

/// What every verb is handed.
struct Context {
    root: PathBuf,
    settings: SettingsArgs,
    ui: Ui,
}

pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let root = workspace_root(&cli.workspace);
    let ui = Ui { format: cli.format, root: root.clone() };
    let context = Context { root, settings: cli.settings, ui };
    let exit = call(cli.verb, &context).unwrap_or_else(|failure| {
        context.ui.failure(&failure);
        failure.exit
    });
    ExitCode::from(exit as u8)
}

fn call(verb: Verb, context: &Context) -> Result<Exit, Failure> {
    match verb {
        Verb::Init(args) => init::run(&args, context),
        Verb::New(args) => new::run(&args, context),
        Verb::Check(args) => check::run(&args, context),
        Verb::Build(args) => build::run(&args, context),
        Verb::Pdf(args) => pdf::run(&args, context),
        Verb::Plan(args) => wait(plan::run(&args, context)),
        Verb::Send(args) => wait(send::run(&args, context)),
        Verb::Run(args) => wait(run::run(&args, context)),
        Verb::Resolve(args) => wait(resolve::run(&args, context)),
        Verb::Ledger(args) => wait(ledger::run(&args, context)),
        Verb::Status(args) => wait(status::run(&args, context)),
        Verb::Dkim(args) => wait(dkim::run(&args, context)),
        Verb::Doctor(args) => wait(doctor::run(&args, context)),
        Verb::Subscribers(args) => subscribers::run(&args, context),
        Verb::Segments(args) => segments::run(&args, context),
        Verb::Theme(args) => theme::run(&args, context),
        Verb::Config(args) => config::run(&args, context),
        Verb::Typeset(args) => typeset::run(&args),
    }
}

/// Only what talks to a ledger or a server needs a runtime.
fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Output, format!("cannot start: {error}")))?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_readme_lists_the_exit_codes_as_help_does() {
        let readme = include_str!("../../README.md");
        for (exit, meaning) in error::EXITS {
            let row = format!("| {} | {meaning} |", exit as u8);
            assert!(readme.contains(&row), "README lacks {row}");
        }
    }
}
