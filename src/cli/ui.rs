//! What reaches the terminal: findings with their line, failures, JSON.
//!
//! Results go to standard output, everything about them to standard error, so
//! that a script can read the one and a person the other.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use hlas::model::{Finding, Place, Severity};
use hlas::report::count;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use serde_json::{Value, json};

use super::error::Failure;
use super::excerpt::{Excerpt, Excerpts, printable};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For scripts.
    Json,
    /// For scripts too, each value on a line; of `run` and `send`, each event
    /// as it happens.
    Jsonl,
    /// Annotations of GitHub's, of `check`; elsewhere like text.
    Github,
}

/// The terminal, and what to write there.
#[derive(Debug, Clone)]
pub struct Ui {
    pub format: Format,
    /// The workspace, whose files findings quote.
    pub root: PathBuf,
}

impl Ui {
    /// Whether a machine reads standard output.
    pub fn is_json(&self) -> bool {
        matches!(self.format, Format::Json | Format::Jsonl)
    }

    /// The result of a command, on standard output.
    pub fn result(&self, text: &str) {
        out(text);
    }

    pub fn json(&self, value: &Value) {
        match self.format {
            Format::Jsonl => out(&format!("{value}\n")),
            _ => out(&format!("{value:#}\n")),
        }
    }

    /// Something for the person in front of it, on standard error.
    pub fn say(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Findings as people read them, each with its line, on standard error.
    pub fn findings(&self, findings: &[Finding]) {
        if findings.is_empty() {
            return;
        }
        let tty = std::io::stderr().is_terminal();
        let _ = write!(std::io::stderr(), "{}", self.drawn(findings, tty));
    }

    /// Findings as people read them.
    pub fn drawn(&self, findings: &[Finding], color: bool) -> String {
        let theme = if color && std::env::var_os("NO_COLOR").is_none() {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_links(false);
        let excerpts = Excerpts::read(findings, &self.root);
        let mut text = String::new();
        for finding in findings {
            if !text.is_empty() {
                text.push('\n');
            }
            let shown = Shown::new(finding, &excerpts);
            if handler.render_report(&mut text, &shown).is_err() {
                text.push_str(&format!("{}: {}\n", finding.place, finding.message));
            }
        }
        text
    }

    /// Findings as GitHub shows them beside the lines of a change: workflow
    /// commands on standard output, a line each.
    pub fn annotations(&self, findings: &[Finding]) {
        for finding in findings {
            out(&annotation(finding));
        }
    }

    pub fn failure(&self, failure: &Failure) {
        if self.format == Format::Github {
            self.annotations(&failure.findings);
        }
        if self.is_json() {
            self.json(&json!({
                "error": failure.message,
                "help": failure.help,
                "exit": failure.exit as u8,
                "findings": failure.findings,
            }));
            return;
        }
        self.findings(&failure.findings);
        self.say(&format!("error: {}", failure.message));
        if let Some(help) = &failure.help {
            self.say(&format!("  help: {help}"));
        }
    }
}

/// Standard output, whose reader may have gone (`hlas … | head`).
fn out(text: &str) {
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// One workflow command. What could end a value or the line is escaped as the
/// runner decodes it: `%`, CR, LF, and in properties also `:` and `,`.
fn annotation(finding: &Finding) -> String {
    let message = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| message(text).replace(':', "%3A").replace(',', "%2C");
    let level = if finding.is_error() { "error" } else { "warning" };
    let Place { file, line, column, length } = &finding.place;
    let (file, rule) = (property(&file.display().to_string()), property(finding.rule));
    let help = if finding.help.is_empty() { String::new() } else { format!("\n{}", finding.help) };
    let said = message(&format!("{}{help}", finding.message));
    let end = column + length;
    format!("::{level} file={file},line={line},col={column},endColumn={end},title={rule}::{said}\n")
}

/// `2 errors and 1 warning`.
pub fn tally(findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.is_error()).count() as u64;
    let warnings = findings.len() as u64 - errors;
    match (errors, warnings) {
        (0, 0) => "no findings".to_owned(),
        (errors, 0) => count(errors, "error"),
        (0, warnings) => count(warnings, "warning"),
        _ => format!("{} and {}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// A finding as miette draws it.
#[derive(Debug)]
struct Shown<'f> {
    finding: &'f Finding,
    excerpt: Option<Excerpt>,
}

impl<'f> Shown<'f> {
    fn new(finding: &'f Finding, excerpts: &Excerpts) -> Self {
        let excerpt = match &finding.source {
            Some(text) => Excerpt::new(finding, text),
            None => excerpts.of(finding),
        };
        Self { finding, excerpt }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message: String = self.finding.message.chars().map(printable).collect();
        match self.excerpt {
            Some(_) => f.write_str(&message),
            None => write!(f, "{}: {message}", self.finding.place),
        }
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.rule))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = &self.finding.help;
        (!help.is_empty()).then(|| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.excerpt.as_ref()?.span();
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, span))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_shows_its_line_and_counts_columns_in_characters() {
        let text = "první\ntitle: „Žluťoučký“: x\ntřetí\nčtvrtý\n".into();
        let place = Place::new("publications/a/cs.md", 2, 19).spanning(1);
        let finding = Finding::error("front-matter", place, "no colon").source(&text).help("quote");
        let ui = Ui { format: Format::Text, root: PathBuf::from("/nowhere") };
        assert_eq!(
            ui.drawn(&[finding], false),
            "front-matter

  × no colon
   ╭─[publications/a/cs.md:2:19]
 1 │ první
 2 │ title: „Žluťoučký“: x
   ·                   ─
 3 │ třetí
   ╰────
  help: quote
"
        );
    }

    #[test]
    fn an_annotation_stays_on_its_line() {
        let place = Place::new("publications/a,b/cs.md", 2, 5).spanning(3);
        let finding = Finding::error("alt-text", place, "100 %: nic").help("napište\npopis");
        assert_eq!(
            annotation(&finding),
            "::error file=publications/a%2Cb/cs.md,line=2,col=5,endColumn=8,title=alt-text::\
             100 %25: nic%0Anapište%0Apopis\n"
        );
    }

    #[test]
    fn a_finding_without_a_text_names_its_file() {
        let finding = Finding::warning("picture", Place::start("a/graf.png"), "damaged");
        let ui = Ui { format: Format::Text, root: PathBuf::from("/nowhere") };
        assert_eq!(ui.drawn(&[finding], false), "picture\n\n  ⚠ a/graf.png:1:1: damaged\n");
    }
}
