//! A small house and a publication in memory, for the tests of renderers.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use comrak::Arena;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::{Document, Format, Theme, picture};
use crate::model::{
    Attach, ByLanguage, Color, Edition, Kind, Language, Layout, MailPictures, MailSettings,
    Manuscript, Margins, Member, Organisation, Paper, PdfSettings, PdfStandard, Picture,
    Publication, Readership, Slug, Status, TypographySettings, WorkingGroup, Workspace,
};

pub fn both(cs: &str, en: &str) -> ByLanguage<String> {
    ByLanguage([("cs".into(), cs.to_owned()), ("en".into(), en.to_owned())].into())
}

pub fn workspace() -> Workspace {
    let address = |text: &str| text.parse().expect("an address");
    Workspace {
        root: PathBuf::from("/desk"),
        organisation: Organisation {
            name: both("Konsorcium Mnohohlas", "Mnohohlas Consortium"),
            tagline: both("Jeden hlas, různé pohledy", "One voice, diverse perspectives"),
            address: both("Lávková 16, 110 00 Praha 1", "Lávková 16, 110 00 Prague 1"),
            email: "redakce@example.org".to_owned(),
            website: "https://www.example.org/".to_owned(),
            licence: None,
        },
        base_url: "https://hlas.example.org/".parse().expect("a URL"),
        time_zone: TimeZone::get("Europe/Prague").expect("a zone"),
        languages: vec!["cs".into(), "en".into()],
        kinds: vec![kind("analysis", both("Analýza", "Analysis"))],
        working_groups: vec![WorkingGroup {
            id: "residence".to_owned(),
            name: both("Pobyt a azyl", "Residence and asylum"),
        }],
        members: vec![
            Member { id: "most".to_owned(), name: "Poradna U Mostu".to_owned(), website: None },
            Member { id: "kruh".to_owned(), name: "Tlumočnický kruh".to_owned(), website: None },
        ],
        segments: vec!["politicians".to_owned(), "officials".to_owned()],
        delivery: crate::model::DeliverySettings::default(),
        pace: crate::model::Pace::default(),
        window: None,
        mail: MailSettings {
            from_name: both("Konsorcium Mnohohlas", "Mnohohlas Consortium"),
            from: address("hlas@example.org"),
            reply_to: None,
            envelope_sender: address("hlas@example.org"),
            list_id: "hlas.example.org".to_owned(),
            unsubscribe: address("unsubscribe@example.org"),
        },
        dkim: None,
        levels: Default::default(),
        picture_budget: 2_000_000,
        typography: TypographySettings {
            bind: ByLanguage(
                [("cs".into(), "ksvzouai".chars().map(String::from).collect())].into(),
            ),
        },
        accent: Color([0x1f, 0x4e, 0x79]),
        pdf: PdfSettings {
            paper: Paper::A4,
            margins: Margins { top: 28.0, bottom: 34.0, left: 42.0, right: 34.0 },
            text_font: "Source Serif 4".to_owned(),
            heading_font: "Source Sans 3".to_owned(),
            code_font: "Source Code Pro".to_owned(),
            text_size: 10.5,
            contents_from: 5,
            standards: PdfStandard::ALL.into(),
            time_limit: Duration::from_secs(60),
        },
        out: PathBuf::from("/desk/out"),
    }
}

pub fn kind(id: &str, name: ByLanguage<String>) -> Kind {
    let layout = Layout::of_kind(id);
    Kind { id: id.to_owned(), name, layout, numbered: layout == Layout::Report }
}

pub fn manuscript(language: &str, body: &str) -> Manuscript {
    let czech = language == "cs";
    let title = if czech { "Fronta na „pobyt“" } else { "Queueing for “residence”" };
    Manuscript {
        language: language.into(),
        status: Status::Ready,
        title: title.to_owned(),
        subtitle: Some(if czech { "Proč se čeká" } else { "Why people wait" }.to_owned()),
        summary: Some(if czech { "Čekání má cenu & viníka." } else { "Waiting costs." }.to_owned()),
        subject: title.to_owned(),
        authors: vec!["Kateřina Vrbová".to_owned(), "Tomáš Řehák".to_owned()],
        topics: vec!["residence".to_owned()],
        working_group: Some("residence".to_owned()),
        members: vec!["most".to_owned(), "kruh".to_owned()],
        typography: true,
        updated: None,
        file: PathBuf::from(format!("publications/2026-10-14-fronta/{language}.md")),
        text: Arc::from(body),
        body: body.to_owned(),
        lines_before_body: 0,
        gathered: None,
        charts: Vec::new(),
    }
}

/// A publication with these bodies, by language, and two pictures.
pub fn publication(bodies: &[(&str, &str)]) -> Publication {
    let picture = |name: &str, width, height| Picture {
        name: name.to_owned(),
        bytes: Arc::from(&b""[..]),
        width,
        height,
    };
    Publication {
        slug: Slug::new("2026-10-14-fronta").expect("a slug"),
        folder: PathBuf::from("publications/2026-10-14-fronta"),
        status: Status::Ready,
        kind: "analysis".to_owned(),
        date: date(2026, 10, 14),
        at: None,
        not_after: None,
        to: vec!["politicians".to_owned()],
        attach: Attach::Nothing,
        number: None,
        mail_pictures: None,
        gather: None,
        manuscripts: bodies.iter().map(|(language, body)| manuscript(language, body)).collect(),
        pictures: vec![picture("graf.svg", 800, 400), picture("mapa čtvrti.png", 300, 200)],
        unusable: Vec::new(),
        bibliography: Some(crate::load::parse_bibliography(
            "publications/2026-10-14-fronta/literatura.bib".as_ref(),
            WORKS,
            &mut Vec::new(),
        )),
    }
}

pub fn politicians() -> Readership {
    Readership::Segment {
        id: "politicians".to_owned(),
        title: both("Zákonodárci", "Legislators"),
        pictures: MailPictures::Hosted,
    }
}

/// The built-in theme, made once for all tests of a run.
pub static THEME: LazyLock<Theme> = LazyLock::new(theme);

pub fn theme() -> Theme {
    Theme::new(Default::default(), &["cs".into(), "en".into()]).expect("the built-in theme")
}

/// Calls `with` with the document of one edition.
pub fn document<T>(
    publication: &Publication,
    language: &str,
    readership: Readership,
    with: impl FnOnce(&Document<'_>) -> T,
) -> T {
    let manuscript = publication.manuscript(&Language::new(language)).expect("that language");
    let edition = Edition { publication, manuscript, readership };
    let (workspace, arena) = (workspace(), Arena::new());
    with(&Document::new(&arena, &edition, &workspace, &THEME))
}

/// One Czech body as politicians get it, in one format.
pub fn rendered(format: &dyn Format, body: &str) -> String {
    let publication = publication(&[("cs", body)]);
    document(&publication, "cs", politicians(), |document| {
        let rendition = format.render(document, &theme()).expect("a rendition");
        String::from_utf8(rendition.bytes).expect("UTF-8")
    })
}

/// One work of each kind that analysts cite.
pub const WORKS: &str = r#"
@book{vrbova2024,
  author = {Vrbová, Kateřina and Řehák, Tomáš},
  title = {Čekárna},
  subtitle = {Lhůty a lidé},
  edition = {2},
  year = {2024},
  publisher = {Lávka},
  address = {Praha},
  isbn = {978-80-00-00000-0},
}
@article{mala2023,
  author = {Malá, Eva and Šídlo, Petr and Chalupa, Jan and Černý, Ivo},
  title = {Kdo čeká nejdéle},
  journal = {Sociální revue},
  year = {2023},
  volume = {12},
  number = {3},
  pages = {45--60},
  doi = {10.5555/revue.2023.12},
}
@report{mv2025,
  author = {{Ministerstvo vnitra}},
  title = {Zpráva o migraci},
  type = {výroční zpráva},
  number = {4},
  institution = {MV ČR},
  location = {Praha},
  year = {2025},
  url = {https://example.org/zprava?rok[]=2025},
  urldate = {2026-10-05},
}
@misc{zakon326,
  title = {Zákon č. 326/1999 Sb., o pobytu cizinců},
  shorttitle = {Zákon č. 326/1999 Sb.},
}
@incollection{novak2020,
  author = {Novák, Jan},
  title = {Okno úřadu},
  editor = {Malá, Eva},
  booktitle = {Město a jeho lidé},
  publisher = {Lávka},
  address = {Brno},
  year = {2020},
  pages = {12--30},
}
@misc{necitovana, title = {Kterou nikdo necituje}}
"#;

/// Every kind of node that a document can hold.
pub const EVERYTHING: &str = r#"Úvod *zdůrazněný*, **silný**, ~~škrtnutý~~ a `kód`.[^a] Viz [zákon](https://example.org/z?a=1&b[]=2), [závěr](#závěr) a <https://example.com/cesta>.\
Nový řádek, „citát“ a ‚vnitřní‘…

## Hlavní zjištění

1. první
2. druhé
   - vnořené
   - ještě jedno

     s odstavcem

- [x] hotovo
- [ ] zbývá

> Citát
>
> > v citátu

> [!WARNING]
> Pozor na `lhůty`.

### Čísla

| Obec | Počet |  |
|:--|--:|:-:|
| Říčany | 1 234 | ano |
| Ústí nad Labem | 99 | [ne](https://example.org/ne) |

![Sloupcový graf](graf.svg "Podíl domácností")

Obrázek ![mapa](<mapa čtvrti.png>) v textu. A znovu.[^a]

![Mapa krajů](<mapa čtvrti.png>)
Kde se čeká **nejdéle**
Zdroj: [Ministerstvo vnitra](https://example.org/mv), 2025.[^a]

Tabulka 1: Čekání ve *dnech*

| Kraj | Dnů |
|:--|--:|
| Praha | 41 |
Zdroj: vlastní výpočet podle [dat](https://example.org/data)

```rust
let x = "<&>";
```

***

## Závěr

Čeká se déle [@vrbova2024, s. 12–15; viz @zakon326, § 42
odst. 1] než dřív [srov. @mala2023; @mv2025, 7], píše Novák [-@novak2020, s. 3].

Napište na info@example.org.[^b] A viz jinde.[^c]

[^a]: Poznámka s [odkazem](https://example.org/pozn).
[^c]: Srov. [@vrbova2024].
[^b]: Delší poznámka.

    - se seznamem
"#;

/// A ready Czech commentary with the picture `graf.svg` beside it, whose text
/// is `body`; its front matter takes five lines.
pub fn commentary(body: &str) -> Publication {
    let mut publication = publication(&[("cs", body)]);
    publication.slug = Slug::new("2026-10-05-zkouska").expect("a slug");
    publication.folder = PathBuf::from("publications/2026-10-05-zkouska");
    publication.kind = "commentary".to_owned();
    publication.pictures.retain(|picture| picture.name == "graf.svg");
    for manuscript in &mut publication.manuscripts {
        let text = format!("---\ntitle: Zkouška\nkind: commentary\nstatus: ready\n---\n{body}");
        manuscript.file = publication.folder.join("cs.md");
        manuscript.text = Arc::from(text);
        manuscript.lines_before_body = 5;
    }
    publication
}

/// One publication with one manuscript, and what it takes to render it.
pub struct Specimen {
    workspace: Workspace,
    publication: Publication,
}

impl Specimen {
    /// A Czech analysis with this Markdown under four lines of front matter.
    pub fn new(body: &str) -> Self {
        let front_matter = "---\ntitle: Příliš žluťoučký kůň\nkind: analysis\n---\n";
        let manuscript = Manuscript {
            language: "cs".into(),
            status: Status::Ready,
            title: "Příliš žluťoučký kůň".to_owned(),
            subtitle: Some("O koních a ódách".to_owned()),
            summary: Some("Krátce o tom, co úpěl kůň.".to_owned()),
            subject: "Příliš žluťoučký kůň".to_owned(),
            authors: vec!["Žofie Přibylová".to_owned(), "Ondřej Šťastný".to_owned()],
            topics: vec!["pobyt".to_owned(), "zdraví".to_owned()],
            working_group: Some("residence".to_owned()),
            members: vec!["most".to_owned(), "přístav".to_owned()],
            typography: true,
            updated: None,
            file: "publications/2026-10-05-kun/cs.md".into(),
            text: Arc::from(format!("{front_matter}{body}")),
            body: body.to_owned(),
            lines_before_body: front_matter.lines().count(),
            gathered: None,
            charts: Vec::new(),
        };
        let publication = Publication {
            slug: Slug::new("2026-10-05-kun").expect("a slug"),
            folder: "publications/2026-10-05-kun".into(),
            status: Status::Ready,
            kind: "analysis".to_owned(),
            date: date(2026, 10, 5),
            at: None,
            not_after: None,
            to: Vec::new(),
            attach: Attach::Nothing,
            number: None,
            mail_pictures: None,
            gather: None,
            manuscripts: vec![manuscript],
            pictures: Vec::new(),
            unusable: Vec::new(),
            bibliography: Some(crate::load::parse_bibliography(
                "publications/2026-10-05-kun/literatura.bib".as_ref(),
                WORKS,
                &mut Vec::new(),
            )),
        };
        Self { workspace: workspace(), publication }
    }

    /// With a picture beside the text.
    pub fn picture(mut self, name: &str, bytes: &[u8]) -> Self {
        let (width, height) = picture::size(bytes, name).expect("a picture");
        let (name, bytes) = (name.to_owned(), Arc::from(bytes));
        self.publication.pictures.push(Picture { name, bytes, width, height });
        self
    }

    /// With something about the manuscript changed.
    pub fn with(mut self, change: impl FnOnce(&mut Manuscript)) -> Self {
        change(&mut self.publication.manuscripts[0]);
        self
    }

    /// With something about the house changed.
    pub fn house(mut self, change: impl FnOnce(&mut Workspace)) -> Self {
        change(&mut self.workspace);
        self
    }

    pub fn language(self, language: &str) -> Self {
        self.with(|manuscript| manuscript.language = Language::new(language))
    }

    /// With something about the house changed.
    pub fn of_house(mut self, change: impl FnOnce(&mut Workspace)) -> Self {
        change(&mut self.workspace);
        self
    }

    /// Hands the document to `look`.
    pub fn read<T>(&self, look: impl FnOnce(&Document<'_>) -> T) -> T {
        let arena = Arena::new();
        let edition = Edition {
            publication: &self.publication,
            manuscript: &self.publication.manuscripts[0],
            readership: Readership::Public,
        };
        look(&Document::new(&arena, &edition, &self.workspace, &THEME))
    }
}
