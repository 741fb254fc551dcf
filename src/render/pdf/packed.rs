//! A finished PDF, smaller: its many small objects in compressed streams.
//!
//! A tagged document is mostly structure: some seven hundred dictionaries in
//! eight pages, which Typst writes one by one in the clear. PDF 1.5 brought
//! object streams for them (ISO 32000-1, 7.5.7) and a cross-reference stream to
//! find them by (7.5.8); PDF/A-2 allows both (ISO 19005-2, 6.1.4).
//!
//! The surprise: nothing is parsed. Each object's bytes are moved as they
//! stand, so nothing can be written differently from what Typst meant. It
//! leans on how Typst's writer lays out a file, and what is laid out in any
//! other way is given back untouched.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Objects in one stream: a reader that wants one of them inflates them all.
const TOGETHER: usize = 250;

/// The same document with object streams.
pub(super) fn packed(plain: Vec<u8>) -> Vec<u8> {
    match Plain::read(&plain) {
        Some(file) => file.packed(),
        None => plain,
    }
}

/// A file with a cross-reference table and one object after another.
struct Plain<'p> {
    header: &'p [u8],
    /// In order of number.
    objects: Vec<Object<'p>>,
    /// What stands between the brackets of the trailer, without `/Size`.
    trailer: &'p [u8],
}

#[derive(Clone, Copy)]
struct Object<'p> {
    number: usize,
    /// From `7 0 obj` to `endobj`.
    whole: &'p [u8],
    /// What stands between these.
    inside: &'p [u8],
}

impl Object<'_> {
    /// A stream cannot stand in another.
    fn is_stream(&self) -> bool {
        self.inside.ends_with(b"endstream")
    }
}

impl<'p> Plain<'p> {
    fn read(file: &'p [u8]) -> Option<Self> {
        let (rest, end) = split_at_last(file, b"startxref")?;
        let table_at: usize = word(end)?.parse().ok()?;
        let (table, trailer) = split_at_last(rest.get(table_at..)?, b"trailer")?;
        let mut places = places(table)?;
        let size = format!("<</Size {}", places.len() + 1);
        let trailer = trailer.trim_ascii().strip_prefix(size.as_bytes())?.strip_suffix(b">>")?;
        places.retain(|(_, offset)| *offset > 0);
        let mut ends: Vec<usize> = places.iter().map(|(_, offset)| *offset).collect();
        ends.push(table_at);
        ends.sort_unstable();
        let header = file.get(..*ends.first()?)?;
        let object = |(number, offset): (usize, usize)| {
            let end = ends[ends.partition_point(|end| *end <= offset)];
            let whole = file.get(offset..end)?.trim_ascii();
            let inside = whole.strip_prefix(format!("{number} 0 obj").as_bytes())?;
            let inside = inside.strip_suffix(b"endobj")?.trim_ascii();
            Some(Object { number, whole, inside })
        };
        let objects = places.into_iter().map(object).collect::<Option<_>>()?;
        Some(Self { header, objects, trailer })
    }

    fn packed(&self) -> Vec<u8> {
        let mut file = self.header.to_vec();
        let size = self.objects.last().map_or(1, |last| last.number + 1);
        let mut table = Table(vec![Entry::Free; size]);
        let (streams, small): (Vec<_>, Vec<_>) =
            self.objects.iter().copied().partition(Object::is_stream);
        for stream in streams {
            table.0[stream.number] = Entry::At(file.len());
            file.extend(stream.whole);
            file.push(b'\n');
        }
        for together in small.chunks(TOGETHER) {
            let container = table.0.len();
            for (index, object) in together.iter().enumerate() {
                table.0[object.number] = Entry::In { container, index };
            }
            table.0.push(Entry::At(file.len()));
            write_object_stream(&mut file, container, together);
        }
        let start = file.len();
        table.0.push(Entry::At(start));
        table.write(&mut file, self.trailer);
        file.extend(format!("startxref\n{start}\n%%EOF").bytes());
        file
    }
}

/// Object numbers and offsets out of a cross-reference table with one section,
/// from object 1 on; offset 0 of those that are free.
fn places(table: &[u8]) -> Option<Vec<(usize, usize)>> {
    let table = std::str::from_utf8(table).ok()?;
    let mut lines = table.strip_prefix("xref\n0 ")?.lines();
    let size: usize = lines.next()?.trim().parse().ok()?;
    let place = |(number, line): (usize, &str)| {
        let mut words = line.split_ascii_whitespace();
        let offset: usize = words.next()?.parse().ok()?;
        match (words.next()?, words.next()?) {
            ("00000", "n") => Some((number, offset)),
            (_, "f") => Some((number, 0)),
            _ => None,
        }
    };
    let places: Vec<_> = lines.enumerate().skip(1).map(place).collect::<Option<_>>()?;
    (places.len() + 1 == size).then_some(places)
}

/// Numbers and offsets of the objects, then the objects (ISO 32000-1, 7.5.7).
fn write_object_stream(file: &mut Vec<u8>, number: usize, objects: &[Object<'_>]) {
    let (mut index, mut bodies) = (String::new(), Vec::new());
    for object in objects {
        index.push_str(&format!("{} {} ", object.number, bodies.len()));
        bodies.extend(object.inside);
        bodies.push(b'\n');
    }
    let (first, count) = (index.len(), objects.len());
    let data = deflated(&[index.as_bytes(), &bodies]);
    let dictionary = format!("/Type/ObjStm/N {count}/First {first}");
    write_stream(file, number, dictionary.as_bytes(), &data);
}

fn write_stream(file: &mut Vec<u8>, number: usize, dictionary: &[u8], data: &[u8]) {
    file.extend(format!("{number} 0 obj\n<<").bytes());
    file.extend(dictionary);
    file.extend(format!("/Filter/FlateDecode/Length {}>>\nstream\n", data.len()).bytes());
    file.extend(data);
    file.extend(b"\nendstream\nendobj\n");
}

/// Where an object is (ISO 32000-1, table 18).
#[derive(Clone, Copy)]
enum Entry {
    Free,
    At(usize),
    In { container: usize, index: usize },
}

struct Table(Vec<Entry>);

impl Table {
    /// Each row as its difference from the one above (PNG's filter “Up”), which
    /// makes rows that count upwards all alike.
    fn write(&self, file: &mut Vec<u8>, trailer: &[u8]) {
        let (number, size) = (self.0.len() - 1, self.0.len());
        let width = file.len().max(size).ilog(256) as usize + 1;
        let columns = 1 + width + 2;
        let mut above = vec![0; columns];
        let mut rows = Vec::new();
        for entry in &self.0 {
            let (kind, place, last) = match *entry {
                Entry::Free => (0, 0, 0xffff),
                Entry::At(offset) => (1, offset, 0),
                Entry::In { container, index } => (2, container, index),
            };
            let mut row = vec![kind];
            row.extend(&place.to_be_bytes()[size_of::<usize>() - width..]);
            row.extend(&last.to_be_bytes()[size_of::<usize>() - 2..]);
            rows.push(2);
            rows.extend(row.iter().zip(&above).map(|(below, above)| below.wrapping_sub(*above)));
            above = row;
        }
        let dictionary = format!(
            "/Type/XRef/Size {size}/W[1 {width} 2]/DecodeParms<</Predictor 12/Columns {columns}>>"
        );
        let dictionary = [dictionary.as_bytes(), trailer].concat();
        write_stream(file, number, &dictionary, &deflated(&[&rows]));
    }
}

fn deflated(parts: &[&[u8]]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for part in parts {
        encoder.write_all(part).expect("memory takes what is written");
    }
    encoder.finish().expect("memory takes what is written")
}

/// What stands before and behind the last `mark`.
fn split_at_last<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(mark.len()).rposition(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

fn word(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()?.split_ascii_whitespace().next()
}

#[cfg(test)]
mod tests {
    use hayro_interpret::hayro_syntax::Pdf;
    use hayro_interpret::hayro_syntax::object::{Dict, Stream};

    use super::*;

    const OBJECTS: [&str; 4] = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]/Contents 4 0 R>>",
        "<</Length 12>>\nstream\n0 0 m 9 9 l \nendstream",
    ];

    /// A page as Typst's writer lays it out, its objects `copies` times over.
    fn page(copies: usize) -> Vec<u8> {
        let mut file = "%PDF-1.7\n%\u{80}\u{80}\n\n".to_owned();
        let size = OBJECTS.len() + copies + 1;
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f\r\n");
        let copied = OBJECTS.iter().chain(std::iter::repeat_n(&OBJECTS[2], copies));
        for (index, inside) in copied.enumerate() {
            table.push_str(&format!("{:010} 00000 n\r\n", file.len()));
            file.push_str(&format!("{} 0 obj\n{inside}\nendobj\n", index + 1));
        }
        let start = file.len();
        let trailer = format!("trailer\n<</Size {size}/Root 1 0 R/ID[(a)(b)]>>\n");
        format!("{file}{table}{trailer}startxref\n{start}\n%%EOF").into_bytes()
    }

    #[test]
    fn every_object_is_found_again_in_a_file_that_is_a_fraction_of_the_size() {
        let copies = 3 * TOGETHER;
        let plain = page(copies);
        let packed = packed(plain.clone());
        assert!(packed.len() * 10 < plain.len(), "{} of {}", packed.len(), plain.len());
        let pdf = Pdf::new(packed).expect("a PDF");
        assert_eq!(pdf.pages().len(), 1);
        let last = i32::try_from(OBJECTS.len() + copies).unwrap();
        for number in (1..=3).chain(5..=last) {
            let id = hayro_interpret::hayro_syntax::object::ObjectIdentifier::new(number, 0);
            assert!(pdf.xref().get::<Dict<'_>>(id).is_some_and(|it| it.contains_key("Type")));
        }
    }

    #[test]
    fn streams_stay_as_they_are_for_who_reads_the_file_as_text() {
        let packed = packed(page(0));
        let holds = |text: &str| packed.windows(text.len()).any(|it| it == text.as_bytes());
        assert!(holds("4 0 obj\n<</Length 12>>\nstream\n0 0 m 9 9 l \nendstream\nendobj\n"));
        assert!(holds("/Root 1 0 R/ID[(a)(b)]"), "what named the document names it still");
        let pdf = Pdf::new(packed.clone()).expect("a PDF");
        let id = hayro_interpret::hayro_syntax::object::ObjectIdentifier::new(4, 0);
        assert_eq!(pdf.xref().get::<Stream<'_>>(id).unwrap().raw_data().len(), 12);
    }

    #[test]
    fn what_is_laid_out_in_any_other_way_is_given_back_as_it_was() {
        let packed_once = packed(page(2));
        for other in [Vec::new(), b"%PDF-1.7".to_vec(), packed_once, page(1)[9..].to_vec()] {
            assert_eq!(packed(other.clone()), other);
        }
    }
}
