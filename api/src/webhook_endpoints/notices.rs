//! `GET /v1/webhook-endpoints/{id}/notices`: what an endpoint was told of late, and what it made of it.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{NoticeId, WebhookEndpointId};
use domain::role::Permission;
use entities::webhook_endpoint::{self, Delivery};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::Id;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

/// Something that was told to an endpoint, or is to be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndpointNotice {
    /// The header `webhook-id`.
    #[schema(value_type = String, example = "ntc_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: NoticeId,
    /// What it tells.
    #[schema(example = "campaign.paused")]
    kind: String,
    /// Ids and counts.
    data: serde_json::Value,
    happened_at: DateTime<Utc>,
    /// `told`, `waiting` or `given_up`.
    state: &'static str,
    /// How often it was tried.
    attempts: i32,
    /// What the endpoint answered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<i32>,
    /// Why it was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    told_at: Option<DateTime<Utc>>,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    again_at: Option<DateTime<Utc>>,
}

impl From<Delivery> for EndpointNotice {
    fn from(delivery: Delivery) -> Self {
        let state = match (delivery.told_at, delivery.given_up_at) {
            (Some(_), _) => "told",
            (None, Some(_)) => "given_up",
            (None, None) => "waiting",
        };
        Self {
            id: delivery.id,
            kind: delivery.kind,
            data: delivery.payload,
            happened_at: delivery.happened_at,
            state,
            attempts: delivery.attempts,
            last_status: delivery.last_status,
            failure: delivery.failure,
            told_at: delivery.told_at,
            again_at: (state == "waiting").then_some(delivery.available_at),
        }
    }
}

/// What an endpoint was told in the last 30 days and what waits to be told, newest first, 200 at the most.
#[utoipa::path(
    get, path = "/v1/webhook-endpoints/{id}/notices", tag = "team", params(("id" = String, Path)),
    responses((status = 200, body = Page<EndpointNotice>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<WebhookEndpointId>,
) -> Result<Json<Page<EndpointNotice>>, Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let notices = webhook_endpoint::list_notices(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(Page { items: notices.into_iter().map(Into::into).collect(), next_cursor: None }))
}
