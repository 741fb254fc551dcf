//! Charts as they lie on the disk: places in a text, files beside it, names.

use std::path::PathBuf;

use super::*;
use crate::render::specimen;

/// A publication with charts drawn from files in a folder of its own, and what
/// is wrong with them.
fn drawn(bodies: &[(&str, &str)], files: &[(&str, &[u8])]) -> (Publication, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut workspace = specimen::workspace();
    workspace.root = folder.path().to_owned();
    let mut publication = specimen::publication(bodies);
    publication.folder = PathBuf::from("publications/2026-10-14-fronta");
    let place = folder.path().join(&publication.folder);
    std::fs::create_dir_all(&place).unwrap();
    for (name, bytes) in files {
        std::fs::write(place.join(name), bytes).unwrap();
    }
    let findings = draw_in(&mut publication, &workspace, &specimen::THEME);
    let told = findings.iter().map(|it| {
        let Place { file, line, column, .. } = &it.place;
        let file = file.file_name().unwrap().to_string_lossy();
        assert!(it.source.is_some() || it.rule != RULE, "no line to show of {}", it.message);
        format!("{file}:{line}:{column} {} {} → {}", it.rule, it.message, it.help)
    });
    let told = told.collect();
    (publication, told)
}

fn told(body: &str, files: &[(&str, &[u8])]) -> Vec<String> {
    drawn(&[("cs", body)], files).1
}

/// A block whose rows are in a file.
fn with_file(name: &str) -> String {
    format!("```chart\nkind: line\ntitle: A\nalt: B\ndata: {name}\n```\n")
}

const ROWS: &str = "Kraj;Dnů\nPraha;1\nBrno;2\n";

#[test]
fn a_chart_is_found_where_it_stands_and_drawn_twice() {
    let body = format!(
        "Text.\n\n```chart\nkind: bar\ntitle: Čekání \"u nás\"\nalt: V Praze.\n\n{ROWS}```\n"
    );
    let (publication, told) = drawn(&[("cs", &body)], &[]);
    assert_eq!(told, [""; 0]);
    let [chart] = &publication.manuscripts[0].charts[..] else { panic!("one") };
    assert_eq!(chart.line, 3);
    assert_eq!(chart.chart.title, "Čekání „u\u{a0}nás“", "set as all text is");
    assert_eq!((chart.wide.name.as_str(), chart.wide.width), ("chart-cekani-u-nas.cs.svg", 640));
    assert_eq!(chart.small.name, "chart-cekani-u-nas.cs.small.svg");
    assert!(publication.picture(&chart.small.name).is_some());
    assert!(publication.is_wide_chart(&chart.wide.name));
    let (size, named) = (crate::render::picture::size(&chart.wide.bytes, "a.svg"), &chart.wide);
    assert_eq!(size, Ok((named.width, named.height)));
}

#[test]
fn names_are_of_titles_without_their_numbers_and_never_twice_the_same() {
    let block = |title: &str| {
        format!("```chart\nkind: bar\ntitle: {title}\nalt: V Praze.\n\n{ROWS}```\n\n")
    };
    let body = [block("Graf 1: Čekání"), block("Graf 2: Čekání"), block("…")].concat();
    let (publication, told) = drawn(&[("cs", &body), ("en", &body)], &[]);
    assert_eq!(told, [""; 0]);
    let charts = publication.manuscripts.iter().flat_map(|it| &it.charts);
    let names: Vec<&str> = charts.map(|chart| chart.wide.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "chart-cekani.cs.svg",
            "chart-cekani-2.cs.svg",
            "chart-.cs.svg",
            "chart-cekani.en.svg",
            "chart-cekani-2.en.svg",
            "chart-.en.svg",
        ]
    );
}

#[test]
fn a_block_that_is_set_in_or_quoted_is_told_of_in_its_own_columns() {
    let body = "- bod\n\n  ```chart\n  kind: bar\n  title: A\n  alt: B\n\n  Kraj;Dnů\n  Praha;x1\n  ```\n\n\
        > ~~~~ Chart\n> kind: sloupec\n> title: A\n> alt: B\n>\n> Kraj;Dnů\n> Praha;1\n> ~~~~\n";
    assert_eq!(
        told(body, &[]),
        [
            "cs.md:9:9 chart `x1` is no number → write the number alone, such as 12 345,6; leave the cell empty where it is not known",
            "cs.md:13:9 chart there is no kind of chart `sloupec` → write bar, line, stacked or dot",
        ]
    );
}

#[test]
fn a_file_as_czech_excel_saves_it_is_read() {
    let csv = "\u{feff}Rok;Žádostí\r\n2024;31\u{a0}200,5\r\n2025;38900\r\n;\r\n";
    let (publication, told) = drawn(
        &[("cs", &with_file("./data%202025.csv")), ("en", &with_file("data 2025.csv"))],
        &[("data 2025.csv", csv.as_bytes())],
    );
    assert_eq!(told, [""; 0]);
    for manuscript in &publication.manuscripts {
        let rows = &manuscript.charts[0].chart.rows;
        assert_eq!(rows[0].values[0].unwrap().number, 31_200.5, "{}", manuscript.language);
        assert_eq!(rows.len(), 2);
    }
}

#[test]
fn mistakes_in_a_file_are_told_in_it_once_and_mistakes_about_it_where_it_is_named() {
    let both = with_file("a.csv") + &with_file("a.csv");
    assert_eq!(
        told(&both, &[("a.csv", b"Rok;X\n2024;nic\n2025;1\n")]),
        [
            "a.csv:2:6 chart `nic` is no number → write the number alone, such as 12 345,6; leave the cell empty where it is not known"
        ]
    );
    assert_eq!(
        told(&with_file("povolen.csv"), &[("povoleni.csv", b"")]),
        [
            "cs.md:5:7 chart there is no file `povolen.csv` beside the text → did you mean `povoleni.csv`?"
        ]
    );
    assert_eq!(
        told(&with_file("../../subscribers/members.csv"), &[]),
        [
            "cs.md:5:7 chart `../../subscribers/members.csv` is no file of data beside the text → save the table as CSV into the folder of the text"
        ]
    );
    assert_eq!(
        told(&with_file("data.xlsx"), &[]),
        [
            "cs.md:5:7 chart `data.xlsx` is no file of data beside the text → save the table as CSV into the folder of the text"
        ]
    );
    assert_eq!(
        told(&with_file("a.csv"), &[("a.csv", b"")]),
        ["a.csv:1:1 chart the file has no rows → save the table into it once more"]
    );
    let windows = told(&with_file("a.csv"), &[("a.csv", b"Rok;Po\xE8et\n2024;1\n")]);
    assert!(windows[0].starts_with("a.csv:1:7 encoding not UTF-8: the byte 0xE8"), "{windows:?}");
    let huge = vec![b'1'; 300_000];
    assert_eq!(
        told(&with_file("a.csv"), &[("a.csv", &huge)]),
        ["cs.md:5:7 chart `a.csv` is over 256 kB → keep only the rows and columns of the chart"]
    );
    let rows_too = with_file("a.csv").replace("a.csv\n", "a.csv\n\nRok;X\n");
    assert_eq!(
        told(&rows_too, &[("a.csv", b"Rok;X\n2024;1\n2025;1\n")]),
        [
            "cs.md:5:7 chart the chart has rows, and names a file that has them → keep the rows, or the line `data: …`"
        ]
    );
}

#[test]
fn what_was_meant_for_a_chart_is_told_and_other_code_is_left_alone() {
    assert_eq!(
        told("```graf\nkind: bar\n```\n\n```rust\nlet chart: u8;\n```\n\n    chart\n", &[]),
        [
            "cs.md:1:4 chart a block `graf` is printed as it stands → write ```chart, if it is to be drawn"
        ]
    );
    assert_eq!(
        told(&format!("```chart\nkind: bar\ntitle: A\nalt: B\n\n{ROWS}\n## Dál\n"), &[]),
        [
            "cs.md:1:1 chart nothing closes the block of this chart → write ``` in a line of its own below its last row"
        ]
    );
}

#[test]
fn a_link_in_a_source_leads_where_readers_can_go() {
    let block = |source: &str| {
        format!("```chart\nkind: bar\ntitle: A\nalt: B\nsource: {source}\n\n{ROWS}```\n")
    };
    assert_eq!(told(&block("[MV](https://example.org/data)"), &[]), [""; 0]);
    assert_eq!(
        told(&block("[MV](javascript:alert)"), &[]),
        [
            "cs.md:5:9 chart no reader could follow the link to `javascript:alert` → write a whole address, with https://"
        ]
    );
}
