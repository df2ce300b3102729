//! `.env.sample` is the manual of the configuration, and rules about code are where the tools find them.

use std::collections::BTreeSet;

use anyhow::Result;
use tests::source_tree;

/// Beginnings of the names of our variables.
const OURS: [&str; 4] = ["DATABASE_", "TEMPORAL_", "S3_", "REFINERY_"];

/// Variables that the code names and nobody configures, and why.
const NOT_FOR_PEOPLE: [(&str, &str); 2] = [
    ("TEMPORAL_CONFIG_FILE", "kept from the local server, which must not read the person's own"),
    ("TEMPORAL_PROFILE", "kept from the local server, which must not read the person's own"),
];

fn is_variable(word: &str) -> bool {
    OURS.iter().any(|ours| word.starts_with(ours) && word.len() > ours.len())
        && word.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// Every string of product code that is the name of a variable.
fn read_by_the_code() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for crate_ in ["api", "worker", "providers", "stack", "refinery", "activities"] {
        for (_, text) in source_tree::files(&format!("{crate_}/src"), ".rs")? {
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            found.extend(product.split('"').filter(|word| is_variable(word)).map(str::to_owned));
        }
    }
    Ok(found)
}

#[test]
fn the_sample_names_exactly_the_variables_that_are_read() -> Result<()> {
    let sample = source_tree::read(".env.sample")?;
    let written: BTreeSet<String> = sample
        .lines()
        .filter_map(|line| {
            line.trim_start_matches(['#', ' ']).split_once('=').map(|(name, _)| name.to_owned())
        })
        .filter(|name| is_variable(name))
        .collect();
    let mut read = read_by_the_code()?;
    // What only the composed system is told.
    let compose = source_tree::read("docker-compose.yml")?;
    let told = compose.split("${").skip(1).filter_map(|rest| rest.split([':', '}']).next());
    read.extend(told.filter(|name| is_variable(name)).map(str::to_owned));
    // Those of docker-compose.yml come from the same `.env`.
    let compose = source_tree::read("docker-compose.yml")?;
    let named = compose.split("${").skip(1).filter_map(|rest| rest.split([':', '}', '-']).next());
    read.extend(named.filter(|name| is_variable(name)).map(str::to_owned));
    for (name, _) in NOT_FOR_PEOPLE {
        assert!(read.remove(name), "{name} is not named by the code any more: take it off the list");
    }
    // A secret's `_FILE` is explained with the secret.
    let explained = |name: &String| name.strip_suffix("_FILE").is_some_and(|secret| written.contains(secret));
    let missing: Vec<_> = read.difference(&written).filter(|name| !explained(name)).collect();
    assert!(missing.is_empty(), ".env.sample does not explain {missing:?}");
    let stray: Vec<_> = written.difference(&read).filter(|name| !name.ends_with("_FILE")).collect();
    assert!(stray.is_empty(), ".env.sample explains what nobody reads: {stray:?}");
    Ok(())
}

#[test]
fn the_sample_holds_no_secret() -> Result<()> {
    for line in source_tree::read(".env.sample")?.lines() {
        let Some((name, value)) = line.trim_start_matches(['#', ' ']).split_once('=') else { continue };
        let secret = ["_KEY", "_KEYS", "_TOKEN", "_SECRET"].iter().any(|end| name.trim().ends_with(end));
        let value = value.trim();
        // An entropy of forty characters is a real one; an example says that it is one.
        assert!(!secret || value.len() < 40 || value.contains('…'), "{name} looks like a real secret");
    }
    Ok(())
}

/// The nearest clippy.toml wins and does not merge.
#[test]
fn the_rules_of_workflows_repeat_the_roots() -> Result<()> {
    let paths = |text: &str| -> BTreeSet<String> {
        text.split("path = \"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
    };
    let root = source_tree::read("clippy.toml")?;
    let workflows = source_tree::read("workflows/clippy.toml")?;
    let missing: Vec<_> = paths(&root).difference(&paths(&workflows)).cloned().collect();
    assert!(missing.is_empty(), "workflows/clippy.toml does not repeat {missing:?}");
    for must in
        ["std::time::SystemTime::now", "std::collections::HashMap", "uuid::Uuid::new_v4", "futures::select"]
    {
        assert!(paths(&workflows).contains(must), "workflows/clippy.toml does not forbid {must}");
    }
    for text in [root, workflows] {
        let rules = text.lines().filter(|line| line.contains("path = \""));
        for rule in rules {
            assert!(rule.contains("reason = \""), "a rule without its reason: {rule}");
        }
    }
    Ok(())
}
