//! How works are cited: a style of the Citation Style Language (CSL 1.0.2) and
//! the words that it needs, through hayagriva.
//!
//! The style is a file of the theme, `citations.csl`: ISO 690 by name and
//! year, so that a citation is never taken for a footnote mark. The surprise
//! is the locales: hayagriva would unpack all sixty, which takes longer than it
//! takes to lay out eight pages, so they are unpacked here, and only those that
//! somebody asks for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use hayagriva::archive::LOCALES;

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
        let locales = locales(&locale);
        let mut driver = BibliographyDriver::new();
        for items in citations {
            let request =
                CitationRequest::new(items, &self.style, Some(locale.clone()), locales, None);
            driver.citation(request);
        }
        driver.finish(BibliographyRequest::new(&self.style, Some(locale), locales))
    }
}

/// A locale and the one that CSL falls back on, en-US (CSL 1.0.2, "Locale
/// fallback"). They stay for as long as the program runs: there are sixty.
fn locales(code: &LocaleCode) -> &'static [Locale] {
    static KNOWN: Mutex<BTreeMap<String, &[Locale]>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(code.0.clone()).or_insert_with(|| {
        let wanted = |packed: &&[u8]| {
            packed_code(packed).is_none_or(|it| it == code.0 || it == LocaleCode::en_us().0)
        };
        let unpacked = LOCALES.iter().copied().filter(wanted);
        let unpacked = unpacked.filter_map(|packed| ciborium::from_reader(packed).ok());
        Box::leak(unpacked.collect::<Vec<_>>().into_boxed_slice())
    })
}

/// The code that a packed locale begins with: a map (RFC 8949, 3.1) whose first
/// key is `@xml:lang`. `None` where it begins otherwise.
fn packed_code(packed: &[u8]) -> Option<&str> {
    const SHORT_TEXT: u8 = 0x60;
    let value = packed.get(1..)?.strip_prefix(b"\x69@xml:lang")?;
    let (head, value) = value.split_first()?;
    let length = usize::from(head.checked_sub(SHORT_TEXT)?);
    std::str::from_utf8(value.get(..length)?).ok()
}

/// CSL names locales with a region: `cs` is `cs-CZ`, `en` the British.
fn locale_code(language: &Language) -> LocaleCode {
    let code = match language.as_str() {
        "en" => "en-GB",
        "sk" => "sk-SK",
        "uk" => "uk-UA",
        "cs" => "cs-CZ",
        other => {
            let known = |code: &&str| code.split('-').next() == other.split('-').next();
            let mut codes = LOCALES.iter().filter_map(|packed| packed_code(packed));
            codes.find(known).unwrap_or("en-US")
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

    #[test]
    fn every_locale_says_its_code_before_it_is_unpacked() {
        for packed in LOCALES {
            let unpacked: Locale = ciborium::from_reader(*packed).unwrap();
            assert_eq!(packed_code(packed).map(str::to_owned), unpacked.lang.map(|it| it.0));
        }
        let two = locales(&LocaleCode("cs-CZ".to_owned()));
        assert_eq!(two.len(), 2);
    }
}
