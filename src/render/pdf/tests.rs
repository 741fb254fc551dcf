//! What the PDF promises, told with a house in memory.

use serde_json::Value;

use super::*;
use crate::model::PdfStandard;
use crate::render::specimen::{self, Specimen, theme};

const CHART: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' width='320' height='120'>\
    <text x='8' y='40' font-family=\"'Source Sans 3'\">Graf</text></svg>";

fn pdf(specimen: &Specimen) -> Result<Vec<u8>, Finding> {
    let theme = theme();
    specimen.read(|document| Pdf.render(document, &theme).map(|rendition| rendition.bytes))
}

#[track_caller]
fn sound(body: &str) -> Vec<u8> {
    let specimen = Specimen::new(body).picture("graf.svg", CHART);
    pdf(&specimen).unwrap_or_else(|finding| panic!("{}: {finding:?}", finding.place))
}

/// `document.json` as Typst reads it.
fn data(body: &str) -> Value {
    let theme = theme();
    Specimen::new(body)
        .picture("graf.svg", CHART)
        .read(|document| serde_json::to_value(Page::new(document, &theme).unwrap()).unwrap())
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn title_language_authors_topics_and_standards_stand_in_the_xmp() {
    let bytes = sound("Text.\n");
    for text in [
        "Příliš žluťoučký kůň",
        "Žofie Přibylová",
        "Ondřej Šťastný",
        "Krátce o tom, co úpěl kůň.",
        "zdraví",
        "<dc:language><rdf:Bag><rdf:li>cs</rdf:li>",
        "<pdfuaid:part>1</pdfuaid:part>",
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "2026-10-05T12:00:00+02:00",
    ] {
        assert!(holds(&bytes, text), "no {text} in the XMP");
    }
}

#[test]
fn a_rendition_lies_beside_its_page() {
    let theme = theme();
    let path = Specimen::new("Text.")
        .language("en")
        .read(|document| Pdf.render(document, &theme).unwrap().path);
    assert_eq!(path, "site/2026-10-05-kun/2026-10-05-kun.en.pdf");
}

#[test]
fn the_same_text_gives_the_same_bytes_also_on_two_threads_at_once() {
    let body = "## Úvod[^n]\n\n![Graf](graf.svg \"Popis\")\n\nText.\n\n[^n]: Poznámka.\n";
    let [one, two] = std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| sound(body)));
        both.map(|worker| worker.join().unwrap())
    });
    assert!(one == two, "two threads, two files");
    assert!(one == sound(body), "a second time, another file");
}

#[test]
fn what_an_author_writes_is_never_evaluated() {
    let lines =
        ["#read(\"/etc/passwd\")", "$x^2$", "@ref", "#set page(width: 1pt)", "#import \"a\""];
    let data = data(&lines.join("\n\n"));
    let kept: Vec<_> =
        data["body"].as_array().unwrap().iter().filter_map(|node| node["text"].as_str()).collect();
    assert_eq!(kept.concat(), lines.concat().replace("\"a\"", "„a“"));
    sound(&lines.join("\n\n"));
}

#[test]
fn every_kind_of_node_at_once_meets_both_standards() {
    sound(include_str!("every-node.md"));
}

#[test]
fn nesting_is_set_down_to_the_limit_and_refused_below_it() {
    let quotes = |levels: usize| format!("Úvod.\n\n{} hluboko\n", ">".repeat(levels));
    sound(&quotes(MAX_DEPTH));
    for levels in [MAX_DEPTH + 1, 300] {
        let finding = pdf(&Specimen::new(&quotes(levels))).unwrap_err();
        assert_eq!(finding.rule, "pdf-nesting");
        assert_eq!(finding.place.line, 7);
    }
    let lists: String =
        (0..MAX_DEPTH / 2).map(|level| format!("{}- bod\n", "  ".repeat(level))).collect();
    sound(&lists);
    let emphasis = format!("{}text{}", "*a **b ".repeat(12), "** b* a".repeat(12));
    sound(&emphasis);
}

#[test]
fn a_character_without_a_glyph_is_found_at_its_line_and_column() {
    let body = "Text.\n\nNa konci 字 a 字.\n\n| 漢 |\n|---|\n\n```\na\n  ש\n```\n";
    let theme = theme();
    let findings = Specimen::new(body).read(|document| check(document, &theme));
    let told: Vec<_> =
        findings.iter().map(|found| (found.place.line, found.place.column)).collect();
    assert_eq!(told, [(7, 10), (9, 3), (14, 3)]);
    assert!(findings[0].message.contains("“字” (U+5B57), 2 times"), "{}", findings[0].message);
}

#[test]
fn a_character_of_the_title_is_found_in_the_front_matter() {
    let specimen = Specimen::new("Text.").with(|manuscript| {
        manuscript.text = "---\ntitle: Kůň 馬\nkind: analysis\n---\nText.".into();
        manuscript.title = "Kůň 馬".to_owned();
    });
    let finding = pdf(&specimen).unwrap_err();
    assert_eq!((finding.place.line, finding.place.column), (2, 12));
}

#[test]
fn emoji_are_drawn_and_stay_text_whatever_they_are_joined_of() {
    let emoji = ["🎉", "✅", "⚠️", "👩🏽‍⚕️", "👨‍👩‍👧", "🇨🇿"];
    let bytes = sound(&format!("Text {}.\n\n**Tučně 🎉**, `kód 🎉`\n", emoji.join(" a ")));
    let outline = outline::of_pdf(&bytes);
    for emoji in emoji {
        let first = emoji.chars().next().unwrap();
        assert!(outline.sections[0].text.contains(first), "{emoji} in {outline:?}");
    }
}

#[test]
fn a_key_of_a_keyboard_is_told_since_no_face_makes_one_of_a_digit() {
    let finding = pdf(&Specimen::new("Stiskněte 1\u{fe0f}\u{20e3}.\n")).unwrap_err();
    assert_eq!((finding.rule, finding.place.line), ("pdf-glyph", 5));
}

#[test]
fn what_is_never_drawn_needs_no_glyph() {
    sound("A\u{feff}\u{200b}\u{200d}\u{2060}\u{fe0f}\u{ad}\u{202e}\u{1}\tz `x\u{200b}\u{feff}y`\n");
}

#[test]
fn greek_cyrillic_and_polish_are_drawn() {
    sound("Україна, Ελλάδα, Zażółć gęślą jaźń, Đà Nẵng. ≤ ≥ → − × … „“ ‚‘ »« § € ½ ☐\n");
}

#[test]
fn a_footnote_in_a_heading_and_two_marks_of_one_note() {
    let body = "## Úvod[^a]\n\nPrvní[^b] a zase[^b] i[^a].\n\n### Dál\n\n## Konec\n\nText.\n\n\
                [^a]: K nadpisu.\n[^b]: K textu, *dvakrát*.\n";
    let data = data(body);
    assert_eq!(data["contents"][0]["title"], "Úvod");
    let kinds: Vec<_> = data["body"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["kind"].as_str())
        .filter(|kind| kind.starts_with("footnote"))
        .collect();
    assert_eq!(kinds, ["footnote", "footnote-again", "footnote-again"]);
    sound(body);
}

#[test]
fn notes_may_hold_notes_and_even_themselves() {
    sound("A[^a].\n\n[^a]: Viz[^b] a sebe[^a].\n[^b]: Zpět[^a].\n\n    ## Nadpis\n\n    - bod\n");
}

#[test]
fn a_table_may_lack_its_header_and_may_carry_notes_in_it() {
    let without = "|  |  |\n|---|--:|\n| Praha | 1 |\n";
    assert_eq!(data(without)["body"][0]["header"].as_array().unwrap().len(), 0);
    sound(without);
    let rows = "| Brno | 2 |\n".repeat(60);
    sound(&format!("| Obec[^t] | Počet |\n|---|--:|\n{rows}\n[^t]: K tabulce.\n"));
}

#[test]
fn columns_are_as_wide_as_what_stands_in_them() {
    let data = data("| Obec | Počet obyvatel |\n|---|--:|\n| Uherské Hradiště | 20 564 |\n");
    assert_eq!(data["body"][0]["widths"], serde_json::json!([18, 11]));
    assert_eq!(data["body"][0]["align"], serde_json::json!(["left", "right"]));
}

/// Which headings of a text are numbered.
fn numbered(specimen: Specimen) -> Vec<bool> {
    let theme = theme();
    let data = specimen
        .read(|document| serde_json::to_value(Page::new(document, &theme).unwrap()).unwrap());
    let nodes = data["body"].as_array().unwrap();
    let headings = nodes.iter().filter(|node| node["kind"] == "heading");
    headings.map(|heading| heading["numbered"].as_bool().unwrap()).collect()
}

#[test]
fn chapters_and_their_parts_are_numbered_but_not_what_stands_behind_the_text() {
    let body = "## Úvod\n\n### Data\n\n#### Pozn.\n\n:::summary\n- Nález.\n:::\n\n\
                ## 2025 v číslech\n\n## Literatura a prameny\n\nKniha.\n";
    assert_eq!(numbered(Specimen::new(body)), [true, true, false, true, false]);
    let by_hand = "## 1. Úvod\n\nText.\n\n## 2. Závěr\n\nText.\n";
    assert_eq!(numbered(Specimen::new(by_hand)), [false, false]);
    let cited = "## Úvod\n\nČeká se [@vrbova2024].\n";
    assert_eq!(numbered(Specimen::new(cited)), [true, false]);
}

#[test]
fn numbers_of_a_column_stand_with_their_decimals_below_each_other() {
    let body = "| Obec | Dní |\n|---|---|\n| Aš | 41,25 |\n| Brno | 8 |\n";
    let table = &data(body)["body"][0];
    assert_eq!(table["align"], serde_json::json!(["left", "right"]));
    assert_eq!(table["cells"][1]["children"].as_array().unwrap().len(), 1);
    assert_eq!(
        table["cells"][3]["children"][1],
        serde_json::json!({ "kind": "pad", "text": ",00" })
    );
    let bytes = sound(body);
    // What is not seen is not read either.
    assert!(!outline::of_pdf(&bytes).sections[0].text.contains(",00"));
}

#[test]
fn words_in_another_language_say_so_without_their_region() {
    let body = ":::quote pt-BR\nÉ tarde.\n:::\n";
    let quote = &data(body)["body"][0];
    assert_eq!((&quote["kind"], &quote["language"]), (&"foreign".into(), &"pt".into()));
    sound(body);
}

#[test]
fn a_house_sets_paper_margins_and_size() {
    let theme = theme();
    let specimen = Specimen::new("## Úvod\n\nText.\n").house(|house| {
        house.pdf.paper = crate::model::Paper::A5;
        house.pdf.margins =
            crate::model::Margins { top: 15.0, bottom: 15.0, left: 15.0, right: 15.0 };
        house.accent = crate::model::Color([0x7a, 0x1f, 0x3d]);
    });
    let bytes = specimen.read(|document| Pdf.render(document, &theme).unwrap().bytes);
    let pdf = hayro_interpret::hayro_syntax::Pdf::new(bytes).unwrap();
    let (width, height) = pdf.pages()[0].render_dimensions();
    assert!((width - 419.5).abs() < 1.0 && (height - 595.3).abs() < 1.0, "{width} × {height}");
}

#[test]
fn the_last_page_has_the_address_the_citation_and_the_code() {
    let specimen = Specimen::new("Text.\n").house(|house| {
        let name = specimen::both("CC BY 4.0", "CC BY 4.0");
        house.organisation.licence = Some(crate::model::Licence { name, stated: None });
    });
    let said = outline::of_pdf(&pdf(&specimen).unwrap());
    let section = &said.sections[0];
    assert!(section.text.contains("PŘIBYLOVÁ, Žofie"), "{}", section.text);
    let page = "https://hlas.example.org/2026-10-05-kun/cs.html".to_owned();
    assert!(section.links.contains(&page));
    assert!(section.links.iter().any(|it| it.ends_with("/licenses/by/4.0/deed.cs")));
    assert!(section.figures.iter().any(|alt| alt.contains(&page)), "{:?}", section.figures);
}

#[test]
fn a_picture_without_a_word_about_it_is_refused_where_it_stands() {
    let finding = pdf(&Specimen::new("Text.\n\nA ![](graf.svg)\n").picture("graf.svg", CHART));
    let finding = finding.unwrap_err();
    assert_eq!((finding.rule, finding.place.line, finding.place.column), ("pdf-alt", 7, 3));
}

#[test]
fn tasks_bear_boxes_and_alerts_their_name_in_the_language() {
    let data = data("- bod\n- [x] hotovo\n- [ ] zbývá\n\n> [!TIP]\n> Rada.\n");
    assert_eq!(data["body"][0]["marks"], serde_json::json!(["•", "☑", "☐"]));
    assert_eq!(data["body"][1]["title"], "Tip");
    assert_eq!(data["body"][1]["tone"], "tip");
}

#[test]
fn blocks_hold_their_heading_which_the_contents_show() {
    let body = "Text.\n\n:::summary\n- Nález[^n].\n\n![Graf](graf.svg)\n:::\n\n[^n]: Pozn.\n";
    let data = data(body);
    assert_eq!(data["body"][1]["kind"], "block");
    assert_eq!(data["body"][1]["role"], "summary");
    assert_eq!(data["body"][1]["children"][0]["kind"], "heading");
    assert_eq!(data["contents"][0]["title"], "Hlavní zjištění");
    sound(body);
}

#[test]
fn a_block_may_run_over_pages_and_hold_another() {
    let long = "Pohled je dlouhý a má co říci, proto běží přes stránky.\n\n".repeat(120);
    sound(&format!("::::perspective most\n{long}\n:::recommendations\nText.\n:::\n::::\n"));
}

#[test]
fn what_is_for_some_readers_is_never_handed_to_typst() {
    let body = "A[^a].\n\n:::only politicians\n## Tajné\n\n![Tajné](graf.svg \"Tajné\")[^a]\n\n[^a]: Tajné.\n:::\n";
    let theme = theme();
    let json = Specimen::new(body)
        .picture("graf.svg", CHART)
        .read(|document| serde_json::to_string(&Page::new(document, &theme).unwrap()).unwrap());
    assert!(json.contains("\"A[^a].\"") && !json.contains("Tajné"), "{json}");
}

#[test]
fn an_empty_text_is_still_a_document() {
    sound("");
    sound("<!-- nic -->\n");
}

fn with_own(path: &str, text: &str) -> Theme {
    let own = [(path.to_owned(), text.as_bytes().to_vec())];
    Theme::new(own.into(), &["cs".into()]).ok().unwrap()
}

fn refused(specimen: &Specimen, theme: &Theme) -> Finding {
    specimen.read(|document| Pdf.render(document, theme).unwrap_err())
}

#[test]
fn a_broken_template_is_told_by_its_file_and_line() {
    let theme = with_own("pdf/style.typ", "#let colours = (\n  ink: rgb(\"#zz\"),\n)");
    let finding = refused(&Specimen::new("Text."), &theme);
    assert_eq!(finding.rule, "pdf-typst");
    assert_eq!(finding.place.to_string(), "templates/pdf/style.typ:2:12");
    assert!(finding.source.unwrap().contains("#zz"), "the line is shown");
}

#[test]
fn what_typst_cannot_set_is_told_where_it_stands_in_the_text() {
    let broken = &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x09\0\0\0\x09\x08\x02\0\0\0"[..];
    let body =
        "## Úvod\n\nViz [závěr](#zaver).\n\n- bod\n\n![Mapa](mapa.png)\n\n## Závěr\n\nKonec.\n";
    let finding = refused(&Specimen::new(body).picture("mapa.png", broken), &theme());
    assert_eq!((finding.rule, finding.place.line), ("pdf-typst", 11), "{finding:?}");
    assert!(finding.help.contains("Typst was at templates/pdf/render.typ:"), "{}", finding.help);
}

#[test]
fn a_panic_in_a_template_is_told_where_the_text_brings_it_about() {
    let built_in = theme();
    let render = String::from_utf8_lossy(built_in.file("pdf/render.typ")).into_owned();
    let render = render.replace("kind == \"rule\" {", "kind == \"rule\" { panic(\"nemáme čáry\")");
    let theme = with_own("pdf/render.typ", &render);
    let finding = refused(&Specimen::new("Text.\n\n- bod\n\n***\n\nKonec.\n"), &theme);
    assert_eq!(finding.place.line, 9, "{finding:?}");
    assert!(finding.message.contains("nemáme čáry"), "{}", finding.message);
}

#[test]
fn another_process_is_handed_all_that_it_needs_and_sets_the_same_bytes() {
    let theme = theme();
    let specimen = Specimen::new("Text s ![grafem](graf.svg) a *důrazem*.\n");
    let specimen = specimen.picture("graf.svg", CHART);
    let (there, here) = specimen.read(|document| {
        let page = Page::new(document, &theme).unwrap();
        let job = page.job(document, &theme, Wish::Pdf(papers(document)));
        let there = wire::answered(&wire::answer(&wire::written(&job, theme.fonts()))).unwrap();
        (there.unwrap(), Pdf.render(document, &theme).unwrap().bytes)
    });
    assert!(there == [here]);
}

#[test]
fn a_template_of_the_workspace_may_show_a_picture_that_lies_beside_it() {
    let built_in = theme();
    let main = String::from_utf8_lossy(built_in.file("pdf/main.typ")).into_owned();
    let main = format!("{main}\n#image(\"logo.svg\", alt: \"Znak\")\n");
    let own = [("pdf/main.typ", main.as_bytes()), ("pdf/logo.svg", CHART)];
    let own = own.map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
    let theme = Theme::new(own.into(), &["cs".into()]).ok().unwrap();
    Specimen::new("Text.").read(|document| Pdf.render(document, &theme).map(drop).unwrap());
}

#[test]
fn a_photograph_saved_as_png_is_a_jpeg_in_the_pdf_and_a_drawing_is_not() {
    let mut grain = 1_u32;
    let photograph = image::RgbImage::from_fn(400, 300, |x, y| {
        grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (grain >> 28) as u8;
        image::Rgb([(x / 2) as u8 + noise, (y / 2) as u8 + noise, noise])
    });
    let drawing = image::RgbImage::from_fn(400, 300, |x, _| image::Rgb([(x / 40) as u8; 3]));
    for (picture, is_jpeg) in [(photograph, true), (drawing, false)] {
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let specimen = Specimen::new("![Fotografie](foto.png)\n");
        let bytes = pdf(&specimen.picture("foto.png", &png.into_inner())).unwrap();
        assert_eq!(holds(&bytes, "/DCTDecode"), is_jpeg);
    }
}

#[test]
fn each_standard_can_be_left_out_and_a_plain_pdf_is_tagged_still() {
    for (standards, expected) in [
        (vec![], [false, false]),
        (vec![PdfStandard::Ua1], [true, false]),
        (vec![PdfStandard::A2a], [false, true]),
    ] {
        let specimen = Specimen::new("## Úvod\n\nText.\n")
            .of_house(|house| house.pdf.standards = standards.into_iter().collect());
        let bytes = pdf(&specimen).unwrap();
        let claims = ["<pdfuaid:part>", "<pdfaid:part>"].map(|claim| holds(&bytes, claim));
        assert_eq!(claims, expected);
        assert!(outline::of_pdf(&bytes).sections[1].heading.trim_end().ends_with("Úvod"));
    }
}
