//! Reads a page, an HTML mail or a feed item back.
//!
//! By tokens, without building a tree: the outline needs none, and every
//! edition of every build passes through here. Comments are skipped, and so
//! what Outlook alone sees in its conditional ones.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states,
};

use super::{Outline, Section};

/// What an HTML rendition says; `notes` is the heading above its notes.
pub fn read(html: &str, notes: &str) -> Outline {
    let reader = Reader { said: RefCell::new(vec![Section::default()]), state: RefCell::default() };
    let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    split(tokenizer.sink.said.into_inner(), notes)
}

/// Notes are the last section: the footer behind them is part of what may be more.
fn split(mut sections: Vec<Section>, notes: &str) -> Outline {
    let last = sections.iter().rposition(|section| section.heading == notes);
    let mut after = last.map(|at| sections.split_off(at)).unwrap_or_default();
    let mut said = Section::default();
    for section in after.drain(..) {
        said.text.push_str(&format!("{} {} ", section.heading, section.text));
        said.links.extend(section.links);
        said.figures.extend(section.figures);
    }
    Outline { sections, notes: said, each_note: Vec::new() }
}

struct Reader {
    said: RefCell<Vec<Section>>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    in_heading: bool,
    /// In the head of the document, or in a mark of a note: not the text.
    unsaid: bool,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut said = self.said.borrow_mut();
        let mut state = self.state.borrow_mut();
        match token {
            Token::TagToken(tag) => return reader_tag(&tag, &mut said, &mut state),
            Token::CharacterTokens(text) if !state.unsaid => {
                if let Some(section) = said.last_mut() {
                    let into =
                        if state.in_heading { &mut section.heading } else { &mut section.text };
                    into.push_str(&text);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn reader_tag(tag: &Tag, said: &mut Vec<Section>, state: &mut State) -> TokenSinkResult<()> {
    let opens = tag.kind == TagKind::StartTag;
    let name: &str = &tag.name;
    match (name, opens) {
        ("style", true) => return TokenSinkResult::RawData(states::Rawtext),
        ("script", true) => return TokenSinkResult::RawData(states::ScriptData),
        ("title", true) => return TokenSinkResult::RawData(states::Rcdata),
        ("head", _) => state.unsaid = opens,
        ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", _) => {
            if opens {
                said.push(Section::default());
            }
            state.in_heading = opens;
        }
        ("a", false) => state.unsaid = false,
        _ => {}
    }
    let Some(section) = said.last_mut() else { return TokenSinkResult::Continue };
    match (name, opens) {
        ("a", true) => match attribute(tag, "href") {
            Some(href) if is_mark(&href) => state.unsaid = true,
            Some(href) if !href.starts_with('#') => section.links.push(href),
            _ => {}
        },
        ("img", true) => section.figures.push(attribute(tag, "alt").unwrap_or_default()),
        _ => {}
    }
    let inline = matches!(
        name,
        "a" | "em" | "strong" | "code" | "span" | "del" | "b" | "i" | "s" | "cite" | "abbr" | "bdi"
    );
    if !inline {
        let into = if state.in_heading { &mut section.heading } else { &mut section.text };
        if !into.is_empty() {
            into.push(' ');
        }
    }
    TokenSinkResult::Continue
}

fn attribute(tag: &Tag, name: &str) -> Option<String> {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
    Some(found.value.to_string())
}

/// A mark of a note, or the way back from one.
fn is_mark(href: &str) -> bool {
    href.starts_with("#Note-") || href.starts_with("#Ref-")
}
