//! What a reader's client fetches or follows, read from rendered bytes.
//!
//! HTML is read as a browser's tokenizer reads it, so that nothing a theme
//! brings in escapes by being written in an unusual way. The surprise: what
//! stands in conditional comments counts too, since Outlook reads it.

use std::cell::RefCell;

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

fn link(url: String) -> Address {
    Address { when: When::Clicking, kind: Kind::Link, url, is_pixel: false }
}

/// Every URI action of a PDF (ISO 32000-1, 12.6.4.7). Typst writes link
/// annotations uncompressed, so the bytes can be searched as they are.
pub fn in_pdf(pdf: &[u8]) -> Vec<Address> {
    const KEY: &[u8] = b"/URI";
    let starts = pdf.windows(KEY.len()).enumerate().filter(|(_, window)| *window == KEY);
    let found = starts.filter_map(|(at, _)| pdf_string(pdf[at + KEY.len()..].trim_ascii_start()));
    found.map(|bytes| link(String::from_utf8_lossy(&bytes).into_owned())).collect()
}

/// A literal or hexadecimal string (ISO 32000-1, 7.3.4).
fn pdf_string(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes.first()? {
        b'<' if bytes.get(1) != Some(&b'<') => {
            let end = bytes.iter().position(|byte| *byte == b'>')?;
            let digits: Vec<u8> = bytes[1..end].to_ascii_lowercase();
            let digit =
                |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
            digits
                .chunks(2)
                .map(|pair| Some(digit(pair[0])? * 16 + digit(*pair.get(1)?)?))
                .collect()
        }
        b'(' => {
            let (mut text, mut depth, mut escaped) = (Vec::new(), 0, false);
            for byte in bytes {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => {
                        escaped = true;
                        continue;
                    }
                    b'(' => {
                        depth += 1;
                        if depth == 1 {
                            continue;
                        }
                    }
                    b')' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(text);
                        }
                    }
                    _ => {}
                }
                text.push(*byte);
            }
            None
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let pdf = b"/URI(https://a.example.net/x_\\(y\\))>> /S /URI /URI <68747470733a2f2f62>";
        assert_eq!(urls(in_pdf(pdf)), ["https://a.example.net/x_(y)", "https://b"]);
        let text = "Viz [1]:\n[1] https://a.example.net/x.\n(mailto:a@example.org)\n";
        assert_eq!(urls(in_text(text)), ["https://a.example.net/x", "mailto:a@example.org"]);
    }
}
