//! `POST /v1/uploads/preview`: a dry run over the beginning of a file. Nothing is stored.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use bytes::Bytes;
use domain::FailureCode;
use domain::listing::{Listing, ListingField};
use domain::normalize::{Requirements, normalize};
use domain::role::Permission;
use entities::mapping_profile;
use futures::{Stream, StreamExt};
use intake::{Field, HEAD_BYTES, PreviewRow, ReadError, ReadOptions};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::Params;
use crate::leads::Normalized;
use crate::problem::{HttpCode, Problem};
use crate::read_options;
use crate::state::AppState;

use super::form::Form;
use super::receive::{self, Incoming, Sink};

/// How many rows are shown.
const ROWS: usize = 20;

/// What one column means.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewColumn)]
pub(crate) struct Column {
    /// Its header.
    header: String,
    /// Its field; `null` where it has none and is kept under its header.
    field: Option<&'static str>,
    /// 0 (none) to 1 (certain).
    confidence: f32,
    /// Where the meaning comes from: `alias`, `profile`, `fuzzy`, `content`, `nothing` or `reject_report`.
    #[schema(value_type = String)]
    how: intake::MappedBy,
}

/// Something to know of a file that can be read all the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewWarning)]
pub(crate) struct Warning {
    code: String,
    message: String,
}

/// One of the first rows.
#[derive(Serialize, ToSchema)]
#[schema(as = PreviewRow)]
pub(crate) struct Row {
    /// From 1.
    row: u64,
    /// Line of the file, from 1.
    line: u64,
    /// Cells by field, as they stand in the file.
    cells: BTreeMap<&'static str, String>,
    /// Cells without a field, by header.
    extras: BTreeMap<String, String>,
    /// The row as it would be understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    normalized: Option<Normalized>,
    /// Why it would be set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<Rejected>,
}

/// Why a row would be set aside.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewReject)]
pub(crate) struct Rejected {
    /// From 1.
    row: u64,
    /// Line of the file, from 1.
    line: u64,
    /// The stable code.
    code: String,
    expected: String,
    got: String,
}

/// What would come of a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadPreview {
    encoding: String,
    /// What stands between cells.
    delimiter: String,
    /// Line of the header, from 1.
    header_line: u64,
    columns: Vec<Column>,
    warnings: Vec<Warning>,
    /// The first good rows, normalized.
    rows: Vec<Row>,
    /// Rows among the first that cannot be read.
    rejects: Vec<Rejected>,
}

/// Reads the first mebibyte of a list and says how it would be understood. Nothing is stored.
#[utoipa::path(
    post, path = "/v1/uploads/preview", tag = "uploads", params(Form),
    request_body(content((String = "text/csv"), (Object = "multipart/form-data"))),
    responses(
        (status = 200, body = UploadPreview),
        (status = 422, body = crate::problem::ProblemBody, description = "No list: upload.csv_parse_error or upload.missing_columns"),
    ),
)]
pub(crate) async fn preview(
    State(state): State<AppState>,
    caller: Caller,
    Params(mut form): Params<Form>,
    request: Request,
) -> Result<Json<UploadPreview>, Problem> {
    caller.may(Permission::Read)?;
    let (head, size) = receive::receive(&state, request, &mut form, Head).await?;
    let tx = caller.transaction(&state).await?;
    let profile = match form.understand(&tx).await?.mapping_profile {
        Some(id) => Some(mapping_profile::get(&tx, id).await?),
        None => None,
    };
    tx.commit().await?;
    let options = profile.as_ref().map(read_options::of_profile).transpose()?.unwrap_or_default();
    look(&head, size, &options).map(Json)
}

/// Takes the beginning of a file and lets the rest go by.
struct Head;

impl Sink for Head {
    /// The beginning, and how long the file is: more than the beginning where it goes on.
    type Output = (Vec<u8>, u64);

    async fn take<S, E>(self, _form: &Form, file: Incoming<S>) -> Result<(Vec<u8>, u64), Problem>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
    {
        let mut head = Vec::new();
        let mut bytes = std::pin::pin!(file.bytes);
        while let Some(piece) = bytes.next().await {
            let piece = piece.map_err(|error| {
                Problem::http(HttpCode::BadRequest, "the body broke off before its end; send it again")
                    .because(error)
            })?;
            head.extend_from_slice(&piece);
            if head.len() > HEAD_BYTES {
                head.truncate(HEAD_BYTES);
                let seen = HEAD_BYTES as u64 + 1;
                return Ok((head, file.length.unwrap_or(seen).max(seen)));
            }
        }
        let size = head.len() as u64;
        if size == 0 { Err(receive::empty()) } else { Ok((head, size)) }
    }

    async fn drop_output(_output: Self::Output, _state: &AppState) {}
}

fn look(head: &[u8], size: u64, options: &ReadOptions) -> Result<UploadPreview, Problem> {
    let preview = intake::preview(head, size, options, ROWS).map_err(unreadable)?;
    let shape = preview.shape;
    let column = |column: intake::ColumnMapping| Column {
        header: column.header,
        field: column.field.map(Field::as_str),
        confidence: column.confidence,
        how: column.how,
    };
    let delimiter = serde_json::to_value(shape.delimiter).map_err(Problem::internal)?;
    Ok(UploadPreview {
        encoding: shape.encoding.to_string(),
        delimiter: delimiter.as_str().unwrap_or_default().to_owned(),
        header_line: shape.header_line,
        columns: shape.mapping.into_iter().map(column).collect(),
        warnings: shape
            .warnings
            .into_iter()
            .map(|warning| Warning { code: warning.code, message: warning.message })
            .collect(),
        rows: preview.rows.into_iter().map(understood).collect(),
        rejects: preview
            .rejects
            .into_iter()
            .map(|reject| Rejected {
                row: reject.row,
                line: reject.line,
                code: reject.code.to_string(),
                expected: reject.expected,
                got: reject.got,
            })
            .collect(),
    })
}

fn understood(row: PreviewRow) -> Row {
    let mut listing = Listing::default();
    for (field, cell) in &row.fields {
        if let Some(field) = listed(*field) {
            listing.set(field, cell);
        }
    }
    let (normalized, rejected) = match normalize(&listing, &Requirements::none()) {
        Ok(normalized) => (Some(normalized.into()), None),
        Err(why) => (
            None,
            Some(Rejected {
                row: row.row,
                line: row.line,
                code: why.code.to_string(),
                expected: why.expected.to_owned(),
                got: why.got,
            }),
        ),
    };
    Row {
        row: row.row,
        line: row.line,
        normalized,
        rejected,
        cells: row.fields.into_iter().map(|(field, cell)| (field.as_str(), cell)).collect(),
        extras: row.extras,
    }
}

/// The place of a field in a row as `domain` wants it; some have none.
fn listed(field: Field) -> Option<ListingField> {
    match field {
        Field::CompanyName => Some(ListingField::Company),
        Field::ContactName => Some(ListingField::Contact),
        other => other.as_str().parse().ok(),
    }
}

fn unreadable(error: ReadError) -> Problem {
    let code: FailureCode = error.code();
    Problem::failure(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_shown_as_they_would_be_understood() {
        let list = b"Company,Contact,Phone,Colour\nAcme Plumbing Inc,Jane Doe,(212) 736-5000,red\n,,,blue\n";
        let preview = look(list, list.len() as u64, &ReadOptions::default()).expect("a list");
        assert_eq!(
            (preview.encoding.as_str(), preview.delimiter.as_str(), preview.columns.len()),
            ("utf-8", ",", 4)
        );
        let row = &preview.rows[0];
        assert_eq!(row.normalized.as_ref().map(|_| ()), Some(()));
        assert_eq!(row.extras["Colour"], "red");
        let rejected = preview.rows[1].rejected.as_ref().expect("nothing to go by");
        assert_eq!(rejected.code, "normalize.empty_row");
    }

    #[test]
    fn what_is_no_list_is_said_with_its_code() {
        let zip = b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let problem = look(zip, zip.len() as u64, &ReadOptions::default()).err().expect("no list");
        assert_eq!((problem.status().as_u16(), problem.code()), (422, "upload.csv_parse_error"));
    }
}
