//! Blocks `:::name` that cannot be read as their author meant them.
//!
//! Printing what stands in one would be worse than stopping: `:::only
//! politicians` is meant for some eyes only. So what merely looks like the
//! fence of a block is looked for too, in text and in HTML: to comrak
//! `:::only politicians:` is a paragraph, for everybody.

use comrak::nodes::{Node, NodeValue};

use super::{Rule, Text};
use crate::load::nearest;
use crate::model::{Finding, Findings, Place, Severity};
use crate::render::markdown::Directive;
use crate::render::markdown::directive::{Fault, NAMES, Word, words};
use crate::render::markdown::readership::{is_unclosed, left_open};

pub struct BlockDirective;

const DOC: &str = "\
A block `:::name` that cannot be read as it was meant.

A block begins with a line of three colons and a name, and ends with a line of
three colons. One that holds another has more colons than the inner one.

        :::summary                      the key findings
        :::recommendations
        :::perspective MEMBER           a member organisation's own view
        :::quote LANGUAGE               somebody's words in another language
        :::only SEGMENT …               for readers of these segments alone
        :::except SEGMENT …             for readers of all segments but these
        :::gathered                     in a newsletter, what it gathers

MEMBER is the `id` of a member in hlas.toml, LANGUAGE two letters such as en,
SEGMENT a name in segments.toml.
What stands in `only` and `except` is in mail alone: never on the page, in the
PDF or in a feed. So nothing is published while a block is in doubt.

Wrong:  :::only politician              Right:  :::only politicians
        Text.                                   Text.
                                                :::
";

impl Rule for BlockDirective {
    fn name(&self) -> &'static str {
        "block-directive"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            match &node.data().value {
                NodeValue::BlockDirective(block) => {
                    findings.extend(Fence { rule: self, text, node }.faults(&block.info));
                }
                NodeValue::Text(literal) if literal.starts_with("::") && begins_line(node) => {
                    findings.push(self.unread(text, text.place(node)));
                }
                NodeValue::HtmlBlock(html) if !html.literal.starts_with("<!--") => {
                    findings.extend(self.swallowed(text, node, &html.literal));
                }
                NodeValue::CodeBlock(code) if !code.fenced => {
                    findings.extend(self.swallowed(text, node, &code.literal));
                }
                _ => {}
            }
        }
    }
}

impl BlockDirective {
    /// The first line of HTML or of indented code that was to be a fence.
    fn swallowed(&self, text: &Text<'_>, node: Node<'_>, literal: &str) -> Option<Finding> {
        let line = literal.lines().position(|line| line.trim_start().starts_with(":::"))?;
        let first = node.data().sourcepos.start.line;
        let written = text.manuscript.body.lines().nth(first + line - 1).unwrap_or_default();
        let column = written.chars().take_while(|c| *c != ':').count() + 1;
        Some(self.unread(text, text.manuscript.place(first + line, column).spanning(3)))
    }

    fn unread(&self, text: &Text<'_>, place: Place) -> Finding {
        text.finding_at(self, place, "this is not read as a block, and would be printed").help(
            "a block begins with three colons at the start of a line, its name, and no other colon; it ends with three colons",
        )
    }
}

fn begins_line(node: Node<'_>) -> bool {
    node.previous_sibling().is_none_or(|before| {
        matches!(before.data().value, NodeValue::SoftBreak | NodeValue::LineBreak)
    })
}

/// The first line of a block.
struct Fence<'r, 't> {
    rule: &'r BlockDirective,
    text: &'r Text<'t>,
    node: Node<'t>,
}

impl Fence<'_, '_> {
    fn faults(&self, info: &str) -> Findings {
        let directive = match Directive::read(info) {
            Ok(directive) => directive,
            Err(fault) => return vec![self.unreadable(fault, info)],
        };
        let mut faults = self.unknown(&directive, info);
        let name = directive.name();
        let body = &self.text.manuscript.body;
        if self.holds_unclosed() {
            // Told of with that one.
        } else if let Some(open) = left_open(self.node) {
            faults.push(self.ends_within(open, name));
        } else if is_unclosed(self.node, body) {
            faults.push(self.unclosed(name));
        } else if directive != Directive::Gathered
            && self.node.first_child().is_none()
            && !self.holds_definitions()
        {
            faults.push(
                self.finding(name, format!("nothing stands in the block `:::{name}`"))
                    .help("write the text between its two lines, or take both away"),
            );
        }
        if faults.is_empty() {
            faults.extend(self.read_by_nobody(&directive, info));
        }
        let is_private = matches!(directive, Directive::Only(_) | Directive::Except(_));
        if is_private && self.is_in_note() {
            faults.push(
                self.finding(name, "a note cannot be for some readers in part".to_owned())
                    .help("put the note's mark into a block for those readers, with the sentence that it belongs to"),
            );
        }
        faults
    }

    fn unreadable(&self, fault: Fault<'_>, info: &str) -> Finding {
        match fault {
            Fault::NoName => self.at(0, 0, "these colons close no block that is open".to_owned()).help(
                "a block begins with ::: and its name; around another block, use one colon more",
            ),
            Fault::UnknownName(word) => {
                let help = match nearest(word.text, NAMES) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("there are: {}", NAMES.join(", ")),
                };
                self.on(word, format!("there is no block `:::{}`", word.text)).help(help)
            }
            Fault::NothingNamed(word) if word.text == "perspective" => self
                .on(word, "`:::perspective` does not say whose".to_owned())
                .help("name the member organisation: :::perspective MEMBER, its `id` in hlas.toml"),
            Fault::NothingNamed(word) if word.text == "quote" => self
                .on(word, "`:::quote` does not say in which language".to_owned())
                .help("name it: :::quote en; what is in the language of the text begins with >"),
            Fault::NoLanguage(word) => self
                .on(word, format!("`{}` is no language", word.text))
                .help("write its two letters: en, de, uk, vi"),
            Fault::NothingNamed(word) => self
                .on(word, format!("`:::{}` names no segment", word.text))
                .help(format!("name segments of segments.toml: :::{} SEGMENT", word.text)),
            Fault::TooMuch(word) => {
                let said: Vec<&str> = words(info).iter().skip(1).map(|word| word.text).collect();
                let member = self.member_called(&said.join(" "));
                let help = match member {
                    Some(id) => format!("did you mean `{id}`?"),
                    None => "take away what stands behind it".to_owned(),
                };
                let name = words(info).first().map_or("", |word| word.text);
                self.on(word, format!("`{}` is too much for `:::{name}`", word.text)).help(help)
            }
        }
    }

    /// Whether a block in this one has no end, whose end this one may have got.
    fn holds_unclosed(&self) -> bool {
        let is_block = |node: &Node<'_>| matches!(node.data().value, NodeValue::BlockDirective(_));
        let mut inner = self.node.descendants().skip(1).filter(is_block);
        inner.any(|inner| is_unclosed(inner, &self.text.manuscript.body))
    }

    /// The colons that end a block may stand in an example of blocks.
    fn ends_within(&self, open: Node<'_>, name: &str) -> Finding {
        let (what, close) = match &open.data().value {
            NodeValue::CodeBlock(code) => {
                ("code", char::from(code.fence_char).to_string().repeat(code.fence_length))
            }
            NodeValue::HtmlBlock(html) if html.literal.starts_with("<!--") => {
                ("a comment", "-->".to_owned())
            }
            _ => ("HTML", "its closing tag".to_owned()),
        };
        let message = format!("the block `:::{name}` ends in the middle of {what}");
        self.finding(name, message).help(format!(
            "close the {0} with {close}; where it shows ::: itself, begin and end the block with one colon more",
            what.trim_start_matches("a ")
        ))
    }

    /// Where another block that looks closed took its end, that one is told of.
    fn unclosed(&self, name: &str) -> Finding {
        let unclosed = self.finding(name, format!("the block `:::{name}` is not closed"));
        match self.around() {
            Some((outer, line)) => unclosed.help(format!(
                "its ::: ends `:::{outer}` in line {line}: close that one before, or, where this is to stand in it, begin and end that one with one colon more"
            )),
            None => unclosed.help(
                "put a line of its own with ::: where it ends; around another block, use one colon more",
            ),
        }
    }

    /// The block around this one that has no more colons, and its line in the file.
    fn around(&self) -> Option<(&'static str, usize)> {
        let colons = |node: Node<'_>| match &node.data().value {
            NodeValue::BlockDirective(block) => Some(block.fence_length),
            _ => None,
        };
        let own = colons(self.node)?;
        let mut outer = self.node.ancestors().skip(1);
        let outer = outer.find(|outer| colons(outer).is_some_and(|theirs| theirs <= own))?;
        let line = self.text.manuscript.lines_before_body + outer.data().sourcepos.start.line;
        Some((Directive::of(outer)?.name(), line))
    }

    /// Members and segments that do not exist.
    fn unknown(&self, directive: &Directive, info: &str) -> Findings {
        let workspace = self.text.workspace;
        let members: Vec<&str> = workspace.members.iter().map(|it| it.id.as_str()).collect();
        let segments: Vec<&str> = workspace.segments.iter().map(String::as_str).collect();
        let (known, what) = match directive {
            Directive::Perspective(_) => (members, "member organisation"),
            Directive::Only(_) | Directive::Except(_) => (segments, "segment"),
            Directive::Summary
            | Directive::Recommendations
            | Directive::Quote(_)
            | Directive::Gathered => return Findings::new(),
        };
        let named = words(info).into_iter().skip(1);
        let unknown = named.filter(|word| !known.contains(&word.text));
        let tell = |word: Word<'_>| {
            let close = nearest(word.text, known.iter().copied());
            let help = match close.or_else(|| self.member_called(word.text)) {
                Some(close) => format!("did you mean `{close}`?"),
                None if known.is_empty() => format!("no {what} has a name yet"),
                None => format!("there are: {}", known.join(", ")),
            };
            self.on(word, format!("there is no {what} `{}`", word.text)).help(help)
        };
        unknown.map(tell).collect()
    }

    /// A text is mailed to the segments in its `to`, and to nobody else.
    fn read_by_nobody(&self, directive: &Directive, info: &str) -> Option<Finding> {
        let Directive::Only(ids) = directive else { return None };
        let to = &self.text.publication.to;
        if to.is_empty() || to.iter().any(|id| ids.contains(id)) {
            return None;
        }
        let word = *words(info).get(1)?;
        let message = format!("nobody reads this: the text is not mailed to `{}`", word.text);
        let mut finding = self.on(word, message);
        finding.severity = Severity::Warning;
        Some(finding.help(format!("`to` names {}", to.join(", "))))
    }

    fn member_called(&self, name: &str) -> Option<&str> {
        let members = &self.text.workspace.members;
        let called = members.iter().find(|it| it.name.to_lowercase() == name.to_lowercase())?;
        Some(&called.id)
    }

    fn is_in_note(&self) -> bool {
        let mut outer = self.node.ancestors().skip(1);
        outer.any(|outer| matches!(outer.data().value, NodeValue::FootnoteDefinition(_)))
    }

    /// Notes and addresses leave no node where they were written.
    fn holds_definitions(&self) -> bool {
        let at = self.node.data().sourcepos;
        let lines = self.text.manuscript.body.lines();
        let inside = lines.skip(at.start.line).take(at.end.line.saturating_sub(at.start.line + 1));
        inside.into_iter().any(|line| line.trim_start().starts_with('['))
    }

    fn on(&self, word: Word<'_>, message: String) -> Finding {
        self.at(word.at, word.text.chars().count(), message)
    }

    fn finding(&self, name: &str, message: String) -> Finding {
        self.at(0, name.chars().count(), message)
    }

    /// A finding some characters into what stands behind the colons; with no
    /// length, at the colons.
    fn at(&self, characters: usize, length: usize, message: String) -> Finding {
        let start = self.node.data().sourcepos.start;
        let line = self.text.manuscript.body.lines().nth(start.line.saturating_sub(1));
        let fence = line.unwrap_or_default().chars().skip(start.column.saturating_sub(1));
        let colons = fence.clone().take_while(|c| *c == ':').count();
        let gap = fence.skip(colons).take_while(|c| c.is_whitespace()).count();
        let place = match length {
            0 => self.text.manuscript.place(start.line, start.column).spanning(colons),
            _ => {
                let column = start.column + colons + gap + characters;
                self.text.manuscript.place(start.line, column).spanning(length)
            }
        };
        self.text.finding_at(self.rule, place, message)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn blocks_that_are_in_order_are_no_findings() {
        let body = "\
:::summary
Nález.
:::

::::only politicians, officials
:::perspective most
Pohled.
:::
::::

- bod
  ::: except officials
  Více.
  :::
";
        assert_eq!(told(body), Vec::<String>::new());
    }

    #[test]
    fn names_members_and_segments_that_do_not_exist_are_told_at_their_column() {
        assert_eq!(
            told(
                "::: sumary\nA\n:::\n\n:::perspective mots\nB\n:::\n\n> :::only politicians oficials\n> C\n> :::\n\n:::perspective Tlumočnický kruh\nD\n:::\n"
            ),
            [
                "6:5 block-directive Error: there is no block `:::sumary`",
                "10:16 block-directive Error: there is no member organisation `mots`",
                "14:23 block-directive Error: there is no segment `oficials`",
                "18:28 block-directive Error: `kruh` is too much for `:::perspective`",
            ]
        );
    }

    #[test]
    fn a_name_that_wants_something_and_one_that_wants_nothing() {
        assert_eq!(
            told(
                "A.\n\n:::perspective\nA\n:::\n\n:::except\nB\n:::\n\n:::summary politicians\nC\n:::\n"
            ),
            [
                "8:4 block-directive Error: `:::perspective` does not say whose",
                "12:4 block-directive Error: `:::except` names no segment",
                "16:12 block-directive Error: `politicians` is too much for `:::summary`",
            ]
        );
    }

    #[test]
    fn a_block_that_is_not_closed() {
        let unclosed = "block-directive Error: the block `:::only` is not closed";
        for body in [
            ":::only politicians\nTajné.\n",
            ":::only politicians\nTajné. :::\n\nDál.\n",
            ":::only politicians\nTajné.\n::\n",
            "::::only politicians\nTajné.\n:::summary\na\n:::\n",
        ] {
            assert!(
                told(body).iter().any(|told| told.ends_with(unclosed)),
                "{body}\n{:?}",
                told(body)
            );
        }
    }

    #[test]
    fn a_block_in_one_of_as_many_colons_and_an_end_too_many() {
        assert_eq!(
            told("A.\n:::summary\n:::only politicians\nTajné.\n:::\nDál.\n:::\n"),
            [
                "8:4 block-directive Error: the block `:::only` is not closed",
                "12:1 block-directive Error: these colons close no block that is open",
            ]
        );
    }

    #[test]
    fn a_block_that_ends_in_the_middle_of_an_example_would_show_its_rest_to_all() {
        assert_eq!(
            told("A.\n\n:::only politicians\n```\n:::\nTajné.\n```\n:::\n"),
            ["8:4 block-directive Error: the block `:::only` ends in the middle of code"]
        );
        assert_eq!(
            told("A.\n\n:::summary\nB.\n\n<!--\n:::\nTajné. -->\n"),
            [
                "8:4 block-directive Error: the block `:::summary` ends in the middle of a comment",
                "11:1 comment Error: the comment does not end, and nothing below it is published",
            ]
        );
    }

    #[test]
    fn what_looks_like_a_block_but_would_be_printed() {
        let printed = "block-directive Error: this is not read as a block, and would be printed";
        for (place, body) in [
            ("6:1", "::only politicians\nTajné.\n::\n"),
            ("6:1", ":::only politicians:\nTajné.\n"),
            ("7:5", "Text.\n\n    :::only politicians\n".replace("Text.\n\n", "\n").as_str()),
            ("7:1", "<div>\n:::only politicians\nTajné.\n:::\n</div>\n"),
        ] {
            let told = told(body);
            assert!(told.contains(&format!("{place} {printed}")), "{body}\n{told:?}");
        }
    }

    #[test]
    fn a_block_for_a_segment_that_gets_no_mail_of_it() {
        assert_eq!(
            told("A.\n\n:::only officials\nB.\n:::\n"),
            [
                "8:9 block-directive Warning: nobody reads this: the text is not mailed to `officials`"
            ]
        );
    }

    #[test]
    fn an_empty_block_and_a_private_part_of_a_note() {
        assert_eq!(
            told("A.\n\n:::summary\n:::\n"),
            ["8:4 block-directive Error: nothing stands in the block `:::summary`"]
        );
        assert_eq!(
            told("A.[^a]\n\n[^a]: B\n\n    :::only politicians\n    C\n    :::\n"),
            ["10:8 block-directive Error: a note cannot be for some readers in part"]
        );
    }
}
