//! Reading the renditions of an edition back and holding them against it, for
//! the same 2,000 words: what the parity rule adds to each that is rendered. PDF
//! is left out, as it is of the house.

use comrak::Arena;
use divan::{Bencher, black_box};
use hlas::check::parity;
use hlas::model::{Place, Readership};
use hlas::render::{Document, Format, Outline, email, page, text};

use super::edition::{edition, loaded};

fn of(bencher: Bencher<'_, '_>, format: &dyn Format, segment: &str) {
    let (_house, loaded) = loaded();
    let readership = loaded.readership(segment).unwrap_or(Readership::Public);
    let edition = edition(&loaded, readership);
    let arena = Arena::new();
    let document = Document::new(&arena, &edition, &loaded.workspace, &loaded.theme);
    let bytes = format.render(&document, &loaded.theme).expect("a rendition").bytes;
    let place = Place::start(&edition.manuscript.file);
    bencher.bench_local(|| {
        let said = format.outline(&document, &loaded.theme, black_box(&bytes));
        let findings =
            parity::findings(format.name(), &Outline::of_document(&document), &said, &place);
        assert_eq!(findings, []);
    });
}

#[divan::bench]
fn of_page(bencher: Bencher<'_, '_>) {
    of(bencher, &page::Page, "public");
}

#[divan::bench]
fn of_mail(bencher: Bencher<'_, '_>) {
    of(bencher, &email::Email, "everyone");
}

#[divan::bench]
fn of_text(bencher: Bencher<'_, '_>) {
    of(bencher, &text::Text, "everyone");
}
