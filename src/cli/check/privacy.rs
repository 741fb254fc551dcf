//! `hlas check --privacy`: whom a reader's client touches, and when.

use std::collections::{BTreeMap, BTreeSet};

use hlas::check::privacy::{self, OfPublication, OfRendition, When};
use hlas::load::Loaded;
use hlas::model::{Finding, Publication};
use serde_json::json;

use super::{Context, Exit, Failure};

/// Reports on publications that can be rendered; the others are named.
///
/// `site` asks for the front page, too, which is nobody's own.
pub fn run(
    context: &Context,
    loaded: &Loaded,
    chosen: &[&Publication],
    site: bool,
) -> Result<Exit, Failure> {
    let mut reports = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    for publication in chosen {
        match privacy::publication(loaded, publication) {
            Ok(report) => {
                // What a theme does, it does in every mail; once is enough.
                let new = report.findings.iter().filter(|it| !findings.contains(it));
                findings.extend(new.cloned().collect::<Vec<_>>());
                reports.push(report);
            }
            Err(finding) => findings.push(finding),
        }
    }
    let index = site
        .then(|| privacy::front_page(loaded, chosen))
        .and_then(|index| index.map_err(|finding| findings.push(finding)).ok());
    let ours = loaded.workspace.base_url.host_str().unwrap_or_default();
    if context.ui.is_json() {
        let mut value = json!({ "own_host": ours, "publications": reports, "findings": findings });
        if let Some(index) = index {
            value["front_page"] = json!(index);
        }
        context.ui.json(&value);
    } else {
        for report in &reports {
            context.ui.result(&drawn(report, ours));
        }
        if let Some(index) = &index {
            context.ui.result(&format!("front page\n{}", of_medium("page", &[index], ours)));
        }
        context.ui.findings(&findings);
    }
    let wrong = findings.iter().any(Finding::is_error);
    Ok(if wrong { Exit::Findings } else { Exit::Ok })
}

/// What one publication touches, by medium, as people read it.
fn drawn(report: &OfPublication, ours: &str) -> String {
    let mut text = format!("{}\n", report.slug);
    let media: [(&str, &[&str]); 4] =
        [("mail", &["email", "text"]), ("page", &["page"]), ("PDF", &["pdf"]), ("feed", &["feed"])];
    for (medium, formats) in media {
        let of: Vec<&OfRendition> =
            report.renditions.iter().filter(|it| formats.contains(&it.format)).collect();
        if !of.is_empty() {
            text.push_str(&of_medium(medium, &of, ours));
        }
    }
    text
}

fn of_medium(medium: &str, of: &[&OfRendition], ours: &str) -> String {
    let mut text = String::new();
    for (when, label) in [(When::Opening, "on opening"), (When::Clicking, "on clicking")] {
        text.push_str(&format!("  {medium}, {label}: {}\n", hosts(of, when, ours)));
    }
    let personal = personal(of);
    if !personal.is_empty() {
        text.push_str(&format!("  {medium}, the reader's own: {}\n", personal.join("; ")));
    }
    text
}

/// Hosts with how many addresses there are at each; nobody in the best case.
fn hosts(of: &[&OfRendition], when: When, ours: &str) -> String {
    let mut hosts: BTreeMap<(&str, bool), BTreeSet<&str>> = BTreeMap::new();
    let touches = of.iter().flat_map(|it| &it.touches).filter(|touch| touch.when == when);
    for touch in touches.filter(|touch| !touch.personal) {
        let mail = touch.url.starts_with("mailto:");
        hosts.entry((&touch.host, mail)).or_default().insert(&touch.url);
    }
    let named = hosts.iter().map(|((host, mail), urls)| {
        let whose = if *host == ours { " (ours)" } else { "" };
        match (mail, urls.len()) {
            (true, _) => urls.iter().copied().collect::<Vec<_>>().join(", "),
            (false, 1) => format!("{host}{whose}"),
            (false, count) => format!("{host}{whose} ×{count}"),
        }
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() { "nobody".to_owned() } else { named.join(", ") }
}

/// What says who the reader is: addresses, then words of the text.
fn personal(of: &[&OfRendition]) -> Vec<String> {
    let touches = of.iter().flat_map(|it| &it.touches).filter(|touch| touch.personal);
    let urls: BTreeSet<String> = touches
        .map(|touch| {
            let when = if touch.when == When::Opening { "fetched on opening" } else { "followed" };
            format!("{} ({when})", touch.url)
        })
        .collect();
    let words: BTreeSet<&str> = of.iter().flat_map(|it| it.personal.iter().copied()).collect();
    let words = words.into_iter().map(|word| format!("{word}, in the text alone"));
    urls.into_iter().chain(words).collect()
}
