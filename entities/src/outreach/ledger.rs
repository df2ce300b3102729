//! What the engine asks of a campaign's ledger: what went wrong lately, and whose report is missing.

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, IntentId, MessageId, TypedId};
use uuid::Uuid;

use crate::{BulkTransaction, DbError, Result};

/// Of the last hundred messages since the campaign was last changed: how many were refused or did not arrive, and how many
/// there were. What is the matter of one number (wrong, a landline, opted out, out of reach, to be called already) is left
/// aside: a bad recipient stops nobody else.
///
/// # Errors
/// Any [`DbError`].
pub async fn error_rate(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<(i64, i64)> {
    let query = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE failed), count(*) FROM (
            SELECT i.state = 'refused' OR coalesce(m.status IN ('failed', 'undelivered')
                       AND coalesce(m.error_code, '') NOT IN ('30003', '30005', '30006', 'landline'), false) AS failed
              FROM send_intents i
              LEFT JOIN messages m ON m.team_id = i.team_id AND m.intent_id = i.id
             WHERE i.team_id = $1 AND i.campaign_id = $2 AND i.state IN ('accepted', 'refused')
               AND i.refusal IS DISTINCT FROM 'already_queued'
               AND NOT (i.state = 'refused' AND EXISTS (SELECT FROM suppressions s WHERE s.team_id = $1 AND s.kind IN ('phone', 'email')
                          AND s.value = i.to_value AND s.reason IN ('invalid', 'landline', 'opt_out', 'carrier', 'bounce')))
               AND i.ended_at >= (SELECT updated_at FROM campaigns c WHERE c.team_id = $1 AND c.id = $2)
             ORDER BY i.ended_at DESC LIMIT 100) last",
    );
    Ok(tx.first(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await?.unwrap_or_default())
}

/// A message whose end nobody has reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreported {
    /// The message.
    pub message: MessageId,
    /// The vendor, by its word.
    pub provider: String,
    /// By which the vendor knows it.
    pub external_id: String,
}

/// Texts of a campaign that were sent before `before` and whose end nobody has reported, after `after`, in order.
///
/// # Errors
/// Any [`DbError`].
pub async fn unreported(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    after: Option<MessageId>,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Unreported>> {
    let query = sqlx::query_as::<_, (Uuid, String, String)>(
        "SELECT id, provider, external_id FROM messages
          WHERE team_id = $1 AND campaign_id = $2 AND direction = 'outbound' AND channel = 'sms'
            AND status IN ('queued', 'sent') AND sent_at < $3 AND ($4::uuid IS NULL OR id > $4) ORDER BY id LIMIT $5",
    );
    let query = query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(before);
    let rows = tx.all(query.bind(after.map(TypedId::uuid)).bind(i64::from(limit))).await?;
    let message =
        |(id, provider, external_id)| Unreported { message: MessageId::from_uuid(id), provider, external_id };
    Ok(rows.into_iter().map(message).collect())
}

/// How many texts of a campaign there are whose end nobody has reported. Of e-mail and calls nobody reports anything.
///
/// # Errors
/// Any [`DbError`].
pub async fn awaited(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<u32> {
    let query = sqlx::query_as(
        "SELECT count(*) FROM messages WHERE team_id = $1 AND campaign_id = $2 AND direction = 'outbound'
            AND channel = 'sms' AND status IN ('queued', 'sent')",
    );
    let counted: Option<(i64,)> = tx.first(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await?;
    Ok(counted.and_then(|(count,)| u32::try_from(count).ok()).unwrap_or_default())
}

/// The vendor's ids of messages to a number since then that are accounted for: none of them is one that is sought.
///
/// # Errors
/// Any [`DbError`].
pub async fn accounted(
    tx: &mut BulkTransaction,
    to: &str,
    provider: &str,
    since: DateTime<Utc>,
) -> Result<Vec<String>> {
    let query = sqlx::query_as::<_, (String,)>(
        "SELECT external_id FROM messages WHERE team_id = $1 AND direction = 'outbound' AND to_value = $2 AND provider = $3
            AND sent_at >= $4",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(to).bind(provider).bind(since)).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The step of an intent, from 1.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn step_of(tx: &mut BulkTransaction, intent: IntentId) -> Result<u8> {
    let query = sqlx::query_as::<_, (i16,)>("SELECT step FROM send_intents WHERE team_id = $1 AND id = $2");
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(intent.uuid())).await?;
    let (step,) = row.ok_or_else(|| DbError::not_found("intent", intent))?;
    Ok(u8::try_from(step).unwrap_or_default())
}
