//! Blocks of text that begin with ```` ```chart ```` → charts, drawn.
//!
//! Rows stand in the block or in a file beside the text. They are read here,
//! where files are, and drawn here, so that a chart is a picture of its
//! publication like any other from then on: who may see it, where it lies and
//! how mail shows it is decided where that is decided for pictures.
//!
//! The surprise: a chart's file is named by its title and not by what it shows.
//! A correction of the numbers keeps the address that mails have already.

mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use comrak::Arena;
use comrak::nodes::{Node, NodeCodeBlock, NodeValue};

use super::publications::LoadedPublication;
use super::sketch::Sketch;
use crate::chart::{self, Block, Pen, RULE, Sheet, Size};
use crate::model::{
    Chart, DrawnChart, Finding, Findings, Manuscript, Picture, Place, Publication, Workspace,
};
use crate::render::Theme;
use crate::render::markdown::{self, LinkTarget, link_target};
use crate::render::theme::Words;
use crate::typography::Typography;

/// How wide charts are by nature, in CSS pixels. In a mail's column the small one
/// has letters as large as the text's, on a phone as large as a footnote's.
const WIDE: u32 = 640;
const SMALL: u32 = 432;

/// Reads and draws the charts of all publications.
pub(super) fn draw(publications: &mut [LoadedPublication], workspace: &Workspace, theme: &Theme) {
    for one in publications {
        // Also in a text of which no more is known than that it is one.
        let sketch = one.sketch.as_mut().map(|Sketch(publication)| publication);
        for publication in one.publication.iter_mut().chain(sketch) {
            one.findings.extend(draw_in(publication, workspace, theme));
        }
    }
}

/// Reads and draws the charts of one publication; gives what is wrong with them.
pub(crate) fn draw_in(
    publication: &mut Publication,
    workspace: &Workspace,
    theme: &Theme,
) -> Findings {
    let mut findings = Findings::new();
    let mut names = publication.pictures.iter().map(|it| it.name.clone()).collect();
    let desks = publication.manuscripts.iter().map(|manuscript| {
        let desk = Desk { publication, manuscript, workspace, theme };
        desk.charts(&mut names, &mut findings)
    });
    let drawn: Vec<_> = desks.collect();
    for (manuscript, charts) in publication.manuscripts.iter_mut().zip(drawn) {
        manuscript.charts = charts;
    }
    findings
}

/// One manuscript, and what it takes to read it.
struct Desk<'d> {
    publication: &'d Publication,
    manuscript: &'d Manuscript,
    workspace: &'d Workspace,
    theme: &'d Theme,
}

impl Desk<'_> {
    fn charts(&self, names: &mut BTreeSet<String>, findings: &mut Findings) -> Vec<DrawnChart> {
        // Most texts have no such block, and need not be parsed for it.
        let body = &self.manuscript.body;
        if !body.contains("```") && !body.contains("~~~") {
            return Vec::new();
        }
        let arena = Arena::new();
        let root = markdown::parse(&arena, &self.manuscript.body);
        findings.extend(root.descendants().filter_map(|node| self.nearly(node)));
        let blocks = root.descendants().filter(|node| markdown::is_chart(node));
        let charts = blocks.filter_map(|node| {
            let chart = self.chart(node, findings)?;
            Some(self.drawn(node.data().sourcepos.start.line, self.set(chart), names))
        });
        charts.collect()
    }

    /// A block that would be printed as code, and was most likely meant to be
    /// drawn.
    fn nearly(&self, node: Node<'_>) -> Option<Finding> {
        const MEANT: [&str; 5] = ["graf", "graph", "charts", "chrat", "diagram"];
        let data = node.data();
        let NodeValue::CodeBlock(code) = &data.value else { return None };
        let word = code.info.split_whitespace().next()?.to_lowercase();
        let is_meant = MEANT.contains(&word.as_str()) && code.literal.contains(':');
        let start = data.sourcepos.start;
        let place = self.manuscript.place(start.line, start.column + code.fence_length);
        let message = format!("a block `{word}` is printed as it stands");
        is_meant.then(|| {
            Finding::warning(RULE, place.spanning(word.chars().count()), message)
                .help("write ```chart, if it is to be drawn")
                .source(&self.manuscript.text)
        })
    }

    fn chart(&self, node: Node<'_>, findings: &mut Findings) -> Option<Chart> {
        let data = node.data();
        let NodeValue::CodeBlock(code) = &data.value else { return None };
        let start = data.sourcepos.start;
        let lines: Vec<&str> = self.manuscript.body.lines().collect();
        let place = |line: usize, column: usize| {
            let at = start.line + line;
            // A block may be set in, or stand in a quote.
            let indent = match line.checked_sub(1).and_then(|line| code.literal.lines().nth(line)) {
                Some(inside) => {
                    let outside = lines.get(at - 1).copied().unwrap_or_default();
                    outside.chars().count().saturating_sub(inside.chars().count())
                }
                None => start.column - 1,
            };
            self.manuscript.place(at, column + indent)
        };
        let source = &self.manuscript.text;
        if let Some(finding) = self.unclosed(node, code) {
            findings.push(finding);
            return None;
        }
        let sheet = Sheet { text: &code.literal, source, place: &place };
        let before = findings.len();
        let block = Block::read(&sheet, findings);
        self.links(&block, &sheet, findings);
        let numerals = self.words().numerals();
        let chart = match block.data() {
            None => {
                let (rows, first) = block.rows();
                let rows = Sheet { text: rows, ..sheet };
                block.chart(&rows, first, &numerals, findings)
            }
            Some((name, at)) => {
                if !block.rows().0.trim().is_empty() {
                    let help = "keep the rows, or the line `data: …`";
                    let message = "the chart has rows, and names a file that has them";
                    findings.push(sheet.wrong(at, message, help));
                }
                let wrong = |message: String, help: String| sheet.wrong(at, message, help);
                let found = file::read(&self.workspace.root, &self.publication.folder, name, wrong);
                match found {
                    Ok((file, text)) => {
                        let place = |line: usize, column: usize| Place::new(&file, line, column);
                        let rows = Sheet { text: &text, source: &text, place: &place };
                        block.chart(&rows, 1, &numerals, findings)
                    }
                    Err(finding) => {
                        findings.push(finding);
                        None
                    }
                }
            }
        };
        // Two charts of one file tell its mistakes once.
        let mut told: Findings = Findings::new();
        for finding in findings.drain(before..).collect::<Vec<_>>() {
            if !findings.contains(&finding) && !told.contains(&finding) {
                told.push(finding);
            }
        }
        let sound = told.is_empty();
        findings.append(&mut told);
        chart.filter(|_| sound)
    }

    /// A fence that nobody closed has taken the rest of the text for rows.
    fn unclosed(&self, node: Node<'_>, code: &NodeCodeBlock) -> Option<Finding> {
        let start = node.data().sourcepos.start;
        let place = self.manuscript.place(start.line, start.column);
        (!code.closed).then(|| {
            Finding::error(RULE, place, "nothing closes the block of this chart")
                .help("write ``` in a line of its own below its last row")
                .source(&self.manuscript.text)
        })
    }

    /// Source and note are Markdown, and their links are asked of like others.
    fn links(&self, block: &Block, sheet: &Sheet<'_>, findings: &mut Findings) {
        for key in ["source", "note"] {
            let (Some(text), Some(at)) = (block.text(key), block.place_of(key)) else { continue };
            let arena = Arena::new();
            let root = markdown::parse(&arena, &text);
            for node in root.descendants() {
                let NodeValue::Link(link) = &node.data().value else { continue };
                let may = matches!(link_target(&link.url, &[]), LinkTarget::Away(_));
                if !may && !link.url.starts_with('#') {
                    let message = format!("no reader could follow the link to `{}`", link.url);
                    let help = "write a whole address, with https://";
                    findings.push(sheet.wrong(at, message, help));
                }
            }
        }
    }

    /// Its texts by the rules of the language, like all text around it.
    fn set(&self, mut chart: Chart) -> Chart {
        if !self.manuscript.typography {
            return chart;
        }
        let typography = Typography::new(&self.manuscript.language, self.workspace);
        let set = |text: &mut String| *text = typography.set(text).into_owned();
        [&mut chart.title, &mut chart.alt, &mut chart.rows_are].into_iter().for_each(set);
        chart.unit.iter_mut().chain(&mut chart.series).for_each(set);
        chart.rows.iter_mut().map(|row| &mut row.label).for_each(set);
        chart
    }

    fn words(&self) -> &Words {
        self.theme.words(&self.manuscript.language)
    }

    fn drawn(&self, line: usize, chart: Chart, names: &mut BTreeSet<String>) -> DrawnChart {
        let (ruler, words) = (self.theme.ruler(), self.words());
        let measure = |text: &str, bold: bool| ruler.width(text, bold);
        let pen = Pen {
            numerals: &words.numerals(),
            measure: &measure,
            missing: words.get("chart.missing"),
        };
        let stem = self.name(markdown::unlabelled(&chart.title), names);
        let picture = |size: Size, width: u32, name: String| {
            let drawing = chart::draw(&chart, size, &pen);
            let look = self.theme.charts();
            let (svg, height) = chart::svg(&drawing, width, &chart.title, &chart.alt, look);
            Picture { name, bytes: svg.into_bytes().into(), width, height }
        };
        let wide = picture(Size::Wide, WIDE, format!("{stem}.svg"));
        let small = picture(Size::Small, SMALL, format!("{stem}.small.svg"));
        DrawnChart { line, chart, wide, small }
    }

    /// `chart-cekani-v-krajich.cs`: a name that no file and no other chart has.
    fn name(&self, title: &str, names: &mut BTreeSet<String>) -> String {
        const LONGEST: usize = 60;
        let words: String = slug::slugify(title).chars().take(LONGEST).collect();
        let words = words.trim_matches('-');
        let language = &self.manuscript.language;
        let numbered = |number: usize| match number {
            1 => format!("chart-{words}.{language}"),
            _ => format!("chart-{words}-{number}.{language}"),
        };
        let is_free = |stem: &String| !names.contains(&format!("{stem}.svg"));
        let stem = (1..).map(numbered).find(is_free).expect("there are enough numbers");
        names.extend([format!("{stem}.svg"), format!("{stem}.small.svg")]);
        stem
    }
}
