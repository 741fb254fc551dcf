//! What Word, a CMS or a generator of websites left in the text.
//!
//! Those tools read their marks, hlas does not: template tags would be printed
//! as they stand. The surprise: what would be printed is an error, what would
//! only vanish or hide (`<o:p>`, a zero-width space) is a warning, under one
//! name, because an author sees one thing: paste from elsewhere.

use std::sync::LazyLock;

use regex::Regex;

use super::{Rule, Text};
use crate::model::{Findings, Severity};

pub struct Leftover;

const DOC: &str = "\
What Word, a CMS or a generator of websites left in the text.

Template tags and shortcodes ({% … %}, {{ … }}, [gallery …], {: .class}) would
be printed as they stand, and so would Word's “Chyba! Nenalezen zdroj odkazů.”:
an error. Tags of Word (<o:p>, class=\"MsoNormal\"), marks of its clipboard,
characters without width, &nbsp;, bullets typed by hand: a warning.

Paste as plain text (Ctrl+Shift+V) and format it anew in Markdown.
";

/// One kind of leftover.
struct Trace {
    pattern: Regex,
    level: Severity,
    what: &'static str,
    help: &'static str,
}

fn trace(level: Severity, pattern: &str, what: &'static str, help: &'static str) -> Trace {
    Trace { pattern: Regex::new(pattern).expect("a pattern"), level, what, help }
}

static TRACES: LazyLock<Vec<Trace>> = LazyLock::new(|| {
    use Severity::{Error, Warning};
    vec![
        trace(
            Error,
            r"\{%.*?%\}|\{%",
            "a template tag of a website generator",
            "take it away; what it brought in has to be written here",
        ),
        trace(
            Error,
            r"\{\{[<%].*?[%>]\}\}",
            "a shortcode of Hugo",
            "take it away: a picture is ![What it shows](picture.png)",
        ),
        trace(Error, r"\{\{[^<%].*?\}\}", "a template variable", "write what it stood for"),
        trace(
            Error,
            r"\{:[^}]*\}|\{[.#][A-Za-z][^}]*\}",
            "an attribute of kramdown or Pandoc",
            "take it away: looks are the business of the theme",
        ),
        trace(
            Error,
            r#"\[/?(?:caption|gallery|embed|audio|video|playlist|button|column|columns|row|accordion|tabs?|toc|contact-form-7|(?:vc|et_pb|su|fusion)_\w+)(?:\s[^\]]*)?/?\]"#,
            "a shortcode of WordPress",
            "take it away: a picture is ![What it shows](picture.png)",
        ),
        trace(
            Error,
            r"\[\[_?TOC_?\]\]|\[TOC\]",
            "a table of contents of another tool",
            "take it away: the PDF makes its own",
        ),
        trace(
            Error,
            r"!?\[\[[^\[\]^]+\]\]",
            "a link of a wiki",
            "write [text](https://…) or ![What it shows](picture.png)",
        ),
        trace(
            Error,
            r"(?:Chyba! (?:Nenalezen zdroj|Záložka není|Odkaz není|Chybn)|Error! (?:Reference source|Bookmark not|Hyperlink reference))[^.]*\.?",
            "a broken reference of Word",
            "write what was meant there",
        ),
        trace(
            Warning,
            r"<!--\s*(?:StartFragment|EndFragment)\s*-->|<!--\[if [^\]]*\]>|<!\[endif\]-->",
            "a mark of Word's clipboard",
            "take it away; it is not published",
        ),
        trace(
            Warning,
            r"</?[ovwm]:[A-Za-z]+[^>]*>(?:\s*</[ovwm]:[A-Za-z]+>)?",
            "a tag of Word",
            "take it away; it is not published",
        ),
        trace(
            Warning,
            r#"class="?Mso\w*"?|mso-[a-z-]+:"#,
            "a style of Word",
            "take the tag away and keep the words",
        ),
        trace(
            Warning,
            r"(?:&nbsp;|&#160;|&#xA0;)+",
            "a hard space written out",
            "write a plain space: hlas binds what belongs together",
        ),
        trace(Warning, r"\\\\\s*$", "a line end of LaTeX", "end the line with one \\"),
    ]
});

/// Characters that are not seen, with what they are called.
const HIDDEN: [(char, &str); 5] = [
    ('\u{200b}', "a zero-width space"),
    ('\u{feff}', "a byte order mark inside the text"),
    ('\u{ad}', "a soft hyphen"),
    ('\u{200e}', "a left-to-right mark"),
    ('\u{fffd}', "a character that was lost (U+FFFD)"),
];

/// Bullets that a list is typed with by hand.
static BULLET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[ >]*([•·‣▪●◦■□➢✓✔])[ \t\u{a0}]*\S").expect("a pattern"));

impl Rule for Leftover {
    fn name(&self) -> &'static str {
        "leftover"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for (number, line) in text.prose.lines() {
            for trace in TRACES.iter() {
                for found in trace.pattern.find_iter(&line).filter(|it| !is_link(&line, it.end())) {
                    let message = format!("`{}` is {}", shown(found.as_str()), trace.what);
                    let part = (found.start(), found.as_str().trim_end());
                    self.put(
                        text,
                        trace.level,
                        (number, &line, part),
                        message,
                        trace.help,
                        findings,
                    );
                }
            }
            for (character, name) in HIDDEN {
                if let Some(at) = line.find(character) {
                    let message = format!("{name} stands here, and is not seen");
                    let part = (at, &line[at..at + character.len_utf8()]);
                    let help = "delete it, or write the word anew; it came in with pasted text";
                    self.put(
                        text,
                        Severity::Warning,
                        (number, &line, part),
                        message,
                        help,
                        findings,
                    );
                }
            }
            if let Some(bullet) = BULLET.captures(&line).and_then(|it| it.get(1)) {
                let message = format!("`{}` at the start of a line makes no list", bullet.as_str());
                let part = (bullet.start(), bullet.as_str());
                let help = "begin each item with a hyphen and a space, and put an empty line before the first";
                self.put(text, Severity::Warning, (number, &line, part), message, help, findings);
            }
        }
        self.second_head(text, findings);
    }
}

impl Leftover {
    /// Puts down what stands in a line, at a byte of it.
    fn put(
        &self,
        text: &Text<'_>,
        level: Severity,
        (number, line, (at, words)): (usize, &str, (usize, &str)),
        message: String,
        help: &str,
        findings: &mut Findings,
    ) {
        let place = text.manuscript.place(number, line[..at].chars().count() + 1);
        let place = place.spanning(words.chars().count());
        let mut finding = text.finding_at(self, place, message);
        finding.severity = level;
        findings.push(finding.help(help));
    }

    /// The front matter of another tool at the start of the body: it would be
    /// a line across the page and a heading of fields.
    fn second_head(&self, text: &Text<'_>, findings: &mut Findings) {
        let mut lines = text.prose.lines().skip_while(|(_, line)| line.trim().is_empty());
        let Some((number, fence)) = lines.next() else { return };
        let fenced = ["---", "+++"].contains(&fence.trim_end());
        let field = lines.next().is_some_and(|(_, line)| is_field(&line));
        if fenced && field {
            let message = "a second front matter";
            let place = text.manuscript.place(number, 1).spanning(3);
            let help = "move its fields into the first one, or take them away";
            findings.push(text.finding_at(self, place, message).help(help));
        }
    }
}

fn is_field(line: &str) -> bool {
    let name = line.split([':', '=']).next().unwrap_or_default().trim_end();
    name.len() < line.trim_end().len()
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Whether what ends there goes on as a link of Markdown.
fn is_link(line: &str, end: usize) -> bool {
    line[end..].starts_with(['(', '['])
}

/// A long tag, so far as it takes to find it.
fn shown(found: &str) -> String {
    let found = found.trim();
    if found.chars().count() <= 40 {
        return found.to_owned();
    }
    format!("{}…", found.chars().take(38).collect::<String>())
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    fn leftovers(body: &str) -> Vec<String> {
        told(body).into_iter().filter(|it| it.contains(" leftover ")).collect()
    }

    #[test]
    fn tags_and_shortcodes_would_be_printed() {
        assert_eq!(
            leftovers(
                "Á {% include graf.html %} b {{ page.title }}\n{{< figure src=\"a.png\" >}}\n\n## Závěr {#zaver}\n\n{: .lead}\n[gallery ids=\"1\"] [[Stránka]] [toc](https://example.org/)\n\nViz Chyba! Nenalezen zdroj odkazů.\n\n`{{ kód }}`\n"
            ),
            [
                "6:3 leftover Error: `{% include graf.html %}` is a template tag of a website generator",
                "6:29 leftover Error: `{{ page.title }}` is a template variable",
                "7:1 leftover Error: `{{< figure src=\"a.png\" >}}` is a shortcode of Hugo",
                "9:10 leftover Error: `{#zaver}` is an attribute of kramdown or Pandoc",
                "11:1 leftover Error: `{: .lead}` is an attribute of kramdown or Pandoc",
                "12:1 leftover Error: `[gallery ids=\"1\"]` is a shortcode of WordPress",
                "12:19 leftover Error: `[[Stránka]]` is a link of a wiki",
                "14:5 leftover Error: `Chyba! Nenalezen zdroj odkazů.` is a broken reference of Word",
            ]
        );
    }

    #[test]
    fn what_word_pastes_is_warned_of() {
        assert_eq!(
            leftovers(
                "<!--StartFragment-->\n\nPříliš&nbsp;žluťoučký k\u{200b}ůň<o:p></o:p>\n\n• první\n• druhá\n\nkonec\\\\\nřádku\n"
            ),
            [
                "6:1 leftover Warning: `<!--StartFragment-->` is a mark of Word's clipboard",
                "8:7 leftover Warning: `&nbsp;` is a hard space written out",
                "8:24 leftover Warning: a zero-width space stands here, and is not seen",
                "8:27 leftover Warning: `<o:p></o:p>` is a tag of Word",
                "10:1 leftover Warning: `•` at the start of a line makes no list",
                "11:1 leftover Warning: `•` at the start of a line makes no list",
                "13:6 leftover Warning: `\\\\` is a line end of LaTeX",
            ]
        );
    }

    #[test]
    fn a_second_front_matter_is_no_text() {
        assert_eq!(
            leftovers("\n---\nlayout: post\n---\n\nText.\n"),
            ["7:1 leftover Error: a second front matter"]
        );
        assert_eq!(leftovers("---\n\nText: ano.\n"), Vec::<String>::new());
    }
}
