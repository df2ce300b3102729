//! The team's own numbers and addresses, to which templates are sent to be looked at. Each is proved by a code that is sent there,
//! and none of them is a lead.

mod confirm;
mod create;
mod read;

use chrono::{DateTime, Utc};
use domain::campaign::{Channel, expected_cost};
use domain::id::TestRecipientId;
use domain::message::Segments;
use domain::money::MicroDollars;
use entities::test_send;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(crate) use create::{Allowance, within_allowance};
pub(crate) use read::TestSend;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read::list, create::create))
        .routes(routes!(read::remove))
        .routes(routes!(confirm::confirm))
        .routes(routes!(read::test))
}

/// A number or address of the team's own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestRecipient {
    #[schema(value_type = String, example = "trcp_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: TestRecipientId,
    /// `phone` or `email`.
    kind: String,
    /// E.164, or the address.
    value: String,
    /// Whose it is.
    name: String,
    /// Since when it is known to be the team's; until then nothing but the code is sent there.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<test_send::Recipient> for TestRecipient {
    fn from(recipient: test_send::Recipient) -> Self {
        Self {
            id: recipient.id,
            kind: recipient.kind,
            value: recipient.value,
            name: recipient.name,
            confirmed_at: recipient.confirmed_at,
            created_at: recipient.created_at,
        }
    }
}

/// How many segments a message by this way, `sms` or `email`, has, and what it is expected to cost.
pub(crate) fn size(channel: &str, body: &str) -> (u16, MicroDollars) {
    let (by, segments) = match channel {
        "email" => (Channel::Email, 1),
        _ => (Channel::Sms, u16::try_from(Segments::of(body).parts.max(1)).unwrap_or(u16::MAX)),
    };
    (segments, expected_cost(by, segments.into()))
}

/// What is kept of a code.
fn code_hash(code: &str) -> [u8; 32] {
    Sha256::digest(code.trim().as_bytes()).into()
}
