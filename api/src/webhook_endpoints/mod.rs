//! Where a team wants to be told what happens: endpoints of its own, told by signed requests.

mod create;
mod notices;
mod read;
mod remove;
mod try_out;

use chrono::{DateTime, Utc};
use domain::id::WebhookEndpointId;
use entities::webhook_endpoint;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read::list, create::create))
        .routes(routes!(read::get, remove::remove))
        .routes(routes!(notices::list))
        .routes(routes!(try_out::try_out))
}

/// An endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookEndpoint {
    #[schema(value_type = String, example = "whe_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: WebhookEndpointId,
    url: String,
    /// What it is told: kinds like `campaign.paused`, or all of a noun, `campaign.*`; empty: everything.
    kinds: Vec<String>,
    created_at: DateTime<Utc>,
    /// `active`, `failing` (it did not take what it was told last), or `disabled` (it is told nothing any more).
    state: &'static str,
    /// Since when it is told nothing any more, and why. A test that it takes brings it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
    /// How often in a row it did not take what it was told, and since when.
    failures: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<DateTime<Utc>>,
    /// What it answered last, if it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<i32>,
    /// When it last took something.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_told_at: Option<DateTime<Utc>>,
}

impl From<webhook_endpoint::WebhookEndpoint> for WebhookEndpoint {
    fn from(endpoint: webhook_endpoint::WebhookEndpoint) -> Self {
        Self {
            id: endpoint.id,
            url: endpoint.url,
            kinds: endpoint.kinds,
            created_at: endpoint.created_at,
            state: match (endpoint.disabled_at, endpoint.failures) {
                (Some(_), _) => "disabled",
                (None, 0) => "active",
                (None, _) => "failing",
            },
            disabled_at: endpoint.disabled_at,
            disabled_reason: endpoint.disabled_reason,
            failures: endpoint.failures,
            failing_since: endpoint.failing_since,
            last_status: endpoint.last_status,
            last_told_at: endpoint.last_told_at,
        }
    }
}
