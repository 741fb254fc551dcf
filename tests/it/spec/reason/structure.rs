//! Pictures, headings, tables and tasks, so that everybody can use them.

use std::collections::BTreeSet;

use crate::spec::tree::{Element, Html, each, plain, text};

/// No example has its pictures beside it: their alternative text stays.
pub fn pictures(tree: Vec<Html>) -> Vec<Html> {
    each(tree, &mut |element| match element.name.as_str() {
        "img" => vec![text(&element.attributes["alt"])],
        _ => vec![element.into()],
    })
}

fn level(element: &Element) -> Option<u8> {
    match element.name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

pub fn silent_headings(tree: Vec<Html>) -> Vec<Html> {
    each(tree, &mut |element| match level(&element) {
        Some(_) if plain(&element.children).trim().is_empty() => Vec::new(),
        _ => vec![element.into()],
    })
}

/// The first level is the title's; below it none is left out.
pub fn levels(tree: Vec<Html>) -> Vec<Html> {
    let mut above = Vec::new();
    each(tree, &mut |element| {
        let Some(level) = level(&element) else { return vec![element.into()] };
        above.retain(|it| *it < level);
        above.push(level);
        let name = format!("h{}", (above.len() + 1).min(6));
        vec![Element { name, ..element }.into()]
    })
}

/// As GitHub makes them: the words in small letters, hyphens for spaces.
pub fn anchors(tree: Vec<Html>) -> Vec<Html> {
    let mut taken = BTreeSet::new();
    each(tree, &mut |element| {
        if level(&element).is_none() {
            return vec![element.into()];
        }
        let said = plain(&element.children).to_lowercase();
        let kept = said.chars().filter(|c| c.is_alphanumeric() || "-_ \n".contains(*c));
        let anchor: String = kept.map(|c| if c.is_whitespace() { '-' } else { c }).collect();
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let mut names = std::iter::once(anchor.clone()).chain(numbered);
        let free = names.find(|name| !taken.contains(name)).expect("numbers do not end");
        taken.insert(free.clone());
        vec![element.with("id", free).into()]
    })
}

/// A table scrolls in a frame that keyboards reach and screen readers name.
pub fn tables(tree: Vec<Html>) -> Vec<Html> {
    let mut number = 0;
    each(tree, &mut |element| {
        if element.name != "table" {
            return vec![element.into()];
        }
        number += 1;
        let frame = Element::new("div", vec![element.into()]).with("class", "table");
        let frame = frame.with("role", "group").with("tabindex", "0");
        vec![frame.with("aria-label", format!("Table {number}")).into()]
    })
}

/// A head says what it heads, unless it says nothing; `align` is obsolete in
/// HTML, and left is where all stands anyway.
pub fn cells(tree: Vec<Html>) -> Vec<Html> {
    each(tree, &mut |mut element| {
        if !element.is(&["th", "td"]) {
            return vec![element.into()];
        }
        if element.children.is_empty() {
            element.name = "td".to_owned();
        }
        let side = element.attributes.remove("align").filter(|side| side != "left");
        let element = if element.name == "th" { element.with("scope", "col") } else { element };
        vec![match side {
            Some(side) => element.with("class", side).into(),
            None => element.into(),
        }]
    })
}

/// Check boxes that nobody can check have no name; characters have.
pub fn tasks(tree: Vec<Html>) -> Vec<Html> {
    each(tree, &mut |element| match element.name.as_str() {
        "input" => {
            vec![text(if element.attributes.contains_key("checked") { "☑" } else { "☐" })]
        }
        "li" if plain(&element.children).starts_with(['☑', '☐']) => {
            vec![element.with("class", "task").into()]
        }
        _ => vec![element.into()],
    })
}
