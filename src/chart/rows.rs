//! A block and its rows → a chart, or all that keeps it from being one.

use super::block::{Block, FENCE};
use super::cells::{self, Cell, Row, Separator};
use super::number::{self, Numerals, Style, Trouble};
use super::{At, MOST_BARS, MOST_ROWS, MOST_SERIES, Sheet, Told};
use crate::model::{Chart, ChartKind, ChartRow, ChartValue, Findings};

/// Longer names of rows and series are sentences.
const LONGEST_NAME: usize = 80;
/// After so many mistakes in one chart the others are most likely the same.
const MOST_MISTAKES: usize = 12;

impl Block {
    /// The chart of this block, with rows from `sheet`, whose first line is
    /// `first` there. `None` means that a finding says why.
    pub fn chart(
        &self,
        sheet: &Sheet<'_>,
        first: usize,
        numerals: &Numerals,
        findings: &mut Findings,
    ) -> Option<Chart> {
        let before = findings.len();
        let (separator, mut rows) = cells::rows(sheet.text, first);
        let mut told = Told { sheet, findings };
        if rows.is_empty() {
            let (message, help) = match self.data() {
                Some(_) => ("the file has no rows", "save the table into it once more"),
                None => (
                    "the chart has no rows",
                    "write rows below an empty line, or name a file with `data: …`",
                ),
            };
            told.wrong(At { line: first.saturating_sub(1), ..FENCE }, message, help);
            return None;
        }
        without_empty_columns(&mut rows);
        let head = rows.remove(0);
        let style = match separator {
            Separator::Semicolon => Style::Comma,
            Separator::Comma => Style::Point,
            Separator::Bar | Separator::Tab => numerals.style(),
        };
        let kind = self.chart_kind();
        let series = series(&head, &mut told);
        self.percent_signs(&rows, &mut told);
        let read = Reader { style, separator, columns: head.len(), kind };
        let mut data = read.rows(rows, &mut told);
        if data.is_empty() && told.findings.len() == before {
            let help = "write at least one row below the names of the columns";
            told.wrong(head[0].at, "the chart has no rows", help);
        }
        // With mistakes in cells nobody knows yet how much there is to show.
        if let Some(kind) = kind.filter(|_| told.findings.len() == before) {
            limits(kind, &data, &series, &head, &mut told);
        }
        times(&mut data, kind, &mut told);
        told.findings.truncate(before + MOST_MISTAKES);
        if told.findings.len() > before {
            return None;
        }
        Some(Chart {
            kind: kind?,
            title: self.text("title")?,
            alt: self.text("alt")?,
            unit: self.text("unit"),
            note: self.text("note"),
            source: self.text("source"),
            rows_are: head[0].text.clone(),
            series,
            rows: data.into_iter().map(|(row, _)| row).collect(),
        })
    }

    /// A sign behind every number is said once, in the unit; it may stand there
    /// as well.
    fn percent_signs(&self, rows: &[Row], told: &mut Told<'_, '_>) {
        let cells = rows.iter().flat_map(|row| row.iter().skip(1));
        let signed = cells.filter(|cell| number::is_share(&cell.text)).collect::<Vec<_>>();
        let unit = self.text("unit");
        let Some(first) = signed.first().filter(|_| unit.as_deref() != Some("%")) else { return };
        let help = match unit {
            None => "write `unit: %` in a line above, and every number gets the sign".to_owned(),
            Some(unit) => format!("write the number alone, or `unit: %` in place of `{unit}`"),
        };
        told.wrong(
            first.at,
            format!("`{}` is a share, which `unit` does not say", first.text),
            help,
        );
    }
}

/// Table programs end every line with as many separators as the widest has.
fn without_empty_columns(rows: &mut [Row]) {
    let is_empty = |cell: &Cell| cell.text.is_empty();
    let used = |row: &Row| row.iter().rposition(|cell| !is_empty(cell)).map_or(1, |last| last + 1);
    let widest = rows.iter().map(used).max().unwrap_or(1);
    let Some((head, rows)) = rows.split_first_mut() else { return };
    head.truncate(widest);
    for row in rows {
        while row.len() > head.len() && row.last().is_some_and(is_empty) {
            row.pop();
        }
    }
}

/// The names of the series, which the first row has after its first cell.
fn series(head: &Row, told: &mut Told<'_, '_>) -> Vec<String> {
    let names = &head[1..];
    let is_year = |cell: &Cell| time(&cell.text).is_some();
    let first = &head[0];
    if names.is_empty() {
        let help = "separate the columns by ; or | as in `Rok;Počet`";
        told.wrong(first.at, "the first row names one column alone", help);
    } else if names
        .iter()
        .all(|cell| !is_year(cell) && number::read(&cell.text, Style::Comma).is_ok())
    {
        let help = "write a row above it that names the columns, such as `Kraj;Počet`";
        told.wrong(first.at, "the first row has numbers where the columns are named", help);
        return Vec::new();
    }
    if names.len() > MOST_SERIES {
        let message = format!(
            "{} series are more than the {MOST_SERIES} that can be told apart",
            names.len()
        );
        let help = "keep the ones that the text is about, or make two charts";
        told.wrong(names[MOST_SERIES].at, message, help);
    }
    for (index, cell) in head.iter().enumerate() {
        let is_twice = head[..index].iter().any(|other| other.text == cell.text);
        if cell.text.is_empty() && index > 0 {
            told.wrong(cell.at, "a column has no name", "say what its numbers are");
        } else if is_twice && !cell.text.is_empty() {
            let message = format!("the column `{}` stands twice", cell.text);
            told.wrong(cell.at, message, "name each column differently");
        }
        too_long(cell, told);
    }
    names.iter().map(|cell| cell.text.clone()).collect()
}

fn too_long(cell: &Cell, told: &mut Told<'_, '_>) {
    let length = cell.text.chars().count();
    if length > LONGEST_NAME {
        let message = format!("a name of {length} characters is too long for a chart");
        told.wrong(cell.at, message, "shorten it, and say the rest in `note`");
    }
}

struct Reader {
    style: Style,
    separator: Separator,
    columns: usize,
    kind: Option<ChartKind>,
}

impl Reader {
    fn rows(&self, rows: Vec<Row>, told: &mut Told<'_, '_>) -> Vec<(ChartRow, Row)> {
        let mut read: Vec<(ChartRow, Row)> = Vec::new();
        if let Some(row) = rows.get(MOST_ROWS) {
            let message =
                format!("{} rows are more than the {MOST_ROWS} that a chart may have", rows.len());
            told.wrong(row[0].at, message, "leave out, or add up, what the text is not about");
            return read;
        }
        for row in rows {
            let name = &row[0];
            if name.text.is_empty() {
                told.wrong(name.at, "the row has no name", "say in its first cell what it is");
            } else if read.iter().any(|(other, _)| other.label == name.text) {
                let message = format!("the row `{}` stands twice", name.text);
                told.wrong(name.at, message, "keep one of them, or name each differently");
            }
            too_long(name, told);
            self.is_as_long(&row, told);
            let values = (1..self.columns).map(|column| self.value(row.get(column)?, told));
            let values = values.collect();
            read.push((ChartRow { label: name.text.clone(), time: None, values }, row));
        }
        read
    }

    fn is_as_long(&self, row: &Row, told: &mut Told<'_, '_>) {
        let (cells, columns) = (row.len(), self.columns);
        if cells == columns {
            return;
        }
        let message = format!("the row has {cells} cells, the first row {columns}");
        if cells > columns {
            let help = match self.separator {
                Separator::Comma => {
                    "with a comma in the numbers, separate the cells by ; or | everywhere"
                }
                _ => "put a cell that holds the separator between \"quotes\"",
            };
            told.wrong(row[columns].at, message, help);
        } else {
            let last = row[cells - 1].at;
            told.wrong(last, message, "leave a cell empty where a number is not known");
        }
    }

    fn value(&self, cell: &Cell, told: &mut Told<'_, '_>) -> Option<ChartValue> {
        if number::is_missing(&cell.text) {
            return None;
        }
        let written = &cell.text;
        let value = match number::read(written, self.style) {
            Ok(value) => value,
            Err(trouble) => {
                let (message, help) = self.trouble(trouble, written);
                told.wrong(cell.at, message, help);
                return None;
            }
        };
        if value.number < 0.0 && self.kind == Some(ChartKind::Stacked) {
            let help = "parts of a whole cannot be less than nothing: use bar";
            told.wrong(cell.at, format!("{written} is negative, in a stacked chart"), help);
        }
        Some(value)
    }

    fn trouble(&self, trouble: Trouble, written: &str) -> (String, String) {
        let message = format!("`{written}` is no number");
        let or_empty = "; leave the cell empty where it is not known";
        match trouble {
            Trouble::None => {
                (message, format!("write the number alone, such as {}{or_empty}", self.example()))
            }
            Trouble::Ambiguous => {
                let (whole, rest) = written.rsplit_once('.').unwrap_or((written, ""));
                let message = format!("`{written}` can be read in two ways");
                (message, format!("write {whole} {rest} or {whole},{rest}, as you mean it"))
            }
            Trouble::Grouping => {
                let help = "here the comma groups thousands: write decimals after a point";
                (message, help.to_owned())
            }
            Trouble::TooLong => {
                (message, "round it, and say in `unit` whether it is in thousands".to_owned())
            }
        }
    }

    fn example(&self) -> &'static str {
        match self.style {
            Style::Comma => "12 345,6",
            Style::Point => "12,345.6",
        }
    }
}

/// What is more than a chart of a kind can show, or less.
fn limits(
    kind: ChartKind,
    data: &[(ChartRow, Row)],
    series: &[String],
    head: &Row,
    told: &mut Told<'_, '_>,
) {
    let bars = data.len() * if kind == ChartKind::Bar { series.len() } else { 1 };
    if kind != ChartKind::Line && bars > MOST_BARS {
        let message = format!("{bars} bars are more than the {MOST_BARS} that a chart may have");
        let help = "leave out or add up the smallest, or use line if the rows are times";
        told.wrong(head[0].at, message, help);
    }
    if kind == ChartKind::Line && data.len() == 1 {
        told.wrong(data[0].1[0].at, "a line needs two rows", "use bar for one row");
    }
    for (index, cell) in head.iter().skip(1).enumerate() {
        let knows = |(row, _): &(ChartRow, Row)| row.values.get(index).is_some_and(Option::is_some);
        if !data.is_empty() && !data.iter().any(knows) {
            let message = format!("the column `{}` has no numbers", cell.text);
            told.wrong(cell.at, message, "leave it out");
        }
    }
}

/// Rows that are all years, months or days get their time, and months the
/// form in which people write them. Bars may stand in another order than that
/// of time; a line would run back.
fn times(data: &mut [(ChartRow, Row)], kind: Option<ChartKind>, told: &mut Told<'_, '_>) {
    let times: Option<Vec<f64>> = data.iter().map(|(row, _)| time(&row.label)).collect();
    let Some(times) = times else { return };
    if let Some(before) = times.windows(2).position(|pair| pair[0] >= pair[1]) {
        if kind == Some(ChartKind::Line) {
            let [earlier, cell] = [before, before + 1].map(|row| &data[row].1[0]);
            let message = format!("{} stands after {}", cell.text, earlier.text);
            told.wrong(cell.at, message, "put the rows of a line in the order of time");
        }
        return;
    }
    for ((row, _), time) in data.iter_mut().zip(times) {
        row.time = Some(time);
        if let Some((year, month)) = row.label.split_once('-').filter(|(_, rest)| rest.len() == 2) {
            row.label = format!("{}/{year}", month.trim_start_matches('0'));
        }
    }
}

/// `2024`, `2024-03` or `2024-03-05`, in years.
fn time(written: &str) -> Option<f64> {
    let year = |text: &str| {
        let year: i16 = (text.len() == 4).then(|| text.parse().ok()).flatten()?;
        (1500..2200).contains(&year).then_some(year)
    };
    match written.len() {
        4 => year(written).map(f64::from),
        7 => {
            let (left, month) = written.split_once('-')?;
            let month: u8 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
            Some(f64::from(year(left)?) + f64::from(month - 1) / 12.0)
        }
        10 => {
            let date: jiff::civil::Date = written.parse().ok()?;
            year(&written[..4])?;
            let days = f64::from(date.day_of_year() - 1) / f64::from(date.days_in_year());
            Some(f64::from(date.year()) + days)
        }
        _ => None,
    }
}
