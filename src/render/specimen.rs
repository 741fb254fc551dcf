//! A small house and a small publication in memory, for tests.

use jiff::tz::TimeZone;

use crate::load::settings::settings;
use crate::model::Workspace;

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
