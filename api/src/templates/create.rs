//! `POST /v1/templates` and `POST /v1/templates/{id}/versions`: what is said, first and anew.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::TemplateId;
use domain::role::Permission;
use entities::template::{self, NAME_CONSTRAINT};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::get::detail;
use super::{TemplateDetail, text};

/// The longest name, in bytes.
const MAX_NAME: usize = 100;

/// A template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTemplate)]
pub(crate) struct New {
    /// Unique in the team.
    name: String,
    /// `sms`, `email` or `voice` (what a person says).
    #[schema(example = "sms")]
    channel: String,
    /// Of an e-mail.
    #[serde(default)]
    subject: Option<String>,
    /// What is said, with `{{first_name|there}}` where a value goes; after the bar stands what is said without one.
    #[schema(example = "Hi {{first_name|there}}, a word about {{company_name}}? Reply STOP to opt out")]
    body: String,
}

/// What a template says from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTemplateVersion)]
pub(crate) struct Revised {
    /// Of an e-mail.
    #[serde(default)]
    subject: Option<String>,
    /// What is said.
    body: String,
}

/// The channel, where it is one.
pub(super) fn channel(word: &str) -> Result<&'static str, Problem> {
    ["sms", "email", "voice"]
        .into_iter()
        .find(|known| *known == word)
        .ok_or_else(|| Problem::invalid("/channel", "must be sms, email or voice"))
}

/// Makes a template, with its first version.
#[utoipa::path(
    post, path = "/v1/templates", tag = "campaigns", request_body = New,
    responses(
        (status = 201, body = TemplateDetail),
        (status = 409, body = crate::problem::ProblemBody, description = "There is one of this name"),
        (status = 422, body = crate::problem::ProblemBody, description = "An unknown variable, open braces, too long: each named"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<(StatusCode, Json<TemplateDetail>), Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let name = new.name.trim();
    if !(1..=MAX_NAME).contains(&name.len()) {
        return Err(Problem::invalid("/name", format!("must be 1 to {MAX_NAME} bytes long")));
    }
    let channel = channel(&new.channel)?;
    let version = text::checked(channel, new.subject.as_deref(), &new.body)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let id =
        template::create(&mut tx, name, channel, &version, Some(caller.user)).await.map_err(|error| {
            if error.violates(NAME_CONSTRAINT) {
                return Problem::http(
                    HttpCode::Conflict,
                    format!("there is a template {name:?} already; give that one another version, or take another name"),
                );
            }
            error.into()
        })?;
    let details = json!({ "channel": channel, "segments": version.segments });
    caller.record_in_bulk(&mut tx, "template.create", id, details).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(detail(&state, &caller, id).await?)))
}

/// Gives a template another version. Campaigns that are released keep theirs.
#[utoipa::path(
    post, path = "/v1/templates/{id}/versions", tag = "campaigns", params(("id" = String, Path)), request_body = Revised,
    responses(
        (status = 201, body = TemplateDetail),
        (status = 422, body = crate::problem::ProblemBody, description = "An unknown variable, open braces, too long: each named"),
    ),
)]
pub(crate) async fn revise(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    new: Result<JsonBody<Revised>, Problem>,
) -> Result<(StatusCode, Json<TemplateDetail>), Problem> {
    caller.may(Permission::DraftCampaigns)?;
    // What is another team's is not found, whatever is said about it.
    let tx = caller.transaction(&state).await?;
    let known = template::get(&tx, id).await?;
    tx.commit().await?;
    let JsonBody(new) = new?;
    let version = text::checked(&known.channel, new.subject.as_deref(), &new.body)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let number = template::revise(&mut tx, id, &version, Some(caller.user)).await?;
    let details = json!({ "version": number, "segments": version.segments });
    caller.record_in_bulk(&mut tx, "template.revise", id, details).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(detail(&state, &caller, id).await?)))
}
