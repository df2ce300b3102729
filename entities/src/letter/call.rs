//! Looking at letters, and beginning the call of one.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{ConversationId, DeliverableId, FollowUpId, LeadId, LetterId, SenderId, TypedId, UserId};
use domain::money::MicroDollars;
use domain::named_enum;
use uuid::Uuid;

use super::For;
use crate::from_row::from_row;
use crate::sender::MailSender;
use crate::{BulkTransaction, DbError, Result};

named_enum! {
    /// How far a letter has come.
    Stage {
        /// Nothing has left.
        Planned = "planned",
        /// The call may have left.
        Calling = "calling",
        /// The mail server took it.
        Accepted = "accepted",
        /// It did not.
        Refused = "refused",
        /// It may have left, and nobody knows.
        Unknown = "unknown",
        /// Nothing left, and nothing will.
        Withheld = "withheld",
    }
}

/// A letter as people look at it.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// [`Stage`].
    pub state: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// The server's code, or what withheld or holds it.
    pub why: Option<String>,
    /// When it is looked at next, or was last.
    pub due_at: DateTime<Utc>,
    /// When the server was called last.
    pub called_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Who wanted it.
    pub by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for Letter {
    /// Without its words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

struct LetterRow {
    id: Uuid,
    state: String,
    subject: String,
    body: String,
    why: Option<String>,
    due_at: DateTime<Utc>,
    called_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
}
from_row!(LetterRow { id, state, subject, body, why, due_at, called_at, ended_at, created_by, created_at });

/// The newest letter of a deliverable: the one that is under way or may have gone, where there is one.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_deliverable(tx: &mut BulkTransaction, of: DeliverableId) -> Result<Option<Letter>> {
    let query = sqlx::query_as::<_, LetterRow>(
        "SELECT id, state, subject, body, why, due_at, called_at, ended_at, created_by, created_at FROM letters
          WHERE team_id = $1 AND deliverable_id = $2 ORDER BY id DESC LIMIT 1",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(of.uuid())).await?;
    Ok(row.map(|row| Letter {
        id: LetterId::from_uuid(row.id),
        state: row.state,
        subject: row.subject,
        body: row.body,
        why: row.why,
        due_at: row.due_at,
        called_at: row.called_at,
        ended_at: row.ended_at,
        by: row.created_by.map(UserId::from_uuid),
        created_at: row.created_at,
    }))
}

/// Whose letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// What is sent for this deliverable.
    Deliverable(DeliverableId),
    /// What follow-ups of this conversation write.
    Conversation(ConversationId),
}

/// Letters that have not ended, the first of them first.
///
/// # Errors
/// Any [`DbError`].
pub async fn open(tx: &mut BulkTransaction, under: Under) -> Result<Vec<LetterId>> {
    let (deliverable, conversation) = match under {
        Under::Deliverable(id) => (Some(id.uuid()), None),
        Under::Conversation(id) => (None, Some(id.uuid())),
    };
    let query = sqlx::query_as::<_, (Uuid,)>(
        "SELECT id FROM letters
          WHERE team_id = $1 AND state IN ('planned', 'calling')
            AND (deliverable_id = $2 OR (follow_up_id IS NOT NULL AND conversation_id = $3)) ORDER BY id",
    );
    let query = query.bind(tx.team_id().uuid()).bind(deliverable).bind(conversation);
    Ok(tx.all(query).await?.into_iter().map(|(id,)| LetterId::from_uuid(id)).collect())
}

/// A letter that somebody looks at to send it.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: LetterId,
    /// How far it is.
    pub stage: Stage,
    /// What for.
    pub what_for: For,
    /// In which conversation.
    pub conversation: ConversationId,
    /// To whom.
    pub lead: Option<LeadId>,
    /// The sender that was asked for.
    pub sender: Option<SenderId>,
    /// Where it goes.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// How many calls were begun.
    pub attempt: u8,
    /// What it costs.
    pub price: MicroDollars,
    /// When to look at it next: when it is due, or when whoever calls is to be given up.
    pub next_at: DateTime<Utc>,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When whoever it goes to gave that address here, where they did.
    pub given_at: Option<DateTime<Utc>>,
    /// Whether what asked for it holds no more: it was called off, the person has said something since, or somebody took over.
    pub is_stale: bool,
}

impl fmt::Debug for Found {
    /// Without address and words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("id", &self.id).field("stage", &self.stage).finish_non_exhaustive()
    }
}

struct FoundRow {
    id: Uuid,
    state: String,
    deliverable_id: Option<Uuid>,
    follow_up_id: Option<Uuid>,
    conversation_id: Uuid,
    lead_id: Option<Uuid>,
    sender_id: Option<Uuid>,
    to_value: String,
    subject: String,
    body: String,
    attempt: i16,
    price_micros: i64,
    next_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    given_at: Option<DateTime<Utc>>,
    is_stale: bool,
}
from_row!(FoundRow {
    id,
    state,
    deliverable_id,
    follow_up_id,
    conversation_id,
    lead_id,
    sender_id,
    to_value,
    subject,
    body,
    attempt,
    price_micros,
    next_at,
    created_at,
    given_at,
    is_stale,
});

/// What counts against a recipient's caps is read and written by one at a time: of all letters of a conversation and of its texts,
/// by the number that it is held by. Before any row is locked, as those who send texts do.
const ONE_AT_A_TIME: &str = "
SELECT pg_advisory_xact_lock(hashtextextended('recipient:' || $1::text || c.their_address, 0))
  FROM letters l JOIN conversations c ON c.team_id = $1 AND c.id = l.conversation_id WHERE l.team_id = $1 AND l.id = $2";
/// Whoever silences the conversation is waited for, and waits: what they do is seen by the next statement, or finds the call begun.
const HOLD_STILL: &str = "
SELECT true FROM conversations c JOIN letters l ON l.team_id = $1 AND l.id = $2 AND l.conversation_id = c.id
 WHERE c.team_id = $1 FOR NO KEY UPDATE OF c";
const FIND: &str = "
SELECT l.id, l.state, l.deliverable_id, l.follow_up_id, l.conversation_id, l.lead_id, l.sender_id, l.to_value, l.subject, l.body,
       l.attempt, l.price_micros, CASE WHEN l.state = 'calling' THEN l.lease_until ELSE l.due_at END AS next_at, l.created_at,
       (SELECT max(o.created_at) FROM deliverables o
         WHERE o.team_id = $1 AND o.conversation_id = l.conversation_id AND o.address = l.to_value) AS given_at,
       CASE WHEN l.deliverable_id IS NOT NULL THEN d.state IS DISTINCT FROM 'made'
            ELSE c.state <> 'open' OR c.taken_over_by IS NOT NULL OR coalesce(c.last_inbound_at > l.created_at, false) END AS is_stale
  FROM letters l
  JOIN conversations c ON c.team_id = $1 AND c.id = l.conversation_id
  LEFT JOIN deliverables d ON d.team_id = $1 AND d.id = l.deliverable_id
 WHERE l.team_id = $1 AND l.id = $2 FOR UPDATE OF l";

/// The letter, held with its conversation to the end of the transaction.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn find(tx: &mut BulkTransaction, id: LetterId) -> Result<Found> {
    let team = tx.team_id().uuid();
    for sql in [ONE_AT_A_TIME, HOLD_STILL] {
        tx.run(sqlx::query(sql).bind(team).bind(id.uuid())).await?;
    }
    let row = tx.first(sqlx::query_as::<_, FoundRow>(FIND).bind(team).bind(id.uuid())).await?;
    let row = row.ok_or_else(|| DbError::not_found("letter", id))?;
    let what_for = match (row.deliverable_id, row.follow_up_id) {
        (Some(id), _) => For::Deliverable(DeliverableId::from_uuid(id)),
        (None, Some(id)) => For::FollowUp(FollowUpId::from_uuid(id)),
        (None, None) => return Err(DbError::unreadable("letters", "a letter that is for nothing")),
    };
    Ok(Found {
        id: LetterId::from_uuid(row.id),
        stage: row.state.parse().map_err(|error| DbError::unreadable("letters.state", error))?,
        what_for,
        conversation: ConversationId::from_uuid(row.conversation_id),
        lead: row.lead_id.map(LeadId::from_uuid),
        sender: row.sender_id.map(SenderId::from_uuid),
        to: row.to_value,
        subject: row.subject,
        body: row.body,
        attempt: u8::try_from(row.attempt).unwrap_or_default(),
        price: MicroDollars::new(row.price_micros),
        next_at: row.next_at,
        created_at: row.created_at,
        given_at: row.given_at,
        is_stale: row.is_stale,
    })
}

named_enum! {
    /// What forbids a letter at the last look.
    Stopped {
        /// A switch stops everything, the team, the campaign that is answered or the sender.
        KillSwitch = "kill_switch",
        /// The person is not to be contacted.
        Suppression = "suppression",
    }
}

/// Whether something forbids the letter from this sender; `None`: nothing does. Right before [`call`], in its transaction.
///
/// # Errors
/// Any [`DbError`].
pub async fn stopped(tx: &mut BulkTransaction, letter: &Found, from: &MailSender) -> Result<Option<Stopped>> {
    let query = sqlx::query_as::<_, (Option<String>,)>(
        "SELECT CASE WHEN is_suppressed($3, (SELECT persona_id FROM leads WHERE team_id = $1 AND id = $6), $4, $5)
                     THEN 'suppression'
                     WHEN kill_switch_on((SELECT campaign_id FROM conversations WHERE team_id = $1 AND id = $7), $2) IS NOT NULL
                     THEN 'kill_switch' END",
    );
    let query = query.bind(tx.team_id().uuid()).bind(from.id.uuid()).bind(&letter.to).bind(&from.brand);
    let query = query.bind(&from.address).bind(letter.lead.map(TypedId::uuid));
    let row = tx.first(query.bind(letter.conversation.uuid())).await?;
    let word = row.and_then(|(word,)| word);
    word.map(|word| word.parse().map_err(|error| DbError::unreadable("letters.why", error))).transpose()
}

/// Begins the call: from here on it may have left, and nobody else sends it. Commit before calling. What is owed is `sending`.
///
/// # Errors
/// [`DbError::Conflict`] with `letters_attempts` for a fourth attempt.
pub async fn call(
    tx: &mut BulkTransaction,
    letter: &Found,
    from: &MailSender,
    price: MicroDollars,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<()> {
    let until = now + TimeDelta::from_std(lease).unwrap_or(TimeDelta::minutes(1));
    let query = sqlx::query(
        "WITH owed AS (UPDATE deliverables SET state = 'sending' WHERE team_id = $1 AND id = $8 AND state = 'made')
         UPDATE letters SET state = 'calling', attempt = attempt + 1, sender_id = $3, from_value = $4, price_micros = $5,
                lease_until = $6, called_at = $7, why = NULL
          WHERE team_id = $1 AND id = $2 AND state = 'planned'",
    );
    let deliverable = match letter.what_for {
        For::Deliverable(id) => Some(id.uuid()),
        For::FollowUp(_) => None,
    };
    let query = query.bind(tx.team_id().uuid()).bind(letter.id.uuid()).bind(from.id.uuid());
    let query = query.bind(&from.address).bind(price.micros()).bind(until).bind(now);
    tx.run(query.bind(deliverable)).await?;
    Ok(())
}

/// Has a letter looked at again at `due_at`, and says why it is held.
///
/// # Errors
/// Any [`DbError`].
pub async fn hold(tx: &mut BulkTransaction, id: LetterId, due_at: DateTime<Utc>, why: &str) -> Result<()> {
    let query = sqlx::query(
        "UPDATE letters SET due_at = $3, why = $4 WHERE team_id = $1 AND id = $2 AND state = 'planned'",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(due_at).bind(why)).await?;
    Ok(())
}
