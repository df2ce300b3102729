//! `GET /v1/uploads/{id}/normalized.csv.gz`: the rows as they were understood.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::{DbError, data_source};
use providers::object_store::{ObjectKey, sanitize_csv_filename};

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The normalized rows of a completed upload, as CSV under gzip.
#[utoipa::path(
    get, path = "/v1/uploads/{id}/normalized.csv.gz", tag = "uploads", params(("id" = String, Path)),
    responses(
        (status = 200, content_type = "application/gzip", body = Vec<u8>),
        (status = 409, body = crate::problem::ProblemBody, description = "Not completed"),
    ),
)]
pub(crate) async fn archive(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DataSourceId>,
) -> Result<Response, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let source = data_source::get(&tx, id).await?;
    tx.commit().await?;
    let Some(key) = source.archive_key else {
        let detail = format!("{id} is {}; there is an archive once an upload is completed", source.status);
        return Err(Problem::http(HttpCode::Conflict, detail));
    };
    let key: ObjectKey =
        key.parse().map_err(|error| DbError::unreadable("data_sources.archive_key", error))?;
    let object = state.store.get_stream(&key).await?;
    let name = sanitize_csv_filename(&format!("normalized_{}", source.original_name));
    let headers = [
        (header::CONTENT_TYPE, "application/gzip".to_owned()),
        (header::CONTENT_LENGTH, object.head.size.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.gz\"")),
    ];
    Ok((headers, Body::from_stream(object.body)).into_response())
}
