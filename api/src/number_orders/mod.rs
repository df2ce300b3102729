//! Orders of numbers to send from: a number is one that a vendor sold, in an area code of the leads' state, and never made up.

mod create;
mod read;

use chrono::{DateTime, Utc};
use domain::id::{NumberOrderId, SenderId, UserId};
use domain::money::MicroDollars;
use entities::number_order;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read::list, create::create)).routes(routes!(read::get))
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberOrder {
    #[schema(value_type = String, example = "num_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: NumberOrderId,
    /// The vendor, by its word.
    #[schema(example = "twilio")]
    provider: String,
    /// Area codes, in the order in which they are tried.
    area_codes: Vec<String>,
    /// `wanted`: no number is chosen yet. `buying`: one is, and the vendor is asked for it. `ordered`: it took the order and has not
    /// delivered. `bought`, `failed`: it is over.
    state: String,
    /// The number (E.164), once one is chosen. It is the team's when it is `bought`.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// Why it failed, or waits: `none_offered`, `budget`, `no_key`, `not_configured: …`, `account_stop: …`, `refused: …`,
    /// `not_delivered`, `unreachable`, `unknown` and their like.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// What is put aside for it, and paid for the first month, in micro-dollars.
    #[schema(value_type = i64, example = 1_150_000)]
    price_micros: MicroDollars,
    /// The sender that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    sender: Option<SenderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
}

impl From<number_order::NumberOrder> for NumberOrder {
    fn from(order: number_order::NumberOrder) -> Self {
        Self {
            id: order.id,
            provider: order.provider,
            area_codes: order.area_codes,
            state: order.state.as_str().to_owned(),
            number: order.number,
            why: order.why,
            price_micros: order.price,
            sender: order.sender,
            created_by: order.created_by,
            created_at: order.created_at,
            ended_at: order.ended_at,
        }
    }
}
