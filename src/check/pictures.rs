//! What only the pictures themselves can tell: damage, missing characters, and
//! what those of one mail weigh together.
//!
//! Not a rule like the others: it needs the theme's fonts, decodes and draws.
//! A finding stands where the text shows the picture, since that is where its
//! author can do something about it; only a file that nobody shows is named by
//! itself, and is no more than a warning.

use std::collections::{BTreeMap, BTreeSet};

use comrak::Arena;
use comrak::nodes::{Node, NodeValue};

use super::Text;
use crate::load::Loaded;
use crate::model::{
    DrawnChart, Finding, Findings, MailPictures, Manuscript, Picture, Place, Publication,
    UnusablePicture,
};
use crate::render::fonts::Fonts;
use crate::render::markdown::{self, picture_name};
use crate::render::picture;

const PICTURE: &str = "picture";
const BUDGET: &str = "picture-budget";

/// Looks at every picture that a publication shows.
pub fn check(loaded: &Loaded, publication: &Publication) -> Findings {
    let mut findings = Findings::new();
    let mut shown = BTreeSet::new();
    let mut inspected = BTreeMap::new();
    for manuscript in &publication.manuscripts {
        let arena = Arena::new();
        let root = markdown::parse(&arena, &manuscript.body);
        let text = Text::new(&loaded.workspace, &loaded.theme, publication, manuscript, root);
        let mut mail = Vec::new();
        for (name, node) in images(root) {
            shown.insert(name.clone());
            let Some(picture) = publication.picture(&name) else { continue };
            let inspection = inspected
                .entry(name)
                .or_insert_with(|| Inspection::of(picture, loaded.theme.fonts()));
            findings.extend(inspection.finding(&text, node, picture));
            if !mail.iter().any(|shown: &Shown<'_>| shown.name == picture.name) {
                let (name, bytes) = (picture.name.as_str(), inspection.weight);
                mail.push(Shown { name, place: text.place(node), bytes });
            }
        }
        for (chart, node) in charts(root, manuscript) {
            let bytes = Inspection::of(&chart.small, loaded.theme.fonts()).weight;
            mail.push(Shown { name: &chart.chart.title, place: text.place(node), bytes });
        }
        let asked = mail_pictures(loaded, publication);
        let budget = loaded.workspace.picture_budget;
        findings.extend(asked.and_then(|asked| over_budget(asked, budget, &mail, manuscript)));
    }
    let forgotten = publication.unusable.iter().filter(|it| !shown.contains(&it.name));
    findings.extend(forgotten.map(|unusable| not_shown(publication, unusable)));
    findings
}

fn images<'a>(root: Node<'a>) -> impl Iterator<Item = (String, Node<'a>)> {
    root.descendants().filter_map(|node| match &node.data().value {
        NodeValue::Image(link) => Some((picture_name(&link.url)?, node)),
        _ => None,
    })
}

/// Charts weigh as pictures do; what is in them is looked at as text.
fn charts<'a, 'm>(
    root: Node<'a>,
    manuscript: &'m Manuscript,
) -> impl Iterator<Item = (&'m DrawnChart, Node<'a>)> {
    root.descendants().filter_map(|node| Some((markdown::drawn(node, manuscript)?, node)))
}

/// What there is to say of one picture, however often it is shown.
struct Inspection {
    damage: Option<String>,
    undrawn: Vec<char>,
    /// As mail has it, in bytes.
    weight: u64,
}

impl Inspection {
    fn of(picture: &Picture, fonts: &Fonts) -> Self {
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if !picture.is_svg() {
            let damage = picture::whole(&picture.bytes, &picture.name).err();
            return Self { damage, undrawn: Vec::new(), weight: length(&picture.bytes) };
        }
        let undrawn = picture::undrawn(&picture.bytes, fonts);
        match picture::png(&picture.bytes, fonts) {
            Ok(png) => Self { damage: None, undrawn, weight: length(&png) },
            Err(why) => Self { damage: Some(why), undrawn, weight: 0 },
        }
    }

    fn finding(&self, text: &Text<'_>, node: Node<'_>, picture: &Picture) -> Option<Finding> {
        let Picture { name, .. } = picture;
        let error = |message: String, help: String| {
            let place = text.place(node);
            Finding::error(PICTURE, place, message).help(help).source(&text.manuscript.text)
        };
        if let Some(why) = &self.damage {
            let message = format!("`{name}` cannot be shown: {why}");
            return Some(error(message, picture::SAVE_AGAIN.to_owned()));
        }
        let named: Vec<String> =
            self.undrawn.iter().map(|c| format!("“{c}” (U+{:04X})", u32::from(*c))).collect();
        (!named.is_empty()).then(|| {
            let message = format!("the fonts have no {} of the text in `{name}`", named.join(", "));
            let help = "write it in words there, turn the text into paths, or add a font that has \
                        it to templates/fonts/";
            error(message, help.to_owned())
        })
    }
}

/// One picture of a mail, at the place that shows it first.
struct Shown<'p> {
    name: &'p str,
    place: Place,
    bytes: u64,
}

/// How the strictest of a publication's readers have their pictures; `None`
/// when nobody is mailed.
fn mail_pictures(loaded: &Loaded, publication: &Publication) -> Option<MailPictures> {
    let segments = loaded.segments.iter().filter(|segment| publication.to.contains(&segment.id));
    let asked: Vec<_> =
        segments.map(|it| publication.mail_pictures.unwrap_or(it.pictures)).collect();
    let embedded = asked.contains(&MailPictures::Embedded);
    (!asked.is_empty()).then_some(if embedded {
        MailPictures::Embedded
    } else {
        MailPictures::Hosted
    })
}

/// What the pictures of one mail weigh, at the heaviest of them. A message that
/// servers refuse for its size reaches nobody; pictures that are slow to come
/// are only a nuisance.
fn over_budget(
    asked: MailPictures,
    budget: u64,
    mail: &[Shown<'_>],
    manuscript: &Manuscript,
) -> Option<Finding> {
    let sum: u64 = mail.iter().map(|shown| shown.bytes).sum();
    let heaviest = mail.iter().max_by_key(|shown| shown.bytes).filter(|_| sum > budget)?;
    let (sum, budget) = (kilobytes(sum), kilobytes(budget));
    let (name, own) = (heaviest.name, kilobytes(heaviest.bytes));
    let place = heaviest.place.clone();
    let finding = if asked == MailPictures::Embedded {
        let message = format!(
            "the pictures in this mail weigh {sum} together, more than the {budget} it may carry; \
             `{name}` is {own} of it"
        );
        Finding::error(BUDGET, place, message).help(
            "make it smaller (1,104 pixels across are enough for mail, as JPEG if it is a photo), \
             or write pictures: hosted in the front matter; [mail] picture_budget_kb is the limit",
        )
    } else {
        let message = format!(
            "opening this mail fetches {sum} of pictures, more than {budget}; `{name}` is {own} of it"
        );
        Finding::warning(BUDGET, place, message).help(
            "make it smaller: 1,104 pixels across are enough for mail, as JPEG if it is a photo",
        )
    };
    Some(finding.source(&manuscript.text))
}

fn kilobytes(bytes: u64) -> String {
    format!("{} kB", bytes.div_ceil(1000))
}

fn not_shown(publication: &Publication, unusable: &UnusablePicture) -> Finding {
    let UnusablePicture { name, why, .. } = unusable;
    let place = Place::start(publication.folder.join(name));
    Finding::warning(PICTURE, place, format!("no text shows this picture, and none could: {why}"))
        .help("delete it, or save it again before you show it")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::build::inspect;
    use crate::load::{load, settings::settings};

    const HLAS_TOML: &str = r#"
base_url = "https://hlas.example.org/"
[organisation]
name = { cs = "Hlas" }
address = { cs = "Praha" }
email = "a@example.org"
[mail]
from = "hlas@example.org"
picture_budget_kb = 4
"#;

    fn svg(inside: &str) -> Vec<u8> {
        format!("<svg xmlns='http://www.w3.org/2000/svg' width='90' height='90'>{inside}</svg>")
            .into_bytes()
    }

    /// A picture of random-looking dots, which no compression makes small.
    fn dots(side: u32) -> Vec<u8> {
        let mut noise = 1u32;
        let mut pixels = resvg::tiny_skia::Pixmap::new(side, side).expect("a size");
        for byte in pixels.data_mut().chunks_mut(4) {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            byte.copy_from_slice(&[noise.to_be_bytes()[0], noise.to_be_bytes()[1], 0, 255]);
        }
        pixels.encode_png().expect("a PNG")
    }

    /// What is told of a text, with files beside it, whose readers have their
    /// pictures as `pictures` says.
    fn told(body: &str, pictures: &str, files: &[(&str, &[u8])]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        let head = "---\ntitle: Text\nkind: commentary\ndate: 2026-10-05\nto: [members]\n---\n";
        write("publications/2026-10-05-text/cs.md", format!("{head}{body}").as_bytes());
        for (name, bytes) in files {
            write(&format!("publications/2026-10-05-text/{name}"), bytes);
        }
        write("subscribers/members.csv", b"email,basis\nmember@example.org,membership\n");
        let segment = format!("[members]\nwhen = 'list == \"members\"'\n{pictures}\n");
        write("subscribers/segments.toml", segment.as_bytes());
        let settings = settings(folder.path(), HLAS_TOML, &[]).unwrap();
        let loaded = load(settings.workspace).unwrap_or_else(|findings| panic!("{findings:?}"));
        let now = jiff::Timestamp::UNIX_EPOCH.to_zoned_datetime(jiff::tz::TimeZone::UTC);
        let mut findings = inspect(&loaded, &loaded.publications[0], &now);
        // These are specks, or by far too heavy: `picture_size` says so.
        findings.retain(|finding| finding.rule != "picture-size");
        findings.sort_by(|a, b| a.place.cmp(&b.place));
        let tell = |it: &Finding| {
            let file = it.place.file.strip_prefix("publications/2026-10-05-text");
            let file = file.unwrap_or(Path::new("?")).display();
            let Place { line, column, .. } = it.place;
            format!("{file}:{line}:{column} {} {:?}: {}", it.rule, it.severity, it.message)
        };
        findings.iter().map(tell).collect()
    }

    #[test]
    fn a_damaged_picture_is_told_once_a_place_that_shows_it() {
        let whole = dots(12);
        let half = &whole[..whole.len() / 2];
        let body = "Text ![a](half.png) a\n\n![b](half.png)\n\n![c](note.png)\n";
        assert_eq!(
            told(body, "", &[("half.png", half), ("note.png", b"hello")]),
            [
                "cs.md:7:6 picture Error: `half.png` cannot be shown: it is damaged: only a part of it can be read",
                "cs.md:9:1 picture Error: `half.png` cannot be shown: it is damaged: only a part of it can be read",
                "cs.md:11:1 picture Error: `note.png` cannot be shown: it is not a picture",
            ]
        );
    }

    #[test]
    fn a_damaged_file_that_nobody_shows_stops_nobody() {
        assert_eq!(
            told("Text.\n", "", &[("note.png", b"hello")]),
            [
                "note.png:1:1 picture Warning: no text shows this picture, and none could: it is not a picture"
            ]
        );
    }

    #[test]
    fn a_character_that_no_font_draws_is_told_where_the_drawing_is_shown() {
        let text = svg("<text x='4' y='40'>Dům 漢 字漢 – „ano“</text>");
        assert_eq!(
            told("Text.\n\n![Graf](graf.svg)\n", "", &[("graf.svg", &text)]),
            [
                "cs.md:9:1 picture Error: the fonts have no “漢” (U+6F22), “字” (U+5B57) of the text in `graf.svg`"
            ]
        );
    }

    #[test]
    fn pictures_that_are_too_heavy_together_keep_a_mail_in_the_house_only_when_it_carries_them() {
        let (small, large) = (dots(4), dots(40));
        let files: &[(&str, &[u8])] = &[("a.png", &small), ("b.png", &large)];
        let body = "![a](a.png) ![b](b.png)\n\n![b](b.png)\n";
        let [embedded] = &told(body, "pictures = \"embed\"", files)[..] else { panic!("one") };
        assert_eq!(
            embedded,
            "cs.md:7:13 picture-budget Error: the pictures in this mail weigh 5 kB together, more \
             than the 4 kB it may carry; `b.png` is 5 kB of it"
        );
        let [hosted] = &told(body, "", files)[..] else { panic!("one") };
        assert_eq!(
            hosted,
            "cs.md:7:13 picture-budget Warning: opening this mail fetches 5 kB of pictures, more \
             than 4 kB; `b.png` is 5 kB of it"
        );
        assert_eq!(told("![a](a.png)\n", "", &files[..1]), Vec::<String>::new());
    }
}
