//! Which value of a field survives, and why. The rules are in [`super`].

use super::fold::Script;
use super::layout::Group;
use crate::{BulkTransaction, Result};

/// Whether a value is more than an initial.
const FULL: &str = "length(rtrim(coalesce({row}.body->>{g}.lead, ''), '.')) > 1";

fn full(row: &str, group: &str) -> String {
    FULL.replace("{row}", row).replace("{g}", group)
}

/// Copies the records into `merge_records`: `ord` 0 is the survivor.
pub(super) async fn gather(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    script
        .run(
            tx,
            "CREATE TEMP TABLE merge_records ON COMMIT DROP AS \
             SELECT e.survivor, e.ord, to_jsonb(t) AS body, t.created_at AS made, t.data_source_id IS NULL AS by_hand, \
                    e.chosen \
               FROM (SELECT survivor, merged AS id, ord, kind = 'manual' AS chosen FROM merging \
                      UNION ALL SELECT survivor, survivor, 0, bool_or(kind = 'manual') FROM merging GROUP BY 1) e \
               JOIN {table} t ON t.id = e.id WHERE t.team_id = {team}",
        )
        .await
}

/// Decides, into `merge_winners`: one row a survivor and field.
pub(super) async fn decide(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    let groups: Vec<String> = script.layout.groups.iter().map(literal).collect();
    script
        .run(
            tx,
            &format!(
                "CREATE TEMP TABLE merge_winners ON COMMIT DROP AS \
                 SELECT DISTINCT ON (r.survivor, g.name) r.survivor, g.name, g.columns, g.lead, g.initials, r.ord, \
                        r.body, r.made, r.by_hand, r.chosen \
                   FROM merge_records r CROSS JOIN (VALUES {}) g (name, columns, lead, initials) \
                  ORDER BY r.survivor, g.name, (r.body->>g.lead IS NOT NULL) DESC, (g.initials AND {}) DESC, \
                        (r.chosen AND r.ord = 0) DESC, r.by_hand DESC, r.made DESC, r.ord",
                groups.join(", "),
                full("r", "g")
            ),
        )
        .await
}

fn literal(group: &Group) -> String {
    let (name, columns) = (group.name, group.columns.join(","));
    let lead = group.columns.first().copied().unwrap_or_default();
    format!("('{name}', '{{{columns}}}'::text[], '{lead}', {})", group.initials)
}

/// Per merge (`ord`), as JSON: the fields in which survivor and merged differed, whose value stands and by which
/// rule. For `WITH`.
pub(super) fn survivorship() -> String {
    format!(
        "stands AS ( \
             SELECT m.survivor, m.ord, jsonb_object_agg(w.name, jsonb_build_object( \
                    'from', CASE w.ord WHEN m.ord THEN 'merged' WHEN 0 THEN 'survivor' ELSE 'another' END, \
                    'why', CASE WHEN l.body->>w.lead IS NULL THEN 'present' \
                                WHEN w.initials AND ({}) <> ({}) THEN 'fuller' \
                                WHEN w.chosen AND w.ord = 0 THEN 'chosen' \
                                WHEN w.by_hand <> l.by_hand THEN 'by_hand' \
                                WHEN w.made <> l.made THEN 'newer' ELSE 'first' END)) AS fields \
               FROM merge_records m \
               JOIN merge_records s ON s.survivor = m.survivor AND s.ord = 0 \
               JOIN merge_winners w ON w.survivor = m.survivor \
               JOIN merge_records l ON l.survivor = m.survivor \
                    AND l.ord = CASE WHEN w.ord = m.ord THEN 0 ELSE m.ord END \
              WHERE m.ord > 0 AND EXISTS (SELECT FROM unnest(w.columns) c \
                                           WHERE m.body->c IS DISTINCT FROM s.body->c) \
              GROUP BY 1, 2)",
        full("w", "w"),
        full("l", "w")
    )
}

/// Per merge whose record won a field, as JSON: what the survivor had before and has after. For `WITH`.
pub(super) const CHANGES: &str = "changes AS ( \
     SELECT w.survivor, w.ord, jsonb_object_agg(c, jsonb_build_object('before', s.body->c, 'after', w.body->c)) AS fields \
       FROM merge_winners w JOIN merge_records s ON s.survivor = w.survivor AND s.ord = 0 \
      CROSS JOIN LATERAL unnest(w.columns) c \
      WHERE w.ord > 0 AND w.body->c IS DISTINCT FROM s.body->c GROUP BY 1, 2)";

/// Gives the survivors the values that stand.
pub(super) async fn apply(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    let columns = script.layout.fields();
    let values: Vec<String> = columns.iter().map(|column| format!("r.{column}")).collect();
    script
        .run(
            tx,
            &format!(
                "UPDATE {{table}} t SET ({}) = (SELECT {} FROM jsonb_populate_record(t, f.patch) r) \
                   FROM (SELECT w.survivor, jsonb_object_agg(c, w.body->c) AS patch FROM merge_winners w \
                          CROSS JOIN LATERAL unnest(w.columns) c WHERE w.ord > 0 GROUP BY 1) f \
                  WHERE t.team_id = {{team}} AND t.id = f.survivor",
                columns.join(", "),
                values.join(", ")
            ),
        )
        .await?;
    script.run(tx, "DROP TABLE merge_winners; DROP TABLE merge_records").await
}

/// Gives the survivors of the round in `unwinding` back what they had, where nobody has changed it since.
pub(super) async fn give_back(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    let columns = script.layout.fields();
    let values: Vec<String> = columns.iter().map(|column| format!("r.{column}")).collect();
    script
        .run(
            tx,
            &format!(
                "UPDATE {{table}} t SET ({}) = ( \
                     SELECT {} FROM jsonb_populate_record(t, ( \
                            SELECT coalesce(jsonb_object_agg(c.key, c.value->'before'), '{{}}') \
                              FROM jsonb_each(f.fields) c WHERE to_jsonb(t)->c.key = c.value->'after')) r) \
                   FROM (SELECT u.survivor, jsonb_object_agg(c.key, c.value) AS fields FROM unwinding u \
                          CROSS JOIN LATERAL jsonb_each(u.undo->'survivor'->'fields') c GROUP BY 1) f \
                  WHERE t.team_id = {{team}} AND t.id = f.survivor",
                columns.join(", "),
                values.join(", ")
            ),
        )
        .await
}
