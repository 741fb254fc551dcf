//! The specifications of CommonMark and of GitHub's dialect, example by example:
//! on a page of ours each comes out as it is specified, or differs by design.
//!
//! What differs by design is a list of [`reason`]s, each of which makes of the
//! specified HTML what a page has instead. All are applied to all examples, so
//! that none can hide another or a mistake; `docs/markdown.md` says why. The
//! specifications are not in this repository: see [`crate::corpus`].

mod example;
mod reason;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::LazyLock;

use comrak::Arena;
use hlas::check::check;
use hlas::load::{Loaded, load, settings::settings};
use hlas::model::{Edition, Language, Publication, Readership};
use hlas::render::page::Page;
use hlas::render::{Document, Format};

use crate::desk::{Desk, HOUSE, repository, skip};
use example::{Example, Specification, specifications};
use reason::{REASONS, by_design};
use tree::Html;

/// A house, and a publication that each example becomes the text of.
struct House {
    loaded: Loaded,
    blank: Publication,
    specifications: Vec<Specification>,
}

const HEAD: &str =
    "---\ntitle: Example\nkind: analysis\ndate: 2020-01-06\ntypography: false\n---\n";

/// Round the text and nothing else: the real one is looked at elsewhere, and
/// takes most of the time.
const PAGE: &str = "<article>\n{{{body}}}\n</article>\n";

static HOUSE_OF_EXAMPLES: LazyLock<Option<House>> = LazyLock::new(|| {
    let specifications = specifications(&crate::corpus::corpus()?.join("corpus/spec"))?;
    let desk = Desk::small();
    desk.write("templates/page/page.hbs", PAGE);
    desk.write("publications/2020-01-06-example/en.md", HEAD);
    let settings = settings(&desk.root(), HOUSE, &[]).expect("settings");
    let loaded = load(settings.workspace).expect("a workspace");
    let blank = loaded.publications[0].publication.clone().expect("a publication");
    Some(House { loaded, blank, specifications })
});

/// The house, or a word on why there is none.
fn house() -> Option<&'static House> {
    let house = HOUSE_OF_EXAMPLES.as_ref();
    if house.is_none() {
        skip("no specifications of Markdown in ../shared, and HLAS_CORPUS names none");
    }
    house
}

impl House {
    /// Every example, with the publication that says it.
    fn examples(&self) -> impl Iterator<Item = (&Specification, &Example, Publication)> {
        self.specifications.iter().flat_map(move |specification| {
            let examples = specification.examples.iter();
            examples.map(move |example| (specification, example, self.publication(example)))
        })
    }

    fn publication(&self, example: &Example) -> Publication {
        let mut publication = self.blank.clone();
        let manuscript = &mut publication.manuscripts[0];
        manuscript.text = format!("{HEAD}{}", example.markdown).into();
        manuscript.body.clone_from(&example.markdown);
        publication
    }

    /// What a reader sees of the text on its page.
    fn page(&self, publication: &Publication) -> Vec<Html> {
        let manuscript = publication.leading();
        let edition = Edition { publication, manuscript, readership: Readership::Public };
        let arena = Arena::new();
        let document = Document::new(&arena, &edition, &self.loaded.workspace, &self.loaded.theme);
        let page = Page.render(&document, &self.loaded.theme).expect("a page");
        tree::article(&String::from_utf8(page.bytes).expect("UTF-8"))
    }
}

/// Which examples differ for a reason, by specification.
#[derive(Default)]
struct Tally(BTreeMap<(&'static str, &'static str), BTreeSet<usize>>);

impl Tally {
    fn of(&self, specification: &'static str, reason: &'static str) -> BTreeSet<usize> {
        self.0.get(&(specification, reason)).cloned().unwrap_or_default()
    }
}

const AS_SPECIFIED: &str = "as specified";

static TALLY: LazyLock<Option<Tally>> = LazyLock::new(|| house().map(tally));

/// Fails with every example that differs for none.
fn tally(house: &House) -> Tally {
    let (mut tally, mut unequal) = (Tally::default(), String::new());
    for (specification, example, publication) in house.examples() {
        let ours = house.page(&publication);
        let (theirs, mut reasons) = by_design(specification, example, &publication.leading().body);
        if ours != theirs {
            let (name, number) = (specification.name, example.number);
            let Example { markdown, html, .. } = example;
            let (theirs, ours) = (tree::shown(&theirs), tree::shown(&ours));
            let heads = format!("{name}, example {number} {reasons:?}\n{markdown}.\n{html}");
            write!(unequal, "{heads}by design:\n{theirs}ours:\n{ours}\n").expect("a String");
        }
        if reasons.is_empty() {
            reasons.push(AS_SPECIFIED);
        }
        for reason in reasons {
            tally.0.entry((specification.name, reason)).or_default().insert(example.number);
        }
    }
    assert!(unequal.is_empty(), "neither as specified nor by design:\n\n{unequal}");
    tally
}

#[test]
fn every_example_is_as_specified_or_differs_by_design() {
    let (Some(house), Some(tally)) = (house(), TALLY.as_ref()) else { return };
    let mut told = String::new();
    for Specification { name, version, examples } in &house.specifications {
        writeln!(told, "{name} {version}: {} examples", examples.len()).expect("a String");
        let reasons = [AS_SPECIFIED].into_iter().chain(REASONS.iter().map(|it| it.name));
        for reason in reasons {
            let numbers = tally.of(name, reason);
            writeln!(told, "\n{reason}: {}\n{}", numbers.len(), ranges(&numbers))
                .expect("a String");
        }
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}

/// `1–3 5 7–8`, in lines.
fn ranges(numbers: &BTreeSet<usize>) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let said = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    });
    textwrap::fill(&said.collect::<Vec<_>>().join(" "), 96)
}

#[test]
fn the_reasons_are_told_with_their_numbers() {
    let (Some(house), Some(tally)) = (house(), TALLY.as_ref()) else { return };
    let doc = std::fs::read_to_string(repository().join("docs/markdown.md")).expect("a doc");
    for reason in [AS_SPECIFIED].into_iter().chain(REASONS.iter().map(|it| it.name)) {
        let counts = house.specifications.iter().map(|it| tally.of(it.name, reason).len());
        let counts: Vec<_> = counts.map(|count| count.to_string()).collect();
        assert_ne!(counts.join(""), "00", "{reason} is no reason");
        let row = format!("| {reason} | {} |", counts.join(" | "));
        assert!(doc.lines().any(|line| line.starts_with(&row)), "not in docs/markdown.md: {row}");
    }
}

/// Whoever reads a page cannot see what is not there, so whoever wrote it has
/// to be told.
#[test]
fn an_author_is_told_of_whatever_is_not_published() {
    let Some(house) = house() else { return };
    let mut untold = String::new();
    for (specification, example, publication) in house.examples() {
        let (_, reasons) = by_design(specification, example, &publication.leading().body);
        let found = check(&house.loaded.workspace, &house.loaded.theme, &publication);
        for reason in REASONS.iter().filter(|it| reasons.contains(&it.name)) {
            let told = found.iter().any(|finding| reason.told_by.contains(&finding.rule));
            if !told && reason.is_to_be_told(&publication.leading().body) {
                let (name, number) = (specification.name, example.number);
                writeln!(untold, "{name} {number}: {}\n{}", reason.name, example.markdown)
                    .expect("a String");
            }
        }
    }
    assert!(untold.is_empty(), "{untold}");
}

/// The other stories are told with typography off: it changes texts on purpose.
#[test]
fn typography_changes_characters_and_nothing_else() {
    let Some(house) = house() else { return };
    let mut told = String::new();
    for language in ["cs", "en"] {
        let mut changed: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (specification, example, mut publication) in house.examples() {
            publication.manuscripts[0].language = Language::new(language);
            let off = house.page(&publication);
            publication.manuscripts[0].typography = true;
            let on = house.page(&publication);
            let (name, number) = (specification.name, example.number);
            if on != off {
                changed.entry(name).or_default().insert(number);
            }
            let (typed, set) = (tree::as_typed(off), tree::as_typed(on));
            assert_eq!(tree::shown(&set), tree::shown(&typed), "{name} {number} in {language}");
        }
        for (name, numbers) in changed {
            writeln!(told, "{language}, {name}: {}\n{}\n", numbers.len(), ranges(&numbers))
                .expect("a String");
        }
    }
    insta::assert_snapshot!(told);
}
