//! Delivery reports.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, IntentId, LeadId, MessageId, TypedId};
use domain::message::MessageStatus;
use domain::money::MicroDollars;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// What a vendor reports of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Report<'a> {
    /// By which it knows the message.
    pub external_id: &'a str,
    /// What it repeats when it reports the same again.
    pub delivery_key: &'a str,
    /// What became of it.
    pub status: MessageStatus,
    /// Its code of what went wrong.
    pub error_code: Option<&'a str>,
    /// What it charges, where it says so.
    pub price: Option<MicroDollars>,
    /// How many segments it counts, where it says so.
    pub segments: Option<u16>,
    /// When it happened, as it says.
    pub happened_at: DateTime<Utc>,
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("status", &self.status).field("error_code", &self.error_code).finish()
    }
}

/// A message that a report said something new of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The message.
    pub message: MessageId,
    /// The campaign it belongs to.
    pub campaign: Option<CampaignId>,
    /// Its intent.
    pub intent: Option<IntentId>,
    /// To whom it went.
    pub lead: Option<LeadId>,
    /// Its status from now on.
    pub status: MessageStatus,
    /// The vendor's code of what went wrong.
    pub error_code: Option<String>,
}

struct Row {
    id: Uuid,
    campaign_id: Option<Uuid>,
    intent_id: Option<Uuid>,
    lead_id: Option<Uuid>,
    status: String,
    error_code: Option<String>,
    price_micros: i64,
}
from_row!(Row { id, campaign_id, intent_id, lead_id, status, error_code, price_micros });

const KEEP: &str = "
INSERT INTO message_events (team_id, message_id, provider, external_id, delivery_key, status, error_code, price_micros,
                            segments, happened_at)
SELECT $1, m.id, $2, e.external_id, e.delivery_key, e.status, e.error_code, e.price, e.segments, e.happened_at
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::smallint[], $9::timestamptz[])
       WITH ORDINALITY e (external_id, delivery_key, status, error_code, price, segments, happened_at, place)
  LEFT JOIN messages m ON m.team_id = $1 AND m.provider = $2 AND m.external_id = e.external_id
 ORDER BY e.delivery_key, e.place
ON CONFLICT ON CONSTRAINT message_events_once DO NOTHING";

/// From all that was ever reported of the messages in `@which`: the furthest status, its code and time, and the last price.
const FORWARD: &str = "
WITH told AS (
    SELECT m.id, f.status, f.error_code, f.happened_at, p.price_micros, p.segments
      FROM messages m
      JOIN LATERAL (SELECT e.status, e.error_code, e.happened_at FROM message_events e
                     WHERE e.team_id = $1 AND e.provider = m.provider AND e.external_id = m.external_id
                     ORDER BY message_status_rank(e.status) DESC, e.happened_at LIMIT 1) f ON true
      LEFT JOIN LATERAL (SELECT e.price_micros, e.segments FROM message_events e
                     WHERE e.team_id = $1 AND e.provider = m.provider AND e.external_id = m.external_id
                       AND e.price_micros IS NOT NULL
                     ORDER BY e.happened_at DESC LIMIT 1) p ON true
     WHERE m.team_id = $1 AND m.direction = 'outbound' AND @which)
UPDATE messages m
   SET status = message_status_after(m.status, t.status),
       error_code = CASE WHEN message_status_after(m.status, t.status) = 'delivered' THEN NULL
                         ELSE coalesce(t.error_code, m.error_code) END,
       price_micros = coalesce(t.price_micros, m.price_micros), segments = coalesce(t.segments, m.segments),
       delivered_at = CASE WHEN t.status = 'delivered' THEN coalesce(m.delivered_at, t.happened_at) ELSE m.delivered_at END,
       failed_at = CASE WHEN t.status IN ('failed', 'undelivered') THEN coalesce(m.failed_at, t.happened_at)
                        ELSE m.failed_at END
  FROM told t
 WHERE m.team_id = $1 AND m.id = t.id
   AND (m.status <> message_status_after(m.status, t.status) OR m.price_micros <> coalesce(t.price_micros, m.price_micros))
RETURNING m.id, m.campaign_id, m.intent_id, m.lead_id, m.status, m.error_code, m.price_micros";

/// Takes reports in, each once, in whatever order they come: statuses only move forward, and what the message cost is
/// settled with the budgets when it is known to have ended. Reports of messages that are not known yet are kept for them.
/// Answers the messages that changed.
///
/// # Errors
/// Any [`DbError`].
pub async fn report(
    tx: &mut BulkTransaction,
    provider: &str,
    reports: &[Report<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<Reported>> {
    if reports.is_empty() {
        return Ok(Vec::new());
    }
    let external: Vec<&str> = reports.iter().map(|one| one.external_id).collect();
    super::lock_external(tx, external.iter().copied()).await?;
    let keys: Vec<&str> = reports.iter().map(|one| one.delivery_key).collect();
    let statuses: Vec<&str> = reports.iter().map(|one| one.status.as_str()).collect();
    let codes: Vec<Option<&str>> = reports.iter().map(|one| one.error_code).collect();
    let prices: Vec<Option<i64>> = reports.iter().map(|one| one.price.map(MicroDollars::micros)).collect();
    let segments: Vec<Option<i16>> = reports
        .iter()
        .map(|one| one.segments.filter(|count| *count > 0).and_then(|count| i16::try_from(count).ok()))
        .collect();
    let times: Vec<DateTime<Utc>> = reports.iter().map(|one| one.happened_at).collect();
    let team = tx.team_id().uuid();
    let query = sqlx::query(KEEP).bind(team).bind(provider).bind(&external).bind(keys).bind(statuses);
    tx.run(query.bind(codes).bind(prices).bind(segments).bind(times)).await?;
    let sql = FORWARD.replace("@which", "m.provider = $2 AND m.external_id = ANY($3)");
    // All of it is text of this file.
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(team).bind(provider).bind(&external);
    let rows = tx.all(query).await?;
    follow(tx, rows, now).await
}

/// Gives messages that were just accepted what was reported of them before.
pub(super) async fn apply_early(
    tx: &mut BulkTransaction,
    intents: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    let team = tx.team_id().uuid();
    let adopted = tx
        .run(
            sqlx::query(
                "UPDATE message_events e SET message_id = m.id FROM messages m
                  WHERE m.team_id = $1 AND m.intent_id = ANY($2) AND e.team_id = $1 AND e.provider = m.provider
                    AND e.external_id = m.external_id AND e.message_id IS NULL",
            )
            .bind(team)
            .bind(intents),
        )
        .await?;
    if adopted == 0 {
        return Ok(());
    }
    let sql = FORWARD.replace("@which", "m.intent_id = ANY($2)");
    // All of it is text of this file.
    let rows = tx.all(sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(team).bind(intents)).await?;
    follow(tx, rows, now).await?;
    Ok(())
}

/// What follows from messages that moved on: where their leads are, and what they cost.
async fn follow(tx: &mut BulkTransaction, rows: Vec<Row>, now: DateTime<Utc>) -> Result<Vec<Reported>> {
    let mut changed = Vec::with_capacity(rows.len());
    let (mut ended, mut costs, mut messages) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let status: MessageStatus =
            row.status.parse().map_err(|error| DbError::unreadable("messages.status", error))?;
        if let Some(intent) = row.intent_id.filter(|_| status.is_final()) {
            ended.push(intent);
            costs.push(row.price_micros);
        }
        messages.push(row.id);
        changed.push(Reported {
            message: MessageId::from_uuid(row.id),
            campaign: row.campaign_id.map(CampaignId::from_uuid),
            intent: row.intent_id.map(IntentId::from_uuid),
            lead: row.lead_id.map(LeadId::from_uuid),
            status,
            error_code: row.error_code,
        });
    }
    if changed.is_empty() {
        return Ok(changed);
    }
    let leads = sqlx::query(
        "UPDATE campaign_leads c
            SET state = CASE WHEN m.arrived AND c.state IN ('pending', 'sent', 'failed') THEN 'delivered'
                             WHEN NOT m.arrived AND c.state IN ('pending', 'sent') THEN 'failed' ELSE c.state END,
                updated_at = $3
           FROM (SELECT campaign_id, lead_id, bool_or(status = 'delivered') AS arrived FROM messages
                  WHERE team_id = $1 AND id = ANY($2) AND status IN ('delivered', 'failed', 'undelivered') GROUP BY 1, 2) m
          WHERE c.team_id = $1 AND c.campaign_id = m.campaign_id AND c.lead_id = m.lead_id",
    );
    let team = tx.team_id().uuid();
    tx.run(leads.bind(team).bind(messages).bind(now)).await?;
    if !ended.is_empty() {
        crate::budget::settle_ids(tx, &ended, &costs).await?;
    }
    Ok(changed)
}

/// Settles what accepted messages of a campaign cost of which no report says that they ended, at what they were expected to:
/// for the end of a campaign. Answers how many.
///
/// # Errors
/// Any [`DbError`].
pub async fn settle_unreported(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<i32> {
    let query = sqlx::query_as::<_, (Uuid, i64)>(
        "SELECT m.intent_id, m.price_micros FROM messages m
          WHERE m.team_id = $1 AND m.campaign_id = $2 AND m.intent_id IS NOT NULL
            AND EXISTS (SELECT FROM budget_entries e
                         WHERE e.team_id = $1 AND e.call_id = m.intent_id AND e.state = 'reserved')",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await?;
    let (ids, costs): (Vec<Uuid>, Vec<i64>) = rows.into_iter().unzip();
    crate::budget::settle_ids(tx, &ids, &costs).await
}
