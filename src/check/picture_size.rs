//! Pictures that are too heavy for a phone, too large for any screen, too
//! small to be read, or that move.
//!
//! The text's column is 600 px wide in mail and 640 on the page; screens have
//! up to two or three dots a pixel. That more than 5 MB or 40 million pixels
//! is refused altogether is said when loading.

use comrak::nodes::{Node, NodeValue};

use super::{Rule, Text};
use crate::model::{Findings, Picture, Severity};
use crate::render::markdown::picture_name;
use crate::render::picture;

/// Half a megabyte: half a minute on the edge of a network (160 kbit/s).
const MAX_BYTES: usize = 500_000;
/// Pixels across or down; three dots a pixel of the column, and some.
const MAX_SIDE: u32 = 2_400;
/// Pixels across of a picture that stands by itself.
const MIN_WIDTH: u32 = 400;

pub struct PictureSize;

const DOC: &str = "\
A picture that is too heavy, too large or too small, or one that moves.

Over 500 kB a phone keeps its reader waiting, over 2,400 pixels a side nobody
sees more. A picture that stands by itself and is less than 400 pixels wide is
hard to make out in print. Outlook shows only the first frame of one that
moves, and what moves for more than five seconds must be stoppable (WCAG 2.2,
2.2.2).

Save photographs as JPEG, 1,600 pixels wide; charts as SVG.
";

impl Rule for PictureSize {
    fn name(&self) -> &'static str {
        "picture-size"
    }

    fn level(&self) -> Severity {
        Severity::Warning
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            let data = node.data();
            let NodeValue::Image(link) = &data.value else { continue };
            let name = picture_name(&link.url);
            let shown = name.and_then(|name| text.publication.picture(&name));
            if let Some((message, help)) = shown.and_then(|picture| fault(picture, node)) {
                findings.push(text.finding(self, node, message).help(help));
            }
        }
    }
}

/// The first thing that is wrong with a picture: mended, it may be gone with
/// the rest.
fn fault(picture: &Picture, node: Node<'_>) -> Option<(String, &'static str)> {
    let Picture { name, bytes, width, height } = picture;
    if picture::is_animated(bytes) {
        let help = "save the frame that matters as PNG or JPEG";
        return Some((format!("`{name}` moves: Outlook shows only its first frame"), help));
    }
    if bytes.len() > MAX_BYTES {
        let size = bytes.len() / 1000;
        let help = "save a photograph as JPEG, 1,600 pixels wide, and a chart as SVG";
        return Some((format!("`{name}` has {size} kB, over {}", MAX_BYTES / 1000), help));
    }
    if !picture.is_svg() && *width.max(height) > MAX_SIDE {
        let help = "make it 1,600 pixels wide";
        return Some((format!("`{name}` is {width} × {height} pixels, over {MAX_SIDE}"), help));
    }
    if !picture.is_svg() && *width < MIN_WIDTH && stands_alone(node) {
        let help = "save it larger, 1,200 pixels wide, or draw it as SVG";
        let message = format!("`{name}` is {width} pixels wide, less than {MIN_WIDTH}");
        return Some((message, help));
    }
    None
}

/// Whether a picture is all of a paragraph, so a figure rather than a sign.
fn stands_alone(node: Node<'_>) -> bool {
    let mut parent = node.parent();
    // A figure may be linked as a whole.
    if let Some(link) = parent.filter(|it| matches!(it.data().value, NodeValue::Link(_))) {
        parent = link.parent();
    }
    parent.is_some_and(|it| {
        matches!(it.data().value, NodeValue::Paragraph) && it.children().count() == 1
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::check::tests::told_of;
    use crate::model::Picture;
    use crate::render::specimen;

    fn told(body: &str, pictures: &[(&str, &[u8], u32, u32)]) -> Vec<String> {
        let mut publication = specimen::commentary(body);
        publication.pictures = pictures
            .iter()
            .map(|(name, bytes, width, height)| Picture {
                name: (*name).to_owned(),
                bytes: Arc::from(*bytes),
                width: *width,
                height: *height,
            })
            .collect();
        told_of(&specimen::workspace(), &publication)
    }

    /// Two frames of one pixel.
    const MOVING: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\
        \x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\
        \x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";

    #[test]
    fn heavy_large_small_and_moving_pictures_are_named_where_they_are_shown() {
        let heavy = vec![0; 500_001];
        let pictures: &[(&str, &[u8], u32, u32)] = &[
            ("heavy.jpg", &heavy, 1600, 900),
            ("large.png", b"", 2401, 10),
            ("small.png", b"", 399, 10),
            ("moving.gif", MOVING, 600, 10),
            ("kresba.svg", b"", 5000, 10),
        ];
        assert_eq!(
            told(
                "![A](heavy.jpg)\n\n![B](large.png)\n\n![C](small.png)\n\nZnak ![C](small.png) v textu, ![D](moving.gif)\n\n![E](kresba.svg)\n",
                pictures
            ),
            [
                "6:1 picture-size Warning: `heavy.jpg` has 500 kB, over 500",
                "8:1 picture-size Warning: `large.png` is 2401 × 10 pixels, over 2400",
                "10:1 picture-size Warning: `small.png` is 399 pixels wide, less than 400",
                "12:31 picture-size Warning: `moving.gif` moves: Outlook shows only its first frame",
            ]
        );
    }
}
