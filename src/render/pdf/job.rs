//! One document to be set, as plain values: all that Typst will see of it.
//!
//! Plain, so that it can be handed to another process ([`super::wire`]) when
//! the templates are not ours to trust.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use typst::foundations::{Bytes, Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandards, Timestamp};

use crate::model::PdfStandard;

/// What there is to set, and as what.
#[derive(Debug, Clone)]
pub struct Job {
    /// By the names that templates call them by: `main.typ`, `document.json`,
    /// `pictures/0`.
    pub(super) files: BTreeMap<String, Bytes>,
    /// The elements of the text, each as JSON.
    pub(super) text: Vec<String>,
    pub(super) wish: Wish,
}

/// More text than this, as JSON, takes seconds and hundreds of megabytes; eight
/// pages are about 40 kB.
const LONG: usize = 400_000;

/// Nor does a word end in time that is longer than this, in bytes: where a line
/// of it breaks is weighed against every other place. One of 4,000 letters takes
/// a tenth of a second, one of 200,000 minutes.
const ENDLESS: usize = 4_000;

impl Job {
    /// Whether it may take longer than anybody waits for it.
    pub(super) fn is_long(&self) -> bool {
        self.text.iter().map(String::len).sum::<usize>() > LONG
            || self.text.iter().any(|element| has_endless_word(element))
    }
}

/// In an element as JSON, where quotation marks stand around what is written.
fn has_endless_word(element: &str) -> bool {
    element.split([' ', '"']).any(|word| word.len() > ENDLESS)
}

/// What is to come of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Wish {
    Pdf(Papers),
    /// Each page as PNG.
    Pages {
        pixels_per_inch: u16,
    },
}

/// What stands in a PDF besides its pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Papers {
    /// Names the document, whatever becomes of its text.
    pub ident: String,
    pub made: Option<Moment>,
    pub standards: Vec<PdfStandard>,
}

/// Noon of a day, and how many minutes that is before or after UTC.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Moment {
    pub day: jiff::civil::Date,
    pub offset: i32,
}

impl Papers {
    pub fn options(&self) -> PdfOptions {
        PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            creator: Smart::Custom(Some("hlas".to_owned())),
            timestamp: self.made.and_then(Moment::timestamp),
            standards: standards(&self.standards),
            ..PdfOptions::default()
        }
    }
}

fn standards(asked: &[PdfStandard]) -> PdfStandards {
    let asked: Vec<_> = asked
        .iter()
        .map(|standard| match standard {
            PdfStandard::Ua1 => typst_pdf::PdfStandard::Ua_1,
            PdfStandard::A2a => typst_pdf::PdfStandard::A_2a,
        })
        .collect();
    PdfStandards::new(&asked).expect("both are PDF 1.7")
}

impl Moment {
    fn timestamp(self) -> Option<Timestamp> {
        let (year, month, day) = (self.day.year(), self.day.month(), self.day.day());
        let (month, day) = (month.unsigned_abs(), day.unsigned_abs());
        let noon = Datetime::from_ymd_hms(year.into(), month, day, 12, 0, 0)?;
        Timestamp::new_local(noon, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_without_an_end_is_told_from_a_table_of_many_short_ones() {
        let cell = r#"{"kind":"item","children":[{"kind":"text","text":"27,5"}]}"#;
        let table = format!(r#"{{"kind":"table","cells":[{}]}}"#, [cell; 1_000].join(","));
        assert!(!has_endless_word(&table));
        let word = format!(r#"{{"kind":"text","text":"slovo {}"}}"#, "a".repeat(5_000));
        assert!(has_endless_word(&word));
    }
}
