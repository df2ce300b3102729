//! Why a lead may or may not be written to.

use chrono::{DateTime, Utc};
use domain::gate;
use domain::id::{CampaignId, LeadId};
use serde::Serialize;
use serde_json::Value;

use super::moment::Moment;
use super::scene::Scene;
use crate::audience;
use crate::{BulkTransaction, DbError, Result};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Of which campaign.
    pub campaign: CampaignId,
    /// Of which lead.
    pub lead: LeadId,
    /// Which step, from 1; the next one where it is not said.
    pub step: Option<u8>,
    /// At which moment.
    pub at: DateTime<Utc>,
    /// By the rules of which version; by those that hold then where it is not said.
    pub rule_set: Option<&'a str>,
    /// As if the campaign were released and running.
    pub if_released: bool,
}

/// What one rule says by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleSaid {
    /// The rule, by its word.
    pub rule: String,
    /// What it objects to.
    pub objects: Option<String>,
    /// When that ends, where time ends it.
    pub until: Option<DateTime<Utc>>,
}

/// Why a lead may or may not be written to. Nothing of a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Whether it may.
    pub allowed: bool,
    /// The rule that decides, by its word.
    pub rule: String,
    /// The same in words.
    pub says: String,
    /// When it may next.
    pub next_allowed_at: Option<DateTime<Utc>>,
    /// The version of the rules.
    pub rule_set: String,
    /// SHA-256 of the inputs, in hex.
    pub inputs_hash: Option<String>,
    /// What was judged.
    pub inputs: Option<Value>,
    /// What each rule says by itself, in their order.
    pub rules: Vec<RuleSaid>,
}

/// Why a lead of a campaign may or may not be written to at a moment.
///
/// # Errors
/// [`DbError::NotFound`] where the campaign, the step or the rule set is not there, or the lead is not in it.
pub async fn explain(tx: &mut BulkTransaction, asked: Asked<'_>) -> Result<Explanation> {
    let Asked { campaign, lead, step, at, rule_set, if_released } = asked;
    let scene = Scene::read(tx, campaign, rule_set, at).await?;
    let people = audience::of_leads(tx, campaign, &[lead], at).await?;
    let person =
        people.into_iter().next().ok_or_else(|| DbError::not_found("lead of this campaign", lead))?;
    let number = step.unwrap_or_else(|| (person.step + 1).min(last_step(&scene)));
    let step = scene.step(number).ok_or_else(|| DbError::not_found("step of this campaign", number))?;
    let moment = if if_released {
        Moment::if_released(None)
    } else {
        let provider = scene.sender_for(lead, &step.channel).map(|sender| sender.provider.clone());
        Moment::read(tx, campaign, provider.as_deref(), at).await?
    };
    let rule_set = scene.rules.version().to_owned();
    match scene.judge(&person, step, &moment, at) {
        Ok(judged) => Ok(Explanation {
            allowed: judged.verdict.allowed,
            rule: judged.verdict.rule.as_str().to_owned(),
            says: judged.verdict.says.into_owned(),
            next_allowed_at: judged.verdict.next_allowed_at,
            rule_set,
            inputs_hash: Some(judged.verdict.inputs_hash.iter().map(|byte| format!("{byte:02x}")).collect()),
            inputs: serde_json::to_value(judged.inputs).ok(),
            rules: gate::examine(scene.rules.set(), &judged.inputs)
                .into_iter()
                .map(|(rule, held)| RuleSaid {
                    rule: rule.as_str().to_owned(),
                    until: held.as_ref().and_then(|held| held.again),
                    objects: held.map(|held| held.says.into_owned()),
                })
                .collect(),
        }),
        Err(lacking) => Ok(Explanation {
            allowed: false,
            rule: lacking.as_str().to_owned(),
            says: lacking.says().to_owned(),
            next_allowed_at: None,
            rule_set,
            inputs_hash: None,
            inputs: None,
            rules: Vec::new(),
        }),
    }
}

fn last_step(scene: &Scene) -> u8 {
    scene.steps.last().map_or(1, |step| step.number)
}
