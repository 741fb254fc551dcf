//! What each piece of work is made from, as fingerprints.
//!
//! Forgetting a source would publish old bytes as new, so nothing is chosen
//! here field by field: whole values are hashed as `Debug` writes them, and a
//! field that is added tomorrow is in. The one thing left out is the text of
//! *other* languages, or mending a typo in English would set the Czech PDF
//! anew; and it is left out of what renderers get, too ([`alone`]), so that
//! none can come to depend on it unseen.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::load::Loaded;
use crate::load::publications::LoadedPublication;
use crate::model::{Fingerprint, Manuscript, Publication, Readership, Severity};

/// The program that renders: its own sources, libraries and built-in theme.
const CODE: &str = env!("HLAS_CODE");

/// Fingerprints of one loaded workspace.
pub(super) struct MadeFrom {
    /// Code, theme and settings, which everything depends on.
    house: String,
    /// Of rules; they change what is said, not what is rendered.
    levels: BTreeMap<String, Option<Severity>>,
}

impl MadeFrom {
    pub fn new(loaded: &Loaded) -> Self {
        let theme = loaded.theme.fingerprint().as_bytes();
        let house = Fingerprint::default().bytes(CODE.as_bytes()).bytes(theme);
        let mut workspace = loaded.workspace.clone();
        let levels = std::mem::take(&mut workspace.levels);
        Self { house: house.debug(&workspace).end(), levels }
    }

    /// Everything that rules may see: a publication in all its languages, the
    /// levels of rules, and what was found when it was read.
    pub fn inspected(&self, read: &LoadedPublication, publication: &Publication) -> String {
        let all = self.start().bytes(self.shared(publication).as_bytes());
        let all = all.debug(&self.levels).debug(&read.findings);
        publication.manuscripts.iter().fold(all, text_of).end()
    }

    /// The pictures that a publication shows, and where they go.
    pub fn pictures(&self, publication: &Publication, public: bool) -> String {
        let all = self.start().bytes(self.shared(publication).as_bytes()).debug(&public);
        publication.manuscripts.iter().fold(all, text_of).end()
    }

    /// One drawing.
    pub fn picture(&self, bytes: &[u8]) -> String {
        self.start().bytes(bytes).end()
    }

    /// A manuscript in any format for anybody. `shared` is [`Self::shared`].
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
    all.bytes(manuscript.text.as_bytes()).bytes(manuscript.body.as_bytes())
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
}
