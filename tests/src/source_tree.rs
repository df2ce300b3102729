//! The repository's own files, for tests of its shape.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Every file below `folder` (relative to the root) whose name ends in `ending`, with its path relative to the root
/// and its text. Build output, packages and hidden folders are passed over.
///
/// # Errors
/// Where a file or folder cannot be read.
pub fn files(folder: &str, ending: &str) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let root = root();
    visit(&root, &root.join(folder), ending, &mut found)?;
    found.sort();
    Ok(found)
}

/// The text of one file, by its path relative to the root.
///
/// # Errors
/// Where it cannot be read.
pub fn read(path: &str) -> Result<String> {
    fs::read_to_string(root().join(path)).with_context(|| format!("{path} cannot be read"))
}

fn visit(root: &Path, folder: &Path, ending: &str, found: &mut Vec<(String, String)>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if name != "target" && name != "node_modules" && !name.starts_with('.') {
                visit(root, &path, ending, found)?;
            }
        } else if name.ends_with(ending) {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).with_context(|| format!("{relative} cannot be read"))?;
            found.push((relative, text));
        }
    }
    Ok(())
}

/// The folder of the real lists, where `REFINERY_TEST_DATA` names it. Tests that need them say so and pass without.
pub fn real_lists() -> Option<PathBuf> {
    std::env::var_os("REFINERY_TEST_DATA").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}
