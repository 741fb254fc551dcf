//! What a reader's client fetches or follows, read from rendered bytes.
//!
//! HTML is read as a browser's tokenizer reads it, so that nothing a theme
//! brings in escapes by being written in an unusual way. The surprise: what
//! stands in conditional comments counts too, since Outlook reads it.

use std::cell::RefCell;

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Dict, MaybeRef, Object, String as PdfString};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use serde::Serialize;

/// When a client does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// By itself, as soon as the text is shown.
    Opening,
    /// When the reader asks for it.
    Clicking,
}

/// What it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Picture,
    Stylesheet,
    Font,
    Script,
    Other,
    Link,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Stylesheet => "stylesheet",
            Self::Font => "font",
            Self::Script => "script",
            Self::Other => "file",
            Self::Link => "link",
        }
    }
}

/// An address as it stands in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub when: When,
    pub kind: Kind,
    pub url: String,
    /// A picture too small to be seen.
    pub is_pixel: bool,
}

/// Every address in HTML, `#anchors`, parts of the message and embedded data
/// apart.
pub fn in_html(html: &str) -> Vec<Address> {
    let reader = Reader::default();
    let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut found = tokenizer.sink.found.into_inner();
    found.retain(|address| {
        let scheme = address.url.to_ascii_lowercase();
        !scheme.is_empty() && !["#", "cid:", "data:"].iter().any(|it| scheme.starts_with(it))
    });
    found
}

#[derive(Default)]
struct Reader {
    found: RefCell<Vec<Address>>,
    in_style: RefCell<bool>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                self.found.borrow_mut().extend(in_tag(&tag));
                if &*tag.name == "style" {
                    *self.in_style.borrow_mut() = true;
                    return TokenSinkResult::RawData(RawKind::Rawtext);
                }
            }
            Token::TagToken(_) => *self.in_style.borrow_mut() = false,
            Token::CharacterTokens(css) if *self.in_style.borrow() => {
                self.found.borrow_mut().extend(in_css(&css));
            }
            Token::CommentToken(comment) if comment.trim_start().starts_with("[if") => {
                self.found.borrow_mut().extend(in_html(&comment));
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn in_tag(tag: &Tag) -> Vec<Address> {
    let attribute = |name: &str| {
        let found = tag.attrs.iter().find(|it| &*it.name.local == name);
        found.map(|it| it.value.trim().to_owned())
    };
    let name = &*tag.name;
    let small = |side: &str| {
        attribute(side)
            .is_some_and(|it| it.trim_end_matches("px").parse::<f32>().is_ok_and(|it| it <= 1.0))
    };
    let is_pixel = name == "img" && (small("width") || small("height"));
    let mut found = Vec::new();
    let mut add = |when, kind, url: Option<String>| {
        found.extend(url.map(|url| Address { when, kind, url, is_pixel }));
    };
    use When::{Clicking, Opening};
    match name {
        "a" | "area" => add(Clicking, Kind::Link, attribute("href")),
        "form" => add(Clicking, Kind::Link, attribute("action")),
        "button" => add(Clicking, Kind::Link, attribute("formaction")),
        "link" => add(Opening, link_kind(attribute("rel")), link_fetches(&attribute)),
        "script" => add(Opening, Kind::Script, attribute("src")),
        "image" | "use" | "feimage" => {
            add(Opening, Kind::Picture, attribute("href").or_else(|| attribute("xlink:href")));
        }
        "object" => add(Opening, Kind::Other, attribute("data")),
        "meta" => add(Opening, Kind::Other, refresh(&attribute)),
        "iframe" | "embed" | "audio" | "video" | "track" => {
            add(Opening, Kind::Other, attribute("src"));
            add(Opening, Kind::Picture, attribute("poster"));
        }
        // Pictures, and Outlook's VML (`v:fill`, `v:imagedata`).
        _ => add(Opening, Kind::Picture, attribute("src")),
    }
    add(Opening, Kind::Picture, attribute("background"));
    for candidate in attribute("srcset").unwrap_or_default().split(',') {
        add(Opening, Kind::Picture, candidate.split_whitespace().next().map(str::to_owned));
    }
    found.extend(in_css(&attribute("style").unwrap_or_default()));
    found
}

/// Only some links of a head are fetched; `canonical` and `alternate` are not.
fn link_fetches(attribute: &impl Fn(&str) -> Option<String>) -> Option<String> {
    const NAMED_ONLY: [&str; 6] = ["alternate", "canonical", "license", "author", "next", "prev"];
    let rel = attribute("rel").unwrap_or_default().to_ascii_lowercase();
    let fetched = rel.split_whitespace().any(|rel| rel == "stylesheet")
        || !rel.split_whitespace().any(|rel| NAMED_ONLY.contains(&rel));
    attribute("href").filter(|_| fetched)
}

fn link_kind(rel: Option<String>) -> Kind {
    match rel.unwrap_or_default().to_ascii_lowercase() {
        rel if rel.contains("stylesheet") => Kind::Stylesheet,
        rel if rel.contains("icon") => Kind::Picture,
        _ => Kind::Other,
    }
}

/// `<meta http-equiv="refresh" content="0; url=…">`
fn refresh(attribute: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let refreshes = attribute("http-equiv")?.eq_ignore_ascii_case("refresh");
    let content = attribute("content").filter(|_| refreshes)?;
    let at = content.to_ascii_lowercase().find("url=")?;
    Some(content[at + 4..].trim_matches(['"', '\'', ' ']).to_owned())
}

/// `url(…)`, and `@import` with or without it.
fn in_css(css: &str) -> Vec<Address> {
    let mut found = Vec::new();
    let mut add = |kind, url: &str| {
        let url = url.trim().trim_matches(['"', '\'']).trim().to_owned();
        found.push(Address { when: When::Opening, kind, url, is_pixel: false });
    };
    for (at, _) in css.match_indices("url(") {
        let before = css[..at].trim_end();
        let url = css[at + 4..].split(')').next().unwrap_or_default();
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let path = path.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
        let is_font =
            [".woff", ".woff2", ".ttf", ".otf", ".eot"].iter().any(|it| path.ends_with(it));
        let kind = match () {
            () if before.ends_with("@import") => Kind::Stylesheet,
            () if is_font => Kind::Font,
            () => Kind::Picture,
        };
        add(kind, url);
    }
    for (at, rule) in css.match_indices("@import") {
        let rest = css[at + rule.len()..].trim_start();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            add(Kind::Stylesheet, rest[1..].split(quote).next().unwrap_or_default());
        }
    }
    found
}

/// Every address in a text part, which clients make links of.
pub fn in_text(text: &str) -> Vec<Address> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')'));
    let words = words.map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '?']));
    let is_address = |word: &str| {
        ["http://", "https://", "mailto:"].iter().any(|it| word.starts_with(it))
            || word == crate::model::hole::UNSUBSCRIBE
    };
    words.filter(|word| is_address(word)).map(|word| link(word.to_owned())).collect()
}

pub fn link(url: String) -> Address {
    Address { when: When::Clicking, kind: Kind::Link, url, is_pixel: false }
}

/// Every URI action of a PDF (ISO 32000-1, 12.6.4.7), wherever it hangs: one
/// that no annotation leads to could be another's.
pub fn in_pdf(pdf: &[u8]) -> Vec<Address> {
    let Ok(pdf) = Pdf::new(pdf.to_vec()) else { return Vec::new() };
    let mut found = Vec::new();
    for object in pdf.objects() {
        uris(&object, &mut found);
    }
    found
}

/// Those in an object itself. What it refers to comes by itself.
fn uris(object: &Object<'_>, found: &mut Vec<Address>) {
    let inside = |value: MaybeRef<Object<'_>>, found: &mut Vec<Address>| {
        if let MaybeRef::NotRef(value) = value {
            uris(&value, found);
        }
    };
    let of_dict = |dict: &Dict<'_>, found: &mut Vec<Address>| {
        if let Some(uri) = dict.get::<PdfString<'_>>("URI") {
            found.push(link(String::from_utf8_lossy(uri.as_bytes()).into_owned()));
        }
        dict.entries().for_each(|(_, value)| inside(value, found));
    };
    match object {
        Object::Dict(dict) => of_dict(dict, found),
        Object::Stream(stream) => of_dict(stream.dict(), found),
        Object::Array(array) => array.raw_iter().for_each(|value| inside(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, When, in_html, in_pdf, in_text};
    use crate::model::Readership;
    use crate::render::pdf::Pdf;
    use crate::render::{Format as _, specimen};

    fn told(html: &str) -> Vec<String> {
        let tell = |it: &Address| {
            let when = if it.when == When::Opening { "opening" } else { "clicking" };
            format!(
                "{when} {} {}{}",
                it.kind.name(),
                it.url,
                if it.is_pixel { " pixel" } else { "" }
            )
        };
        in_html(html).iter().map(tell).collect()
    }

    #[test]
    fn whatever_a_client_fetches_by_itself_is_found_however_it_is_written() {
        assert_eq!(
            told(
                "<LINK REL=stylesheet HREF='//css.example.net/a.css'>\
                 <style>@import \"https://css.example.net/b.css\"; @font-face{src:url(https://f.example.net/x.woff2)}</style>\
                 <td background=https://p.example.net/bg.png style=\"background:url('https://p.example.net/c.png')\">\
                 <img src=https&#58;//p.example.net/d.gif?u=1 width=1 height=1>\
                 <img srcset='https://p.example.net/e.png 1x, https://p.example.net/f.png 2x'>\
                 <!--[if mso]><v:fill src=\"https://p.example.net/g.png\"/><![endif]-->\
                 <meta http-equiv=refresh content='0; url=https://r.example.net/'>\
                 <iframe src=https://r.example.net/h></iframe>"
            ),
            [
                "opening stylesheet //css.example.net/a.css",
                "opening font https://f.example.net/x.woff2",
                "opening stylesheet https://css.example.net/b.css",
                "opening picture https://p.example.net/bg.png",
                "opening picture https://p.example.net/c.png",
                "opening picture https://p.example.net/d.gif?u=1 pixel",
                "opening picture https://p.example.net/e.png",
                "opening picture https://p.example.net/f.png",
                "opening picture https://p.example.net/g.png",
                "opening file https://r.example.net/",
                "opening file https://r.example.net/h",
            ]
        );
    }

    #[test]
    fn links_wait_for_a_click_and_parts_and_anchors_touch_nobody() {
        assert_eq!(
            told(
                "<link rel=canonical href=https://a.example.net/><a href='https://b.example.net/?a=1&amp;b=2'>b</a>\
                 <a href=#c>c</a><a name=d></a><img src=cid:e@example.org><img src='data:image/png;base64,AA'>\
                 <!-- <img src=https://f.example.net/> --><a href='mailto:g@example.org'>g</a>"
            ),
            ["clicking link https://b.example.net/?a=1&b=2", "clicking link mailto:g@example.org"]
        );
    }

    #[test]
    fn links_of_a_pdf_and_of_a_text_are_found() {
        let urls = |found: Vec<Address>| found.into_iter().map(|it| it.url).collect::<Vec<_>>();
        let publication = specimen::commentary(
            "Viz [a](https://a.example.net/x_(y)) a [b](mailto:b@example.org).",
        );
        let pdf = specimen::document(&publication, "cs", Readership::Public, |document| {
            Pdf.render(document, &specimen::THEME).expect("a PDF").bytes
        });
        let found = urls(in_pdf(&pdf));
        for link in ["https://a.example.net/x_(y)", "mailto:b@example.org"] {
            assert!(found.iter().any(|url| url == link), "{found:?}");
        }
        let text = "Viz [1]:\n[1] https://a.example.net/x.\n(mailto:a@example.org)\n";
        assert_eq!(urls(in_text(text)), ["https://a.example.net/x", "mailto:a@example.org"]);
    }
}
