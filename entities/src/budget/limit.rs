//! Setting limits.

use domain::id::TypedId;
use domain::money::MicroDollars;

use super::Scope;
use crate::{BulkTransaction, Result};

/// How much; `None`: as much as anybody likes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limit {
    /// Of money.
    pub money: Option<MicroDollars>,
    /// Of expensive calls.
    pub calls: Option<i32>,
}

/// Thresholds that are passed already under the new limit are not told again, those above it are.
const SET: &str = "
INSERT INTO budgets AS b (team_id, scope, subject, day, limit_micros, limit_calls)
VALUES ($1, $2, $3, CASE WHEN $6 THEN team_day() END, $4, $5)
ON CONFLICT ON CONSTRAINT budgets_scope DO UPDATE
   SET limit_micros = excluded.limit_micros, limit_calls = excluded.limit_calls, updated_at = clock_timestamp(),
       alerted = CASE WHEN excluded.limit_micros IS NULL OR excluded.limit_micros = 0 THEN 0
                      ELSE coalesce((SELECT max(t) FROM unnest(ARRAY[50, 80, 100]) t
                                      WHERE b.spent_micros * 100.0 >= t * excluded.limit_micros), 0) END";

/// Sets the limit of a scope: of a daily one for every day that begins, and for today. Reservations that are there
/// already stay, also where they are above it.
///
/// # Errors
/// [`crate::DbError::Conflict`] for a negative limit.
pub async fn set_limit(tx: &mut BulkTransaction, scope: &Scope, limit: Limit) -> Result<()> {
    let (kind, subject) = scope.columns();
    let rows: &[bool] = if scope.is_daily() { &[false, true] } else { &[false] };
    for today in rows {
        let team = tx.team_id().uuid();
        tx.run(
            sqlx::query(SET)
                .bind(team)
                .bind(kind)
                .bind(&subject)
                .bind(limit.money.map(MicroDollars::micros))
                .bind(limit.calls)
                .bind(*today),
        )
        .await?;
    }
    Ok(())
}
