//! Taking merges apart, in whatever order: [`super::undo`] says how.

use domain::id::{DataSourceId, RowIds, TypedId, UserId};
use uuid::Uuid;

use super::fold::{OPEN_MERGING, PLANNER, Script, fold};
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
    take_apart(tx, &[Target { kind, id, discard: false }], Some(by.uuid())).await?;
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
    let (mut targets, mut pairs) = (Vec::new(), Vec::new());
    for kind in Kind::ALL {
        let sql = Script::of(tx, kind).sql(
            "SELECT id, survivor_id, merged_id, \
                    coalesce(kind = 'import' AND data_source_id = $1 AND merged_id BETWEEN $2 AND $3, false) \
               FROM {history} WHERE team_id = {team} AND unmerged_at IS NULL AND (coalesce(data_source_id = $1, false) \
                    OR merged_id BETWEEN $2 AND $3 OR survivor_id BETWEEN $2 AND $3)",
        );
        let found: Vec<(Uuid, Uuid, Uuid, bool)> =
            tx.all(sqlx::query_as(sql).bind(source.uuid()).bind(first).bind(last)).await?;
        targets.extend(found.iter().map(|(id, _, _, discard)| Target { kind, id: *id, discard: *discard }));
        pairs.push((
            kind,
            found.into_iter().map(|(_, survivor, merged, _)| (survivor, merged)).collect::<Vec<_>>(),
        ));
    }
    take_apart(tx, &targets, None).await?;
    for (kind, pairs) in pairs {
        review::reopen(tx, kind, &pairs, None).await?;
    }
    let gone = targets.len() as u64;
    let team_id = tx.team_id().uuid();
    tx.run(
        sqlx::query(
            "DELETE FROM merge_reviews WHERE team_id = $1 AND (data_source_id = $2 OR a_id BETWEEN $3 AND $4 \
                OR b_id BETWEEN $3 AND $4) AND status <> 'rejected'",
        )
        .bind(team_id)
        .bind(source.uuid())
        .bind(first)
        .bind(last),
    )
    .await?;
    Ok(gone)
}

/// A merge to be taken apart.
struct Target {
    kind: Kind,
    id: Uuid,
    /// Whether its record is dropped instead of restored.
    discard: bool,
}

async fn take_apart(tx: &mut BulkTransaction, targets: &[Target], by: Option<Uuid>) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    tx.execute(PLANNER).await?;
    stack(tx, targets).await?;
    let rounds = rounds(tx).await?;
    for (round, kind) in &rounds {
        unwind(tx, &Script::of(tx, *kind), *round).await?;
    }
    for kind in Kind::ALL {
        let sql = Script::of(tx, kind).sql(
            "WITH dropped AS (DELETE FROM {history} h USING stack s \
                               WHERE h.team_id = {team} AND h.id = s.id AND s.kind = $2 AND s.discard) \
             UPDATE {history} h SET unmerged_at = now(), unmerged_by = $1, root_id = h.survivor_id, undo = '{}' \
               FROM stack s WHERE h.team_id = {team} AND h.id = s.id AND s.kind = $2 AND s.target AND NOT s.discard",
        );
        tx.run(sqlx::query(sql).bind(by).bind(kind.number())).await?;
    }
    for (round, kind) in rounds.iter().rev() {
        again(tx, &Script::of(tx, *kind), *round).await?;
    }
    for kind in Kind::ALL {
        let ids: Vec<(Uuid,)> = tx
            .all(
                sqlx::query_as(
                    "SELECT DISTINCT i.id FROM stack CROSS JOIN LATERAL (VALUES (root), (survivor), (merged)) i (id) \
                      WHERE kind = $1",
                )
                .bind(kind.number()),
            )
            .await?;
        let (script, ids) = (Script::of(tx, kind), ids.into_iter().map(|(id,)| id).collect::<Vec<_>>());
        history::settle_roots(tx, &script, &ids).await?;
        history::settle_confidence(tx, &script, &ids).await?;
    }
    tx.execute("DROP TABLE stack").await?;
    Ok(())
}

/// Lays out, in `stack`, the targets and what has to be undone with them: merges that came later and are of the same
/// record, or of the other kind and about something that one of the two keeps.
async fn stack(tx: &mut BulkTransaction, targets: &[Target]) -> Result<()> {
    tx.execute(
        "CREATE TEMP TABLE stack (kind smallint, id uuid, step bigint, root uuid, survivor uuid, merged uuid, \
         touches uuid[], target boolean, discard boolean, PRIMARY KEY (kind, id)) ON COMMIT DROP",
    )
    .await?;
    for kind in Kind::ALL {
        let of_kind = || targets.iter().filter(|target| target.kind == kind);
        let sql = Script::of(tx, kind).sql(
            "INSERT INTO stack SELECT $1, h.id, h.step, h.root_id, h.survivor_id, h.merged_id, h.touches, true, t.discard \
               FROM unnest($2::uuid[], $3::boolean[]) t (id, discard) \
               JOIN {history} h ON h.team_id = {team} AND h.id = t.id",
        );
        let ids: Vec<Uuid> = of_kind().map(|target| target.id).collect();
        let discard: Vec<bool> = of_kind().map(|target| target.discard).collect();
        tx.run(sqlx::query(sql).bind(kind.number()).bind(ids).bind(discard)).await?;
    }
    loop {
        let mut added = 0;
        tx.execute("ANALYZE stack").await?;
        for kind in Kind::ALL {
            let sql = Script::of(tx, kind).sql(
                "INSERT INTO stack SELECT DISTINCT $1, h.id, h.step, h.root_id, h.survivor_id, h.merged_id, h.touches, \
                        false, false \
                   FROM ( \
                     SELECT h.id FROM stack s JOIN {history} h ON h.root_id = s.root AND h.step >= s.step \
                      WHERE s.kind = $1 AND h.team_id = {team} AND h.unmerged_at IS NULL \
                     UNION \
                     SELECT h.id FROM ( \
                            SELECT i.id, min(s.step) AS step FROM stack s CROSS JOIN LATERAL unnest(s.touches) i (id) \
                             WHERE s.kind <> $1 GROUP BY 1) s \
                       JOIN (SELECT id, step, merged_id AS about FROM {history} \
                              WHERE team_id = {team} AND unmerged_at IS NULL \
                             UNION ALL SELECT id, step, survivor_id FROM {history} \
                              WHERE team_id = {team} AND unmerged_at IS NULL) h ON h.about = s.id AND h.step >= s.step \
                     UNION \
                     SELECT h.id FROM {history} h CROSS JOIN LATERAL unnest(h.touches) i (id) \
                       JOIN (SELECT i.id, min(s.step) AS step FROM stack s \
                              CROSS JOIN LATERAL (VALUES (s.survivor), (s.merged)) i (id) \
                              WHERE s.kind <> $1 GROUP BY 1) s ON s.id = i.id AND h.step >= s.step \
                      WHERE h.team_id = {team} AND h.unmerged_at IS NULL) f \
                   JOIN {history} h ON h.team_id = {team} AND h.id = f.id \
                 ON CONFLICT DO NOTHING",
            );
            added += tx.run(sqlx::query(sql).bind(kind.number())).await?;
        }
        if added == 0 {
            return Ok(());
        }
    }
}

/// The rounds of the stack in the order in which they are undone: the last step first. Merges of one round are of one
/// kind.
async fn rounds(tx: &mut BulkTransaction) -> Result<Vec<(i64, Kind)>> {
    let rounds: Vec<(i64, i16)> =
        tx.all(sqlx::query_as("SELECT DISTINCT step, kind FROM stack ORDER BY 1 DESC, 2")).await?;
    rounds
        .into_iter()
        .map(|(step, number)| {
            let kind = Kind::ALL.into_iter().find(|kind| kind.number() == number);
            Ok((step, kind.ok_or_else(|| DbError::unreadable("stack.kind", number))?))
        })
        .collect()
}

/// Undoes the merges of one round.
async fn unwind(tx: &mut BulkTransaction, script: &Script, step: i64) -> Result<()> {
    let kind = script.layout.kind.number();
    script
        .run(
            tx,
            &format!(
                "CREATE TEMP TABLE unwinding ON COMMIT DROP AS \
                 SELECT h.survivor_id AS survivor, h.merged_id AS merged, h.undo, h.merged_at, s.discard \
                   FROM stack s JOIN {{history}} h ON h.team_id = {{team}} AND h.id = s.id WHERE s.step = {step} AND s.kind = {kind}; \
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
async fn again(tx: &mut BulkTransaction, script: &Script, step: i64) -> Result<()> {
    let kind = script.layout.kind.number();
    script
        .run(
            tx,
            &format!(
                "{OPEN_MERGING}; \
                 INSERT INTO merging SELECT row_number() OVER (ORDER BY h.step, h.merged_id), h.id, h.step, h.survivor_id, \
                        h.merged_id, h.score, h.weight, h.rule_set, h.evidence, h.kind, h.merged_by, h.data_source_id \
                   FROM stack s JOIN {{history}} h ON h.team_id = {{team}} AND h.id = s.id \
                  WHERE s.step = {step} AND s.kind = {kind} AND NOT s.target; \
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
