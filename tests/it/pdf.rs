//! Every PDF of the first run, as other people's tools see it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desk::{Desk, due, has, skip};
use crate::first_run::{FIRST_RUN, Ready};

/// Every ready text with its PDF, if `program` is there to look at it.
fn pdfs(program: &str) -> Vec<(Ready, PathBuf)> {
    if !has(program) {
        skip(&format!("{program} is not installed, so it sees no PDF"));
        return Vec::new();
    }
    let site = FIRST_RUN.desk.root().join("out/site");
    let with_pdf = |text: Ready| {
        let pdf = site.join(format!("{0}/{0}.{1}.pdf", text.slug, text.language));
        (text, pdf)
    };
    FIRST_RUN.ready().into_iter().map(with_pdf).collect()
}

/// What a program says about a file on which it finds nothing wrong.
#[track_caller]
fn ask(program: &str, options: &[&str], pdf: &Path, after: &[&str]) -> String {
    let output =
        Command::new(program).args(options).arg(pdf).args(after).output().expect("it runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    // Poppler calls every `/Suspects false` wrong, which PDF/UA-1 asks for.
    let known = "Syntax Error: Suspects object is wrong type (boolean)";
    let complaints: Vec<&str> = complaints.lines().filter(|line| *line != known).collect();
    assert!(output.status.success() && complaints.is_empty(), "{}: {complaints:?}", pdf.display());
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn qpdf_finds_nothing_wrong() {
    for (_, pdf) in pdfs("qpdf") {
        let said = ask("qpdf", &["--check"], &pdf, &[]);
        assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
    }
}

#[test]
fn each_is_tagged_titled_and_says_that_it_is_pdf_a_and_ua() {
    for (text, pdf) in pdfs("pdfinfo") {
        let info = ask("pdfinfo", &[], &pdf, &[]);
        let fact = |name: &str| {
            let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.map(str::trim).unwrap_or_default().to_owned()
        };
        let title = text.text.lines().find_map(|line| line.strip_prefix("title: "));
        assert_eq!(fact("Title"), title.expect("a title"));
        assert_eq!((fact("Tagged").as_str(), fact("Encrypted").as_str()), ("yes", "no"));
        assert!(fact("Page size").ends_with("(A4)"), "{info}");
        let xmp = ask("pdfinfo", &["-meta"], &pdf, &[]);
        for part in [
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "<pdfuaid:part>1</pdfuaid:part>",
        ] {
            assert!(xmp.contains(part), "{part} is not in {xmp}");
        }
    }
}

#[test]
fn every_font_is_embedded_and_can_be_read_back() {
    for (_, pdf) in pdfs("pdffonts") {
        let table = ask("pdffonts", &[], &pdf, &[]);
        let mut lines = table.lines();
        let head = lines.next().expect("a head");
        let [emb, uni] = [" emb", " uni"].map(|name| head.find(name).expect("a column") + 1);
        let fonts: Vec<&str> = lines.skip(1).collect();
        assert!(!fonts.is_empty());
        for font in fonts {
            assert_eq!((&font[emb..emb + 3], &font[uni..uni + 3]), ("yes", "yes"), "{font}");
        }
    }
}

#[test]
fn the_sentences_come_back_as_they_were_written() {
    for (text, pdf) in pdfs("pdftotext") {
        let read = ask("pdftotext", &["-enc", "UTF-8"], &pdf, &["-"]);
        let pages: Vec<String> = read.split('\u{c}').map(plain).collect();
        let sentences = sentences(&text.text);
        // A newsletter says little of its own.
        let enough = if text.slug.contains("zpravodaj") { 5 } else { 15 };
        assert!(sentences.len() >= enough, "{} sentences in {}", sentences.len(), pdf.display());
        for sentence in sentences {
            assert!(reads(&pages, &plain(&sentence)), "{}: {sentence}", pdf.display());
        }
    }
}

/// Paragraphs whose lines end where their author ended them, each with a note on
/// its last line or its second, of all the lengths that a page's end may meet.
#[test]
fn no_line_of_a_paragraph_is_alone_on_its_page_though_a_note_hangs_on_it() {
    if !has("pdftotext") {
        skip("pdftotext is not installed, so nobody looks at the pages");
        return;
    }
    let mut text = due("Poznámky").replace("Konec.", "");
    let mut notes = String::new();
    for number in 10..99 {
        let lines = 3 + number % 5;
        let noted = if number % 2 == 0 { lines } else { 2 };
        for line in 1..=lines {
            let mark = if line == noted { format!("[^{number}]") } else { String::new() };
            let end = if line == lines { "\n\n" } else { "\\\n" };
            let _ = write!(text, "o{number} řádek, který jde skoro až na kraj stránky{mark}{end}");
        }
        let said = format!("Poznámka {number}, která nezabere jen jeden řádek, ");
        let _ = writeln!(notes, "[^{number}]: {}\n", said.repeat(1 + number % 7));
    }
    let desk = Desk::small().publication("2020-01-06-poznamky", &format!("{text}{notes}"));
    desk.hlas(["pdf", "2020-01-06-poznamky"]).ends_with(0);
    let pdf = desk.root().join("out/proof/2020-01-06-poznamky.cs.pdf");
    let read = ask("pdftotext", &["-enc", "UTF-8"], &pdf, &["-"]);
    let mut alone = Vec::new();
    for (page, text) in read.split('\u{c}').enumerate() {
        let lines = text.lines().filter(|line| line.contains(" řádek, který"));
        let paragraphs: Vec<&str> = lines.map(|line| &line[..3]).collect();
        for of in paragraphs.chunk_by(|one, next| one == next).filter(|lines| lines.len() < 2) {
            alone.push((page + 1, of[0]));
        }
    }
    assert!(read.matches('\u{c}').count() > 8, "too few pages to say anything");
    assert_eq!(alone, []);
}

/// Whether a sentence stands on a page, or ends on the one after.
fn reads(pages: &[String], sentence: &str) -> bool {
    let whole = pages.iter().any(|page| page.contains(sentence));
    let mut turns = sentence.match_indices(' ').map(|(space, _)| sentence.split_at(space));
    whole
        || turns.any(|(before, after)| {
            pages.windows(2).any(|pair| pair[0].contains(before) && pair[1].contains(after.trim()))
        })
}

/// Words as they are meant: on one line, rejoined where they were hyphenated.
/// A hyphen at the end of a line may be one that was written, so no hyphen
/// counts, here or there.
fn plain(text: &str) -> String {
    let text = text.replace("\u{ad}\n", "").replace("-\n", "");
    let text: String = text.chars().filter(|c| !['-', '\u{ad}'].contains(c)).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sentences of the running text for everybody that hold no Markdown.
fn sentences(text: &str) -> Vec<String> {
    let body = text.splitn(3, "---\n").nth(2).expect("a text below the front matter");
    let public = body.split("\n:::only ").enumerate().map(|(index, part)| match index {
        0 => part,
        _ => part.split_once("\n:::\n").expect("its end").1,
    });
    // Every other part stands between fences: a chart, not a text.
    let prose = |part: &'_ str| -> Vec<String> {
        part.split("\n```").step_by(2).flat_map(str::lines).map(str::to_owned).collect()
    };
    let lines: Vec<String> = public.flat_map(prose).collect();
    let running = lines.iter().filter(|line| line.starts_with(char::is_alphabetic));
    let marks = ['*', '_', '[', ']', '`', '<', '|', '\\', '"', '\''];
    let ends = |line: &str| line.replace(". ", ".\n").replace("? ", "?\n").replace("! ", "!\n");
    running
        .flat_map(|line| ends(line).lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|sentence| sentence.len() > 25 && !sentence.contains(marks))
        .filter(|sentence| !sentence.contains("http"))
        .collect()
}
