//! Calls that campaigns want made: each row of the ledger has one at the most, and what forbids to call stops them,
//! also hours after they were put into the queue.

use chrono::{DateTime, Utc};
use domain::campaign::Channel;
use domain::gate::SuppressionReason;
use domain::id::{CampaignId, IntentId, QueuedCallId, TypedId};

use super::{NewCall, enqueue};
use crate::send_intent::Stop;
use crate::{BulkTransaction, DbError, Result};

/// What became of a call that a campaign wants made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// It is in the queue, by this or an earlier try.
    Put(QueuedCallId),
    /// Somebody is to call that number already, for another reason.
    CalledAlready,
}

/// Puts the call of an intent into the queue, with what is to be said, unless it is or was there.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn enqueue_once(
    tx: &mut BulkTransaction,
    intent: IntentId,
    call: &NewCall<'_>,
    script: &str,
) -> Result<Queued> {
    let team = tx.team_id().uuid();
    // The same lock as below: two who put the same call would both find none.
    tx.lock(&format!("call_queue:{team}")).await?;
    if let Some(id) = find(tx, intent).await? {
        return Ok(Queued::Put(id));
    }
    let Some(id) = enqueue(tx, call).await? else { return Ok(Queued::CalledAlready) };
    let query =
        sqlx::query("UPDATE call_queue SET intent_id = $3, notes = $4 WHERE team_id = $1 AND id = $2");
    tx.run(query.bind(team).bind(id.uuid()).bind(intent.uuid()).bind(script)).await?;
    Ok(Queued::Put(id))
}

async fn find(tx: &mut BulkTransaction, intent: IntentId) -> Result<Option<QueuedCallId>> {
    let query =
        sqlx::query_as::<_, (uuid::Uuid,)>("SELECT id FROM call_queue WHERE team_id = $1 AND intent_id = $2");
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(intent.uuid())).await?;
    Ok(row.map(|(id,)| QueuedCallId::from_uuid(id)))
}

/// Whether the call of an intent is or was in the queue.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn is_queued(tx: &mut BulkTransaction, intent: IntentId) -> Result<bool> {
    Ok(find(tx, intent).await?.is_some())
}

const STOPPED: &str = "
SELECT CASE WHEN kill_switch_on(i.campaign_id, i.sender_id) IS NOT NULL THEN 'kill_switch'
            WHEN is_suppressed(q.phone, l.persona_id, s.brand, i.from_value, $3) THEN 'suppression'
            WHEN c.state = 'paused' THEN 'campaign' END
  FROM call_queue q
  JOIN send_intents i ON i.team_id = $1 AND i.id = q.intent_id
  LEFT JOIN campaigns c ON c.team_id = $1 AND c.id = i.campaign_id
  LEFT JOIN leads l ON l.team_id = $1 AND l.id = i.lead_id
  LEFT JOIN senders s ON s.team_id = $1 AND s.id = i.sender_id
 WHERE q.team_id = $1 AND q.id = $2";

/// What forbids a call by now that a campaign wanted made when it was put into the queue; `None`: nothing does, or no campaign
/// wants it. A call to somebody who is not to be contacted any more is taken off the queue.
pub(super) async fn stopped(
    tx: &mut BulkTransaction,
    id: QueuedCallId,
    now: DateTime<Utc>,
) -> Result<Option<Stop>> {
    let (team, id) = (tx.team_id().uuid(), id.uuid());
    let query = sqlx::query_as::<_, (Option<String>,)>(STOPPED).bind(team).bind(id);
    let query = query.bind(SuppressionReason::sparing(Channel::Voice));
    let word = tx.first(query).await?.and_then(|(word,)| word);
    let stop: Option<Stop> = word
        .map(|word| word.parse().map_err(|error| DbError::unreadable("call_queue", error)))
        .transpose()?;
    if stop == Some(Stop::Suppression) {
        let query = sqlx::query(
            "UPDATE call_queue SET state = 'cancelled', ended_at = $3, updated_at = $3 WHERE team_id = $1 AND id = $2",
        );
        tx.run(query.bind(team).bind(id).bind(now)).await?;
    }
    Ok(stop)
}

/// Nobody calls any more for a campaign that ends before its time; who is calling goes on. Answers how many calls that were.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn cancel_of_campaign(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    now: DateTime<Utc>,
) -> Result<u64> {
    let query = sqlx::query(
        "UPDATE call_queue q SET state = 'cancelled', ended_at = $3, updated_at = $3 FROM send_intents i
          WHERE i.team_id = $1 AND i.campaign_id = $2 AND q.team_id = $1 AND q.intent_id = i.id AND q.state = 'queued'",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(now)).await
}

/// Nobody calls this number any more for a campaign: whoever has it wants to be left alone. Answers how many calls that were.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn cancel_to(tx: &mut BulkTransaction, phone: &str, now: DateTime<Utc>) -> Result<u64> {
    let query = sqlx::query(
        "UPDATE call_queue SET state = 'cancelled', ended_at = $3, updated_at = $3
          WHERE team_id = $1 AND phone = $2 AND intent_id IS NOT NULL AND state IN ('queued', 'claimed')",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(phone).bind(now)).await
}
