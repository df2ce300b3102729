//! `refinery numbers`: ordering numbers to send from, and how far that has come.

use anyhow::Context;
use domain::geo;
use domain::money::NUMBER_A_MONTH;
use entities::number_order::{self, MOST_OPEN, Near, NewOrder, NumberOrder};
use entities::sender::Registered;
use entities::{BulkTransaction, audit_log};
use providers::sms::SmsProviderId;
use serde_json::json;

use super::operator;
use crate::cli::{self, Buy, Numbers};
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Orders a number, or lists what was ordered.
pub(super) async fn run(command: Numbers) -> anyhow::Result<Exit> {
    let db = operator::database().await?;
    match command {
        Numbers::Buy(options) => {
            let team = operator::team(&db, &options.team).await?;
            let mut tx = db.team_bulk(team).await?;
            let order = buy(&mut tx, &options).await?;
            tx.commit().await?;
            show(&[order], options.format.json)
        }
        Numbers::List { team, format } => {
            let team = operator::team(&db, &team).await?;
            let mut tx = db.team_bulk(team).await?;
            let orders = number_order::list(&mut tx).await?;
            tx.commit().await?;
            show(&orders, format.json)
        }
    }
}

async fn buy(tx: &mut BulkTransaction, options: &Buy) -> anyhow::Result<NumberOrder> {
    let provider: SmsProviderId = options.provider.parse().map_err(|error| UsageError(format!("{error}")))?;
    let near = near(&options.near)?;
    let area_codes = number_order::area_codes(tx, &near).await.context("the leads cannot be looked at")?;
    if area_codes.is_empty() {
        let what = "none of these leads is in a state that has area codes; name --area-code or --state";
        return Err(UsageError(what.to_owned()).into());
    }
    let order = NewOrder {
        provider: provider.as_str().to_owned(),
        area_codes,
        name: options.name.clone(),
        pool: options.pool.clone(),
        registered: Registered::default(),
        price: NUMBER_A_MONTH,
    };
    let id = number_order::place(tx, &order, None).await?.with_context(|| {
        format!("a team has {MOST_OPEN} open orders at the most; see `refinery numbers list`")
    })?;
    let details = json!({ "provider": order.provider, "area_codes": order.area_codes });
    audit_log::record_in_bulk(tx, None, "number_order.create", &id.to_string(), &details).await?;
    Ok(number_order::get(tx, id).await?)
}

/// Where it is to be from.
fn near(said: &cli::Near) -> Result<Near, UsageError> {
    if let Some(campaign) = &said.campaign {
        let campaign = campaign.parse().map_err(|error| UsageError(format!("{error}")))?;
        return Ok(Near::Campaign(campaign));
    }
    if !said.state.is_empty() {
        let known = |name: &String| {
            let state = geo::State::parse(name).filter(|state| geo::area_codes_of(*state).next().is_some());
            state.ok_or_else(|| UsageError(format!("{name:?} is no state that has area codes")))
        };
        return Ok(Near::States(said.state.iter().map(known).collect::<Result<_, _>>()?));
    }
    match said.area_code.iter().find(|code| geo::local_area_code(code).is_none()) {
        Some(wrong) => Err(UsageError(format!("{wrong:?} is no area code of a place in the United States"))),
        None => Ok(Near::AreaCodes(said.area_code.clone())),
    }
}

fn show(orders: &[NumberOrder], as_json: bool) -> anyhow::Result<Exit> {
    if as_json {
        let orders: Vec<_> = orders
            .iter()
            .map(|order| {
                json!({
                    "id": order.id, "provider": order.provider, "area_codes": order.area_codes,
                    "state": order.state.as_str(), "number": order.number, "why": order.why, "sender": order.sender,
                    "price_micros": order.price, "created_at": order.created_at, "ended_at": order.ended_at,
                })
            })
            .collect();
        speak::result(serde_json::to_string(&orders)?);
        return Ok(Exit::Success);
    }
    for order in orders {
        let sender = order.sender.map(|sender| format!(", sender {sender}")).unwrap_or_default();
        speak::result(format!(
            "{}  {:11} {:8} {}{sender}{}",
            order.id,
            order.provider,
            order.state.as_str(),
            order.number.as_deref().unwrap_or("no number yet"),
            order.why.as_deref().map(|why| format!(" ({why})")).unwrap_or_default(),
        ));
    }
    Ok(Exit::Success)
}
