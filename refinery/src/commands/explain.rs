//! `refinery explain`.

use anyhow::Context;
use chrono::Utc;
use entities::outreach::{self, Asked};

use super::operator;
use crate::cli::Explain;
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Says whether a lead may be written to, by which rule not, and when next.
pub(super) async fn run(options: Explain) -> anyhow::Result<Exit> {
    let usage = |error: domain::id::IdError| UsageError(error.to_string());
    let (lead, campaign) = (options.lead.parse().map_err(usage)?, options.campaign.parse().map_err(usage)?);
    let at = operator::time(options.at.as_deref())?.unwrap_or_else(Utc::now);
    let db = operator::database().await?;
    let team = operator::team(&db, &options.team).await?;
    let asked = Asked {
        campaign,
        lead,
        step: options.step,
        at,
        rule_set: options.rules.as_deref(),
        if_released: options.if_released,
    };
    let mut tx = db.team_bulk(team).await?;
    let told = outreach::explain(&mut tx, asked)
        .await
        .with_context(|| format!("{} cannot be explained", options.lead))?;
    tx.commit().await?;
    if options.format.json {
        speak::result(serde_json::to_string(&told)?);
        return Ok(Exit::Success);
    }
    let may = if told.allowed { "may be written to" } else { "may not be written to" };
    speak::result(format!("{} {may} at {}: {}", options.lead, at.format("%F %T UTC"), told.says));
    speak::result(format!("decided by {} of the rules {}", told.rule, told.rule_set));
    if let Some(next) = told.next_allowed_at {
        speak::result(format!("next at {}", next.format("%F %T UTC")));
    }
    for rule in &told.rules {
        match &rule.objects {
            None => speak::result(format!("  {:14} no objection", rule.rule)),
            Some(why) => speak::result(format!("  {:14} {why}", rule.rule)),
        }
    }
    Ok(Exit::Success)
}
