//! Taking merges apart, in whatever order: [`super::undo`] says how.

use domain::id::{DataSourceId, RowIds, TypedId, UserId};
use uuid::Uuid;

use super::fold::{OPEN_MERGING, Script, fold};
use super::{Kind, apart, fields, history, leads, review, rows};
use crate::pipeline::resolve::lock_team;
use crate::{BulkTransaction, DbError, Result};

/// What was taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmerged {
    /// The record that is one of its own again.
    pub id: Uuid,
    /// Whom it had been merged into.
    pub survivor: Uuid,
    /// Who had it until now: the survivor, or whoever that was merged into since.
    pub root: Uuid,
}

/// Restores the record `merged` with its contact points and leads, because a person says that it is not the one it
/// was merged into. That is remembered: no import merges or proposes the two again.
///
/// # Errors
/// [`DbError::NotFound`] where nobody has or had this id; [`DbError::WrongState`] where it is not merged.
pub async fn unmerge(tx: &mut BulkTransaction, kind: Kind, merged: Uuid, by: UserId) -> Result<Unmerged> {
    lock_team(tx).await?;
    let script = Script::of(tx, kind);
    let sql = script.sql(
        "SELECT id, survivor_id, root_id FROM {history} WHERE team_id = {team} AND merged_id = $1 \
            AND unmerged_at IS NULL",
    );
    let found: Option<(Uuid, Uuid, Uuid)> = tx.first(sqlx::query_as(sql).bind(merged)).await?;
    let Some((id, survivor, root)) = found else {
        // Answers "not found" where there is no such record either.
        history::past_merges(tx, kind, merged).await?;
        return Err(DbError::WrongState {
            what: script.layout.what,
            id: kind.render(merged),
            found: "not merged into another".to_owned(),
            wanted: "merged".to_owned(),
        });
    };
    let target = Target { id, discard: false };
    take_apart(tx, &script, &[target], Some(by.uuid())).await?;
    apart::keep_apart(tx, kind, survivor, merged, Some(by)).await?;
    review::reopen(tx, kind, &[(survivor, merged)], Some(by.uuid())).await?;
    Ok(Unmerged { id: merged, survivor, root })
}

/// Takes apart what the file `source` merged, and every merge that one of its own records is part of, so that the
/// file's records can be removed and take nobody with them. Rows of the file that never became records of their own,
/// or were merged by the file's own import, are dropped with their history instead of restored. Forgets the file's
/// proposals and decisions about its records. Answers how many merges are gone. Nothing is remembered as kept apart:
/// the next import may say the same again.
///
/// # Errors
/// Any [`DbError`].
pub async fn unmerge_upload(tx: &mut BulkTransaction, source: DataSourceId) -> Result<u64> {
    lock_team(tx).await?;
    let ids = RowIds::of(source);
    let (first, last) = (ids.row(0), ids.row(u32::MAX));
    let mut gone = 0;
    for kind in Kind::ALL {
        let script = Script::of(tx, kind);
        let sql = script.sql(
            "SELECT id, survivor_id, merged_id, kind = 'import' AND data_source_id = $1 AND merged_id BETWEEN $2 AND $3 \
               FROM {history} WHERE team_id = {team} AND unmerged_at IS NULL AND (coalesce(data_source_id = $1, false) \
                    OR merged_id BETWEEN $2 AND $3 OR survivor_id BETWEEN $2 AND $3)",
        );
        let found: Vec<(Uuid, Uuid, Uuid, Option<bool>)> =
            tx.all(sqlx::query_as(sql).bind(source.uuid()).bind(first).bind(last)).await?;
        let targets: Vec<Target> = found
            .iter()
            .map(|(id, _, _, discard)| Target { id: *id, discard: discard.unwrap_or_default() })
            .collect();
        take_apart(tx, &script, &targets, None).await?;
        let pairs: Vec<_> = found.iter().map(|(_, survivor, merged, _)| (*survivor, *merged)).collect();
        review::reopen(tx, kind, &pairs, None).await?;
        gone += found.len() as u64;
    }
    let team = tx.team_id().uuid();
    tx.run(
        sqlx::query(
            "DELETE FROM merge_reviews WHERE team_id = $1 AND (data_source_id = $2 OR a_id BETWEEN $3 AND $4 \
                OR b_id BETWEEN $3 AND $4) AND status <> 'rejected'",
        )
        .bind(team)
        .bind(source.uuid())
        .bind(first)
        .bind(last),
    )
    .await?;
    Ok(gone)
}

/// A merge to be taken apart.
struct Target {
    id: Uuid,
    /// Whether its record is dropped instead of restored.
    discard: bool,
}

async fn take_apart(
    tx: &mut BulkTransaction,
    script: &Script,
    targets: &[Target],
    by: Option<Uuid>,
) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    let rounds = stack(tx, script, targets).await?;
    for round in 1..=rounds {
        unwind(tx, script, round).await?;
    }
    let sql = script.sql(
        "WITH dropped AS (DELETE FROM {history} h USING stack s WHERE h.team_id = {team} AND h.id = s.id AND s.discard) \
         UPDATE {history} h SET unmerged_at = now(), unmerged_by = $1, root_id = h.survivor_id, undo = '{}' \
           FROM stack s WHERE h.team_id = {team} AND h.id = s.id AND s.target AND NOT s.discard",
    );
    tx.run(sqlx::query(sql).bind(by)).await?;
    for round in (1..=rounds).rev() {
        again(tx, script, round).await?;
    }
    let ids: Vec<(Uuid,)> = tx
        .all(sqlx::query_as(
            "SELECT root FROM stack UNION SELECT survivor FROM stack UNION SELECT merged FROM stack",
        ))
        .await?;
    history::settle(tx, script, ids.into_iter().map(|(id,)| id).collect()).await?;
    script.run(tx, "DROP TABLE stack").await
}

/// Lays out, in `stack`, the targets and the merges of the same records that came later, in rounds: the last step of
/// each record first. Answers how many rounds there are.
async fn stack(tx: &mut BulkTransaction, script: &Script, targets: &[Target]) -> Result<i64> {
    script
        .run(
            tx,
            "CREATE TEMP TABLE stack (id uuid, root uuid, survivor uuid, merged uuid, round bigint, target boolean, \
             discard boolean) ON COMMIT DROP",
        )
        .await?;
    let sql = script.sql(
        "WITH t AS (SELECT * FROM unnest($1::uuid[], $2::boolean[]) t (id, discard)), \
              since AS (SELECT h.root_id, min(h.step) AS step FROM {history} h JOIN t ON t.id = h.id \
                         WHERE h.team_id = {team} GROUP BY 1) \
         INSERT INTO stack SELECT h.id, h.root_id, h.survivor_id, h.merged_id, \
                dense_rank() OVER (PARTITION BY h.root_id ORDER BY h.step DESC), t.id IS NOT NULL, \
                coalesce(t.discard, false) \
           FROM {history} h JOIN since s ON s.root_id = h.root_id AND h.step >= s.step LEFT JOIN t ON t.id = h.id \
          WHERE h.team_id = {team} AND h.unmerged_at IS NULL",
    );
    let ids: Vec<Uuid> = targets.iter().map(|target| target.id).collect();
    let discard: Vec<bool> = targets.iter().map(|target| target.discard).collect();
    tx.run(sqlx::query(sql).bind(ids).bind(discard)).await?;
    let rounds: Option<(i64,)> =
        tx.first(sqlx::query_as("SELECT coalesce(max(round), 0) FROM stack")).await?;
    Ok(rounds.map_or(0, |(rounds,)| rounds))
}

/// Undoes the merges of one round.
async fn unwind(tx: &mut BulkTransaction, script: &Script, round: i64) -> Result<()> {
    script
        .run(
            tx,
            &format!(
                "CREATE TEMP TABLE unwinding ON COMMIT DROP AS \
                 SELECT h.survivor_id AS survivor, h.merged_id AS merged, h.undo, h.merged_at, s.discard \
                   FROM stack s JOIN {{history}} h ON h.team_id = {{team}} AND h.id = s.id WHERE s.round = {round}; \
                 ANALYZE unwinding"
            ),
        )
        .await?;
    fields::give_back(tx, script).await?;
    if script.layout.kind == Kind::Persona {
        script
            .run(
                tx,
                "UPDATE personas t SET merged_from_ids = ARRAY(SELECT i.id FROM unnest(t.merged_from_ids) \
                        WITH ORDINALITY i (id, at) WHERE i.id <> ALL (f.ids) ORDER BY i.at) \
                   FROM (SELECT u.survivor, array_agg(i.id) AS ids FROM unwinding u CROSS JOIN LATERAL ( \
                                SELECT u.merged UNION ALL SELECT j.id::uuid FROM jsonb_array_elements_text( \
                                       coalesce(nullif(u.undo->'record'->'merged_from_ids', 'null'), '[]')) j (id)) i (id) \
                          GROUP BY 1) f \
                  WHERE t.team_id = {team} AND t.id = f.survivor",
            )
            .await?;
    }
    // A key that an import has given to another record meanwhile stays there; the restored one takes one of its own.
    script
        .run(
            tx,
            "INSERT INTO {table} SELECT p.* FROM unwinding u CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, \
                    CASE WHEN EXISTS (SELECT FROM {table} t WHERE t.team_id = {team} \
                                         AND t.match_key = (u.undo->'record'->>'match_key')::uuid) \
                         THEN jsonb_set(u.undo->'record', '{match_key}', \
                              to_jsonb(md5((u.undo->'record'->>'match_key') || u.merged)::uuid)) \
                         ELSE u.undo->'record' END) p \
              WHERE NOT u.discard",
        )
        .await?;
    rows::give_back(tx, script).await?;
    leads::give_back(tx, script).await?;
    script.run(tx, "DROP TABLE unwinding").await
}

/// Does the merges of one round again that were not to be taken apart.
async fn again(tx: &mut BulkTransaction, script: &Script, round: i64) -> Result<()> {
    script
        .run(
            tx,
            &format!(
                "{OPEN_MERGING}; \
                 INSERT INTO merging SELECT row_number() OVER (ORDER BY h.step, h.merged_id), h.id, h.step, h.survivor_id, \
                        h.merged_id, h.score, h.weight, h.rule_set, h.evidence, h.kind, h.merged_by, h.data_source_id \
                   FROM stack s JOIN {{history}} h ON h.team_id = {{team}} AND h.id = s.id \
                  WHERE s.round = {round} AND NOT s.target; \
                 ANALYZE merging"
            ),
        )
        .await?;
    let any: Option<(i32,)> = tx.first(sqlx::query_as("SELECT ord FROM merging LIMIT 1")).await?;
    if any.is_none() {
        return script.run(tx, "DROP TABLE merging").await;
    }
    fold(tx, script).await?;
    Ok(())
}
