//! What somebody has to do: put there by a person, or by the system once for each matter.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, LeadId, TaskId, TypedId, UserId};
use domain::named_enum;
use uuid::Uuid;

use crate::conversation::member;
use crate::from_row::from_row;
use crate::page::{MAX_PAGE, Page, PageRequest};
use crate::{BulkTransaction, DbError, Result, fresh_id};

named_enum! {
    /// How urgent a task is.
    TaskPriority {
        /// When there is time.
        Low = "low",
        /// As things come.
        Normal = "normal",
        /// Before all else.
        High = "high",
    }
}

named_enum! {
    /// How far a task has come.
    TaskState {
        /// It is to be done.
        Open = "open",
        /// It was done.
        Done = "done",
        /// It is not to be done any more.
        Cancelled = "cancelled",
    }
}

/// Something to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NewTask<'a> {
    /// What it is about, in a word: `by_hand`, `call_back`, `hot_unprocessed`.
    pub kind: &'a str,
    /// The row that it is about.
    pub subject: Option<Uuid>,
    /// What to do, in a line.
    pub title: &'a str,
    /// What to know.
    pub notes: &'a str,
    /// How urgent it is.
    pub priority: TaskPriority,
    /// Until when.
    pub due_at: Option<DateTime<Utc>>,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// About whom.
    pub lead: Option<LeadId>,
    /// Who does it.
    pub assigned_to: Option<UserId>,
    /// What makes it the same matter: there is one of it.
    pub dedup_key: Option<&'a str>,
    /// Who wants it; `None`: the system.
    pub by: Option<UserId>,
}

impl fmt::Debug for NewTask<'_> {
    /// Without its words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewTask").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Puts a task there. `None`: there is one of this matter.
///
/// # Errors
/// [`DbError::NotFound`] where whoever is to do it is no member of the team; [`DbError::Conflict`] where there is no such
/// conversation.
pub async fn put(tx: &mut BulkTransaction, new: &NewTask<'_>) -> Result<Option<TaskId>> {
    if let Some(user) = new.assigned_to {
        member(tx, user).await?;
    }
    let id: TaskId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO tasks (team_id, id, kind, subject, title, notes, priority, due_at, conversation_id, lead_id,
                            assigned_to, dedup_key, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT ON CONSTRAINT tasks_once DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(new.kind).bind(new.subject);
    let query = query.bind(new.title).bind(new.notes).bind(new.priority.as_str()).bind(new.due_at);
    let query = query.bind(new.conversation.map(TypedId::uuid)).bind(new.lead.map(TypedId::uuid));
    let query = query.bind(new.assigned_to.map(TypedId::uuid)).bind(new.dedup_key);
    let put = tx.run(query.bind(new.by.map(TypedId::uuid))).await?;
    Ok((put > 0).then_some(id))
}

/// A task.
#[derive(Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What it is about.
    pub kind: String,
    /// What to do.
    pub title: String,
    /// What to know.
    pub notes: String,
    /// [`TaskPriority`].
    pub priority: String,
    /// [`TaskState`].
    pub state: String,
    /// Until when.
    pub due_at: Option<DateTime<Utc>>,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// About whom.
    pub lead: Option<LeadId>,
    /// Who does it.
    pub assigned_to: Option<UserId>,
    /// Who wanted it; `None`: the system.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Who did it.
    pub done_by: Option<UserId>,
    /// What came of it.
    pub done_notes: Option<String>,
    /// When it was done or cancelled.
    pub ended_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Task {
    /// Without its words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    kind: String,
    title: String,
    notes: String,
    priority: String,
    state: String,
    due_at: Option<DateTime<Utc>>,
    conversation_id: Option<Uuid>,
    lead_id: Option<Uuid>,
    assigned_to: Option<Uuid>,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    done_by: Option<Uuid>,
    done_notes: Option<String>,
    ended_at: Option<DateTime<Utc>>,
}
from_row!(Row {
    id,
    kind,
    title,
    notes,
    priority,
    state,
    due_at,
    conversation_id,
    lead_id,
    assigned_to,
    created_by,
    created_at,
    done_by,
    done_notes,
    ended_at,
});

impl From<Row> for Task {
    fn from(row: Row) -> Self {
        Self {
            id: TaskId::from_uuid(row.id),
            kind: row.kind,
            title: row.title,
            notes: row.notes,
            priority: row.priority,
            state: row.state,
            due_at: row.due_at,
            conversation: row.conversation_id.map(ConversationId::from_uuid),
            lead: row.lead_id.map(LeadId::from_uuid),
            assigned_to: row.assigned_to.map(UserId::from_uuid),
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: row.created_at,
            done_by: row.done_by.map(UserId::from_uuid),
            done_notes: row.done_notes,
            ended_at: row.ended_at,
        }
    }
}

const COLUMNS: &str = "
SELECT id, kind, title, notes, priority, state, due_at, conversation_id, lead_id, assigned_to, created_by, created_at,
       done_by, done_notes, ended_at
  FROM tasks WHERE team_id = $1";

/// The team's task with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: TaskId) -> Result<Task> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} AND id = $2"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(id.uuid());
    tx.first(query).await?.map(Task::from).ok_or_else(|| DbError::not_found("task", id))
}

/// The team's tasks in this state, of this person where one is named, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    tx: &mut BulkTransaction,
    state: TaskState,
    assigned_to: Option<UserId>,
    request: PageRequest<TaskId>,
) -> Result<Page<Task, TaskId>> {
    let limit = request.limit.clamp(1, MAX_PAGE);
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} AND state = $2 AND ($3::uuid IS NULL OR assigned_to = $3) AND ($4::uuid IS NULL OR id < $4) \
         ORDER BY id DESC LIMIT $5"
    ));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(state.as_str());
    let query = query.bind(assigned_to.map(TypedId::uuid)).bind(request.after.map(TypedId::uuid));
    let rows = tx.all(query.bind(i64::try_from(limit + 1).unwrap_or(1))).await?;
    let mut items: Vec<Task> = rows.into_iter().map(Task::from).collect();
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or_default());
    let next = items.last().filter(|_| more).map(|task| task.id);
    Ok(Page { items, next })
}

/// Notes that a task was done, or is not to be done any more.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::WrongState`] where it is dealt with.
pub async fn end(
    tx: &mut BulkTransaction,
    id: TaskId,
    state: TaskState,
    notes: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE tasks SET state = $3, done_by = $4, done_notes = nullif($5, ''), ended_at = $6
          WHERE team_id = $1 AND id = $2 AND state = 'open'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(state.as_str()).bind(by.uuid());
    if tx.run(query.bind(notes).bind(now)).await? > 0 {
        return Ok(());
    }
    let task = get(tx, id).await?;
    Err(DbError::WrongState {
        what: "task",
        id: id.to_string(),
        found: task.state,
        wanted: TaskState::Open.to_string(),
    })
}
