//! `hlas check --links`: asks whether the pages that texts link to are there.

use std::collections::BTreeMap;

use hlas::check::settle_late;
use hlas::clock::System;
use hlas::links::{Manners, Verdict, findings, linked, probe};
use hlas::load::Loaded;
use hlas::model::{Findings, Publication};
use hlas::report::count;
use url::Url;

use crate::cli::Context;
use crate::cli::error::{Exit, Failure};

/// What came of asking.
pub struct Asked {
    pub findings: Findings,
    verdicts: BTreeMap<Url, Verdict>,
}

/// Asks after every link of these publications that leads away from our site.
pub async fn ask<'p>(
    publications: impl Iterator<Item = &'p Publication> + Clone,
    loaded: &Loaded,
    context: &Context,
) -> Result<Asked, Failure> {
    let workspace = &loaded.workspace;
    let website = &workspace.organisation.website;
    let manners = Manners::new(website, context.root.join("var/links.json"));
    // Our own pages may not have been put on the web yet.
    let is_ours = |url: &Url| url.as_str().starts_with(workspace.base_url.as_str());
    let urls = publications.clone().flat_map(linked).map(|link| link.url);
    let verdicts = probe(urls.filter(|url| !is_ours(url)), &manners, &System)
        .await
        .map_err(|error| Failure::new(Exit::Output, error.to_string()))?;
    let mut all = Findings::new();
    for publication in publications {
        let mut found = findings(&linked(publication), &verdicts);
        settle_late(&mut found, workspace, publication);
        all.extend(found);
    }
    Ok(Asked { findings: all, verdicts })
}

impl Asked {
    /// `12 pages asked after; nobody can tell of 1:` and which, and why.
    pub fn told(&self) -> String {
        let unsure: Vec<(&Url, &String)> = self
            .verdicts
            .iter()
            .filter_map(|(url, verdict)| match verdict {
                Verdict::Unsure(why) => Some((url, why)),
                _ => None,
            })
            .collect();
        let mut told = count(self.verdicts.len() as u64, "page") + " asked after";
        if !unsure.is_empty() {
            told.push_str(&format!("; nobody can tell of {}:", unsure.len()));
            for (url, why) in unsure {
                told.push_str(&format!("\n  {url}: {why}"));
            }
        }
        told.push('\n');
        told
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::json!(self.verdicts)
    }
}
