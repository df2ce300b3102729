//! How a campaign's state changes: each change once, known by its id, by whoever holds the row.
//!
//! [`hold`] locks the campaign and reads what a change is decided by; [`apply`] writes it. Which change may follow which is
//! for [`CampaignState::after`] to say; the table refuses what it does not.

use chrono::{DateTime, Utc};
use domain::FailureCode;
use domain::campaign::{CampaignState, OnWindowClose};
use domain::id::{CampaignId, SenderId, TypedId, UserId};
use domain::money::MicroDollars;
use serde_json::json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::outbox::{self, NewNotice};
use crate::{BulkTransaction, DbError, Result};

/// What a campaign's row says that its changes and its sending go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// How far it has come.
    pub state: CampaignState,
    /// How many changes there were.
    pub version: i64,
    /// The last of them.
    pub last_change: Option<Uuid>,
    /// The hash of its preview.
    pub preview_hash: Option<String>,
    /// The hash it was approved with.
    pub approved_hash: Option<String>,
    /// When the approval lapses, if nobody begins before.
    pub approval_expires_at: Option<DateTime<Utc>>,
    /// Who drafted it.
    pub created_by: Option<UserId>,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends, whatever is left.
    pub expires_at: Option<DateTime<Utc>>,
    /// The most messages a day.
    pub per_day: u32,
    /// The most messages a minute.
    pub per_minute: u32,
    /// The most it may cost.
    pub budget: Option<MicroDollars>,
    /// What becomes of messages that a window's end leaves unsent.
    pub on_window_close: OnWindowClose,
    /// The one number or address that it is sent from; of a pool, none.
    pub sender: Option<SenderId>,
    /// The pool of numbers that it is sent from.
    pub pool: Option<String>,
    /// The vendor that sends; `None` where no sender is active.
    pub provider: Option<String>,
}

struct Row {
    state: String,
    version: i64,
    last_change: Option<Uuid>,
    preview_hash: Option<String>,
    approved_hash: Option<String>,
    approval_expires_at: Option<DateTime<Utc>>,
    created_by: Option<Uuid>,
    starts_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    daily_limit: i32,
    per_minute_limit: i32,
    budget_micros: Option<i64>,
    on_window_close: String,
    sender_id: Option<Uuid>,
    sender_pool: Option<String>,
    provider: Option<String>,
}
from_row!(Row {
    state,
    version,
    last_change,
    preview_hash,
    approved_hash,
    approval_expires_at,
    created_by,
    starts_at,
    expires_at,
    daily_limit,
    per_minute_limit,
    budget_micros,
    on_window_close,
    sender_id,
    sender_pool,
    provider,
});

/// Of several vendors no queue is everybody's, so their work is done from that of people who call, which every worker serves: what
/// one of them cannot hand over another one may.
const READ: &str = "
SELECT c.state, c.version, c.last_change, c.preview_hash, c.approved_hash, c.approval_expires_at, c.created_by,
       c.starts_at, c.expires_at, c.daily_limit, c.per_minute_limit, c.budget_micros, c.on_window_close, c.sender_id,
       c.sender_pool, (SELECT CASE WHEN min(s.provider) = max(s.provider) THEN min(s.provider) ELSE 'person' END FROM senders s
         WHERE s.team_id = c.team_id AND s.state = 'active' AND (s.channel <> 'email' OR s.postal_address IS NOT NULL)
           AND (s.id = c.sender_id OR (c.sender_id IS NULL AND s.pool = c.sender_pool))) AS provider
  FROM campaigns c WHERE c.team_id = $1 AND c.id = $2";
const LOCK: &str = " FOR UPDATE OF c";

/// The campaign as it is, held to the end of the transaction.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn hold(tx: &mut BulkTransaction, id: CampaignId) -> Result<Held> {
    read(tx, id, format!("{READ}{LOCK}")).await
}

/// The campaign as it is, for whoever only looks.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn look(tx: &mut BulkTransaction, id: CampaignId) -> Result<Held> {
    read(tx, id, READ.to_owned()).await
}

async fn read(tx: &mut BulkTransaction, id: CampaignId, sql: String) -> Result<Held> {
    // All of it is text of this file.
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tx.team_id().uuid()).bind(id.uuid());
    let row = tx.first(query).await?.ok_or_else(|| DbError::not_found("campaign", id))?;
    let count = |value: i32| u32::try_from(value).unwrap_or_default();
    Ok(Held {
        state: row.state.parse().map_err(|error| DbError::unreadable("campaigns.state", error))?,
        version: row.version,
        last_change: row.last_change,
        preview_hash: row.preview_hash,
        approved_hash: row.approved_hash,
        approval_expires_at: row.approval_expires_at,
        created_by: row.created_by.map(UserId::from_uuid),
        starts_at: row.starts_at,
        expires_at: row.expires_at,
        per_day: count(row.daily_limit),
        per_minute: count(row.per_minute_limit),
        budget: row.budget_micros.map(MicroDollars::new),
        on_window_close: row
            .on_window_close
            .parse()
            .map_err(|error| DbError::unreadable("campaigns.on_window_close", error))?,
        sender: row.sender_id.map(SenderId::from_uuid),
        pool: row.sender_pool,
        provider: row.provider,
    })
}

/// A change that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It waits for an approver, with the preview that is stored.
    Staged,
    /// It is released as it was previewed, until then.
    Approved {
        /// The hash of the preview that the approver has seen.
        hash: String,
        /// When the approval lapses.
        until: DateTime<Utc>,
    },
    /// It is its author's again.
    Rejected,
    /// Nobody began in time: it waits for an approver again.
    Lapsed,
    /// It begins then.
    Scheduled {
        /// When.
        starts_at: DateTime<Utc>,
    },
    /// It sends.
    Started,
    /// It sends nothing until it is resumed; in a word or two why, without personal data.
    Paused {
        /// Why.
        reason: String,
    },
    /// It sends again.
    Resumed,
    /// It has ended as this state says; in a word or two why, without personal data.
    Ended {
        /// Completed, cancelled, expired or failed.
        state: CampaignState,
        /// Why.
        reason: String,
        /// What went wrong, where it failed.
        failure: Option<FailureCode>,
    },
    /// It sends faster or slower.
    Limits {
        /// The most messages a day.
        per_day: Option<u32>,
        /// The most messages a minute.
        per_minute: Option<u32>,
    },
}

impl Applied {
    /// The state that the campaign is in then; `None` where it stays in the one it is in.
    fn leads_to(&self) -> Option<CampaignState> {
        match self {
            Self::Staged | Self::Lapsed => Some(CampaignState::Staged),
            Self::Approved { .. } => Some(CampaignState::Approved),
            Self::Rejected => Some(CampaignState::Draft),
            Self::Scheduled { .. } => Some(CampaignState::Scheduled),
            Self::Started | Self::Resumed => Some(CampaignState::Running),
            Self::Paused { .. } => Some(CampaignState::Paused),
            Self::Ended { state, .. } => Some(*state),
            Self::Limits { .. } => None,
        }
    }
}

/// Writes a change of a campaign that is held, made `now` by `by` (nobody: the clock or the system).
///
/// A change of its state is put into the outbox, to be told.
///
/// # Errors
/// [`DbError::Conflict`] with `campaigns_state_order` or `campaigns_released` where the table does not allow it.
pub async fn apply(
    tx: &mut BulkTransaction,
    id: CampaignId,
    change: Uuid,
    by: Option<UserId>,
    now: DateTime<Utc>,
    applied: &Applied,
) -> Result<()> {
    let set = match applied {
        Applied::Staged => {
            "state = 'staged', staged_by = $4, staged_at = $5, approved_by = NULL, approved_at = NULL, approved_hash = NULL, \
             approval_expires_at = NULL, rejected_by = NULL, rejected_at = NULL, reject_reason = NULL"
        }
        Applied::Approved { .. } => {
            "state = 'approved', approved_by = $4, approved_at = $5, preview_hash = $7, approved_hash = $7, \
             approval_expires_at = $6"
        }
        Applied::Rejected => {
            "state = 'draft', approved_by = NULL, approved_at = NULL, approved_hash = NULL, approval_expires_at = NULL, \
             rejected_by = $4, rejected_at = $5"
        }
        Applied::Lapsed => {
            "state = 'staged', approved_by = NULL, approved_at = NULL, approved_hash = NULL, approval_expires_at = NULL"
        }
        Applied::Scheduled { .. } => "state = 'scheduled', starts_at = $6",
        Applied::Started => "state = 'running', started_at = coalesce(started_at, $5)",
        Applied::Paused { .. } => "state = 'paused', pause_reason = $7",
        Applied::Resumed => "state = 'running', started_at = coalesce(started_at, $5), pause_reason = NULL",
        Applied::Ended { .. } => "state = $8, ended_at = $5, ended_reason = $7, failure = $9",
        Applied::Limits { .. } => {
            "daily_limit = coalesce($10, daily_limit), per_minute_limit = coalesce($11, per_minute_limit)"
        }
    };
    let (mut at, mut why, mut end, mut failure, mut limits) = (None, None, None, None, (None, None));
    match applied {
        Applied::Approved { until, hash } => (at, why) = (Some(*until), Some(hash.as_str())),
        Applied::Scheduled { starts_at } => at = Some(*starts_at),
        Applied::Paused { reason } => why = Some(reason.as_str()),
        Applied::Ended { state, reason, failure: code } => {
            (end, why, failure) =
                (Some(state.as_str()), Some(reason.as_str()), code.map(FailureCode::as_str));
        }
        Applied::Limits { per_day, per_minute } => limits = (*per_day, *per_minute),
        Applied::Staged | Applied::Rejected | Applied::Lapsed | Applied::Started | Applied::Resumed => {}
    }
    let whole = |limit: Option<u32>| limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX));
    // Every parameter has its type said, also where the statement has no use for it.
    let sql = format!(
        "WITH given AS (SELECT $4::uuid, $5::timestamptz, $6::timestamptz, $7::text, $8::text, $9::text, $10::integer, \
         $11::integer) UPDATE campaigns SET version = version + 1, last_change = $3, updated_at = $5, {set} \
          WHERE team_id = $1 AND id = $2"
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tx.team_id().uuid()).bind(id.uuid()).bind(change);
    let query = query.bind(by.map(TypedId::uuid)).bind(now).bind(at).bind(why).bind(end).bind(failure);
    let changed = tx.run(query.bind(whole(limits.0)).bind(whole(limits.1))).await?;
    if changed == 0 {
        return Err(DbError::not_found("campaign", id));
    }
    tell(tx, id, change, applied).await
}

/// Tells whoever wants to know which state the campaign is in now.
async fn tell(tx: &mut BulkTransaction, id: CampaignId, change: Uuid, applied: &Applied) -> Result<()> {
    let Some(state) = applied.leads_to() else { return Ok(()) };
    let failure = match applied {
        Applied::Ended { failure, .. } => *failure,
        _ => None,
    };
    let kind = format!("campaign.{state}");
    let dedup_key = format!("{kind}:{id}:{change}");
    let payload = json!({ "campaign": id, "state": state, "failure": failure });
    outbox::put(tx, NewNotice { kind: &kind, dedup_key: &dedup_key, payload: &payload }).await?;
    Ok(())
}

/// Stores what a campaign was previewed as, for its next staging.
///
/// # Errors
/// Any [`DbError`].
pub async fn set_preview(
    tx: &mut BulkTransaction,
    id: CampaignId,
    preview: &serde_json::Value,
    hash: &str,
    (leads, excluded): (u32, u32),
    now: DateTime<Utc>,
) -> Result<()> {
    let whole = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let query = sqlx::query(
        "UPDATE campaigns SET preview = $3, preview_hash = $4, previewed_at = $5, leads = $6, excluded = $7, updated_at = $5 \
          WHERE team_id = $1 AND id = $2 AND state IN ('draft', 'staged')",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(sqlx::types::Json(preview)).bind(hash);
    tx.run(query.bind(now).bind(whole(leads)).bind(whole(excluded))).await?;
    Ok(())
}

/// Keeps why a campaign was rejected, in the words of who did it.
///
/// # Errors
/// Any [`DbError`].
pub async fn set_reject_reason(tx: &mut BulkTransaction, id: CampaignId, reason: &str) -> Result<()> {
    let query = sqlx::query(
        "UPDATE campaigns SET reject_reason = $3 WHERE team_id = $1 AND id = $2 AND rejected_at IS NOT NULL",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(reason)).await?;
    Ok(())
}
