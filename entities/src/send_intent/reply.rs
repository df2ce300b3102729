//! Replies in the ledger: one row for each suggestion that was released, by the same states and the same last check as what a
//! campaign sends.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, IntentId, LeadId, SuggestionId, TypedId};
use domain::named_enum;
use uuid::Uuid;

use super::{Reclaimed, UnknownIntent, micros};
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// Released suggestions that have no row yet get one. Who it goes to stands there from the beginning, so that an opt-out
/// finds it.
const PLAN: &str = "
INSERT INTO send_intents (team_id, conversation_id, suggestion_id, answers, lead_id, to_value, due_at)
SELECT s.team_id, s.conversation_id, s.id, c.campaign_id, c.lead_id, c.their_address, $3
  FROM reply_suggestions s JOIN conversations c ON c.team_id = s.team_id AND c.id = s.conversation_id
 WHERE s.team_id = $1 AND s.conversation_id = $2 AND s.state IN ('approved', 'edited')
   AND (c.state = 'open' OR s.origin = 'confirmation') AND c.lead_id IS NOT NULL
ON CONFLICT (team_id, suggestion_id) WHERE suggestion_id IS NOT NULL DO NOTHING";

/// Plans whatever of a conversation was released. What is planned already, whatever became of it, stays as it is.
///
/// # Errors
/// Any [`DbError`].
pub async fn plan_replies(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    now: DateTime<Utc>,
) -> Result<u64> {
    tx.run(sqlx::query(PLAN).bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(now)).await
}

/// A reply that is to be looked at now.
#[derive(Clone, PartialEq, Eq)]
pub struct DueReply {
    /// Its row.
    pub intent: IntentId,
    /// What was released.
    pub suggestion: SuggestionId,
    /// To whom.
    pub lead: LeadId,
    /// How many calls were begun for it before.
    pub attempt: u8,
    /// What it says. Personal data.
    pub text: String,
    /// Whether nothing of theirs asked for it: a follow-up.
    pub unasked: bool,
    /// Whether a person released it.
    pub by_person: bool,
    /// Of the text that confirms an opt-out: until when it may go.
    pub confirms_until: Option<DateTime<Utc>>,
}

impl fmt::Debug for DueReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DueReply").field("intent", &self.intent).finish_non_exhaustive()
    }
}

struct DueRow {
    id: Uuid,
    suggestion_id: Uuid,
    lead_id: Uuid,
    attempt: i16,
    text: String,
    unasked: bool,
    by_person: bool,
    confirms_until: Option<DateTime<Utc>>,
}
from_row!(DueRow { id, suggestion_id, lead_id, attempt, text, unasked, by_person, confirms_until });

/// The replies of a conversation that are due at `now`, held to the end of the transaction.
///
/// # Errors
/// Any [`DbError`].
pub async fn due_replies(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    now: DateTime<Utc>,
) -> Result<Vec<DueReply>> {
    let query = sqlx::query_as::<_, DueRow>(
        "SELECT i.id, i.suggestion_id, i.lead_id, i.attempt, coalesce(s.edited_text, s.text) AS text,
                s.origin = 'follow_up' AS unasked, s.decided_by IS NOT NULL AS by_person,
                CASE WHEN s.origin = 'confirmation' THEN s.expires_at END AS confirms_until
           FROM send_intents i
           JOIN reply_suggestions s ON s.team_id = i.team_id AND s.id = i.suggestion_id
          WHERE i.team_id = $1 AND i.conversation_id = $2 AND i.state IN ('planned', 'held') AND i.due_at <= $3
            AND s.state IN ('approved', 'edited')
          ORDER BY i.due_at, i.id FOR UPDATE OF i SKIP LOCKED",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(now)).await?;
    Ok(rows
        .into_iter()
        .map(|row| DueReply {
            intent: IntentId::from_uuid(row.id),
            suggestion: SuggestionId::from_uuid(row.suggestion_id),
            lead: LeadId::from_uuid(row.lead_id),
            attempt: u8::try_from(row.attempt).unwrap_or_default(),
            text: row.text,
            unasked: row.unasked,
            by_person: row.by_person,
            confirms_until: row.confirms_until,
        })
        .collect())
}

named_enum! {
    /// Why a reply that was claimed is not sent.
    ReplyStop {
        /// A kill switch is on.
        KillSwitch = "kill_switch",
        /// The person opted out, or must not be contacted.
        Suppression = "suppression",
        /// The conversation is held or closed, the suggestion was taken back, or something came in meanwhile.
        Stale = "stale",
    }
}

/// Whether a reply may leave, by one look at the database as it is; the suggestion is `sending` from here on. It waits for an
/// opt-out or a message that is being written, and what is written later finds the call begun.
const BEGIN: &str = "
WITH mine AS MATERIALIZED (
    SELECT i.id, i.suggestion_id, i.answers, i.lead_id, i.sender_id, i.to_value, i.from_value, i.conversation_id
      FROM send_intents i
     WHERE i.team_id = $1 AND i.claimed_by = $2 AND i.state = 'claimed' AND i.id = $3 AND i.suggestion_id IS NOT NULL
       FOR UPDATE),
held AS MATERIALIZED (
    SELECT c.id, c.state, c.last_inbound_at FROM conversations c JOIN mine m ON c.id = m.conversation_id
     WHERE c.team_id = $1 FOR SHARE OF c),
judged AS (
    SELECT m.id, m.suggestion_id, CASE
               WHEN kill_switch_on(m.answers, m.sender_id) IS NOT NULL THEN 'kill_switch'
               WHEN r.origin = 'confirmation' AND (r.expires_at <= $4 OR h.state <> 'held' OR r.state <> 'approved') THEN 'stale'
               -- Their opt-out is what it confirms; whatever else stands against them holds.
               WHEN r.origin = 'confirmation' THEN CASE
                   WHEN EXISTS (SELECT FROM suppressions x WHERE x.team_id = $1 AND x.lifted_at IS NULL
                                   AND (x.expires_at IS NULL OR x.expires_at > $4) AND x.reason <> 'opt_out'
                                   AND ((x.kind = 'phone' AND x.value = m.to_value)
                                        OR (x.kind = 'persona' AND x.value = l.persona_id::text)))
                     OR EXISTS (SELECT FROM global_suppressions g
                                 WHERE g.kind = 'phone' AND g.value = m.to_value AND g.lifted_at IS NULL)
                   THEN 'suppression' END
               WHEN is_suppressed(m.to_value, l.persona_id, s.brand, m.from_value) THEN 'suppression'
               WHEN h.state <> 'open' OR r.state NOT IN ('approved', 'edited') THEN 'stale'
               WHEN r.origin <> 'person' AND r.state = 'approved' AND h.last_inbound_at > r.created_at THEN 'stale'
           END AS stop
      FROM mine m
      JOIN held h ON h.id = m.conversation_id
      JOIN reply_suggestions r ON r.team_id = $1 AND r.id = m.suggestion_id
      LEFT JOIN leads l ON l.team_id = $1 AND l.id = m.lead_id
      LEFT JOIN senders s ON s.team_id = $1 AND s.id = m.sender_id),
told AS (
    UPDATE reply_suggestions r SET state = CASE WHEN j.stop IS NULL THEN 'sending' ELSE 'stale' END, updated_at = $4,
           refusal = j.stop
      FROM judged j
     WHERE r.team_id = $1 AND r.id = j.suggestion_id AND r.state IN ('approved', 'edited')
       AND j.stop IS DISTINCT FROM 'kill_switch')
UPDATE send_intents i
   SET state = CASE WHEN j.stop IS NULL THEN 'calling' WHEN j.stop = 'kill_switch' THEN 'planned' ELSE 'cancelled' END,
       attempt = i.attempt + (j.stop IS NULL)::integer,
       called_at = CASE WHEN j.stop IS NULL THEN $4 ELSE i.called_at END,
       due_at = CASE WHEN j.stop = 'kill_switch' THEN $4 + interval '15 seconds' ELSE i.due_at END,
       lease_until = $4 + $5 * interval '1 microsecond',
       ended_at = CASE WHEN j.stop IN ('suppression', 'stale') THEN $4 END, refusal = j.stop
  FROM judged j WHERE i.team_id = $1 AND i.id = j.id
RETURNING j.stop";

/// The last check of a claimed reply, right before the call. `None`: it is not this claimant's any more. `Some(None)`: it
/// leaves now, and nobody else sends it. Commit before calling.
///
/// # Errors
/// [`DbError::Conflict`] with `send_intents_attempts` for a fourth attempt; any other [`DbError`].
pub async fn begin_reply(
    tx: &mut BulkTransaction,
    claimed_by: &str,
    intent: IntentId,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Option<Option<ReplyStop>>> {
    let query = sqlx::query_as::<_, (Option<String>,)>(BEGIN).bind(tx.team_id().uuid()).bind(claimed_by);
    let row = tx.first(query.bind(intent.uuid()).bind(now).bind(micros(lease))).await?;
    let Some((stop,)) = row else { return Ok(None) };
    let stop = stop.as_deref().map(str::parse).transpose();
    Ok(Some(stop.map_err(|error| DbError::unreadable("send_intents.refusal", error))?))
}

/// What became of a reply is told to its suggestion and to the conversation; where that is held by now, what was to be tried
/// again is not. Call it with what
/// [`settle`](super::settle) answered. A reply that counts is counted once.
const TELL: &str = "
WITH told AS (
    UPDATE reply_suggestions r
       SET state = CASE i.state WHEN 'accepted' THEN 'sent' WHEN 'refused' THEN 'failed' WHEN 'skipped' THEN 'failed'
                                WHEN 'planned' THEN CASE WHEN c.state <> 'open' THEN 'failed'
                                                         WHEN r.edited_text IS NULL THEN 'approved' ELSE 'edited' END
                                ELSE r.state END,
           sent_at = CASE WHEN i.state = 'accepted' THEN $3::timestamptz END,
           message_id = (SELECT m.id FROM messages m WHERE m.team_id = $1 AND m.intent_id = i.id),
           refusal = i.refusal, updated_at = $3
      FROM send_intents i JOIN conversations c ON c.team_id = i.team_id AND c.id = i.conversation_id
     WHERE i.team_id = $1 AND i.id = $2 AND r.team_id = $1 AND r.id = i.suggestion_id
       AND r.state IN ('approved', 'edited', 'sending')
    RETURNING r.conversation_id, r.state)
UPDATE conversations c
   SET last_outbound_at = CASE WHEN t.state = 'sent' THEN greatest(c.last_outbound_at, $3) ELSE c.last_outbound_at END,
       outbound_count = c.outbound_count + (t.state = 'sent')::integer,
       updated_at = $3
  FROM told t WHERE c.team_id = $1 AND c.id = t.conversation_id";

/// Tells a suggestion and its conversation what became of its reply.
///
/// # Errors
/// Any [`DbError`].
pub async fn tell_suggestion(tx: &mut BulkTransaction, intent: IntentId, now: DateTime<Utc>) -> Result<()> {
    tx.run(sqlx::query(TELL).bind(tx.team_id().uuid()).bind(intent.uuid()).bind(now)).await?;
    Ok(())
}

/// Takes back what of a conversation is in the hands of those whose lease is over at `now`.
///
/// # Errors
/// Any [`DbError`].
pub async fn reclaim_replies(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    now: DateTime<Utc>,
) -> Result<Reclaimed> {
    super::recover::reclaim_where(tx, "conversation_id = $2", conversation.uuid(), now).await
}

/// Replies of a conversation of which nobody knows what came.
///
/// # Errors
/// Any [`DbError`].
pub async fn unknown_replies(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
) -> Result<Vec<UnknownIntent>> {
    super::recover::unknown_where(tx, "conversation_id = $2", conversation.uuid(), 20).await
}

/// Leaves a reply of which nobody knows alone until `until`: the vendor's own books are not up to date yet.
///
/// # Errors
/// Any [`DbError`].
pub async fn ask_later(tx: &mut BulkTransaction, intent: IntentId, until: DateTime<Utc>) -> Result<()> {
    let query = sqlx::query(
        "UPDATE send_intents SET lease_until = $3 WHERE team_id = $1 AND id = $2 AND state = 'unknown'",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(intent.uuid()).bind(until)).await?;
    Ok(())
}

/// Puts rows and suggestions in agreement where one of them ended without the other: a suggestion whose row an opt-out
/// cancelled is stale, and a row whose suggestion is stale, taken back or expired is cancelled. Answers the rows, whose money is
/// to be released.
///
/// # Errors
/// Any [`DbError`].
pub async fn tidy_replies(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
    now: DateTime<Utc>,
) -> Result<Vec<IntentId>> {
    let team = tx.team_id().uuid();
    let ids: Vec<Uuid> = conversations.iter().map(|conversation| conversation.uuid()).collect();
    // A confirmation that could not go in its five minutes does not go at all.
    let query = sqlx::query(
        "UPDATE reply_suggestions SET state = 'stale', refusal = 'too_late', updated_at = $3
          WHERE team_id = $1 AND conversation_id = ANY($2) AND origin = 'confirmation' AND state = 'approved' AND expires_at <= $3",
    );
    tx.run(query.bind(team).bind(&ids).bind(now)).await?;
    let query = sqlx::query(
        "UPDATE reply_suggestions r SET state = 'stale', refusal = coalesce(i.refusal, 'stale'), updated_at = $3
           FROM send_intents i
          WHERE r.team_id = $1 AND r.conversation_id = ANY($2) AND r.state IN ('approved', 'edited')
            AND i.team_id = $1 AND i.suggestion_id = r.id AND i.state IN ('cancelled', 'skipped', 'refused')",
    );
    tx.run(query.bind(team).bind(&ids).bind(now)).await?;
    let query = sqlx::query_as::<_, (Uuid,)>(
        "UPDATE send_intents i SET state = 'cancelled', refusal = r.state, ended_at = $3 FROM reply_suggestions r
          WHERE i.team_id = $1 AND i.conversation_id = ANY($2) AND i.state IN ('planned', 'held', 'claimed')
            AND r.team_id = $1 AND r.id = i.suggestion_id AND r.state NOT IN ('approved', 'edited', 'sending')
          RETURNING i.id",
    );
    let rows = tx.all(query.bind(team).bind(ids).bind(now)).await?;
    Ok(rows.into_iter().map(|(id,)| IntentId::from_uuid(id)).collect())
}
