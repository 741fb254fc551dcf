//! Stories of one output folder.

use super::*;

fn item(path: &str, text: &str) -> Item {
    Item::from(Rendition { path: path.to_owned(), bytes: text.as_bytes().to_vec() })
}

/// Work that was done just now.
fn made<const N: usize>(items: [Item; N]) -> [Piece; 1] {
    let (name, made_from) = ("text cs".to_owned(), "1".to_owned());
    [Piece { name, made_from, findings: Findings::new(), files: Files::Made(items.into()) }]
}

fn nothing() -> BTreeSet<String> {
    BTreeSet::new()
}

#[test]
fn what_is_the_same_is_not_touched_and_what_is_gone_goes() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    let first = output
        .publish(&made([item("site/a/cs.html", "A"), item("site/index.html", "I")]), &nothing())
        .unwrap();
    assert_eq!(first.written, ["site/a/cs.html", "site/index.html"]);
    fs::write(folder.path().join("site/robots.txt"), "theirs").unwrap();

    drop(output);
    let mut again = Output::open(folder.path()).unwrap();
    let second = again.publish(&made([item("site/index.html", "I")]), &nothing()).unwrap();
    assert_eq!(second.unchanged, 1);
    assert_eq!(second.removed, ["site/a/cs.html"]);
    assert!(second.written.is_empty());
    assert!(!folder.path().join("site/a").exists());
    assert!(folder.path().join("site/robots.txt").exists());
}

#[test]
fn a_file_that_somebody_changed_is_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    output.publish(&made([item("a", "A")]), &nothing()).unwrap();
    fs::write(folder.path().join("a"), "B").unwrap();
    let published = output.publish(&made([item("a", "A")]), &nothing()).unwrap();
    assert_eq!(published.written, ["a"]);
}

#[test]
fn a_publication_that_failed_this_time_keeps_what_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    output.publish(&made([item("site/x/cs.html", "X")]), &nothing()).unwrap();
    let keep = BTreeSet::from(["site/x".to_owned()]);
    let published = output.publish(&[], &keep).unwrap();
    assert!(!published.is_change());
    assert!(folder.path().join("site/x/cs.html").exists());
    assert_eq!(output.publish(&[], &nothing()).unwrap().removed, ["site/x/cs.html"]);
}

#[test]
fn bytes_are_reused_only_when_made_from_the_same_and_still_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    let pdf = Item { made_from: Some("1".to_owned()), ..item("a.pdf", "PDF") };
    output.publish(&made([pdf]), &nothing()).unwrap();
    assert_eq!(output.reuse("a.pdf", "1").as_deref(), Some(b"PDF".as_slice()));
    assert_eq!(output.reuse("a.pdf", "2"), None);
    fs::write(folder.path().join("a.pdf"), "PD").unwrap();
    assert_eq!(output.reuse("a.pdf", "1"), None);
}

#[test]
fn a_folder_that_cannot_be_written_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    fs::write(&file, "a file where the folder should be").unwrap();
    let error = Output::open(&file).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot write {}", file.display())));
}

/// What the folder remembers of the work called `text cs`, done from `1`.
fn recalled(folder: &Path, made_from: &str) -> Option<Piece> {
    Output::open(folder).unwrap().recall("text cs", made_from)
}

#[test]
fn work_is_recalled_while_its_sources_and_its_files_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let place = crate::model::Place::new("cs.md", 3, 1);
    let [mut piece] = made([item("site/a.html", "A"), item("mail/a.txt", "a")]);
    piece.findings.push(crate::model::Finding::warning("alt-text", place, "bez popisu"));
    Output::open(folder.path()).unwrap().publish(&[piece.clone()], &nothing()).unwrap();

    let again = recalled(folder.path(), "1").expect("nothing has changed");
    assert_eq!(again.findings, piece.findings);
    assert_eq!(again.length_of("site/a.html"), Some(1));
    assert!(!again.is_made());
    assert!(recalled(folder.path(), "2").is_none());
    let published = Output::open(folder.path()).unwrap().publish(&[again], &nothing()).unwrap();
    assert_eq!((published.unchanged, published.is_change()), (2, false));
    assert!(recalled(folder.path(), "1").is_some());
}

#[test]
fn work_whose_file_somebody_changed_or_took_is_not_recalled() {
    let folder = tempfile::tempdir().unwrap();
    let pieces = made([item("site/a.html", "A"), item("site/b.html", "B")]);
    for harm in ["B", "AA"] {
        Output::open(folder.path()).unwrap().publish(&pieces, &nothing()).unwrap();
        fs::write(folder.path().join("site/a.html"), harm).unwrap();
        assert!(recalled(folder.path(), "1").is_none(), "{harm}");
    }
    Output::open(folder.path()).unwrap().publish(&pieces, &nothing()).unwrap();
    fs::remove_file(folder.path().join("site/b.html")).unwrap();
    assert!(recalled(folder.path(), "1").is_none());
}

#[test]
fn a_memory_that_cannot_be_read_costs_only_time() {
    let folder = tempfile::tempdir().unwrap();
    let pieces = made([item("site/a.html", "A")]);
    Output::open(folder.path()).unwrap().publish(&pieces, &nothing()).unwrap();
    fs::write(folder.path().join(MEMORY), "{").unwrap();
    assert!(recalled(folder.path(), "1").is_none());
    let published = Output::open(folder.path()).unwrap().publish(&pieces, &nothing()).unwrap();
    assert_eq!(published.unchanged, 1);
    assert!(recalled(folder.path(), "1").is_some());
}

#[test]
fn work_is_not_recalled_by_files_that_another_build_wrote_over() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Output::open(folder.path()).unwrap();
    open().publish(&made([item("site/a.html", "A")]), &nothing()).unwrap();
    let memory = fs::read(folder.path().join(MEMORY)).unwrap();
    open().publish(&made([item("site/a.html", "B")]), &nothing()).unwrap();
    // As after a build that ended before it could write down what it did.
    fs::write(folder.path().join(MEMORY), memory).unwrap();
    assert!(recalled(folder.path(), "1").is_none());
}
