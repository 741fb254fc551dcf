//! Somebody's words in another language: `:::quote en`.
//!
//! To every format it is a quotation like any other, noted in [`Foreign`] as
//! being in its language: there it is hyphenated, has its own quotation marks,
//! and is read aloud in the right voice (WCAG 2.2, 3.1.2; ISO 14289-1, 7.2).
//! The surprise: one in the language of the text after all is a plain one.

use comrak::nodes::{Node, NodeValue};

use super::directive::Directive;
use super::gathered::Foreign;
use super::typography;
use crate::model::{Language, Workspace};
use crate::typography::Typography;

/// Makes block quotes of the blocks, and gives those in another language than
/// `language`; an empty one goes.
pub(super) fn quotations<'a>(
    root: Node<'a>,
    language: &Language,
    foreign: &mut Foreign,
) -> Vec<(Node<'a>, Language)> {
    let mut found = Vec::new();
    for node in root.descendants().collect::<Vec<_>>() {
        let Some(Directive::Quote(of)) = Directive::of(node) else { continue };
        if node.first_child().is_none() {
            node.detach();
            continue;
        }
        node.data_mut().value = NodeValue::BlockQuote;
        if of != *language {
            foreign.note(node, of.clone());
            found.push((node, of));
        }
    }
    found
}

/// The language in which a node is quoted, in a text as written.
pub fn quoted_language(node: Node<'_>) -> Option<Language> {
    node.ancestors().find_map(|outer| match Directive::of(outer) {
        Some(Directive::Quote(language)) => Some(language),
        _ => None,
    })
}

/// Sets each quotation by the rules of its own language.
pub(super) fn set<'a>(
    quotations: &[(Node<'a>, Language)],
    workspace: &Workspace,
    foreign: &Foreign,
) {
    for (quotation, language) in quotations {
        let is_others = |node: Node<'a>| {
            let mut around = node.ancestors();
            let nearest = around.find(|outer| foreign.of(outer).is_some());
            nearest.is_some_and(|nearest| !nearest.same_node(quotation))
        };
        typography::set(quotation, &Typography::new(language, workspace), is_others);
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain_text;
    use crate::render::html::{Dialect, fragment};
    use crate::render::specimen::{Specimen, theme};

    const BOTH: &str = "Řekl \"ano\".\n\n:::quote en\nHe said \"yes\", not 'no' - twice.\n:::\n";

    #[test]
    fn each_language_has_its_own_marks_and_dashes() {
        let text = Specimen::new(BOTH).read(|document| plain_text(document.root));
        assert_eq!(text, "Řekl „ano“.He said “yes”, not ‘no’\u{a0}– twice.");
    }

    #[test]
    fn every_form_of_html_says_the_language() {
        let theme = theme();
        for dialect in [Dialect::Page, Dialect::Mail, Dialect::Feed] {
            let html = Specimen::new(BOTH)
                .read(|document| fragment(document, dialect, theme.words(&"cs".into())));
            assert!(html.contains("<blockquote lang=\"en\">"), "{html}");
        }
    }

    #[test]
    fn in_the_language_of_the_text_it_is_a_plain_quotation() {
        let theme = theme();
        let html = Specimen::new(":::quote cs\n\"Ano.\"\n:::\n")
            .read(|document| fragment(document, Dialect::Page, theme.words(&"cs".into())));
        assert_eq!(html, "<blockquote>\n<p>„Ano.“</p>\n</blockquote>\n");
    }

    #[test]
    fn without_typography_it_is_left_as_written() {
        let specimen = Specimen::new(BOTH).with(|manuscript| manuscript.typography = false);
        let text = specimen.read(|document| plain_text(document.root));
        assert!(text.contains("said \"yes\""), "{text}");
    }
}
