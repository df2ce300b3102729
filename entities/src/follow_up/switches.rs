//! Switches that stop following up: of one rule, or of all.

use chrono::{DateTime, Utc};
use domain::id::{FollowUpRuleId, TypedId, UserId};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// A switch that is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Which rule it stops; `None`: all.
    pub rule: Option<FollowUpRuleId>,
    /// Why, in words of whoever set it.
    pub reason: String,
    /// Who set it.
    pub set_by: Option<UserId>,
    /// When.
    pub set_at: DateTime<Utc>,
}

struct Row {
    rule_id: Option<Uuid>,
    reason: String,
    set_by: Option<Uuid>,
    set_at: DateTime<Utc>,
}
from_row!(Row { rule_id, reason, set_by, set_at });

/// The switches that are on, the one of all rules first.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn switches(tx: &mut BulkTransaction) -> Result<Vec<Switch>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT rule_id, reason, set_by, set_at FROM follow_up_switches
          WHERE team_id = $1 AND lifted_at IS NULL ORDER BY rule_id NULLS FIRST",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid())).await?;
    let switches = rows.into_iter().map(|row| Switch {
        rule: row.rule_id.map(FollowUpRuleId::from_uuid),
        reason: row.reason,
        set_by: row.set_by.map(UserId::from_uuid),
        set_at: row.set_at,
    });
    Ok(switches.collect())
}

/// Stops a rule, or all, or lets it go on (`reason`: `None`). What was stopped stays planned, and is left out when its time
/// comes while the switch is on. Answers whether anything changed.
///
/// # Errors
/// [`crate::DbError::Conflict`] where there is no such rule.
pub async fn set_switch(
    tx: &mut BulkTransaction,
    rule: Option<FollowUpRuleId>,
    reason: Option<&str>,
    by: UserId,
) -> Result<bool> {
    let (team, rule) = (tx.team_id().uuid(), rule.map(TypedId::uuid));
    let changed = match reason {
        Some(reason) => {
            let query = sqlx::query(
                "INSERT INTO follow_up_switches (team_id, rule_id, reason, set_by) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (team_id, rule_id) WHERE lifted_at IS NULL DO NOTHING",
            );
            tx.run(query.bind(team).bind(rule).bind(reason).bind(by.uuid())).await?
        }
        None => {
            let query = sqlx::query(
                "UPDATE follow_up_switches SET lifted_at = clock_timestamp(), lifted_by = $3
                  WHERE team_id = $1 AND rule_id IS NOT DISTINCT FROM $2 AND lifted_at IS NULL",
            );
            tx.run(query.bind(team).bind(rule).bind(by.uuid())).await?
        }
    };
    Ok(changed > 0)
}
