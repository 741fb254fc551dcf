//! A small house and a small publication in memory, for tests.

use jiff::civil::date;
use jiff::tz::TimeZone;

use crate::load::settings::settings;
use crate::model::{Attach, Manuscript, Picture, Publication, Slug, Status, Workspace};

const HLAS_TOML: &str = r#"
base_url = "https://hlas.example.org/"

[organisation]
name = { cs = "Konsorcium Příklad", en = "Example Consortium" }
tagline = { cs = "Jeden hlas, různé pohledy", en = "One voice, diverse perspectives" }
address = { cs = "Ukázková 1, 110 00 Praha 1", en = "Ukázková 1, 110 00 Prague 1, Czechia" }
email = "redakce@example.org"
website = "https://www.example.org/"

[mail]
from = "hlas@example.org"
reply_to = "redakce@example.org"
"#;

/// A workspace in Czech and English.
pub fn workspace() -> Workspace {
    let settings = settings(std::path::Path::new("/workspace"), HLAS_TOML, &[]);
    let workspace = settings.expect("the specimen is right").workspace;
    assert_ne!(workspace.time_zone, TimeZone::UTC);
    workspace
}

/// A ready commentary in Czech with the picture `graf.svg` beside it, whose
/// text is `body`; its front matter takes five lines.
pub fn publication(body: &str) -> Publication {
    let text = format!("---\ntitle: Zkouška\nkind: commentary\nstatus: ready\n---\n{body}");
    let manuscript = Manuscript {
        language: "cs".into(),
        status: Status::Ready,
        title: "Příliš žluťoučký kůň".to_owned(),
        subtitle: None,
        summary: Some("Zkušební text.".to_owned()),
        subject: "Příliš žluťoučký kůň".to_owned(),
        authors: vec!["Jana Nováková".to_owned()],
        topics: vec!["residence".to_owned()],
        working_group: None,
        members: Vec::new(),
        file: "publications/2026-10-05-zkouska/cs.md".into(),
        text: text.into(),
        body: body.to_owned(),
        lines_before_body: 5,
    };
    let graf = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"/>";
    Publication {
        slug: Slug::new("2026-10-05-zkouska").expect("a good slug"),
        folder: "publications/2026-10-05-zkouska".into(),
        status: Status::Ready,
        kind: "commentary".to_owned(),
        date: date(2026, 10, 5),
        at: None,
        to: vec!["everyone".to_owned()],
        attach: Attach::Nothing,
        manuscripts: vec![manuscript],
        pictures: vec![Picture {
            name: "graf.svg".to_owned(),
            bytes: graf.as_bytes().into(),
            width: 10,
            height: 10,
        }],
    }
}
