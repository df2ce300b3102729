//! `docker-compose.yml` is what it says, as far as can be told without Docker.

use std::collections::BTreeSet;

use anyhow::Result;
use tests::source_tree;
use yaml_rust2::{Yaml, YamlLoader};

fn compose() -> Result<Yaml> {
    let mut documents = YamlLoader::load_from_str(&source_tree::read("docker-compose.yml")?)?;
    assert_eq!(documents.len(), 1);
    Ok(documents.remove(0))
}

fn entries(yaml: &Yaml) -> Vec<(String, Yaml)> {
    let entries = yaml.as_hash().into_iter().flatten();
    entries.map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), value.clone())).collect()
}

/// A value of a service, also where it is merged in from an anchor.
fn value(service: &Yaml, name: &str) -> Yaml {
    let own = &service[name];
    if own.is_badvalue() { service["<<"][name].clone() } else { own.clone() }
}

fn runs_once(service: &Yaml) -> bool {
    let restart = value(service, "restart");
    restart.as_str().is_some_and(|restart| restart == "no" || restart.starts_with("on-failure"))
}

#[test]
fn every_part_of_the_system_is_there() -> Result<()> {
    let services: BTreeSet<String> =
        entries(&compose()?["services"]).into_iter().map(|(name, _)| name).collect();
    for name in ["postgres", "temporal", "temporal-ui", "s3", "migrate", "api", "worker"] {
        assert!(services.contains(name), "{name} is missing from {services:?}");
    }
    assert_eq!(compose()?["services"]["worker"]["deploy"]["replicas"].as_i64(), Some(2));
    Ok(())
}

#[test]
fn what_keeps_running_is_watched_and_what_is_waited_for_exists() -> Result<()> {
    let services = entries(&compose()?["services"]);
    for (name, service) in &services {
        assert!(
            !value(service, "image").is_badvalue() || !value(service, "build").is_badvalue(),
            "{name} is nothing"
        );
        if !runs_once(service) {
            assert!(value(service, "healthcheck")["test"].as_vec().is_some(), "{name} has no health check");
        }
        for (awaited, how) in entries(&value(service, "depends_on")) {
            let (_, awaited_service) = services
                .iter()
                .find(|(other, _)| *other == awaited)
                .unwrap_or_else(|| panic!("{name} waits for {awaited}"));
            let expected =
                if runs_once(awaited_service) { "service_completed_successfully" } else { "service_healthy" };
            assert_eq!(how["condition"].as_str(), Some(expected), "{name} waits for {awaited}");
        }
    }
    Ok(())
}

#[test]
fn data_is_on_named_volumes() -> Result<()> {
    let compose = compose()?;
    let named: BTreeSet<String> = entries(&compose["volumes"]).into_iter().map(|(name, _)| name).collect();
    for keeper in ["postgres", "s3"] {
        let volumes = compose["services"][keeper]["volumes"].clone();
        let on_named = volumes.into_iter().any(|volume| {
            let volume = volume.as_str().unwrap_or_default().to_owned();
            volume.split_once(':').is_some_and(|(from, _)| named.contains(from))
        });
        assert!(on_named, "{keeper} keeps its data in its container");
    }
    Ok(())
}

#[test]
fn no_secret_is_written_down() -> Result<()> {
    let compose = compose()?;
    let mut environments = entries(&compose["services"]);
    environments.push(("x-refinery-environment".to_owned(), compose["x-refinery-environment"].clone()));
    environments.push(("x-temporal-database".to_owned(), compose["x-temporal-database"].clone()));
    let mut seen = 0;
    for (service, yaml) in environments {
        let environment = if service.starts_with("x-") { yaml } else { value(&yaml, "environment") };
        for (name, value) in entries(&environment) {
            let secret = ["PASSWORD", "PWD", "SECRET", "_KEY", "_KEYS", "TOKEN"]
                .iter()
                .any(|word| name.contains(word));
            if secret && !name.starts_with("TEMPORAL_CODEC") {
                seen += 1;
                let text = value.as_str().unwrap_or_default();
                let from_outside = text.starts_with("${")
                    && text.ends_with('}')
                    && (!text.contains(":-") || text.ends_with(":-}"));
                assert!(from_outside, "{service} has {name} written down");
            }
        }
    }
    assert!(seen >= 5, "the secrets were found");
    Ok(())
}
