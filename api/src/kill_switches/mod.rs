//! Kill switches: stops that work by the database alone. Each text is checked against them right before it leaves.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::{CampaignId, KillSwitchId, SenderId, UserId};
use domain::role::Permission;
use entities::kill_switch::{self, Target};
use entities::{campaign, sender};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody, Params};
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

/// The longest reason, in bytes.
const MAX_REASON: usize = 500;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, set)).routes(routes!(lift))
}

/// A switch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KillSwitch {
    #[schema(value_type = String, example = "kill_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: KillSwitchId,
    /// `everything` (of everybody, set by whoever runs the system), `team`, `campaign` or `sender`.
    scope: String,
    /// Which campaign or sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    set_by: Option<UserId>,
    set_at: DateTime<Utc>,
    /// When it was lifted; absent while it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    lifted_at: Option<DateTime<Utc>>,
}

impl From<kill_switch::KillSwitch> for KillSwitch {
    fn from(switch: kill_switch::KillSwitch) -> Self {
        Self {
            id: switch.id,
            scope: switch.scope.as_str().to_owned(),
            subject: switch.target.and_then(Target::rendered),
            reason: switch.reason,
            set_by: switch.set_by,
            set_at: switch.set_at,
            lifted_at: switch.lifted_at,
        }
    }
}

/// What is to be stopped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKillSwitch)]
pub(crate) struct New {
    /// `team`, `campaign` or `sender`.
    scope: String,
    /// Which campaign or sender, by its id; nothing for the team.
    #[serde(default)]
    subject: Option<String>,
    /// Why, for whoever wants to lift it.
    reason: String,
}

/// Which switches.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Also those that were lifted, 200 in all.
    #[serde(default)]
    lifted: bool,
}

/// The switches that are on: the team's and everybody's, newest first.
#[utoipa::path(
    get, path = "/v1/kill-switches", tag = "campaigns", params(Which), responses((status = 200, body = Page<KillSwitch>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<KillSwitch>>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let switches = kill_switch::list(&mut tx, which.lifted).await?;
    tx.commit().await?;
    let items = switches.into_iter().map(Into::into).collect();
    Ok(Json(Page { items, next_cursor: None }))
}

/// Whoever may send or release may also stop.
fn may_stop(caller: &Caller) -> Result<(), Problem> {
    caller.may(Permission::Send).or_else(|_| caller.may(Permission::Approve))
}

/// Stops sending at once: of the team, of a campaign, from a sender. One that is on stays as it is.
#[utoipa::path(
    post, path = "/v1/kill-switches", tag = "campaigns", request_body = New, responses((status = 201, body = KillSwitch)),
)]
pub(crate) async fn set(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<(StatusCode, Json<KillSwitch>), Problem> {
    may_stop(&caller)?;
    let reason = new.reason.trim();
    if !(1..=MAX_REASON).contains(&reason.len()) {
        return Err(Problem::invalid("/reason", format!("must be 1 to {MAX_REASON} bytes long")));
    }
    let target = target(&state, &caller, &new).await?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let id = kill_switch::set(&mut tx, target, reason, Some(caller.user)).await?;
    let details = json!({ "scope": target.scope().as_str(), "subject": target.rendered() });
    caller.record_in_bulk(&mut tx, "kill_switch.set", id, details).await?;
    let switches = kill_switch::list(&mut tx, false).await?;
    tx.commit().await?;
    let set = switches.into_iter().find(|switch| switch.id == id);
    let set = set.ok_or_else(|| Problem::not_found("kill switch", id))?;
    Ok((StatusCode::CREATED, Json(set.into())))
}

async fn target(state: &AppState, caller: &Caller, new: &New) -> Result<Target, Problem> {
    let no_such =
        |what: &str| Problem::invalid("/subject", format!("must be the id of a {what} of the team"));
    match (new.scope.as_str(), new.subject.as_deref()) {
        ("team", None) => Ok(Target::Team),
        ("campaign", Some(id)) => {
            let id: CampaignId = id.parse().map_err(|_| no_such("campaign"))?;
            let tx = caller.transaction(state).await?;
            campaign::get(&tx, id).await?;
            tx.commit().await?;
            Ok(Target::Campaign(id))
        }
        ("sender", Some(id)) => {
            let id: SenderId = id.parse().map_err(|_| no_such("sender"))?;
            let tx = caller.transaction(state).await?;
            sender::get(&tx, id).await?;
            tx.commit().await?;
            Ok(Target::Sender(id))
        }
        ("team", Some(_)) => Err(Problem::invalid("/subject", "the team is stopped whole; leave it out")),
        ("campaign" | "sender", None) => Err(no_such(&new.scope)),
        _ => Err(Problem::invalid("/scope", "must be team, campaign or sender")),
    }
}

/// Lifts a switch: what it stopped goes on.
#[utoipa::path(
    delete, path = "/v1/kill-switches/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 204, description = "It is off")),
)]
pub(crate) async fn lift(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<KillSwitchId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::Send)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if kill_switch::lift(&mut tx, id, Some(caller.user)).await? {
        caller.record_in_bulk(&mut tx, "kill_switch.lift", id, json!({})).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
