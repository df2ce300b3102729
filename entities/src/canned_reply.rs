//! Answers that are at hand: templates of replies that people pick, change and send.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{CannedReplyId, TypedId, UserId};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::page::{MAX_PAGE, Page, PageRequest};
use crate::{BulkTransaction, DbError, Result, fresh_id};

/// The unique index that keeps names apart.
pub const NAME_CONSTRAINT: &str = "canned_replies_name";

/// What an answer says.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// Its name, unique in the team.
    pub name: String,
    /// `sms` or `email`.
    pub channel: String,
    /// Of an e-mail.
    pub subject: Option<String>,
    /// A template's text, with its variables.
    pub body: String,
    /// Words by which people find it.
    pub tags: Vec<String>,
}

impl fmt::Debug for Text {
    /// Without its words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// An answer that is at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// Its id.
    pub id: CannedReplyId,
    /// What it says.
    pub text: Text,
    /// How often it was written, 1 at first.
    pub version: i32,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was written last.
    pub updated_at: DateTime<Utc>,
    /// When it was put away.
    pub archived_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    name: String,
    channel: String,
    subject: Option<String>,
    body: String,
    tags: Vec<String>,
    version: i32,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
}
from_row!(Row {
    id,
    name,
    channel,
    subject,
    body,
    tags,
    version,
    created_by,
    created_at,
    updated_at,
    archived_at,
});

impl From<Row> for CannedReply {
    fn from(row: Row) -> Self {
        let Row { name, channel, subject, body, tags, .. } = row;
        Self {
            id: CannedReplyId::from_uuid(row.id),
            text: Text { name, channel, subject, body, tags },
            version: row.version,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

const COLUMNS: &str = "
SELECT id, name, channel, subject, body, tags, version, created_by, created_at, updated_at, archived_at
  FROM canned_replies WHERE team_id = $1";

/// Makes one.
///
/// # Errors
/// [`DbError::Conflict`] with [`NAME_CONSTRAINT`] where there is one of this name.
pub async fn create(tx: &mut BulkTransaction, text: &Text, by: UserId) -> Result<CannedReplyId> {
    let id: CannedReplyId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO canned_replies (team_id, id, name, channel, subject, body, tags, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(&text.name).bind(&text.channel);
    tx.run(query.bind(&text.subject).bind(&text.body).bind(&text.tags).bind(by.uuid())).await?;
    Ok(id)
}

/// Writes one anew that is not put away.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::Conflict`] as [`create`].
pub async fn update(tx: &mut BulkTransaction, id: CannedReplyId, text: &Text, by: UserId) -> Result<()> {
    let query = sqlx::query(
        "UPDATE canned_replies SET name = $3, channel = $4, subject = $5, body = $6, tags = $7, updated_by = $8,
                updated_at = clock_timestamp(), version = version + 1
          WHERE team_id = $1 AND id = $2 AND archived_at IS NULL",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(&text.name).bind(&text.channel);
    let query = query.bind(&text.subject).bind(&text.body).bind(&text.tags).bind(by.uuid());
    match tx.run(query).await? {
        0 => Err(DbError::not_found("canned reply", id)),
        _ => Ok(()),
    }
}

/// Puts one away. Answers whether it was at hand.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn archive(tx: &mut BulkTransaction, id: CannedReplyId, by: UserId) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE canned_replies SET archived_at = clock_timestamp(), updated_by = $3
          WHERE team_id = $1 AND id = $2 AND archived_at IS NULL",
    );
    if tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(by.uuid())).await? > 0 {
        return Ok(true);
    }
    get(tx, id).await.map(|_| false)
}

/// The team's answer with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: CannedReplyId) -> Result<CannedReply> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} AND id = $2"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(id.uuid());
    tx.first(query).await?.map(CannedReply::from).ok_or_else(|| DbError::not_found("canned reply", id))
}

/// The answers that are at hand, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    tx: &mut BulkTransaction,
    request: PageRequest<CannedReplyId>,
) -> Result<Page<CannedReply, CannedReplyId>> {
    let limit = request.limit.clamp(1, MAX_PAGE);
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} AND archived_at IS NULL AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"
    ));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid());
    let query = query.bind(request.after.map(TypedId::uuid)).bind(i64::try_from(limit + 1).unwrap_or(1));
    let mut items: Vec<CannedReply> = tx.all(query).await?.into_iter().map(CannedReply::from).collect();
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or_default());
    let next = items.last().filter(|_| more).map(|reply| reply.id);
    Ok(Page { items, next })
}
