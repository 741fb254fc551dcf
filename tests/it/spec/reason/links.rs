//! Links: a page has those that lead somewhere from a mail, a feed or a PDF too.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use url::{ParseError, Position, Url};

use crate::spec::tree::{Element, Html, each, text};

/// Changes all links by where they lead.
fn each_link(tree: Vec<Html>, mut change: impl FnMut(Element, &str) -> Vec<Html>) -> Vec<Html> {
    each(tree, &mut |element| match element.attributes.get("href").cloned() {
        Some(href) => change(element, &href),
        None => vec![element.into()],
    })
}

/// Only the words stay, unless the text has a heading of that name.
pub fn relative(tree: Vec<Html>) -> Vec<Html> {
    let mut anchors = BTreeSet::new();
    each(tree.clone(), &mut |element| {
        anchors.extend(element.attributes.get("id").map(|id| format!("#{id}")));
        vec![element.into()]
    });
    each_link(tree, |element, href| match Url::parse(href) {
        Err(ParseError::RelativeUrlWithoutBase) if !anchors.contains(href) => element.children,
        _ => vec![element.into()],
    })
}

pub fn other_schemes(tree: Vec<Html>) -> Vec<Html> {
    each_link(tree, |element, href| match Url::parse(href) {
        Ok(url) if !["http", "https", "mailto"].contains(&url.scheme()) => element.children,
        _ => vec![element.into()],
    })
}

/// GFM's autolinks (6.9), which are on in every text. What an author has escaped
/// is no address.
pub fn bare(tree: Vec<Html>, body: &str) -> Vec<Html> {
    let linked = tree.into_iter().flat_map(|node| match node {
        Html::Text(said) => link(&said, body),
        Html::Element(mut element) => {
            if !element.is(&["a", "code"]) {
                element.children = bare(element.children, body);
            }
            vec![element.into()]
        }
    });
    linked.collect()
}

fn link(said: &str, body: &str) -> Vec<Html> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"https?://[^\s<]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+").expect("a pattern")
    });
    let (mut linked, mut end) = (Vec::new(), 0);
    for found in ADDRESS.find_iter(said) {
        let address = found.as_str();
        if address.ends_with(['-', '_']) || !body.contains(address) {
            continue;
        }
        let scheme = if address.contains("://") { "" } else { "mailto:" };
        linked.push(text(&said[end..found.start()]));
        let link = Element::new("a", vec![text(address)]);
        linked.push(link.with("href", format!("{scheme}{address}")).into());
        end = found.end();
    }
    linked.push(text(&said[end..]));
    linked
}

/// Before a query a backslash is a slash to whoever follows the URL standard, as
/// browsers do; CommonMark writes it as `%5C`.
pub fn backslashes(tree: Vec<Html>) -> Vec<Html> {
    each_link(tree, |element, href| {
        let end = href.find(['?', '#']).unwrap_or(href.len());
        let (path, query) = href.split_at(end);
        vec![element.with("href", format!("{}{query}", path.replace("%5C", "/"))).into()]
    })
}

/// A host ends with a slash, as the URL standard writes it, and what validators
/// refuse is encoded.
pub fn spelling(tree: Vec<Html>) -> Vec<Html> {
    each_link(tree, |element, href| match Url::parse(href) {
        Ok(url) => vec![element.with("href", spelt(&url)).into()],
        Err(_) => vec![element.into()],
    })
}

fn spelt(url: &Url) -> String {
    let (origin, rest) = url.as_str().split_at(url[..Position::BeforePath].len());
    let encoded = rest.chars().map(|c| match c {
        '[' | ']' | '{' | '}' | '|' | '^' | '`' | '\\' => format!("%{:02X}", u32::from(c)),
        _ => c.to_string(),
    });
    format!("{origin}{}", encoded.collect::<String>())
}
