//! `POST /v1/webhook-endpoints`: an endpoint, and the secret by which it believes what it is told.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::notice::WantedNotices;
use domain::role::Permission;
use entities::DbError;
use entities::webhook_endpoint::{self, MOST, NewEndpoint, URL_CONSTRAINT};
use providers::notice::{EndpointSecret, EndpointUrl};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::WebhookEndpoint;

/// An endpoint to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhookEndpoint)]
pub(crate) struct New {
    /// Where it is: `https://…`, of the open internet.
    #[schema(example = "https://crm.example.com/refinery")]
    url: String,
    /// What it is told: kinds like `campaign.paused`, or all of a noun, `campaign.*`. Nothing: everything.
    #[serde(default)]
    kinds: Vec<String>,
}

/// An endpoint that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeWebhookEndpoint {
    #[serde(flatten)]
    endpoint: WebhookEndpoint,
    /// What the endpoint checks signatures with. It is shown this once.
    #[schema(example = "whsec_…")]
    secret: String,
}

/// Makes an endpoint. From now on it is told what happens, at least once each, in no certain order.
#[utoipa::path(
    post, path = "/v1/webhook-endpoints", tag = "team", request_body = New,
    responses(
        (status = 201, body = MadeWebhookEndpoint),
        (status = 409, body = crate::problem::ProblemBody, description = "The team has one at this address, or as many as it may"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<(StatusCode, Json<MadeWebhookEndpoint>), Problem> {
    caller.may(Permission::ManageTeam)?;
    let url = new.url.trim();
    if let Err(error) = url.parse::<EndpointUrl>() {
        return Err(Problem::invalid("/url", error.to_string()));
    }
    let mut kinds = Vec::with_capacity(new.kinds.len());
    for (place, word) in new.kinds.iter().enumerate() {
        let wanted: WantedNotices = word.parse().map_err(|error: domain::named::UnknownName| {
            Problem::invalid(format!("/kinds/{place}"), format!("{error}, or all of a noun, as campaign.*"))
        })?;
        kinds.push(wanted.to_string());
    }
    kinds.sort_unstable();
    kinds.dedup();
    // 256 bits of chance.
    let secret = EndpointSecret::of(rand::random());
    let (key_id, sealed) = state.payload_keys.seal(secret.expose().as_bytes()).map_err(Problem::internal)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    tx.lock(&format!("webhook-endpoints:{}", caller.team)).await?;
    let there_are = webhook_endpoint::list(&mut tx).await?.len();
    if i64::try_from(there_are).is_ok_and(|count| count >= MOST) {
        let what = format!("a team has {MOST} endpoints at the most; delete one first");
        return Err(Problem::http(HttpCode::Conflict, what));
    }
    let new = NewEndpoint { url, kinds: &kinds, secret: (&sealed, &key_id), by: Some(caller.user) };
    let id = match webhook_endpoint::create(&mut tx, new).await {
        Err(DbError::Conflict { constraint, .. }) if constraint == URL_CONSTRAINT => {
            return Err(Problem::http(HttpCode::Conflict, "the team has an endpoint at this address"));
        }
        made => made?,
    };
    caller.record_in_bulk(&mut tx, "webhook_endpoint.create", id, json!({ "kinds": kinds })).await?;
    let endpoint = webhook_endpoint::get(&mut tx, id).await?.into();
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(MadeWebhookEndpoint { endpoint, secret: secret.expose() })))
}
