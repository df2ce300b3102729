//! Leads of merged records: they go to the survivor, or into a lead that it has at the same business.

use std::collections::BTreeMap;

use domain::geo::State;
use domain::sector::{BucketId, SubsectorId};

use super::fold::Script;
use crate::{BulkTransaction, Result};

/// A campaign has the lead, or somebody has worked on it.
const TOUCHED: &str = "(l.added_to_campaign_at IS NOT NULL \
     OR l.status NOT IN ('new', 'enriched', 'contactable', 'do_not_contact') \
     OR EXISTS (SELECT FROM block_leads b JOIN blocks k ON k.id = b.block_id \
                 WHERE b.team_id = {team} AND b.lead_id = l.id AND b.open AND k.status = 'assigned'))";

/// Finds the leads of all that are merged or survive, and decides: into `merge_leads`. Answers how many move and how
/// many are folded.
///
/// There is no index from people to leads (ADR 15), so this reads the team's leads once, however many are merged; ids
/// are written out, because workers of a parallel scan do not see temporary tables.
pub(super) async fn decide(tx: &mut BulkTransaction, script: &Script) -> Result<(u64, u64)> {
    let ids: Vec<(uuid::Uuid,)> =
        tx.all(sqlx::query_as("SELECT merged FROM merging UNION SELECT survivor FROM merging")).await?;
    let ids: Vec<String> = ids.iter().map(|(id,)| id.to_string()).collect();
    script
        .run(
            tx,
            &format!(
                "CREATE TEMP TABLE merge_found ON COMMIT DROP AS \
                 SELECT id, {{column}} AS entity, kind, {{other}} AS other FROM leads \
                  WHERE team_id = {{team}} AND {{column}} = ANY('{{{}}}'::uuid[])",
                ids.join(",")
            ),
        )
        .await?;
    script
        .run(
            tx,
            &format!(
                "CREATE TEMP TABLE merge_leads ON COMMIT DROP AS \
                 SELECT d.id, d.ord, d.folded, d.other, CASE WHEN d.folded THEN to_jsonb(l) END AS body FROM ( \
                   SELECT id, ord, other, kind <> 'property' AND ord > first AND NOT touched AS folded FROM ( \
                     SELECT f.id, m.ord, f.kind, f.other, \
                            min(m.ord) OVER (PARTITION BY m.survivor, f.kind, f.other) AS first, \
                            {TOUCHED} AS touched \
                       FROM merge_found f JOIN leads l ON l.team_id = {{team}} AND l.id = f.id \
                       JOIN (SELECT survivor, merged AS entity, ord FROM merging \
                              UNION ALL SELECT DISTINCT survivor, survivor, 0 FROM merging) m \
                            ON m.entity = f.entity) d \
                    WHERE ord > 0) d JOIN leads l ON l.team_id = {{team}} AND l.id = d.id; \
                 DROP TABLE merge_found; \
                 CREATE TEMP TABLE merge_places (ord integer, body jsonb) ON COMMIT DROP"
            ),
        )
        .await?;
    let counts: Option<(i64, i64)> = tx
        .first(sqlx::query_as(
            "SELECT count(*) FILTER (WHERE NOT folded), count(*) FILTER (WHERE folded) FROM merge_leads",
        ))
        .await?;
    let (moved, folded) =
        counts.map_or((0, 0), |(moved, folded)| (moved.cast_unsigned(), folded.cast_unsigned()));
    if folded > 0 {
        script
            .run(
                tx,
                "INSERT INTO merge_places SELECT d.ord, to_jsonb(b) FROM merge_leads d \
                   JOIN block_leads b ON b.team_id = {team} AND b.lead_id = d.id WHERE d.folded",
            )
            .await?;
    }
    Ok((moved, folded))
}

/// Per merge (`ord`), as JSON: what became of its leads. For `WITH`.
pub(super) const ACCOUNT: &str = "placed AS (SELECT ord, jsonb_agg(body) AS places FROM merge_places GROUP BY 1), \
     led AS ( \
         SELECT ord, jsonb_build_object( \
                'moved', coalesce(jsonb_agg(id ORDER BY id) FILTER (WHERE NOT folded), '[]'), \
                'folded', coalesce(jsonb_agg(body ORDER BY id) FILTER (WHERE folded), '[]')) AS leads \
           FROM merge_leads GROUP BY 1)";

/// Does as decided.
pub(super) async fn apply(tx: &mut BulkTransaction, script: &Script, folded: u64) -> Result<()> {
    script
        .run(
            tx,
            "UPDATE leads l SET {column} = m.survivor FROM merge_leads d JOIN merging m ON m.ord = d.ord \
              WHERE l.team_id = {team} AND l.id = d.id AND NOT d.folded",
        )
        .await?;
    // Files on their way go on with the survivor.
    script
        .run(
            tx,
            "UPDATE resolved_rows r SET {column} = m.survivor FROM merging m \
              WHERE r.team_id = {team} AND r.{column} = m.merged",
        )
        .await?;
    if folded > 0 {
        count_buckets(
            tx,
            script,
            "SELECT l.subsector, l.state FROM leads l JOIN merge_leads d ON d.id = l.id \
             WHERE l.team_id = {team} AND d.folded",
            -1,
        )
        .await?;
        script
            .run(
                tx,
                "WITH gone AS (DELETE FROM block_leads b USING merge_leads d \
                      WHERE b.team_id = {team} AND b.lead_id = d.id AND d.folded RETURNING b.block_id) \
                 UPDATE blocks k SET lead_count = k.lead_count - g.leads \
                   FROM (SELECT block_id, count(*) AS leads FROM gone GROUP BY 1) g WHERE k.id = g.block_id; \
                 DELETE FROM leads l USING merge_leads d WHERE l.team_id = {team} AND l.id = d.id AND d.folded",
            )
            .await?;
    }
    script.run(tx, "DROP TABLE merge_leads; DROP TABLE merge_places").await
}

/// The leads that the round in `unwinding` gives back.
const FOLDED: &str = "FROM unwinding u CROSS JOIN LATERAL \
     jsonb_populate_recordset(NULL::leads, u.undo->'leads'->'folded') l WHERE NOT u.discard";

/// Gives the merged records of the round in `unwinding` their leads back. One whose key an import has brought again
/// meanwhile is not made twice: that one goes over. A place in a block is taken again where the block still waits for
/// a campaign.
pub(super) async fn give_back(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    script
        .run(
            tx,
            "UPDATE leads l SET {column} = u.merged FROM unwinding u CROSS JOIN LATERAL \
                    jsonb_array_elements_text(u.undo->'leads'->'moved') m (id) \
              WHERE NOT u.discard AND l.team_id = {team} AND l.id = m.id::uuid AND l.{column} = u.survivor",
        )
        .await?;
    script
        .run(
            tx,
            "UPDATE leads l SET {column} = u.merged FROM unwinding u CROSS JOIN LATERAL \
                    jsonb_array_elements(u.undo->'leads'->'folded') f (body) \
              WHERE NOT u.discard AND l.team_id = {team} AND l.lead_key = (f.body->>'lead_key')::uuid \
                AND l.{column} = u.survivor",
        )
        .await?;
    script
        .run(
            tx,
            &format!(
                "CREATE TEMP TABLE merge_back (id uuid, subsector smallint, state text) ON COMMIT DROP; \
                 WITH back AS (INSERT INTO leads SELECT l.* {FOLDED} ON CONFLICT DO NOTHING \
                      RETURNING id, subsector, state) INSERT INTO merge_back SELECT * FROM back"
            ),
        )
        .await?;
    script
        .run(
            tx,
            "WITH back AS (INSERT INTO block_leads SELECT b.* FROM unwinding u CROSS JOIN LATERAL \
                      jsonb_populate_recordset(NULL::block_leads, u.undo->'leads'->'places') b \
                   JOIN merge_back m ON m.id = b.lead_id JOIN blocks k ON k.id = b.block_id \
                  WHERE NOT u.discard AND (k.status = 'open' OR (k.status = 'dissolved' AND NOT b.open)) \
                 ON CONFLICT DO NOTHING RETURNING block_id) \
             UPDATE blocks k SET lead_count = k.lead_count + g.leads \
               FROM (SELECT block_id, count(*) AS leads FROM back GROUP BY 1) g WHERE k.id = g.block_id",
        )
        .await?;
    count_buckets(tx, script, "SELECT subsector, state FROM merge_back", 1).await?;
    script.run(tx, "DROP TABLE merge_back").await
}

/// Adds the leads that `which` selects to their buckets, or takes them off (`sign`).
async fn count_buckets(tx: &mut BulkTransaction, script: &Script, which: &str, sign: i64) -> Result<()> {
    let sql = script.sql(&format!(
        "SELECT subsector, state, count(*) FROM ({which}) l WHERE subsector IS NOT NULL GROUP BY 1, 2"
    ));
    let cells: Vec<(i16, Option<String>, i64)> = tx.all(sqlx::query_as(sql)).await?;
    let mut changes: BTreeMap<String, i64> = BTreeMap::new();
    for (subsector, state, leads) in cells {
        let Some(subsector) = SubsectorId::from_number(subsector) else { continue };
        let bucket = BucketId::new(state.as_deref().and_then(State::parse), subsector);
        *changes.entry(bucket.to_string()).or_default() += sign * leads;
    }
    let (buckets, leads): (Vec<String>, Vec<i64>) = changes.into_iter().unzip();
    if !buckets.is_empty() {
        tx.run(
            sqlx::query(
                "UPDATE sector_buckets b SET leads = b.leads + c.leads, updated_at = now(), \
                        stale_since = coalesce(b.stale_since, now()) \
                   FROM unnest($2::text[], $3::bigint[]) c (bucket_id, leads) \
                  WHERE b.team_id = $1 AND b.bucket_id = c.bucket_id",
            )
            .bind(script.team)
            .bind(buckets)
            .bind(leads),
        )
        .await?;
    }
    Ok(())
}
