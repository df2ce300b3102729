//! Suppressions: whom nobody may contact, and why.

mod add;
mod entry;
mod list;
mod transfer;

use chrono::{DateTime, Utc};
use domain::id::{SuppressionId, UserId};
use entities::suppression;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, add::add))
        .routes(routes!(transfer::export))
        .routes(routes!(transfer::import))
        .routes(routes!(list::get, add::lift))
}

/// An entry of the team's book.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suppression {
    #[schema(value_type = String, example = "supp_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: SuppressionId,
    /// `phone`, `email` or `persona`.
    kind: String,
    /// The number (E.164), the address, or the id of the person.
    value: String,
    /// To whose texts it applies: all of the `team`, one `brand`'s, those from one `number`.
    scope: String,
    /// The brand or number.
    #[serde(skip_serializing_if = "String::is_empty")]
    subject: String,
    /// `dnc`, `tcpa`, `litigator`, `deceased`, `opt_out`, `manual`, `invalid`, `landline`, `carrier`, `bounce`, `complaint`.
    reason: String,
    /// How it came: `keyword`, `language`, `vendor`, `person`, `import`, `bounce`, `complaint`.
    method: String,
    /// Who says so: a vendor, a list, the id of a user.
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    /// Until when; absent: until it is lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifted_at: Option<DateTime<Utc>>,
}

impl From<suppression::Suppression> for Suppression {
    fn from(entry: suppression::Suppression) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind,
            value: entry.value,
            scope: entry.scope,
            subject: entry.subject,
            reason: entry.reason,
            method: entry.method,
            source: entry.source,
            created_by: entry.created_by,
            created_at: entry.created_at,
            expires_at: entry.expires_at,
            lifted_at: entry.lifted_at,
        }
    }
}
