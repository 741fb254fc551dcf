//! Reads a PDF back: its tags in logical order, as a screen reader does.
//!
//! The structure tree (ISO 32000-1, 14.7) says what is a heading, a link, a note
//! and a figure, and which marked content belongs to each; the pages say what
//! text that content shows. Nothing is taken from the AST or from Typst: what
//! is not in the tags is not there for a blind reader either.

use std::collections::HashMap;

use hayro_interpret::font::Glyph;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{
    Dict, Name, Object, ObjectIdentifier, String as PdfString,
};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache,
    InterpreterSettings, Paint, PathDrawMode, SoftMask, interpret_page,
};
use kurbo::{Affine, BezPath, Point, Rect};

use super::{Outline, Section};

/// What a PDF says. One that cannot be read says nothing.
pub fn read(bytes: &[u8]) -> Outline {
    let empty = || Outline { sections: vec![Section::default()], ..Outline::default() };
    let Ok(pdf) = Pdf::new(bytes.to_vec()) else { return empty() };
    let Some(root) = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()) else { return empty() };
    let Some(tree) = root.get::<Dict<'_>>("StructTreeRoot") else { return empty() };
    let mut walk = Walk { shown: shown(&pdf), outline: empty(), in_note: false, in_heading: false };
    walk.kids(&tree, None);
    walk.outline
}

/// A piece of marked content: its page, and its number there.
type Marked = (ObjectIdentifier, i32);

struct Walk {
    shown: HashMap<Marked, String>,
    outline: Outline,
    in_note: bool,
    in_heading: bool,
}

impl Walk {
    fn kids(&mut self, element: &Dict<'_>, page: Option<ObjectIdentifier>) {
        let page = element.get_ref("Pg").map(Into::into).or(page);
        match element.get::<Object<'_>>("K") {
            Some(Object::Array(kids)) => {
                for kid in kids.iter::<Object<'_>>() {
                    self.kid(&kid, page);
                }
            }
            Some(kid) => self.kid(&kid, page),
            None => {}
        }
    }

    fn kid(&mut self, kid: &Object<'_>, page: Option<ObjectIdentifier>) {
        match kid {
            Object::Number(number) => self.content(page, number.as_i64()),
            Object::Dict(dict) if dict.contains_key("MCID") => {
                let page = dict.get_ref("Pg").map(Into::into).or(page);
                self.content(page, dict.get::<i32>("MCID").unwrap_or(-1).into());
            }
            Object::Dict(dict) if dict.contains_key("Obj") => self.annotation(dict),
            Object::Dict(dict) => self.element(dict, page),
            _ => {}
        }
    }

    fn element(&mut self, element: &Dict<'_>, page: Option<ObjectIdentifier>) {
        let kind = element.get::<Name<'_>>("S").map(|name| name.as_str().to_owned());
        match kind.as_deref().unwrap_or_default() {
            // Contents repeat the headings; labels are numbers, bullets and marks.
            "TOC" | "Lbl" | "Reference" => self.say(" "),
            "H2" | "H3" | "H4" | "H5" | "H6" if !self.in_note => {
                self.outline.sections.push(Section::default());
                self.in_heading = true;
                self.kids(element, page);
                self.in_heading = false;
            }
            "Note" => {
                let outer = (self.in_note, self.in_heading);
                (self.in_note, self.in_heading) = (true, false);
                self.kids(element, page);
                (self.in_note, self.in_heading) = outer;
            }
            "Figure" => {
                let alt =
                    element.get::<PdfString<'_>>("Alt").map(|alt| text_string(alt.as_bytes()));
                self.section().figures.push(alt.unwrap_or_default());
            }
            "Link" => {
                let before = self.section().links.len();
                self.kids(element, page);
                // A link over two lines is one element with two annotations.
                self.section().links.truncate(before + 1);
            }
            "Em" | "Strong" | "Span" | "Code" => self.kids(element, page),
            _ => {
                self.say(" ");
                self.kids(element, page);
                self.say(" ");
            }
        }
    }

    fn content(&mut self, page: Option<ObjectIdentifier>, number: i64) {
        let marked = page.zip(i32::try_from(number).ok());
        if let Some(text) = marked.and_then(|marked| self.shown.remove(&marked)) {
            self.say(&text);
        }
    }

    fn annotation(&mut self, reference: &Dict<'_>) {
        let action = reference.get::<Dict<'_>>("Obj").and_then(|it| it.get::<Dict<'_>>("A"));
        if let Some(uri) = action.and_then(|action| action.get::<PdfString<'_>>("URI")) {
            let uri = String::from_utf8_lossy(uri.as_bytes()).into_owned();
            self.section().links.push(uri);
        }
    }

    fn say(&mut self, text: &str) {
        let in_heading = self.in_heading;
        let section = self.section();
        let into = if in_heading { &mut section.heading } else { &mut section.text };
        if !(text == " " && into.is_empty()) {
            into.push_str(text);
        }
    }

    fn section(&mut self) -> &mut Section {
        if self.in_note {
            return &mut self.outline.notes;
        }
        self.outline.sections.last_mut().expect("there is one before the first heading")
    }
}

/// Text strings are UTF-16BE behind a byte order mark, else nearly Latin-1
/// (ISO 32000-1, 7.9.2.2).
fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The text of every piece of marked content.
fn shown(pdf: &Pdf) -> HashMap<Marked, String> {
    let cache = InterpreterCache::new();
    let mut all = HashMap::new();
    for page in pdf.pages().iter() {
        let Some(id) = page.raw().obj_id() else { continue };
        let unit = Rect::new(0.0, 0.0, 1.0, 1.0);
        let settings = InterpreterSettings::default();
        let mut context = Context::new(Affine::IDENTITY, unit, &cache, pdf.xref(), settings);
        let mut listener = Listener::default();
        interpret_page(page, &mut context, &mut listener);
        all.extend(listener.texts.into_iter().map(|(number, text)| ((id, number), text)));
    }
    all
}

/// Listens to what a page shows, and keeps the text.
#[derive(Default)]
struct Listener {
    texts: HashMap<i32, String>,
    marks: Vec<Option<i32>>,
    /// Height of the last glyph: on another line a space is meant.
    line: f64,
}

impl<'a> Device<'a> for Listener {
    fn begin_marked_content(&mut self, _: &[u8], number: Option<i32>) {
        self.marks.push(number);
    }

    fn end_marked_content(&mut self) {
        self.marks.pop();
    }

    fn draw_glyph(
        &mut self,
        glyph: &Glyph<'a>,
        transform: Affine,
        glyph_transform: Affine,
        _: &Paint<'a>,
        _: &GlyphDrawMode,
    ) {
        let Some(number) = self.marks.iter().rev().find_map(|mark| *mark) else { return };
        let text = self.texts.entry(number).or_default();
        let line = (transform * glyph_transform * Point::ORIGIN).y;
        if (line - self.line).abs() > 0.5 {
            text.push(' ');
        }
        self.line = line;
        match glyph.as_unicode() {
            Some(BfString::Char(c)) => text.push(c),
            Some(BfString::String(several)) => text.push_str(&several),
            None => text.push(char::REPLACEMENT_CHARACTER),
        }
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'a>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'a>, _: &PathDrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: Affine) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
