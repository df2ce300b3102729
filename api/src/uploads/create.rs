//! `POST /v1/uploads`: a file in, a workflow started.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::Utc;
use domain::FailureCode;
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::data_source::{self, DataSource, NewDataSource, Usage};
use entities::{DbError, TeamTransaction, fresh_id};
use futures::Stream;
use intake::{HEAD_BYTES, ReadOptions};
use providers::object_store::{ObjectKey, ObjectStoreError, Stored};
use serde_json::json;
use workflows::upload::UploadRef;

use crate::auth::Caller;
use crate::extract::Params;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::form::{Form, Wishes};
use super::receive::{self, Incoming, Sink};
use super::view::{self, Upload};

/// Takes a list in and starts refining it.
///
/// The body is the list itself (`text/csv`), or `multipart/form-data` with a part `file`; whatever is said of
/// it may stand in the query or in fields before or behind the file. Nothing is held in memory, and a
/// connection that breaks leaves nothing behind.
#[utoipa::path(
    post, path = "/v1/uploads", tag = "uploads", params(Form),
    request_body(content((String = "text/csv"), (Object = "multipart/form-data"))),
    responses(
        (status = 202, body = Upload, description = "Stored; Location says where to follow it"),
        (status = 400, body = crate::problem::ProblemBody, description = "Empty, or broken off"),
        (status = 404, body = crate::problem::ProblemBody, description = "Unknown bucket, SIC code or mapping profile, with those there are"),
        (status = 409, body = crate::problem::ProblemBody, description = "The same content is here already: upload.duplicate_file"),
        (status = 413, body = crate::problem::ProblemBody, description = "Too large: upload.quota_exceeded"),
    )
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Params(mut form): Params<Form>,
    request: Request,
) -> Result<Response, Problem> {
    caller.may(Permission::Upload)?;
    let sink = Store { state: &state, caller: &caller, id: fresh_id() };
    let file = receive::receive(&state, request, &mut form, sink).await?;
    let source = match register(&state, &caller, &form, &file).await {
        Ok(source) => source,
        Err(Unregistered::Refused(problem)) => {
            file.remove(&state).await;
            return Err(problem);
        }
        // The row may be there: its file must stay.
        Err(Unregistered::Unknown(problem)) => return Err(problem),
    };
    state.metrics.uploaded(file.stored.size);
    start(&state, &caller, &source).await;
    let location = view::path(source.id.0);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(Upload::of(&state, source)))
        .into_response())
}

/// A file in object storage that no row speaks of yet.
struct StoredFile {
    id: DataSourceId,
    name: String,
    key: ObjectKey,
    stored: Stored,
    /// The beginning of the file.
    head: Vec<u8>,
}

impl StoredFile {
    /// Takes it away again. That it stays is no harm to the caller, so a failure is only logged.
    async fn remove(&self, state: &AppState) {
        let metadata = self.key.raw_upload_metadata().ok();
        for key in metadata.iter().chain([&self.key]) {
            if let Err(error) = state.store.delete(key).await {
                tracing::warn!(source = %self.id, cause = %error, "a refused upload's object could not be deleted");
            }
        }
    }
}

struct Store<'a> {
    state: &'a AppState,
    caller: &'a Caller,
    id: DataSourceId,
}

/// Nobody has looked at the bytes yet. It also keeps stores that compress texts, as SeaweedFS does, from inflating the
/// whole object again for every range that is read.
const RAW_CONTENT_TYPE: &str = "application/octet-stream";

impl Sink for Store<'_> {
    type Output = StoredFile;

    async fn take<S, E>(self, form: &Form, file: Incoming<S>) -> Result<StoredFile, Problem>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
    {
        let Self { state, caller, id } = self;
        let tx = caller.transaction(state).await?;
        allowed(caller, &form.understand(&tx).await?)?;
        let room = room(caller, data_source::usage(&tx).await?, file.length)?;
        tx.commit().await?;

        let key = ObjectKey::raw_upload(caller.team, Utc::now().date_naive(), &file.name, id);
        let mut head = Vec::new();
        let bytes = receive::copying_head(file.bytes, &mut head, HEAD_BYTES);
        let stored = state.store.upload_stream(&key, bytes, RAW_CONTENT_TYPE, room).await?;
        let file_len = file.length;
        let file = StoredFile { id, name: file.name, key, stored, head };
        if file.stored.size == 0 {
            file.remove(state).await;
            return Err(receive::empty());
        }
        if file_len.is_some_and(|length| length != file.stored.size) {
            file.remove(state).await;
            return Err(Problem::http(
                HttpCode::BadRequest,
                "the body broke off before its Content-Length; nothing was kept, send it again",
            ));
        }
        Ok(file)
    }

    async fn drop_output(output: StoredFile, state: &AppState) {
        output.remove(state).await;
    }
}

/// Having its leads enriched takes another right than bringing a file: it costs money.
fn allowed(caller: &Caller, wishes: &Wishes) -> Result<(), Problem> {
    if wishes.enrich { caller.may(Permission::Enrich) } else { Ok(()) }
}

/// How many bytes the next file may have.
fn room(caller: &Caller, usage: Usage, length: Option<u64>) -> Result<u64, Problem> {
    let settings = &caller.settings;
    if usage.open >= settings.max_open_uploads {
        return Err(Problem::failure(
            StatusCode::TOO_MANY_REQUESTS,
            FailureCode::UploadQuotaExceeded,
            format!(
                "{} uploads of this team are under way, as many as it may have; wait until one is done, or cancel one",
                usage.open
            ),
        )
        .retry_after(30));
    }
    let left = settings.storage_quota_bytes.saturating_sub(usage.stored_bytes);
    if left == 0 || length.is_some_and(|length| length > left && length <= settings.max_file_bytes) {
        return Err(Problem::failure(
            StatusCode::PAYLOAD_TOO_LARGE,
            FailureCode::UploadQuotaExceeded,
            format!(
                "the team has stored {} of the {} bytes it may; undo uploads that are not needed, or have an admin \
                 raise the quota",
                usage.stored_bytes, settings.storage_quota_bytes
            ),
        ));
    }
    let room = settings.max_file_bytes.min(left);
    if length.is_some_and(|length| length > room) {
        return Err(ObjectStoreError::TooLarge { limit: room }.into());
    }
    Ok(room)
}

/// Why a stored file has no row.
enum Unregistered {
    Refused(Problem),
    /// The connection broke while the row was being made lasting.
    Unknown(Problem),
}

impl From<Problem> for Unregistered {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<DbError> for Unregistered {
    fn from(error: DbError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<ObjectStoreError> for Unregistered {
    fn from(error: ObjectStoreError) -> Self {
        Self::Refused(error.into())
    }
}

async fn register(
    state: &AppState,
    caller: &Caller,
    form: &Form,
    file: &StoredFile,
) -> Result<DataSource, Unregistered> {
    let tx = caller.transaction(state).await?;
    let wishes = form.understand(&tx).await?;
    allowed(caller, &wishes)?;
    tx.commit().await?;
    let metadata_key = file.key.raw_upload_metadata().map_err(Problem::internal)?;
    let metadata = metadata(caller, &wishes, file);
    state.store.put(&metadata_key, metadata.to_string(), "application/json").await?;

    let tx = caller.transaction(state).await?;
    // One at a time, so that two uploads see each other's content and share what room is left.
    tx.lock(&format!("uploads:{}", caller.team)).await?;
    let usage = data_source::usage(&tx).await?;
    room(caller, usage, Some(file.stored.size))?;
    let follows = unless_duplicate(&tx, &wishes, file).await?;
    let new = NewDataSource {
        id: file.id,
        original_name: file.name.clone(),
        object_key: file.key.as_str().to_owned(),
        metadata_key: metadata_key.as_str().to_owned(),
        size_bytes: file.stored.size,
        sha256: file.stored.sha256_hex.clone(),
        lead_source: wishes.source,
        description: wishes.description,
        bucket_id: wishes.bucket_id,
        sic_code: wishes.sic_code,
        mapping_profile_id: wishes.mapping_profile,
        follows_id: follows,
        enrich: wishes.enrich,
        uploaded_by: Some(caller.user),
    };
    let source = data_source::insert(&tx, new).await?;
    let details = json!({ "size_bytes": file.stored.size, "follows": follows, "reload": wishes.reload,
                          "enrich": wishes.enrich });
    caller.record(&tx, "upload.create", file.id, details).await?;
    tx.commit().await.map_err(|error| Unregistered::Unknown(error.into()))?;
    Ok(source)
}

/// The file of the same name that this one follows, unless its very content is here already.
async fn unless_duplicate(
    tx: &TeamTransaction,
    wishes: &Wishes,
    file: &StoredFile,
) -> Result<Option<DataSourceId>, Problem> {
    if !wishes.reload
        && let Some(same) = data_source::find_live_by_sha256(tx, &file.stored.sha256_hex).await?
    {
        return Err(Problem::failure(
            StatusCode::CONFLICT,
            FailureCode::UploadDuplicateFile,
            format!(
                "the same content is {} as {}; see there, or send on_duplicate=reload to load it all the same",
                same.status, same.id
            ),
        )
        .see(view::path(same.id.0)));
    }
    Ok(data_source::find_live_by_name(tx, &file.name).await?.map(|earlier| earlier.id.0))
}

/// What stands beside the file in object storage.
fn metadata(caller: &Caller, wishes: &Wishes, file: &StoredFile) -> serde_json::Value {
    // What cannot be read is said by the workflow, with its place and code; here it only has no schema.
    let schema = intake::inspect(&file.head, file.stored.size, &ReadOptions::default())
        .ok()
        .map(|shape| shape.headers);
    json!({
        "id": file.id,
        "original_name": file.name,
        "size_bytes": file.stored.size,
        "sha256": file.stored.sha256_hex,
        "uploaded_at": Utc::now(),
        "uploaded_by": caller.user,
        "source": wishes.source,
        "description": wishes.description,
        "bucket_id": wishes.bucket_id,
        "sic_code": wishes.sic_code,
        "schema": schema,
    })
}

/// Starts the workflow. Where Temporal is away the file stays `uploaded`, and a sweep starts it later.
async fn start(state: &AppState, caller: &Caller, source: &DataSource) {
    let upload = UploadRef { team: caller.team, source: source.id.0, attempt: 1 };
    if let Err(error) = state.temporal.start_upload(&state.task_queue, upload, true).await {
        tracing::warn!(source = %upload.source, cause = %error, "the upload is stored and will be started later");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_say_which_and_what_to_do() {
        let mut caller = Caller::for_tests();
        caller.settings.max_file_bytes = 100;
        caller.settings.storage_quota_bytes = 150;
        caller.settings.max_open_uploads = 2;
        let usage = |open, stored_bytes| Usage { open, stored_bytes };
        assert_eq!(room(&caller, usage(0, 0), None).expect("room"), 100);
        assert_eq!(room(&caller, usage(1, 90), Some(60)).expect("room"), 60);
        let status = |usage, length| room(&caller, usage, length).expect_err("no room").status().as_u16();
        assert_eq!(status(usage(2, 0), None), 429);
        assert_eq!(status(usage(0, 150), None), 413);
        assert_eq!(status(usage(0, 90), Some(61)), 413);
        assert_eq!(status(usage(0, 0), Some(101)), 413);
        assert_eq!(room(&caller, usage(2, 0), None).expect_err("no room").code(), "upload.quota_exceeded");
    }
}
