//! Consents: what somebody agreed to, with what shows it. Without one nobody is texted.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::campaign::ConsentBasis;
use domain::email::Email;
use domain::id::ConsentId;
use domain::phone::parse_phone;
use domain::role::Permission;
use entities::consent::{self, ConsentKind, NewConsent};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody, Params};
use crate::page::{self, Page};
use crate::problem::{FieldError, HttpCode, Problem};
use crate::state::AppState;

/// The most that are entered at once.
const MAX_CONSENTS: usize = 1_000;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, record)).routes(routes!(revoke))
}

/// A consent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Consent {
    #[schema(value_type = String, example = "cons_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: ConsentId,
    /// `phone` or `email`.
    kind: String,
    /// The number (E.164) or address.
    value: String,
    /// `express_written`, `express`, `inquiry`, `existing_customer` or `human_sent`.
    basis: String,
    /// The text that was shown, word by word.
    text_shown: String,
    /// Where.
    source: String,
    /// How.
    method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    programme: Option<String>,
    #[schema(value_type = Object)]
    identifiers: serde_json::Value,
    given_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
    /// `opt_out`, or the id of who revoked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_by: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<consent::Consent> for Consent {
    fn from(consent: consent::Consent) -> Self {
        Self {
            id: consent.id,
            kind: consent.kind,
            value: consent.value,
            basis: consent.basis,
            text_shown: consent.text_shown,
            source: consent.source,
            method: consent.method,
            programme: consent.programme,
            identifiers: consent.identifiers,
            given_at: consent.given_at,
            expires_at: consent.expires_at,
            revoked_at: consent.revoked_at,
            revoked_by: consent.revoked_by,
            created_at: consent.created_at,
        }
    }
}

/// A consent with its evidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewConsent)]
pub(crate) struct New {
    /// `phone` or `email`.
    kind: String,
    /// The number or address.
    value: String,
    /// `express_written`, `express`, `inquiry`, `existing_customer` or `human_sent`.
    basis: String,
    /// The text that was shown, word by word.
    text_shown: String,
    /// Where: a page, a form, a conversation.
    source: String,
    /// How: `web_form`, `keyword`, `paper`, `voice`, `import`.
    method: String,
    /// Of what programme; of all where it is left out.
    #[serde(default)]
    programme: Option<String>,
    /// The number of the form, the address of the client and the like.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    identifiers: Option<serde_json::Value>,
    given_at: DateTime<Utc>,
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

/// Consents to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConsents {
    /// One to 1,000.
    items: Vec<New>,
}

/// What was kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptConsents {
    /// New ones; the rest was known.
    kept: usize,
    known: usize,
}

/// Which consents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Only those of this number (E.164) or address.
    value: Option<String>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's consents, oldest first.
#[utoipa::path(
    get, path = "/v1/consents", tag = "campaigns", params(Which), responses((status = 200, body = Page<Consent>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Consent>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let consents = consent::list(&mut tx, which.value.as_deref(), request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(consents, Into::into)))
}

/// Keeps consents with their evidence, each once.
#[utoipa::path(
    post, path = "/v1/consents", tag = "campaigns", request_body = NewConsents,
    responses(
        (status = 201, body = KeptConsents),
        (status = 422, body = crate::problem::ProblemBody, description = "No evidence, no number, a time to come: each named"),
    ),
)]
pub(crate) async fn record(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<NewConsents>,
) -> Result<(StatusCode, Json<KeptConsents>), Problem> {
    caller.may(Permission::ManageSuppressions)?;
    let count = new.items.len();
    if !(1..=MAX_CONSENTS).contains(&count) {
        return Err(Problem::invalid("/items", format!("must be 1 to {MAX_CONSENTS}")));
    }
    let now = Utc::now();
    let (mut consents, mut errors) = (Vec::with_capacity(count), Vec::new());
    for (index, item) in new.items.into_iter().enumerate() {
        match checked(item, now) {
            Ok(consent) => consents.push(consent),
            Err((field, detail)) => {
                errors.push(FieldError { pointer: format!("/items/{index}/{field}"), detail });
            }
        }
    }
    if !errors.is_empty() {
        let summary = format!("{} of the consents cannot be kept; errors names each", errors.len());
        return Err(Problem::http(HttpCode::Invalid, summary).with_errors(errors));
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    let kept = consent::record(&mut tx, &consents, Some(caller.user)).await?.len();
    let details = json!({ "kept": kept, "known": count - kept });
    caller.record_in_bulk(&mut tx, "consent.record", caller.team, details).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(KeptConsents { kept, known: count - kept })))
}

fn checked(new: New, now: DateTime<Utc>) -> Result<NewConsent, (&'static str, String)> {
    let kind: ConsentKind = new.kind.parse().map_err(|error| ("kind", format!("{error}")))?;
    let value = match kind {
        ConsentKind::Phone => parse_phone(&new.value, "").map(|parsed| parsed.phone.expose().to_owned()).ok(),
        ConsentKind::Email => new.value.trim().parse::<Email>().map(|email| email.expose().to_owned()).ok(),
    };
    let value = value.ok_or_else(|| ("value", format!("must be a {kind} that can be reached")))?;
    let basis: ConsentBasis = new.basis.parse().map_err(|error| ("basis", format!("{error}")))?;
    for (field, text) in [("text_shown", &new.text_shown), ("source", &new.source), ("method", &new.method)] {
        if text.trim().is_empty() {
            return Err((field, "must not be empty: consent without evidence is none".to_owned()));
        }
    }
    if new.given_at > now {
        return Err(("given_at", "must not be to come".to_owned()));
    }
    Ok(NewConsent {
        kind,
        value,
        basis,
        text_shown: new.text_shown,
        source: new.source,
        method: new.method,
        programme: new.programme,
        identifiers: new.identifiers.unwrap_or_else(|| json!({})),
        given_at: new.given_at,
        expires_at: new.expires_at,
    })
}

/// Revokes a consent. Its evidence stays.
#[utoipa::path(
    delete, path = "/v1/consents/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 204, description = "It allows nothing any more")),
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConsentId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::ManageSuppressions)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if consent::revoke(&mut tx, id, &caller.user.to_string()).await? {
        caller.record_in_bulk(&mut tx, "consent.revoke", id, json!({})).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
