//! A chart that a text draws from its own numbers.

use super::Picture;

/// How numbers become marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// A bar a number, from zero; columns where the rows are times.
    Bar,
    /// A line a series, over times or other ordered rows.
    Line,
    /// One bar a row, of parts that add up.
    Stacked,
    /// A mark a number, on a line a row: for differences.
    Dot,
}

/// What a chart shows and says.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub kind: ChartKind,
    pub title: String,
    /// What somebody learns who does not see it.
    pub alt: String,
    /// What its numbers count: `tisíce osob`, `%`.
    pub unit: Option<String>,
    /// Markdown, as a caption may have it; so is `source`.
    pub note: Option<String>,
    pub source: Option<String>,
    /// The heading of the first column.
    pub rows_are: String,
    /// What the lines, or the bars of one row, stand for; never empty.
    pub series: Vec<String>,
    pub rows: Vec<ChartRow>,
}

/// One row of data.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartRow {
    /// As readers see it.
    pub label: String,
    /// When it was, in years, if all rows of the chart are times.
    pub time: Option<f64>,
    /// One a series; `None` where nobody knows.
    pub values: Vec<Option<ChartValue>>,
}

/// A finite number with as many decimals as its author typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChartValue {
    pub number: f64,
    pub decimals: usize,
}

/// A chart where it stands in a text, drawn.
#[derive(Debug, Clone)]
pub struct DrawnChart {
    /// The line of the text's body at which its block begins.
    pub line: usize,
    pub chart: Chart,
    /// For a column as wide as a page's.
    pub wide: Picture,
    /// For phones and mail: the same in half the width, with letters as large.
    pub small: Picture,
}

impl Chart {
    /// Whether its rows are years, months or days.
    pub fn is_over_time(&self) -> bool {
        self.rows.iter().all(|row| row.time.is_some())
    }

    pub fn values(&self) -> impl Iterator<Item = ChartValue> {
        self.rows.iter().flat_map(|row| row.values.iter().flatten().copied())
    }

    /// Decimals that all its numbers are shown with.
    pub fn decimals(&self) -> usize {
        self.values().map(|value| value.decimals).max().unwrap_or(0)
    }
}
