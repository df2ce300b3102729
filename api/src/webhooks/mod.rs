//! The doors through which vendors report to a team: addresses with a secret in them, and what signatures are checked by.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::id::{TypedId, WebhookTokenId};
use domain::role::Permission;
use entities::webhook;
use providers::sms::SmsProviderId;
use providers::sms::webhook::Lock;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody};
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

/// The most secrets of one door: the newest, and one before it while they are rotated.
const MAX_SECRETS: usize = 2;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(close)).routes(routes!(set_secrets))
}

/// A door that is open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhook {
    #[schema(value_type = String, example = "hook_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: WebhookTokenId,
    /// The vendor it was given to.
    #[schema(example = "signalhouse")]
    provider: String,
    created_at: DateTime<Utc>,
}

/// A door to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub(crate) struct New {
    /// `signalhouse` or `twilio`.
    provider: String,
    /// Where this service is reached from outside, as `https://refinery.example.com`.
    public_url: String,
    /// The vendor's signing secret; while it is rotated, the new one and the one before. Twilio's is the account's token.
    /// SignalHouse shows it once, when it is given the address: leave it out here, and set it then. What comes before that is
    /// not believed.
    #[serde(default)]
    secrets: Vec<String>,
}

/// Secrets of a door.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookSecrets)]
pub(crate) struct Secrets {
    /// The vendor's signing secret; while it is rotated, the new one and the one before.
    #[serde(default)]
    #[schema(required)]
    secrets: Vec<String>,
}

fn checked(secrets: Vec<String>, least: usize) -> Result<Vec<String>, Problem> {
    let secrets: Vec<String> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
    if (least..=MAX_SECRETS).contains(&secrets.len()) {
        return Ok(secrets);
    }
    Err(Problem::invalid(
        "/secrets",
        "must be one, or two while they are rotated: unsigned reports are not believed",
    ))
}

/// A door that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    #[schema(value_type = String)]
    id: WebhookTokenId,
    /// The address to give to the vendor. It is shown this once.
    url: String,
}

/// The team's doors that are open, newest first; without their addresses, which nobody keeps.
#[utoipa::path(get, path = "/v1/webhooks", tag = "campaigns", responses((status = 200, body = Page<Webhook>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<Webhook>>, Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let doors = webhook::doors(&mut tx).await?;
    tx.commit().await?;
    let items = doors
        .into_iter()
        .map(|door| Webhook {
            id: WebhookTokenId::from_uuid(door.id),
            provider: door.provider,
            created_at: door.created_at,
        })
        .collect();
    Ok(Json(Page { items, next_cursor: None }))
}

/// Makes a door for a vendor: an address that nobody guesses, and the secrets by which what comes through it is believed.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "campaigns", request_body = New, responses((status = 201, body = MadeWebhook)),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<(StatusCode, Json<MadeWebhook>), Problem> {
    caller.may(Permission::ManageTeam)?;
    let provider: SmsProviderId = new
        .provider
        .parse()
        .map_err(|error: domain::named::UnknownName| Problem::invalid("/provider", error.to_string()))?;
    let base = new.public_url.trim().trim_end_matches('/');
    if !(base.starts_with("https://") || base.starts_with("http://")) || base.len() > 500 {
        return Err(Problem::invalid("/public_url", "must be an address that begins with https://"));
    }
    let secrets = checked(new.secrets, 0)?;
    // 256 bits of chance.
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let url = format!("{base}/hooks/{}/{token}", provider.as_str());
    let lock = serde_json::to_vec(&Lock { url: url.clone(), secrets }).map_err(Problem::internal)?;
    let (key_id, sealed) = state.payload_keys.seal(&lock).map_err(Problem::internal)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let sealed_secrets = Some((sealed.as_slice(), key_id.as_str()));
    let id =
        webhook::make_door(&mut tx, provider.as_str(), token.as_bytes(), sealed_secrets, Some(caller.user))
            .await?;
    let details = json!({ "provider": provider.as_str() });
    caller.record_in_bulk(&mut tx, "webhook.create", id, details).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(MadeWebhook { id, url })))
}

/// Sets the secrets by which what comes through a door is believed: those that a vendor shows when it is given the address, and
/// others when they are rotated. They hold at once.
#[utoipa::path(
    put, path = "/v1/webhooks/{id}/secrets", tag = "campaigns", params(("id" = String, Path)), request_body = Secrets,
    responses((status = 204, description = "They hold")),
)]
pub(crate) async fn set_secrets(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<WebhookTokenId>,
    JsonBody(new): JsonBody<Secrets>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let (sealed, key_id) = webhook::sealed(&mut tx, id).await?;
    let secrets = checked(new.secrets, 1)?;
    let clear = state.payload_keys.open(&key_id, &sealed).map_err(Problem::internal)?;
    let lock: Lock = serde_json::from_slice(&clear).map_err(Problem::internal)?;
    let details = json!({ "secrets": secrets.len() });
    let lock = serde_json::to_vec(&Lock { secrets, ..lock }).map_err(Problem::internal)?;
    let (key_id, sealed) = state.payload_keys.seal(&lock).map_err(Problem::internal)?;
    webhook::set_secrets(&mut tx, id, &sealed, &key_id).await?;
    caller.record_in_bulk(&mut tx, "webhook.set_secrets", id, details).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes a door for good: what comes to its address is not found.
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 204, description = "It is closed")),
)]
pub(crate) async fn close(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<WebhookTokenId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if webhook::close_door(&mut tx, id).await? {
        caller.record_in_bulk(&mut tx, "webhook.close", id, json!({})).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
