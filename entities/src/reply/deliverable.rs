//! What is owed to somebody who left an address.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, DeliverableId, InboxItemId, LeadId, LetterId, TypedId, UserId};
use serde_json::json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::outbox::{self, NewNotice};
use crate::task::{self, NewTask, TaskPriority};
use crate::{BulkTransaction, DbError, Result, fresh_id};

/// The kind of notice by which the workflow of a deliverable is started.
pub const NOTICE: &str = "relay.deliverable";

/// Notes that something is owed, once for each conversation, kind and address, and has its workflow started. Answers whether it
/// is new.
///
/// # Errors
/// Any [`DbError`].
pub async fn owe(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    (item, lead): (InboxItemId, Option<LeadId>),
    (kind, queue): (&str, &str),
    address: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let id: DeliverableId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO deliverables (team_id, id, conversation_id, item_id, lead_id, kind, queue, address, workflow_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ON CONSTRAINT deliverables_once DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(conversation.uuid()).bind(item.uuid());
    let query = query.bind(lead.map(TypedId::uuid)).bind(kind).bind(queue).bind(address.to_lowercase());
    if tx.run(query.bind(format!("deliverable:{id}")).bind(now)).await? == 0 {
        return Ok(false);
    }
    let payload = json!({ "deliverable": id, "conversation": conversation });
    let dedup_key = format!("deliverable:{id}");
    outbox::put(tx, NewNotice { kind: NOTICE, dedup_key: &dedup_key, payload: &payload }).await?;
    Ok(true)
}

/// Something that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// What, by its word.
    pub kind: String,
    /// Who makes it.
    pub queue: String,
    /// How far it is, by the table's words.
    pub state: String,
    /// In which conversation it was promised.
    pub conversation: ConversationId,
    /// To whom.
    pub lead: Option<LeadId>,
    /// Whether the person opted out meanwhile, there or at the address.
    pub forbidden: bool,
}

struct Row {
    kind: String,
    queue: String,
    state: String,
    conversation_id: Uuid,
    lead_id: Option<Uuid>,
    forbidden: bool,
}
from_row!(Row { kind, queue, state, conversation_id, lead_id, forbidden });

/// What is owed, held to the end of the transaction.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such deliverable.
pub async fn owed(tx: &mut BulkTransaction, id: DeliverableId) -> Result<Owed> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT d.kind, d.queue, d.state, d.conversation_id, d.lead_id,
                EXISTS (SELECT FROM active_suppressions s WHERE s.kind = 'email' AND s.value = d.address) AS forbidden
           FROM deliverables d WHERE d.team_id = $1 AND d.id = $2 FOR UPDATE OF d",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    let row = row.ok_or_else(|| DbError::not_found("deliverable", id))?;
    Ok(Owed {
        kind: row.kind,
        queue: row.queue,
        state: row.state,
        conversation: ConversationId::from_uuid(row.conversation_id),
        lead: row.lead_id.map(LeadId::from_uuid),
        forbidden: row.forbidden,
    })
}

/// Asks a person of its queue to make and send what is owed, once. Answers whether it is new.
///
/// # Errors
/// Any [`DbError`].
pub async fn hand_over(
    tx: &mut BulkTransaction,
    id: DeliverableId,
    owed: &Owed,
    now: DateTime<Utc>,
) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE deliverables SET state = 'handed_over' WHERE team_id = $1 AND id = $2 AND state IN ('requested', 'made')",
    );
    let new = tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid())).await? > 0;
    if !new {
        return Ok(false);
    }
    let title = format!("Make and send: {}", owed.kind.replace('_', " "));
    let notes = format!("{}. The address is with the deliverable {id}.", owed.queue);
    let dedup_key = format!("deliverable:{id}");
    let what = NewTask {
        kind: "deliverable",
        subject: Some(id.uuid()),
        title: &title,
        notes: &notes,
        priority: TaskPriority::High,
        due_at: Some(now + chrono::TimeDelta::hours(24)),
        conversation: Some(owed.conversation),
        lead: owed.lead,
        assigned_to: None,
        dedup_key: Some(&dedup_key),
        by: None,
    };
    task::put(tx, &what).await?;
    Ok(true)
}

/// Notes that somebody wrote what is owed, and has its workflow told: call it in the transaction that plans the letter. The task
/// of writing it is done. Answers whether people had it in hand, or it waited for them.
///
/// # Errors
/// Any [`DbError`].
pub async fn written(
    tx: &mut BulkTransaction,
    id: DeliverableId,
    letter: LetterId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE deliverables SET state = 'made', made_at = coalesce(made_at, $3)
          WHERE team_id = $1 AND id = $2 AND state IN ('requested', 'handed_over')",
    );
    if tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(now)).await? == 0 {
        return Ok(false);
    }
    let query = sqlx::query(
        "UPDATE tasks SET state = 'done', done_by = $3, ended_at = $4 WHERE team_id = $1 AND dedup_key = $2 AND state = 'open'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(format!("deliverable:{id}"));
    tx.run(query.bind(by.uuid()).bind(now)).await?;
    let dedup_key = format!("deliverable:{id}:{letter}");
    let payload = json!({ "deliverable": id });
    outbox::put(tx, NewNotice { kind: NOTICE, dedup_key: &dedup_key, payload: &payload }).await?;
    Ok(true)
}

/// Calls off what is owed: the person opted out meanwhile.
///
/// # Errors
/// Any [`DbError`].
pub async fn call_off(tx: &mut BulkTransaction, id: DeliverableId, now: DateTime<Utc>) -> Result<()> {
    let query = sqlx::query(
        "UPDATE deliverables SET state = 'cancelled', ended_at = $3
          WHERE team_id = $1 AND id = $2 AND state IN ('requested', 'handed_over', 'made')",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(now)).await?;
    Ok(())
}
