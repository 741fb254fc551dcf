//! Phrases as people write them, and what they become. `␣` is a non-breaking
//! space.

use proptest::prelude::*;

use super::*;

fn czech() -> Typography {
    let words = ["k", "s", "v", "z", "o", "u", "a", "i"].map(str::to_owned);
    Typography::binding(&"cs".into(), &words)
}

fn english() -> Typography {
    Typography::binding(&"en".into(), &[])
}

/// Each line `before → after`, or a phrase alone that stays as it is.
fn table(typography: &Typography, phrases: &str) {
    let mut wrong = Vec::new();
    for line in phrases.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (before, after) = line.split_once(" → ").unwrap_or((line, line));
        let set = typography.set(&before.replace('␣', "\u{a0}")).replace('\u{a0}', "␣");
        if set != after {
            wrong.push(format!("{before}\n  wanted {after}\n  got    {set}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn czech_one_letter_words_stay_with_the_next() {
    table(
        &czech(),
        r#"
        Žádost se podává v Praze. → Žádost se podává v␣Praze.
        V Praze i v Brně se čeká. → V␣Praze i␣v␣Brně se čeká.
        Stát a obce o tom vědí. → Stát a␣obce o␣tom vědí.
        Slyšeli (k tomu) i (v zákoně). → Slyšeli (k␣tomu) i␣(v␣zákoně).
        „V zákoně“ to stojí. → „V␣zákoně“ to stojí.
        Poradna sídlí v domě U Mostu. → Poradna sídlí v␣domě U␣Mostu.
        Ve spolupráci se státem ke konci roku.
        Skupina A dostala povolení, skupina B ne.
        Vitamin K je potřeba.
        Platí a + b, ne x a +.
        Kategorie A, B a C. → Kategorie A, B a␣C.
        A tak čekají. A čekají dál. → A␣tak čekají. A␣čekají dál.
        Jde o 5 lidí. → Jde o␣5␣lidí.
        Zákon a, jak jinak, vyhláška.
        Viz v https://example.org/a nebo v cs.md.
        Kód v  uvozovkách se dvěma mezerami.
        Paní O. Svobodová. → Paní O.␣Svobodová.
        "#,
    );
}

#[test]
fn czech_numbers_keep_their_units_and_groups() {
    table(
        &czech(),
        r#"
        Poplatek činí 2 500 Kč. → Poplatek činí 2␣500␣Kč.
        Celkem 1 234 567 lidí. → Celkem 1␣234␣567␣lidí.
        Podíl klesl o 12 % za rok. → Podíl klesl o␣12␣% za rok.
        Podíl klesl o 12,5 % za rok. → Podíl klesl o␣12,5␣% za rok.
        Stoprocentní, 5% podíl a 10% sleva. → Stoprocentní, 5% podíl a␣10% sleva.
        Bylo –5 °C a vítr 20 km/h. → Bylo –5␣°C a␣vítr 20␣km/h.
        Lhůta je 60 dnů, nejdéle 2 měsíce. → Lhůta je 60␣dnů, nejdéle 2␣měsíce.
        Stojí to 3,4 mld. Kč ročně. → Stojí to 3,4␣mld. Kč ročně.
        Byt o 54 m² stojí 120 eur. → Byt o␣54␣m² stojí 120␣eur.
        Odběr 3 500 kWh za EUR 900. → Odběr 3␣500␣kWh za EUR␣900.
        V roce 2026 lidé čekali déle. → V␣roce 2026 lidé čekali déle.
        V roce 2025 150 žádostí. → V␣roce 2025 150␣žádostí.
        Volejte +420 123 456 789. → Volejte +420␣123␣456␣789.
        Lávková 16, 110 00 Praha 1 → Lávková 16, 110␣00 Praha 1
        Model A4 t nemá.
        Sloupce 2020 2021 2022
        "#,
    );
}

#[test]
fn czech_dates_and_ordinals_hold_together() {
    table(
        &czech(),
        r#"
        Dne 5. října 2026 nabyl účinnosti. → Dne 5.␣října 2026 nabyl účinnosti.
        Dne 5. 10. 2026 v 9.00 hod. → Dne 5.␣10.␣2026 v␣9.00␣hod.
        Od 1. do 15. ledna. → Od 1. do 15.␣ledna.
        Ve dnech 1.-5. října. → Ve dnech 1.–5.␣října.
        Ve dnech 1.–5. října. → Ve dnech 1.–5.␣října.
        V 21. století a po 3. výročí. → V␣21.␣století a␣po 3.␣výročí.
        Stalo se to v roce 2020. Pak nic. → Stalo se to v␣roce 2020. Pak nic.
        Pokoj 12. Dveře vlevo.
        Termín 2026-10-05 platí.
        Termín 5.10.2026 platí.
        "#,
    );
}

#[test]
fn czech_references_to_laws_hold_together() {
    table(
        &czech(),
        r#"
        podle zákona č. 325/1999 Sb., o azylu → podle zákona č.␣325/1999␣Sb., o␣azylu
        podle § 42 odst. 1 písm. a) zákona → podle §␣42 odst.␣1 písm.␣a) zákona
        podle §§ 42 až 44 → podle §§␣42 až 44
        ve smyslu čl. 8 Úmluvy → ve smyslu čl.␣8 Úmluvy
        čl. II bod 3 → čl.␣II bod␣3
        sdělení č. 209/1992 Sb. m. s. → sdělení č.␣209/1992␣Sb. m.␣s.
        rozsudek sp. zn. 5 Azs 12/2026 → rozsudek sp.␣zn.␣5 Azs 12/2026
        dopis č. j. MV-1234-5/OAM-2026 → dopis č.␣j.␣MV-1234-5/OAM-2026
        viz s. 12 a násl. → viz s.␣12 a␣násl.
        na s. 12-15 → na s.␣12–15
        § 42 písm. a)-c) → §␣42 písm.␣a)–c)
        obr. 3 a tab. 2 → obr.␣3 a␣tab.␣2
        Sbírka č. 5. Další věta. → Sbírka č.␣5. Další věta.
        ochrana podle § 14a azylového zákona → ochrana podle §␣14a azylového zákona
        "#,
    );
}

#[test]
fn czech_titles_initials_and_abbreviations_hold_together() {
    table(
        &czech(),
        r#"
        Mgr. Nováková a JUDr. Petr Veselý, Ph.D., radí. → Mgr.␣Nováková a␣JUDr.␣Petr Veselý,␣Ph.D., radí.
        prof. Ing. Jana Malá, CSc. → prof.␣Ing.␣Jana Malá,␣CSc.
        J. Novák a K. H. Borovský → J.␣Novák a␣K.␣H.␣Borovský
        Vybrali variantu, varianta B. Potom čekali.
        tzv. dublinský systém, např. Itálie → tzv.␣dublinský systém, např.␣Itálie
        firma Alfa, s. r. o., a Beta, a. s. → firma Alfa, s.␣r.␣o., a␣Beta, a.␣s.
        firma Alfa, s.r.o., a Beta, a.s. → firma Alfa, s.r.o., a␣Beta, a.s.
        ve 4. st. př. n. l. → ve 4.␣st. př.␣n.␣l.
        soudy, úřady atd. a obce → soudy, úřady atd. a␣obce
        cca 300 lidí → cca␣300␣lidí
        Společnost Člověk a víra, z. s. → Společnost Člověk a␣víra, z.␣s.
        "#,
    );
}

#[test]
fn czech_quotation_marks() {
    table(
        &czech(),
        r#"
        Řekla: "Čekáme dva roky." → Řekla: „Čekáme dva roky.“
        "Fronta" na "pobyt" → „Fronta“ na „pobyt“
        ("přestupní" výjezdní příkaz) → („přestupní“ výjezdní příkaz)
        "Ptal se: 'Kdy?' a odešel." → „Ptal se: ‚Kdy?‘ a␣odešel.“
        "Říkají tomu "fronta" a smějí se." → „Říkají tomu ‚fronta‘ a␣smějí se.“
        “Fronta” po anglicku → „Fronta“ po anglicku
        „Fronta” po polsku → „Fronta“ po polsku
        ”Fronta” po švédsku → „Fronta“ po švédsku
        „Fronta" napůl → „Fronta“ napůl
        „Fronta“ už správně a ‚uvnitř‘ též → „Fronta“ už správně a␣‚uvnitř‘ též
        ‘Fronta’ jednoduše → ‚Fronta‘ jednoduše
        Monitor 24" a stůl 5'10" → Monitor 24" a␣stůl 5'10"
        Osamělá " uvozovka
        Osamělá "uvozovka bez konce
        D'Artagnan a rock'n'roll → D’Artagnan a␣rock’n’roll
        Zákon mluví o "dočasné ochraně"; ne o azylu. → Zákon mluví o␣„dočasné ochraně“; ne o␣azylu.
        "Ale já…" – "Ne!" → „Ale já…“␣– „Ne!“
        lang="cs" v kódu → lang="cs" v␣kódu
        {% include obr.html alt="Graf" %}
        "#,
    );
}

#[test]
fn czech_dashes_and_ellipses() {
    table(
        &czech(),
        r#"
        Praha - a nejen ona - čeká. → Praha␣– a␣nejen ona␣– čeká.
        Praha -- Brno → Praha␣– Brno
        V letech 2015-2020 rostl. → V␣letech 2015–2020 rostl.
        Školní rok 2024-25 → Školní rok 2024–25
        Čeká 10-15 lidí. → Čeká 10–15␣lidí.
        Čeká 10-15% lidí. → Čeká 10–15% lidí.
        Stojí 1,5-2,5 tisíce. → Stojí 1,5–2,5␣tisíce.
        Výsledek 10 - 15 nechme.
        Výsledek 5-3 nechme.
        Výpočet x - 1 nechme.
        Verze 1.2-1.5 nechme.
        Normy ISO 27-35 a EN 301-549 → Normy ISO 27-35 a␣EN 301-549
        Leden 2024-05 a den 2026-10-05 → Leden 2024-05 a␣den 2026-10-05
        Telefon 224-123-456 a 555-1234 → Telefon 224-123-456 a␣555-1234
        Otevřeno 9:00-17:00 → Otevřeno 9:00-17:00
        Soubor graf-10-15.svg, graf-10-15.svg. Česko-německý, e-mail
        - odrážka
        Čekal... a čekal ... → Čekal… a␣čekal …
        A co dál.... → A␣co dál....
        [...] v citátu → […] v␣citátu
        cesta ../../soubor a 1...5 → cesta ../../soubor a␣1...5
        "#,
    );
}

#[test]
fn english_phrases() {
    table(
        &english(),
        r#"
        She said, "We wait." → She said, “We wait.”
        "He said 'no' and left." → “He said ‘no’ and left.”
        "The "queue" again" → “The ‘queue’ again”
        Don't, can't, it's, the dogs' bones → Don’t, can’t, it’s, the dogs’ bones
        the '90s and 1990's, rock 'n' roll → the ’90s and 1990’s, rock ’n’ roll
        'Tis so. → ’Tis so.
        "A quotation that goes on → “A quotation that goes on
        Prague - and not only Prague - waits. → Prague␣– and not only Prague␣– waits.
        In 2015-2020, 10-15 people → In 2015–2020, 10–15 people
        Wait... and see → Wait… and see
        under Act No. 325/1999 Coll., on asylum → under Act No.␣325/1999␣Coll., on asylum
        No. 5 and nos. 6 → No.␣5 and nos.␣6
        Mr. Brown, Mrs Green and Dr. J. R. Smith → Mr.␣Brown, Mrs␣Green and Dr.␣J.␣R.␣Smith
        on 5 October 2026 or October 5, 2026 → on 5␣October 2026 or October␣5, 2026
        Art. 5 and p. 12, pp. 3-5, § 42 → Art.␣5 and p.␣12, pp.␣3–5, §␣42
        5 km, 12 %, EUR 500, 5 million, 9 a.m. → 5␣km, 12␣%, EUR␣500, 5␣million, 9␣a.m.
        A 27" screen and 6'2" → A 27" screen and 6'2"
        That is, i.e. this, e.g. that, U.S. law → That is, i.e. this, e.g. that, U.S. law
        a v o k s are letters
        In 2020 percent signs were rare. → In 2020 percent signs were rare.
        The answer is no. Five people agreed.
        May 2026 was wet; you may 5 times.
        run `--help` or --format json - or not → run `--help` or --format json␣– or not
        the „Czech“ quotation stays
        “already right” and ‘so’
        “mended" at the end → “mended” at the end
        "#,
    );
}

#[test]
fn other_languages_get_only_what_all_share() {
    table(
        &Typography::binding(&"uk".into(), &[]),
        r#"
        п'ять "слів" - 5 % і 12 345... → п’ять "слів" - 5␣% і 12␣345…
        § 42 і 10-15 → §␣42 і 10-15
        "#,
    );
}

#[test]
fn which_words_are_bound_is_the_house_s_choice() {
    let bound = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Typography::binding(&"cs".into(), &words).set("V domě a ve vsi").replace('\u{a0}', "␣")
    };
    assert_eq!(bound(&["v", "Ve"]), "V␣domě a ve␣vsi");
    assert_eq!(bound(&[]), "V domě a ve vsi");
}

/// Letters and digits, in order.
fn spoken(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Texts rich in what the rules look for.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        " ",
        " ",
        " ",
        " ",
        "\u{a0}",
        "\n",
        "\"",
        "'",
        "„",
        "“",
        "”",
        "‚",
        "‘",
        "’",
        "-",
        " - ",
        "–",
        "...",
        ".",
        ",",
        "(",
        ")",
        "v",
        "V",
        "a",
        "A",
        "o",
        "5",
        "12",
        "345",
        "2026",
        "10-15",
        "Kč",
        "%",
        "§",
        "č.",
        "odst.",
        "písm.",
        "Sb.",
        "325/1999",
        "Mgr.",
        "J.",
        "Novák",
        "října",
        "s.",
        "r.",
        "slovo",
        "it's",
        "No.",
        "Mr",
        "\u{fffc}",
        "https://example.org/a-b",
        "a@example.org",
        "graf-10-15.svg",
        "{% x=\"y\" %}",
        "x_y",
        "€",
        "---",
        "--",
        "'n'",
    ]);
    prop::collection::vec(prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => "\\PC{0,3}"], 0..24)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn words_never_change_and_twice_is_the_same_as_once(text in texts()) {
        for typography in [czech(), english(), Typography::binding(&"fr".into(), &[])] {
            let once = typography.set(&text).into_owned();
            prop_assert_eq!(spoken(&once), spoken(&text));
            let spaces = |text: &str| text.chars().filter(|c| c.is_whitespace()).count();
            prop_assert_eq!(spaces(&once), spaces(&text));
            let twice = typography.set(&once).into_owned();
            prop_assert_eq!(&twice, &once, "{:?}", text);
        }
    }

    #[test]
    fn addresses_and_code_like_words_stay_as_they_are(
        word in "(https?://[a-z]{2,5}\\.(org|cz)/[a-z0-9'\"().,-]{0,12}[a-z0-9]|[a-z][a-z'-]{0,4}@[a-z-]{2,5}\\.org|[a-z]{1,3}_[0-9]-[0-9]\\.\\.\\.[a-z]|[a-z]{2,4}-[0-9]-[0-9]\\.(svg|md))",
    ) {
        for typography in [czech(), english()] {
            for text in [word.clone(), format!("Viz {word} a dál."), format!("\"{word}\"")] {
                prop_assert!(typography.set(&text).contains(&word), "{}", typography.set(&text));
            }
        }
    }
}
