//! `POST /v1/uploads/{id}/retry`: another attempt at a failed or cancelled file.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::FailureCode;
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::{DbError, data_source};
use providers::object_store::ObjectKey;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use workflows::upload::UploadRef;

use crate::auth::Caller;
use crate::extract::{Id, OptionalJson};
use crate::problem::Problem;
use crate::state::AppState;
use crate::temporal::Started;

use super::form;
use super::view::Upload;

/// A workflow that failed may be closing while its file is retried: so often, and so long apart, is the start
/// tried again before it is left to the sweep.
const STARTS: u32 = 10;
const BETWEEN_STARTS: Duration = Duration::from_millis(200);

/// What is to be different this time.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UploadRetry)]
pub(crate) struct Retry {
    /// Id or name of another mapping profile.
    #[serde(default)]
    mapping_profile: Option<String>,
}

/// Starts a failed or cancelled upload again, with another mapping profile where one is named.
#[utoipa::path(
    post, path = "/v1/uploads/{id}/retry", tag = "uploads", params(("id" = String, Path)),
    request_body(content = Option<Retry>),
    responses(
        (status = 202, body = Upload),
        (status = 409, body = crate::problem::ProblemBody, description = "Neither failed nor cancelled"),
    ),
)]
pub(crate) async fn retry(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DataSourceId>,
    OptionalJson(retry): OptionalJson<Retry>,
) -> Result<(StatusCode, Json<Upload>), Problem> {
    caller.may(Permission::Upload)?;
    let tx = caller.transaction(&state).await?;
    let profile = match retry.mapping_profile.as_deref() {
        Some(wanted) => Some(form::profile(&tx, wanted).await?),
        None => None,
    };
    let source = data_source::restart(&tx, id, profile).await?;
    let key: ObjectKey =
        source.object_key.parse().map_err(|error| DbError::unreadable("data_sources.object_key", error))?;
    if state.store.head(&key).await?.is_none() {
        // Dropped without commit, the transaction leaves the upload as it was.
        return Err(Problem::failure(
            StatusCode::CONFLICT,
            FailureCode::UploadObjectMissing,
            "the stored file is gone, so there is nothing to try again; upload it anew",
        ));
    }
    caller
        .record(&tx, "upload.retry", id, json!({ "attempt": source.attempt, "mapping_profile": profile }))
        .await?;
    tx.commit().await?;
    let upload = UploadRef {
        team: caller.team,
        source: id,
        attempt: u32::try_from(source.attempt).unwrap_or(u32::MAX),
    };
    start(&state, upload).await;
    Ok((StatusCode::ACCEPTED, Json(Upload::of(&state, source))))
}

/// Starts the workflow again; where it cannot be, the file stays `uploaded` and a sweep starts it later.
async fn start(state: &AppState, upload: UploadRef) {
    for _ in 0..STARTS {
        match state.temporal.start_upload(&state.task_queue, upload, false).await {
            Ok(Started::Now) => return,
            Ok(Started::Before) => tokio::time::sleep(BETWEEN_STARTS).await,
            Err(error) => {
                tracing::warn!(source = %upload.source, cause = %error, "the retry will be started later");
                return;
            }
        }
    }
    tracing::warn!(source = %upload.source, "the attempt before has not closed; the retry will be started later");
}
