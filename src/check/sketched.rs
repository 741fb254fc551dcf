//! What the rules say of a text whose front matter is broken.
//!
//! All but its text is made up there, so only findings in the text are told,
//! and none of a rule that looks at the text and thinks of the front matter.

use super::{check, settle};
use crate::load::sketch::Sketch;
use crate::model::{Finding, Findings, Workspace};
use crate::render::Theme;

/// Whether a block may stand in a text is its kind's business.
const OF_THE_FRONT_MATTER: [&str; 1] = ["gathered-place"];

/// Settled, as no publication is there to settle them with.
pub fn sketched(Sketch(made_up): &Sketch, workspace: &Workspace, theme: &Theme) -> Findings {
    let found = settle(&check(workspace, theme, made_up), workspace, Some(made_up));
    let in_a_text = |finding: &Finding| {
        let place = &finding.place;
        let mut texts = made_up.manuscripts.iter().filter(|text| text.file == place.file);
        texts.any(|text| place.line > text.lines_before_body)
    };
    let told = found.into_iter().filter(in_a_text);
    told.filter(|finding| !OF_THE_FRONT_MATTER.contains(&finding.rule)).collect()
}
