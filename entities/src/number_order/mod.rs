//! Orders of numbers to send from: what was asked for, and how far it has come. Who buys is [`buying`].
//!
//! The order is there before anything is bought, and says which number is chosen before a vendor is asked for it: whoever finds
//! an order that somebody left looks for that number among those we have, and buys no other beside it.

pub mod buying;
mod near;

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{NumberOrderId, SenderId, TypedId, UserId};
use domain::money::MicroDollars;
use domain::named_enum;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::sender::Registered;
use crate::{BulkTransaction, DbError, Result, fresh_id};

pub use near::{Near, area_codes};

/// The most orders of a team that are open at once: each of them costs money every month.
pub const MOST_OPEN: i64 = 20;

named_enum! {
    /// How far an order has come.
    OrderState {
        /// No number is chosen yet.
        Wanted = "wanted",
        /// One is, and the vendor is asked for it.
        Buying = "buying",
        /// The vendor took the order and has not delivered.
        Ordered = "ordered",
        /// It is the team's, and a sender.
        Bought = "bought",
        /// There is none, and nothing more happens.
        Failed = "failed",
    }
}

/// A number that is asked for, and the sender that it is to become.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    /// The vendor, by its word.
    pub provider: String,
    /// Area codes, in the order in which they are tried.
    pub area_codes: Vec<String>,
    /// What people call it; the number where it is left out.
    pub name: Option<String>,
    /// The pool that it is to belong to.
    pub pool: Option<String>,
    /// What is registered for it.
    pub registered: Registered,
    /// What is put aside for it.
    pub price: MicroDollars,
}

/// An order as people see it.
#[derive(Clone, PartialEq)]
pub struct NumberOrder {
    /// Its id.
    pub id: NumberOrderId,
    /// The vendor, by its word.
    pub provider: String,
    /// Area codes, in the order in which they are tried.
    pub area_codes: Vec<String>,
    /// How far it has come.
    pub state: OrderState,
    /// The number (E.164), once one is chosen.
    pub number: Option<String>,
    /// Why it failed, or waits, in a word.
    pub why: Option<String>,
    /// What was put aside for it.
    pub price: MicroDollars,
    /// The sender that it became.
    pub sender: Option<SenderId>,
    /// Who asked for it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it came to its end.
    pub ended_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for NumberOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NumberOrder")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    provider: String,
    area_codes: Vec<String>,
    state: String,
    number: Option<String>,
    why: Option<String>,
    price_micros: i64,
    sender_id: Option<Uuid>,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}
from_row!(Row {
    id,
    provider,
    area_codes,
    state,
    number,
    why,
    price_micros,
    sender_id,
    created_by,
    created_at,
    ended_at
});

impl TryFrom<Row> for NumberOrder {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: NumberOrderId::from_uuid(row.id),
            provider: row.provider,
            area_codes: row.area_codes,
            state: row.state.parse().map_err(|error| DbError::unreadable("number_orders", error))?,
            number: row.number,
            why: row.why,
            price: MicroDollars::new(row.price_micros),
            sender: row.sender_id.map(SenderId::from_uuid),
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: row.created_at,
            ended_at: row.ended_at,
        })
    }
}

/// Writes down what is asked for; a worker buys it. `None` where the team has [`MOST_OPEN`] open orders. Requests of one team
/// take turns from here on.
///
/// # Errors
/// Any [`DbError`].
pub async fn place(
    tx: &mut BulkTransaction,
    new: &NewOrder,
    by: Option<UserId>,
) -> Result<Option<NumberOrderId>> {
    let team = tx.team_id().uuid();
    tx.lock(&format!("number_orders:{team}")).await?;
    let open = sqlx::query_as::<_, (i64,)>(
        "SELECT count(*) FROM number_orders WHERE team_id = $1 AND state IN ('wanted', 'buying', 'ordered')",
    );
    if tx.first(open.bind(team)).await?.is_some_and(|(open,)| open >= MOST_OPEN) {
        return Ok(None);
    }
    let id: NumberOrderId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO number_orders (team_id, id, provider, area_codes, price_micros, name, pool, brand, provider_group, per_second,
                                    daily_limit, att_per_minute, tmobile_per_day, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    );
    let query = query.bind(team).bind(id.uuid()).bind(&new.provider).bind(&new.area_codes);
    let query = query.bind(new.price.micros()).bind(&new.name).bind(&new.pool);
    let of = &new.registered;
    let query = query.bind(&of.brand).bind(&of.provider_group).bind(of.per_second).bind(of.daily_limit);
    tx.run(query.bind(of.att_per_minute).bind(of.tmobile_per_day).bind(by.map(TypedId::uuid))).await?;
    Ok(Some(id))
}

const SHOWN: &str = "SELECT id, provider, area_codes, state, number, why, price_micros, sender_id, created_by, created_at, ended_at
   FROM number_orders WHERE team_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY id DESC LIMIT 200";

/// The team's orders, newest first, 200 at the most.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(tx: &mut BulkTransaction) -> Result<Vec<NumberOrder>> {
    let query = sqlx::query_as::<_, Row>(SHOWN).bind(tx.team_id().uuid()).bind(None::<Uuid>);
    tx.all(query).await?.into_iter().map(NumberOrder::try_from).collect()
}

/// One of the team's orders.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: NumberOrderId) -> Result<NumberOrder> {
    let query = sqlx::query_as::<_, Row>(SHOWN).bind(tx.team_id().uuid()).bind(Some(id.uuid()));
    tx.first(query).await?.map(NumberOrder::try_from).ok_or_else(|| DbError::not_found("number order", id))?
}
