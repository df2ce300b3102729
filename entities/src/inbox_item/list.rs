//! The inbox as a list: filtered, the hottest first, and what has changed in it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, InboxItemId, TypedId, UserId};
use domain::reply::{Bucket, Temperature};

use super::{InboxItem, Row, SELECT};
use crate::from_row::from_row;
use crate::page::MAX_PAGE;
use crate::{BulkTransaction, Result};

/// To whom an item's conversation is to be assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// To this person.
    To(UserId),
    /// To nobody.
    Nobody,
}

/// Which items. An empty filter is all that wait for somebody and are not snoozed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Which {
    /// In this bucket.
    pub bucket: Option<Bucket>,
    /// Those that nobody has read, or that somebody has; `None`: both.
    pub read: Option<bool>,
    /// Those that were put away, instead of those that were not.
    pub archived: bool,
    /// So warm.
    pub temperature: Option<Temperature>,
    /// Assigned so.
    pub assigned: Option<Assigned>,
    /// Answers to this campaign.
    pub campaign: Option<CampaignId>,
    /// Those that somebody snoozed, instead of those that nobody did.
    pub snoozed: bool,
    /// Those of which nobody knows whose they are.
    pub no_lead_match: bool,
    /// Those that a person has to look at.
    pub needs_person: bool,
}

/// A place in the list: after the item with this score and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Its score.
    pub priority_score: i16,
    /// Its id.
    pub id: InboxItemId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.priority_score, self.id)
    }
}

/// What is not a place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of the inbox; take the next_cursor of the page before")]
pub struct CursorError;

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> std::result::Result<Self, CursorError> {
        let (score, id) = text.split_once('.').ok_or(CursorError)?;
        let priority_score = score.parse().map_err(|_| CursorError)?;
        Ok(Self { priority_score, id: id.parse().map_err(|_| CursorError)? })
    }
}

/// $3 bucket, $4 read, $5 temperature, $6 assigned to, $7 to nobody, $8 campaign, $9 snoozed, $10 no match, $11 needs a
/// person, $12 and $13 the cursor, $14 how many.
const FITS: &str = "
   AND ($3::text IS NULL OR i.bucket = $3) AND ($4::boolean IS NULL OR (i.status <> 'unread') = $4)
   AND ($5::text IS NULL OR i.temperature = $5) AND ($6::uuid IS NULL OR c.assigned_to = $6)
   AND (NOT $7::boolean OR c.assigned_to IS NULL) AND ($8::uuid IS NULL OR i.campaign_id = $8)
   AND (coalesce(i.snoozed_until, '-infinity') > $2) = $9::boolean AND (NOT $10::boolean OR i.no_lead_match)
   AND (NOT $11::boolean OR i.needs_person)
   AND ($12::smallint IS NULL OR (i.priority_score, i.id) < ($12, $13::uuid))
 ORDER BY i.priority_score DESC, i.id DESC LIMIT $14";

/// The team's items that fit, the hottest first and of those the newest first, after `after`; and where the next page begins.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn list(
    tx: &mut BulkTransaction,
    which: Which,
    after: Option<Cursor>,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<(Vec<InboxItem>, Option<Cursor>)> {
    // The index of each of the two lists is found by these words.
    let status = if which.archived { "i.status = 'archived'" } else { "i.status <> 'archived'" };
    // All of it is text of this file and its parent.
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} AND {status}{FITS}"));
    let limit = i64::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(1);
    let (assigned, nobody) = match which.assigned {
        Some(Assigned::To(user)) => (Some(user.uuid()), false),
        Some(Assigned::Nobody) => (None, true),
        None => (None, false),
    };
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(now);
    let query = query.bind(which.bucket.map(Bucket::as_str)).bind(which.read);
    let query = query.bind(which.temperature.map(Temperature::as_str)).bind(assigned).bind(nobody);
    let query = query.bind(which.campaign.map(TypedId::uuid)).bind(which.snoozed).bind(which.no_lead_match);
    let query = query.bind(which.needs_person).bind(after.map(|cursor| cursor.priority_score));
    let rows = tx.all(query.bind(after.map(|cursor| cursor.id.uuid())).bind(limit + 1)).await?;
    let mut items: Vec<InboxItem> = rows.into_iter().map(InboxItem::from).collect();
    let more = items.len() as i64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or_default());
    let next =
        items.last().filter(|_| more).map(|item| Cursor { priority_score: item.priority_score, id: item.id });
    Ok((items, next))
}

/// How much waits in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// `domain::reply::Bucket`.
    pub bucket: String,
    /// What was not put away.
    pub waiting: i64,
    /// What nobody has read.
    pub unread: i64,
    /// What is hot and nobody has dealt with.
    pub hot: i64,
}
from_row!(Counts { bucket, waiting, unread, hot });

/// How much waits in each bucket that has anything.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn counts(tx: &mut BulkTransaction) -> Result<Vec<Counts>> {
    let query = sqlx::query_as(
        "SELECT bucket, count(*) AS waiting, count(*) FILTER (WHERE status = 'unread') AS unread,
                count(*) FILTER (WHERE temperature = 'hot' AND processed_at IS NULL) AS hot
           FROM inbox_items WHERE team_id = $1 AND status <> 'archived' GROUP BY 1 ORDER BY 1",
    );
    tx.all(query.bind(tx.team_id().uuid())).await
}

/// What changed in the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The items that did, the last one last.
    pub items: Vec<InboxItem>,
    /// The database's moment at which this was seen.
    pub seen_at: DateTime<Utc>,
}

/// The items that changed since a moment, `limit` at the most, those first that changed first. A change counts from when it
/// was made, and is seen when it is committed: ask again for a little while before the last time, and leave out what was seen.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn changed_since(
    tx: &mut BulkTransaction,
    since: DateTime<Utc>,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Changed> {
    let clock: Option<(DateTime<Utc>,)> = tx.first(sqlx::query_as("SELECT clock_timestamp()")).await?;
    let sql =
        sqlx::AssertSqlSafe(format!("{SELECT} AND i.updated_at > $3 ORDER BY i.updated_at, i.id LIMIT $4"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(now).bind(since);
    let items = tx.all(query.bind(i64::from(limit))).await?.into_iter().map(InboxItem::from).collect();
    Ok(Changed { items, seen_at: clock.map_or(now, |(clock,)| clock) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fresh_id;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_one() {
        let cursor = Cursor { priority_score: 87, id: fresh_id() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "87", "87.", ".item_1", "x.item_01J9ZW4Q0C3T5V7X9YABCDEFGH"] {
            assert_eq!(bad.parse::<Cursor>(), Err(CursorError), "{bad}");
        }
    }
}
