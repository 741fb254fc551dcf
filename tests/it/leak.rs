//! What is for some readers never reaches others: not the page, the PDF, the
//! feed or a picture's file, and no mail of another segment.
//!
//! The text has a word of its own in every place that a text can have words
//! in, four times over, each time in a block for other readers. Whatever is
//! public is then searched for them, down to the bytes.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use mail_parser::MimeHeaders;

use crate::desk::{ANNA, CYRIL, Desk, HOUSE, has, skip};

const SLUG: &str = "2020-01-06-pro-nektere";

/// Everything that an author can put into a block; `@` begins its secret words.
const SECRETS: &str = r#"## Nadpis @nadpis

Věta @text s [odkazem @odkaz](https://example.org/@adresa "@titulek"), `@kod`, *@duraz*,
poznámkou[^@p] a poznámkou všech.[^vsem]

- položka @seznam
  - [ ] @ukol

| @hlavicka | b |
|---|---|
| @bunka | 1 |

![@alt](@soubor.svg "@popisek")

```text
@blok
```

> @citat

```chart
kind: bar
title: @graf
alt: @graful
unit: @jednotka
source: @zdroj
note: @poznamkagrafu

@radek;@rada
@prvek;1
@druhy;2
```

> [!NOTE] @upozorneni
> Text @poznamkovy.

Viz [@odkazovany][@r] a <https://example.org/@holy>.

[^@p]: Poznámka @poznamka s [odkazem](https://example.org/@vpoznamce).

[@r]: https://example.org/@definice "@titulekdefinice"

:::perspective most
Pohled @pohled.
:::
"#;

/// Small blocks in other things, as `only` has them for politicians.
const PLACED: &str = "\
- bod pro všechny
  :::only politicians
  @vseznamu
  :::
- :::only politicians
  @polozka
  :::

> citát pro všechny
>
> :::only politicians
>@vcitatu
> :::

::::summary
Zjištění pro všechny.

:::only politicians
@vesouhrnu
:::
::::
";

/// The beginnings of secret words, and the block whose they are.
const BLOCKS: [(&str, &str); 4] = [
    ("qpol", "only politicians"),
    ("qneo", "except officials"),
    ("qofi", "only officials"),
    ("qnep", "except politicians"),
];

fn text() -> String {
    let front = "---\ntitle: Pro některé\nsummary: Co je pro všechny.\nkind: commentary\n\
        date: 2020-01-06\nat: 2020-01-06 09:00\nto: [politicians, officials]\nattach: pdf\n\
        status: ready\n---\n\nVeřejná věta.[^vsem] ![Veřejný obrázek](verejny.svg)\n\n";
    let blocks = BLOCKS.map(|(mark, block)| {
        format!("::::{block}\n{}::::\n\nVeřejná spojka.\n\n", SECRETS.replace('@', mark))
    });
    let placed = PLACED.replace('@', "qpol");
    format!(
        "{front}{}{placed}\n## Závěr\n\nKonec.\n\n[^vsem]: Veřejná poznámka.\n",
        blocks.concat()
    )
}

struct Sent {
    desk: Desk,
    secrets: BTreeSet<String>,
}

/// One desk, built and mailed once.
static SENT: LazyLock<Sent> = LazyLock::new(|| {
    let members = "\n[[members]]\nid = \"most\"\nname = \"Poradna U Mostu\"\nwebsite = \"https://most.example.org/\"\n";
    let segments = "[politicians]\ntitle = { cs = \"Politici\" }\nwhen = 'list == \"politicians\"'\n\
        [officials]\ntitle = { cs = \"Úřady\" }\nwhen = 'list == \"officials\"'\n";
    let person = |address: &str| format!("email,language,basis\n{address},cs,consent\n");
    let desk = Desk::bare()
        .settings(&format!("{HOUSE}{members}"))
        .segments(segments)
        .list("politicians", person(ANNA))
        .list("officials", person(CYRIL))
        .publication(SLUG, &text());
    let names = BLOCKS.map(|(mark, _)| format!("{mark}soubor"));
    for name in names.iter().map(String::as_str).chain(["verejny"]) {
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><!-- {name}kresba --><rect width='9' height='9'/></svg>"
        );
        desk.write(&format!("publications/{SLUG}/{name}.svg"), svg);
    }
    desk.hlas(["send", SLUG, "--yes"]).ends_with(0);
    let text = text();
    let words = text.split(|c: char| !c.is_alphanumeric());
    let is_secret = |word: &&str| BLOCKS.iter().any(|(mark, _)| word.starts_with(mark));
    let secrets = words.filter(is_secret).map(str::to_owned).collect();
    Sent { desk, secrets }
});

impl Sent {
    /// The secret words, or beginnings of file names, that stand in a text.
    fn found_in(&self, text: &str) -> Vec<&str> {
        // Words may be broken at the end of a line, and accents mean nothing.
        let text = text.replace("-\n", "").replace("=\r\n", "").to_lowercase();
        self.secrets.iter().map(String::as_str).filter(|secret| text.contains(*secret)).collect()
    }

    /// HTML and text of the mail to an address.
    fn mail_to(&self, address: &str) -> String {
        let outbox = self.desk.outbox();
        let mail = outbox.iter().find(|mail| mail.recipient() == address).expect("a mail");
        let message = mail.parsed();
        let html = message.body_html(0).expect("HTML");
        let text = message.body_text(0).expect("text");
        format!("{}\n{html}\n{text}", mail.subject())
    }
}

#[test]
fn nothing_below_the_site_holds_a_word_of_a_private_block() {
    let files = SENT.desk.site();
    assert!(files.iter().any(|file| file.ends_with("verejny.svg.png")), "{files:?}");
    for file in files {
        assert_eq!(SENT.found_in(&file), [""; 0], "in the name of {file}");
        let bytes = SENT.desk.bytes(&format!("out/site/{file}"));
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(SENT.found_in(&text), [""; 0], "in {file}");
        if file.contains("cs.html") || file == "feed.cs.xml" {
            assert!(text.contains("Veřejná věta") && text.contains("Veřejná poznámka"), "{file}");
        }
    }
}

#[test]
fn no_word_of_a_private_block_stands_in_the_pdf_on_the_site_or_in_the_mail() {
    let on_site = SENT.desk.root().join(format!("out/site/{SLUG}/{SLUG}.cs.pdf"));
    let outbox = SENT.desk.outbox();
    for mail in &outbox {
        let message = mail.parsed();
        // A picture for some readers rides in their mail, too.
        let is_pdf = |part: &&mail_parser::MessagePart<'_>| {
            part.attachment_name().is_some_and(|name| name.ends_with(".pdf"))
        };
        let attached = message.attachments().find(is_pdf).expect("a PDF");
        assert!(attached.contents() == std::fs::read(&on_site).unwrap(), "another PDF");
    }
    let readers: [(&str, &[&str], &[&str]); 2] = [
        ("pdftotext", &["-enc", "UTF-8"], &["-"]),
        // Every stream unpacked: addresses, titles, alternative texts, tags.
        ("qpdf", &["--qdf", "--object-streams=disable"], &["-"]),
    ];
    for (program, before, after) in readers {
        if !has(program) {
            skip(&format!("{program} is not installed, so it searches no PDF"));
            continue;
        }
        let output = Command::new(program).args(before).arg(&on_site).args(after).output();
        let output = output.expect("it runs");
        assert!(output.status.success() && output.stdout.len() > 100, "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(program != "pdftotext" || text.contains("Veřejná věta"), "{text}");
        assert_eq!(SENT.found_in(&text), [""; 0], "in the PDF, by {program}");
        assert_eq!(SENT.found_in(&utf16(&output.stdout)), [""; 0], "in the PDF, by {program}");
    }
}

/// The letters of a file that are written in two bytes each, as PDF does, or as
/// their hexadecimal digits.
fn utf16(bytes: &[u8]) -> String {
    let plain: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&plain).into_owned();
    let digits = |part: &str| {
        let pairs = part.as_bytes().chunks(2).filter_map(|pair| {
            u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok().filter(|byte| *byte != 0)
        });
        String::from_utf8_lossy(&pairs.collect::<Vec<_>>()).into_owned()
    };
    let strings =
        text.split('<').filter_map(|rest| rest.split_once('>').map(|(hex, _)| digits(hex)));
    let strings: Vec<String> = strings.collect();
    format!("{text}\n{}", strings.join("\n"))
}

#[test]
fn each_segment_gets_all_that_is_for_it_and_nothing_that_is_not() {
    for (address, own) in [(ANNA, ["qpol", "qneo"]), (CYRIL, ["qofi", "qnep"])] {
        let mail = SENT.mail_to(address);
        let found: BTreeSet<&str> = SENT.found_in(&mail).into_iter().collect();
        let is_own = |secret: &&str| own.iter().any(|mark| secret.starts_with(mark));
        let foreign: Vec<_> = found.iter().filter(|secret| !is_own(secret)).collect();
        assert!(foreign.is_empty(), "{address} reads {foreign:?}");
        // Names of notes and addresses are the author's alone.
        let name = |secret: &&str| secret.len() == 5;
        let expected = SENT.secrets.iter().map(String::as_str).filter(is_own);
        let missing: Vec<_> = expected
            .filter(|secret| {
                !name(secret) && !secret.ends_with("soubor") && !found.contains(secret)
            })
            .collect();
        assert!(missing.is_empty(), "{address} does not read {missing:?}");
        assert!(mail.contains("Veřejná poznámka"));
    }
}

#[test]
fn previews_of_mail_are_kept_apart_too() {
    for (segment, foreign) in [("politicians", ["qofi", "qnep"]), ("officials", ["qpol", "qneo"])] {
        for part in ["html", "txt"] {
            let text = SENT.desk.read(&format!("out/mail/{SLUG}/cs.{segment}.{part}"));
            let found = SENT.found_in(&text);
            assert!(!found.is_empty());
            let foreign = found.iter().filter(|it| foreign.iter().any(|mark| it.starts_with(mark)));
            assert_eq!(foreign.count(), 0, "{segment}.{part}: {found:?}");
        }
    }
}

#[test]
fn a_draft_is_as_discreet_in_its_preview() {
    let desk = Desk::small()
        .settings(&format!("{HOUSE}\n[[members]]\nid = \"most\"\nname = \"Most\"\n"))
        .publication(
            SLUG,
            "---\ntitle: Pro některé\nkind: commentary\ndate: 2020-01-06\nto: [everyone]\nstatus: draft\n---\n\n\
             Veřejná věta.\n\n:::only everyone\nqpoltajne\n:::\n",
        );
    desk.hlas(["build"]).ends_with(0);
    let files = desk.tree("out/preview/site");
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let bytes = desk.bytes(&format!("out/preview/site/{file}"));
        assert!(!String::from_utf8_lossy(&bytes).contains("qpoltajne"), "{file}");
    }
    assert!(desk.read(&format!("out/preview/mail/{SLUG}/cs.everyone.txt")).contains("qpoltajne"));
}
