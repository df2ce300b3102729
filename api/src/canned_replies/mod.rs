//! Canned replies: answers that are at hand.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::{CannedReplyId, UserId};
use domain::message::Template;
use domain::role::Permission;
use entities::DbError;
use entities::canned_reply::{self, NAME_CONSTRAINT};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody, Params};
use crate::page::{Page, Which};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The longest name, in bytes.
const MAX_NAME: usize = 100;
/// The longest text, in bytes.
const MAX_BODY: usize = 1_600;
/// The most tags, and the longest of them in bytes.
const MAX_TAGS: usize = 20;
const MAX_TAG: usize = 50;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, archive))
}

/// An answer that is at hand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CannedReply {
    #[schema(value_type = String, example = "canned_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: CannedReplyId,
    /// Unique in the team.
    name: String,
    /// `sms` or `email`.
    channel: String,
    subject: Option<String>,
    /// With the variables of templates.
    #[schema(example = "Hi {{first_name|there}}, when may I call?")]
    body: String,
    tags: Vec<String>,
    /// How often it was written, 1 at first.
    version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// When it was put away; absent while it is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<DateTime<Utc>>,
}

impl From<canned_reply::CannedReply> for CannedReply {
    fn from(reply: canned_reply::CannedReply) -> Self {
        Self {
            id: reply.id,
            name: reply.text.name,
            channel: reply.text.channel,
            subject: reply.text.subject,
            body: reply.text.body,
            tags: reply.text.tags,
            version: reply.version,
            created_by: reply.created_by,
            created_at: reply.created_at,
            updated_at: reply.updated_at,
            archived_at: reply.archived_at,
        }
    }
}

/// What an answer says, all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CannedReplyText)]
pub(crate) struct Text {
    /// Unique in the team.
    name: String,
    /// `sms` or `email`; `sms` where it is not said.
    #[serde(default)]
    channel: Option<String>,
    /// Of an e-mail.
    #[serde(default)]
    subject: Option<String>,
    /// With the variables of templates.
    body: String,
    /// Words by which people find it.
    #[serde(default)]
    tags: Vec<String>,
}

impl Text {
    fn checked(self) -> Result<canned_reply::Text, Problem> {
        let name = self.name.trim().to_owned();
        if !(1..=MAX_NAME).contains(&name.len()) {
            return Err(Problem::invalid("/name", format!("must be 1 to {MAX_NAME} bytes long")));
        }
        let channel = self.channel.unwrap_or_else(|| "sms".to_owned());
        if !["sms", "email"].contains(&channel.as_str()) {
            return Err(Problem::invalid("/channel", "must be sms or email"));
        }
        if self.subject.is_some() && channel == "sms" {
            return Err(Problem::invalid("/subject", "a text has none; leave it out"));
        }
        let body = self.body.trim().to_owned();
        if !(1..=MAX_BODY).contains(&body.len()) {
            return Err(Problem::invalid("/body", format!("must be 1 to {MAX_BODY} bytes long")));
        }
        Template::parse(&body).map_err(|error| Problem::invalid("/body", error.to_string()))?;
        let tags: Vec<String> = self.tags.iter().map(|tag| tag.trim().to_owned()).collect();
        if tags.len() > MAX_TAGS || tags.iter().any(|tag| !(1..=MAX_TAG).contains(&tag.len())) {
            return Err(Problem::invalid(
                "/tags",
                format!("must be {MAX_TAGS} words at the most, each of 1 to {MAX_TAG} bytes"),
            ));
        }
        Ok(canned_reply::Text { name, channel, subject: self.subject, body, tags })
    }
}

fn refused(error: DbError) -> Problem {
    if error.violates(NAME_CONSTRAINT) {
        return Problem::http(
            HttpCode::Conflict,
            "there is a canned reply of this name already; take another name",
        );
    }
    error.into()
}

/// The answers that are at hand, newest first.
#[utoipa::path(
    get, path = "/v1/canned-replies", tag = "inbox", params(Which),
    responses((status = 200, body = Page<CannedReply>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<CannedReply>>, Problem> {
    caller.may(Permission::Read)?;
    let request = which.request()?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let replies = canned_reply::list(&mut tx, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(replies, Into::into)))
}

/// Makes an answer that is at hand.
#[utoipa::path(
    post, path = "/v1/canned-replies", tag = "inbox", request_body = Text,
    responses(
        (status = 201, body = CannedReply),
        (status = 409, body = crate::problem::ProblemBody, description = "There is one of this name"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(text): JsonBody<Text>,
) -> Result<(StatusCode, Json<CannedReply>), Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let text = text.checked()?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let id = canned_reply::create(&mut tx, &text, caller.user).await.map_err(refused)?;
    caller.record_in_bulk(&mut tx, "canned_reply.create", id, json!({ "channel": text.channel })).await?;
    let made = canned_reply::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// One canned reply.
#[utoipa::path(
    get, path = "/v1/canned-replies/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = CannedReply)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CannedReplyId>,
) -> Result<Json<CannedReply>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let found = canned_reply::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(found.into()))
}

/// Writes a canned reply anew, all of it.
#[utoipa::path(
    put, path = "/v1/canned-replies/{id}", tag = "inbox", params(("id" = String, Path)), request_body = Text,
    responses(
        (status = 200, body = CannedReply),
        (status = 409, body = crate::problem::ProblemBody, description = "There is one of this name"),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CannedReplyId>,
    text: Result<JsonBody<Text>, Problem>,
) -> Result<Json<CannedReply>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    // What is another team's is not found, whatever is said about it.
    canned_reply::get(&mut tx, id).await?;
    let text = text?.0.checked()?;
    canned_reply::update(&mut tx, id, &text, caller.user).await.map_err(refused)?;
    caller.record_in_bulk(&mut tx, "canned_reply.update", id, json!({ "channel": text.channel })).await?;
    let written = canned_reply::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(written.into()))
}

/// Puts a canned reply away: it is no longer at hand, and its name is free.
#[utoipa::path(
    delete, path = "/v1/canned-replies/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 204, description = "It is put away")),
)]
pub(crate) async fn archive(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CannedReplyId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if canned_reply::archive(&mut tx, id, caller.user).await? {
        caller.record_in_bulk(&mut tx, "canned_reply.archive", id, json!({})).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
