//! `GET /v1/suppressions.csv` and `POST /v1/suppressions/import`: the book as a list.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::role::Permission;
use entities::page::{MAX_PAGE, PageRequest};
use entities::suppression::{self, Filter, SuppressionMethod};
use serde_json::json;

use crate::auth::Caller;
use crate::problem::{FieldError, HttpCode, Problem};
use crate::state::AppState;

use super::add::{AddedSuppressions, enter};
use super::entry::New;

/// The columns, in the order in which they are written. Only `value` has to be there.
const COLUMNS: [&str; 6] = ["kind", "value", "reason", "scope", "subject", "expires_at"];
/// The largest list that is taken at once, in bytes: some 20,000 numbers.
const MAX_BYTES: usize = 1 << 20;
/// How many faults are named.
const MAX_ERRORS: usize = 50;

/// The team's book as CSV, as [`import`] takes it: what holds, oldest first.
#[utoipa::path(
    get, path = "/v1/suppressions.csv", tag = "campaigns",
    responses((status = 200, content_type = "text/csv", body = String)),
)]
pub(crate) async fn export(State(state): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    caller.may(Permission::ManageSuppressions)?;
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(COLUMNS).map_err(Problem::internal)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let mut request = PageRequest::first(MAX_PAGE);
    loop {
        let page = suppression::list(&mut tx, &Filter::default(), request).await?;
        for entry in page.items {
            // The id of a person is written as everywhere else.
            let value = match (entry.kind.as_str(), entry.value.parse()) {
                ("persona", Ok(id)) => {
                    <domain::id::PersonaId as domain::id::TypedId>::from_uuid(id).to_string()
                }
                _ => entry.value,
            };
            let expires = entry.expires_at.map(|at| at.to_rfc3339()).unwrap_or_default();
            let row = [&entry.kind, &value, &entry.reason, &entry.scope, &entry.subject, &expires];
            out.write_record(row).map_err(Problem::internal)?;
        }
        match page.next {
            Some(after) => request = PageRequest { after: Some(after), limit: MAX_PAGE },
            None => break,
        }
    }
    caller.record_in_bulk(&mut tx, "suppression.export", caller.team, json!({})).await?;
    tx.commit().await?;
    let body = out.into_inner().map_err(|error| Problem::internal(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"suppressions.csv\""),
    ];
    Ok((headers, body).into_response())
}

/// Suppresses everything on a list, or nothing of it. CSV with a header; `value` has to be there, and may be
/// alone: `kind`, `reason` (`manual`), `scope` (`team`), `subject`, `expires_at`.
#[utoipa::path(
    post, path = "/v1/suppressions/import", tag = "campaigns",
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = AddedSuppressions),
        (status = 413, body = crate::problem::ProblemBody, description = "More than 1 MiB"),
        (status = 422, body = crate::problem::ProblemBody, description = "Lines that are no entries, each named"),
    ),
)]
pub(crate) async fn import(
    State(state): State<AppState>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<AddedSuppressions>, Problem> {
    caller.may(Permission::ManageSuppressions)?;
    if body.len() > MAX_BYTES {
        return Err(Problem::http(HttpCode::TooLarge, "send less than 1 MiB at once; split the list"));
    }
    let (entries, errors) = read(&body)?;
    if !errors.is_empty() {
        let summary =
            "some lines of the list are no entries, so none was made; errors names the first of them";
        return Err(Problem::http(HttpCode::Invalid, summary).with_errors(errors));
    }
    let entries: Vec<_> = entries.into_iter().collect();
    let mut tx = caller.bulk_transaction(&state).await?;
    let mut all = AddedSuppressions { new: 0, known: 0, cancelled: 0 };
    for chunk in entries.chunks(1_000) {
        let added = enter(&mut tx, &caller, SuppressionMethod::Import, chunk).await?;
        all.new += added.new;
        all.known += added.known;
        all.cancelled += added.cancelled;
    }
    let details = json!({ "new": all.new, "known": all.known, "cancelled": all.cancelled });
    caller.record_in_bulk(&mut tx, "suppression.import", caller.team, details).await?;
    tx.commit().await?;
    Ok(Json(all))
}

type Read = (Vec<suppression::NewEntry>, Vec<FieldError>);

/// The entries of a list, and the lines that are none. No line's value is repeated.
fn read(body: &[u8]) -> Result<Read, Problem> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(body);
    let unreadable = |error: csv::Error| {
        Problem::http(HttpCode::BadRequest, "the list is no CSV with a header").because(error)
    };
    let header = reader.headers().map_err(unreadable)?.clone();
    let names: Vec<String> =
        header.iter().map(|name| name.trim_start_matches('\u{feff}').to_ascii_lowercase()).collect();
    if !names.iter().any(|name| name == "value") {
        let problem =
            Problem::invalid("value", "the list needs a column of this name, with numbers and addresses");
        return Err(problem.expected(COLUMNS.iter().map(|name| (*name).to_owned())));
    }
    let (mut entries, mut errors) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |name: &str| {
            let at = names.iter().position(|known| known == name)?;
            record.get(at).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let expires = cell("expires_at").map(|text| text.parse()).transpose();
        let entry = match expires {
            Err(_) => Err(("expires_at", "must be a time like 2027-01-01T00:00:00Z".to_owned())),
            Ok(expires_at) => New {
                kind: cell("kind"),
                value: cell("value").unwrap_or_default(),
                reason: cell("reason"),
                scope: cell("scope"),
                subject: cell("subject"),
                expires_at,
            }
            .checked(),
        };
        match entry {
            Ok(entry) => entries.push(entry),
            Err((field, detail)) if errors.len() < MAX_ERRORS => {
                errors.push(FieldError { pointer: format!("line {line}, {field}"), detail });
            }
            Err(_) => {}
        }
    }
    Ok((entries, errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_numbers_is_enough() {
        let (entries, errors) =
            read(b"\xef\xbb\xbfvalue\r\n(512) 555-0123\r\n\r\nann@example.com\r\n").expect("a list");
        assert_eq!((entries.len(), errors.len()), (2, 0));
    }

    #[test]
    fn lines_that_are_none_are_named_without_what_they_say() {
        let body = b"value,reason\n+15125550123,dnc\nnobody,dnc\n+15125550124,because\n";
        let (entries, errors) = read(body).expect("a list");
        assert_eq!((entries.len(), errors.len()), (1, 2));
        assert_eq!(errors[0].pointer, "line 3, value");
        assert!(!format!("{errors:?}").contains("nobody"));
        assert!(read(b"number\n+15125550123\n").is_err(), "no column says what to suppress");
    }
}
