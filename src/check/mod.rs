//! Every rule over a manuscript as it was written, a rule a file.
//!
//! Rules see the AST before it is put in order for the formats, so that they
//! can point at what the author typed. Errors keep the publication in the
//! house, warnings don't. The house may set the level of a rule
//! (`[rules]` in `hlas.toml`), an author may silence one in one place, with a
//! reason ([`allowance`]); a rule that is *firm* bears neither.

mod allowance;
mod alt_text;
mod block_directive;
mod bold_heading;
pub mod catalogue;
mod citation;
mod comment;
pub mod contrast;
mod editions_differ;
mod empty_text;
mod footnote;
mod gathered;
mod hand_made_note;
mod heading;
mod leftover;
mod link;
mod link_text;
mod misread;
mod nesting;
mod numerals;
pub mod parity;
mod passage;
mod picture;
mod picture_size;
pub mod pictures;
pub mod privacy;
mod private_definition;
mod private_figure;
mod private_reference;
mod prose;
mod raw_html;
mod repeated;
mod send_time;
mod sketched;
mod subject;
mod summary;
mod table;
mod translation_older;
pub mod typography;
mod unfinished;
mod unused_footnote;
mod wide_table;
mod work;

use comrak::Arena;
use comrak::nodes::{Node, Sourcepos};

use crate::load::Loaded;
use crate::model::{Finding, Findings, Manuscript, Place, Publication, Severity, Workspace};
use crate::render::Theme;
use crate::render::markdown::{self, Headings};
use crate::render::theme::Words;
pub use catalogue::Entry;
pub use passage::Passage;
pub use prose::Prose;
pub use send_time::overdue;
pub use sketched::sketched;

/// The rules, in the order in which they are asked.
pub const RULES: &[&dyn Rule] = &[
    &nesting::Nesting,
    &empty_text::EmptyText,
    &block_directive::BlockDirective,
    &gathered::GatheredPlace,
    &picture::MissingPicture,
    &picture_size::PictureSize,
    &alt_text::AltText,
    &heading::Heading,
    &bold_heading::BoldHeading,
    &link::LinkTarget,
    &link_text::LinkText,
    &footnote::Footnote,
    &private_definition::PrivateDefinition,
    &private_reference::PrivateReference,
    &private_figure::PrivateFigure,
    &unused_footnote::UnusedFootnote,
    &hand_made_note::HandMadeNote,
    &table::Table,
    &wide_table::WideTable,
    &leftover::Leftover,
    &comment::Comment,
    &misread::Misread,
    &citation::Citation,
    &work::Work,
    &raw_html::RawHtml,
    &unfinished::Unfinished,
    &repeated::Repeated,
    &subject::Subject,
    &summary::Summary,
    &send_time::SendTime,
    &editions_differ::EditionsDiffer,
    &translation_older::TranslationOlder,
];

/// One thing that can be wrong with a text.
pub trait Rule: Sync {
    /// Stable name, for scripts: `alt-text`.
    fn name(&self) -> &'static str;

    /// How much it matters, where `hlas.toml` does not say.
    fn level(&self) -> Severity {
        Severity::Error
    }

    /// Whether neither house nor author can wave it through: what breaks it
    /// would come out wrong, or not at all.
    fn is_firm(&self) -> bool {
        false
    }

    /// What `check --explain` prints. The first line says what is looked for,
    /// then, after an empty line, why it matters and how to mend it.
    fn doc(&self) -> &'static str;

    /// Looks at one manuscript.
    fn text(&self, _text: &Text<'_>, _findings: &mut Findings) {}

    /// Looks at all languages of a publication side by side, the leading one
    /// first; called also when there is one alone.
    fn editions(&self, _texts: &[Text<'_>], _findings: &mut Findings) {}
}

/// A manuscript under inspection.
pub struct Text<'a> {
    pub workspace: &'a Workspace,
    pub publication: &'a Publication,
    pub manuscript: &'a Manuscript,
    /// What the theme calls things in its language.
    pub words: &'a Words,
    /// The AST exactly as written.
    pub root: Node<'a>,
    /// The anchors of all headings, those of blocks included, whoever gets them.
    pub anchors: Vec<String>,
    /// The lines of the body, with code blanked.
    pub prose: Prose,
}

impl<'a> Text<'a> {
    /// A manuscript whose AST, exactly as written, is `root`.
    pub fn new(
        workspace: &'a Workspace,
        theme: &'a Theme,
        publication: &'a Publication,
        manuscript: &'a Manuscript,
        root: Node<'a>,
    ) -> Self {
        let words = theme.words(&manuscript.language);
        let prose = Prose::new(&manuscript.body, root);
        let anchors = Vec::new();
        let mut text = Self { workspace, publication, manuscript, words, root, anchors, prose };
        let has_more = ["@", ":::"].iter().any(|mark| manuscript.body.contains(mark));
        text.anchors = match has_more {
            true => text.headings().all_anchors(&manuscript.body),
            false => markdown::anchors(root),
        };
        text
    }

    /// What gives its readers headings that its author did not write.
    pub fn headings(&self) -> Headings<'_> {
        let Self { workspace, words, .. } = self;
        Headings { workspace, words, bibliography: self.publication.bibliography.as_ref() }
    }

    pub fn nodes(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.root.descendants()
    }

    /// Who reads it: the public (`None`), and the segments it is mailed to.
    pub fn readers(&self) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
        let segments = self.publication.to.iter();
        std::iter::once(None).chain(segments.map(|id| Some(id.as_str())))
    }

    /// What [`Text::readers`] are called in a message.
    pub fn readers_called(&self, segment: Option<&str>) -> String {
        match segment {
            None => "the public".to_owned(),
            Some(id) => format!("readers of `{id}`"),
        }
    }

    /// Whether a node is what Markdown made of a template tag's inside.
    pub fn is_in_tag(&self, node: Node<'_>) -> bool {
        let start = node.data().sourcepos.start;
        self.prose.is_in_tag(start.line, start.column)
    }

    /// The place of a node in the file; of one over several lines, its first.
    pub fn place(&self, node: Node<'_>) -> Place {
        let Sourcepos { start, end } = node.data().sourcepos;
        let last = if start.line == end.line {
            end.column
        } else {
            let line = self.manuscript.body.lines().nth(start.line.saturating_sub(1));
            line.unwrap_or_default().trim_end().chars().count()
        };
        let length = last + 1 - start.column.min(last);
        self.manuscript.place(start.line, start.column).spanning(length)
    }

    /// A finding at a node, at the level that the rule has of itself.
    pub fn finding(&self, rule: &dyn Rule, node: Node<'_>, message: impl Into<String>) -> Finding {
        self.finding_at(rule, self.place(node), message)
    }

    /// A finding at a place of this manuscript's file.
    pub fn finding_at(&self, rule: &dyn Rule, place: Place, message: impl Into<String>) -> Finding {
        Finding::new(rule.level(), rule.name(), place, message).source(&self.manuscript.text)
    }

    /// The place of `needle` where it first stands in the lines of a node; the
    /// node's own where it was written otherwise (`&amp;`, `\\*`).
    pub fn place_of(&self, node: Node<'_>, needle: &str) -> Place {
        let Sourcepos { start, end } = node.data().sourcepos;
        let lines = self.manuscript.body.lines().enumerate();
        let lines = lines.skip(start.line.saturating_sub(1)).take(end.line + 1 - start.line);
        for (index, line) in lines {
            let from = if index + 1 == start.line { start.column.saturating_sub(1) } else { 0 };
            let from = line.char_indices().nth(from).map_or(line.len(), |(offset, _)| offset);
            if let Some(found) = line[from..].find(needle) {
                let column = line[..from + found].chars().count() + 1;
                let place = self.manuscript.place(index + 1, column);
                return place.spanning(needle.chars().count());
            }
        }
        self.place(node)
    }

    /// The texts of the body, each in the order in which it is read: paragraphs,
    /// headings, cells of tables, alternative texts.
    pub fn passages(&self) -> impl Iterator<Item = Passage<'a>> + use<'a, '_> {
        self.nodes().filter_map(|node| Passage::of(self.manuscript, node))
    }

    /// Where the value of a field of the front matter stands; `None` where this
    /// file does not state it.
    pub fn field_place(&self, field: &str) -> Option<Place> {
        field_place(self.manuscript, field)
    }

    /// Where `needle` stands in the value of a field, or else the value.
    pub fn place_in_field(&self, field: &str, needle: &str) -> Option<Place> {
        let value = field_place(self.manuscript, field)?;
        let belongs = |line: &str| line.starts_with([' ', '\t', '-']) && line.trim_end() != "---";
        let lines = self.manuscript.text.lines().enumerate().skip(value.line - 1);
        let own = lines.take_while(|(index, line)| index + 1 == value.line || belongs(line));
        for (index, line) in own {
            let skipped = if index + 1 == value.line { value.column - 1 } else { 0 };
            let from = line.char_indices().nth(skipped).map_or(line.len(), |(byte, _)| byte);
            if let Some(found) = line[from..].find(needle) {
                let column = line[..from + found].chars().count() + 1;
                let place = Place::new(&self.manuscript.file, index + 1, column);
                return Some(place.spanning(needle.chars().count()));
            }
        }
        Some(value)
    }
}

/// Read from the lines, as a [`Manuscript`] keeps what its fields say, not
/// where, and in typeset form. Quotes around a value are no part of it; one
/// that begins on the next line (`>`, a list) is found there.
pub fn field_place(manuscript: &Manuscript, field: &str) -> Option<Place> {
    let mut head = manuscript.text.lines().take(manuscript.lines_before_body).enumerate();
    let (index, value) =
        head.find_map(|(index, line)| Some((index, line.strip_prefix(field)?.strip_prefix(':')?)))?;
    let (first, next) = (value.trim(), head.next());
    let is_below = first.is_empty() || first.starts_with(['>', '|']);
    let below = next.filter(|(_, line)| is_below && line.starts_with([' ', '-']));
    let (index, line, before) = match below {
        Some((index, line)) => (index, line, 0),
        None => (index, value, field.chars().count() + 1),
    };
    let written = line.trim();
    let quoted =
        |quote| written.len() > 1 && written.starts_with(quote) && written.ends_with(quote);
    let quotes = usize::from(quoted('"') || quoted('\''));
    let indent = line.chars().count() - line.trim_start().chars().count();
    let place = Place::new(&manuscript.file, index + 1, before + indent + quotes + 1);
    Some(place.spanning(written.chars().count().saturating_sub(2 * quotes)))
}

/// Asks every rule about every manuscript of a publication.
pub fn check(workspace: &Workspace, theme: &Theme, publication: &Publication) -> Findings {
    let mut findings = Findings::new();
    let arenas: Vec<Arena<'_>> = publication.manuscripts.iter().map(|_| Arena::new()).collect();
    let texts: Vec<Text<'_>> = publication
        .manuscripts
        .iter()
        .zip(&arenas)
        .map(|(manuscript, arena)| {
            let root = markdown::parse(arena, &manuscript.body);
            Text::new(workspace, theme, publication, manuscript, root)
        })
        .collect();
    for rule in RULES {
        for text in &texts {
            rule.text(text, &mut findings);
        }
        rule.editions(&texts, &mut findings);
    }
    findings
}

/// What is wrong with the theme, which no publication can be blamed for.
pub fn theme(loaded: &Loaded) -> Findings {
    // Colours are the same in every language.
    let mut findings = contrast::findings(&loaded.theme, loaded.workspace.default_language());
    findings.extend(privacy::theme(loaded));
    findings.extend(loaded.theme.charts().confusion().map(|message| {
        Finding::warning("theme-chart", Place::start("templates/chart.toml"), message)
            .help("choose colours that differ in lightness too")
    }));
    settle(&findings, &loaded.workspace, None)
}

/// Findings about a publication, from wherever they come, at the levels that
/// the house has set and without those that an author has allowed, in order
/// of place.
pub fn settle(
    findings: &[Finding],
    workspace: &Workspace,
    publication: Option<&Publication>,
) -> Findings {
    let manuscripts = publication.map_or(&[][..], |publication| &publication.manuscripts);
    let mut settled = allowance::apply(findings, manuscripts);
    set_levels(&mut settled, workspace);
    settled.sort_by(|a, b| a.place.cmp(&b.place));
    settled
}

/// The same for findings that were made on request, after the others were
/// settled.
pub fn settle_late(findings: &mut Findings, workspace: &Workspace, publication: &Publication) {
    allowance::waive(findings, &publication.manuscripts);
    set_levels(findings, workspace);
}

fn set_levels(findings: &mut Findings, workspace: &Workspace) {
    findings.retain_mut(|finding| match workspace.levels.get(finding.rule) {
        Some(None) => false,
        Some(Some(level)) => {
            finding.severity = *level;
            true
        }
        None => true,
    });
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::render::specimen;

    /// What `check` tells of a Czech text, a line a finding.
    pub(crate) fn told(body: &str) -> Vec<String> {
        told_of(&specimen::workspace(), &specimen::commentary(body))
    }

    /// What `check` tells of a publication in a house, a line a finding.
    pub(crate) fn told_of(workspace: &Workspace, publication: &Publication) -> Vec<String> {
        settle(&check(workspace, &specimen::THEME, publication), workspace, Some(publication))
            .iter()
            .map(|it| {
                let column = format!("{}:{}", it.place.line, it.place.column);
                format!("{column} {} {:?}: {}", it.rule, it.severity, it.message)
            })
            .collect()
    }

    #[test]
    fn a_sound_text_has_no_findings() {
        assert_eq!(
            told(
                "Úvod s [odkazem](https://example.org/a) a poznámkou.[^1]\n\n## Závěr\n\n[^1]: Pramen.\n"
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_house_sets_levels() {
        let mut workspace = specimen::workspace();
        let publication = specimen::commentary("![](graf.svg) <b>b</b>\n");
        workspace.levels =
            [("alt-text".to_owned(), Some(Severity::Warning)), ("raw-html".to_owned(), None)]
                .into();
        assert_eq!(
            told_of(&workspace, &publication),
            ["6:1 alt-text Warning: the picture has no alternative text"]
        );
    }

    #[test]
    fn a_field_is_placed_without_its_quotes_and_below_its_name_where_it_stands_there() {
        let mut publication = specimen::commentary("");
        let head = "---\ntitle: \"Žár\"\nsummary: >\n  Čekání  má\n  cenu.\nsubject:\nto:\n  - všichni\n---\n";
        publication.manuscripts[0].text = std::sync::Arc::from(head);
        publication.manuscripts[0].lines_before_body = head.lines().count();
        let place = |field: &str| {
            let place = field_place(&publication.manuscripts[0], field)?;
            Some((place.line, place.column, place.length))
        };
        assert_eq!(place("title"), Some((2, 9, 3)));
        assert_eq!(place("summary"), Some((4, 3, 10)));
        assert_eq!(place("subject"), Some((6, 9, 1)));
        assert_eq!(place("to"), Some((8, 3, 9)));
        assert_eq!(place("at"), None);
    }
}
