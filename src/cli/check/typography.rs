//! `hlas check --typography`: what is set differently from how it was typed.

use std::collections::BTreeMap;

use hlas::check::typography::{Change, changes as changes_of};
use hlas::report::count;
use hlas::typography::{Kind, NBSP};
use serde_json::json;

use super::chosen;
use crate::cli::Context;
use crate::cli::error::{Exit, Failure};

/// Stands for a non-breaking space on the terminal.
const SHOWN: &str = "␣";

pub fn changes(slugs: &[String], context: &Context) -> Result<Exit, Failure> {
    let (_, loaded) = context.settings.load(&context.root)?;
    let chosen = chosen(slugs, &loaded)?;
    let (mut changes, mut texts, mut off) = (Vec::new(), 0u64, 0u64);
    for publication in chosen.iter().filter_map(|loaded| loaded.publication.as_ref()) {
        for manuscript in &publication.manuscripts {
            texts += 1;
            off += u64::from(!manuscript.typography);
            changes.extend(changes_of(&loaded.workspace, manuscript));
        }
    }
    if context.ui.is_json() {
        context.ui.json(&in_json(&changes));
        return Ok(Exit::Ok);
    }
    context.ui.result(&told(&changes));
    let (total, texts) = (count(changes.len() as u64, "change"), count(texts, "text"));
    let off = if off == 0 { String::new() } else { format!(", {off} of them switched off") };
    context.ui.result(&format!("{texts} looked at{off}: {total}\n"));
    if changes.iter().any(|change| change.after.contains(NBSP)) {
        context.ui.result(&format!("{SHOWN} is a space at which no line ends\n"));
    }
    Ok(Exit::Ok)
}

fn by_kind(changes: &[Change]) -> BTreeMap<Kind, Vec<&Change>> {
    let mut groups: BTreeMap<Kind, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        groups.entry(change.kind).or_default().push(change);
    }
    groups
}

fn told(changes: &[Change]) -> String {
    let mut text = String::new();
    for (kind, group) in by_kind(changes) {
        text.push_str(&format!("{}: {}\n", kind.title(), group.len()));
        let width = group.iter().map(|it| it.place.to_string().chars().count()).max().unwrap_or(0);
        for Change { place, before, after, .. } in group {
            let line = format!("  {:width$}  {before} → {after}\n", place.to_string());
            text.push_str(&line.replace(NBSP, SHOWN));
        }
        text.push('\n');
    }
    text
}

fn in_json(changes: &[Change]) -> serde_json::Value {
    let groups = by_kind(changes).into_iter();
    let counts: BTreeMap<Kind, usize> = groups.map(|(kind, group)| (kind, group.len())).collect();
    json!({ "changes": changes, "counts": counts, "total": changes.len() })
}
