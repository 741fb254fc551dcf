//! The examples that a specification of Markdown is written around.
//!
//! Each stands between fences of 32 backticks: Markdown, a line with a dot, the
//! HTML that it means. Tabs are written `→` in both. A word behind `example`
//! names an extension, or says that cmark's own tests leave the example out;
//! ours leave out none.

use std::path::Path;

/// File, and what we call it.
const FILES: [(&str, &str); 2] = [("commonmark-spec.txt", "CommonMark"), ("gfm-spec.txt", "GFM")];

const FENCE: &str = "````````````````````````````````";

pub struct Specification {
    pub name: &'static str,
    pub version: String,
    pub examples: Vec<Example>,
}

/// What Markdown means, by one specification.
pub struct Example {
    /// Counted through the file, as the specification's own pages do.
    pub number: usize,
    pub markdown: String,
    pub html: String,
}

/// The specifications in a folder, or nothing where one is not there.
pub fn specifications(folder: &Path) -> Option<Vec<Specification>> {
    let read = FILES.iter().map(|(file, name)| {
        let text = std::fs::read_to_string(folder.join(file)).ok()?;
        let version = text.lines().find_map(|line| line.strip_prefix("version:"));
        let version = version.expect("a version").trim_matches([' ', '\'']).to_owned();
        let examples = examples(&text);
        assert!(examples.len() > 600, "{} examples in {file}", examples.len());
        Some(Specification { name, version, examples })
    });
    read.collect()
}

fn examples(text: &str) -> Vec<Example> {
    let opens = |line: &str| {
        line.strip_prefix(FENCE).is_some_and(|rest| rest.trim_start().starts_with("example"))
    };
    let mut lines = text.split('\n');
    let mut examples = Vec::new();
    while lines.any(opens) {
        let mut part = |end: &str| {
            let part = lines.by_ref().take_while(|line| *line != end);
            part.map(|line| format!("{}\n", line.replace('→', "\t"))).collect::<String>()
        };
        let (markdown, html) = (part("."), part(FENCE));
        examples.push(Example { number: examples.len() + 1, markdown, html });
    }
    examples
}
