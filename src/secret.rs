//! Passwords, tokens and keys, and the files that they may stand in.
//!
//! A file is read each time it is needed, not once: an OAuth token lives for
//! an hour, and whoever renews it does so in the file.

use std::fmt;
use std::path::{Path, PathBuf};

/// A password. Prints nothing of itself, wherever it is printed.
#[derive(Clone)]
pub struct Secret(Held);

#[derive(Clone)]
enum Held {
    Text(String),
    File(PathBuf),
}

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Held::Text(text.into()))
    }

    /// The first line of the file at `path`.
    pub fn in_file(path: impl Into<PathBuf>) -> Self {
        Self(Held::File(path.into()))
    }

    /// For the one who hands it to the server.
    ///
    /// # Errors
    /// When its file cannot be read; names the file and says why.
    pub fn reveal(&self) -> Result<String, String> {
        match &self.0 {
            Held::Text(text) => Ok(text.clone()),
            Held::File(path) => read(path).map_err(|why| format!("{}: {why}", path.display())),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    match text.lines().next().map(str::trim) {
        None | Some("") => Err("it is empty".to_owned()),
        Some(line) => Ok(line.to_owned()),
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some(Secret(…))");
    }

    #[test]
    fn a_secret_in_a_file_is_its_first_line_as_it_is_now() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        let secret = Secret::in_file(&path);
        assert!(secret.reveal().expect_err("no file").starts_with(&path.display().to_string()));
        std::fs::write(&path, "first\n").expect("written");
        assert_eq!(secret.reveal().as_deref(), Ok("first"));
        std::fs::write(&path, "second \nno more\n").expect("written");
        assert_eq!(secret.reveal().as_deref(), Ok("second"));
        std::fs::write(&path, "\n").expect("written");
        assert!(secret.reveal().expect_err("nothing in it").ends_with("it is empty"));
    }
}
