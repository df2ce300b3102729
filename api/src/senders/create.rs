//! `POST /v1/senders`: enters a number or address that a vendor gave the team.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::email::Email;
use domain::phone::parse_phone;
use domain::role::Permission;
use entities::sender::{self, ADDRESS_CONSTRAINT, NewSender, Registered};
use providers::sms::SmsProviderId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{FieldError, HttpCode, Problem};
use crate::state::AppState;

use super::{Sender, letterhead, limits};

/// A number or address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSender)]
pub(crate) struct New {
    /// `sms`, `email` or `voice`.
    channel: String,
    /// `signalhouse` or `twilio` for texts, `smtp` for e-mail, `person` for calls.
    provider: String,
    /// The number as the vendor has it, or the e-mail address.
    #[schema(example = "+15125550100")]
    address: String,
    /// What people call it; the address where it is left out.
    #[serde(default)]
    name: Option<String>,
    /// Senders of one pool stand in for each other.
    #[serde(default)]
    pool: Option<String>,
    /// The brand that carriers know (10DLC): its days are counted across all its senders.
    #[serde(default)]
    brand: Option<String>,
    /// The vendor's group, profile or service.
    #[serde(default)]
    provider_group: Option<String>,
    /// Of an e-mail address: the name that people see it is from; `name` where it is left out.
    #[serde(default)]
    #[schema(example = "Acme Tools")]
    display_name: Option<String>,
    /// Of an e-mail address: where the sender is, for the post. Every message says it, as the law wants (CAN-SPAM).
    #[serde(default)]
    #[schema(example = "1 Main St, Austin TX 78701")]
    postal_address: Option<String>,
    /// Of an e-mail address: where answers go, where not to the address itself.
    #[serde(default)]
    reply_to: Option<String>,
    /// Segments a second; of an e-mail address, messages.
    #[serde(default)]
    per_second: Option<f32>,
    /// Segments a day.
    #[serde(default)]
    daily_limit: Option<i32>,
    /// Segments a minute to AT&T's customers.
    #[serde(default)]
    att_per_minute: Option<i32>,
    /// Segments a day of the whole brand to T-Mobile's customers.
    #[serde(default)]
    tmobile_per_day: Option<i32>,
}

/// Enters a sender.
#[utoipa::path(
    post, path = "/v1/senders", tag = "campaigns", request_body = New,
    responses(
        (status = 201, body = Sender),
        (status = 409, body = crate::problem::ProblemBody, description = "The team has it already"),
        (status = 422, body = crate::problem::ProblemBody, description = "No number or address, unknown vendor, limits that make no sense: each named"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<(StatusCode, Json<Sender>), Problem> {
    caller.may(Permission::ManageLimits)?;
    let new = checked(new)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let id = sender::create(&mut tx, &new, Some(caller.user)).await.map_err(|error| {
        if error.violates(ADDRESS_CONSTRAINT) {
            return Problem::http(
                HttpCode::Conflict,
                "the team has a sender with this address at this vendor already; list them to see which",
            );
        }
        error.into()
    })?;
    let details = json!({ "channel": new.channel, "provider": new.provider });
    caller.record_in_bulk(&mut tx, "sender.create", id, details).await?;
    tx.commit().await?;
    let tx = caller.transaction(&state).await?;
    let sender = sender::get(&tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(sender.into())))
}

/// The sender, or everything that is wrong with it.
fn checked(new: New) -> Result<NewSender, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, detail: String| {
        errors.push(FieldError { pointer: pointer.to_owned(), detail });
    };
    let channel = ["sms", "email", "voice"].into_iter().find(|word| *word == new.channel);
    if channel.is_none() {
        wrong("/channel", "must be sms, email or voice".to_owned());
    }
    let knows = match channel {
        Some("email") => new.provider == "smtp",
        Some("voice") => new.provider == "person",
        _ => new.provider.parse::<SmsProviderId>().is_ok(),
    };
    if !knows {
        wrong(
            "/provider",
            "must be signalhouse or twilio for sms, smtp for email, person for voice".to_owned(),
        );
    }
    let (mut address, mut area_code) = (String::new(), None);
    if channel == Some("email") {
        match new.address.trim().parse::<Email>() {
            Ok(email) => address = email.expose().to_owned(),
            Err(error) => wrong("/address", error.to_string()),
        }
    } else {
        match parse_phone(&new.address, "") {
            Ok(parsed) => {
                address = parsed.phone.expose().to_owned();
                area_code = Some(parsed.phone.area_code().to_owned());
            }
            Err(error) => wrong("/address", error.to_string()),
        }
    }
    limits::words(
        [
            ("/name", &new.name),
            ("/pool", &new.pool),
            ("/brand", &new.brand),
            ("/provider_group", &new.provider_group),
        ],
        &mut wrong,
    );
    let said = [&new.display_name, &new.postal_address, &new.reply_to];
    let letterhead = letterhead::checked(said, channel == Some("email"), &mut wrong);
    let registered = Registered {
        brand: limits::trimmed(new.brand),
        provider_group: limits::trimmed(new.provider_group),
        per_second: new.per_second,
        daily_limit: new.daily_limit,
        att_per_minute: new.att_per_minute,
        tmobile_per_day: new.tmobile_per_day,
    };
    limits::check(&registered, &mut wrong);
    let Some(channel) = channel.filter(|_| errors.is_empty()) else {
        let summary = format!("{} of the sender's values cannot be used; errors names each", errors.len());
        return Err(Problem::http(HttpCode::Invalid, summary).with_errors(errors));
    };
    Ok(NewSender {
        channel,
        provider: new.provider,
        name: limits::trimmed(new.name).unwrap_or_else(|| address.clone()),
        address,
        pool: limits::trimmed(new.pool),
        area_code,
        registered,
        letterhead,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_as_e164_and_what_is_none_is_refused() {
        let new = |value: serde_json::Value| checked(serde_json::from_value(value).expect("the shape"));
        let good =
            new(json!({"channel": "sms", "provider": "twilio", "address": "(512) 555-0100"})).expect("good");
        assert_eq!((good.address.as_str(), good.area_code.as_deref()), ("+15125550100", Some("512")));
        let wrong = json!({"channel": "sms", "provider": "smtp", "address": "1", "daily_limit": -1});
        let problem = new(wrong).expect_err("three faults");
        assert!(problem.detail().starts_with('3'), "{}", problem.detail());
    }

    #[test]
    fn an_address_for_e_mail_says_where_its_sender_is() {
        let new = |value: serde_json::Value| checked(serde_json::from_value(value).expect("the shape"));
        let mut email = json!({"channel": "email", "provider": "smtp", "address": "Ann@Example.com"});
        assert!(new(email.clone()).is_err(), "the law wants a postal address");
        email["postal_address"] = "1 Main St, Austin TX 78701".into();
        email["reply_to"] = "Joe@Example.com".into();
        let good = new(email).expect("good");
        assert_eq!(good.letterhead.reply_to.as_deref(), Some("joe@example.com"));
        let text =
            json!({"channel": "sms", "provider": "twilio", "address": "5125550100", "reply_to": "a@b.com"});
        assert!(new(text).is_err(), "a number has none of these");
    }
}
