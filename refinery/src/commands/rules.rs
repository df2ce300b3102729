//! `refinery rules`: versions of the gate's rules.

use anyhow::Context;
use domain::gate::RuleSet;
use entities::{DbError, rule_set};
use serde_json::json;

use super::operator;
use crate::cli::Rules;
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Loads, lists and shows rules.
pub(super) async fn run(command: Rules) -> anyhow::Result<Exit> {
    match command {
        Rules::Show => speak::result(RuleSet::shipped().to_json().context("rules are JSON")?),
        Rules::List { format } => {
            let db = operator::database().await?;
            let loaded = rule_set::list(&db).await?;
            if format.json {
                let loaded: Vec<_> = loaded
                    .iter()
                    .map(|one| json!({"version": one.version, "effective_from": one.effective_from, "source": one.source}))
                    .collect();
                speak::result(json!({"shipped": RuleSet::shipped().version().as_str(), "loaded": loaded}));
            } else {
                speak::result(format!("{}  came with this program", RuleSet::shipped().version().as_str()));
                for one in loaded {
                    speak::result(format!("{}  from {}  ({})", one.version, one.effective_from, one.source));
                }
            }
        }
        Rules::Load { file, effective_from, source, format } => {
            let effective_from = operator::time(Some(&effective_from))?.unwrap_or_default();
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            // Read as the gate reads them: rules that are understood in part would be half of the law.
            let rules = RuleSet::from_json(&text)
                .map_err(|error| UsageError(format!("{} holds no rules: {error}", file.display())))?;
            let body = serde_json::from_str(&text).context("rules are JSON")?;
            let db = operator::database().await?;
            let version = rules.version();
            let version = version.as_str();
            match rule_set::load(&db, version, effective_from, &body, &source).await {
                Err(DbError::Conflict { .. }) => {
                    let taken = format!(
                        "there is a version {version:?} already; a version is never changed, name another"
                    );
                    return Err(UsageError(taken).into());
                }
                other => other?,
            };
            match format.json {
                true => speak::result(json!({"version": version, "effective_from": effective_from})),
                false => speak::result(format!("loaded {version}; it holds from {effective_from} on")),
            }
        }
    }
    Ok(Exit::Success)
}
