//! `hlas check`: everything wrong, at its line and column.

mod explain;

use hlas::build::inspect;
use hlas::model::{Finding, Findings};
use hlas::report::count;
use serde_json::json;

use super::Context;
use super::error::{Exit, Failure};
use super::ui::{Format, tally};

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
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.explain {
        Some(rule) => explain::explain(rule, context),
        None if args.rules => Ok(explain::rules(context)),
        None => findings(args, context),
    }
}

fn findings(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (_, loaded) = context.settings.load(&context.root)?;
    let name = |folder: &std::path::Path| {
        folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let mut findings: Findings =
        if args.slugs.is_empty() { loaded.findings.clone() } else { Findings::new() };
    let known: Vec<String> = loaded.publications.iter().map(|it| name(&it.folder)).collect();
    for slug in &args.slugs {
        if !known.contains(slug) {
            return Err(no_such_publication(slug, &known));
        }
    }
    let mut looked_at = 0u64;
    for publication in &loaded.publications {
        if args.slugs.is_empty() || args.slugs.contains(&name(&publication.folder)) {
            looked_at += 1;
            findings.extend(inspect(&loaded, publication));
        }
    }
    show(context, &findings, looked_at);
    let errors = findings.iter().any(Finding::is_error);
    Ok(if errors { Exit::Findings } else { Exit::Ok })
}

fn show(context: &Context, findings: &[Finding], publications: u64) {
    if context.ui.is_json() {
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        let warnings = findings.len() - errors;
        let value = json!({ "findings": findings, "errors": errors, "warnings": warnings });
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
