//! Twenty-four citations of ten works, set by the house's CSL style: what a
//! document pays for its references, in each format that it is rendered in.

use comrak::Arena;
use divan::{Bencher, black_box};
use hlas::model::Readership;
use hlas::render::Document;

use super::edition::edition;
use super::house::House;

const WORKS: usize = 10;
const CITATIONS: usize = 24;

#[divan::bench]
fn of_ten_works(bencher: Bencher<'_, '_>) {
    let house = House::empty();
    let slug = "2020-01-06-text";
    house.write(&format!("publications/{slug}/prameny.bib"), &works());
    house.publication(slug, "cs", &text());
    let loaded = house.loaded();
    let edition = edition(&loaded, Readership::Public);
    bencher.bench_local(|| {
        let arena = Arena::new();
        let document = Document::new(&arena, black_box(&edition), &loaded.workspace, &loaded.theme);
        document.anchors.len()
    });
}

fn works() -> String {
    let work = |at: usize| {
        format!(
            "@article{{dilo{at}, author = {{Příbramský, Řehoř and Úlehlová, Žaneta}}, title = \
             {{Čekání na rozhodnutí, díl {at}}}, journaltitle = {{Správní rozhledy}}, volume = \
             {{{at}}}, number = {{2}}, pages = {{{}--{}}}, date = {{20{}}}, url = \
             {{https://www.example.org/{at}}}, urldate = {{2020-01-05}}}}\n",
            at * 20 + 1,
            at * 20 + 18,
            10 + at,
        )
    };
    (0..WORKS).map(work).collect()
}

fn text() -> String {
    let sentence = |at: usize| {
        format!("Lhůty se podle autorů prodlužují [@dilo{}, s. {}].\n\n", at % WORKS, at + 3)
    };
    (0..CITATIONS).map(sentence).collect()
}
