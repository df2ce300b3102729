//! `refinery rehearse`.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Utc};
use entities::outreach::{self, Rehearsal};
use serde_json::json;

use super::operator;
use crate::cli::Rehearse;
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Rehearses a campaign: all of it on a virtual clock, nothing sent.
pub(super) async fn run(options: Rehearse) -> anyhow::Result<Exit> {
    let campaign = options.campaign.parse().map_err(|error| UsageError(format!("{error}")))?;
    let from = operator::time(options.from.as_deref())?.unwrap_or_else(Utc::now);
    let db = operator::database().await?;
    let team = operator::team(&db, &options.team).await?;
    let mut tx = db.team_bulk(team).await?;
    let (rehearsal, rule_set) =
        outreach::rehearse_campaign(&mut tx, campaign, options.rules.as_deref(), from)
            .await
            .with_context(|| format!("{} cannot be rehearsed", options.campaign))?;
    tx.commit().await?;
    if options.format.json {
        speak::result(as_json(&rehearsal, &rule_set));
    } else {
        tell(&rehearsal, &rule_set);
    }
    Ok(Exit::Success)
}

/// What would not go out, by the deciding rule.
fn left_out(rehearsal: &Rehearsal) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for one in &rehearsal.left_out {
        *counts.entry(one.rule.as_str()).or_default() += 1;
    }
    counts
}

/// Messages and money by hour.
fn hours(rehearsal: &Rehearsal) -> BTreeMap<String, (u64, i64)> {
    let mut hours: BTreeMap<String, (u64, i64)> = BTreeMap::new();
    let mut spent = 0;
    for send in &rehearsal.sends {
        spent += send.price.micros();
        let hour = hours.entry(send.at.format("%Y-%m-%d %H:00 UTC").to_string()).or_default();
        *hour = (hour.0 + 1, spent);
    }
    hours
}

fn as_json(rehearsal: &Rehearsal, rule_set: &str) -> serde_json::Value {
    let sends = rehearsal.sends.iter().map(|send| {
        json!({"lead": send.lead, "step": send.step, "at": send.at, "segments": send.segments,
            "cost_micros": send.price})
    });
    json!({
        "messages": rehearsal.sends.len(),
        "cost_micros": rehearsal.cost(),
        "first_at": rehearsal.sends.first().map(|send| send.at),
        "ends_at": rehearsal.ends_at(),
        "held": rehearsal.held,
        "left_out": left_out(rehearsal),
        "unsent": rehearsal.unsent,
        "out_of_money_at": rehearsal.out_of_money_at,
        "asks_at": rehearsal.asks_at,
        "rule_set": rule_set,
        "sends": sends.collect::<Vec<_>>(),
    })
}

fn tell(rehearsal: &Rehearsal, rule_set: &str) {
    let time =
        |at: Option<DateTime<Utc>>| at.map_or("never".to_owned(), |at| at.format("%F %T UTC").to_string());
    speak::result(format!(
        "{} messages for {}, by rules {rule_set}",
        rehearsal.sends.len(),
        rehearsal.cost()
    ));
    speak::result(format!(
        "from {} to {}",
        time(rehearsal.sends.first().map(|send| send.at)),
        time(rehearsal.ends_at())
    ));
    for (hour, (messages, spent)) in hours(rehearsal) {
        let spent = domain::money::MicroDollars::new(spent);
        speak::result(format!("  {hour}  {messages:6} messages, {spent} spent"));
    }
    for (rule, times) in &rehearsal.held {
        speak::result(format!("put off {times} times by {rule}"));
    }
    for (rule, messages) in left_out(rehearsal) {
        speak::result(format!("left out: {messages} by {rule}"));
    }
    if rehearsal.unsent > 0 {
        speak::result(format!("left at the end: {} messages", rehearsal.unsent));
    }
    if let Some(at) = rehearsal.out_of_money_at {
        speak::result(format!("paused for lack of money at {}", time(Some(at))));
    }
    if let Some(at) = rehearsal.asks_at {
        speak::result(format!("a person is asked at {}, when the hours end", time(Some(at))));
    }
}
