//! `hlas check`: everything wrong, at its line and column.

mod explain;
mod links;
mod privacy;
mod typography;

use hlas::build::inspect;
use hlas::check;
use hlas::clock::{Clock, System};
use hlas::load::Loaded;
use hlas::load::publications::LoadedPublication;
use hlas::model::{Finding, Findings};
use hlas::report::count;
use serde_json::json;

use super::error::{Exit, Failure};
use super::ui::{Format, tally};
use super::{Context, wait};
use links::Asked;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these publications
    slugs: Vec<String>,
    /// List the rules, with the level that each has here
    #[arg(long, conflicts_with = "slugs")]
    rules: bool,
    /// Say what a rule looks for, why, and how to mend it
    #[arg(long, value_name = "RULE", conflicts_with_all = ["slugs", "rules"])]
    explain: Option<String>,
    /// Also ask whether the pages that are linked to are still there
    #[arg(long, conflicts_with_all = ["rules", "explain"])]
    links: bool,
    /// Tell instead whom a reader's client touches, on opening and on clicking,
    /// and what of it says who the reader is
    #[arg(long, conflicts_with_all = ["rules", "explain", "links"])]
    privacy: bool,
    /// Show what typography changes, in place of mistakes
    #[arg(long, conflicts_with_all = ["rules", "explain", "links", "privacy"])]
    typography: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.explain {
        Some(rule) => explain::explain(rule, context),
        None if args.rules => Ok(explain::rules(context)),
        None if args.typography => typography::changes(&args.slugs, context),
        None => findings(args, context),
    }
}

fn findings(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (_, loaded) = context.settings.load(&context.root)?;
    let chosen = chosen(&args.slugs, &loaded)?;
    let readable = chosen.iter().filter_map(|loaded| loaded.publication.as_ref());
    if args.privacy {
        return privacy::run(
            context,
            &loaded,
            &readable.collect::<Vec<_>>(),
            args.slugs.is_empty(),
        );
    }
    let mut findings = Findings::new();
    if args.slugs.is_empty() {
        findings.extend(loaded.findings.iter().cloned());
        findings.extend(check::theme(&loaded));
    }
    let now = System.now().to_zoned_datetime(loaded.workspace.time_zone.clone());
    for publication in &chosen {
        findings.extend(inspect(&loaded, publication, &now));
    }
    let asked = args.links.then(|| wait(links::ask(readable, &loaded, context))).transpose()?;
    if let Some(asked) = &asked {
        findings.extend(asked.findings.iter().cloned());
    }
    show(context, &findings, chosen.len() as u64, asked.as_ref());
    let errors = findings.iter().any(Finding::is_error);
    Ok(if errors { Exit::Findings } else { Exit::Ok })
}

/// The publications of these names; all of them where none is named.
pub fn chosen<'l>(
    slugs: &[String],
    loaded: &'l Loaded,
) -> Result<Vec<&'l LoadedPublication>, Failure> {
    let name = |publication: &LoadedPublication| {
        publication.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let known: Vec<String> = loaded.publications.iter().map(name).collect();
    match slugs.iter().find(|slug| !known.contains(slug)) {
        Some(unknown) => Err(no_such_publication(unknown, &known)),
        None => {
            let all = loaded.publications.iter();
            Ok(all.filter(|it| slugs.is_empty() || slugs.contains(&name(it))).collect())
        }
    }
}

fn show(context: &Context, findings: &[Finding], publications: u64, asked: Option<&Asked>) {
    if context.ui.is_json() {
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        let warnings = findings.len() - errors;
        let mut value = json!({ "findings": findings, "errors": errors, "warnings": warnings });
        if let Some(asked) = asked {
            value["links"] = asked.json();
        }
        context.ui.json(&value);
        return;
    }
    if context.ui.format == Format::Github {
        context.ui.annotations(findings);
        return;
    }
    let color = std::io::IsTerminal::is_terminal(&std::io::stdout());
    context.ui.result(&context.ui.drawn(findings, color));
    if !findings.is_empty() {
        context.ui.result("\n");
    }
    if let Some(asked) = asked {
        context.ui.result(&asked.told());
    }
    let what = count(publications, "publication");
    context.ui.result(&format!("{what} checked: {}\n", tally(findings)));
}

/// A slug that names nothing, with the nearest that does.
pub fn no_such_publication(slug: &str, known: &[String]) -> Failure {
    let failure = Failure::new(Exit::Usage, format!("there is no publication `{slug}`"));
    // People remember the words of a slug better than its date.
    let close = known.iter().find(|known| known.contains(slug)).map(String::as_str);
    match close.or_else(|| hlas::load::nearest(slug, known.iter().map(String::as_str))) {
        Some(close) => failure.help(format!("did you mean {close}?")),
        None if known.is_empty() => failure.help("there are none yet"),
        None => failure.help(format!("there are: {}", known.join(", "))),
    }
}
