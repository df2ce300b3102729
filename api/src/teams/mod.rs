//! `GET /v1/team`, `PATCH /v1/team`: the caller's team, and what it sets for itself.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::TeamId;
use domain::role::Permission;
use entities::team::{self, TeamSettings};
use entities::team_settings::{self, OPERATORS, TIME_ZONE_CONSTRAINT};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get, change))
}

/// The caller's team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamView {
    #[schema(value_type = String, example = "team_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: TeamId,
    name: String,
    created_at: DateTime<Utc>,
    /// All settings, as they hold now.
    #[schema(value_type = Object, example = json!({"four_eyes": true, "approval_ttl_hours": 72, "time_zone": "America/Chicago"}))]
    settings: TeamSettings,
    /// Those that only the operator of the installation sets.
    set_by_operator: Vec<&'static str>,
}

impl TeamView {
    fn of(team: team::Team) -> Result<Self, Problem> {
        Ok(Self {
            id: team.id.0,
            settings: team::settings_of(&team.settings)?,
            name: team.name,
            created_at: team.created_at,
            set_by_operator: OPERATORS.to_vec(),
        })
    }
}

/// Settings to be changed, by name; `null` takes one back to its default. `time_zone` (where the team's days begin, as
/// `America/Chicago`), `four_eyes` (whether somebody else than its author approves a campaign), `approval_ttl_hours`,
/// `error_rate_pause` (the share of refused messages above which a campaign is paused), `on_hold_hours` (after how long vendors
/// are asked again about leads on hold; 0: never), `target_sics`, `reject_share`, and what else `GET /v1/team` shows, but for
/// those that the operator sets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = TeamSettingsChanges, value_type = Object, example = json!({"time_zone": "America/Chicago"}))]
pub(crate) struct Changes(Map<String, Value>);

/// The caller's team and its settings.
#[utoipa::path(get, path = "/v1/team", tag = "team", responses((status = 200, body = TeamView)))]
pub(crate) async fn get(State(state): State<AppState>, caller: Caller) -> Result<Json<TeamView>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let team = team::get(&tx).await?;
    tx.commit().await?;
    TeamView::of(team).map(Json)
}

/// Changes settings of the team. They hold from the next thing on that is done.
#[utoipa::path(
    patch, path = "/v1/team", tag = "team", request_body = Changes, responses((status = 200, body = TeamView)),
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(Changes(changes)): JsonBody<Changes>,
) -> Result<Json<TeamView>, Problem> {
    caller.may(Permission::ManageTeam)?;
    if let Some(name) = changes.keys().find(|name| OPERATORS.contains(&name.as_str())) {
        let what = format!(
            "{name} is set by the operator of the installation, with: refinery teams set TEAM {name}=VALUE"
        );
        return Err(Problem::http(HttpCode::Forbidden, what));
    }
    let tx = caller.transaction(&state).await?;
    let before = team::get(&tx).await?;
    tx.commit().await?;
    team_settings::changed(&before.settings, &changes)
        .map_err(|fault| Problem::invalid(format!("/{}", fault.field), fault.why))?;
    let mut tx = caller.bulk_transaction(&state).await?;
    team_settings::change(&mut tx, &changes).await.map_err(|error| {
        if error.violates(TIME_ZONE_CONSTRAINT) {
            Problem::invalid("/time_zone", "must be a time zone that there is, as America/Chicago")
        } else {
            error.into()
        }
    })?;
    let from: Map<String, Value> =
        changes.keys().map(|name| (name.clone(), before.settings[name].clone())).collect();
    let details = json!({ "from": from, "to": changes });
    caller.record_in_bulk(&mut tx, "team.change_settings", caller.team, details).await?;
    tx.commit().await?;
    let tx = caller.transaction(&state).await?;
    let team = team::get(&tx).await?;
    tx.commit().await?;
    TeamView::of(team).map(Json)
}
