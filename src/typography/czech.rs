//! What holds together in Czech: ČSN 01 6910 and, where it is silent, the
//! Internetová jazyková příručka, “Zalomení řádků a nevhodné výrazy na jejich
//! konci”.

use super::Kind;
use super::numbers::{is_number, is_year};
use super::spaces::Pair;
use super::words::Word;

#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září",
    "října", "listopadu", "prosince", "leden", "únor", "březen", "duben", "květen", "červen",
    "červenec", "srpen", "říjen", "listopad", "prosinec",
];

/// Titles before a name.
#[rustfmt::skip]
const TITLES: &[&str] = &[
    "Bc.", "BcA.", "Mgr.", "MgA.", "Ing.", "JUDr.", "MUDr.", "MVDr.", "MDDr.", "PhDr.", "RNDr.",
    "PaedDr.", "PharmDr.", "ThDr.", "ThLic.", "ICDr.", "Dr.", "dr.", "doc.", "Doc.", "prof.",
    "Prof.", "arch.", "akad.", "p.", "pí", "sv.", "gen.", "plk.", "pplk.", "mjr.", "kpt.",
    "npor.", "por.", "Mons.", "mons.",
];

/// Titles after a name, behind a comma.
const DEGREES: &[&str] = &[
    "Ph.D.", "PhD.", "Th.D.", "CSc.", "DrSc.", "DSc.", "DiS.", "MBA", "LL.M.", "MPA", "MSc.", "MA",
];

/// Abbreviations before a number.
#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "č.", "čís.", "čl.", "odst.", "písm.", "s.", "str.", "roč.", "kap.", "obr.", "tab.",
    "příl.", "pozn.", "r.", "vyd.", "ust.", "tel.", "bod", "bodu", "bodě", "bodem", "sv.",
    "st.", "PSČ", "IČO", "DIČ", "vl.", "zn.", "čj.", "graf", "tř.", "ul.",
];

/// Abbreviations that look forward to the next word.
const FORWARD: &[&str] = &[
    "tzv.", "tzn.", "tj.", "např.", "resp.", "popř.", "příp.", "zejm.", "cca", "vč.", "srov.",
    "mj.", "kupř.",
];

/// Those of them without a full stop.
const FORWARD_WHOLE: &[&str] = &["cca", "Cca"];

/// Counted with a number, in the forms that follow one.
#[rustfmt::skip]
const COUNTED: &[&str] = &[
    "lidí", "lidé", "lidem", "osob", "osoby", "osoba", "osobám", "dětí", "děti", "žen", "ženy",
    "mužů", "muži", "let", "lety", "letech", "rok", "roky", "roků", "měsíc", "měsíce", "měsíců",
    "měsíci", "týden", "týdny", "týdnů", "den", "dny", "dní", "dnů", "dnech", "hodina",
    "hodiny", "hodin", "hodinách", "minuta", "minuty", "minut", "sekund", "sekundy", "korun",
    "koruny", "koruna", "eur", "euro", "eura", "dolarů", "dolary", "procento", "procenta",
    "procent", "procenty", "tisíc", "tisíci", "lidmi", "obyvateli", "tisíce", "tisíců",
    "milion", "miliony", "milionu", "milionů", "milión", "milióny", "miliónů", "miliarda",
    "miliardy", "miliard", "mil", "mld", "tis", "ks", "kusů", "kusy", "hod", "str", "stran",
    "strany", "stránek", "cizinců", "cizinci", "žadatelů", "žadatelé", "žádostí", "žádosti",
    "uprchlíků", "pracovníků", "zaměstnanců", "žáků", "studentů", "obyvatel", "domácností",
    "rodin", "obcí", "krajů", "zemí", "států", "organizací", "případů", "případy", "metrů",
    "kilometrů", "krát", "bodů", "body", "Kčs", "poslanců", "senátorů",
];

pub fn kind(pair: &Pair<'_, '_>) -> Option<Kind> {
    let (left, right) = (pair.left(), pair.right());
    if left.head.ends_with('.') && left.starts_with_digit() {
        return after_number_with_stop(pair);
    }
    if is_counted(pair) {
        return Some(Kind::Unit);
    }
    if is_postal_code(pair) {
        return Some(Kind::Digits);
    }
    // Nearly all words of a text end here.
    let abbreviated = left.head.ends_with('.') || FORWARD_WHOLE.contains(&left.head);
    if !abbreviated
        && !right.starts_with_digit()
        && !right.starts_upper()
        && !left.starts_with_digit()
    {
        return None;
    }
    if is_reference(pair) {
        return Some(Kind::Reference);
    }
    if is_name(pair) {
        return Some(Kind::Name);
    }
    let forward = abbreviated && FORWARD.contains(&left.head.to_lowercase().as_str());
    let abbreviation = (forward && !right.core.is_empty()) || is_lettered(left, right);
    abbreviation.then_some(Kind::Abbreviation)
}

/// `500 lidí`, but not `v roce 2026 lidé` or `§ 42 osoba`.
fn is_counted(pair: &Pair<'_, '_>) -> bool {
    let (left, right) = (pair.left(), pair.right());
    let sign = |word: &Word<'_>| matches!(word.head, "§" | "§§") || REFERENCES.contains(&word.head);
    is_number(left.head)
        && !is_year(left.head)
        && COUNTED.contains(&right.bare())
        && !pair.before().is_some_and(sign)
}

/// `5. října`, `5. 10. 2026`, `21. století`. The year after a month in words
/// may stand on the next line; in digits the date stays whole.
fn after_number_with_stop(pair: &Pair<'_, '_>) -> Option<Kind> {
    let (left, right) = (pair.left(), pair.right());
    let number = left.head.strip_suffix('.')?;
    let number = number.rsplit(['–', '-', '.']).next().unwrap_or(number);
    let value: u16 = number.parse().ok()?;
    if (1..=31).contains(&value) && MONTHS.contains(&right.bare()) {
        return Some(Kind::Date);
    }
    let month = |word: &Word<'_>| {
        word.core
            .strip_suffix('.')
            .and_then(|it| it.parse().ok())
            .is_some_and(|m: u8| (1..=12).contains(&m))
    };
    if (1..=31).contains(&value) && month(right) {
        return Some(Kind::Date);
    }
    let day = |word: &Word<'_>| word.head.ends_with('.') && word.starts_with_digit();
    if (1..=12).contains(&value) && is_year(right.bare()) && pair.before().is_some_and(day) {
        return Some(Kind::Date);
    }
    let joins = ["až", "nebo", "či", "do", "od", "i", "a", "ani", "resp", "popř"];
    (value < 1000 && right.starts_lower() && !joins.contains(&right.bare()))
        .then_some(Kind::Ordinal)
}

/// `č. 325/1999 Sb.`, `odst. 1`, `písm. a)`, `sp. zn. 5 Az 12/2026`, `č. j. …`.
fn is_reference(pair: &Pair<'_, '_>) -> bool {
    let (left, right) = (pair.left(), pair.right());
    let head = left.head;
    if head.contains('/') && is_number(head) {
        return right.core.starts_with("Sb.") || right.bare() == "Sb";
    }
    let numbered = right.starts_with_digit() || is_roman(right.bare());
    if !numbered && !head.ends_with('.') {
        return false;
    }
    let lower = head.to_lowercase();
    match lower.as_str() {
        "sp." => right.core.starts_with("zn."),
        "č." if right.core.starts_with("j.") || right.core.starts_with("p.") => true,
        "j." => {
            pair.before().is_some_and(|it| it.head.eq_ignore_ascii_case("č.") || it.head == "Č.")
        }
        "zn." => !right.core.is_empty(),
        "písm." => {
            let mut letters = right.bare().trim_end_matches(')').chars();
            letters.next().is_some_and(char::is_alphabetic)
                && letters.all(|c| matches!(c, ')' | '-' | '–') || c.is_ascii_lowercase())
                && right.bare().chars().count() <= 6
        }
        _ => numbered && (REFERENCES.contains(&lower.as_str()) || REFERENCES.contains(&head)),
    }
}

fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| b"IVXLC".contains(&byte))
}

/// `Mgr. Nováková`, `J. Novák`, `Nováková, Ph.D.`.
fn is_name(pair: &Pair<'_, '_>) -> bool {
    let (left, right) = (pair.left(), pair.right());
    if (left.head.ends_with('.') || left.head == "pí") && TITLES.contains(&left.head) {
        return right.starts_upper() || TITLES.contains(&right.core);
    }
    if left.whole.ends_with(',') || DEGREES.contains(&left.core) {
        return left.starts_upper() && DEGREES.contains(&right.core);
    }
    if !is_initial(left.head) {
        return false;
    }
    // `varianta B. Potom …` is the end of a sentence.
    let labels =
        ["varianta", "varianty", "skupina", "skupiny", "část", "části", "příloha", "třída"];
    let labelled =
        pair.before().is_some_and(|it| labels.contains(&it.core.to_lowercase().as_str()));
    !labelled && (is_initial(right.core) || is_surname(right))
}

/// `J.`, `Ch.`
pub fn is_initial(word: &str) -> bool {
    let Some(letters) = word.strip_suffix('.') else { return false };
    let mut each = letters.chars();
    let one = each.next().is_some_and(char::is_uppercase) && each.next().is_none();
    one || matches!(letters, "Ch" | "Dž" | "Zd" | "St")
}

pub fn is_surname(word: &Word<'_>) -> bool {
    let mut letters = word.core.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
}

/// `a. s.`, `s. r. o.`, `př. n. l.`
fn is_lettered(left: &Word<'_>, right: &Word<'_>) -> bool {
    let letter = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_lowercase) && letters.as_str() == "."
    };
    (letter(left.head) || left.head == "př.")
        && (letter(right.core) || matches!(right.core, "ú" | "Kr." | "í."))
}

/// `110 00 Praha 1`
fn is_postal_code(pair: &Pair<'_, '_>) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    digits(pair.left().head, 3)
        && digits(pair.right().whole, 2)
        && pair.after().is_some_and(Word::starts_upper)
}
