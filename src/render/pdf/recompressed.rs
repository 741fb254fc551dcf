//! Pictures as small as paper needs them: photographs as JPEG at the resolution
//! of print, drawings as they are, without loss.
//!
//! A PDF holds a JPEG as it is, but of a PNG or WebP every pixel, deflated: a
//! photograph saved as PNG made a file of megabytes. Whether a picture is a
//! photograph is told by its pixels and not by its name: in a drawing nearly
//! all are like the one before or above, in a photograph hardly any.
//!
//! The surprise: it happens when Typst asks for the picture, so only for those
//! that a text shows, and with the bounds that setting has.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, GenericImageView, ImageDecoder, ImageEncoder, ImageReader,
    imageops::FilterType,
};
use typst::foundations::Bytes;

/// Pixels across and down: 300 an inch in the column of the built-in look
/// (134 mm) and down the page.
const MOST: (u32, u32) = (1_600, 2_800);

/// Fewer pixels a side are an icon, and weigh nothing.
const LEAST: u32 = 64;

/// Of hundred. Grain survives, and a face looks as it did.
const QUALITY: u8 = 85;

/// Share of pixels like their neighbours from which on a picture is a drawing.
/// Charts and screenshots have over 0.9; a photograph with much sky 0.4.
const FLAT: f64 = 0.6;

/// A picture as the PDF holds it: smaller, or as it is.
#[comemo::memoize]
pub(super) fn recompressed(picture: &Bytes) -> Bytes {
    match smaller(picture) {
        Some(smaller) if smaller.len() < picture.len() => Bytes::new(smaller),
        _ => picture.clone(),
    }
}

/// `None` for what is left alone: a drawing, an SVG, a JPEG of the right size,
/// and whatever cannot be read, about which Typst will say more.
fn smaller(picture: &[u8]) -> Option<Vec<u8>> {
    let reader = ImageReader::new(Cursor::new(picture)).with_guessed_format().ok()?;
    let is_jpeg = reader.format()? == image::ImageFormat::Jpeg;
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let is_large = width > MOST.0 || height > MOST.1;
    // Four inks have a profile of their own, which would not fit three colours.
    let is_for_press = decoder.original_color_type() == ExtendedColorType::Cmyk8;
    if width.min(height) < LEAST || (is_jpeg && !is_large) || is_for_press {
        return None;
    }
    let profile = decoder.icc_profile().ok()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder).ok()?;
    if !is_jpeg && (is_see_through(&pixels) || is_drawing(&pixels)) {
        return None;
    }
    pixels.apply_orientation(orientation);
    if is_large {
        pixels = pixels.resize(MOST.0, MOST.1, FilterType::CatmullRom);
    }
    jpeg(&pixels, profile)
}

/// In shades of grey where it has no colour: a profile of three colours would
/// not fit, so it goes then.
fn jpeg(pixels: &DynamicImage, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    if pixels.color().has_color() {
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile).ok()?;
        }
        encoder.encode_image(&pixels.to_rgb8()).ok()?;
    } else {
        encoder.encode_image(&pixels.to_luma8()).ok()?;
    }
    Some(bytes)
}

/// JPEG knows no transparency.
fn is_see_through(pixels: &DynamicImage) -> bool {
    pixels.color().has_alpha() && pixels.pixels().any(|(_, _, pixel)| pixel.0[3] < u8::MAX)
}

fn is_drawing(pixels: &DynamicImage) -> bool {
    let pixels = pixels.to_rgb8();
    let like = |x: u32, y: u32| {
        let here = pixels.get_pixel(x, y);
        here == pixels.get_pixel(x - 1, y) || here == pixels.get_pixel(x, y - 1)
    };
    let (across, down) = (pixels.width() - 1, pixels.height() - 1);
    let places = (1..=down).flat_map(|y| (1..=across).map(move |x| (x, y)));
    let flat = places.filter(|(x, y)| like(*x, *y)).count();
    flat as f64 >= FLAT * f64::from(across) * f64::from(down)
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn encoded(pixels: impl Into<DynamicImage>, format: ImageFormat) -> Bytes {
        let mut bytes = Cursor::new(Vec::new());
        pixels.into().write_to(&mut bytes, format).unwrap();
        Bytes::new(bytes.into_inner())
    }

    /// Light that falls off, and grain: no two pixels alike, but no edge.
    fn photograph(width: u32, height: u32) -> RgbImage {
        let mut grain = 1_u32;
        RgbImage::from_fn(width, height, |x, y| {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (grain >> 28) as u8;
            let light = |part: u32, of: u32| (part * 200 / of) as u8;
            Rgb([light(x, width) + noise, light(y, height) + noise, 90 + noise])
        })
    }

    /// Bars on white.
    fn chart(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| match (x / 40 % 2, y > height / 3) {
            (1, true) => Rgb([31, 78, 121]),
            _ => Rgb([255, 255, 255]),
        })
    }

    fn of(bytes: &Bytes) -> (Option<ImageFormat>, (u32, u32)) {
        let pixels = image::load_from_memory(bytes).unwrap();
        (image::guess_format(bytes).ok(), pixels.dimensions())
    }

    #[test]
    fn a_photograph_saved_as_png_becomes_a_jpeg_that_looks_the_same() {
        let pixels = photograph(320, 240);
        let png = encoded(pixels.clone(), ImageFormat::Png);
        let small = recompressed(&png);
        assert_eq!(of(&small), (Some(ImageFormat::Jpeg), (320, 240)));
        assert!(small.len() * 3 < png.len(), "{} of {}", small.len(), png.len());
        let shown = image::load_from_memory(&small).unwrap().to_rgb8();
        let channels = shown.as_raw().iter().zip(pixels.as_raw());
        let off: u64 = channels.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        assert!(off / (pixels.as_raw().len() as u64) < 5, "{off} off in sum");
    }

    #[test]
    fn a_drawing_stays_as_it_is_to_the_last_pixel() {
        let png = encoded(chart(800, 600), ImageFormat::Png);
        assert!(recompressed(&png) == png);
        let large = encoded(chart(2_400, 1_200), ImageFormat::Png);
        assert!(recompressed(&large) == large);
    }

    #[test]
    fn what_can_be_seen_through_stays_so() {
        let half = |Rgb([r, g, b]): Rgb<u8>| Rgba([r, g, b, 128]);
        let pixels = photograph(200, 200);
        let pixels = RgbaImage::from_fn(200, 200, |x, y| half(*pixels.get_pixel(x, y)));
        let png = encoded(pixels, ImageFormat::Png);
        assert!(recompressed(&png) == png);
    }

    #[test]
    fn a_jpeg_is_compressed_again_only_when_it_has_more_pixels_than_print() {
        let fits = encoded(photograph(1_600, 900), ImageFormat::Jpeg);
        assert!(recompressed(&fits) == fits);
        let large = encoded(photograph(3_200, 1_800), ImageFormat::Jpeg);
        assert_eq!(of(&recompressed(&large)), (Some(ImageFormat::Jpeg), (1_600, 900)));
    }

    /// A camera that was held upright says so in Exif and turns no pixel.
    #[test]
    fn a_photograph_taken_upright_stands_upright() {
        let jpeg = encoded(photograph(3_000, 1_800), ImageFormat::Jpeg);
        // Little-endian TIFF, one tag: Orientation (0x0112) = 6, a quarter turn.
        let mut turned =
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0".to_vec();
        turned.extend([0; 4]);
        let length = u16::try_from(turned.len() + 2).unwrap().to_be_bytes();
        let marker = [&[0xff, 0xe1][..], &length, &turned].concat();
        let jpeg = Bytes::new([&jpeg[..2], &marker, &jpeg[2..]].concat());
        assert_eq!(of(&recompressed(&jpeg)).1, (1_600, 2_667));
    }

    #[test]
    fn a_photograph_without_colour_stays_without() {
        let grey = DynamicImage::from(photograph(300, 300)).to_luma8();
        let small = recompressed(&encoded(grey, ImageFormat::Png));
        let shown = image::load_from_memory(&small).unwrap();
        assert_eq!(shown.color(), image::ColorType::L8);
    }

    #[test]
    fn what_is_no_picture_is_handed_on() {
        for bytes in [&b"<svg/>"[..], b"", b"\x89PNG\r\n\x1a\n\0\0"] {
            let bytes = Bytes::new(bytes.to_vec());
            assert!(recompressed(&bytes) == bytes);
        }
    }
}
