//! Pairs that a person keeps apart. `kept_apart` is the only place that says so.
//!
//! It names the records of the decision. Either may have been merged into a third since; then the third is kept
//! apart from the other. A row of a later file that is exactly what was taken apart has its match key and is it; so
//! the records' own ids are enough to remember by.

use domain::id::{TypedId, UserId};
use uuid::Uuid;

use super::Kind;
use super::fold::Script;
use crate::{BulkTransaction, Result};

/// The pairs that must not become one, as those who have the records now. What is one by now, because a person
/// said so later, is not among them.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn kept_apart(tx: &mut BulkTransaction, kind: Kind) -> Result<Vec<(Uuid, Uuid)>> {
    let sql = Script::of(tx, kind).sql(
        "SELECT DISTINCT least(a, b), greatest(a, b) FROM ( \
             SELECT coalesce(x.root_id, k.a_id) AS a, coalesce(y.root_id, k.b_id) AS b FROM kept_apart k \
               LEFT JOIN {history} x ON x.team_id = {team} AND x.merged_id = k.a_id AND x.unmerged_at IS NULL \
               LEFT JOIN {history} y ON y.team_id = {team} AND y.merged_id = k.b_id AND y.unmerged_at IS NULL \
              WHERE k.team_id = {team} AND k.kind = $1) p \
          WHERE a <> b ORDER BY 1, 2",
    );
    tx.all(sqlx::query_as(sql).bind(kind.as_str())).await
}

/// Remembers that two are not one. Said again, it changes nothing.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn keep_apart(
    tx: &mut BulkTransaction,
    kind: Kind,
    one: Uuid,
    other: Uuid,
    by: Option<UserId>,
) -> Result<()> {
    let team = tx.team_id().uuid();
    tx.run(
        sqlx::query(
            "INSERT INTO kept_apart (team_id, kind, a_id, b_id, decided_by) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(team)
        .bind(kind.as_str())
        .bind(one.min(other))
        .bind(one.max(other))
        .bind(by.map(TypedId::uuid)),
    )
    .await?;
    Ok(())
}
