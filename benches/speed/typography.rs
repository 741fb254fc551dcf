//! Setting 2,000 words by the rules of their language, as text alone: what an
//! edition pays for it beside the walk over its AST.

use divan::{Bencher, black_box};
use hlas::model::Readership;
use hlas::typography::Typography;

use super::edition::{edition, loaded};

#[divan::bench]
fn of_text(bencher: Bencher<'_, '_>) {
    let (_house, loaded) = loaded();
    let manuscript = edition(&loaded, Readership::Public).manuscript;
    let rules = Typography::new(&manuscript.language, &loaded.workspace);
    bencher.bench_local(|| rules.set(black_box(&manuscript.body)).len());
}
