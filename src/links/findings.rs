//! The links of a publication with their places, and verdicts as findings.

use std::collections::BTreeMap;
use std::sync::Arc;

use comrak::Arena;
use comrak::nodes::{NodeValue, Sourcepos};
use url::Url;

use super::Verdict;
use crate::model::{Finding, Findings, Place, Publication};
use crate::render::markdown;

/// A link of a manuscript to somewhere else.
#[derive(Debug, Clone)]
pub struct Linked {
    pub url: Url,
    pub place: Place,
    source: Arc<str>,
}

/// Every link of a publication that leads to the web, in order.
pub fn linked(publication: &Publication) -> Vec<Linked> {
    let mut links = Vec::new();
    for manuscript in &publication.manuscripts {
        let arena = Arena::new();
        for node in markdown::parse(&arena, &manuscript.body).descendants() {
            let data = node.data();
            let NodeValue::Link(link) = &data.value else { continue };
            let Ok(url) = Url::parse(link.url.trim()) else { continue };
            if matches!(url.scheme(), "http" | "https") {
                let Sourcepos { start, end } = data.sourcepos;
                let length = if start.line == end.line { end.column + 1 - start.column } else { 1 };
                let place = manuscript.place(start.line, start.column).spanning(length);
                let source = Arc::clone(&manuscript.text);
                links.push(Linked { url, place, source });
            }
        }
    }
    links
}

/// What an author should hear of the verdicts on their links.
pub fn findings(links: &[Linked], verdicts: &BTreeMap<Url, Verdict>) -> Findings {
    let told = links.iter().filter_map(|link| {
        let mut page = link.url.clone();
        page.set_fragment(None);
        let finding = finding(link, verdicts.get(&page)?)?;
        Some(finding.source(&link.source))
    });
    told.collect()
}

fn finding(link: &Linked, verdict: &Verdict) -> Option<Finding> {
    let (url, place) = (&link.url, link.place.clone());
    let dead = |message: String| Some(Finding::warning("dead-link", place.clone(), message));
    match verdict {
        Verdict::Alive | Verdict::Unsure(_) => None,
        Verdict::Gone(status) => {
            dead(format!("there is no page {url} any more ({status})")).map(|it| {
                it.help("find its new address, or an archived copy at https://web.archive.org/")
            })
        }
        Verdict::Unreachable(why) => dead(format!("{url} cannot be reached: {why}"))
            .map(|it| it.help("open it in a browser; the name may be misspelt, or the site gone")),
        Verdict::Private => dead(format!("{url} is a private address, which readers cannot open"))
            .map(|it| it.help("link to a page on the public web")),
        Verdict::Moved(to) => Some(
            Finding::warning("moved-link", place, format!("{url} has moved"))
                .help(format!("it leads to {to}; see that it says the same, and link there")),
        ),
    }
}
