//! `hlas check --rules` and `--explain`: what can be found, and what to do
//! about it.

use hlas::check::{Entry, catalogue};
use hlas::load::nearest;
use hlas::model::{Severity, Workspace};
use serde_json::json;

use crate::cli::Context;
use crate::cli::error::{Exit, Failure};

/// Every name that a finding can have, with the level it has in this house.
pub fn rules(context: &Context) -> Exit {
    let workspace = context.settings.read(&context.root).ok().map(|settings| settings.workspace);
    let level = |entry: &Entry| level(entry, workspace.as_ref());
    if context.ui.is_json() {
        let rules: Vec<_> = catalogue::entries()
            .map(|entry| {
                json!({
                    "rule": entry.name,
                    "level": level(&entry),
                    "firm": entry.firm,
                    "summary": entry.summary(),
                })
            })
            .collect();
        context.ui.json(&json!(rules));
        return Exit::Ok;
    }
    let width = catalogue::entries().map(|entry| entry.name.len()).max().unwrap_or(0);
    for entry in catalogue::entries() {
        let firm = if entry.firm { "firm" } else { "" };
        let line =
            format!("{:width$}  {:7}  {firm:4}  {}\n", entry.name, level(&entry), entry.summary());
        context.ui.result(&line);
    }
    context.ui.result(
        "\nLevels are set under [rules] in hlas.toml, except of rules that are firm.\n\
         `hlas check --explain RULE` says more of one.\n",
    );
    Exit::Ok
}

/// All there is to say of one rule.
pub fn explain(name: &str, context: &Context) -> Result<Exit, Failure> {
    let Some(entry) = catalogue::named(name) else {
        let failure = Failure::new(Exit::Usage, format!("there is no rule `{name}`"));
        return Err(match nearest(name, catalogue::entries().map(|entry| entry.name)) {
            Some(close) => failure.help(format!("did you mean {close}?")),
            None => failure.help("`hlas check --rules` lists them"),
        });
    };
    if context.ui.is_json() {
        let Entry { name, firm, doc, .. } = entry;
        let level = level(&entry, None);
        context.ui.json(&json!({ "rule": name, "level": level, "firm": firm, "doc": doc }));
        return Ok(Exit::Ok);
    }
    let firm = if entry.firm { ", firm: it can be neither lowered nor allowed" } else { "" };
    let level = level(&entry, None);
    context.ui.result(&format!("{} ({level}{firm})\n\n{}", entry.name, entry.doc));
    Ok(Exit::Ok)
}

fn level(entry: &Entry, workspace: Option<&Workspace>) -> &'static str {
    let set = workspace.and_then(|workspace| workspace.levels.get(entry.name));
    match set.copied().unwrap_or(Some(entry.level)) {
        None => "off",
        Some(Severity::Warning) => "warning",
        Some(Severity::Error) => "error",
    }
}
