//! Who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use cargo_metadata::{Metadata, MetadataCommand, PackageId};
use tests::source_tree;

/// The edges between our crates: the table of the design as data. A crate that wants another edge wants a decision.
const MAY_DEPEND_ON: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("intake", &["domain"]),
    ("resolution", &["domain"]),
    ("entities", &["domain"]),
    ("migrations", &[]),
    ("providers", &["domain"]),
    ("workflows", &["domain"]),
    // The service and the worker connect alike, and compile what connecting takes once.
    ("temporal", &["workflows"]),
    ("activities", &["domain", "intake", "resolution", "entities", "providers", "workflows"]),
    // Configuration to clients to registrations: the clients are those of the database and of object storage.
    ("worker", &["activities", "workflows", "temporal", "entities", "providers"]),
    // A lead entered by hand gets its keys by the rules of an imported one.
    ("api", &["domain", "intake", "resolution", "entities", "providers", "workflows", "temporal"]),
    ("stack", &[]),
    // The vendors are written from their documents; a type shared with the adapters would prove nothing.
    ("sandbox", &[]),
    (
        "refinery",
        &[
            "domain",
            "intake",
            "resolution",
            "entities",
            "migrations",
            "providers",
            "workflows",
            "activities",
            "worker",
            "api",
            "stack",
            "sandbox",
        ],
    ),
    (
        "tests",
        &[
            "domain",
            "intake",
            "resolution",
            "entities",
            "migrations",
            "providers",
            "workflows",
            "activities",
            "worker",
            "api",
            "stack",
            "sandbox",
            "refinery",
        ],
    ),
];

/// What the pure crates must never reach for themselves, by the beginning of the name.
const WORLDLY: [&str; 9] =
    ["sea-orm", "sqlx", "aws-", "reqwest", "hyper", "axum", "tonic", "ureq", "tokio-postgres"];

fn metadata() -> Result<Metadata> {
    let manifest = source_tree::root().join("Cargo.toml");
    Ok(MetadataCommand::new().manifest_path(manifest).other_options(vec!["--locked".into()]).exec()?)
}

/// Name of each of our crates, with the names of everything it names in its manifest.
fn direct(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let ours = metadata.workspace_packages();
    ours.iter()
        .map(|package| {
            let dependencies =
                package.dependencies.iter().map(|dependency| dependency.name.clone()).collect();
            (package.name.to_string(), dependencies)
        })
        .collect()
}

#[test]
fn our_crates_depend_on_each_other_as_designed() -> Result<()> {
    let found = direct(&metadata()?);
    let allowed: BTreeMap<&str, &[&str]> = MAY_DEPEND_ON.into_iter().collect();
    let ours: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(ours, allowed.keys().copied().collect(), "a crate without a place in the table");
    for (name, dependencies) in &found {
        for dependency in dependencies.iter().filter(|dependency| ours.contains(dependency.as_str())) {
            assert!(
                allowed[name.as_str()].contains(&dependency.as_str()),
                "{name} may not depend on {dependency}"
            );
        }
    }
    Ok(())
}

#[test]
fn pure_crates_name_nothing_worldly() -> Result<()> {
    let found = direct(&metadata()?);
    for name in ["domain", "intake", "resolution", "workflows"] {
        for dependency in &found[name] {
            assert!(
                !WORLDLY.iter().any(|worldly| dependency.starts_with(worldly)),
                "{name} names {dependency}"
            );
        }
    }
    for name in ["domain", "resolution", "workflows"] {
        for dependency in &found[name] {
            assert!(!dependency.starts_with("tokio"), "{name} names {dependency}");
        }
    }
    Ok(())
}

/// The SDK brings tokio and tonic to `workflows`; to the others nobody may, however indirectly.
#[test]
fn pure_crates_reach_nothing_worldly_through_others() -> Result<()> {
    let metadata = metadata()?;
    let resolve = metadata.resolve.as_ref().expect("metadata with dependencies");
    let edges: BTreeMap<&PackageId, Vec<&PackageId>> = resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = node.deps.iter().filter(|dependency| {
                dependency.dep_kinds.iter().any(|kind| kind.kind == cargo_metadata::DependencyKind::Normal)
            });
            (&node.id, normal.map(|dependency| &dependency.pkg).collect())
        })
        .collect();
    for name in ["domain", "intake", "resolution"] {
        let package = metadata
            .workspace_packages()
            .into_iter()
            .find(|package| package.name == name)
            .expect("one of ours");
        let (mut reached, mut open) = (BTreeSet::new(), vec![&package.id]);
        while let Some(id) = open.pop() {
            if reached.insert(id) {
                open.extend(edges[id].iter().copied());
            }
        }
        for id in reached {
            let reached = metadata[id].name.as_str();
            let worldly = WORLDLY.iter().any(|worldly| reached.starts_with(worldly));
            assert!(!worldly, "{name} reaches {reached}");
            assert!(name == "intake" || reached != "tokio", "{name} reaches tokio");
        }
    }
    Ok(())
}

/// Two of them would be built, and the one not chosen would panic at the first connection.
#[test]
fn there_is_one_tls_provider() -> Result<()> {
    let lock = source_tree::read("Cargo.lock")?;
    let names: BTreeSet<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    assert!(names.contains("ring"), "the lock file is read");
    for other in ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls"] {
        assert!(!names.contains(other), "{other} is a second TLS provider");
    }
    Ok(())
}
