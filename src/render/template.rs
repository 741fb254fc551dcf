//! Templates of the theme, compiled once, with every mistake named in its file.
//!
//! MJML is compiled with the handlebars holes left in, so an edition costs one
//! fill and no MJML. The surprise: each template is *rehearsed* when the theme
//! is made, on made-up editions in all languages. Strict mode only notices an
//! unknown name when it meets it; without the rehearsal a designer's slip would
//! wait for the first real mailing. And it is the source that is rehearsed, not
//! what MJML made of it, so that line and column are the designer's.

use std::collections::HashMap;
use std::path::Path;

use handlebars::{Handlebars, RenderError, RenderErrorReason, TemplateErrorReason};
use mrml::prelude::parser::memory_loader::MemoryIncludeLoader;
use mrml::prelude::parser::{Error as MjmlError, Origin, ParserOptions};
use mrml::prelude::render::RenderOptions;
use serde::Serialize;
use serde_json::Value;

use super::html;
use super::theme::ThemeFiles;
use crate::model::{Finding, Findings, Place};

/// The mail layout. What stands in its sections is in `email/*.hbs`: MJML's own
/// includes lose the width of the column they stand in.
const MAIL: &str = "email/mail.mjml";

/// A template that formats fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    Mail,
    Page,
    Index,
}

impl Template {
    fn name(self) -> &'static str {
        match self {
            Self::Mail => MAIL,
            Self::Page => "page/page",
            Self::Index => "page/index",
        }
    }

    /// Its file below `templates/`.
    fn file(self) -> &'static str {
        match self {
            Self::Mail => MAIL,
            Self::Page => "page/page.hbs",
            Self::Index => "page/index.hbs",
        }
    }
}

/// The theme's templates, ready to be filled.
pub struct Templates {
    registry: Handlebars<'static>,
    sources: ThemeFiles,
}

impl Templates {
    /// Compiles `email/mail.mjml` and `{email,page}/*.hbs`.
    ///
    /// `rehearse` gives the made-up contexts that a template must take.
    pub fn new(
        files: &ThemeFiles,
        rehearse: impl Fn(Template) -> Vec<Value>,
    ) -> Result<Self, Findings> {
        let sources: ThemeFiles = files
            .iter()
            .filter(|(path, _)| is_template(path))
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect();
        let mut templates = Self { registry: strict(), sources };
        let findings = templates.compile();
        if !findings.is_empty() {
            return Err(findings);
        }
        let findings = templates.rehearse(rehearse);
        if findings.is_empty() { Ok(templates) } else { Err(findings) }
    }

    /// A template filled with `context`. What goes wrong here although the
    /// rehearsal went well comes back as a finding in the template.
    pub fn fill(&self, template: Template, context: &impl Serialize) -> Result<String, Finding> {
        self.registry
            .render(template.name(), context)
            .map_err(|error| self.finding(template.file(), &error))
    }

    /// Registers every template under its name, so that one can include the
    /// other: `{{> email/masthead}}`.
    fn compile(&mut self) -> Findings {
        let mut findings = Findings::new();
        for (path, bytes) in &self.sources {
            let Ok(text) = std::str::from_utf8(bytes) else {
                let place = Place::start(file_of(path));
                let finding = Finding::error("theme-template", place, "the file is not UTF-8");
                findings.push(finding.help("save it again as UTF-8"));
                continue;
            };
            if let Err(error) = self.registry.register_template_string(name_of(path), text) {
                let (line, column) = error.pos().unwrap_or((1, 1));
                let place = Place::new(file_of(path), line, column);
                findings.push(
                    Finding::error("theme-template", place, misread(error.reason()))
                        .help("a hole is {{name}}; every {{#if …}} needs its {{/if}}")
                        .source(&text.into()),
                );
            }
        }
        findings
    }

    fn rehearse(&mut self, contexts: impl Fn(Template) -> Vec<Value>) -> Findings {
        let mut findings = Findings::new();
        for template in [Template::Mail, Template::Page, Template::Index] {
            let failed = contexts(template)
                .iter()
                .find_map(|context| self.registry.render(template.name(), context).err());
            let finding = failed.map(|error| self.finding(template.file(), &error));
            // Page and index share parts.
            findings.extend(finding.filter(|finding| !findings.contains(finding)));
        }
        // From here on the name means what MJML made of the file.
        let compiled = compile_mjml(&self.sources).and_then(|html| {
            self.registry.register_template_string(MAIL, html).map_err(|error| {
                let message = format!("MJML broke up a hole: {}", error.reason());
                Finding::error("theme-template", Place::start(file_of(MAIL)), message)
            })
        });
        findings.extend(compiled.err());
        findings
    }

    /// What a failed fill was, in the file at `path` or the one it included.
    fn finding(&self, path: &str, error: &RenderError) -> Finding {
        let inner = error.template_name.as_deref().unwrap_or_default();
        let known = self.sources.keys().find(|path| name_of(path) == inner);
        let path = known.map_or(path, String::as_str);
        let place =
            Place::new(file_of(path), error.line_no.unwrap_or(1), error.column_no.unwrap_or(1));
        let finding = match error.reason() {
            RenderErrorReason::MissingVariable(Some(name)) => Finding::error(
                "theme-template",
                place.spanning(name.chars().count()),
                format!("the template asks for “{name}”, which there is not"),
            )
            .help("names are those that the built-in template uses"),
            RenderErrorReason::PartialNotFound(name) => Finding::error(
                "theme-template",
                place,
                format!("the template includes templates/{name}.hbs, which there is not"),
            ),
            reason => Finding::error("theme-template", place, reason.to_string()),
        };
        match self.sources.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok()) {
            Some(text) => finding.source(&text.into()),
            None => finding,
        }
    }
}

/// Strict about names; escapes as the rest of the HTML does, and no more:
/// handlebars' own escaping would also write `=` and `_` as entities.
fn strict() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(html::escape);
    registry
}

/// The stylesheet is one too, because MJML takes it into the layout.
fn is_template(path: &str) -> bool {
    let folder = path.starts_with("email/") || path.starts_with("page/");
    path == MAIL || path == "email/style.css" || (folder && path.ends_with(".hbs"))
}

/// The name by which a template includes another: `email/masthead`.
fn name_of(path: &str) -> &str {
    path.strip_suffix(".hbs").unwrap_or(path)
}

fn file_of(path: &str) -> std::path::PathBuf {
    Path::new("templates").join(path)
}

fn compile_mjml(sources: &ThemeFiles) -> Result<String, Finding> {
    let text = |path: &str| String::from_utf8_lossy(&sources[path]).into_owned();
    let beside = sources
        .keys()
        .filter_map(|path| Some((path.strip_prefix("email/")?.to_owned(), text(path))))
        .collect::<Vec<_>>();
    let options = ParserOptions { include_loader: Box::new(MemoryIncludeLoader::from(beside)) };
    let parsed = mrml::parse_with_options(text(MAIL), &options)
        .map_err(|error| mjml_finding(&error, sources))?;
    if let Some(warning) = parsed.warnings.first() {
        let path = path_of(&warning.origin);
        let place = Place::at_offset(&file_of(&path), &text(&path), warning.span.start);
        return Err(not_mjml(place, &warning.kind.to_string(), text(&path)));
    }
    // Comments are for designers, not for readers' mailboxes. And no fonts: for
    // names it knows, MJML would have every reader's client call Google.
    let options =
        RenderOptions { disable_comments: true, fonts: HashMap::new(), ..Default::default() };
    let html = parsed.element.render(&options).map_err(|error| {
        Finding::error("theme-template", Place::start(file_of(MAIL)), error.to_string())
    })?;
    // What mrml does not know it passes on as it stands.
    match html.split_once("<mj-") {
        None => Ok(in_landmark(&html)),
        Some((_, rest)) => {
            let name = rest.split(|c: char| !c.is_alphanumeric() && c != '-').next();
            let tag = format!("<mj-{}", name.unwrap_or_default());
            let offset = text(MAIL).find(&tag).unwrap_or(0);
            let place = Place::at_offset(&file_of(MAIL), &text(MAIL), offset);
            let place = place.spanning(tag.chars().count());
            Err(not_mjml(place, &format!("there is no {tag}>"), text(MAIL)))
        }
    }
}

/// The whole mail in one `main` (docs/adr/0008). MJML has no element that could
/// stand around its own `role="article"`, whose name counts as content too.
fn in_landmark(html: &str) -> String {
    let body = html.find("<body").and_then(|at| Some(at + html[at..].find('>')? + 1));
    let end = html.rfind("</body>");
    match (body, end) {
        (Some(body), Some(end)) if body <= end => format!(
            "{}<div role=\"main\">{}</div>{}",
            &html[..body],
            &html[body..end],
            &html[end..]
        ),
        _ => html.to_owned(),
    }
}

fn not_mjml(place: Place, what: &str, text: String) -> Finding {
    Finding::error("theme-template", place, format!("not valid MJML: {what}"))
        .help("documentation.mjml.io lists the elements; text and HTML stand in <mj-text>")
        .source(&text.into())
}

/// The parser's own sentence lists its grammar; this is what a designer needs.
fn misread(reason: &TemplateErrorReason) -> String {
    match reason {
        TemplateErrorReason::InvalidSyntax(_) => {
            "not a handlebars template: a hole or a block is broken or not closed".to_owned()
        }
        reason => format!("not a handlebars template: {reason}"),
    }
}

fn mjml_finding(error: &MjmlError, sources: &ThemeFiles) -> Finding {
    let (path, offset) = match error {
        MjmlError::UnexpectedElement { origin, position }
        | MjmlError::UnexpectedToken { origin, position }
        | MjmlError::MissingAttribute { origin, position, .. }
        | MjmlError::InvalidAttribute { origin, position }
        | MjmlError::InvalidFormat { origin, position }
        | MjmlError::IncludeLoaderError { origin, position, .. } => {
            (path_of(origin), position.start)
        }
        MjmlError::EndOfStream { origin } => (path_of(origin), usize::MAX),
        MjmlError::SizeLimit { origin } | MjmlError::ParserError { origin, .. } => {
            (path_of(origin), 0)
        }
        MjmlError::NoRootNode => (MAIL.to_owned(), 0),
    };
    let text = sources.get(&path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let text = text.unwrap_or_default();
    let place = match error {
        MjmlError::ParserError { source, .. } => {
            let at = source.pos();
            Place::new(
                file_of(&path),
                usize::try_from(at.row).unwrap_or(1),
                usize::try_from(at.col).unwrap_or(1),
            )
        }
        _ => Place::at_offset(&file_of(&path), &text, offset),
    };
    not_mjml(place, &what(error), text)
}

fn path_of(origin: &Origin) -> String {
    match origin {
        Origin::Root => MAIL.to_owned(),
        Origin::Include { path } => format!("email/{path}"),
    }
}

/// The error without the byte position, which the place says better.
fn what(error: &MjmlError) -> String {
    if let MjmlError::ParserError { .. } = error {
        return "a tag, an attribute or a comment is not closed".to_owned();
    }
    let text = error.to_string();
    let end = [" in root template", " in template from"].iter().filter_map(|mark| text.find(mark));
    let end = end.min().unwrap_or(text.len());
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Theme;

    /// What a workspace is told about its own version of one file, made by
    /// replacing a piece of the built-in one.
    fn complaint(path: &str, from: &str, to: &str) -> String {
        let built_in = super::super::theme::built_in_files();
        let text = String::from_utf8(built_in[path].clone()).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        let own = [(path.to_owned(), text.replacen(from, to, 1).into_bytes())];
        let findings = Theme::new(own.into(), &["cs".into()]).err().unwrap_or_default();
        let told = findings.iter().map(|finding| format!("{}: {}", finding.place, finding.message));
        told.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_name_that_there_is_not_is_found_before_any_mail() {
        let told = complaint("email/mail.mjml", "{{title}}", "{{titel}}");
        insta::assert_snapshot!(told, @"templates/email/mail.mjml:9:15: the template asks for “titel”, which there is not");
    }

    #[test]
    fn a_name_in_an_included_file_is_found_there() {
        let told = complaint("email/footer.hbs", "{{why}}", "{{words.email.whyy}}");
        insta::assert_snapshot!(told, @"templates/email/footer.hbs:3:4: the template asks for “words.email.whyy”, which there is not");
        let told = complaint("page/footer.hbs", "{{address}}", "{{adress}}");
        insta::assert_snapshot!(told, @"templates/page/footer.hbs:2:50: the template asks for “adress”, which there is not");
    }

    #[test]
    fn an_unclosed_block_is_found() {
        let told = complaint("email/title.hbs", "{{/if}}\n", "");
        insta::assert_snapshot!(told, @"templates/email/title.hbs:7:1: not a handlebars template: a hole or a block is broken or not closed");
    }

    #[test]
    fn a_missing_part_is_found() {
        let told = complaint("email/mail.mjml", "email/title", "email/tile");
        insta::assert_snapshot!(told, @"templates/email/mail.mjml:22:54: the template includes templates/email/tile.hbs, which there is not");
        let told = complaint("email/mail.mjml", "style.css\"", "stile.css\"");
        insta::assert_snapshot!(told, @"templates/email/mail.mjml:15:6: not valid MJML: unable to load included template");
    }

    #[test]
    fn broken_mjml_is_found() {
        let told = complaint("email/mail.mjml", "<mj-column>", "<mj-colum>");
        insta::assert_snapshot!(told, @"templates/email/mail.mjml:20:7: not valid MJML: there is no <mj-colum>");
        let told = complaint("email/mail.mjml", "<mj-column>", "<mj-column");
        insta::assert_snapshot!(told, @"templates/email/mail.mjml:20:17: not valid MJML: a tag, an attribute or a comment is not closed");
        let told = complaint("email/mail.mjml", "</mjml>", "");
        insta::assert_snapshot!(told, @"templates/email/mail.mjml:37:1: not valid MJML: unexpected end of stream");
    }
}
