//! An analysis of eight pages that nobody wrote for us, as other people's tools
//! read its PDF: every word of it, and what each of them is.
//!
//! It is not in this repository; it is read from `../shared`, like the
//! [`corpus`](crate::corpus).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};

use crate::corpus::{body, corpus};
use crate::desk::{Desk, has, skip};

const SLUG: &str = "2020-01-06-bydleni";

/// The text below its front matter, and the PDF that came of it.
struct Sample {
    body: String,
    desk: Desk,
}

impl Sample {
    fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join("samples/analyza.md")).ok()?;
        let body = body(&text).to_owned();
        let head = "---\ntitle: Dostupnost bydlení\nsummary: O čem to je.\nkind: analysis\n\
                    authors: [Žofie Přibylová]\ndate: 2020-01-06\nstatus: ready\n---\n";
        let desk = Desk::small().publication(SLUG, &format!("{head}{body}"));
        for picture in ["graf.svg", "mapa.png"] {
            let bytes = std::fs::read(folder.join("samples").join(picture)).ok()?;
            desk.write(&format!("publications/{SLUG}/{picture}"), bytes);
        }
        desk.hlas(["pdf", SLUG]).ends_with(0);
        Some(Self { body, desk })
    }

    fn path(&self) -> std::path::PathBuf {
        self.desk.root().join(format!("out/proof/{SLUG}.cs.pdf"))
    }

    /// What `program` says of the PDF.
    fn ask(&self, program: &str, options: &[&str], after: &[&str]) -> String {
        let mut command = Command::new(program);
        let said = command.args(options).arg(self.path()).args(after).output().expect("it runs");
        assert!(said.status.success(), "{program}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).into_owned()
    }
}

static SAMPLE: LazyLock<Option<Sample>> =
    LazyLock::new(|| corpus().and_then(|folder| Sample::read(&folder)));

/// The sample, if it is there and so is the program that reads it.
fn sample(program: &str) -> Option<&'static Sample> {
    if !has(program) {
        skip(&format!("{program} is not installed, so it reads no sample"));
        return None;
    }
    let sample = SAMPLE.as_ref();
    if sample.is_none() {
        skip("there is no ../shared/samples, so nobody reads the sample");
    }
    sample
}

/// Words and numbers, with how often each of them comes.
fn words(text: &str) -> BTreeMap<String, usize> {
    let mut words = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *words.entry(word.to_owned()).or_default() += 1;
    }
    words
}

/// What is drawn of a Markdown text, by a parser of Markdown and nothing of ours.
fn drawn(markdown: &str) -> String {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.footnotes = true;
    options.extension.autolink = true;
    let root = parse_document(&arena, markdown, &options);
    let in_picture = |node: comrak::nodes::Node<'_>| {
        node.ancestors().skip(1).any(|outer| matches!(outer.data().value, NodeValue::Image(_)))
    };
    let mut text = String::new();
    for node in root.descendants().filter(|node| !in_picture(node)) {
        match &node.data().value {
            NodeValue::Text(words) => text.push_str(words),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::CodeBlock(code) => text.push_str(&code.literal),
            NodeValue::Image(picture) => text.push_str(&picture.title),
            NodeValue::Emph | NodeValue::Strong | NodeValue::Link(_) => {}
            _ => text.push('\n'),
        }
    }
    text
}

#[test]
fn no_word_of_it_is_lost_and_no_diacritic() {
    let Some(sample) = sample("pdftotext") else { return };
    let read = sample.ask("pdftotext", &["-enc", "UTF-8"], &["-"]);
    // A word that is parted at the end of a line has a soft hyphen there. One
    // that is parted at the end of a page has notes and running heads behind
    // it, so its halves are looked for.
    let whole = words(&read.replace("\u{ad}\n", ""));
    let halves: BTreeSet<String> = words(&read).into_keys().collect();
    let is_parted = |word: &str| {
        let splits = word.char_indices().skip(1).map(|(at, _)| word.split_at(at));
        let mut splits = splits.filter(|(first, _)| read.contains(&format!("{first}\u{ad}\n")));
        splits.any(|(first, second)| halves.contains(first) && halves.contains(second))
    };
    let written = words(&drawn(&sample.body));
    assert!(written.values().sum::<usize>() > 1_800, "it is a text of eight pages");
    let lost = written.iter().filter(|(word, times)| {
        let found = whole.get(*word).copied().unwrap_or_default();
        found < **times && !(found + 1 == **times && is_parted(word))
    });
    let lost: Vec<_> = lost.collect();
    assert!(lost.is_empty(), "{lost:?}");
    let pangram = "Příliš žluťoučký kůň úpěl ďábelské ódy";
    let line = read.split_whitespace().collect::<Vec<_>>().join(" ").replace("\u{ad} ", "");
    assert!(line.contains(pangram));
}

#[test]
fn a_screen_reader_is_told_what_each_part_of_it_is() {
    let Some(sample) = sample("pdfinfo") else { return };
    let structure = sample.ask("pdfinfo", &["-struct"], &[]);
    let mut tags: BTreeMap<&str, usize> = BTreeMap::new();
    for line in structure.lines() {
        let tag = line.trim_start().split([' ', ':']).next().unwrap_or_default();
        *tags.entry(tag).or_default() += 1;
    }
    let count = |tag: &str| tags.get(tag).copied().unwrap_or_default();
    assert_eq!((count("Document"), count("H1"), count("H2")), (1, 1, 6));
    // Two tables of the text, a cell for each that was written; the first row
    // are heads of their columns.
    assert_eq!((count("Table"), count("THead"), count("TBody")), (2, 2, 2));
    assert_eq!((count("TR"), count("TH"), count("TD")), (47, 9, 220));
    assert_eq!(structure.matches("/Scope /Column").count(), 9);
    // A graph, a map, and the code in the colophon.
    assert_eq!((count("Figure"), structure.matches("/BBox").count()), (3, 3 + 1));
    assert_eq!((count("Note"), count("TOC") > 0, count("TOCI")), (6, true, 15));
    assert_eq!((count("BlockQuote"), count("Caption")), (2, 2));
    for tag in ["H3", "H4", "P", "L", "LI", "Lbl", "LBody", "Code", "Link", "Reference"] {
        assert!(count(tag) > 0, "no {tag} in {tags:?}");
    }
    // A heading is its words, and holds no paragraph.
    let nested = structure.lines().zip(structure.lines().skip(1)).filter(|(line, next)| {
        let indent = |line: &str| line.len() - line.trim_start().len();
        line.trim_start().starts_with('H')
            && next.trim_start().starts_with("P ")
            && indent(next) > indent(line)
    });
    assert_eq!(nested.count(), 0);
}

#[test]
fn each_picture_of_it_is_described_and_the_file_is_small() {
    let Some(sample) = sample("qpdf") else { return };
    let file = sample.ask("qpdf", &["--qdf", "--object-streams=disable"], &["-"]);
    let described = file.matches("/S /Figure").count();
    assert_eq!((described, file.matches("/Alt ").count()), (3, 3));
    let bytes = std::fs::metadata(sample.path()).expect("a PDF").len();
    assert!(bytes < 150_000, "{bytes} bytes");
}
