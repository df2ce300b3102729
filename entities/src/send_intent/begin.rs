//! The last check before a call.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::campaign::Channel;
use domain::gate::SuppressionReason;
use domain::id::{IntentId, TypedId};
use domain::named_enum;
use uuid::Uuid;

use super::micros;
use crate::{BulkTransaction, DbError, Result};

named_enum! {
    /// Why a text that was claimed is not sent, by the word of the gate's rule.
    Stop {
        /// A kill switch is on.
        KillSwitch = "kill_switch",
        /// The campaign does not run any more.
        Campaign = "campaign",
        /// The person opted out, or must not be contacted.
        Suppression = "suppression",
    }
}

/// A text that was stopped at the last moment. What was put aside for it is to be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Its row: cancelled where the person is suppressed, else planned again.
    pub intent: IntentId,
    /// Why.
    pub stop: Stop,
}

/// What may leave, and what may not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begun {
    /// To be called now: from here on nobody else sends them, and they end as accepted, refused or unknown.
    pub calling: Vec<IntentId>,
    /// Not to be called.
    pub stopped: Vec<Stopped>,
}

/// One statement looks at the database as it is and begins the call or stops it. It waits for an opt-out that is being
/// written, and an opt-out that is written later finds the call begun. $6: what does not forbid a call to be made by voice.
const BEGIN: &str = "
WITH mine AS MATERIALIZED (
    SELECT i.id, i.campaign_id, i.lead_id, i.sender_id, i.to_value, i.from_value, i.channel
      FROM send_intents i
     WHERE i.team_id = $1 AND i.claimed_by = $2 AND i.state = 'claimed' AND i.id = ANY($3) ORDER BY i.id FOR UPDATE),
judged AS (
    SELECT m.id, CASE
               WHEN kill_switch_on(m.campaign_id, m.sender_id) IS NOT NULL THEN 'kill_switch'
               WHEN c.state <> 'running' OR c.expires_at <= $4 THEN 'campaign'
               WHEN is_suppressed(m.to_value, l.persona_id, s.brand, m.from_value,
                                  CASE m.channel WHEN 'voice' THEN $6::text[] ELSE '{}' END) THEN 'suppression' END AS stop
      FROM mine m
      JOIN campaigns c ON c.team_id = $1 AND c.id = m.campaign_id
      LEFT JOIN leads l ON l.team_id = $1 AND l.id = m.lead_id
      LEFT JOIN senders s ON s.team_id = $1 AND s.id = m.sender_id)
UPDATE send_intents i
   SET state = CASE WHEN j.stop IS NULL THEN 'calling' WHEN j.stop = 'suppression' THEN 'cancelled' ELSE 'planned' END,
       attempt = i.attempt + (j.stop IS NULL)::integer,
       called_at = CASE WHEN j.stop IS NULL THEN $4 ELSE i.called_at END,
       lease_until = $4 + $5 * interval '1 microsecond',
       ended_at = CASE WHEN j.stop = 'suppression' THEN $4 END, refusal = j.stop
  FROM judged j WHERE i.team_id = $1 AND i.id = j.id
RETURNING i.id, j.stop";

/// The last check, right before the calls: those of the claimed texts that may leave are `calling` from here on. The
/// campaign has to run still, no kill switch may be on, and nobody may have opted out meanwhile. Texts that are not
/// answered are somebody else's by now. Commit before calling.
///
/// # Errors
/// [`DbError::Conflict`] with `send_intents_attempts` for a fourth attempt; any other [`DbError`].
pub async fn begin(
    tx: &mut BulkTransaction,
    claimed_by: &str,
    intents: &[IntentId],
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Begun> {
    let ids: Vec<Uuid> = intents.iter().map(|intent| intent.uuid()).collect();
    let query = sqlx::query_as::<_, (Uuid, Option<String>)>(BEGIN).bind(tx.team_id().uuid()).bind(claimed_by);
    let query = query.bind(ids).bind(now).bind(micros(lease));
    let rows = tx.all(query.bind(SuppressionReason::sparing(Channel::Voice))).await?;
    let mut begun = Begun::default();
    for (id, stop) in rows {
        let intent = IntentId::from_uuid(id);
        match stop {
            None => begun.calling.push(intent),
            Some(word) => {
                let stop =
                    word.parse().map_err(|error| DbError::unreadable("send_intents.refusal", error))?;
                begun.stopped.push(Stopped { intent, stop });
            }
        }
    }
    Ok(begun)
}

/// Keeps what `claimed_by` has in hands for longer, so that nobody takes it for dead.
///
/// # Errors
/// Any [`DbError`].
pub async fn extend(
    tx: &mut BulkTransaction,
    claimed_by: &str,
    intents: &[IntentId],
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<u64> {
    let ids: Vec<Uuid> = intents.iter().map(|intent| intent.uuid()).collect();
    let query = sqlx::query(
        "UPDATE send_intents SET lease_until = greatest(lease_until, $4 + $5 * interval '1 microsecond')
          WHERE team_id = $1 AND claimed_by = $2 AND id = ANY($3) AND state IN ('claimed', 'calling')",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(claimed_by).bind(ids).bind(now).bind(micros(lease))).await
}
