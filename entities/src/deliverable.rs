//! What is owed to people who left an address, as people look at it: made once, sent once (`crate::reply` makes and sends).

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, DeliverableId, LeadId, TypedId};
use domain::named_enum;
use domain::reply::DeliverableKind;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::page::{MAX_PAGE, Page, PageRequest};
use crate::{BulkTransaction, DbError, Result};

named_enum! {
    /// How far a deliverable has come.
    DeliverableState {
        /// It is to be made.
        Requested = "requested",
        /// People make it.
        HandedOver = "handed_over",
        /// Its document is stored.
        Made = "made",
        /// The call to the vendor may have left.
        Sending = "sending",
        /// The vendor has it.
        Sent = "sent",
        /// It was given up.
        Failed = "failed",
        /// Nobody is to get it any more.
        Cancelled = "cancelled",
    }
}

/// A deliverable.
#[derive(Clone, PartialEq, Eq)]
pub struct Deliverable {
    /// Its id.
    pub id: DeliverableId,
    /// In which conversation it was asked for.
    pub conversation: ConversationId,
    /// By whom.
    pub lead: Option<LeadId>,
    /// `domain::reply::DeliverableKind`.
    pub kind: String,
    /// Who makes it.
    pub queue: String,
    /// Where it goes.
    pub address: String,
    /// [`DeliverableState`].
    pub state: String,
    /// The code of what went wrong.
    pub failure: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was made.
    pub made_at: Option<DateTime<Utc>>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it arrived.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When it was opened.
    pub opened_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Deliverable {
    /// Without the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliverable")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    conversation_id: Uuid,
    lead_id: Option<Uuid>,
    kind: String,
    queue: String,
    address: String,
    state: String,
    failure: Option<String>,
    created_at: DateTime<Utc>,
    made_at: Option<DateTime<Utc>>,
    sent_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
}
from_row!(Row {
    id,
    conversation_id,
    lead_id,
    kind,
    queue,
    address,
    state,
    failure,
    created_at,
    made_at,
    sent_at,
    delivered_at,
    opened_at,
});

impl From<Row> for Deliverable {
    fn from(row: Row) -> Self {
        Self {
            id: DeliverableId::from_uuid(row.id),
            conversation: ConversationId::from_uuid(row.conversation_id),
            lead: row.lead_id.map(LeadId::from_uuid),
            kind: row.kind,
            queue: row.queue,
            address: row.address,
            state: row.state,
            failure: row.failure,
            created_at: row.created_at,
            made_at: row.made_at,
            sent_at: row.sent_at,
            delivered_at: row.delivered_at,
            opened_at: row.opened_at,
        }
    }
}

/// Which deliverables. An empty filter is all of the team's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Which {
    /// So far along.
    pub state: Option<DeliverableState>,
    /// Of this kind.
    pub kind: Option<DeliverableKind>,
    /// Asked for here.
    pub conversation: Option<ConversationId>,
}

const COLUMNS: &str = "
SELECT id, conversation_id, lead_id, kind, queue, address, state, failure, created_at, made_at, sent_at, delivered_at,
       opened_at
  FROM deliverables WHERE team_id = $1";

/// The team's deliverable with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: DeliverableId) -> Result<Deliverable> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} AND id = $2"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(id.uuid());
    tx.first(query).await?.map(Deliverable::from).ok_or_else(|| DbError::not_found("deliverable", id))
}

/// The team's deliverables that fit, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    tx: &mut BulkTransaction,
    which: Which,
    request: PageRequest<DeliverableId>,
) -> Result<Page<Deliverable, DeliverableId>> {
    let limit = request.limit.clamp(1, MAX_PAGE);
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3) \
         AND ($4::uuid IS NULL OR conversation_id = $4) AND ($5::uuid IS NULL OR id < $5) ORDER BY id DESC LIMIT $6"
    ));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid());
    let query = query.bind(which.state.map(DeliverableState::as_str));
    let query = query.bind(which.kind.map(DeliverableKind::as_str));
    let query = query.bind(which.conversation.map(TypedId::uuid)).bind(request.after.map(TypedId::uuid));
    let rows = tx.all(query.bind(i64::try_from(limit + 1).unwrap_or(1))).await?;
    let mut items: Vec<Deliverable> = rows.into_iter().map(Deliverable::from).collect();
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or_default());
    let next = items.last().filter(|_| more).map(|deliverable| deliverable.id);
    Ok(Page { items, next })
}
