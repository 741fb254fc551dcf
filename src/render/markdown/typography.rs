//! Typography on the AST: each block is set as one run of text, so that a
//! quotation that begins before an emphasised word and ends inside a link
//! comes out right.
//!
//! Code, pictures and footnote marks stand in the run as one opaque
//! character. A picture's alt text is a run of its own, and so is a title. The
//! surprise: a line break in the source is a space of the run, and becomes
//! text when that space must not break.

use comrak::nodes::{Node, NodeValue, Sourcepos};

use crate::typography::{Edit, OPAQUE, Typography, apply};

/// Sets all text below `root`, but for blocks in which something `is_set`.
pub fn set<'a>(root: Node<'a>, typography: &Typography, is_set: impl Fn(Node<'a>) -> bool) {
    for run in runs(root) {
        if run.pieces.iter().any(|piece| is_set(piece.node)) {
            continue;
        }
        let edits = typography.edits(&run.text);
        if !edits.is_empty() {
            run.write(&edits);
        }
    }
}

/// What typography changes in one run.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The run as written, with [`OPAQUE`] where something is that is no text.
    pub text: String,
    pub edits: Vec<Edit>,
    /// Where the pieces of the run stand: the first byte in `text`, the place
    /// in the source (lines and columns from 1, in characters).
    pub pieces: Vec<(usize, Sourcepos)>,
}

/// What [`set`] would change, run by run, without changing it. `rules` are
/// those for what stands in a node.
pub fn settings<'a>(root: Node<'a>, rules: impl Fn(Node<'a>) -> Typography) -> Vec<Setting> {
    let settings = runs(root).into_iter().map(|run| {
        let first = run.pieces.first().map(|piece| piece.node);
        let edits = first.map(|node| rules(node).edits(&run.text)).unwrap_or_default();
        let mut edits: Vec<Edit> = edits.into_iter().filter(|it| run.holds(it)).collect();
        edits.sort_by_key(|edit| edit.range.start);
        let pieces = run.pieces.iter().map(|piece| (piece.start, piece.source()));
        Setting { edits, pieces: pieces.collect(), text: run.text }
    });
    settings.filter(|setting| !setting.edits.is_empty()).collect()
}

/// The text of one block.
struct Run<'a> {
    text: String,
    pieces: Vec<Piece<'a>>,
}

/// The bytes of a run that come from one node.
struct Piece<'a> {
    node: Node<'a>,
    part: Part,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Text, or a line break of the source.
    Text,
    /// The title of a link, picture or alert.
    Title,
    Opaque,
}

impl<'a> Run<'a> {
    fn of(title: &str, node: Node<'a>) -> Self {
        let piece = Piece { node, part: Part::Title, start: 0, end: title.len() };
        Self { text: title.to_owned(), pieces: vec![piece] }
    }

    fn push(&mut self, node: Node<'a>, part: Part, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { node, part, start, end: self.text.len() });
    }

    /// Whether an edit lies in one piece: three full stops of which the last
    /// is emphasised stay three.
    fn holds(&self, edit: &Edit) -> bool {
        let at = self.pieces.partition_point(|piece| piece.end <= edit.range.start);
        self.pieces.get(at).is_some_and(|it| edit.range.end <= it.end && it.part != Part::Opaque)
    }

    fn write(&self, edits: &[Edit]) {
        let mut edits = edits.iter().peekable();
        for piece in &self.pieces {
            let mut own = Vec::new();
            while let Some(edit) = edits.next_if(|edit| edit.range.start < piece.end) {
                if edit.range.end <= piece.end && edit.range.start >= piece.start {
                    let range = edit.range.start - piece.start..edit.range.end - piece.start;
                    own.push(Edit { range, ..edit.clone() });
                }
            }
            if !own.is_empty() {
                piece.write(apply(&self.text[piece.start..piece.end], &own));
            }
        }
    }
}

impl Piece<'_> {
    /// Where it stands; text that a pass has made stands where its block does.
    fn source(&self) -> Sourcepos {
        let own = self.node.data().sourcepos;
        let parent = self.node.parent().filter(|_| own.start.line == 0);
        parent.map_or(own, |parent| parent.data().sourcepos)
    }

    fn write(&self, text: String) {
        let value = &mut self.node.data_mut().value;
        match (self.part, value) {
            (Part::Text, value @ (NodeValue::Text(_) | NodeValue::SoftBreak)) => {
                *value = NodeValue::Text(text.into());
            }
            (Part::Title, NodeValue::Link(link) | NodeValue::Image(link)) => link.title = text,
            (Part::Title, NodeValue::Alert(alert)) => alert.title = Some(text),
            _ => {}
        }
    }
}

/// Every run of a document: a block that holds inlines, an alt text, a title.
fn runs<'a>(root: Node<'a>) -> Vec<Run<'a>> {
    let mut runs = Vec::new();
    for node in root.descendants() {
        let data = node.data();
        match &data.value {
            NodeValue::Link(link) | NodeValue::Image(link) if !link.title.is_empty() => {
                runs.push(Run::of(&link.title, node));
            }
            NodeValue::Alert(alert) => {
                runs.extend(alert.title.as_ref().map(|it| Run::of(it, node)))
            }
            _ => {}
        }
        let holds_text = data.value.contains_inlines() || matches!(data.value, NodeValue::Image(_));
        if holds_text && node.first_child().is_some() {
            runs.push(inlines(node));
        }
    }
    runs
}

/// The inlines of a block or picture in one run. Walks without recursion.
fn inlines<'a>(block: Node<'a>) -> Run<'a> {
    let mut run = Run { text: String::new(), pieces: Vec::new() };
    let mut next = block.first_child();
    while let Some(node) = next {
        let mut opaque = false;
        match &node.data().value {
            NodeValue::Text(text) => run.push(node, Part::Text, text),
            NodeValue::SoftBreak => run.push(node, Part::Text, " "),
            NodeValue::LineBreak => run.push(node, Part::Opaque, "\n"),
            NodeValue::Emph | NodeValue::Strong | NodeValue::Strikethrough | NodeValue::Link(_) => {
            }
            _ => opaque = true,
        }
        if opaque {
            run.push(node, Part::Opaque, OPAQUE.encode_utf8(&mut [0; 4]));
        }
        let below = if opaque { None } else { node.first_child() };
        next = below.or_else(|| following(node, block));
    }
    run
}

/// The node after all that is below this one, within `block`.
fn following<'a>(node: Node<'a>, block: Node<'a>) -> Option<Node<'a>> {
    let mut node = node;
    loop {
        if let Some(sibling) = node.next_sibling() {
            return Some(sibling);
        }
        node = node.parent().filter(|parent| !parent.same_node(block))?;
    }
}

#[cfg(test)]
mod tests {
    use crate::render::markdown::plain_text;
    use crate::render::specimen::{self, politicians, publication};
    use crate::render::{Format, page, text};

    /// What becomes of a Czech body, in the text part's body or any format.
    fn html(body: &str) -> String {
        let html = specimen::rendered(&page::Page, body);
        html.replace('\u{a0}', "␣")
    }

    fn says(body: &str, wanted: &[&str]) {
        let html = html(body);
        for part in wanted {
            assert!(html.contains(part), "{part} in\n{html}");
        }
    }

    #[test]
    fn a_quotation_may_begin_before_emphasis_and_end_in_a_link() {
        says(
            "Řekla: \"*Čekáme* [v Praze](https://example.org/a-b?x='1'\n \"titul - k zákonu\") a **dost**.\" Tak...\n",
            &["„<em>Čekáme</em>", ">v␣Praze</a>", "a␣<strong>dost</strong>.“ Tak…"],
        );
    }

    #[test]
    fn a_line_break_of_the_source_may_become_a_space_that_does_not_break() {
        says("Bydlí v\nPraze a čekají\n5\n*let*.\n", &["v␣Praze a␣čekají\n5␣<em>let</em>"]);
    }

    #[test]
    fn code_addresses_and_footnote_marks_are_left_alone() {
        says(
            "Viz \"`a - \"b\"`\" a \"slovo\"[^1] k https://example.org/10-15... konec.\n\n```\n\"v domě\" - 5 %\n```\n\n[^1]: K \"věci\".\n",
            &[
                "„<code>a - &quot;b&quot;</code>“",
                "„slovo<span class=\"nobreak\">“<sup>",
                "&quot;v domě&quot; - 5 %",
                "K␣„věci“",
            ],
        );
    }

    #[test]
    fn alt_texts_captions_tables_and_headings_are_set() {
        says(
            "## V roce \"čekání\"\n\n![Fronta v \"Praze\"](graf.svg \"Zdroj: s. 12 - a dál\")\n\n| a b | v domě |\n|--|--|\n| - | 5 % |\n",
            &[
                "id=\"v-roce-čekání\"",
                "V␣roce „čekání“",
                "Fronta v␣„Praze“",
                "Zdroj: s.␣12␣– a␣dál",
                "v␣domě",
                "5␣%",
                ">-<",
            ],
        );
    }

    #[test]
    fn anchors_are_the_same_with_and_without_and_links_to_them_hold() {
        let body = "## V \"domě\" - s. 12...\n\nViz [nahoru](#v-domě---s-12).\n\n## V \"domě\" - s. 12...\n";
        let mut publication = publication(&[("cs", body)]);
        let mut look = || {
            let html = specimen::document(&publication, "cs", politicians(), |document| {
                let html = page::Page.render(document, &specimen::theme()).unwrap();
                (document.anchors.clone(), String::from_utf8(html.bytes).unwrap())
            });
            publication.manuscripts[0].typography = false;
            html
        };
        let ((set, set_html), (unset, unset_html)) = (look(), look());
        assert_eq!(set, unset);
        assert!(set_html.contains("href=\"#v-domě---s-12\""), "{set_html}");
        assert!(set_html.contains("V\u{a0}„domě“"));
        assert!(unset_html.contains("V &quot;domě&quot; - s. 12..."), "{unset_html}");
    }

    #[test]
    fn the_text_part_breaks_no_line_at_such_a_space() {
        let body = "Slovo ".repeat(11) + "a slovo v zákoně č. 325/1999 Sb. a § 42.\n";
        let text = specimen::rendered(&text::Text, &body);
        assert!(text.lines().all(|line| line.chars().count() <= 72), "{text}");
        assert!(!text.lines().any(|line| line.ends_with(" a") || line.ends_with("č.")), "{text}");
        assert!(text.contains("č.\u{a0}325/1999\u{a0}Sb."), "{text}");
    }

    #[test]
    fn a_line_deep_in_emphasis_is_walked_without_recursion() {
        let body = format!("{}v domě{}\n", "*x **y ".repeat(2000), " y** x*".repeat(2000));
        let publication = publication(&[("cs", &body)]);
        specimen::document(&publication, "cs", politicians(), |document| {
            let text = plain_text(document.root);
            assert!(text.contains("v\u{a0}domě"), "{text}");
        });
    }
}
