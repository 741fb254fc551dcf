//! Whether a rendition says all that its edition says.
//!
//! Not over a text as written, as other rules, but over bytes as published:
//! [`Outline`] reads them back. An analyst cannot cause this and cannot mend it;
//! a renderer or a template did. It is an error all the same, since a reader
//! of one format would miss what the others have.

use crate::model::{Finding, Findings, Place};
use crate::render::outline::{Outline, Section, letters, numbers};

pub const NAME: &str = "parity";

pub(super) const DOC: &str = "\
A heading, link, note, figure or number that one format of an edition lacks.

Page, mail, text part, PDF and feed of an edition are read back once they are
made, and held against its text. What differs by design is left apart: blocks for
some readers (`:::only`, `:::except`), and a mail that is cut for its size.

A text cannot cause this: look at the workspace's own templates, and at what
`hlas theme` says of them. With none of those it is a fault of hlas.
";

/// What `said`, read back from a `format`, lacks of what is expected, told at
/// `place`.
pub fn findings(format: &str, expected: &Outline, said: &Outline, place: &Place) -> Findings {
    let missing = match headings(expected, said) {
        Ok(offset) => lacking(expected, said, offset),
        Err(heading) => vec![heading],
    };
    let finding = |what: String| {
        Finding::error(NAME, place.clone(), format!("the {format} lacks {what}"))
            .help("a template of the theme drops it; without templates of your own, report it")
    };
    missing.into_iter().map(finding).collect()
}

/// What is missing where the headings are there, `offset` of the theme's own
/// before them.
fn lacking(expected: &Outline, said: &Outline, offset: usize) -> Vec<String> {
    let mut missing = Vec::new();
    for (index, section) in expected.sections.iter().enumerate() {
        // What stands before the first heading follows the theme's own.
        let theirs = match index {
            0 => together(said.sections.get(..=offset).unwrap_or_default()),
            _ => said.sections.get(offset + index).cloned().unwrap_or_default(),
        };
        compare(section, &theirs, &mut missing);
    }
    compare(&expected.notes, &said.notes, &mut missing);
    notes(expected, said, &mut missing);
    missing
}

/// Where the expected headings begin among those said; others may come before
/// and after, none between. Without that, what is missing.
fn headings(expected: &Outline, said: &Outline) -> Result<usize, String> {
    let (expected, said) = (expected.headings(), said.headings());
    if expected.is_empty() {
        return Ok(said.len());
    }
    let same = |run: &[&str]| run.iter().zip(&expected).all(|(a, b)| is_heading(a, b));
    let from = (0..=said.len().saturating_sub(expected.len()))
        .find(|from| said.len() >= expected.len() && same(&said[*from..][..expected.len()]));
    from.ok_or_else(|| {
        let is_said = |heading: &str| said.iter().any(|said| is_heading(said, heading));
        match expected.iter().find(|heading| !is_said(heading)) {
            Some(heading) => format!("the heading “{heading}”"),
            None => "the order of the headings".to_owned(),
        }
    })
}

/// Whether a heading is the one expected. On paper it may have a number, which
/// the text does not: `2.1`.
fn is_heading(said: &str, expected: &str) -> bool {
    const LONGEST: usize = 4;
    let (said, expected) = (letters(said), letters(expected));
    let number = said.strip_suffix(&expected);
    number.is_some_and(|it| it.len() <= LONGEST && it.chars().all(|c| c.is_ascii_digit()))
}

fn together(sections: &[Section]) -> Section {
    let mut all = Section::default();
    for section in sections {
        all.text.push_str(&format!("{} {} ", section.heading, section.text));
        all.links.extend(section.links.iter().cloned());
        all.figures.extend(section.figures.iter().cloned());
    }
    all
}

fn compare(expected: &Section, said: &Section, missing: &mut Vec<String>) {
    let within = match expected.heading.as_str() {
        "" => String::new(),
        heading => format!(" under “{heading}”"),
    };
    if let Some(link) = first_lacking(&expected.links, &said.links, &address) {
        missing.push(format!("the link {link}{within}"));
    }
    if let Some(figure) = first_lacking(&expected.figures, &said.figures, &letters) {
        missing.push(format!("the figure “{figure}”{within}"));
    }
    let theirs = numbers(&said.text);
    let lacking = numbers(&expected.text)
        .into_iter()
        .find(|(number, times)| theirs.get(number).copied().unwrap_or(0) < *times);
    if let Some((number, _)) = lacking {
        missing.push(format!("the number {number}{within}"));
    }
}

/// The first of `expected` that does not follow the others in `said`.
fn first_lacking<'e>(
    expected: &'e [String],
    said: &[String],
    plain: &dyn Fn(&str) -> String,
) -> Option<&'e String> {
    let mut said = said.iter().map(|it| plain(it));
    expected.iter().find(|wanted| {
        let wanted = plain(wanted);
        !said.any(|it| it == wanted)
    })
}

/// An address as every format writes it: a text may put a full stop behind it,
/// and leaves `mailto:` away.
fn address(url: &str) -> String {
    let url = url.strip_prefix("mailto:").unwrap_or(url);
    let start = |c: char| matches!(c, '(' | '<' | '„' | '“' | '‚' | '"' | '*' | '_' | '~');
    let end = |c: char| !c.is_alphanumeric();
    url.trim_start_matches(start).trim_end_matches(end).to_owned()
}

fn notes(expected: &Outline, said: &Outline, missing: &mut Vec<String>) {
    let text = letters(&said.notes.text);
    let mut rest = text.as_str();
    for (index, note) in expected.each_note.iter().enumerate() {
        // A link's address, or a table's records, may stand inside a note: its
        // beginning is enough to know it by.
        let note: String = letters(note).chars().take(24).collect();
        match rest.find(&note) {
            Some(at) => rest = &rest[at + note.len()..],
            None => missing.push(format!("note {}", index + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Publication, Readership};
    use crate::render::specimen::{self, EVERYTHING};
    use crate::render::{FORMATS, Serves, feed, picture};

    #[test]
    fn a_heading_may_have_a_number_and_nothing_else_before_it() {
        assert!(is_heading("2.1 Co říká právo", "Co říká právo"));
        assert!(is_heading("32025 v číslech", "2025 v číslech"));
        assert!(!is_heading("Nač a co říká právo", "Co říká právo"));
        assert!(!is_heading("2.1", "Co říká právo"));
    }

    /// The specimen, with pictures that a PDF can show.
    fn publication(body: &str) -> Publication {
        let mut publication = specimen::publication(&[("cs", body)]);
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='4'/>".as_bytes();
        let png = picture::png(svg, specimen::theme().fonts()).unwrap();
        for picture in &mut publication.pictures {
            picture.bytes = if picture.is_svg() { svg.into() } else { png.as_slice().into() };
        }
        publication
    }

    /// What is lacking, once `harm` was done to the bytes of a rendition.
    fn harmed(body: &str, format: &str, harm: impl Fn(&str) -> String) -> Vec<String> {
        let publication = publication(body);
        let theme = specimen::theme();
        let format = FORMATS.iter().find(|it| it.name() == format).unwrap();
        let readership = match format.serves() {
            Serves::Public => Readership::Public,
            Serves::Segments => specimen::politicians(),
        };
        specimen::document(&publication, "cs", readership, |document| {
            let bytes = format.render(document, &theme).unwrap().bytes;
            let bytes = match String::from_utf8(bytes) {
                Ok(text) => harm(&text).into_bytes(),
                Err(pdf) => pdf.into_bytes(),
            };
            let said = format.outline(document, &theme, &bytes);
            let place = Place::start("cs.md");
            let findings = findings(format.name(), &Outline::of_document(document), &said, &place);
            findings.into_iter().map(|finding| finding.message).collect()
        })
    }

    #[test]
    fn every_format_says_everything() {
        for format in FORMATS {
            let lacking = harmed(EVERYTHING, format.name(), str::to_owned);
            assert_eq!(lacking, Vec::<String>::new(), "{}", format.name());
        }
        let publication = publication(EVERYTHING);
        let theme = specimen::theme();
        specimen::document(&publication, "cs", Readership::Public, |document| {
            let (expected, said) =
                (Outline::of_document(document), feed::outline(document, &theme));
            assert_eq!(findings("feed", &expected, &said, &Place::start("cs.md")), []);
        });
    }

    #[test]
    fn a_heading_may_hold_links_and_marks() {
        let body = "## Čtěte [zákon](https://example.org/z) znovu[^1]\n\nA.\n\n[^1]: B.\n\n\
            ## [Dva](https://example.org/2)\n\nC.\n";
        for format in FORMATS {
            let lacking = harmed(body, format.name(), str::to_owned);
            assert_eq!(lacking, Vec::<String>::new(), "{}", format.name());
        }
        let without = harmed(body, "text", |text| text.replace("Dva\u{a0}[2]", "Dva"));
        assert_eq!(without, ["the text lacks the link https://example.org/2 under “Dva”"]);
    }

    #[test]
    fn what_a_renderer_drops_is_named() {
        let without = |format: &str, what: &str| {
            harmed(EVERYTHING, format, |text| {
                assert!(text.contains(what), "{format} has no {what}");
                text.replace(what, "")
            })
        };
        let page = "page lacks";
        for (dropped, told) in [
            ("Hlavní zjištění", format!("the {page} the heading “Hlavní zjištění”")),
            (
                " href=\"https://example.org/ne\"",
                format!("the {page} the link https://example.org/ne under “Čísla”"),
            ),
            (
                " alt=\"Sloupcový graf\"",
                format!("the {page} the figure “Sloupcový graf” under “Čísla”"),
            ),
            ("<td class=\"right\">99</td>", format!("the {page} the number 99 under “Čísla”")),
            ("Delší poznámka", format!("the {page} note 2")),
        ] {
            assert_eq!(without("page", dropped), std::slice::from_ref(&told), "{dropped}");
        }
        assert_eq!(without("text", "se seznamem"), ["the text lacks note 2"]);
        assert_eq!(
            without("text", "https://example.org/pozn"),
            ["the text lacks the link https://example.org/pozn"]
        );
        assert_eq!(without("text", "1\u{a0}234"), ["the text lacks the number 234 under “Čísla”"]);
    }

    #[test]
    fn headings_out_of_order_are_told_of() {
        let swapped = harmed("## První\n\nA 1.\n\n## Druhý\n\nB 2.\n", "page", |page| {
            page.replace("První", "X").replace("Druhý", "První").replace('X', "Druhý")
        });
        assert_eq!(swapped, ["the page lacks the order of the headings"]);
    }

    /// A PDF is bytes that no test can easily edit: it is held against a text
    /// that says more.
    #[test]
    fn a_pdf_that_says_less_is_found_out_by_its_tags() {
        let more = "Rok 2025.[^a]\n\n## Závěr\n\nViz [zákon](https://example.org/z) 12.\n\n\
                    [^a]: Zpráva, s. 7.\n";
        let less = more.replace("12", "").replace("[zákon](https://example.org/z)", "zákon");
        let less = less.replace(", s. 7", "").replace("2025", "");
        let theme = specimen::theme();
        let (more, less) = (publication(more), publication(&less));
        let told = specimen::document(&more, "cs", Readership::Public, |more| {
            specimen::document(&less, "cs", Readership::Public, |less| {
                let pdf = FORMATS.iter().find(|it| it.name() == "pdf").unwrap();
                let bytes = pdf.render(less, &theme).unwrap().bytes;
                let said = pdf.outline(less, &theme, &bytes);
                findings("pdf", &Outline::of_document(more), &said, &Place::start("cs.md"))
            })
        });
        let told: Vec<String> = told.into_iter().map(|it| it.message).collect();
        assert_eq!(
            told,
            [
                "the pdf lacks the number 2025",
                "the pdf lacks the link https://example.org/z under “Závěr”",
                "the pdf lacks the number 12 under “Závěr”",
                "the pdf lacks the number 7",
                "the pdf lacks note 1",
            ]
        );
    }
}
