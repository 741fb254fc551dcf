//! The workspace's own `templates/`, read into memory for the theme.

use std::fs;
use std::path::Path;

use crate::model::{Finding, Place};
use crate::render::theme::ThemeFiles;

/// Every file below `templates/`, by its path there; none where there is no
/// such folder.
pub fn templates(root: &Path) -> Result<ThemeFiles, Finding> {
    let mut files = ThemeFiles::new();
    let folder = root.join("templates");
    if folder.is_dir() {
        gather(&folder, &folder, &mut files)?;
    }
    Ok(files)
}

fn gather(root: &Path, folder: &Path, files: &mut ThemeFiles) -> Result<(), Finding> {
    let unreadable = |path: &Path, error: std::io::Error| {
        let shown = Path::new("templates").join(path.strip_prefix(root).unwrap_or(path));
        Finding::error("unreadable", Place::start(shown), format!("cannot read: {error}"))
            .help("see that you may read it")
    };
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.is_dir() {
            gather(root, &path, files)?;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        files.insert(name, fs::read(&path).map_err(|error| unreadable(&path, error))?);
    }
    Ok(())
}
