//! `GET /v1/campaigns/calendar`: what is to go out when, across campaigns.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{CampaignId, TypedId};
use domain::role::Permission;
use entities::campaign::stats;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::extract::Params;
use crate::problem::Problem;
use crate::state::AppState;

/// The longest stretch that is shown at once.
const MOST_DAYS: i64 = 62;

/// Which stretch.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// From when on; an hour ago where it is not said.
    from: Option<DateTime<Utc>>,
    /// Until before when; two weeks later where it is not said, 62 days at the most.
    until: Option<DateTime<Utc>>,
}

/// What is to go out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Calendar {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// By hour, the first first.
    items: Vec<CalendarHour>,
}

/// What one campaign is to send in an hour. The gate and the limits may move it to a later one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarHour {
    hour: DateTime<Utc>,
    #[schema(value_type = String)]
    campaign: CampaignId,
    name: String,
    /// `scheduled`, `running` or `paused`.
    state: String,
    texts: i64,
}

/// What is to go out when, across the team's campaigns.
#[utoipa::path(
    get, path = "/v1/campaigns/calendar", tag = "campaigns", params(Which), responses((status = 200, body = Calendar)),
)]
pub(crate) async fn calendar(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Calendar>, Problem> {
    caller.may(Permission::Read)?;
    let from = which.from.unwrap_or_else(|| Utc::now() - TimeDelta::hours(1));
    let until = which.until.unwrap_or(from + TimeDelta::days(14));
    if until <= from || until - from > TimeDelta::days(MOST_DAYS) {
        return Err(Problem::invalid(
            "until",
            format!("must be after from, by {MOST_DAYS} days at the most"),
        ));
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    let rows = stats::calendar(&mut tx, from, until).await?;
    tx.commit().await?;
    let items = rows
        .into_iter()
        .map(|row| CalendarHour {
            hour: row.hour,
            campaign: CampaignId::from_uuid(row.campaign_id),
            name: row.name,
            state: row.state,
            texts: row.texts,
        })
        .collect();
    Ok(Json(Calendar { from, until, items }))
}
