//! The standards that a PDF can be held to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A standard that a PDF is held to while it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PdfStandard {
    /// PDF/UA-1: can be read aloud (ISO 14289-1).
    #[serde(rename = "ua-1")]
    Ua1,
    /// PDF/A-2a: can be read in thirty years (ISO 19005-2, level A).
    #[serde(rename = "a-2a")]
    A2a,
}

impl PdfStandard {
    pub const ALL: [Self; 2] = [Self::Ua1, Self::A2a];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ua1 => "ua-1",
            Self::A2a => "a-2a",
        }
    }
}

/// Standards by their names: `ua-1`, `a-2a`, or `plain` for neither. Several
/// may stand in one word, `ua-1+a-2a` or `ua-1,a-2a`.
///
/// # Errors
/// The first word that is no standard, or `plain` beside one.
pub fn standards<'w>(
    words: impl IntoIterator<Item = &'w str>,
) -> Result<BTreeSet<PdfStandard>, String> {
    let (mut standards, mut plain) = (BTreeSet::new(), false);
    for word in words.into_iter().flat_map(|word| word.split([',', '+'])).map(str::trim) {
        match PdfStandard::ALL.into_iter().find(|it| it.name() == word) {
            Some(standard) => drop(standards.insert(standard)),
            None if word == "plain" => plain = true,
            None => return Err(format!("`{word}` is no standard that hlas can keep")),
        }
    }
    match (plain, standards.is_empty()) {
        (true, false) => Err("`plain` stands alone: it is a PDF without a standard".to_owned()),
        (false, true) => Err("no standard is named".to_owned()),
        _ => Ok(standards),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standards_are_named_one_by_one_or_together() {
        let both = Ok(BTreeSet::from(PdfStandard::ALL));
        assert_eq!(standards(["ua-1", "a-2a"]), both);
        assert_eq!(standards(["ua-1+a-2a"]), both);
        assert_eq!(standards(["a-2a, ua-1"]), both);
        assert_eq!(standards(["a-2a"]), Ok([PdfStandard::A2a].into()));
        assert_eq!(standards(["plain"]), Ok(BTreeSet::new()));
    }

    #[test]
    fn what_is_no_standard_and_what_contradicts_itself_is_said() {
        assert_eq!(standards(["ua-2"]), Err("`ua-2` is no standard that hlas can keep".to_owned()));
        assert!(standards(["plain", "ua-1"]).is_err());
        assert!(standards([]).is_err());
    }
}
