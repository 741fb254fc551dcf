//! The rows of a chart in a file of their own, as a table program saves them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::load::{decode, nearest};
use crate::model::{Finding, Place, hole};
use crate::render::markdown::picture_name;

/// A file over this many bytes has more rows than a chart could show.
const MAX_BYTES: u64 = 256 * 1024;

/// A file of data beside the text, with the name that findings have for it.
///
/// # Errors
/// Whatever keeps it from being read, told by `wrong` at the line that names it,
/// or in the file itself.
pub(super) fn read(
    root: &Path,
    folder: &Path,
    name: &str,
    wrong: impl Fn(String, String) -> Finding,
) -> Result<(PathBuf, Arc<str>), Finding> {
    let is_table = |name: &String| {
        let ending = Path::new(name).extension().map(|it| it.to_string_lossy().to_lowercase());
        matches!(ending.as_deref(), Some("csv" | "tsv" | "txt"))
    };
    let beside = picture_name(name).filter(is_table).ok_or_else(|| {
        let message = format!("`{name}` is no file of data beside the text");
        wrong(message, "save the table as CSV into the folder of the text".to_owned())
    })?;
    let shown = folder.join(&beside);
    let path = root.join(&shown);
    let missing = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            let message = format!("there is no file `{beside}` beside the text");
            wrong(message, like(&path, &beside))
        }
        _ => wrong(format!("cannot read `{beside}`: {error}"), "see that you may".to_owned()),
    };
    if std::fs::metadata(&path).map_err(missing)?.len() > MAX_BYTES {
        let message = format!("`{beside}` is over {} kB", MAX_BYTES / 1024);
        return Err(wrong(message, "keep only the rows and columns of the chart".to_owned()));
    }
    let text = decode(&shown, &std::fs::read(&path).map_err(missing)?)?;
    if let Some(offset) = text.find([hole::OPEN, hole::CLOSE, '\0']) {
        let message = "a character that has no meaning in text (private use or NUL)";
        let place = Place::at_offset(&shown, &text, offset);
        return Err(Finding::error("private-character", place, message)
            .help("delete it; it often comes with text copied from a PDF"));
    }
    Ok((shown, Arc::from(text)))
}

/// The file that was most likely meant.
fn like(path: &Path, name: &str) -> String {
    let folder = path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    let files = folder.into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .filter(|name| name.to_lowercase().ends_with(".csv"))
        .collect();
    names.sort();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "save it into the folder of the text".to_owned(),
        None => format!("there are: {}", names.join(", ")),
    }
}
