//! Why a page may differ from the HTML of a specification, and how exactly.
//!
//! In order: each works on what those before it have left. The surprise is the
//! raw HTML: where it stands is asked of our own parse, but what was found there
//! must stand in the specified HTML to the letter, so a wrong answer shows.

mod html;
mod links;
mod structure;

use super::example::{Example, Specification};
use super::tree::{Html, fragment, tidy};

pub struct Reason {
    /// As the row of it in `docs/markdown.md` begins.
    pub name: &'static str,
    /// The rules of which one tells the author, where something is left out.
    pub told_by: &'static [&'static str],
    step: Step,
}

impl Reason {
    /// Whether the author of a body is told of it.
    pub fn is_to_be_told(&self, body: &str) -> bool {
        match self.name {
            "raw HTML" => html::lacks_something(body),
            _ => !self.told_by.is_empty(),
        }
    }
}

enum Step {
    /// Changes HTML as it is specified, for the Markdown of a body.
    Source(fn(&Specification, String, &str) -> String),
    Tree(fn(Vec<Html>) -> Vec<Html>),
    TreeOf(fn(Vec<Html>, &str) -> Vec<Html>),
}
use Step::{Source, Tree, TreeOf};

const fn reason(name: &'static str, told_by: &'static [&'static str], step: Step) -> Reason {
    Reason { name, told_by, step }
}

pub const REASONS: &[Reason] = &[
    reason("comments with two hyphens", &[], Source(html::newer_comments)),
    reason("raw HTML", &["raw-html", "comment"], Source(html::text_of_html)),
    reason("pictures that are not there", &["picture"], Tree(structure::pictures)),
    reason("headings without words", &["heading"], Tree(structure::silent_headings)),
    reason("levels of headings", &[], Tree(structure::levels)),
    reason("anchors of headings", &[], Tree(structure::anchors)),
    reason("links without a whole address", &["link"], Tree(links::relative)),
    reason("links of other schemes", &["link"], Tree(links::other_schemes)),
    reason("addresses that stand bare", &[], TreeOf(links::bare)),
    reason("backslashes in addresses", &[], Tree(links::backslashes)),
    reason("spelling of addresses", &[], Tree(links::spelling)),
    reason("tables that scroll", &[], Tree(structure::tables)),
    reason("cells of tables", &[], Tree(structure::cells)),
    reason("marks of tasks", &[], Tree(structure::tasks)),
];

/// What a page has by design of an example whose Markdown is `body`, and the
/// reasons for which it is not what is specified.
pub fn by_design(
    specification: &Specification,
    example: &Example,
    body: &str,
) -> (Vec<Html>, Vec<&'static str>) {
    let (mut html, mut tree, mut reasons) = (example.html.clone(), Vec::new(), Vec::new());
    for Reason { name, step, .. } in REASONS {
        let (html_before, tree_before) = (html.clone(), tree.clone());
        match step {
            Source(change) => {
                html = change(specification, html, body);
                tree = fragment(&html);
            }
            Tree(change) => tree = tidy(change(tree)),
            TreeOf(change) => tree = tidy(change(tree, body)),
        }
        let changed = match step {
            Source(_) => html != html_before,
            Tree(_) | TreeOf(_) => tree != tree_before,
        };
        if changed {
            reasons.push(*name);
        }
    }
    (tree, reasons)
}
