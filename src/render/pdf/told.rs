//! What kept a PDF from being set, as a finding where somebody can mend it.

use std::path::Path;

use super::typesetter::{Said, Trouble};
use crate::model::{Finding, Manuscript, Place};
use crate::render::Theme;

/// The finding for `trouble` with a manuscript, whose elements begin at
/// `starts` (line and column of its body).
pub(super) fn finding(
    trouble: Trouble,
    manuscript: &Manuscript,
    starts: &[(usize, usize)],
    theme: &Theme,
) -> Finding {
    match trouble {
        Trouble::Said(said) => said_by_typst(said, manuscript, starts, theme),
        Trouble::TookTooLong(limit) => {
            let message = format!("setting the PDF took longer than {} s", limit.as_secs());
            limit_passed(message, manuscript, theme)
        }
        Trouble::TookTooMuch => {
            let message = "setting the PDF took too much memory".to_owned();
            limit_passed(message, manuscript, theme)
        }
        Trouble::Broke(how) => {
            let place = Place::start(&manuscript.file);
            Finding::error("pdf-typst", place, format!("the PDF could not be set: {how}"))
                .help("this is a mistake in hlas: please report it with the text that shows it")
        }
    }
}

/// At the first template that is the workspace's own; where none is, it must be
/// the text.
fn limit_passed(message: String, manuscript: &Manuscript, theme: &Theme) -> Finding {
    match theme.own_templates().first() {
        Some(own) => {
            let place = Place::start(Path::new("templates").join(own));
            Finding::error("pdf-limit", place, message).help(
                "look there for a loop that does not end: `hlas theme --diff` shows what was \
                 changed; if all is well, [pdf] time_limit in hlas.toml gives it more time",
            )
        }
        None => Finding::error("pdf-limit", Place::start(&manuscript.file), message)
            .help(
                "make two publications of it, or give it more time with [pdf] time_limit in \
                 hlas.toml",
            )
            .source(&manuscript.text),
    }
}

/// In the text where an element of it is at fault, in the template where that
/// is the workspace's own, else at the start of the manuscript.
fn said_by_typst(
    said: Said,
    manuscript: &Manuscript,
    starts: &[(usize, usize)],
    theme: &Theme,
) -> Finding {
    let in_text = said.element.and_then(|index| starts.get(index));
    let template = said.at.map(|(file, line, column)| {
        let is_own = theme.own_templates().contains(&format!("pdf/{file}"));
        (is_own, Place::new(Path::new("templates/pdf").join(file), line, column))
    });
    let mut help = said.hints;
    let place = match (in_text, template) {
        (None, Some((true, place))) => {
            let source = theme.file(&in_theme(&place.file));
            let source = String::from_utf8_lossy(source).into_owned().into();
            return Finding::error("pdf-typst", place, said.message)
                .help(or_else(help, "`hlas theme --diff` shows what was changed"))
                .source(&source);
        }
        (found, template) => {
            help.extend(template.map(|(_, place)| format!("Typst was at {place}")));
            let start = || Place::start(&manuscript.file);
            found.map_or_else(start, |(line, column)| manuscript.place(*line, *column))
        }
    };
    Finding::error("pdf-typst", place, said.message)
        .help(or_else(help, "write this otherwise, or leave it out"))
        .source(&manuscript.text)
}

fn in_theme(file: &Path) -> String {
    file.strip_prefix("templates").unwrap_or(file).to_string_lossy().into_owned()
}

fn or_else(help: Vec<String>, otherwise: &str) -> String {
    if help.is_empty() { otherwise.to_owned() } else { help.join("; ") }
}
