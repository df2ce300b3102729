//! Every way to fail has a page that tells a person what to do.

use std::collections::BTreeSet;

use anyhow::Result;
use domain::FailureCode;
use tests::source_tree;

#[test]
fn every_failure_code_has_a_page_and_every_page_a_code() -> Result<()> {
    let pages = source_tree::files("docs/errors", ".md")?;
    let written: BTreeSet<String> = pages
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("docs/errors/")?.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README")
        .collect();
    let known: BTreeSet<String> = FailureCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    let missing: Vec<_> = known.difference(&written).collect();
    assert!(missing.is_empty(), "codes without docs/errors/<code>.md: {missing:?}");
    let stray: Vec<_> = written.difference(&known).collect();
    assert!(stray.is_empty(), "pages of codes that do not exist: {stray:?}");
    for (path, text) in &pages {
        assert!(text.trim().lines().count() >= 3, "{path} does not say what happened and what to do");
    }
    Ok(())
}
