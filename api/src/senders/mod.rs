//! Senders: numbers and addresses from which a team sends. A number is one that a vendor gave the team, never made up.

mod create;
mod letterhead;
pub(crate) mod limits;
mod read;
mod update;

use chrono::{DateTime, Utc};
use domain::id::{SenderId, UserId};
use entities::sender;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read::list, create::create))
        .routes(routes!(read::get, update::update))
}

/// A number or address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sender {
    #[schema(value_type = String, example = "snd_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: SenderId,
    /// `sms`, `email` or `voice`.
    channel: String,
    /// The vendor, by its word.
    #[schema(example = "signalhouse")]
    provider: String,
    /// E.164, or an e-mail address.
    address: String,
    name: String,
    /// Senders of one pool stand in for each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<String>,
    /// The name that people see an e-mail is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// Where the sender of e-mail is, for the post.
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_address: Option<String>,
    /// Where answers to e-mail go.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    /// `active`, `paused` or `retired`.
    state: String,
    /// Why it is not active.
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason: Option<String>,
    /// The brand that carriers know.
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_group: Option<String>,
    /// Segments a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<f32>,
    /// Segments a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    daily_limit: Option<i32>,
    /// Segments a minute to AT&T's customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    att_per_minute: Option<i32>,
    /// Segments a day of the whole brand to T-Mobile's customers; its day begins at midnight Pacific.
    #[serde(skip_serializing_if = "Option::is_none")]
    tmobile_per_day: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
}

impl From<sender::Sender> for Sender {
    fn from(sender: sender::Sender) -> Self {
        Self {
            id: sender.id.0,
            channel: sender.channel,
            provider: sender.provider,
            address: sender.address,
            name: sender.name,
            pool: sender.pool,
            display_name: sender.display_name,
            postal_address: sender.postal_address,
            reply_to: sender.reply_to,
            state: sender.state,
            state_reason: sender.state_reason,
            brand: sender.brand,
            provider_group: sender.provider_group,
            per_second: sender.per_second,
            daily_limit: sender.daily_limit,
            att_per_minute: sender.att_per_minute,
            tmobile_per_day: sender.tmobile_per_day,
            created_by: sender.created_by.map(|id| id.0),
            created_at: sender.created_at,
        }
    }
}
