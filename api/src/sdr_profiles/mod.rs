//! Profiles of those in whose voice texts are written: opener, follow-up, closer.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::{SdrProfileId, UserId};
use domain::role::Permission;
use entities::DbError;
use entities::sdr_profile::{self, NAME_CONSTRAINT, SdrRole};
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
const MAX_TEXT: usize = 2_000;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update))
}

/// A profile.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SdrProfile {
    #[schema(value_type = String, example = "sdr_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: SdrProfileId,
    /// Unique in the team.
    #[schema(example = "Gianna")]
    name: String,
    /// `opener`, `follow_up`, `closer`, `preparation` or `orchestration`.
    role: String,
    /// Who speaks, and how.
    voice: String,
    /// In which tone.
    tone: String,
    /// How it signs.
    signature: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
}

impl From<sdr_profile::SdrProfile> for SdrProfile {
    fn from(profile: sdr_profile::SdrProfile) -> Self {
        Self {
            id: profile.id.0,
            name: profile.name,
            role: profile.role,
            voice: profile.voice,
            tone: profile.tone,
            signature: profile.signature,
            created_by: profile.created_by.map(|id| id.0),
            created_at: profile.created_at,
        }
    }
}

/// What a profile says, all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SdrProfileText)]
pub(crate) struct Text {
    /// Unique in the team.
    name: String,
    /// `opener`, `follow_up`, `closer`, `preparation` or `orchestration`.
    role: String,
    /// Who speaks, and how.
    #[serde(default)]
    voice: String,
    /// In which tone.
    #[serde(default)]
    tone: String,
    /// How it signs.
    #[serde(default)]
    signature: String,
}

impl Text {
    fn checked(self) -> Result<sdr_profile::Profile, Problem> {
        let name = self.name.trim().to_owned();
        if !(1..=MAX_NAME).contains(&name.len()) {
            return Err(Problem::invalid("/name", format!("must be 1 to {MAX_NAME} bytes long")));
        }
        for (pointer, text) in
            [("/voice", &self.voice), ("/tone", &self.tone), ("/signature", &self.signature)]
        {
            if text.len() > MAX_TEXT {
                return Err(Problem::invalid(pointer, format!("must be {MAX_TEXT} bytes long at the most")));
            }
        }
        let role: SdrRole = self
            .role
            .parse()
            .map_err(|error: domain::named::UnknownName| Problem::invalid("/role", error.to_string()))?;
        Ok(sdr_profile::Profile { name, role, voice: self.voice, tone: self.tone, signature: self.signature })
    }
}

fn refused(error: DbError) -> Problem {
    if error.violates(NAME_CONSTRAINT) {
        return Problem::http(
            HttpCode::Conflict,
            "there is an SDR profile of this name already; take another name",
        );
    }
    error.into()
}

/// The team's SDR profiles, newest first.
#[utoipa::path(
    get, path = "/v1/sdr-profiles", tag = "campaigns", params(Which), responses((status = 200, body = Page<SdrProfile>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<SdrProfile>>, Problem> {
    caller.may(Permission::Read)?;
    let request = which.request()?;
    let tx = caller.transaction(&state).await?;
    let profiles = sdr_profile::list(&tx, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(profiles, Into::into)))
}

/// Makes an SDR profile.
#[utoipa::path(
    post, path = "/v1/sdr-profiles", tag = "campaigns", request_body = Text,
    responses(
        (status = 201, body = SdrProfile),
        (status = 409, body = crate::problem::ProblemBody, description = "There is one of this name"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(text): JsonBody<Text>,
) -> Result<(StatusCode, Json<SdrProfile>), Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let profile = text.checked()?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let id = sdr_profile::create(&mut tx, &profile, Some(caller.user)).await.map_err(refused)?;
    let details = json!({ "role": profile.role.as_str() });
    caller.record_in_bulk(&mut tx, "sdr_profile.create", id, details).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(shown(&state, &caller, id).await?)))
}

/// One SDR profile.
#[utoipa::path(
    get, path = "/v1/sdr-profiles/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = SdrProfile)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SdrProfileId>,
) -> Result<Json<SdrProfile>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(shown(&state, &caller, id).await?))
}

/// Writes an SDR profile anew, all of it.
#[utoipa::path(
    put, path = "/v1/sdr-profiles/{id}", tag = "campaigns", params(("id" = String, Path)), request_body = Text,
    responses(
        (status = 200, body = SdrProfile),
        (status = 409, body = crate::problem::ProblemBody, description = "There is one of this name"),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SdrProfileId>,
    text: Result<JsonBody<Text>, Problem>,
) -> Result<Json<SdrProfile>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    // What is another team's is not found, whatever is said about it.
    shown(&state, &caller, id).await?;
    let profile = text?.0.checked()?;
    let mut tx = caller.bulk_transaction(&state).await?;
    sdr_profile::update(&mut tx, id, &profile).await.map_err(refused)?;
    let details = json!({ "role": profile.role.as_str() });
    caller.record_in_bulk(&mut tx, "sdr_profile.update", id, details).await?;
    tx.commit().await?;
    Ok(Json(shown(&state, &caller, id).await?))
}

async fn shown(state: &AppState, caller: &Caller, id: SdrProfileId) -> Result<SdrProfile, Problem> {
    let tx = caller.transaction(state).await?;
    let profile = sdr_profile::get(&tx, id).await?;
    tx.commit().await?;
    Ok(profile.into())
}
