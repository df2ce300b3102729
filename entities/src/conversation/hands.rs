//! In whose hands a conversation is: claimed for a while by one person, assigned to one for good.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, TypedId, UserId};
use uuid::Uuid;

use crate::{BulkTransaction, DbError, Result};

/// Who has a conversation in hand.
#[derive(Clone, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// Until when, unless it is renewed.
    pub until: DateTime<Utc>,
}

impl std::fmt::Debug for Hand {
    /// Without the name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hand").field("user", &self.user).field("until", &self.until).finish_non_exhaustive()
    }
}

/// Without a condition: whoever waits for the row sees it as it is then, and not as it was.
const HOLD: &str = "
SELECT claimed_by, claimed_until FROM conversations WHERE team_id = $1 AND id = $2 FOR UPDATE";

/// Who else has the conversation in hand at this moment. The conversation is held to the end of the transaction: nobody takes
/// it meanwhile.
///
/// # Errors
/// Any [`DbError`].
pub async fn in_other_hands(
    tx: &mut BulkTransaction,
    id: ConversationId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Option<Hand>> {
    let query = sqlx::query_as::<_, (Option<Uuid>, Option<DateTime<Utc>>)>(HOLD);
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    let Some((Some(holder), Some(until))) = row else { return Ok(None) };
    if holder == by.uuid() || until <= now {
        return Ok(None);
    }
    let query = sqlx::query_as::<_, (String,)>("SELECT name FROM users WHERE id = $1").bind(holder);
    let name = tx.first(query).await?.map(|(name,)| name).unwrap_or_default();
    Ok(Some(Hand { user: UserId::from_uuid(holder), name, until }))
}

/// What is seen in the inbox changes with it.
const TOUCH: &str = "
UPDATE inbox_items SET updated_at = clock_timestamp()
 WHERE team_id = $1 AND conversation_id = $2 AND status <> 'archived'";

/// Takes a conversation in hand, or keeps it there longer. `Err(hand)`: somebody else has it.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn claim(
    tx: &mut BulkTransaction,
    id: ConversationId,
    by: UserId,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Result<DateTime<Utc>, Hand>> {
    if let Some(hand) = in_other_hands(tx, id, by, now).await? {
        return Ok(Err(hand));
    }
    let until = now + lease;
    let query = sqlx::query(
        "UPDATE conversations SET claimed_by = $3, claimed_until = $4 WHERE team_id = $1 AND id = $2",
    );
    let team = tx.team_id().uuid();
    if tx.run(query.bind(team).bind(id.uuid()).bind(by.uuid()).bind(until)).await? == 0 {
        return Err(DbError::not_found("conversation", id));
    }
    tx.run(sqlx::query(TOUCH).bind(team).bind(id.uuid())).await?;
    Ok(Ok(until))
}

/// Lets go of a conversation that one has in hand. Answers whether one had.
///
/// # Errors
/// Any [`DbError`].
pub async fn release(tx: &mut BulkTransaction, id: ConversationId, by: UserId) -> Result<bool> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE conversations SET claimed_by = NULL, claimed_until = NULL
          WHERE team_id = $1 AND id = $2 AND claimed_by = $3",
    );
    let released = tx.run(query.bind(team).bind(id.uuid()).bind(by.uuid())).await? > 0;
    if released {
        tx.run(sqlx::query(TOUCH).bind(team).bind(id.uuid())).await?;
    }
    Ok(released)
}

/// Gives a conversation to a member of the team, or to nobody.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such conversation, or no such member.
pub async fn assign(
    tx: &mut BulkTransaction,
    id: ConversationId,
    to: Option<UserId>,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let team = tx.team_id().uuid();
    if let Some(to) = to {
        member(tx, to).await?;
    }
    let query = sqlx::query(
        "UPDATE conversations SET assigned_to = $3, assigned_by = $4, assigned_at = $5 WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(team).bind(id.uuid()).bind(to.map(TypedId::uuid)).bind(by.uuid()).bind(now);
    if tx.run(query).await? == 0 {
        return Err(DbError::not_found("conversation", id));
    }
    tx.run(sqlx::query(TOUCH).bind(team).bind(id.uuid())).await?;
    Ok(())
}

/// Whether somebody is a member of the running team who may change something.
///
/// # Errors
/// [`DbError::NotFound`] where they are not.
pub async fn member(tx: &mut BulkTransaction, user: UserId) -> Result<()> {
    let query = sqlx::query_as::<_, (bool,)>(
        "SELECT true FROM memberships WHERE team_id = $1 AND user_id = $2 AND role <> 'viewer'",
    );
    let found = tx.first(query.bind(tx.team_id().uuid()).bind(user.uuid())).await?;
    found.map(|_| ()).ok_or_else(|| DbError::not_found("member who may work the inbox", user))
}
