//! A finished mail as painted texts: each with the colour it has, the ground
//! it stands on and its size, by what `style` attributes say and pass on.

use scraper::{ElementRef, Html, Selector};

use super::color::{self, Color, Turn};

/// A colour of a style, with how opaque it is.
type Paint = (Color, u8);

/// What one element states itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Declared {
    color: Option<Paint>,
    ground: Option<Paint>,
}

impl Declared {
    /// With another colour for each.
    pub fn map(self, with: impl Fn(Color) -> Color) -> Self {
        let changed = |paint: Option<Paint>| paint.map(|(color, alpha)| (with(color), alpha));
        Self { color: changed(self.color), ground: changed(self.ground) }
    }

    /// Each colour turned over, unless it is not what was sent any more.
    pub fn or_turned(self, sent: Self, turn: Turn) -> Self {
        let turned = self.map(|color| turn.turned(color));
        Self {
            color: if self.color == sent.color { turned.color } else { self.color },
            ground: if self.ground == sent.ground { turned.ground } else { self.ground },
        }
    }
}

/// A text as it is seen.
#[derive(Debug, Clone)]
pub struct Painted {
    /// The element that it stands in, with its class: `p.fact`.
    pub element: String,
    pub color: Color,
    pub ground: Color,
    /// The two colours as the mail states them, before any client turned them.
    pub written_color: Option<String>,
    pub written_ground: Option<String>,
    pixels: f64,
    bold: bool,
}

impl Painted {
    pub fn ratio(&self) -> f64 {
        self.color.contrast(self.ground)
    }

    /// WCAG 2.2, 1.4.3: large is 18 pt, or 14 pt where bold.
    pub fn needed(&self) -> f64 {
        let large = self.pixels >= 24.0 || (self.bold && self.pixels >= 18.66);
        if large { 3.0 } else { 4.5 }
    }
}

/// Every text of a mail, on `paper`. `seen` makes of what an element states
/// what a client shows; it also gets the element's number.
pub fn texts(html: &str, paper: Color, seen: impl Fn(Declared, usize) -> Declared) -> Vec<Painted> {
    let document = Html::parse_document(html);
    let black = Color([0; 3]);
    // A client that turns or darkens the paper turns the ink that nobody chose.
    let ink = if paper.contrast(black) > 3.0 { black } else { color::PAPER };
    let canvas = Painted {
        element: String::new(),
        color: ink,
        ground: paper,
        written_color: None,
        written_ground: None,
        pixels: 16.0,
        bold: false,
    };
    let mut painter = Painter { seen: &seen, next: 0, texts: Vec::new() };
    painter.element(document.root_element(), &canvas);
    painter.texts
}

/// What each element states, in document order.
pub fn declared(html: &str) -> Vec<Declared> {
    let document = Html::parse_document(html);
    let elements = document.root_element().descendent_elements();
    elements.map(|element| styled(element, None).0).collect()
}

struct Painter<'s, S> {
    seen: &'s S,
    next: usize,
    texts: Vec<Painted>,
}

impl<S: Fn(Declared, usize) -> Declared> Painter<'_, S> {
    fn element(&mut self, element: ElementRef<'_>, above: &Painted) {
        let index = self.next;
        self.next += 1;
        let (sent, mut here, hidden) = with_style(element, above);
        let shown = (self.seen)(sent, index);
        if let Some((ground, alpha)) = shown.ground {
            here.ground = ground.over(alpha, above.ground);
            here.written_ground = sent.ground.map(|(color, _)| color.to_string());
        }
        if let Some((color, alpha)) = shown.color {
            here.color = color.over(alpha, here.ground);
            here.written_color = sent.color.map(|(color, _)| color.to_string());
        }
        if hidden || matches!(element.value().name(), "head" | "style" | "script") {
            self.next += element.descendent_elements().count() - 1;
            return;
        }
        let says = |text: &str| !text.trim().is_empty();
        let own = element.children().filter_map(|child| child.value().as_text().map(|it| &**it));
        if own.into_iter().any(says) || element.attr("alt").is_some_and(says) {
            self.texts.push(here.clone());
        }
        for child in element.child_elements() {
            self.element(child, &here);
        }
    }
}

/// What an element states, how a text in it looks apart from its colours, and
/// whether nobody sees it.
fn with_style(element: ElementRef<'_>, above: &Painted) -> (Declared, Painted, bool) {
    let name = element.value().name();
    let mut here = above.clone();
    here.element = match element.value().classes().next() {
        Some(class) => format!("{name} class=\"{class}\""),
        None => name.to_owned(),
    };
    here.bold |= matches!(name, "b" | "strong" | "th");
    let (sent, hidden) = styled(element, Some(&mut here));
    (sent, here, hidden)
}

fn styled(element: ElementRef<'_>, mut look: Option<&mut Painted>) -> (Declared, bool) {
    let mut sent =
        Declared { ground: element.attr("bgcolor").and_then(paint), ..Declared::default() };
    let mut hidden = false;
    let style = element.attr("style").unwrap_or_default();
    // The inliner has parsed it and written it anew, one form for all.
    for (name, value) in style.split(';').filter_map(|it| it.split_once(':')) {
        let (name, value) = (name.trim(), value.trim().trim_end_matches("!important").trim());
        match name {
            "color" => sent.color = paint(value).or(sent.color),
            "background" | "background-color" => {
                sent.ground = value.split_whitespace().find_map(paint).or(sent.ground);
            }
            "display" => hidden |= value == "none",
            "font" | "font-size" | "font-weight" => {
                if let Some(look) = &mut look {
                    font(name, value, look);
                }
            }
            _ => {}
        }
    }
    (sent, hidden)
}

fn font(name: &str, value: &str, look: &mut Painted) {
    let words = value.split_whitespace();
    if name != "font-size" {
        let weight = words.clone().find_map(|word| match word {
            "bold" | "bolder" => Some(700),
            "normal" => Some(400),
            word => word.parse::<u16>().ok(),
        });
        look.bold = weight.map_or(look.bold && name != "font", |weight| weight >= 700);
    }
    let mut sizes =
        words.filter_map(|word| word.split('/').next()?.strip_suffix("px")?.parse().ok());
    look.pixels = sizes.next_back().unwrap_or(look.pixels);
}

fn paint(value: &str) -> Option<Paint> {
    let color: svgtypes::Color = value.parse().ok()?;
    Some((Color([color.red, color.green, color.blue]), color.alpha))
}

/// The rules of the head that a client in dark mode adds.
pub fn dark_rules(html: &str) -> String {
    let css = head(html);
    let mut rules = String::new();
    for at_rule in css.split("@media").skip(1) {
        let Some((condition, block)) = at_rule.split_once('{') else { continue };
        if condition.contains("prefers-color-scheme") && condition.contains("dark") {
            rules.push_str(&block[..end_of_block(block)]);
        }
    }
    rules
}

/// The rules of the head that hold whatever the medium.
pub fn head_rules(html: &str) -> String {
    let css = head(html);
    let mut parts = css.split("@media");
    let mut rules = parts.next().unwrap_or_default().to_owned();
    for at_rule in parts {
        let Some((_, block)) = at_rule.split_once('{') else { continue };
        rules.push_str(block.get(end_of_block(block) + 1..).unwrap_or_default());
    }
    rules
}

/// Where the brace stands that closes a block which is open already.
fn end_of_block(css: &str) -> usize {
    let mut depth = 1;
    let end = css.char_indices().find(|(_, character)| {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 0
    });
    end.map_or(css.len(), |(offset, _)| offset)
}

fn head(html: &str) -> String {
    let styles = Selector::parse("style").expect("a tag's name is a selector");
    Html::parse_document(html).select(&styles).flat_map(|style| style.text()).collect()
}
