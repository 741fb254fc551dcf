//! The colours and letters of charts, as the theme states them.

use serde::Deserialize;

use super::MOST_SERIES;
use super::drawing::Ink;
use crate::model::Color;

/// What `templates/chart.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The family that texts are measured in.
    pub font: String,
    /// Families for browsers that do not have it, as CSS lists them.
    pub fallback: String,
    pub light: Palette,
    pub dark: Palette,
}

/// Colours as CSS writes them, `#1f4e79`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    pub paper: String,
    pub text: String,
    pub quiet: String,
    pub rule: String,
    pub axis: String,
    pub series: Vec<String>,
    pub on_series: String,
}

impl Look {
    /// What is wrong with it, in a sentence.
    pub fn fault(&self) -> Option<String> {
        if [&self.font, &self.fallback]
            .iter()
            .any(|it| it.contains(['<', '>', '&', '"', '{', '}', ';']))
        {
            return Some("`font` and `fallback` are names of families".to_owned());
        }
        [("light", &self.light), ("dark", &self.dark)].into_iter().find_map(|(name, palette)| {
            let wrong = palette.all().find(|colour| colour.parse::<Color>().is_err());
            if let Some(colour) = wrong {
                return Some(format!("`{colour}` in [{name}] is no colour: write it as #1f4e79"));
            }
            let count = palette.series.len();
            (count < MOST_SERIES).then(|| {
                format!("[{name}] has {count} colours for series, and needs {MOST_SERIES}")
            })
        })
    }
}

impl Palette {
    fn all(&self) -> impl Iterator<Item = &String> {
        let named = [&self.paper, &self.text, &self.quiet, &self.rule, &self.axis, &self.on_series];
        named.into_iter().chain(&self.series)
    }

    pub fn colour(&self, ink: Ink) -> &str {
        match ink {
            Ink::Text => &self.text,
            Ink::Quiet => &self.quiet,
            Ink::Rule => &self.rule,
            Ink::Axis => &self.axis,
            Ink::Paper => &self.paper,
            Ink::Series(index) => &self.series[index % self.series.len()],
            Ink::OnSeries(index) => {
                let series = self.colour(Ink::Series(index));
                let read = |colour: &str| contrast(colour, series).unwrap_or(0.0);
                if read(&self.paper) >= read(&self.on_series) {
                    &self.paper
                } else {
                    &self.on_series
                }
            }
        }
    }
}

/// WCAG 2.2, "contrast ratio".
fn contrast(a: &str, b: &str) -> Option<f64> {
    Some(a.parse::<Color>().ok()?.contrast(b.parse().ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn look() -> Look {
        toml::from_str(include_str!("../../templates/chart.toml")).expect("the built-in look")
    }

    #[test]
    fn what_carries_meaning_stands_out_from_the_paper_and_letters_from_what_is_behind() {
        let look = look();
        for palette in [&look.light, &look.dark] {
            let on_paper = |colour: &str| contrast(colour, &palette.paper).unwrap();
            assert!(on_paper(&palette.axis) >= 3.0, "WCAG 2.2, 1.4.11");
            for letters in [&palette.text, &palette.quiet] {
                assert!(on_paper(letters) >= 4.5, "{letters}: WCAG 2.2, 1.4.3");
            }
            for index in 0..palette.series.len() {
                let series = palette.colour(Ink::Series(index));
                let letters = palette.colour(Ink::OnSeries(index));
                let ratio = contrast(letters, series).unwrap();
                assert!(ratio >= 4.5, "{letters} on {series}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn a_colour_that_is_none_or_one_too_few_is_told() {
        let mut look = look();
        look.dark.series.pop();
        assert_eq!(look.fault().unwrap(), "[dark] has 4 colours for series, and needs 5");
        look.light.axis = "modrá".to_owned();
        assert_eq!(look.fault().unwrap(), "`modrá` in [light] is no colour: write it as #1f4e79");
    }
}
