//! Pictures as numbers and as pixels: how large one is, and SVG drawn as PNG.
//!
//! Mail and feed cannot show SVG, so a PNG of it is published beside. A
//! picture is untrusted input twice over: it may name files (refused: an SVG
//! sees nothing but itself) and it may be a small file of huge dimensions
//! (refused before anything is decoded).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Group, ImageHrefDataResolverFn, ImageHrefResolver, Node, Options, Tree};

use super::fonts::Fonts;
use super::pdf::is_invisible;

/// The most pixels that we decode or draw: a PNG of 20,000 × 20,000 took
/// 420 MiB of memory, this bound keeps a picture under about 160 MiB.
pub const MAX_PIXELS: u64 = 40_000_000;

/// File endings, in small letters, of what is taken for a picture.
pub const EXTENSIONS: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "svg"];

/// How to mend a picture that cannot be shown.
pub const SAVE_AGAIN: &str = "save it again as PNG, JPEG or a plain SVG";

/// SVG is drawn at twice the size it has in mail, for screens that have two
/// dots a pixel. More would only weigh more.
const SCALE: u32 = 2;

/// The widest picture a mail shows: the column of 600 px less its margins.
const MAIL_WIDTH: u32 = 552;

/// How large mail shows a picture: as it is, or as wide as the column. Whole
/// pixels, since Outlook for Windows ignores `max-width` and every unit.
pub fn in_mail(width: u32, height: u32) -> (u32, u32) {
    let (width, height) = (width.max(1), height.max(1));
    if width <= MAIL_WIDTH {
        return (width, height);
    }
    let [wide, high, column] = [width, height, MAIL_WIDTH].map(u64::from);
    let scaled = (high * column + wide / 2) / wide;
    (MAIL_WIDTH, u32::try_from(scaled).unwrap_or(u32::MAX).max(1))
}

/// Natural size of a picture in CSS pixels: PNG, JPEG, GIF, WebP or SVG.
///
/// # Errors
/// A sentence for people: not a picture, not of a kind that every reader
/// shows, or of more than [`MAX_PIXELS`].
pub fn size(bytes: &[u8], name: &str) -> Result<(u32, u32), String> {
    let (width, height) = if is_svg(name) { svg_size(bytes)? } else { raster_size(bytes)? };
    if is_svg(name) && moves(bytes) {
        return Err("the SVG holds a script or foreign content".to_owned());
    }
    bounded(width, height)?;
    Ok((width, height))
}

/// An SVG as PNG for mail and feed, drawn with the theme's fonts alone.
///
/// # Errors
/// A sentence for people: not an SVG, or too large to draw.
pub fn png(svg: &[u8], fonts: &Fonts) -> Result<Vec<u8>, String> {
    let mut options = closed();
    options.font_family = "Source Sans 3".to_owned();
    options.fontdb = fonts.database().clone();
    let tree = Tree::from_data(svg, &options).map_err(|error| format!("not an SVG: {error}"))?;
    let (width, height) = pixels(&tree);
    bounded(width, height)?;
    let (width, height) = in_mail(width, height);
    let (width, height) = (width.saturating_mul(SCALE), height.saturating_mul(SCALE));
    bounded(width, height)?;
    let mut canvas = Pixmap::new(width, height).ok_or("the SVG has no size")?;
    let size = tree.size();
    let scale = Transform::from_scale(width as f32 / size.width(), height as f32 / size.height());
    resvg::render(&tree, scale, &mut canvas.as_mut());
    canvas.encode_png().map_err(|error| format!("the PNG could not be written: {error}"))
}

/// Decodes a picture to its last pixel, and draws nothing: what `size` took
/// from the first bytes may be all there is of it.
///
/// # Errors
/// A sentence for people.
pub fn whole(bytes: &[u8], name: &str) -> Result<(), String> {
    if is_svg(name) {
        return svg_size(bytes).map(|_| ());
    }
    let decoded = image::load_from_memory(bytes).is_ok();
    let is_whole = decoded && jpeg_ends(bytes) != Some(false);
    is_whole.then_some(()).ok_or_else(|| "it is damaged: only a part of it can be read".to_owned())
}

/// Whether a JPEG has its end; `None` of what is none. Decoders fill up with
/// grey what is missing. A picture inside the header, such as a camera's
/// preview, has an end of its own, so segments are passed over by their length
/// (ITU-T T.81, B.1.1.4) up to the pixels, in which no marker can stand.
fn jpeg_ends(bytes: &[u8]) -> Option<bool> {
    const SCAN: u8 = 0xda;
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let (marker, after) = match rest {
            // Any number of fill bytes may stand before a marker (B.1.1.2).
            [0xff, 0xff, ..] => {
                rest = &rest[1..];
                continue;
            }
            [0xff, marker, after @ ..] => (*marker, after),
            _ => return Some(false),
        };
        if marker == SCAN {
            return Some(after.windows(2).any(|pair| pair == [0xff, 0xd9]));
        }
        let [high, low, ..] = after else { return Some(false) };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        match after.get(length..) {
            Some(next) => rest = next,
            None => return Some(false),
        }
    }
}

/// The characters of an SVG's text that none of the theme's fonts draws, each
/// once, in order. A reader would see boxes in their place.
pub fn undrawn(svg: &[u8], fonts: &Fonts) -> Vec<char> {
    let mut options = closed();
    options.fontdb = fonts.database().clone();
    let mut undrawn = Vec::new();
    if let Ok(tree) = Tree::from_data(svg, &options) {
        for_texts(tree.root(), &mut |text| {
            for c in text.chars().filter(|c| !c.is_ascii() && !fonts.draw(*c)) {
                if !is_invisible(c) && !undrawn.contains(&c) {
                    undrawn.push(c);
                }
            }
        });
    }
    undrawn
}

fn for_texts(group: &Group, look: &mut impl FnMut(&str)) {
    for node in group.children() {
        match node {
            Node::Group(group) => for_texts(group, look),
            Node::Text(text) => text.chunks().iter().for_each(|chunk| look(chunk.text())),
            Node::Path(_) | Node::Image(_) => {}
        }
    }
}

/// Whether an SVG, opened by itself on the site, would do more than show.
fn moves(svg: &[u8]) -> bool {
    let text = String::from_utf8_lossy(svg).to_lowercase();
    let handler = |text: &str| {
        text.match_indices(" on").any(|(at, _)| {
            let rest = text[at + 3..].trim_start_matches(|c: char| c.is_ascii_alphabetic());
            rest.len() < text.len() - at - 3 && rest.trim_start().starts_with('=')
        })
    };
    ["<script", "<foreignobject", "javascript:"].iter().any(|it| text.contains(it))
        || handler(&text)
}

/// Whether a picture has more than one frame: GIF, or WebP and PNG with the
/// chunk that says so (RFC 9649, 2.7.1.1; PNG, third edition, 11.3.6.1).
pub fn is_animated(bytes: &[u8]) -> bool {
    let holds = |chunk: &[u8], within: usize| {
        bytes[..bytes.len().min(within)].windows(chunk.len()).any(|part| part == chunk)
    };
    match imagesize::image_type(bytes) {
        Ok(imagesize::ImageType::Gif) => has_second_frame(bytes),
        Ok(imagesize::ImageType::Webp) => holds(b"ANIM", 64),
        Ok(imagesize::ImageType::Png) => holds(b"acTL", 4096),
        _ => false,
    }
}

fn has_second_frame(gif: &[u8]) -> bool {
    let Ok(mut decoder) = gif::Decoder::new(gif) else { return false };
    let mut next = || decoder.next_frame_info().is_ok_and(|frame| frame.is_some());
    next() && next()
}

fn is_svg(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".svg")
}

fn raster_size(bytes: &[u8]) -> Result<(u32, u32), String> {
    use imagesize::ImageType;
    match imagesize::image_type(bytes) {
        Ok(ImageType::Png | ImageType::Jpeg | ImageType::Gif | ImageType::Webp) => {}
        Ok(_) => return Err("readers show only PNG, JPEG, GIF, WebP and SVG".to_owned()),
        Err(_) => return Err("it is not a picture".to_owned()),
    }
    let size = imagesize::blob_size(bytes).map_err(|_| "it is damaged".to_owned())?;
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    Ok((side(size.width), side(size.height)))
}

/// Of the drawing. The pictures that it carries count as pixels too, together:
/// each is decoded by whoever draws it.
fn svg_size(bytes: &[u8]) -> Result<(u32, u32), String> {
    let carried = Arc::new(AtomicU64::new(0));
    let mut options = closed();
    options.image_href_resolver.resolve_data = counting(Arc::clone(&carried));
    let tree = Tree::from_data(bytes, &options).map_err(|error| format!("not an SVG: {error}"))?;
    match carried.load(Ordering::Relaxed) {
        carried if carried > MAX_PIXELS => Err(format!(
            "the pictures in the SVG have {} million pixels, over {}",
            carried / 1_000_000,
            MAX_PIXELS / 1_000_000
        )),
        _ => Ok(pixels(&tree)),
    }
}

/// Resolves `data:` URIs as ever, and adds up how many pixels they have.
fn counting(carried: Arc<AtomicU64>) -> ImageHrefDataResolverFn<'static> {
    let resolve = ImageHrefResolver::default_data_resolver();
    Box::new(move |mime, data, options| {
        let size = imagesize::blob_size(&data);
        let pixels = size.map_or(0, |it| (it.width as u64).saturating_mul(it.height as u64));
        carried.fetch_add(pixels, Ordering::Relaxed);
        resolve(mime, data, options)
    })
}

fn pixels(tree: &Tree) -> (u32, u32) {
    // `as` saturates, and an SVG's sides are positive by construction.
    let side = |length: f32| length.round().max(1.0) as u32;
    (side(tree.size().width()), side(tree.size().height()))
}

fn bounded(width: u32, height: u32) -> Result<(), String> {
    match u64::from(width) * u64::from(height) {
        0 => Err("the picture is empty".to_owned()),
        pixels if pixels > MAX_PIXELS => Err(format!(
            "{width} × {height} pixels are more than the {} million that a picture may have",
            MAX_PIXELS / 1_000_000
        )),
        _ => Ok(()),
    }
}

/// Parsing that opens no file: `<image href="…">` gives nothing unless it is a
/// `data:` URI, which is part of the picture.
fn closed() -> Options<'static> {
    Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: ImageHrefResolver::default_data_resolver(),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Theme;

    fn theme() -> Theme {
        Theme::new(Default::default(), &["cs".into()]).expect("the built-in theme")
    }

    fn svg(inside: &str) -> Vec<u8> {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' \
             xmlns:xlink='http://www.w3.org/1999/xlink' \
             width='120' height='40'>{inside}</svg>"
        )
        .into_bytes()
    }

    fn inked(png: &[u8]) -> usize {
        let canvas = Pixmap::decode_png(png).unwrap();
        canvas.pixels().iter().filter(|pixel| pixel.alpha() > 0).count()
    }

    fn drawn(inside: &str) -> usize {
        inked(&png(&svg(inside), theme().fonts()).unwrap())
    }

    /// The first bytes of a PNG: signature and IHDR.
    fn png_header(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn czech_text_in_an_svg_is_drawn_at_twice_its_size_with_the_themes_fonts() {
        let text = |family: &str, text: &str| {
            format!("<text x='4' y='24' font-size='16' font-family=\"{family}\">{text}</text>")
        };
        let picture = png(&svg(&text("'Source Sans 3'", "Příliš žluť")), theme().fonts()).unwrap();
        let canvas = Pixmap::decode_png(&picture).unwrap();
        assert_eq!((canvas.width(), canvas.height()), (240, 80));
        assert!(inked(&picture) > 300, "hardly anything was drawn");
        // With its háčky and čárky a word has more ink than without.
        assert!(drawn(&text("'Source Sans 3'", "řžý")) > drawn(&text("'Source Sans 3'", "rzy")));
        // A family that we do not have falls back on ours, not on nothing.
        assert!(drawn(&text("Arial", "Kůň")) > 100);
    }

    #[test]
    fn a_jpeg_that_was_cut_short_is_damaged_though_it_can_be_decoded() {
        let mut jpeg = Vec::new();
        let noise = |x: u32, y: u32| image::Luma([((x * 37) ^ (y * 91)) as u8]);
        let picture = image::GrayImage::from_fn(64, 64, noise);
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
        encoder.encode_image(&picture).unwrap();
        assert_eq!(whole(&jpeg, "foto.jpg"), Ok(()));
        let cut = &jpeg[..jpeg.len() * 3 / 4];
        assert!(image::load_from_memory(cut).is_ok(), "a decoder would have told");
        assert_eq!(jpeg_ends(cut), Some(false));
        assert!(whole(cut, "foto.jpg").is_err());
        // The end of the preview in a camera's header is not that of the photo.
        let preview = [&[0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9], &cut[2..]].concat();
        assert_eq!(jpeg_ends(&[&cut[..2], &preview[..]].concat()), Some(false));
        assert_eq!(jpeg_ends(b"GIF89a"), None);
    }

    #[test]
    fn a_wide_svg_is_drawn_for_the_column_it_is_shown_in_and_not_stretched() {
        let wide = b"<svg xmlns='http://www.w3.org/2000/svg' width='1601' height='700'/>";
        let canvas = Pixmap::decode_png(&png(wide, theme().fonts()).unwrap()).unwrap();
        assert_eq!(in_mail(1601, 700), (552, 241));
        assert_eq!((canvas.width(), canvas.height()), (1104, 482));
        assert_eq!(in_mail(552, 9), (552, 9));
        assert_eq!(in_mail(4000, 1), (552, 1));
    }

    #[test]
    fn an_svg_sees_no_file_but_may_carry_its_own_picture() {
        let red = "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='9' \
                   height='9'><rect width='9' height='9' fill='red'/></svg>"
            .replace('<', "&lt;")
            .replace('\'', "&quot;");
        let image = |href: &str| format!("<image width='9' height='9' xlink:href='{href}'/>");
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/src/render/no-such-picture.png");
        assert_eq!(drawn(&image(own)), 0);
        assert_eq!(drawn(&image("/etc/passwd")), 0);
        assert!(drawn(&image(&red)) > 0);
    }

    #[test]
    fn sizes_are_read_without_decoding() {
        assert_eq!(size(&svg(""), "graf.SVG"), Ok((120, 40)));
        assert_eq!(size(&png_header(640, 480), "mapa.png"), Ok((640, 480)));
    }

    #[test]
    fn pixels_of_pictures_in_a_drawing_count_wherever_they_are_hidden() {
        let image = |side| {
            let png = png_header(side, side);
            let png: String = png.iter().map(|byte| format!("%{byte:02x}")).collect();
            format!("<image width='9' height='9' href='data:image/png,{png}'/>")
        };
        assert_eq!(size(&svg(&image(300)), "graf.svg"), Ok((120, 40)));
        let told = "the pictures in the SVG have 400 million pixels, over 40";
        assert_eq!(size(&svg(&image(20_000)), "graf.svg").unwrap_err(), told);
        let pattern = format!(
            "<pattern id='p' width='9' height='9' patternUnits='userSpaceOnUse'>{}</pattern>\
             <rect width='99' height='30' fill='url(#p)'/>",
            image(20_000)
        );
        assert_eq!(size(&svg(&pattern), "graf.svg").unwrap_err(), told);
        assert!(size(&svg(&image(5_000).repeat(2)), "graf.svg").is_err(), "together");
    }

    #[test]
    fn a_drawing_that_multiplies_itself_is_refused() {
        let mut doubled = "<g id='e0'><rect width='1' height='1'/></g>".to_owned();
        for level in 1..=40 {
            let before = format!("<use href='#e{}'/>", level - 1);
            doubled.push_str(&format!("<g id='e{level}'>{before}{before}</g>"));
        }
        assert!(size(&svg(&doubled), "graf.svg").unwrap_err().starts_with("not an SVG"));
    }

    #[test]
    fn what_cannot_be_shown_is_said_in_a_sentence() {
        let huge = size(&png_header(20_000, 20_000), "mapa.png").unwrap_err();
        assert!(huge.starts_with("20000 × 20000 pixels are more than"), "{huge}");
        assert_eq!(size(b"hello", "mapa.png").unwrap_err(), "it is not a picture");
        assert!(size(b"hello", "graf.svg").unwrap_err().starts_with("not an SVG"));
        let wide = b"<svg xmlns='http://www.w3.org/2000/svg' width='90000' height='90000'/>";
        assert!(png(wide, theme().fonts()).unwrap_err().contains("more than the 40 million"));
    }
}
