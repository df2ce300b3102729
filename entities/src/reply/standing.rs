//! How a conversation stands, and when somebody has to look at it again.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{ConversationId, SuggestionId, TypedId};
use domain::reply::ConversationState;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// How long a hot item may wait for a person before somebody is told.
pub(super) const HOT_PATIENCE: TimeDelta = TimeDelta::hours(2);

/// How a conversation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How many changes there were.
    pub version: i64,
    /// Whether it is open, held or closed.
    pub state: ConversationState,
    /// The suggestion that waits for a person.
    pub waiting: Option<SuggestionId>,
    /// When something is to be sent or asked after.
    pub send_at: Option<DateTime<Utc>>,
    /// When a suggestion lapses, or a hot item has waited for too long.
    pub attend_at: Option<DateTime<Utc>>,
    /// When the next follow-up is due.
    pub follow_up_at: Option<DateTime<Utc>>,
    /// Since when the team's language model is to be asked something.
    pub consult_at: Option<DateTime<Utc>>,
    /// When anybody said anything last.
    pub last_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    version: i64,
    state: String,
    waiting: Option<Uuid>,
    lapses_at: Option<DateTime<Utc>>,
    send_at: Option<DateTime<Utc>>,
    hot_since: Option<DateTime<Utc>>,
    follow_up_at: Option<DateTime<Utc>>,
    consult_at: Option<DateTime<Utc>>,
    last_at: Option<DateTime<Utc>>,
}
from_row!(Row {
    id,
    version,
    state,
    waiting,
    lapses_at,
    send_at,
    hot_since,
    follow_up_at,
    consult_at,
    last_at
});

const READ: &str = "
SELECT c.id, c.version, c.state, p.id AS waiting, p.expires_at AS lapses_at,
       least((SELECT min(CASE l.state WHEN 'calling' THEN l.lease_until ELSE l.due_at END) FROM letters l
               WHERE l.team_id = $1 AND l.conversation_id = c.id AND l.follow_up_id IS NOT NULL
                 AND l.state IN ('planned', 'calling')),
       (SELECT min(CASE WHEN i.id IS NULL THEN coalesce(s.decided_at, s.created_at)
                        WHEN i.state IN ('planned', 'held') THEN i.due_at
                        WHEN i.state IN ('claimed', 'calling', 'unknown') THEN i.lease_until
                        ELSE i.ended_at END)
          FROM reply_suggestions s
          LEFT JOIN send_intents i ON i.team_id = s.team_id AND i.suggestion_id = s.id
         WHERE s.team_id = $1 AND s.conversation_id = c.id
           AND (s.state = 'sending' OR (s.state IN ('approved', 'edited') AND c.lead_id IS NOT NULL
                                        AND (c.state = 'open' OR s.origin = 'confirmation'))))) AS send_at,
       (SELECT min(h.received_at) FROM inbox_items h
         WHERE h.team_id = $1 AND h.conversation_id = c.id AND h.temperature = 'hot' AND h.processed_at IS NULL
           AND c.state = 'open' AND NOT EXISTS
               (SELECT FROM alerts a WHERE a.team_id = $1 AND a.dedup_key = 'reply.hot_waiting:' || h.id)) AS hot_since,
       (SELECT min(f.due_at) FROM follow_ups f
         WHERE f.team_id = $1 AND f.conversation_id = c.id AND f.state IN ('planned', 'firing')
           AND c.state = 'open') AS follow_up_at,
       CASE WHEN c.state = 'open' AND c.taken_over_by IS NULL THEN (SELECT min(w.at) FROM team_models t, LATERAL (
           SELECT i.classified_at AS at FROM inbox_items i
            WHERE t.reads AND i.team_id = $1 AND i.conversation_id = c.id AND i.kind = 'message' AND i.needs_person
              AND i.classified_by = 'rules' AND i.processed_at IS NULL AND NOT EXISTS (SELECT FROM model_calls k
                  WHERE k.team_id = $1 AND k.item_id = i.id AND k.purpose = 'reading' AND k.state <> 'asked')
           UNION ALL SELECT p.created_at
            WHERE t.writes AND p.origin = 'playbook' AND p.expires_at > clock_timestamp()
              AND NOT EXISTS (SELECT FROM model_calls k WHERE k.team_id = $1 AND k.item_id = p.item_id
                  AND k.purpose = 'writing' AND k.state <> 'asked')) w
         WHERE t.team_id = $1) END AS consult_at,
       greatest(c.last_inbound_at, c.last_outbound_at, c.cleared_at) AS last_at
  FROM conversations c
  LEFT JOIN reply_suggestions p ON p.team_id = $1 AND p.conversation_id = c.id AND p.state = 'proposed'
 WHERE c.team_id = $1 AND c.id = ANY($2)";

/// How a conversation stands.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn standing(tx: &mut BulkTransaction, conversation: ConversationId) -> Result<Standing> {
    let found = standings(tx, &[conversation]).await?.pop();
    found.map(|(_, standing)| standing).ok_or_else(|| DbError::not_found("conversation", conversation))
}

/// How conversations stand; those that are not there are left out.
///
/// # Errors
/// Any [`DbError`].
pub async fn standings(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
) -> Result<Vec<(ConversationId, Standing)>> {
    let query = sqlx::query_as::<_, Row>(READ).bind(tx.team_id().uuid()).bind(uuids(conversations));
    let rows = tx.all(query).await?.into_iter().map(|row| {
        let hot = row.hot_since.map(|since| since + HOT_PATIENCE);
        let standing = Standing {
            version: row.version,
            state: row.state.parse().map_err(|error| DbError::unreadable("conversations.state", error))?,
            waiting: row.waiting.map(SuggestionId::from_uuid),
            send_at: row.send_at,
            attend_at: [row.lapses_at, hot].into_iter().flatten().min(),
            follow_up_at: row.follow_up_at,
            consult_at: row.consult_at,
            last_at: row.last_at,
        };
        Ok((ConversationId::from_uuid(row.id), standing))
    });
    rows.collect()
}

/// Ids as a statement takes them.
pub(super) fn uuids(conversations: &[ConversationId]) -> Vec<Uuid> {
    conversations.iter().map(|conversation| conversation.uuid()).collect()
}

/// Keeps everybody else who changes the conversation waiting, to the end of the transaction: an opt-out, a message that comes
/// in, a decision, another attempt at the same step.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::Contention`] on a deadlock.
pub async fn lock(tx: &mut BulkTransaction, conversation: ConversationId) -> Result<()> {
    let query = sqlx::query_as::<_, (i64,)>(
        "SELECT version FROM conversations WHERE team_id = $1 AND id = $2 FOR UPDATE",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(conversation.uuid())).await?;
    row.map(drop).ok_or_else(|| DbError::not_found("conversation", conversation))
}

/// As [`lock`], of several, and of every other conversation with the same people, which an opt-out silences too: all of them in
/// one order, so that whoever locks several waits for whoever else does. Answers those of them that are there.
///
/// # Errors
/// [`DbError::Contention`] on a deadlock; any other [`DbError`].
pub async fn lock_all(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
) -> Result<Vec<ConversationId>> {
    let query = sqlx::query_as::<_, (Uuid, bool)>(
        "SELECT id, id = ANY($2) FROM conversations
          WHERE team_id = $1 AND their_address = ANY (ARRAY(
                SELECT their_address FROM conversations WHERE team_id = $1 AND id = ANY($2)))
          ORDER BY id FOR UPDATE",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(uuids(conversations))).await?;
    Ok(rows.into_iter().filter(|(_, asked)| *asked).map(|(id, _)| ConversationId::from_uuid(id)).collect())
}

/// Notes that something of the conversation was changed, so that the newer of two readings is known.
pub(super) async fn changed(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    now: DateTime<Utc>,
) -> Result<()> {
    changed_all(tx, &[conversation.uuid()], now).await
}

/// As [`changed`], of several.
pub(super) async fn changed_all(
    tx: &mut BulkTransaction,
    conversations: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    if conversations.is_empty() {
        return Ok(());
    }
    let query = sqlx::query("UPDATE conversations SET updated_at = $3 WHERE team_id = $1 AND id = ANY($2)");
    tx.run(query.bind(tx.team_id().uuid()).bind(conversations).bind(now)).await?;
    Ok(())
}
