//! The history of merges: who was merged into whom, why, and who has it now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;
use uuid::Uuid;

use super::Kind;
use super::fold::{self, Script};
use super::layout::Layout;
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result, Stored, TeamTransaction};

/// One merge, in force or taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct PastMerge {
    /// Its id.
    pub id: Uuid,
    /// Who stayed.
    pub survivor_id: Uuid,
    /// Who went.
    pub merged_id: Uuid,
    /// `import`, `review` or `manual`.
    pub kind: String,
    /// Probability that they are one, 0 to 1.
    pub score: f32,
    /// Sum of the match weights, in bits.
    pub weight: Option<f32>,
    /// Name and version of the rules.
    pub rule_set: String,
    /// Why.
    pub evidence: Value,
    /// Per field in which they differed: whose value stands, and by which rule.
    pub survivorship: Value,
    /// Who did it; `None` for an import.
    pub merged_by: Option<Uuid>,
    /// The file whose import did it.
    pub data_source_id: Option<Uuid>,
    /// When.
    pub merged_at: DateTime<Utc>,
    /// Who took it apart.
    pub unmerged_by: Option<Uuid>,
    /// When it was taken apart.
    pub unmerged_at: Option<DateTime<Utc>>,
}
from_row!(PastMerge {
    id,
    survivor_id,
    merged_id,
    kind,
    score,
    weight,
    rule_set,
    evidence,
    survivorship,
    merged_by,
    data_source_id,
    merged_at,
    unmerged_by,
    unmerged_at
});

/// The most merges that [`past_merges`] shows.
pub const MAX_SHOWN: i64 = 200;

/// Every merge that brought something to the record with this id, or that it went in, newest first, [`MAX_SHOWN`] at
/// the most.
///
/// # Errors
/// [`DbError::NotFound`] where nobody has or had this id.
pub async fn past_merges(tx: &mut BulkTransaction, kind: Kind, id: Uuid) -> Result<Vec<PastMerge>> {
    let script = Script::of(tx, kind);
    let sql = script.sql(
        "SELECT * FROM {history} WHERE team_id = {team} AND id IN ( \
             SELECT id FROM {history} WHERE team_id = {team} AND root_id = $1 \
              UNION SELECT id FROM {history} WHERE team_id = {team} AND merged_id = $1 AND unmerged_at IS NULL \
              UNION SELECT id FROM {history} WHERE team_id = {team} AND merged_id = $1 AND unmerged_at IS NOT NULL \
              UNION SELECT id FROM {history} WHERE team_id = {team} AND survivor_id = $1) \
          ORDER BY merged_at DESC, id DESC LIMIT $2",
    );
    let found: Vec<PastMerge> = tx.all(sqlx::query_as(sql).bind(id).bind(MAX_SHOWN)).await?;
    if found.is_empty() {
        let sql = script.sql("SELECT id FROM {table} WHERE team_id = {team} AND id = $1");
        let lives: Option<(Uuid,)> = tx.first(sqlx::query_as(sql).bind(id)).await?;
        lives.ok_or_else(|| DbError::not_found(script.layout.what, kind.render(id)))?;
    }
    Ok(found)
}

/// Who has these records now: those of `ids` that are merged, with the record that they ended up in.
///
/// # Errors
/// Any [`DbError`].
pub async fn roots(tx: &mut BulkTransaction, kind: Kind, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Uuid>> {
    let sql = Script::of(tx, kind).sql(
        "SELECT merged_id, root_id FROM {history} WHERE team_id = {team} AND unmerged_at IS NULL \
            AND merged_id = ANY($1)",
    );
    let found: Vec<(Uuid, Uuid)> = tx.all(sqlx::query_as(sql).bind(ids)).await?;
    Ok(found.into_iter().collect())
}

/// Who has the merged record with this match key now, if one was merged that had it.
pub(crate) async fn root_of_key(team: &TeamTransaction, kind: Kind, key: Uuid) -> Result<Option<Uuid>> {
    let sql = Layout::of(kind)
        .sql("SELECT root_id FROM {history} WHERE team_id = $1 AND merged_key = $2 AND unmerged_at IS NULL");
    let values = [Stored(team.team_id()).into(), key.into()];
    let found = team.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(found.map(|row| row.try_get("", "root_id")).transpose()?)
}

/// Why there is no record with this id.
pub(super) async fn absent(tx: &mut BulkTransaction, script: &Script, id: Uuid) -> Result<DbError> {
    let kind = script.layout.kind;
    Ok(match roots(tx, kind, &[id]).await?.get(&id) {
        None => DbError::not_found(script.layout.what, kind.render(id)),
        Some(root) => DbError::WrongState {
            what: script.layout.what,
            id: kind.render(id),
            found: format!("merged into {}", kind.render(*root)),
            wanted: "a record of its own".to_owned(),
        },
    })
}

/// Brings `root_id` of everything that was under `roots` up to date.
pub(super) async fn settle_roots(tx: &mut BulkTransaction, script: &Script, roots: &[Uuid]) -> Result<()> {
    let sql = script.sql(
        "WITH RECURSIVE up AS ( \
             SELECT h.id, h.survivor_id AS at FROM {history} h \
              WHERE h.team_id = {team} AND h.root_id = ANY($1) AND h.unmerged_at IS NULL \
             UNION ALL \
             SELECT u.id, h.survivor_id FROM up u JOIN {history} h ON h.team_id = {team} AND h.merged_id = u.at \
                AND h.unmerged_at IS NULL) \
         UPDATE {history} h SET root_id = u.at FROM up u WHERE h.team_id = {team} AND h.id = u.id AND h.root_id <> u.at \
            AND NOT EXISTS (SELECT FROM {history} x WHERE x.team_id = {team} AND x.merged_id = u.at \
                               AND x.unmerged_at IS NULL)",
    );
    // The planner takes a working table for a handful of rows.
    let nestloop = fold::nestloop(tx, "off").await?;
    tx.run(sqlx::query(sql).bind(roots)).await?;
    fold::nestloop(tx, &nestloop).await?;
    Ok(())
}

/// Counts anew how sure it is that each of `people` is one: as sure as the least sure of the merges in it.
pub(super) async fn settle_confidence(
    tx: &mut BulkTransaction,
    script: &Script,
    people: &[Uuid],
) -> Result<()> {
    if script.layout.kind == Kind::Persona {
        let sql = script.sql(
            "UPDATE personas p SET confidence_score = c.confidence FROM ( \
                 SELECT i.id, coalesce(least(100, h.score), 100)::smallint AS confidence FROM unnest($1::uuid[]) i (id) \
                   LEFT JOIN (SELECT root_id, min(round(score * 100)) AS score FROM {history} \
                               WHERE team_id = {team} AND root_id = ANY($1) AND unmerged_at IS NULL GROUP BY 1) h \
                        ON h.root_id = i.id) c \
              WHERE p.team_id = {team} AND p.id = c.id AND p.confidence_score <> c.confidence",
        );
        tx.run(sqlx::query(sql).bind(people)).await?;
    }
    Ok(())
}
