//! Languages, and values that come once a language.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A language tag as it stands in file names and `lang` attributes: `cs`, `en`
/// (BCP 47, primary subtag, lower case).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct Language(Arc<str>);

impl Language {
    pub fn new(tag: &str) -> Self {
        Self(tag.trim().to_ascii_lowercase().into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Language {
    fn from(tag: &str) -> Self {
        Self::new(tag)
    }
}

/// As it is written: settings and manifests are read by their letter.
impl From<String> for Language {
    fn from(tag: String) -> Self {
        Self(tag.into())
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        (*language.0).to_owned()
    }
}

/// A value in several languages, such as the name of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByLanguage<T>(pub BTreeMap<Language, T>);

impl<T> ByLanguage<T> {
    /// The value in `language`, or, where it is missing, in any other: a
    /// name in the wrong language is better than none.
    pub fn get(&self, language: &Language) -> Option<&T> {
        self.0.get(language).or_else(|| self.0.values().next())
    }
}

impl ByLanguage<String> {
    /// Like [`ByLanguage::get`], with an empty text for nothing at all.
    pub fn text(&self, language: &Language) -> &str {
        self.get(language).map_or("", String::as_str)
    }
}
