//! Numbers, what is counted with them, and what stands between their digits.

use super::words::Word;

/// Codes of currencies, which may stand on either side of the amount.
pub const CURRENCIES: &[&str] = &["CZK", "EUR", "USD", "GBP", "CHF", "PLN", "HUF", "UAH", "SEK"];

/// Signs and units that all our languages write alike, after the number.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "%", "‰", "°", "°C", "°F", "€", "$", "£", "Kč", "km", "m", "cm", "mm", "μm", "kg", "g",
    "mg", "t", "l", "ml", "dl", "hl", "ha", "h", "min", "ms", "km²", "m²", "cm²", "m³", "cm³",
    "km/h", "m/s", "W", "kW", "MW", "GW", "Wh", "kWh", "MWh", "GWh", "TWh", "J", "kJ", "MJ",
    "GJ", "Hz", "kHz", "MHz", "GHz", "kB", "MB", "GB", "TB", "kcal", "Mb/s", "px", "dpi", "CO₂",
];

/// A number as it stands in a sentence: `12`, `1,5`, `–3`, `10–15`, `1/2`, `9:30`.
pub fn is_number(word: &str) -> bool {
    let mut digits = false;
    for character in word.chars() {
        match character {
            '0'..='9' | '½' | '¼' | '¾' => digits = true,
            '.' | ',' | ':' | '/' | '-' | '–' | '−' | '+' | '±' | '~' | '≥' | '≤' | '×' =>
                {}
            _ => return false,
        }
    }
    digits && word.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '½' | '¼' | '¾'))
}

/// `2026`, most likely a year: what follows it is not what it counts.
pub fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse().is_ok_and(|year: u16| (1500..2100).contains(&year))
}

/// Whether `left` is a number and `right` a unit or sign.
pub fn unit(left: &Word<'_>, right: &Word<'_>) -> bool {
    let amount = is_number(left.head);
    let before = || CURRENCIES.contains(&left.head) || matches!(left.head, "€" | "$" | "£" | "Kč");
    if !amount {
        return right.starts_with_digit() && before();
    }
    let unit = right.bare();
    UNITS.contains(&unit)
        || CURRENCIES.contains(&unit)
        || right.core.starts_with(['%', '‰', '°', '€'])
}

/// The space in `12 345` and in telephone numbers; groups of three.
pub fn digits(left: &Word<'_>, right: &Word<'_>) -> bool {
    let group = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let left = left.head.trim_start_matches(['+', '−', '-', '~', '±', '≥', '≤']);
    if !group(left) || left.len() > 3 || left.starts_with("00") {
        return false;
    }
    let right = right.bare();
    let (three, rest) = right.split_at_checked(3).unwrap_or((right, ""));
    let tail = |rest: &str| {
        rest.strip_prefix([',', '.', '-', '–'])
            .map_or(rest.is_empty(), |rest| group(rest) || matches!(rest, "-" | "–" | ""))
    };
    three.len() == 3 && group(three) && tail(rest)
}
