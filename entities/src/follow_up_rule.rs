//! Rules of following up, as data of the team: those that it began with, and its own.

use chrono::{DateTime, Utc};
use domain::id::{FollowUpRuleId, TypedId, UserId};
use domain::reply::{FollowUpRule, FollowUpRules};
use sqlx::types::Json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result, fresh_id};

/// The unique index that keeps names apart.
pub const NAME_CONSTRAINT: &str = "follow_up_rules_name";

/// A rule as the team has it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRule {
    /// Its id.
    pub id: FollowUpRuleId,
    /// What a rule is called that the program came with; `None`: the team made it.
    pub shipped: Option<String>,
    /// What it says.
    pub rule: FollowUpRule,
    /// Whether a switch stops it, or all.
    pub stopped: bool,
    /// Who made it; `None`: the program.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was written last.
    pub updated_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    name: String,
    shipped: Option<String>,
    trigger: String,
    after_minutes: i32,
    conditions: serde_json::Value,
    actions: serde_json::Value,
    enabled: bool,
    version: i32,
    stopped: bool,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}
from_row!(Row {
    id,
    name,
    shipped,
    trigger,
    after_minutes,
    conditions,
    actions,
    enabled,
    version,
    stopped,
    created_by,
    created_at,
    updated_at,
});

impl TryFrom<Row> for StoredRule {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self> {
        let unreadable = |what| move |error: serde_json::Error| DbError::unreadable(what, error);
        let rule = FollowUpRule {
            name: row.name,
            trigger: row
                .trigger
                .parse()
                .map_err(|error| DbError::unreadable("follow_up_rules.trigger", error))?,
            after_minutes: u32::try_from(row.after_minutes).unwrap_or_default(),
            conditions: serde_json::from_value(row.conditions)
                .map_err(unreadable("follow_up_rules.conditions"))?,
            actions: serde_json::from_value(row.actions).map_err(unreadable("follow_up_rules.actions"))?,
            enabled: row.enabled,
            version: u32::try_from(row.version).unwrap_or_default(),
        };
        Ok(Self {
            id: FollowUpRuleId::from_uuid(row.id),
            shipped: row.shipped,
            rule,
            stopped: row.stopped,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const COLUMNS: &str = "
SELECT id, name, shipped, trigger, after_minutes, conditions, actions, enabled, version,
       EXISTS (SELECT FROM follow_up_switches w WHERE w.team_id = r.team_id AND w.lifted_at IS NULL
                  AND coalesce(w.rule_id, r.id) = r.id) AS stopped, created_by, created_at, updated_at
  FROM follow_up_rules r WHERE team_id = $1 AND archived_at IS NULL";

/// Gives the team the rules that the program comes with, each once: what the team made of one stays, and one that it put away
/// stays away. Answers how many are new.
///
/// # Errors
/// Any [`DbError`].
pub async fn ensure_shipped(tx: &mut BulkTransaction) -> Result<u64> {
    let mut new = 0;
    for rule in FollowUpRules::shipped().rules() {
        let id: FollowUpRuleId = fresh_id();
        let query = sqlx::query(
            "INSERT INTO follow_up_rules (team_id, id, name, shipped, trigger, after_minutes, conditions, actions, enabled)
             VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        );
        let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(&rule.name);
        let query = query.bind(rule.trigger.as_str()).bind(minutes(rule)).bind(Json(&rule.conditions));
        new += tx.run(query.bind(Json(&rule.actions)).bind(rule.enabled)).await?;
    }
    Ok(new)
}

fn minutes(rule: &FollowUpRule) -> i32 {
    i32::try_from(rule.after_minutes).unwrap_or(i32::MAX)
}

/// The team's rules by name, 200 at the most.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(tx: &mut BulkTransaction) -> Result<Vec<StoredRule>> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY name, id LIMIT 200"));
    let rows = tx.all(sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid())).await?;
    rows.into_iter().map(StoredRule::try_from).collect()
}

/// The team's rule with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none, or it was put away.
pub async fn get(tx: &mut BulkTransaction, id: FollowUpRuleId) -> Result<StoredRule> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} AND id = $2"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(id.uuid());
    tx.first(query).await?.ok_or_else(|| DbError::not_found("follow-up rule", id))?.try_into()
}

/// Makes a rule that was checked.
///
/// # Errors
/// [`DbError::Conflict`] with [`NAME_CONSTRAINT`] where there is one of this name.
pub async fn create(tx: &mut BulkTransaction, rule: &FollowUpRule, by: UserId) -> Result<FollowUpRuleId> {
    let id: FollowUpRuleId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO follow_up_rules (team_id, id, name, trigger, after_minutes, conditions, actions, enabled, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(rule.name.trim());
    let query = query.bind(rule.trigger.as_str()).bind(minutes(rule)).bind(Json(&rule.conditions));
    tx.run(query.bind(Json(&rule.actions)).bind(rule.enabled).bind(by.uuid())).await?;
    Ok(id)
}

/// Writes a rule anew. What was planned by it before is done as it was planned.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::Conflict`] as [`create`].
pub async fn update(
    tx: &mut BulkTransaction,
    id: FollowUpRuleId,
    rule: &FollowUpRule,
    by: UserId,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE follow_up_rules SET name = $3, trigger = $4, after_minutes = $5, conditions = $6, actions = $7, enabled = $8,
                updated_by = $9, updated_at = clock_timestamp(), version = version + 1
          WHERE team_id = $1 AND id = $2 AND archived_at IS NULL",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(rule.name.trim());
    let query = query.bind(rule.trigger.as_str()).bind(minutes(rule)).bind(Json(&rule.conditions));
    match tx.run(query.bind(Json(&rule.actions)).bind(rule.enabled).bind(by.uuid())).await? {
        0 => Err(DbError::not_found("follow-up rule", id)),
        _ => Ok(()),
    }
}

/// Puts a rule away, and cancels what was planned by it. Answers how much that was.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn archive(
    tx: &mut BulkTransaction,
    id: FollowUpRuleId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<u64> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE follow_up_rules SET archived_at = $4, updated_by = $3, enabled = false
          WHERE team_id = $1 AND id = $2 AND archived_at IS NULL",
    );
    if tx.run(query.bind(team).bind(id.uuid()).bind(by.uuid()).bind(now)).await? == 0 {
        return Err(DbError::not_found("follow-up rule", id));
    }
    let query = sqlx::query(
        "UPDATE follow_ups SET state = 'cancelled', reason = 'rule', cancelled_by = $3, ended_at = $4
          WHERE team_id = $1 AND rule_id = $2 AND state = 'planned'",
    );
    tx.run(query.bind(team).bind(id.uuid()).bind(by.uuid()).bind(now)).await
}
