//! Folding records into survivors, set-wise: a handful of statements, however many pairs there are.

use domain::id::{MergeId, TypedId};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::layout::Layout;
use super::plan::{plan, without_apart};
use super::{Kind, Merge, Merged, Origin, apart, fields, history, leads, rows};
use crate::pipeline::resolve::lock_team;
use crate::{BulkTransaction, DbError, Result, fresh_id};

/// Statements of one team about one kind.
pub(super) struct Script {
    pub(super) layout: &'static Layout,
    pub(super) team: Uuid,
}

impl Script {
    pub(super) fn of(tx: &BulkTransaction, kind: Kind) -> Self {
        Self { layout: Layout::of(kind), team: tx.team_id().uuid() }
    }

    /// Fills `{team}` and the names of the kind. All of it is our own text and hex digits of our own ids, never a
    /// text of a user, which is why the result may be executed.
    pub(super) fn sql(&self, template: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(self.layout.sql(template).replace("{team}", &format!("'{}'::uuid", self.team)))
    }

    /// Runs one or more statements.
    pub(super) async fn run(&self, tx: &mut BulkTransaction, template: &str) -> Result<()> {
        tx.execute(self.sql(template)).await?;
        Ok(())
    }
}

/// Sorts and hashes in memory; and no compiled expressions, whose making takes longer than what they save.
pub(super) const PLANNER: &str = "SET LOCAL work_mem = '96MB'; SET LOCAL jit = off";

/// What is being merged: `ord` counts from 1.
pub(super) const OPEN_MERGING: &str = "CREATE TEMP TABLE merging (ord integer, id uuid, step bigint, survivor uuid, \
     merged uuid, score real, weight real, rule_set text, evidence jsonb, kind text, merged_by uuid, \
     data_source_id uuid) ON COMMIT DROP";

/// Folds each pair's merged record into its survivor; of a chain, into its end. All or nothing.
///
/// An import's pairs are passed over where they would bring together what a person keeps apart. Waits for, and then
/// keeps off, other merges and files of the team that are being resolved.
///
/// # Errors
/// [`DbError::NotFound`] for an id that is nobody's; [`DbError::WrongState`] where a record is merged already, would
/// go to two, or belongs to a file whose leads are still being made; [`DbError::CircularMerge`].
pub async fn merge(tx: &mut BulkTransaction, kind: Kind, pairs: &[Merge], origin: Origin) -> Result<Merged> {
    if pairs.is_empty() {
        return Ok(Merged::default());
    }
    lock_team(tx).await?;
    tx.execute(PLANNER).await?;
    let apart = match origin {
        Origin::Import(_) => apart::kept_apart(tx, kind).await?,
        Origin::Review(_) | Origin::Manual(_) => Vec::new(),
    };
    let (pairs, kept_apart) = without_apart(pairs, &apart);
    let pairs: Vec<Merge> = pairs.into_iter().cloned().collect();
    let planned = plan(kind, &pairs)?;
    if planned.is_empty() {
        return Ok(Merged { kept_apart, ..Merged::default() });
    }
    let script = Script::of(tx, kind);
    alive(tx, &script, &planned, origin).await?;
    load(tx, &script, &planned, origin).await?;
    let (leads_moved, leads_folded) = fold(tx, &script).await?;
    let mut survivors: Vec<Uuid> = planned.iter().map(|(survivor, _)| *survivor).collect();
    survivors.sort_unstable();
    survivors.dedup();
    history::settle_confidence(tx, &script, &survivors).await?;
    super::review::close_settled(tx, &script, origin.user()).await?;
    Ok(Merged { merged: planned.len() as u64, kept_apart, leads_moved, leads_folded })
}

/// Locks all records, in the order of their ids, and sees that they are there and may be merged.
async fn alive(
    tx: &mut BulkTransaction,
    script: &Script,
    planned: &[(Uuid, &Merge)],
    origin: Origin,
) -> Result<()> {
    let mut ids: Vec<Uuid> = planned.iter().flat_map(|(survivor, merge)| [*survivor, merge.merged]).collect();
    ids.sort_unstable();
    ids.dedup();
    let sql =
        script.sql("SELECT id FROM {table} WHERE team_id = {team} AND id = ANY($1) ORDER BY id FOR UPDATE");
    let found: Vec<(Uuid,)> = tx.all(sqlx::query_as(sql).bind(&ids)).await?;
    if found.len() < ids.len() {
        let missing =
            ids.iter().find(|id| found.binary_search(&(**id,)).is_err()).copied().unwrap_or_default();
        return Err(history::absent(tx, script, missing).await?);
    }
    // The leads of such a file are made with the ids that its rows gave: nobody may be gone before that.
    let sql = script.sql(
        "SELECT t.id FROM {table} t JOIN data_sources s ON s.id = t.data_source_id \
          WHERE t.team_id = {team} AND t.id = ANY($1) AND s.status IN ('uploaded', 'processing') \
            AND s.id IS DISTINCT FROM $2 LIMIT 1",
    );
    let merged: Vec<Uuid> = planned.iter().map(|(_, merge)| merge.merged).collect();
    let busy: Option<(Uuid,)> = tx.first(sqlx::query_as(sql).bind(&merged).bind(origin.source())).await?;
    match busy {
        None => Ok(()),
        Some((id,)) => Err(DbError::WrongState {
            what: script.layout.what,
            id: script.layout.kind.render(id),
            found: "of an upload that is still under way".to_owned(),
            wanted: "of one that is completed".to_owned(),
        }),
    }
}

async fn load(
    tx: &mut BulkTransaction,
    script: &Script,
    planned: &[(Uuid, &Merge)],
    origin: Origin,
) -> Result<()> {
    script.run(tx, OPEN_MERGING).await?;
    let column = |of: fn(&(Uuid, &Merge)) -> Uuid| planned.iter().map(of).collect::<Vec<_>>();
    let ids: Vec<Uuid> = planned.iter().map(|_| fresh_id::<MergeId>().uuid()).collect();
    tx.run(
        sqlx::query(
            "INSERT INTO merging SELECT p.ord, p.id, s.step, p.survivor, p.merged, p.score, p.weight, p.rule_set, \
                    p.evidence::jsonb, $8, $9, $10 \
               FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::real[], $5::real[], $6::text[], $7::text[]) \
                    WITH ORDINALITY p (id, survivor, merged, score, weight, rule_set, evidence, ord) \
              CROSS JOIN (SELECT nextval('merge_steps') AS step) s",
        )
        .bind(&ids)
        .bind(column(|(survivor, _)| *survivor))
        .bind(column(|(_, merge)| merge.merged))
        .bind(planned.iter().map(|(_, merge)| merge.score).collect::<Vec<_>>())
        .bind(planned.iter().map(|(_, merge)| merge.weight).collect::<Vec<_>>())
        .bind(planned.iter().map(|(_, merge)| merge.rule_set.clone()).collect::<Vec<_>>())
        .bind(planned.iter().map(|(_, merge)| merge.evidence.to_string()).collect::<Vec<_>>())
        .bind(origin.as_str())
        .bind(origin.user())
        .bind(origin.source()),
    )
    .await?;
    script.run(tx, "ANALYZE merging").await
}

/// Does what stands in `merging`, and writes it down; a row of history that is there already gets its new undo.
/// Answers how many leads moved and how many were folded.
pub(super) async fn fold(tx: &mut BulkTransaction, script: &Script) -> Result<(u64, u64)> {
    rows::gather(tx, script).await?;
    fields::gather(tx, script).await?;
    fields::decide(tx, script).await?;
    let (moved, folded) = leads::decide(tx, script).await?;
    script.run(tx, "ANALYZE merge_rows; ANALYZE merge_winners; ANALYZE merge_leads").await?;
    // All of it is temporary tables, and what is grouped from them the planner takes for few: thousands would meet
    // each other one by one.
    let was = nestloop(tx, "off").await?;
    script.run(tx, &write_down()).await?;
    nestloop(tx, &was).await?;
    leads::apply(tx, script, folded).await?;
    rows::combine(tx, script).await?;
    if script.layout.kind == Kind::Persona {
        script
            .run(
                tx,
                "UPDATE personas t SET merged_from_ids = t.merged_from_ids || f.ids FROM ( \
                     SELECT m.survivor, array_agg(i.id ORDER BY m.ord, i.at) AS ids FROM merging m \
                       JOIN personas p ON p.team_id = {team} AND p.id = m.merged \
                      CROSS JOIN LATERAL unnest(m.merged || p.merged_from_ids) WITH ORDINALITY i (id, at) GROUP BY 1) f \
                  WHERE t.team_id = {team} AND t.id = f.survivor",
            )
            .await?;
    }
    fields::apply(tx, script).await?;
    script
        .run(
            tx,
            "DELETE FROM {table} t USING merging m WHERE t.team_id = {team} AND t.id = m.merged; \
             UPDATE {history} h SET root_id = m.survivor FROM merging m \
              WHERE h.team_id = {team} AND h.root_id = m.merged AND h.unmerged_at IS NULL; \
             DROP TABLE merging",
        )
        .await?;
    Ok((moved, folded))
}

/// Lets the planner nest loops, or not, to the end of the transaction. Answers how it was.
pub(super) async fn nestloop(tx: &mut BulkTransaction, allowed: &str) -> Result<String> {
    let was: Option<(String,)> =
        tx.first(sqlx::query_as("SELECT current_setting('enable_nestloop')")).await?;
    tx.run(sqlx::query("SELECT set_config('enable_nestloop', $1, true)").bind(allowed)).await?;
    Ok(was.map_or_else(|| "on".to_owned(), |(was,)| was))
}

/// The rows of history: [`super::undo`] describes what is in `undo`.
fn write_down() -> String {
    format!(
        "WITH {survivorship}, {changes}, {led}, \
         keyed AS ( \
             SELECT r.*, min(ord) FILTER (WHERE ord > 0) OVER k AS first, bool_or(ord = 0) OVER k AS known \
               FROM merge_rows r WINDOW k AS (PARTITION BY name, survivor, key)), \
         mine AS ( \
             SELECT ord, name, jsonb_agg(body ORDER BY key) AS bodies, \
                    jsonb_agg(key ORDER BY key) FILTER (WHERE NOT known AND ord = first) AS added \
               FROM keyed WHERE ord > 0 GROUP BY 1, 2), \
         brought AS ( \
             SELECT ord, jsonb_object_agg(name, bodies) AS bodies, \
                    jsonb_object_agg(name, added) FILTER (WHERE added IS NOT NULL) AS added \
               FROM mine GROUP BY 1), \
         had AS ( \
             SELECT ord, jsonb_object_agg(name, bodies) AS before FROM ( \
                    SELECT first AS ord, name, jsonb_agg(body ORDER BY key) AS bodies FROM keyed WHERE ord = 0 \
                     GROUP BY 1, 2) b GROUP BY 1), \
         others AS ( \
             SELECT ord, array_agg(DISTINCT id) AS ids FROM ( \
                    SELECT ord, key::uuid AS id FROM keyed WHERE name = 'owners' AND ord > 0 \
                     UNION ALL SELECT ord, other FROM merge_leads WHERE folded AND other IS NOT NULL) o GROUP BY 1) \
         INSERT INTO {{history}} (team_id, id, step, survivor_id, merged_id, root_id, merged_key, kind, score, weight, \
                rule_set, evidence, survivorship, undo, touches, merged_by, data_source_id) \
         SELECT {{team}}, m.id, m.step, m.survivor, m.merged, m.survivor, (r.body->>'match_key')::uuid, m.kind, m.score, \
                m.weight, m.rule_set, m.evidence, coalesce(w.fields, '{{}}'), \
                jsonb_build_object('record', r.body, 'rows', coalesce(b.bodies, '{{}}'), \
                    'leads', coalesce(l.leads, '{{}}') || jsonb_build_object('places', coalesce(p.places, '[]')), \
                    'survivor', jsonb_build_object('added', coalesce(b.added, '{{}}'), \
                        'before', coalesce(h.before, '{{}}'), 'fields', coalesce(c.fields, '{{}}'))), \
                coalesce(o.ids, '{{}}'), m.merged_by, m.data_source_id \
           FROM merging m JOIN merge_records r ON r.ord = m.ord \
           LEFT JOIN stands w ON w.ord = m.ord LEFT JOIN changes c ON c.ord = m.ord LEFT JOIN led l ON l.ord = m.ord \
           LEFT JOIN placed p ON p.ord = m.ord LEFT JOIN brought b ON b.ord = m.ord LEFT JOIN had h ON h.ord = m.ord \
           LEFT JOIN others o ON o.ord = m.ord \
         ON CONFLICT (team_id, id) DO UPDATE SET undo = excluded.undo, touches = excluded.touches, \
                survivorship = excluded.survivorship",
        survivorship = fields::survivorship(),
        changes = fields::CHANGES,
        led = leads::ACCOUNT,
    )
}
