//! A run as the caller sees it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::id::{EnrichmentId, TeamId, UserId};
use entities::enrichment::{self, EnrichmentState};
use entities::waterfall::ledger::{self, RungAccount};
use entities::waterfall::outcome;
use serde::Serialize;
use utoipa::ToSchema;
use workflows::enrichment::EnrichmentProgress;

use crate::problem::Problem;
use crate::state::AppState;

/// A run of leads through the vendors.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Enrichment {
    #[schema(value_type = String, example = "enr_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: EnrichmentId,
    /// `estimated`, `running`, `completed`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    state: EnrichmentState,
    /// Which leads, as they were asked for.
    #[schema(value_type = Object)]
    what: serde_json::Value,
    /// `request`, `upload` or `schedule`.
    origin: String,
    leads: i32,
    /// Leads by how they ended; the rest is pending.
    outcomes: BTreeMap<String, i64>,
    /// The same by reason: `outcome/reason`.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_reason: Option<BTreeMap<String, i64>>,
    /// The most it may cost, in micro-dollars.
    budget_micros: Option<i64>,
    /// What it was estimated to cost at the most, in micro-dollars.
    estimate_micros: i64,
    /// What was spent so far, in micro-dollars; what nobody knows the outcome of counts in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    spent_micros: Option<i64>,
    /// The same by vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    vendors: Option<Vec<VendorPart>>,
    /// How far it is, where a worker answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// Its workflow in the Temporal UI.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_url: Option<String>,
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

/// What was asked of one vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorPart {
    provider: String,
    /// Subjects asked about.
    asked: i64,
    /// Those of whom something was found.
    matched: i64,
    /// Calls of which nobody knows what came.
    unknown: i64,
    spent_micros: i64,
}

/// How far a run is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EnrichmentProgress)]
pub(crate) struct Progress {
    /// `pages`, `await_late`, `finish` or `done`.
    stage: &'static str,
    /// The vendor being asked.
    rung: Option<String>,
    leads_done: u32,
    /// Subjects asked about.
    asked: u64,
    /// Subjects whose answer was there already.
    cached: u64,
    /// Leads a vendor was not asked about because it could not have changed their outcome.
    skipped: u64,
    /// Answers with somebody in them.
    matches: u64,
    /// People whom vendors named and who are not who was asked about.
    strangers: u64,
    /// Calls of which a part is still to come.
    awaited: u32,
}

impl From<EnrichmentProgress> for Progress {
    fn from(progress: EnrichmentProgress) -> Self {
        Self {
            stage: progress.stage.as_str(),
            rung: progress.rung,
            leads_done: progress.leads_done,
            asked: progress.asked,
            cached: progress.cached,
            skipped: progress.skipped,
            matches: progress.matches,
            strangers: progress.strangers,
            awaited: progress.awaited,
        }
    }
}

impl From<RungAccount> for VendorPart {
    fn from(part: RungAccount) -> Self {
        Self {
            provider: part.provider,
            asked: part.asked,
            matched: part.matched,
            unknown: part.unknown,
            spent_micros: part.spent_micros,
        }
    }
}

impl Enrichment {
    /// The run as its row says.
    pub(super) fn of(state: &AppState, run: enrichment::Enrichment) -> Self {
        let outcomes = [
            ("contactable", run.contactable),
            ("enriched", run.enriched),
            ("do_not_contact", run.do_not_contact),
            ("on_hold", run.on_hold),
            ("failed", run.failed),
        ];
        Self {
            id: run.id.0,
            state: run.state,
            what: run.what,
            origin: run.origin,
            leads: run.leads,
            outcomes: outcomes.into_iter().map(|(name, leads)| (name.to_owned(), leads.into())).collect(),
            by_reason: None,
            budget_micros: run.budget_micros,
            estimate_micros: run.estimate_micros,
            spent_micros: None,
            vendors: None,
            progress: None,
            failure: run.failure,
            workflow_url: run.workflow_id.as_deref().and_then(|id| state.workflow_url(id)),
            created_by: run.created_by.map(|id| id.0),
            created_at: run.created_at,
            started_at: run.started_at,
            ended_at: run.ended_at,
        }
    }
}

/// The run as it is at this moment. What only Temporal knows is left out where it does not answer.
pub(super) async fn now(state: &AppState, team: TeamId, id: EnrichmentId) -> Result<Enrichment, Problem> {
    let tx = state.db.team(team).await?;
    let run = enrichment::get(&tx, id).await?;
    tx.commit().await?;
    let mut tx = state.db.team_bulk(team).await?;
    let reasons = outcome::by_reason(&mut tx, id).await?;
    let parts = ledger::account(&mut tx, id).await?;
    tx.commit().await?;
    let running = run.state == EnrichmentState::Running;
    let mut view = Enrichment::of(state, run);
    view.by_reason = Some(
        reasons
            .into_iter()
            .map(|(outcome, reason, leads)| match reason {
                Some(reason) => (format!("{outcome}/{reason}"), leads),
                None => (outcome, leads),
            })
            .collect(),
    );
    view.spent_micros = Some(parts.iter().map(|part| part.spent_micros).sum());
    view.vendors = Some(parts.into_iter().map(VendorPart::from).collect());
    if running {
        match state.temporal.enrichment_progress(id).await {
            Ok(progress) => view.progress = progress.map(Progress::from),
            Err(error) => tracing::debug!(enrichment = %id, cause = %error, "no live progress"),
        }
    }
    Ok(view)
}
