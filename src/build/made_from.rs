//! What each piece of work is made from, as fingerprints.
//!
//! Forgetting a source would publish old bytes as new, so nothing is chosen
//! here field by field: whole values are hashed as `Debug` writes them, and a
//! field that is added tomorrow is in. The one thing left out is the text of
//! *other* languages, or mending a typo in English would set the Czech PDF
//! anew; and it is left out of what renderers get, too ([`alone`]), so that
//! none can come to depend on it unseen.

use std::sync::Arc;

use crate::load::Loaded;
use crate::model::{Finding, Fingerprint, Manuscript, Publication, Readership};
use crate::render::Format;

/// The program that renders: its own sources, libraries and built-in theme.
const CODE: &str = env!("CODE_OF_HLAS");

/// Fingerprints of one loaded workspace.
pub(super) struct MadeFrom {
    /// Code, theme, settings and formats, which everything depends on.
    house: String,
    /// What changes only what is said: levels of rules, and which segments a
    /// text may speak to.
    rules: String,
}

impl MadeFrom {
    pub fn new(loaded: &Loaded, formats: &[&dyn Format]) -> Self {
        let theme = loaded.theme.fingerprint().as_bytes();
        let formats: Vec<_> = formats.iter().map(|format| format.name()).collect();
        let house = Fingerprint::default().bytes(CODE.as_bytes()).bytes(theme);
        let mut workspace = loaded.workspace.clone();
        let levels = std::mem::take(&mut workspace.levels);
        // Where the folder lies is no source: a clone makes the same of it.
        (workspace.root, workspace.out) = Default::default();
        let segments: Vec<_> = loaded.segments.iter().map(|it| (&it.id, &it.title)).collect();
        let rules = Fingerprint::default().debug(&levels).debug(&segments).end();
        Self { house: house.debug(&workspace).debug(&formats).end(), rules }
    }

    /// Everything that rules may see: a publication in all its languages, what
    /// was found when it was read, levels and segments. `shared` is
    /// [`Self::shared`], here and below.
    pub fn inspected(&self, shared: &str, all: &Publication, found: &[Finding]) -> String {
        let start = self.start().bytes(shared.as_bytes()).debug(&self.rules).debug(&found);
        all.manuscripts.iter().fold(start, text_of).end()
    }

    /// The pictures that a publication shows, and where they go.
    pub fn pictures(&self, shared: &str, publication: &Publication, public: bool) -> String {
        let start = self.start().bytes(shared.as_bytes()).debug(&public);
        publication.manuscripts.iter().fold(start, text_of).end()
    }

    /// One drawing.
    pub fn picture(&self, bytes: &[u8]) -> String {
        self.start().bytes(bytes).end()
    }

    /// A manuscript in any format for anybody.
    pub fn manuscript(&self, shared: &str, manuscript: &Manuscript) -> String {
        let all = self.start().bytes(shared.as_bytes()).debug(&manuscript.language);
        text_of(all, manuscript).end()
    }

    /// A manuscript in all formats for all its readers, and where that goes.
    pub fn editions(&self, manuscript: &str, readers: &[Readership], public: bool) -> String {
        self.start().bytes(manuscript.as_bytes()).debug(&(readers, public)).end()
    }

    /// What is made of many pieces, each with its fingerprint.
    pub fn of_many(&self, pieces: &[(&str, &str)]) -> String {
        self.start().debug(&pieces).end()
    }

    /// All of a publication but its texts: front matter and pictures.
    pub fn shared(&self, publication: &Publication) -> String {
        let mut bare = publication.clone();
        bare.manuscripts.iter_mut().for_each(forget_text);
        let all = Fingerprint::default().debug(&bare);
        // Pictures have their bytes beside what `Debug` tells of them.
        publication.pictures.iter().fold(all, |all, picture| all.bytes(&picture.bytes)).end()
    }

    fn start(&self) -> Fingerprint {
        Fingerprint::default().bytes(self.house.as_bytes())
    }
}

fn text_of(all: Fingerprint, manuscript: &Manuscript) -> Fingerprint {
    let all = all.bytes(manuscript.text.as_bytes()).bytes(manuscript.body.as_bytes());
    // What a chart shows may stand in a file of its own.
    all.debug(&manuscript.charts)
}

/// A publication with the text of one manuscript only; of the others it still
/// has what their front matter states.
pub(super) fn alone(publication: &Publication, manuscript: &Manuscript) -> Publication {
    let mut alone = publication.clone();
    let others = alone.manuscripts.iter_mut().filter(|it| it.language != manuscript.language);
    others.for_each(forget_text);
    alone
}

fn forget_text(manuscript: &mut Manuscript) {
    manuscript.text = Arc::from("");
    manuscript.body.clear();
    manuscript.charts.clear();
}
