//! Buying what was ordered, a step at a time: each is written down before the vendor is asked for the next.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{NumberOrderId, SenderId, TeamId, TypedId, UserId};
use domain::money::MicroDollars;
use domain::phone::Phone;
use uuid::Uuid;

use super::{NewOrder, OrderState};
use crate::from_row::from_row;
use crate::sender::{self, Letterhead, NewSender, Registered};
use crate::{BulkTransaction, Database, DbError, Result};

/// The index that keeps a number from being bought for two.
pub const NUMBER_CONSTRAINT: &str = "number_orders_number";

/// An order that somebody has in hand.
#[derive(Clone, PartialEq)]
pub struct Open {
    /// Its id, which is the key of the purchase too.
    pub id: NumberOrderId,
    /// What was asked for.
    pub wanted: NewOrder,
    /// How far it has come.
    pub state: OrderState,
    /// The number that is chosen.
    pub number: Option<Phone>,
    /// How many numbers the vendor did not sell after all.
    pub lost: i16,
    /// When the vendor was last asked to sell it, where nobody knows that it did not.
    pub called_at: Option<DateTime<Utc>>,
    /// Who asked for it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    provider: String,
    area_codes: Vec<String>,
    state: String,
    number: Option<String>,
    lost: i16,
    price_micros: i64,
    called_at: Option<DateTime<Utc>>,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    name: Option<String>,
    pool: Option<String>,
    brand: Option<String>,
    provider_group: Option<String>,
    per_second: Option<f32>,
    daily_limit: Option<i32>,
    att_per_minute: Option<i32>,
    tmobile_per_day: Option<i32>,
}
from_row!(Row {
    id,
    provider,
    area_codes,
    state,
    number,
    lost,
    price_micros,
    called_at,
    created_by,
    created_at,
    name,
    pool,
    brand,
    provider_group,
    per_second,
    daily_limit,
    att_per_minute,
    tmobile_per_day
});

impl TryFrom<Row> for Open {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self> {
        let number = row.number.map(|number| number.parse::<Phone>()).transpose();
        Ok(Self {
            id: NumberOrderId::from_uuid(row.id),
            state: row.state.parse().map_err(|error| DbError::unreadable("number_orders", error))?,
            number: number.map_err(|error| DbError::unreadable("number_orders", error))?,
            lost: row.lost,
            called_at: row.called_at,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: row.created_at,
            wanted: NewOrder {
                provider: row.provider,
                area_codes: row.area_codes,
                name: row.name,
                pool: row.pool,
                registered: Registered {
                    brand: row.brand,
                    provider_group: row.provider_group,
                    per_second: row.per_second,
                    daily_limit: row.daily_limit,
                    att_per_minute: row.att_per_minute,
                    tmobile_per_day: row.tmobile_per_day,
                },
                price: MicroDollars::new(row.price_micros),
            },
        })
    }
}

/// Teams whose orders are to be looked at, the longest waiting first.
///
/// # Errors
/// Any [`DbError`].
pub async fn teams(database: &Database, most: i32) -> Result<Vec<TeamId>> {
    let query = sqlx::query_as::<_, (Uuid,)>("SELECT team_id FROM teams_with_number_orders($1)").bind(most);
    let rows = query.fetch_all(database.pool()).await?;
    Ok(rows.into_iter().map(|(id,)| TeamId::from_uuid(id)).collect())
}

const TAKE: &str = "
UPDATE number_orders o SET due_at = clock_timestamp() + $2 * interval '1 microsecond'
 WHERE o.team_id = $1 AND o.id = (
       SELECT d.id FROM number_orders d
        WHERE d.team_id = $1 AND d.state IN ('wanted', 'buying', 'ordered') AND d.due_at <= clock_timestamp()
        ORDER BY d.due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING o.id, o.provider, o.area_codes, o.state, o.number, o.lost, o.price_micros, o.called_at, o.created_by, o.created_at, o.name,
          o.pool, o.brand, o.provider_group, o.per_second, o.daily_limit, o.att_per_minute, o.tmobile_per_day";

/// Takes the next order in hand: nobody else does for `lease`. Commit before asking anybody.
///
/// # Errors
/// Any [`DbError`].
pub async fn take(tx: &mut BulkTransaction, lease: Duration) -> Result<Option<Open>> {
    let query = sqlx::query_as::<_, Row>(TAKE).bind(tx.team_id().uuid()).bind(micros(lease));
    tx.first(query).await?.map(Open::try_from).transpose()
}

/// Chooses the number that is to be bought. Answers whether it was still to be chosen.
///
/// # Errors
/// [`DbError::Conflict`] with [`NUMBER_CONSTRAINT`] where somebody else is buying it or has it: roll back, and choose another.
pub async fn choose(tx: &mut BulkTransaction, id: NumberOrderId, number: &Phone) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE number_orders SET state = 'buying', number = $3, why = NULL
          WHERE team_id = $1 AND id = $2 AND state = 'wanted'",
    );
    Ok(tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(number.expose())).await? > 0)
}

/// Notes that the vendor is asked now. From here on it may have sold the number, whoever dies. Commit before asking it.
///
/// # Errors
/// Any [`DbError`].
pub async fn call(tx: &mut BulkTransaction, id: NumberOrderId) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE number_orders SET called_at = clock_timestamp() WHERE team_id = $1 AND id = $2 AND state = 'buying'",
    );
    Ok(tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid())).await? > 0)
}

/// What is known of an order that has not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<'a> {
    /// Nothing new: it is looked at again.
    Waits(&'a str),
    /// The vendor was not asked after all, or surely did not sell: it is asked again.
    NotAsked(&'a str),
    /// The vendor took the order.
    Ordered,
    /// The vendor does not sell this number: another is chosen.
    Lost(&'a str),
}

/// Writes down what is known, and after what time somebody looks again.
///
/// # Errors
/// Any [`DbError`].
pub async fn note(
    tx: &mut BulkTransaction,
    id: NumberOrderId,
    known: Known<'_>,
    again: Duration,
) -> Result<()> {
    let (set, why) = match known {
        Known::Waits(why) => ("waits", Some(why)),
        Known::NotAsked(why) => ("not_asked", Some(why)),
        Known::Ordered => ("ordered", None),
        Known::Lost(why) => ("lost", Some(why)),
    };
    let query = sqlx::query(
        "UPDATE number_orders
            SET state = CASE $3 WHEN 'ordered' THEN 'ordered' WHEN 'lost' THEN 'wanted' ELSE state END,
                number = CASE WHEN $3 <> 'lost' THEN number END, lost = lost + ($3 = 'lost')::integer,
                called_at = CASE WHEN $3 NOT IN ('lost', 'not_asked') THEN called_at END, why = $4,
                due_at = clock_timestamp() + $5 * interval '1 microsecond'
          WHERE team_id = $1 AND id = $2 AND state IN ('wanted', 'buying', 'ordered')",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(set).bind(why);
    tx.run(query.bind(micros(again))).await?;
    Ok(())
}

/// Writes down that there will be no number, and why. Answers whether that is new.
///
/// # Errors
/// Any [`DbError`].
pub async fn fail(tx: &mut BulkTransaction, id: NumberOrderId, why: &str) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE number_orders SET state = 'failed', why = $3, ended_at = clock_timestamp()
          WHERE team_id = $1 AND id = $2 AND state IN ('wanted', 'buying', 'ordered')",
    );
    Ok(tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(why)).await? > 0)
}

/// Enters the number that is ours now as a sender, and ends the order. One that may not send yet is paused. A sender that somebody
/// entered by hand meanwhile is the one. `None` where the order has come to its end before.
///
/// # Errors
/// Any [`DbError`].
pub async fn bought(
    tx: &mut BulkTransaction,
    order: &Open,
    number: &Phone,
    may_send: bool,
) -> Result<Option<SenderId>> {
    let team = tx.team_id().uuid();
    let held = sqlx::query_as::<_, (bool,)>(
        "SELECT true FROM number_orders WHERE team_id = $1 AND id = $2 AND state IN ('buying', 'ordered') FOR UPDATE",
    );
    if tx.first(held.bind(team).bind(order.id.uuid())).await?.is_none() {
        return Ok(None);
    }
    let (address, wanted) = (number.expose(), &order.wanted);
    let there = sqlx::query_as::<_, (Uuid,)>(
        "SELECT id FROM senders WHERE team_id = $1 AND channel = 'sms' AND provider = $2 AND address = $3",
    );
    let sender = match tx.first(there.bind(team).bind(&wanted.provider).bind(address)).await? {
        Some((id,)) => SenderId::from_uuid(id),
        None => {
            let new = NewSender {
                channel: "sms",
                provider: wanted.provider.clone(),
                address: address.to_owned(),
                name: wanted.name.clone().unwrap_or_else(|| address.to_owned()),
                pool: wanted.pool.clone(),
                area_code: Some(number.area_code().to_owned()),
                registered: wanted.registered.clone(),
                letterhead: Letterhead::default(),
            };
            let id = sender::create(tx, &new, order.created_by).await?;
            if !may_send {
                let why = "the vendor has not made it ready for texts; set it active when it has";
                sender::set_state(tx, id, sender::SenderState::Paused, Some(why)).await?;
            }
            id
        }
    };
    let query = sqlx::query(
        "UPDATE number_orders SET state = 'bought', sender_id = $3, number = $4, why = NULL, ended_at = clock_timestamp()
          WHERE team_id = $1 AND id = $2",
    );
    tx.run(query.bind(team).bind(order.id.uuid()).bind(sender.uuid()).bind(address)).await?;
    Ok(Some(sender))
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
