//! The commands of the README exist.

use std::collections::BTreeSet;

use anyhow::Result;
use cargo_metadata::MetadataCommand;
use tests::source_tree;

/// The lines of the README's shell blocks, without prompts and comments.
fn commands() -> Result<Vec<String>> {
    let text = source_tree::read("README.md")?;
    let mut commands = Vec::new();
    for block in text.split("```").skip(1).step_by(2) {
        let Some((language, body)) = block.split_once('\n') else { continue };
        if ["sh", "bash", "console", "shell"].contains(&language.trim()) {
            let lines = body.lines().map(|line| line.trim().trim_start_matches("$ "));
            commands
                .extend(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned));
        }
    }
    Ok(commands)
}

#[test]
fn every_command_names_what_exists() -> Result<()> {
    let commands = commands()?;
    assert!(commands.iter().any(|command| command.contains("-- demo")), "the README shows the demo");
    assert!(
        commands.iter().any(|command| command.contains("cargo test")),
        "the README says how to run the tests"
    );
    let manifest = source_tree::root().join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec()?;
    let packages: BTreeSet<String> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    let targets: BTreeSet<String> = metadata
        .workspace_packages()
        .iter()
        .flat_map(|package| &package.targets)
        .map(|target| target.name.clone())
        .collect();
    let cli: String = source_tree::files("refinery/src", ".rs")?.into_iter().map(|(_, text)| text).collect();
    for command in &commands {
        let words: Vec<&str> = command.split_whitespace().collect();
        for pair in words.windows(2) {
            match pair {
                ["-p", package] => assert!(packages.contains(*package), "{command}: no package {package}"),
                ["--bench" | "--bin" | "--test", target] => {
                    assert!(targets.contains(*target), "{command}: no target {target}");
                }
                _ => {}
            }
        }
        if words.first() == Some(&"cargo") && words.get(1) == Some(&"run") {
            let sub = words.iter().position(|word| *word == "--").and_then(|at| words.get(at + 1));
            if let Some(sub) =
                sub.filter(|sub| sub.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'))
            {
                let variant: String =
                    sub.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
                assert!(cli.contains(&variant), "{command}: refinery has no command {sub}");
            }
        }
    }
    Ok(())
}

#[test]
fn every_link_to_a_file_leads_somewhere() -> Result<()> {
    for (path, text) in source_tree::files("", ".md")? {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty()
                || target.contains("://")
                || target.contains(' ')
                || target.starts_with("mailto:")
            {
                continue;
            }
            assert!(source_tree::root().join(folder).join(target).exists(), "{path} links to {target}");
        }
    }
    Ok(())
}
