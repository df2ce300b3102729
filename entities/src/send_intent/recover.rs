//! What is left behind by those who died, and what is still open.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, IntentId, LeadId, TypedId};
use domain::money::MicroDollars;
use uuid::Uuid;

use super::IntentState;
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// What was taken from those who did not come back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reclaimed {
    /// Claims that were never begun: planned again. Release what was put aside for them.
    pub back: Vec<IntentId>,
    /// Calls that were begun: nobody knows what came of them, until the vendor's records say so.
    pub unknown: Vec<IntentId>,
}

/// Takes back what of a campaign is in the hands of those whose lease is over at `now`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn reclaim(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    now: DateTime<Utc>,
) -> Result<Reclaimed> {
    reclaim_where(tx, "campaign_id = $2", campaign.uuid(), now).await
}

/// The same of those that `which` chooses, a condition of our own over `$2`.
pub(super) async fn reclaim_where(
    tx: &mut BulkTransaction,
    which: &'static str,
    of: Uuid,
    now: DateTime<Utc>,
) -> Result<Reclaimed> {
    let sql = format!(
        "UPDATE send_intents i
            SET state = CASE i.state WHEN 'claimed' THEN 'planned' ELSE 'unknown' END
           FROM (SELECT id FROM send_intents
                  WHERE team_id = $1 AND {which} AND state IN ('claimed', 'calling') AND lease_until <= $3
                  ORDER BY id FOR UPDATE SKIP LOCKED) lost
          WHERE i.team_id = $1 AND i.id = lost.id RETURNING i.id, i.state"
    );
    let query = sqlx::query_as::<_, (Uuid, String)>(sqlx::AssertSqlSafe(sql));
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(of).bind(now)).await?;
    let mut reclaimed = Reclaimed::default();
    for (id, state) in rows {
        let unknown = state == IntentState::Unknown.as_str();
        let list = if unknown { &mut reclaimed.unknown } else { &mut reclaimed.back };
        list.push(IntentId::from_uuid(id));
    }
    Ok(reclaimed)
}

/// A call of which nobody knows what came: with what it is looked for at the vendor.
#[derive(Clone, PartialEq, Eq)]
pub struct UnknownIntent {
    /// Its row.
    pub intent: IntentId,
    /// To whom.
    pub lead: LeadId,
    /// How many calls there were.
    pub attempt: i16,
    /// The vendor, by its word.
    pub provider: String,
    /// What the vendor sees through a repetition by.
    pub key: String,
    /// The number or address it comes from.
    pub from: String,
    /// The number or address it goes to.
    pub to: String,
    /// What it says.
    pub body: String,
    /// When it left.
    pub called_at: DateTime<Utc>,
    /// What is put aside for it.
    pub price: MicroDollars,
}

impl fmt::Debug for UnknownIntent {
    /// Without numbers and text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownIntent")
            .field("intent", &self.intent)
            .field("attempt", &self.attempt)
            .field("called_at", &self.called_at)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    lead_id: Uuid,
    attempt: i16,
    provider: String,
    idempotency_key: String,
    from_value: String,
    to_value: String,
    body: String,
    called_at: DateTime<Utc>,
    price_micros: Option<i64>,
}
from_row!(Row {
    id,
    lead_id,
    attempt,
    provider,
    idempotency_key,
    from_value,
    to_value,
    body,
    called_at,
    price_micros
});

/// Calls of a campaign of which nobody knows what came, the oldest first.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn unknowns(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    limit: u32,
) -> Result<Vec<UnknownIntent>> {
    unknown_where(tx, "campaign_id = $2", campaign.uuid(), limit).await
}

/// Calls of which nobody knows what came; `which` is a condition on `$2`, text of this crate.
pub(super) async fn unknown_where(
    tx: &mut BulkTransaction,
    which: &'static str,
    of: Uuid,
    limit: u32,
) -> Result<Vec<UnknownIntent>> {
    let sql = format!(
        "SELECT id, lead_id, attempt, provider, idempotency_key, from_value, to_value, body, called_at, price_micros
           FROM send_intents WHERE team_id = $1 AND {which} AND state = 'unknown'
          ORDER BY called_at, id LIMIT $3"
    );
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql));
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(of).bind(i64::from(limit))).await?;
    Ok(rows
        .into_iter()
        .map(|row| UnknownIntent {
            intent: IntentId::from_uuid(row.id),
            lead: LeadId::from_uuid(row.lead_id),
            attempt: row.attempt,
            provider: row.provider,
            key: row.idempotency_key,
            from: row.from_value,
            to: row.to_value,
            body: row.body,
            called_at: row.called_at,
            price: MicroDollars::new(row.price_micros.unwrap_or_default()),
        })
        .collect())
}

/// What of a campaign has not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    /// Nothing was done yet.
    pub planned: i64,
    /// Held back by the gate.
    pub held: i64,
    /// In somebody's hands.
    pub claimed: i64,
    /// Being called.
    pub calling: i64,
    /// Nobody knows what came of it.
    pub unknown: i64,
    /// When the next one is due.
    pub next_due: Option<DateTime<Utc>>,
    /// When the next lease is over.
    pub next_lease: Option<DateTime<Utc>>,
}
from_row!(Open { planned, held, claimed, calling, unknown, next_due, next_lease });

impl Open {
    /// Whether nothing is left to be sent or found out.
    pub const fn is_empty(&self) -> bool {
        self.planned + self.held + self.claimed + self.calling + self.unknown == 0
    }
}

/// What of a campaign has not ended.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn open(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<Open> {
    // By the two partial indexes: what has ended, which is most of a campaign in the end, is not read.
    let query = sqlx::query_as::<_, Open>(
        "SELECT w.planned, w.held, u.claimed, u.calling, u.unknown, w.next_due, u.next_lease
           FROM (SELECT count(*) FILTER (WHERE state = 'planned') AS planned,
                        count(*) FILTER (WHERE state = 'held') AS held, min(due_at) AS next_due
                   FROM send_intents
                  WHERE team_id = $1 AND campaign_id = $2 AND state IN ('planned', 'held')) w,
                (SELECT count(*) FILTER (WHERE state = 'claimed') AS claimed,
                        count(*) FILTER (WHERE state = 'calling') AS calling,
                        count(*) FILTER (WHERE state = 'unknown') AS unknown,
                        min(lease_until) FILTER (WHERE state <> 'unknown') AS next_lease
                   FROM send_intents
                  WHERE team_id = $1 AND campaign_id = $2 AND state IN ('claimed', 'calling', 'unknown')) u",
    );
    Ok(tx.first(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await?.unwrap_or_default())
}
