//! Mapping profiles: saved ways of reading files.

mod create;
mod list;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::id::{MappingProfileId, UserId};
use entities::{DbError, mapping_profile};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list, create::create))
}

/// A saved way of reading files.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MappingProfile {
    #[schema(value_type = String)]
    id: MappingProfileId,
    /// Unique in the team; uploads may name it instead of the id.
    name: String,
    /// From headers of the file to fields.
    #[schema(example = json!({"Firma": "company_name", "Tel.": "phone"}))]
    columns: BTreeMap<String, String>,
    /// Fields without which a row is set aside.
    required_fields: Vec<String>,
    /// `,` `;` `|` or tab; detected where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`; detected where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
}

impl TryFrom<mapping_profile::MappingProfile> for MappingProfile {
    type Error = DbError;

    fn try_from(profile: mapping_profile::MappingProfile) -> Result<Self, DbError> {
        Ok(Self {
            columns: profile.columns()?,
            id: profile.id.0,
            name: profile.name,
            required_fields: profile.required_fields,
            delimiter: profile.delimiter,
            encoding: profile.encoding,
            created_by: profile.created_by.map(|id| id.0),
            created_at: profile.created_at,
        })
    }
}
