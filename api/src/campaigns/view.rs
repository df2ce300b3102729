//! A campaign as callers see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::campaign::CampaignState;
use domain::id::{CampaignId, SdrProfileId, SenderId, TeamId, TemplateId, TemplateVersionId, UserId};
use entities::{campaign, campaign_lead};
use serde::Serialize;
use utoipa::ToSchema;
use workflows::campaign::CampaignProgress;

use crate::problem::Problem;
use crate::state::AppState;

/// A campaign in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignEntry {
    #[schema(value_type = String, example = "cmp_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: CampaignId,
    name: String,
    #[schema(example = "sms")]
    channel: String,
    #[schema(example = "running")]
    state: String,
    /// Leads it is for.
    leads: i32,
    /// Those of them who are left out.
    excluded: i32,
    tags: Vec<String>,
    starts_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    /// Why it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_reason: Option<String>,
    /// Why it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_reason: Option<String>,
    /// The code of what went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    /// Its workflow in the Temporal UI.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_url: Option<String>,
}

/// One of its messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignStep {
    /// Which, from 1.
    number: i16,
    #[schema(value_type = String)]
    template: TemplateId,
    /// The version that is sent.
    #[schema(value_type = String)]
    template_version: TemplateVersionId,
    /// Minutes after the step before.
    delay_minutes: i64,
    /// Whether it is only for those who have not answered.
    only_silent: bool,
}

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Campaign {
    #[serde(flatten)]
    entry: CampaignEntry,
    steps: Vec<CampaignStep>,
    #[schema(value_type = Option<String>)]
    sender: Option<SenderId>,
    sender_pool: Option<String>,
    #[schema(value_type = Option<String>)]
    sdr_profile: Option<SdrProfileId>,
    #[schema(example = "hold")]
    on_window_close: String,
    /// Its own hours, on the recipient's clock.
    #[schema(value_type = Object)]
    windows: serde_json::Value,
    daily_limit: i32,
    per_minute_limit: i32,
    budget_micros: Option<i64>,
    #[schema(example = "express_written")]
    consent_basis: String,
    #[schema(value_type = Object)]
    consent_evidence: serde_json::Value,
    /// What an approver decides on, as it was when it was staged: counts, costs, calendar, warnings.
    #[schema(value_type = Option<Object>)]
    preview: Option<serde_json::Value>,
    preview_hash: Option<String>,
    previewed_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    staged_by: Option<UserId>,
    staged_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    approved_by: Option<UserId>,
    approved_at: Option<DateTime<Utc>>,
    /// When the approval lapses, unless it begins before.
    approval_expires_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    rejected_by: Option<UserId>,
    reject_reason: Option<String>,
    /// Its leads by where they are: `pending`, `excluded`, `sent`, `delivered`, `responded`, `opted_out`, `failed`.
    lead_states: BTreeMap<String, i64>,
    /// What can be done with it now.
    actions: Vec<&'static str>,
    /// How far its workflow is; absent where no worker answers in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    progress: Option<CampaignProgress>,
}

impl CampaignEntry {
    pub(crate) fn of(state: &AppState, row: campaign::Campaign) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            channel: row.channel,
            state: row.state,
            leads: row.leads,
            excluded: row.excluded,
            tags: row.tags,
            starts_at: row.starts_at,
            expires_at: row.expires_at,
            pause_reason: row.pause_reason,
            ended_reason: row.ended_reason,
            failure: row.failure,
            created_by: row.created_by.map(|id| id.0),
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            workflow_url: row.workflow_id.as_deref().and_then(|id| state.workflow_url(id)),
        }
    }
}

/// The campaign as it is now.
pub(crate) async fn now(state: &AppState, team: TeamId, id: CampaignId) -> Result<Campaign, Problem> {
    let tx = state.db.team(team).await?;
    let row = campaign::get(&tx, id).await?;
    tx.commit().await?;
    let mut tx = state.db.team_bulk(team).await?;
    let steps = campaign::steps(&mut tx, id).await?;
    let counts = campaign_lead::counts(&mut tx, id).await?;
    tx.commit().await?;
    let mut lead_states = BTreeMap::new();
    for (lead_state, _, leads) in counts {
        *lead_states.entry(lead_state).or_default() += leads;
    }
    let stage: CampaignState = row.campaign_state()?;
    // What the row says is certain; the workflow adds what is under way, where one answers.
    let progress = match stage {
        CampaignState::Running => state.temporal.campaign_progress(id).await.ok().flatten(),
        _ => None,
    };
    let steps = steps.into_iter().map(|step| CampaignStep {
        number: step.number,
        template: step.template,
        template_version: step.version,
        delay_minutes: step.delay_minutes,
        only_silent: step.only_silent,
    });
    Ok(Campaign {
        steps: steps.collect(),
        sender: row.sender_id.map(|id| id.0),
        sender_pool: row.sender_pool.clone(),
        sdr_profile: row.sdr_profile_id.map(|id| id.0),
        on_window_close: row.on_window_close.clone(),
        windows: row.windows.clone(),
        daily_limit: row.daily_limit,
        per_minute_limit: row.per_minute_limit,
        budget_micros: row.budget_micros,
        consent_basis: row.consent_basis.clone(),
        consent_evidence: row.consent_evidence.clone(),
        preview: row.preview.clone(),
        preview_hash: row.preview_hash.clone(),
        previewed_at: row.previewed_at,
        staged_by: row.staged_by.map(|id| id.0),
        staged_at: row.staged_at,
        approved_by: row.approved_by.map(|id| id.0),
        approved_at: row.approved_at,
        approval_expires_at: row.approval_expires_at,
        rejected_by: row.rejected_by.map(|id| id.0),
        reject_reason: row.reject_reason.clone(),
        lead_states,
        actions: stage
            .actions()
            .filter(|action| action.permission().is_some())
            .map(domain::campaign::CampaignAction::as_str)
            .collect(),
        progress,
        entry: CampaignEntry::of(state, row),
    })
}
