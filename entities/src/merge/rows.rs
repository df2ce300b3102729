//! Rows that hang on a record: gathered, combined in the survivor, and given back.
//!
//! They pass through `merge_rows` as JSON, so that one set of statements does for all tables. `ord` is 0 for what the
//! survivor had and the number of the merge for what a merged record brought.

use super::fold::Script;
use super::layout::Child;
use crate::{BulkTransaction, Result};

/// Copies the rows of the merged records, and those of the survivors that have the same keys.
pub(super) async fn gather(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    script
        .run(
            tx,
            "CREATE TEMP TABLE merge_rows (name text, survivor uuid, ord integer, key text, body jsonb, \
             verified boolean, score smallint, verified_at timestamptz, first_at timestamptz, last_at timestamptz) \
             ON COMMIT DROP",
        )
        .await?;
    for child in script.layout.children {
        let columns = |survivor: &str, ord: &str| {
            let [verified, score, verified_at] = child.strength;
            let last = child.last.map_or_else(|| "NULL::timestamptz".to_owned(), |last| format!("t.{last}"));
            format!(
                "SELECT '{}', {survivor}, {ord}, {}, to_jsonb(t), {verified}, {score}, {verified_at}, t.{}, {last}",
                child.name, child.key, child.first
            )
        };
        let table = child.table;
        script
            .run(
                tx,
                &format!(
                    "INSERT INTO merge_rows {} FROM merging m JOIN {table} t ON t.{{column}} = m.merged \
                      WHERE t.team_id = {{team}}",
                    columns("m.survivor", "m.ord")
                ),
            )
            .await?;
        script
            .run(
                tx,
                &format!(
                    "INSERT INTO merge_rows {} FROM (SELECT DISTINCT survivor, key FROM merge_rows \
                      WHERE name = '{}') k JOIN {table} t ON t.{{column}} = k.survivor AND t.{} = {} \
                      WHERE t.team_id = {{team}}",
                    columns("k.survivor", "0"),
                    child.name,
                    child.key_column,
                    child.key_value
                ),
            )
            .await?;
    }
    Ok(())
}

/// Takes the rows from the merged records and gives them to the survivors.
pub(super) async fn combine(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    for child in script.layout.children {
        let table = child.table;
        script
            .run(
                tx,
                &format!(
                    "DELETE FROM {table} t USING merging m WHERE t.team_id = {{team}} AND t.{{column}} = m.merged"
                ),
            )
            .await?;
        script.run(tx, &combined(child)).await?;
    }
    script.run(tx, "DROP TABLE merge_rows").await
}

/// One row a key: of the strongest evidence, known since the first and seen until the last.
fn combined(child: &Child) -> String {
    let Child { name, table, key_column, first, .. } = child;
    let last = child
        .last
        .map_or_else(String::new, |last| format!(" || jsonb_build_object('{last}', max(r.last_at) OVER w)"));
    let filled: String = child
        .filled
        .iter()
        .map(|column| {
            format!(
                " || jsonb_build_object('{column}', coalesce(nullif(r.body->'{column}', 'null'), \
                 first_value(nullif(r.body->'{column}', 'null')) OVER (PARTITION BY r.survivor, r.key \
                 ORDER BY (r.body->>'{column}' IS NULL), r.ord)))"
            )
        })
        .collect();
    let set: Vec<String> =
        child.columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    format!(
        "INSERT INTO {table} SELECT p.* FROM ( \
             SELECT DISTINCT ON (r.survivor, r.key) r.body || jsonb_build_object('{{column}}', r.survivor, \
                    '{first}', min(r.first_at) OVER w){last}{filled} AS body \
               FROM merge_rows r WHERE r.name = '{name}' \
             WINDOW w AS (PARTITION BY r.survivor, r.key) \
              ORDER BY r.survivor, r.key, r.verified DESC, r.score DESC, r.verified_at DESC NULLS LAST, r.ord) c \
          CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, c.body) p \
         ON CONFLICT (team_id, persona_id, {}) DO UPDATE SET {}",
        if *table == "business_owners" { "business_id" } else { key_column },
        set.join(", ")
    )
}

/// Takes back from the survivors what the merges of the round in `unwinding` gave them, and gives the merged records
/// theirs. What has been heard of since a merge stays where it is.
pub(super) async fn give_back(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    for child in script.layout.children {
        let Child { name, table, key_column, key_value, heard, .. } = child;
        script
            .run(
                tx,
                &format!(
                    "DELETE FROM {table} t USING ( \
                         SELECT u.survivor, u.merged_at, a.key FROM unwinding u CROSS JOIN LATERAL \
                                jsonb_array_elements_text(u.undo->'survivor'->'added'->'{name}') a (key)) k \
                      WHERE t.team_id = {{team}} AND t.{{column}} = k.survivor AND t.{key_column} = {key_value} \
                        AND {heard} <= k.merged_at"
                ),
            )
            .await?;
        let columns = child.columns.join(", ");
        let before: Vec<String> = child.columns.iter().map(|column| format!("b.{column}")).collect();
        script
            .run(
                tx,
                &format!(
                    "UPDATE {table} t SET ({columns}) = ROW ({}) FROM unwinding u CROSS JOIN LATERAL \
                            jsonb_populate_recordset(NULL::{table}, u.undo->'survivor'->'before'->'{name}') b \
                      WHERE t.team_id = {{team}} AND t.{{column}} = b.{{column}} AND t.{key_column} = b.{key_column} \
                        AND {heard} <= u.merged_at",
                    before.join(", ")
                ),
            )
            .await?;
        script
            .run(
                tx,
                &format!(
                    "INSERT INTO {table} SELECT p.* FROM unwinding u CROSS JOIN LATERAL \
                            jsonb_populate_recordset(NULL::{table}, u.undo->'rows'->'{name}') p \
                      WHERE NOT u.discard ON CONFLICT DO NOTHING"
                ),
            )
            .await?;
    }
    Ok(())
}
