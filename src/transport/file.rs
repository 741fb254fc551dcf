//! Messages as `.eml` files in a folder: the default, and the rehearsal.
//!
//! A file appears whole or not at all (temporary file, flush, rename), named
//! after its message, so the same message handed over twice is one file. The
//! surprise: two flushes a message, the second for the folder itself, since a
//! rename that the disk has not seen is not an acceptance.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tempfile::NamedTempFile;

use super::{Progress, Transport, TransportError};
use crate::model::{Message, Outcome, Reply, Stage};

pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// `url` is `file:FOLDER`, the folder being below `root` unless absolute.
    pub fn open(url: &str, root: &Path) -> Result<Self, TransportError> {
        let path = url.split_once(':').map_or("", |(_, path)| path);
        match path.strip_prefix("//").unwrap_or(path) {
            "" => Err(TransportError::address(url, "it names no folder")),
            path => Ok(Self { path: root.join(path) }),
        }
    }
}

#[async_trait]
impl Transport for Folder {
    async fn send(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        let failed = |source| TransportError::Outbox { path: self.path.clone(), source };
        progress.through(&self.path.display().to_string());
        progress.reached(Stage::Body);
        let name = file_name(&message.id);
        let file = write_hidden(&self.path, &message.bytes).map_err(failed)?;
        progress.handing_over().await.map_err(|_| TransportError::Withheld)?;
        // Nothing is in doubt about a file: a rename has happened or not.
        show(file, &self.path, &name).map_err(failed)?;
        progress.reached(Stage::Reply);
        Ok(Outcome::Accepted(Reply::new(None, format!("written to {name}"))))
    }

    async fn close(&mut self) {}
}

/// The left side of the id. Ours are letters, digits, hyphens and dots; of any
/// other no character may lead out of the folder.
fn file_name(id: &str) -> String {
    let left = id.split('@').next().unwrap_or(id);
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = left.chars().map(safe).collect();
    format!("{}.eml", name.trim_start_matches('.'))
}

fn write_hidden(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn show(file: NamedTempFile, folder: &Path, name: &str) -> io::Result<()> {
    file.persist(folder.join(name))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::super::{Unrecorded, Withheld};
    use super::*;

    fn message(id: &str) -> Message {
        Message {
            id: id.to_owned(),
            sender: "desk@example.org".parse().expect("an address"),
            recipient: "a@example.org".parse().expect("an address"),
            bytes: b"Subject: x\r\n\r\ny\r\n".to_vec(),
        }
    }

    fn listing(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_message_sent_twice_is_one_whole_file_and_nothing_is_left_beside() {
        let desk = tempfile::tempdir().expect("a folder");
        let mut outbox = Folder::open("file:out/outbox", desk.path()).expect("a transport");
        let message = message("2026-10-05-povoleni.0123456789abcdef@example.org");
        for _ in 0..2 {
            let outcome = outbox.send(&message, &mut Unrecorded).await.expect("written");
            assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
        }
        let folder = desk.path().join("out/outbox");
        assert_eq!(listing(&folder), ["2026-10-05-povoleni.0123456789abcdef.eml"]);
        let written = std::fs::read(folder.join(&listing(&folder)[0])).expect("read");
        assert_eq!(written, message.bytes);
    }

    #[tokio::test]
    async fn no_id_leads_out_of_the_folder() {
        let desk = tempfile::tempdir().expect("a folder");
        let mut outbox = Folder::open("file:outbox", desk.path()).expect("a transport");
        outbox
            .send(&message("../../etc/passwd@example.org"), &mut Unrecorded)
            .await
            .expect("written");
        assert_eq!(listing(desk.path()), ["outbox"]);
        assert_eq!(listing(&desk.path().join("outbox")), ["_.._etc_passwd.eml"]);
    }

    #[tokio::test]
    async fn an_outbox_that_cannot_be_written_is_named_and_nothing_left_the_house() {
        let desk = tempfile::tempdir().expect("a folder");
        std::fs::write(desk.path().join("outbox"), "a file").expect("written");
        let mut outbox = Folder::open("file:outbox", desk.path()).expect("a transport");
        let error =
            outbox.send(&message("x@example.org"), &mut Unrecorded).await.expect_err("no folder");
        assert!(error.to_string().contains("outbox"), "{error}");
    }

    /// Says no, and that the file was complete when it was asked.
    struct No(PathBuf, Vec<String>);

    #[async_trait]
    impl Progress for No {
        async fn handing_over(&mut self) -> Result<(), Withheld> {
            self.1 = listing(&self.0);
            Err(Withheld)
        }
    }

    #[tokio::test]
    async fn what_is_kept_back_at_the_last_moment_leaves_no_file() {
        let desk = tempfile::tempdir().expect("a folder");
        let mut outbox = Folder::open("file:.", desk.path()).expect("a transport");
        let mut no = No(desk.path().to_owned(), Vec::new());
        let error = outbox.send(&message("x@example.org"), &mut no).await.expect_err("kept back");
        assert!(matches!(error, TransportError::Withheld), "{error}");
        assert!(no.1.len() == 1 && no.1[0].ends_with(".part"), "{:?}", no.1);
        assert!(listing(desk.path()).is_empty());
    }
}
