//! Stops that work by the database alone, whatever else is down: each text is checked against them right before it leaves.

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, KillSwitchId, SenderId, TypedId, UserId};
use domain::named_enum;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Database, DbError, Result, fresh_id};

named_enum! {
    /// What a switch stops.
    KillScope {
        /// Everything of everybody. Set by whoever runs the system ([`stop_everything`]).
        Everything = "everything",
        /// Everything of the team.
        Team = "team",
        /// One campaign.
        Campaign = "campaign",
        /// Whatever comes from one sender.
        Sender = "sender",
    }
}

/// What is to be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Everything of the team.
    Team,
    /// One campaign.
    Campaign(CampaignId),
    /// Whatever comes from one sender.
    Sender(SenderId),
}

impl Target {
    /// `kill_switches.scope`.
    pub const fn scope(self) -> KillScope {
        match self {
            Self::Team => KillScope::Team,
            Self::Campaign(_) => KillScope::Campaign,
            Self::Sender(_) => KillScope::Sender,
        }
    }

    fn subject(self) -> Option<Uuid> {
        match self {
            Self::Team => None,
            Self::Campaign(id) => Some(id.uuid()),
            Self::Sender(id) => Some(id.uuid()),
        }
    }

    /// The id of what is stopped, rendered; `None` for the team.
    pub fn rendered(self) -> Option<String> {
        match self {
            Self::Team => None,
            Self::Campaign(id) => Some(id.to_string()),
            Self::Sender(id) => Some(id.to_string()),
        }
    }
}

/// A switch that is or was on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillSwitch {
    /// Its id.
    pub id: KillSwitchId,
    /// What it stops.
    pub scope: KillScope,
    /// Which campaign or sender; `None` where it is neither.
    pub target: Option<Target>,
    /// Why, in words of whoever set it.
    pub reason: String,
    /// Who set it.
    pub set_by: Option<UserId>,
    /// When.
    pub set_at: DateTime<Utc>,
    /// When it was lifted; `None` while it is on.
    pub lifted_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    scope: String,
    subject: Option<Uuid>,
    reason: String,
    set_by: Option<Uuid>,
    set_at: DateTime<Utc>,
    lifted_at: Option<DateTime<Utc>>,
}
from_row!(Row { id, scope, subject, reason, set_by, set_at, lifted_at });

impl TryFrom<Row> for KillSwitch {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self> {
        let scope = row.scope.parse().map_err(|error| DbError::unreadable("kill_switches.scope", error))?;
        let target = match (scope, row.subject) {
            (KillScope::Team, _) => Some(Target::Team),
            (KillScope::Campaign, Some(id)) => Some(Target::Campaign(CampaignId::from_uuid(id))),
            (KillScope::Sender, Some(id)) => Some(Target::Sender(SenderId::from_uuid(id))),
            _ => None,
        };
        Ok(Self {
            id: KillSwitchId::from_uuid(row.id),
            scope,
            target,
            reason: row.reason,
            set_by: row.set_by.map(UserId::from_uuid),
            set_at: row.set_at,
            lifted_at: row.lifted_at,
        })
    }
}

/// Turns a switch on. One that is on stays as it is, with its reason. Answers it.
///
/// # Errors
/// Any [`DbError`].
pub async fn set(
    tx: &mut BulkTransaction,
    target: Target,
    reason: &str,
    by: Option<UserId>,
) -> Result<KillSwitchId> {
    let team = tx.team_id().uuid();
    let id: KillSwitchId = fresh_id();
    let query = sqlx::query_as::<_, (Uuid,)>(
        "INSERT INTO kill_switches AS k (team_id, id, scope, subject, reason, set_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (team_id, scope, subject) WHERE lifted_at IS NULL DO UPDATE SET set_at = k.set_at RETURNING id",
    );
    let query = query.bind(team).bind(id.uuid()).bind(target.scope().as_str()).bind(target.subject());
    let row = tx.first(query.bind(reason).bind(by.map(TypedId::uuid))).await?;
    Ok(row.map_or(id, |(id,)| KillSwitchId::from_uuid(id)))
}

/// Turns a switch off. Answers whether it was on.
///
/// # Errors
/// [`DbError::NotFound`] where the team has none with this id.
pub async fn lift(tx: &mut BulkTransaction, id: KillSwitchId, by: Option<UserId>) -> Result<bool> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE kill_switches SET lifted_at = clock_timestamp(), lifted_by = $3
          WHERE team_id = $1 AND id = $2 AND lifted_at IS NULL",
    );
    if tx.run(query.bind(team).bind(id.uuid()).bind(by.map(TypedId::uuid))).await? > 0 {
        return Ok(true);
    }
    let known = sqlx::query_as::<_, (bool,)>("SELECT true FROM kill_switches WHERE team_id = $1 AND id = $2");
    match tx.first(known.bind(team).bind(id.uuid())).await? {
        Some(_) => Ok(false),
        None => Err(DbError::not_found("kill switch", id)),
    }
}

/// The team's switches that are on, and everybody's; with `lifted` also those that were, newest first, 200 at the most.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(tx: &mut BulkTransaction, lifted: bool) -> Result<Vec<KillSwitch>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, 'everything' AS scope, NULL::uuid AS subject, reason, NULL::uuid AS set_by, set_at, lifted_at
           FROM global_kill_switches WHERE $2 OR lifted_at IS NULL
         UNION ALL
         SELECT id, scope, subject, reason, set_by, set_at, lifted_at FROM kill_switches
          WHERE team_id = $1 AND ($2 OR lifted_at IS NULL)
          ORDER BY set_at DESC LIMIT 200",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(lifted)).await?;
    rows.into_iter().map(KillSwitch::try_from).collect()
}

/// The switch that stops a campaign and its sender at this moment, the widest first; `None`: nothing does.
///
/// # Errors
/// Any [`DbError`].
pub async fn on(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    sender: Option<SenderId>,
) -> Result<Option<KillScope>> {
    let query = sqlx::query_as::<_, (Option<String>,)>("SELECT kill_switch_on($1, $2)");
    let row = tx.first(query.bind(campaign.uuid()).bind(sender.map(TypedId::uuid))).await?;
    row.and_then(|(word,)| word)
        .map(|word| word.parse().map_err(|error| DbError::unreadable("kill_switch_on", error)))
        .transpose()
}

/// Stops everything of everybody. Connect as the owner ([`Database::admin`]): no team may. Answers whether it was not
/// stopped before.
///
/// # Errors
/// Any [`DbError`].
pub async fn stop_everything(admin: &Database, reason: &str) -> Result<bool> {
    let query = sqlx::query(
        "INSERT INTO global_kill_switches (reason) VALUES ($1) ON CONFLICT ((true)) WHERE lifted_at IS NULL DO NOTHING",
    );
    Ok(query.bind(reason).execute(admin.pool()).await?.rows_affected() > 0)
}

/// Lets everybody send again what nothing else stops. Connect as the owner. Answers whether it was stopped.
///
/// # Errors
/// Any [`DbError`].
pub async fn resume_everything(admin: &Database) -> Result<bool> {
    let query =
        sqlx::query("UPDATE global_kill_switches SET lifted_at = clock_timestamp() WHERE lifted_at IS NULL");
    Ok(query.execute(admin.pool()).await?.rows_affected() > 0)
}
