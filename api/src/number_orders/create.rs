//! `POST /v1/number-orders`: has a vendor asked for a number to send from.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::geo;
use domain::id::{BlockId, CampaignId};
use domain::money::NUMBER_A_MONTH;
use domain::role::Permission;
use entities::number_order::{self, MOST_OPEN, Near, NewOrder};
use entities::sender::Registered;
use providers::sms::SmsProviderId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::NumberOrder;
use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{FieldError, HttpCode, Problem};
use crate::senders::limits;
use crate::state::AppState;

/// The most area codes, states or blocks that are named.
const MOST_NAMED: usize = 60;

/// A number that is wanted. Where it is to be from is said in one of four ways: `area_codes`, `states`, `campaign` or `blocks`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewNumberOrder {
    /// `signalhouse` or `twilio`.
    #[schema(required, example = "twilio")]
    provider: String,
    /// Three digits each, in the order in which they are to be tried.
    area_codes: Vec<String>,
    /// Two letters each, in this order.
    #[schema(example = json!(["TX"]))]
    states: Vec<String>,
    /// In the state of most of its leads, and there in the area code that most of them have.
    #[schema(value_type = Option<String>)]
    campaign: Option<CampaignId>,
    /// The same of the leads of blocks.
    #[schema(value_type = Vec<String>)]
    blocks: Vec<BlockId>,
    /// What people call the sender; the number where it is left out.
    name: Option<String>,
    /// Senders of one pool stand in for each other.
    pool: Option<String>,
    /// The brand that carriers know (10DLC).
    brand: Option<String>,
    /// The vendor's group, profile or service.
    provider_group: Option<String>,
    /// Segments a second.
    per_second: Option<f32>,
    /// Segments a day.
    daily_limit: Option<i32>,
    /// Segments a minute to AT&T's customers.
    att_per_minute: Option<i32>,
    /// Segments a day of the whole brand to T-Mobile's customers.
    tmobile_per_day: Option<i32>,
}

/// Orders a number. It is bought by a worker, once, whatever becomes of worker and answers, and is a sender then.
#[utoipa::path(
    post, path = "/v1/number-orders", tag = "campaigns", request_body = NewNumberOrder,
    responses(
        (status = 202, body = NumberOrder, description = "It is going to be bought"),
        (status = 409, body = crate::problem::ProblemBody, description = "Too many orders are open"),
        (status = 422, body = crate::problem::ProblemBody, description = "Unknown vendor, no place, limits that make no sense: each named"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<NewNumberOrder>,
) -> Result<(StatusCode, Json<NumberOrder>), Problem> {
    caller.may(Permission::ManageLimits)?;
    let (near, mut order) = checked(new)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    order.area_codes = number_order::area_codes(&mut tx, &near).await?;
    if order.area_codes.is_empty() {
        let what = "none of these leads is in a state that has area codes; name area_codes or states";
        return Err(Problem::http(HttpCode::Invalid, what));
    }
    let Some(id) = number_order::place(&mut tx, &order, Some(caller.user)).await? else {
        let what = format!("a team has {MOST_OPEN} open orders at the most; wait until some are bought");
        return Err(Problem::http(HttpCode::Conflict, what));
    };
    let details = json!({ "provider": order.provider, "area_codes": order.area_codes });
    caller.record_in_bulk(&mut tx, "number_order.create", id, details).await?;
    let shown = number_order::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(shown.into())))
}

/// What is ordered, but for the area codes that follow from leads; or everything that is wrong.
fn checked(new: NewNumberOrder) -> Result<(Near, NewOrder), Problem> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, detail: String| {
        errors.push(FieldError { pointer: pointer.to_owned(), detail });
    };
    if new.provider.parse::<SmsProviderId>().is_err() {
        wrong("/provider", "must be signalhouse or twilio".to_owned());
    }
    let near = place(&new, &mut wrong);
    limits::words(
        [
            ("/name", &new.name),
            ("/pool", &new.pool),
            ("/brand", &new.brand),
            ("/provider_group", &new.provider_group),
        ],
        &mut wrong,
    );
    let registered = Registered {
        brand: limits::trimmed(new.brand),
        provider_group: limits::trimmed(new.provider_group),
        per_second: new.per_second,
        daily_limit: new.daily_limit,
        att_per_minute: new.att_per_minute,
        tmobile_per_day: new.tmobile_per_day,
    };
    limits::check(&registered, &mut wrong);
    let Some(near) = near.filter(|_| errors.is_empty()) else {
        let summary = format!("{} of the order's values cannot be used; errors names each", errors.len());
        return Err(Problem::http(HttpCode::Invalid, summary).with_errors(errors));
    };
    let order = NewOrder {
        provider: new.provider,
        area_codes: Vec::new(),
        name: limits::trimmed(new.name),
        pool: limits::trimmed(new.pool),
        registered,
        price: NUMBER_A_MONTH,
    };
    Ok((near, order))
}

/// Where it is to be from.
fn place(new: &NewNumberOrder, wrong: &mut impl FnMut(&str, String)) -> Option<Near> {
    let ways =
        [!new.area_codes.is_empty(), !new.states.is_empty(), new.campaign.is_some(), !new.blocks.is_empty()];
    if ways.iter().filter(|said| **said).count() != 1 {
        wrong("", "say where it is to be from in one way: area_codes, states, campaign or blocks".to_owned());
        return None;
    }
    for (pointer, named) in
        [("/area_codes", new.area_codes.len()), ("/states", new.states.len()), ("/blocks", new.blocks.len())]
    {
        if named > MOST_NAMED {
            wrong(pointer, format!("at most {MOST_NAMED} are named"));
            return None;
        }
    }
    if let Some(campaign) = new.campaign {
        return Some(Near::Campaign(campaign));
    }
    if !new.blocks.is_empty() {
        return Some(Near::Blocks(new.blocks.clone()));
    }
    if !new.states.is_empty() {
        let mut states = Vec::with_capacity(new.states.len());
        for (at, name) in new.states.iter().enumerate() {
            match geo::State::parse(name).filter(|state| geo::area_codes_of(*state).next().is_some()) {
                Some(state) => states.push(state),
                None => wrong(&format!("/states/{at}"), "no state that has area codes".to_owned()),
            }
        }
        return (states.len() == new.states.len()).then_some(Near::States(states));
    }
    let mut good = true;
    for (at, code) in new.area_codes.iter().enumerate() {
        if geo::local_area_code(code).is_none() {
            good = false;
            wrong(&format!("/area_codes/{at}"), "no area code of a place in the United States".to_owned());
        }
    }
    good.then(|| Near::AreaCodes(new.area_codes.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(value: serde_json::Value) -> Result<(Near, NewOrder), Problem> {
        checked(serde_json::from_value(value).expect("the shape"))
    }

    #[test]
    fn where_it_is_from_is_said_in_one_way() {
        let (near, _) = order(json!({"provider": "twilio", "area_codes": ["512"]})).expect("good");
        assert_eq!(near, Near::AreaCodes(vec!["512".to_owned()]));
        let (near, new) =
            order(json!({"provider": "signalhouse", "states": ["Texas", "NM"], "pool": " south "}))
                .expect("good");
        assert!(matches!(near, Near::States(states) if states.len() == 2));
        assert_eq!((new.pool.as_deref(), new.price), (Some("south"), NUMBER_A_MONTH));
        for wrong in [
            json!({"provider": "twilio"}),
            json!({"provider": "twilio", "area_codes": ["512"], "states": ["TX"]}),
            json!({"provider": "smtp", "area_codes": ["512"]}),
            json!({"provider": "twilio", "area_codes": ["800"]}),
            json!({"provider": "twilio", "area_codes": ["416"]}),
            json!({"provider": "twilio", "area_codes": ["51"]}),
            json!({"provider": "twilio", "states": ["Texas", "Nowhere"]}),
            json!({"provider": "twilio", "states": ["AE"]}),
            json!({"provider": "twilio", "states": ["TX"], "daily_limit": -1}),
        ] {
            assert!(order(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
