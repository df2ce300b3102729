//! Files are small, say what they are, and carry no loose ends.

use anyhow::Result;
use tests::source_tree;

/// The longest file, in lines.
const LONGEST: usize = 400;

/// Folders of code that is generated or recorded. None yet.
fn sources() -> Result<Vec<(String, String)>> {
    let sources = source_tree::files("", ".rs")?;
    assert!(sources.len() > 100, "the tree is read");
    Ok(sources)
}

#[test]
fn files_stay_small() -> Result<()> {
    for (path, text) in sources()? {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{path} has {lines} lines: split it");
    }
    Ok(())
}

#[test]
fn files_say_what_they_are() -> Result<()> {
    for (path, text) in sources()? {
        let opens = text.starts_with("//!") || text.starts_with("#![doc = include_str!(\"");
        assert!(opens, "{path} does not open with //!");
    }
    Ok(())
}

#[test]
fn files_have_names_that_say_something() -> Result<()> {
    for (path, _) in sources()? {
        for part in path.trim_end_matches(".rs").split('/') {
            assert!(
                !["utils", "util", "helpers", "helper", "common", "misc", "manager"].contains(&part),
                "{path} could be about anything"
            );
        }
    }
    Ok(())
}

#[test]
fn nothing_is_left_for_later_and_no_machine_is_named() -> Result<()> {
    let mut files = sources()?;
    for ending in [".md", ".toml", ".sql", ".yml", ".sh"] {
        files.extend(source_tree::files("", ending)?);
    }
    // Written apart, so that this file is not its own finding.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX:")];
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/.")];
    for (path, text) in files {
        for (number, line) in text.lines().enumerate() {
            let found = marks.iter().chain(&places).find(|mark| line.contains(**mark));
            assert!(found.is_none(), "{path}:{} has {found:?}", number + 1);
        }
    }
    Ok(())
}
