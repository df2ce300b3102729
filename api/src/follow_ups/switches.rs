//! `GET` and `PUT /v1/follow-ups/switches`: what stops following up, of one rule or of all.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{FollowUpRuleId, UserId};
use domain::role::Permission;
use entities::{BulkTransaction, follow_up, follow_up_rule};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

/// The longest reason, in bytes.
const MAX_REASON: usize = 500;

/// A switch that is on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowUpSwitch {
    /// Which rule it stops; all of them where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    rule: Option<FollowUpRuleId>,
    reason: String,
    #[schema(value_type = Option<String>)]
    set_by: Option<UserId>,
    set_at: DateTime<Utc>,
}

/// What is to be stopped, or goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FollowUpStop)]
pub(crate) struct Stop {
    /// Which rule; all of them where it is left out or null.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    rule: Option<FollowUpRuleId>,
    /// Whether it is stopped from now on, or goes on.
    stopped: bool,
    /// Why it is stopped, for whoever wants to let it go on.
    #[serde(default)]
    reason: String,
}

/// The switches that are on.
#[utoipa::path(
    get, path = "/v1/follow-ups/switches", tag = "inbox", responses((status = 200, body = Page<FollowUpSwitch>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<FollowUpSwitch>>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let shown = on(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(shown))
}

/// Stops following up at once, of one rule or of all, or lets it go on. What comes due while a switch is on is left out for
/// good. Answers with the switches that are on.
#[utoipa::path(
    put, path = "/v1/follow-ups/switches", tag = "inbox", request_body = Stop,
    responses((status = 200, body = Page<FollowUpSwitch>)),
)]
pub(crate) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(stop): JsonBody<Stop>,
) -> Result<Json<Page<FollowUpSwitch>>, Problem> {
    // Whoever may send or release may also stop.
    let may = caller.may(Permission::Send);
    if stop.stopped { may.or_else(|_| caller.may(Permission::Approve)) } else { may }?;
    let reason = stop.reason.trim();
    if stop.stopped && !(1..=MAX_REASON).contains(&reason.len()) {
        return Err(Problem::invalid("/reason", format!("must say why, in 1 to {MAX_REASON} bytes")));
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    if let Some(rule) = stop.rule {
        follow_up_rule::get(&mut tx, rule).await?;
    }
    let why = stop.stopped.then_some(reason);
    if follow_up::set_switch(&mut tx, stop.rule, why, caller.user).await? {
        let subject = stop.rule.map_or_else(|| "all".to_owned(), |rule| rule.to_string());
        let action = if stop.stopped { "follow_ups.stop" } else { "follow_ups.go" };
        caller.record_in_bulk(&mut tx, action, subject, json!({})).await?;
    }
    let shown = on(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(shown))
}

async fn on(tx: &mut BulkTransaction) -> Result<Page<FollowUpSwitch>, Problem> {
    let switches = follow_up::switches(tx).await?;
    let items = switches.into_iter().map(|switch| FollowUpSwitch {
        rule: switch.rule,
        reason: switch.reason,
        set_by: switch.set_by,
        set_at: switch.set_at,
    });
    Ok(Page { items: items.collect(), next_cursor: None })
}
