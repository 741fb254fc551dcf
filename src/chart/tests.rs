//! Blocks as analysts write them, wrong and right, and what is drawn of them.

use proptest::prelude::*;

use super::drawing::{LETTER, Mark};
use super::look::tests::look;
use super::*;
use crate::model::Place;

pub fn czech() -> Numerals {
    let text = str::to_owned;
    Numerals { decimal: text(","), group: text("\u{a0}"), percent: text("{number}\u{a0}%") }
}

fn english() -> Numerals {
    let text = str::to_owned;
    Numerals { decimal: text("."), group: text(","), percent: text("{number}%") }
}

/// The chart of a block, or what is wrong with it, a line a mistake.
fn read(block: &str, numerals: &Numerals) -> Result<Chart, Vec<String>> {
    let source: Arc<str> = block.into();
    let place = |line: usize, column: usize| Place::new("cs.md", line + 1, column);
    let sheet = Sheet { text: block, source: &source, place: &place };
    let mut findings = Findings::new();
    let head = Block::read(&sheet, &mut findings);
    let (rows, first) = head.rows();
    let rows = Sheet { text: rows, ..sheet };
    let chart = head.chart(&rows, first, numerals, &mut findings);
    match chart.filter(|_| findings.is_empty()) {
        Some(chart) => Ok(chart),
        None => Err(findings
            .iter()
            .map(|it| {
                let Place { line, column, length, .. } = it.place;
                assert!(!it.help.is_empty(), "no way out of {}", it.message);
                format!("{line}:{column}+{length} {} → {}", it.message, it.help)
            })
            .collect()),
    }
}

const HEAD: &str = "kind: bar\ntitle: Kde se čeká\nalt: Praha čeká nejdéle.\n\n";

/// What is wrong with rows, whose first is in line 6 (the fence is line 1).
fn told(rows: &str) -> Vec<String> {
    read(&format!("{HEAD}{rows}"), &czech()).expect_err("a mistake")
}

#[test]
fn what_is_said_of_a_chart_reads_like_front_matter_and_rows_like_a_table() {
    let block = "kind: Stacked bar\ntitle: \"Čekání: kde a jak\"\nalt: Nejdéle\n  v Praze.\n\
        unit: dnů\nsource: MV\nnote: Bez víkendů.\n---\n| Kraj | 2024 | 2025 |\n|--|--:|--:|\n\
        | Praha | 1 234,5 | – |\n| Brno | 12 | 13 |\n";
    let chart = read(block, &czech()).unwrap();
    assert_eq!((chart.kind, chart.title.as_str()), (ChartKind::Stacked, "Čekání: kde a jak"));
    assert_eq!((chart.alt.as_str(), chart.unit.as_deref()), ("Nejdéle v Praze.", Some("dnů")));
    assert_eq!((chart.rows_are.as_str(), chart.series.join("+")), ("Kraj", "2024+2025".to_owned()));
    let values: Vec<_> = chart.rows[0].values.iter().map(|it| it.map(|it| it.number)).collect();
    assert_eq!(values, [Some(1234.5), None]);
    assert!(!chart.is_over_time());
}

#[test]
fn semicolons_mean_decimal_commas_and_commas_mean_decimal_points_in_any_language() {
    let number = |rows: &str, numerals: &Numerals| {
        let chart = read(&format!("{HEAD}{rows}"), numerals).unwrap();
        chart.rows[0].values[0].unwrap().number
    };
    for numerals in [czech(), english()] {
        assert_eq!(number("Kraj;Dnů\nPraha;12,345\n", &numerals), 12.345);
        assert_eq!(number("Kraj,Dnů\nPraha,12.345\n", &numerals), 12.345);
        assert_eq!(number("Kraj,Dnů\nPraha,\"12,345\"\n", &numerals), 12_345.0);
    }
    assert_eq!(number("Kraj | Dnů\nPraha | 12,345\n", &czech()), 12.345);
    assert_eq!(number("Kraj | Dnů\nPraha | 12,345\n", &english()), 12_345.0);
}

#[test]
fn rows_that_are_all_times_in_order_are_a_time() {
    let rows = |rows: &str| read(&format!("{HEAD}Kdy;Dnů\n{rows}"), &czech()).unwrap();
    let chart = rows("2024-03;1\n2024-11;2\n2025-01;3\n");
    let labels: Vec<&str> = chart.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["3/2024", "11/2024", "1/2025"]);
    assert!(chart.is_over_time());
    assert!(rows("2015;1\n2020;2\n2021;2\n").is_over_time());
    assert!(!rows("2020;1\n2015;2\n").is_over_time(), "a line would run back");
    assert!(!rows("2020;1\nloni;2\n").is_over_time());
}

#[test]
fn mistakes_in_the_head_are_told_where_they_are_with_the_key_that_was_meant() {
    let told = |block: &str| read(block, &czech()).expect_err("a mistake");
    assert_eq!(
        told("kind: koláč\ntitel: A\nzdroj: B\nbarva: C\nalt: D\nalt: E\n\nKraj;Dnů\nPraha;1\n"),
        [
            "3:1+5 a chart has no `titel` → did you mean `title`?",
            "4:1+5 a chart has no `zdroj` → did you mean `source`?",
            "5:1+5 a chart has no `barva` → there are: kind, title, alt, unit, source, note, data; rows follow after an empty line",
            "7:1+3 `alt` stands twice → keep one of them",
            "2:7+5 there is no kind of chart `koláč` → angles are hard to compare: write bar, or stacked for parts of a whole",
            "1:1+3 the chart has no `title` → say in a line `title: …` what the chart is about",
        ]
    );
    assert_eq!(
        told(""),
        [
            "1:1+3 the chart has no `kind` → write bar, line, stacked or dot",
            "1:1+3 the chart has no `title` → say in a line `title: …` what the chart is about",
            "1:1+3 the chart has no `alt` → say in a line `alt: …` what the chart shows, for those who cannot see it",
            "1:1+3 the chart has no rows → write rows below an empty line, or name a file with `data: …`",
        ]
    );
    assert_eq!(
        told("kind: bar\ntitle: A\nalt: A\n\nKraj;Dnů\nPraha;1\n"),
        [
            "4:6+1 the alternative text only repeats the title → say what the chart shows: who has most, how it went up or down"
        ]
    );
}

#[test]
fn mistakes_in_rows_are_told_at_their_cells() {
    assert_eq!(
        told("Kraj;Dnů;Dnů\nPraha;dvacet;1\nBrno;12 %;2;3\nBrno;1\n;1.234;5\n"),
        [
            "6:10+3 the column `Dnů` stands twice → name each column differently",
            "8:6+4 `12 %` is a share, which `unit` does not say → write `unit: %` in a line above, and every number gets the sign",
            "7:7+6 `dvacet` is no number → write the number alone, such as 12 345,6; leave the cell empty where it is not known",
            "8:13+1 the row has 4 cells, the first row 3 → put a cell that holds the separator between \"quotes\"",
            "9:1+4 the row `Brno` stands twice → keep one of them, or name each differently",
            "9:6+1 the row has 2 cells, the first row 3 → leave a cell empty where a number is not known",
            "10:1+1 the row has no name → say in its first cell what it is",
            "10:2+5 `1.234` can be read in two ways → write 1 234 or 1,234, as you mean it",
        ]
    );
    assert_eq!(
        told("Kraj, Dnů\nPraha, 12,5\n"),
        [
            "7:11+1 the row has 3 cells, the first row 2 → with a comma in the numbers, separate the cells by ; or | everywhere"
        ]
    );
    assert_eq!(
        told("Praha;12\nBrno;13\n"),
        [
            "6:1+5 the first row has numbers where the columns are named → write a row above it that names the columns, such as `Kraj;Počet`"
        ]
    );
    assert_eq!(
        told("Kraj\nPraha\n"),
        [
            "6:1+4 the first row names one column alone → separate the columns by ; or | as in `Rok;Počet`"
        ]
    );
    assert_eq!(
        told("Kraj;Dnů\nPraha;\n"),
        ["6:6+3 the column `Dnů` has no numbers → leave it out"]
    );
    assert_eq!(
        told("Kraj;Dnů\n"),
        ["6:1+4 the chart has no rows → write at least one row below the names of the columns"]
    );
    let stacked = format!("{}Kraj;A;B\nPraha;-1;2\n", HEAD.replace("bar", "stacked"));
    assert_eq!(
        read(&stacked, &czech()).unwrap_err(),
        [
            "7:7+2 -1 is negative, in a stacked chart → parts of a whole cannot be less than nothing: use bar"
        ]
    );
}

#[test]
fn what_table_programs_add_is_no_mistake() {
    let chart = |unit: &str, rows: &str| {
        read(&format!("{}{rows}", HEAD.replace("\n\n", &format!("\n{unit}\n"))), &czech())
    };
    let padded = chart("", "Kraj;Dnů;;\nPraha;12;;\nBrno;;;\n;;;\n").unwrap();
    assert_eq!(padded.series, ["Dnů"]);
    assert_eq!(padded.rows[1].values, [None]);
    let shares = chart("unit: %\n", "Kraj;Podíl\nPraha;12,5 %\nBrno;7%\n").unwrap();
    assert_eq!(shares.rows[0].values[0].unwrap().number, 12.5);
    assert_eq!(
        chart("unit: dnů\n", "Kraj;Podíl\nPraha;12,5 %\nBrno;7%\n").unwrap_err(),
        [
            "8:7+6 `12,5 %` is a share, which `unit` does not say → write the number alone, or `unit: %` in place of `dnů`"
        ],
        "once, not at each number"
    );
}

#[test]
fn a_line_does_not_run_back_in_time() {
    let rows = "Rok;Dnů\n2023;1\n2025;2\n2024;3\n";
    let line = format!("{}{rows}", HEAD.replace("bar", "line"));
    assert_eq!(
        read(&line, &czech()).unwrap_err(),
        ["9:1+4 2024 stands after 2025 → put the rows of a line in the order of time"]
    );
    assert!(read(&format!("{HEAD}{rows}"), &czech()).is_ok(), "bars by size");
}

/// In units of which a page has some twelve hundred.
#[test]
fn as_many_rows_as_a_chart_may_have_fit_on_a_page() {
    let rows: String = (0..MOST_BARS).map(|row| format!("r{row};{row}\n")).collect();
    for kind in ["bar", "stacked", "dot"] {
        let head = HEAD.replace("bar", kind);
        let chart = read(&format!("{head}Obec;Dnů\n{rows}"), &czech()).unwrap();
        assert!(drawn(&chart, Size::Wide).height < 1260.0, "{kind}");
    }
}

#[test]
fn a_chart_has_its_limits() {
    let rows = |count: usize| (0..count).map(|row| format!("r{row};1\n")).collect::<String>();
    assert_eq!(
        told("Kraj;a;b;c;d;e;f\nPraha;1;2;3;4;5;6\n"),
        [
            "6:16+1 6 series are more than the 5 that can be told apart → keep the ones that the text is about, or make two charts"
        ]
    );
    assert_eq!(
        told(&format!("Kraj;Dnů\n{}", rows(61))),
        [
            "6:1+4 61 bars are more than the 60 that a chart may have → leave out or add up the smallest, or use line if the rows are times"
        ]
    );
    assert_eq!(
        told(&format!("Kraj;Dnů\n{}", rows(121))),
        [
            "127:1+4 121 rows are more than the 120 that a chart may have → leave out, or add up, what the text is not about"
        ]
    );
    let name = "x".repeat(81);
    assert_eq!(
        told(&format!("Kraj;Dnů\n{name};1\n")),
        [
            "7:1+81 a name of 81 characters is too long for a chart → shorten it, and say the rest in `note`"
        ]
    );
    let many: String = (0..40).map(|row| format!("r{row};?\n")).collect();
    assert_eq!(told(&format!("Kraj;Dnů\n{many}")).len(), 12, "the same mistake over and over");
}

/// Half an em a letter, as in a typewriter.
fn typewriter(text: &str, _bold: bool) -> f64 {
    text.chars().count() as f64 * 0.5
}

fn drawn(chart: &Chart, size: Size) -> Drawing {
    let numerals = czech();
    draw(chart, size, &Pen { numerals: &numerals, measure: &typewriter, missing: "údaj chybí" })
}

fn picture(kind: &str, rows: &str, size: Size) -> String {
    let head = HEAD.replace("kind: bar", &format!("kind: {kind}"));
    let chart = read(&format!("{head}{rows}"), &czech()).unwrap();
    let drawing = drawn(&chart, size);
    svg(&drawing, size.width() as u32, &chart.title, &chart.alt, &look()).0
}

#[test]
fn bars_that_lie() {
    insta::assert_snapshot!(picture("bar", "Kraj;Ženy;Muži\nPraha;12,5;-3\nBrno;;8\n", Size::Wide));
}

#[test]
fn columns_that_stand() {
    insta::assert_snapshot!(picture("bar", "Rok;Žádostí\n2024;31 200\n2025;38900\n", Size::Small));
}

#[test]
fn parts_of_bars() {
    insta::assert_snapshot!(picture("stacked", "Úkon;A;B\nPodání;40;8\nDotaz;5;60\n", Size::Wide));
}

#[test]
fn lines_with_a_gap() {
    let rows = "Rok;Práce;Rodina\n2021;10;4\n2022;;5\n2024;16;6\n2025;18;7\n";
    insta::assert_snapshot!(picture("line", rows, Size::Wide));
}

#[test]
fn dots_on_a_line() {
    insta::assert_snapshot!(picture(
        "dot",
        "Agenda;2015;2025\nTrvalý;90;140\nModrá karta;80;80\n",
        Size::Small
    ));
}

#[test]
fn what_an_author_writes_is_text_in_an_svg_too() {
    let rows = "Kraj;<b>Dnů</b>\n<script>x & y</script>;5\n";
    let svg = picture("bar", &rows.replace("Kraj;", "Kraj;A;").replace(";5", ";1;5"), Size::Wide);
    assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
    assert!(
        svg.contains("&lt;script&gt;x &amp;") && svg.contains("&lt;b&gt;Dnů&lt;/b&gt;"),
        "{svg}"
    );
}

#[test]
fn series_differ_by_more_than_their_colour() {
    use super::frame::{dash, marker};
    let shapes =
        |series: usize| format!("{:?} {:?}", dash(series), marker(series, (0.0, 0.0), 1.0));
    let all: std::collections::BTreeSet<String> = (0..MOST_SERIES).map(shapes).collect();
    assert_eq!(all.len(), MOST_SERIES);
    let rows = "Kraj;a;b;c;d;e\nPraha;50;50;50;50;50\n";
    let svg = picture("bar", rows, Size::Wide);
    // One swatch and one bar of each series; the first has no hatching.
    assert_eq!(svg.matches("<path").count(), 2 * (MOST_SERIES - 1), "{svg}");
}

/// Where a text stands: left, top, right, bottom.
fn boxes(drawing: &Drawing) -> Vec<([f64; 4], String)> {
    let texts = drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Text { x, y, text, anchor, bold, .. } => {
            let width = typewriter(text, *bold) * LETTER;
            let left = match anchor {
                super::drawing::Anchor::Start => *x,
                super::drawing::Anchor::Middle => x - width / 2.0,
                super::drawing::Anchor::End => x - width,
            };
            Some(([left, y - 0.7 * LETTER, left + width, *y], text.clone()))
        }
        _ => None,
    });
    texts.collect()
}

fn chart() -> impl Strategy<Value = Chart> {
    let kind = prop::sample::select(vec![
        ChartKind::Bar,
        ChartKind::Line,
        ChartKind::Stacked,
        ChartKind::Dot,
    ]);
    let name = || prop::collection::vec("[a-zž]{1,9}", 1..7).prop_map(|words| words.join(" "));
    let size = prop::sample::select(vec![1.0, 0.01, 1e3, 1e6]);
    (kind, 1..=MOST_SERIES, 2usize..=12, any::<bool>(), size)
        .prop_flat_map(move |(kind, series, rows, over_time, size)| {
            let least = if kind == ChartKind::Stacked { 0.0 } else { -1.0 };
            let value = prop::option::weighted(0.9, least..1.0f64);
            let values = prop::collection::vec(value, series);
            let row = (name(), values);
            let rows = prop::collection::vec(row, rows);
            let names = prop::collection::vec(name(), series);
            (Just((kind, over_time, size)), names, rows, 0usize..3, any::<bool>())
        })
        .prop_map(|((kind, over_time, size), series, rows, decimals, percent)| {
            let row = |(index, (label, values)): (usize, (String, Vec<Option<f64>>))| {
                let year = 2000 + index;
                ChartRow {
                    label: if over_time { year.to_string() } else { label },
                    time: over_time.then_some(year as f64),
                    values: values
                        .into_iter()
                        .map(|it| it.map(|it| ChartValue { number: it * size, decimals }))
                        .collect(),
                }
            };
            Chart {
                kind,
                title: "Název".to_owned(),
                alt: "Popis.".to_owned(),
                unit: percent.then(|| "%".to_owned()),
                note: None,
                source: None,
                rows_are: "Řada".to_owned(),
                series,
                rows: rows.into_iter().enumerate().map(row).collect(),
            }
        })
}

use crate::model::{ChartRow, ChartValue};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_leaves_its_chart_or_covers_another(chart in chart(), small in any::<bool>()) {
        let drawing = drawn(&chart, if small { Size::Small } else { Size::Wide });
        let boxes = boxes(&drawing);
        for (index, ([left, top, right, bottom], text)) in boxes.iter().enumerate() {
            prop_assert!(*left >= -0.5 && *right <= drawing.width + 0.5, "{text}: {left}–{right}");
            prop_assert!(*top >= -0.5 && *bottom <= drawing.height + 0.5, "{text}: {top}–{bottom} of {}", drawing.height);
            for (other, name) in &boxes[..index] {
                let apart = *left >= other[2] - 0.5 || other[0] >= right - 0.5
                    || *top >= other[3] - 0.5 || other[1] >= bottom - 0.5;
                prop_assert!(apart, "“{text}” over “{name}”");
            }
        }
    }

    #[test]
    fn whatever_is_written_is_told_of_or_drawn(
        kind in prop::sample::select(vec!["bar", "line", "stacked", "dot", "koláč", ""]),
        lines in prop::collection::vec("[a;|,0-9.\"–\\- %:\t]{0,12}|2024(-[0-9]{2}){0,2};[0-9]{1,9}(,5)?|;;|---", 0..7),
        small in any::<bool>(),
    ) {
        let block = format!("kind: {kind}\ntitle: A\nalt: B\nunit: %\n{}\n", lines.join("\n"));
        if let Ok(chart) = read(&block, &czech()) {
            let drawing = drawn(&chart, if small { Size::Small } else { Size::Wide });
            prop_assert!(drawing.height.is_finite() && drawing.height < 4000.0);
            let (svg, _) = svg(&drawing, 640, &chart.title, &chart.alt, &look());
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
