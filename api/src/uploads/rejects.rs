//! `GET /v1/uploads/{id}/rejects.csv`: rows set aside, to be mended and uploaded again.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::rejected_row::RejectedRow;
use entities::{DbError, data_source, rejected_row};
use futures::{StreamExt, TryStreamExt, stream};
use intake::{FileShape, RejectsCsv, RowReject};
use providers::object_store::sanitize_csv_filename;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// How many rows are written at once.
const ROWS_AT_ONCE: usize = 500;

/// The rows that were set aside, each with its line, byte, column, code, what was expected and what there was,
/// before its own cells. Mend the cells and upload the file as it is: the columns in front are passed over.
#[utoipa::path(
    get, path = "/v1/uploads/{id}/rejects.csv", tag = "uploads", params(("id" = String, Path)),
    responses(
        (status = 200, content_type = "text/csv", body = String),
        (status = 409, body = crate::problem::ProblemBody, description = "The file was not read yet, or could not be"),
    ),
)]
pub(crate) async fn rejects(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DataSourceId>,
) -> Result<Response, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let source = data_source::get(&tx, id).await?;
    tx.commit().await?;
    let Some(shape) = source.shape else {
        return Err(Problem::http(
            HttpCode::Conflict,
            format!("{id} is {} and its header was not read, so no row was set aside", source.status),
        ));
    };
    let shape: FileShape =
        serde_json::from_value(shape).map_err(|error| DbError::unreadable("data_sources.shape", error))?;
    let csv = RejectsCsv::new(&shape);
    let header = stream::iter([Ok(Bytes::from(csv.header()))]);
    let rows =
        rejected_row::stream(state.db.clone(), caller.team, id).try_chunks(ROWS_AT_ONCE).map(move |rows| {
            let rows = rows.map_err(|error| error.1)?;
            let mut out = String::new();
            for row in rows {
                csv.push(&mut out, &reject(&row)?, &row.body);
            }
            Ok::<_, DbError>(Bytes::from(out))
        });
    let rows = rows.inspect_err(move |error| {
        tracing::error!(source = %id, cause = %error, "a rejects.csv broke off");
    });
    let name = sanitize_csv_filename(&format!("rejects_{}", source.original_name));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(header.chain(rows))).into_response())
}

fn reject(row: &RejectedRow) -> Result<RowReject, DbError> {
    Ok(RowReject {
        row: u64::from(row.row_no.unsigned_abs()),
        line: row.line_no.unsigned_abs(),
        byte: row.byte_no.unsigned_abs(),
        column: row.column_no.map(i32::unsigned_abs),
        code: row.code.parse().map_err(|error| DbError::unreadable("rejected_rows.code", error))?,
        expected: row.expected.clone(),
        got: row.got.clone(),
    })
}
