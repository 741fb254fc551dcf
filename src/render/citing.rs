//! How works are cited: a style of the Citation Style Language (CSL 1.0.2) and
//! the words that it needs, through hayagriva.
//!
//! The style is a file of the theme, `citations.csl`: ISO 690 by name and
//! year, so that a citation is never taken for a footnote mark. The surprise
//! is the locales: hayagriva unpacks all sixty at once, so it is asked once.

use std::path::Path;
use std::sync::OnceLock;

use hayagriva::citationberg::{IndependentStyle, Locale, LocaleCode};
use hayagriva::{BibliographyDriver, BibliographyRequest, CitationItem, CitationRequest, Rendered};

use crate::model::{Finding, Language, Place};

/// The style, below `templates/`.
pub(super) const STYLE: &str = "citations.csl";

/// A style, ready for use.
pub struct Citing {
    style: IndependentStyle,
}

impl Citing {
    pub(super) fn new(bytes: &[u8]) -> Result<Self, Finding> {
        let bad = |why: String| {
            let place = Place::start(Path::new("templates").join(STYLE));
            Finding::error("theme-citations", place, format!("not a usable CSL style: {why}"))
                .help("take an independent style by author and date, or delete the file")
        };
        let text = std::str::from_utf8(bytes).map_err(|error| bad(error.to_string()))?;
        let style = IndependentStyle::from_xml(text).map_err(|error| bad(error.to_string()))?;
        if style.bibliography.is_none() {
            return Err(bad("it sets no list of references".to_owned()));
        }
        Ok(Self { style })
    }

    /// Sets all citations of a text and the list of what they cite.
    pub fn set<'e>(
        &self,
        language: &Language,
        citations: Vec<Vec<CitationItem<'e, hayagriva::Entry>>>,
    ) -> Rendered {
        let locale = locale_code(language);
        let mut driver = BibliographyDriver::new();
        for items in citations {
            let request =
                CitationRequest::new(items, &self.style, Some(locale.clone()), locales(), None);
            driver.citation(request);
        }
        driver.finish(BibliographyRequest::new(&self.style, Some(locale), locales()))
    }
}

fn locales() -> &'static [Locale] {
    static LOCALES: OnceLock<Vec<Locale>> = OnceLock::new();
    LOCALES.get_or_init(hayagriva::archive::locales)
}

/// CSL names locales with a region: `cs` is `cs-CZ`, `en` the British.
fn locale_code(language: &Language) -> LocaleCode {
    let code = match language.as_str() {
        "en" => "en-GB",
        "sk" => "sk-SK",
        "uk" => "uk-UA",
        "cs" => "cs-CZ",
        other => {
            let known =
                |locale: &&LocaleCode| locale.0.split('-').next() == other.split('-').next();
            let mut codes = locales().iter().filter_map(|locale| locale.lang.as_ref());
            return codes.find(known).cloned().unwrap_or_else(LocaleCode::en_us);
        }
    };
    LocaleCode(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_style_is_sound_and_a_broken_one_of_a_workspace_is_told() {
        let files = crate::render::theme::built_in_files();
        assert!(Citing::new(&files[STYLE]).is_ok());
        let finding = Citing::new(b"<style>").err().unwrap();
        assert_eq!(finding.place.to_string(), "templates/citations.csl:1:1");
        assert_eq!(finding.rule, "theme-citations");
    }

    #[test]
    fn any_language_of_a_house_finds_a_locale() {
        let code = |language: &str| locale_code(&Language::new(language)).0;
        assert_eq!(code("cs"), "cs-CZ");
        assert_eq!(code("vi"), "vi-VN");
        assert_eq!(code("rom"), "en-US");
    }
}
