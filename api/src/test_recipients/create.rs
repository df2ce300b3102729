//! `POST /v1/test-recipients`: lists a number or address of the team's own, and has a code sent there.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{TimeDelta, Utc};
use domain::email::Email;
use domain::id::SenderId;
use domain::phone::parse_phone;
use domain::role::Permission;
use entities::suppression::SuppressedKind;
use entities::test_send::{self, NewRecipient, NewTest, VALUE_CONSTRAINT};
use entities::{BulkTransaction, sender};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{TestRecipient, code_hash, size};
use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// How long a code is good.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(30);
/// Codes and tests that a team may have sent in an hour.
const AN_HOUR: i64 = 10;

/// A number or address of the team's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTestRecipient {
    /// Whose it is, as the team calls them.
    name: String,
    /// The number, or the address.
    value: String,
    /// From which sender the code is sent: one of texts for a number, one of e-mail for an address.
    #[schema(value_type = String)]
    sender: SenderId,
}

/// What a team may still have sent.
pub(crate) struct Allowance;

/// Whether the team may have one more sent within the hour. Requests of one team take turns from here on.
///
/// # Errors
/// 429 where it may not.
pub(crate) async fn within_allowance(tx: &mut BulkTransaction) -> Result<Allowance, Problem> {
    if test_send::lately(tx, Duration::from_secs(3_600)).await? < AN_HOUR {
        return Ok(Allowance);
    }
    let what = format!("a team has {AN_HOUR} codes and tests sent in an hour");
    Err(Problem::http(HttpCode::RateLimited, what).retry_after(600))
}

/// Lists it, and has a code of six digits sent there. Nothing else is sent there before it is confirmed.
#[utoipa::path(
    post, path = "/v1/test-recipients", tag = "campaigns", request_body = NewTestRecipient,
    responses(
        (status = 201, body = TestRecipient),
        (status = 409, body = crate::problem::ProblemBody, description = "It is listed, or a lead is reached there"),
        (status = 422, body = crate::problem::ProblemBody, description = "No number or address, or no sender that reaches it"),
        (status = 429, body = crate::problem::ProblemBody, description = "Too many in an hour"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<NewTestRecipient>,
) -> Result<(StatusCode, Json<TestRecipient>), Problem> {
    caller.may(Permission::ManageLimits)?;
    let name = new.name.trim();
    if !(1..=100).contains(&name.len()) {
        return Err(Problem::invalid("/name", "must be 1 to 100 bytes long"));
    }
    let (kind, value, channel) = point(&new.value)?;
    let tx = caller.transaction(&state).await?;
    let sender = sender::get(&tx, new.sender).await?;
    tx.commit().await?;
    if sender.channel != channel {
        return Err(Problem::invalid("/sender", format!("must be a sender of {channel}, which reaches it")));
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    let Allowance = within_allowance(&mut tx).await?;
    if test_send::is_lead(&mut tx, kind, &value).await? {
        let what = "a lead of the team is reached there; tests go to the team's own alone";
        return Err(Problem::http(HttpCode::Conflict, what));
    }
    let code = format!("{:06}", rand::random_range(0..1_000_000u32));
    let now = Utc::now();
    let recipient =
        NewRecipient { kind, value: &value, name, code_hash: code_hash(&code), code_until: now + GOOD_FOR };
    let id = test_send::add(&mut tx, recipient, Some(caller.user)).await.map_err(|error| {
        if error.violates(VALUE_CONSTRAINT) {
            return Problem::http(HttpCode::Conflict, "the team has listed it already; take it off first");
        }
        error.into()
    })?;
    let body = format!("{code} is the code to confirm this for tests of messages. Nobody else needs it.");
    let (segments, price) = size(channel, &body);
    let test = NewTest {
        recipient: id,
        sender: new.sender,
        version: None,
        subject: (channel == "email").then_some("Your code"),
        body: &body,
        segments,
        price,
    };
    test_send::plan(&mut tx, test, Some(caller.user)).await?;
    caller.record_in_bulk(&mut tx, "test_recipient.create", id, json!({ "kind": kind.as_str() })).await?;
    let recipient = test_send::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(recipient.into())))
}

/// What it is, as it is kept, and by which way it is reached.
fn point(value: &str) -> Result<(SuppressedKind, String, &'static str), Problem> {
    if value.contains('@') {
        let email = value.trim().parse::<Email>();
        let email = email.map_err(|error| Problem::invalid("/value", error.to_string()))?;
        return Ok((SuppressedKind::Email, email.expose().to_owned(), "email"));
    }
    let parsed = parse_phone(value, "").map_err(|error| Problem::invalid("/value", error.to_string()))?;
    Ok((SuppressedKind::Phone, parsed.phone.expose().to_owned(), "sms"))
}
