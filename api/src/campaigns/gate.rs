//! `GET /v1/leads/{id}/gate`: whether a lead may be written to, by which rule not, and when next.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{CampaignId, LeadId};
use domain::role::Permission;
use entities::outreach::{self, Explanation};
use entities::{gate_verdict, lead};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::extract::{Id, Params};
use crate::problem::Problem;
use crate::state::AppState;

/// How many kept verdicts are shown.
const SHOWN: u32 = 20;

/// For which campaign, when, by which rules.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// The campaign whose message it would be; without it only what was judged before is shown.
    #[param(value_type = Option<String>)]
    campaign: Option<CampaignId>,
    /// Which step, from 1; the next one that is due for the lead where it is left out.
    step: Option<u8>,
    /// At which moment; now where it is left out.
    at: Option<DateTime<Utc>>,
    /// The version of the rules; those that hold then where it is left out.
    rule_set: Option<String>,
    /// As if the campaign were released and running.
    #[serde(default)]
    if_released: bool,
}

/// What one rule says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleSays)]
pub(crate) struct RuleSays {
    rule: String,
    /// What it objects to; absent where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<String>,
    /// When that objection ends, where time ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
}

/// A verdict that was kept when a message was to go out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeptVerdict)]
pub(crate) struct Kept {
    #[schema(value_type = String)]
    campaign: CampaignId,
    step: i16,
    allowed: bool,
    rule: String,
    rule_set: String,
    next_allowed_at: Option<DateTime<Utc>>,
    judged_at: DateTime<Utc>,
}

/// Whether a lead may be written to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GateAnswer)]
pub(crate) struct Gate {
    /// Whether the message may go out at that moment; absent where no campaign was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<bool>,
    /// The rule that decides; `passed` where none objects.
    #[schema(example = "quiet_hours")]
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
    /// When it could be allowed next; absent where waiting changes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_allowed_at: Option<DateTime<Utc>>,
    /// The version of the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_set: Option<String>,
    /// SHA-256 of what was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    inputs_hash: Option<String>,
    /// What was judged; nothing of a person.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    inputs: Option<serde_json::Value>,
    /// What each rule says by itself.
    rules: Vec<RuleSays>,
    /// What was judged when messages were to go out, the last first.
    kept: Vec<Kept>,
}

/// Whether a lead may get a campaign's message at a moment, by which rule not, and when next: by the gate that sending asks.
#[utoipa::path(
    get, path = "/v1/leads/{id}/gate", tag = "campaigns", params(("id" = String, Path), Which),
    responses((status = 200, body = Gate)),
)]
pub(crate) async fn gate(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<LeadId>,
    Params(which): Params<Which>,
) -> Result<Json<Gate>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    lead::get(&tx, id).await?;
    tx.commit().await?;
    let at = which.at.unwrap_or_else(Utc::now);
    let mut tx = caller.bulk_transaction(&state).await?;
    let explanation = match which.campaign {
        None => None,
        Some(campaign) => {
            let asked = outreach::Asked {
                campaign,
                lead: id,
                step: which.step,
                at,
                rule_set: which.rule_set.as_deref(),
                if_released: which.if_released,
            };
            Some(outreach::explain(&mut tx, asked).await?)
        }
    };
    let kept = gate_verdict::of_lead(&mut tx, id, which.campaign, SHOWN).await?;
    tx.commit().await?;
    Ok(Json(told(explanation, kept)))
}

fn told(explanation: Option<Explanation>, kept: Vec<gate_verdict::Verdict>) -> Gate {
    let told = explanation.as_ref();
    Gate {
        allowed: told.map(|told| told.allowed),
        rule: told.map(|told| told.rule.clone()),
        says: told.map(|told| told.says.clone()),
        next_allowed_at: told.and_then(|told| told.next_allowed_at),
        rule_set: told.map(|told| told.rule_set.clone()),
        inputs_hash: told.and_then(|told| told.inputs_hash.clone()),
        inputs: told.and_then(|told| told.inputs.clone()),
        rules: explanation
            .into_iter()
            .flat_map(|told| told.rules)
            .map(|one| RuleSays { rule: one.rule, objects: one.objects, until: one.until })
            .collect(),
        kept: kept
            .into_iter()
            .map(|one| Kept {
                campaign: one.campaign,
                step: one.step,
                allowed: one.allowed,
                rule: one.rule,
                rule_set: one.rule_set,
                next_allowed_at: one.next_allowed_at,
                judged_at: one.judged_at,
            })
            .collect(),
    }
}
