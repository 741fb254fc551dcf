//! Under which licence a house publishes.

use super::{ByLanguage, Language};

/// A licence by its name, and where it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// As it is printed: `CC BY 4.0`, `Všechna práva vyhrazena`.
    pub name: ByLanguage<String>,
    /// Where the house says it can be read.
    pub stated: Option<String>,
}

impl Licence {
    /// Where it can be read: as the house states it, else where Creative
    /// Commons has it, if it is one of theirs by its short name.
    pub fn url(&self, language: &Language) -> Option<String> {
        let known = || creative_commons(self.name.text(language), language);
        self.stated.clone().or_else(known)
    }
}

/// `CC BY-SA 4.0` → <https://creativecommons.org/licenses/by-sa/4.0/deed.cs>.
/// (Creative Commons, "Recommended practices": the deed's own address.)
fn creative_commons(name: &str, language: &Language) -> Option<String> {
    const ELEMENTS: [&str; 6] = ["by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"];
    let name = name.replace('\u{a0}', " ").to_lowercase();
    let words: Vec<_> = name.split_whitespace().collect();
    let folder = match words[..] {
        ["cc0", "1.0"] => "publicdomain/zero/1.0".to_owned(),
        ["cc", elements, version @ ("3.0" | "4.0")] if ELEMENTS.contains(&elements) => {
            format!("licenses/{elements}/{version}")
        }
        _ => return None,
    };
    Some(format!("https://creativecommons.org/{folder}/deed.{language}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(name: &str, stated: Option<&str>) -> Option<String> {
        let name = ByLanguage([("cs".into(), name.to_owned())].into());
        Licence { name, stated: stated.map(str::to_owned) }.url(&"cs".into())
    }

    #[test]
    fn a_creative_commons_licence_is_known_by_its_short_name() {
        let at = |path: &str| Some(format!("https://creativecommons.org/{path}/deed.cs"));
        assert_eq!(url("CC BY 4.0", None), at("licenses/by/4.0"));
        assert_eq!(url("CC BY-NC-SA\u{a0}4.0", None), at("licenses/by-nc-sa/4.0"));
        assert_eq!(url("CC0 1.0", None), at("publicdomain/zero/1.0"));
        assert_eq!(url("CC BY-SN 4.0", None), None);
        assert_eq!(url("Všechna práva vyhrazena", None), None);
    }

    #[test]
    fn what_the_house_states_wins() {
        let own = "https://example.org/licence";
        assert_eq!(url("CC BY 4.0", Some(own)), Some(own.to_owned()));
    }
}
