//! One edition of 2,000 words, on one core, with the theme at hand: what a
//! mailing costs for each language and segment before the first message.

use comrak::Arena;
use divan::{Bencher, black_box};
use hlas::load::Loaded;
use hlas::model::{Edition, Readership};
use hlas::render::{Document, Format, email, page, text};

use super::house::House;
use super::prose;

const WORDS: usize = 2_000;

/// A house with one publication of so many words.
pub fn loaded() -> (House, Loaded) {
    let house = House::empty();
    let body = prose::text(WORDS, 0);
    assert!((WORDS..WORDS + 300).contains(&prose::count(&body)), "{}", prose::count(&body));
    house.publication("2020-01-06-text", "cs", &body);
    let loaded = house.loaded();
    (house, loaded)
}

pub fn edition(loaded: &Loaded, readership: Readership) -> Edition<'_> {
    let publication = loaded.publications[0].publication.as_ref().expect("a sound text");
    Edition { publication, manuscript: publication.leading(), readership }
}

fn each(bencher: Bencher<'_, '_>, formats: &[&dyn Format], readership: &str) {
    let (_house, loaded) = loaded();
    let readership = loaded.readership(readership).unwrap_or(Readership::Public);
    let edition = edition(&loaded, readership);
    bencher.bench_local(|| {
        let arena = Arena::new();
        let edition = black_box(&edition);
        let document = Document::new(&arena, edition, &loaded.workspace, &loaded.theme);
        for format in formats {
            black_box(format.render(&document, &loaded.theme).expect("a rendition"));
        }
    });
}

/// The promise: Markdown in, both parts of a mail out.
#[divan::bench]
fn mail_and_text(bencher: Bencher<'_, '_>) {
    each(bencher, &[&email::Email, &text::Text], "everyone");
}

#[divan::bench]
fn markdown_alone(bencher: Bencher<'_, '_>) {
    each(bencher, &[], "everyone");
}

#[divan::bench]
fn mail_alone(bencher: Bencher<'_, '_>) {
    each(bencher, &[&email::Email], "everyone");
}

#[divan::bench]
fn text_alone(bencher: Bencher<'_, '_>) {
    each(bencher, &[&text::Text], "everyone");
}

#[divan::bench]
fn page_alone(bencher: Bencher<'_, '_>) {
    each(bencher, &[&page::Page], "public");
}

/// Every rule, over the text as it was written.
#[divan::bench]
fn rules(bencher: Bencher<'_, '_>) {
    let (_house, loaded) = loaded();
    let publication = loaded.publications[0].publication.as_ref().expect("a sound text");
    let Loaded { workspace, theme, .. } = &loaded;
    bencher.bench_local(|| hlas::check::check(workspace, theme, black_box(publication)));
}
