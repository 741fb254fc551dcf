//! Czech texts of any length, made up of sentences and of everything that a
//! text can hold: headings, lists, a table, a quotation, notes, links. The same
//! number gives the same text.

const SENTENCES: [&str; 8] = [
    "Správní orgán rozhoduje o žádosti ve lhůtě šedesáti dnů, v praxi však čekání trvá déle.",
    "Podle ředitele odboru „nejde o výjimku“, nýbrž o stav, který se opakuje každý podzim.",
    "Obce, které s cizinci pracují dlouhodobě, mají o *polovinu* méně odvolacích řízení.",
    "Děti, které přišly v průběhu roku, se k zápisu dostanou až v září roku následujícího.",
    "K tomu se přidává **nejistota** o tom, kdo za přeložení listin nese odpovědnost.",
    "V rozhovorech se vracely tři důvody: cena, vzdálenost a neznalost vlastních práv.",
    "Ministerstvo slíbilo nápravu do konce roku, rozpočet na ni ale zatím neschválilo.",
    "Zaměstnavatelé oproti tomu uvádějí, že o povinnosti hlásit změny vědí i bez úřadu.",
];

/// Markdown of at least this many words, and hardly more.
pub fn text(words: usize, seed: usize) -> String {
    let mut text = String::new();
    let mut section = 0;
    while count(&text) < words {
        text.push_str(&self::section(seed, section, section % 3));
        section += 1;
    }
    text
}

pub fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

fn section(seed: usize, number: usize, kind: usize) -> String {
    let say = |at: usize| SENTENCES[(seed + number * 5 + at) % SENTENCES.len()];
    let paragraph = |at: usize| (0..5).map(|it| say(at + it)).collect::<Vec<_>>().join(" ");
    let special = match kind {
        0 => format!("- {}\n- {}\n  1. {}\n  2. {}\n", say(1), say(2), say(3), say(4)),
        1 => "| Kraj | Žádostí | Podíl |\n|:--|--:|--:|\n| Praha | 12 480 | 41 % |\n\
              | Středočeský | 5 932 | 19,5 % |\n| Jihomoravský | 4 117 | 13,5 % |\n"
            .to_owned(),
        _ => format!("> {}\n>\n> — z rozhovoru, {}. října 2026\n", say(6), number + 1),
    };
    let link = format!("https://www.example.org/zakon/{seed}/{number}?odst=1&pism=b");
    format!(
        "## {number}. Co ukazují čísla za rok {}\n\n{}\n\n{}[^{number}]\n\n{special}\n\
         {} Viz [znění zákona]({link}).\n\n[^{number}]: {}\n\n",
        2010 + number,
        paragraph(0),
        paragraph(3),
        paragraph(7),
        say(2),
    )
}
