//! HTML as a tree that can be compared and changed.
//!
//! A browser's parser reads both sides. White space counts wherever a browser
//! shows it; between blocks, and at their edges, it is gone.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use scraper::node::Node;
use scraper::{ElementRef, Selector};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Html {
    Text(String),
    Element(Element),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Html>,
}

impl Element {
    pub fn new(name: &str, children: Vec<Html>) -> Self {
        Self { name: name.to_owned(), children, ..Self::default() }
    }

    pub fn with(mut self, attribute: &str, value: impl Into<String>) -> Self {
        self.attributes.insert(attribute.to_owned(), value.into());
        self
    }

    pub fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }

    fn is_block(&self) -> bool {
        self.name.starts_with('#') || !self.is(&INLINE)
    }
}

impl From<Element> for Html {
    fn from(element: Element) -> Self {
        Self::Element(element)
    }
}

pub fn text(text: &str) -> Html {
    Html::Text(text.to_owned())
}

/// What stands in a line of text; all else begins and ends a block.
const INLINE: [&str; 9] = ["a", "br", "code", "del", "em", "img", "input", "strong", "sup"];

/// A fragment as a browser reads it.
pub fn parsed(html: &str) -> Vec<Html> {
    children(scraper::Html::parse_fragment(html).root_element())
}

/// A fragment in the form in which it is compared.
pub fn fragment(html: &str) -> Vec<Html> {
    tidy(parsed(html))
}

/// The article of a page.
pub fn article(page: &str) -> Vec<Html> {
    let page = scraper::Html::parse_document(page);
    let article = Selector::parse("article").expect("a selector");
    tidy(children(page.select(&article).next().expect("an article")))
}

fn children(of: ElementRef<'_>) -> Vec<Html> {
    let nodes = of.children().map(|child| match child.value() {
        Node::Text(text) => Html::Text(text.to_string()),
        Node::Element(element) => {
            let name = element.name().to_owned();
            let attributes = element.attrs().map(|(name, value)| (name.into(), value.into()));
            let inner = ElementRef::wrap(child).map(children).unwrap_or_default();
            Element { name, attributes: attributes.collect(), children: inner }.into()
        }
        other => Element::new(&format!("#{other:?}"), Vec::new()).into(),
    });
    nodes.collect()
}

/// A tree in the one form in which it is compared.
pub fn tidy(nodes: Vec<Html>) -> Vec<Html> {
    tidy_in(nodes, true)
}

fn tidy_in(nodes: Vec<Html>, in_block: bool) -> Vec<Html> {
    let mut tidied: Vec<Html> = Vec::new();
    for node in nodes {
        match (node, tidied.last_mut()) {
            (Html::Text(more), Some(Html::Text(before))) => before.push_str(&more),
            (Html::Element(mut element), _) => {
                if !element.is(&["pre"]) {
                    let is_block = element.is_block();
                    element.children = tidy_in(element.children, is_block);
                }
                tidied.push(element.into());
            }
            (text, _) => tidied.push(text),
        }
    }
    let at_edge = |node: Option<&Html>| match node {
        None => in_block,
        Some(Html::Element(element)) => element.is_block(),
        Some(Html::Text(_)) => false,
    };
    let all = tidied.clone();
    for (index, node) in tidied.iter_mut().enumerate() {
        let Html::Text(text) = node else { continue };
        if at_edge(index.checked_sub(1).and_then(|before| all.get(before))) {
            *text = text.trim_ascii_start().to_owned();
        }
        if at_edge(all.get(index + 1)) {
            *text = text.trim_ascii_end().to_owned();
        }
    }
    tidied.retain(|node| !matches!(node, Html::Text(text) if text.is_empty()));
    tidied
}

/// Changes every element, the inner ones first, in document order of their ends.
pub fn each(nodes: Vec<Html>, change: &mut impl FnMut(Element) -> Vec<Html>) -> Vec<Html> {
    let mut changed = Vec::new();
    for node in nodes {
        match node {
            Html::Text(_) => changed.push(node),
            Html::Element(mut element) => {
                element.children = each(element.children, change);
                changed.extend(change(element));
            }
        }
    }
    changed
}

/// All text below.
pub fn plain(nodes: &[Html]) -> String {
    let texts = nodes.iter().map(|node| match node {
        Html::Text(text) => text.clone(),
        Html::Element(element) if element.name == "br" => " ".to_owned(),
        Html::Element(element) => plain(&element.children),
    });
    texts.collect()
}

impl Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let element = match self {
            Self::Text(text) => return write!(f, "{text:?}"),
            Self::Element(element) => element,
        };
        write!(f, "<{}", element.name)?;
        for (name, value) in &element.attributes {
            write!(f, " {name}={value:?}")?;
        }
        f.write_str(">")?;
        element.children.iter().try_for_each(|child| write!(f, "{child}"))?;
        write!(f, "</{}>", element.name)
    }
}

pub fn shown(nodes: &[Html]) -> String {
    nodes.iter().map(|node| format!("    {node}\n")).collect()
}

/// With the characters that a keyboard has for those that typography sets: one
/// kind of quotation mark, one hyphen for several, and lines that do not end.
pub fn as_typed(tree: Vec<Html>) -> Vec<Html> {
    let typed = tree.into_iter().map(|node| match node {
        Html::Text(text) => Html::Text(keyboard(&text)),
        Html::Element(mut element) => {
            element.children = as_typed(element.children);
            element.attributes.values_mut().for_each(|value| *value = keyboard(value));
            element.into()
        }
    });
    tidy(typed.collect())
}

fn keyboard(text: &str) -> String {
    let mut typed = String::new();
    for c in text.chars() {
        match c {
            '"' | '„' | '“' | '”' | '‚' | '‘' | '’' => typed.push('\''),
            '-' | '–' | '—' if typed.ends_with('-') => {}
            '–' | '—' => typed.push('-'),
            '…' => typed.push_str("..."),
            '\u{a0}' | '\u{202f}' | '\n' => typed.push(' '),
            _ => typed.push(c),
        }
    }
    typed
}
