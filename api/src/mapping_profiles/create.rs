//! `POST /v1/mapping-profiles`: saves a way of reading files.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::role::Permission;
use entities::mapping_profile::{self, NAME_CONSTRAINT, NewMappingProfile};
use intake::{Encoding, Field};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{FieldError, HttpCode, Problem};
use crate::read_options;
use crate::state::AppState;

use super::MappingProfile;

/// The longest name, in bytes.
const MAX_NAME: usize = 100;

/// A way of reading files.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMappingProfile)]
pub(crate) struct New {
    /// Unique in the team.
    name: String,
    /// From headers of the file to fields; headers are compared without case, blanks and punctuation. Columns
    /// that are not named are mapped by their usual names.
    #[serde(default)]
    #[schema(example = json!({"Firma": "company_name", "Tel.": "phone"}))]
    columns: BTreeMap<String, String>,
    /// Fields without which neither the file nor a row of it may go on.
    #[serde(default)]
    required_fields: Vec<String>,
    /// `,` `;` `|` or tab; detected where absent.
    #[serde(default)]
    delimiter: Option<String>,
    /// `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`; detected where absent.
    #[serde(default)]
    encoding: Option<String>,
}

/// Saves a mapping profile.
#[utoipa::path(
    post, path = "/v1/mapping-profiles", tag = "mapping profiles", request_body = New,
    responses(
        (status = 201, body = MappingProfile),
        (status = 409, body = crate::problem::ProblemBody, description = "There is one of this name"),
        (status = 422, body = crate::problem::ProblemBody, description = "Unknown field, delimiter or encoding, each named"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<(StatusCode, Json<MappingProfile>), Problem> {
    caller.may(Permission::Upload)?;
    let new = checked(new)?;
    let name = new.name.clone();
    let tx = caller.transaction(&state).await?;
    let profile = mapping_profile::create(&tx, Some(caller.user), new).await.map_err(|error| {
        if error.violates(NAME_CONSTRAINT) {
            return Problem::http(
                HttpCode::Conflict,
                format!("there is a mapping profile {name:?} already; take another name"),
            );
        }
        error.into()
    })?;
    caller
        .record(&tx, "mapping_profile.create", profile.id, json!({ "columns": profile.columns()?.len() }))
        .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(profile.try_into()?)))
}

/// The profile, where everything it names is known; else everything that is not.
fn checked(new: New) -> Result<NewMappingProfile, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: String, detail: String| errors.push(FieldError { pointer, detail });
    let name = new.name.trim().to_owned();
    if !(1..=MAX_NAME).contains(&name.len()) {
        wrong("/name".to_owned(), format!("must be 1 to {MAX_NAME} bytes long"));
    }
    for (header, field) in &new.columns {
        if let Err(error) = field.parse::<Field>() {
            wrong(format!("/columns/{}", header.replace('~', "~0").replace('/', "~1")), error.to_string());
        }
    }
    for (index, field) in new.required_fields.iter().enumerate() {
        if let Err(error) = field.parse::<Field>() {
            wrong(format!("/required_fields/{index}"), error.to_string());
        }
    }
    if new.delimiter.as_deref().is_some_and(|text| read_options::delimiter(text).is_none()) {
        wrong("/delimiter".to_owned(), "must be a comma, semicolon, vertical bar or tab".to_owned());
    }
    if let Some(Err(error)) = new.encoding.as_deref().map(str::parse::<Encoding>) {
        wrong("/encoding".to_owned(), error.to_string());
    }
    if errors.is_empty() {
        return Ok(NewMappingProfile {
            name,
            columns: new.columns,
            required_fields: new.required_fields,
            delimiter: new.delimiter,
            encoding: new.encoding,
        });
    }
    let summary = format!("{} of the profile's values cannot be used; errors names each", errors.len());
    Err(Problem::http(HttpCode::Invalid, summary).with_errors(errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_named_at_once() {
        let new = New {
            name: " ".into(),
            columns: BTreeMap::from([("Fir/ma".into(), "companie".into()), ("Tel".into(), "phone".into())]),
            required_fields: vec!["phone".into(), "fone".into()],
            delimiter: Some("::".into()),
            encoding: Some("ebcdic".into()),
        };
        let problem = checked(new).expect_err("five faults");
        assert_eq!(problem.status().as_u16(), 422);
        assert!(problem.detail().starts_with('5'), "{}", problem.detail());
    }

    #[test]
    fn a_good_profile_passes() {
        let new = New {
            name: " USBizData A ".into(),
            columns: BTreeMap::from([("Firma".into(), "company_name".into())]),
            required_fields: vec!["phone".into()],
            delimiter: Some("\t".into()),
            encoding: Some("windows-1252".into()),
        };
        assert_eq!(checked(new).expect("good").name, "USBizData A");
    }
}
