//! Which value of a field survives, and why. The rules are in [`super`].

use super::fold::Script;
use super::layout::Group;
use crate::{BulkTransaction, Result};

/// Whether a value is more than an initial.
const FULL: &str = "length(rtrim(coalesce({row}.body->>{g}.lead, ''), '.')) > 1";

fn full(record: &str, group: &str) -> String {
    FULL.replace("{row}", record).replace("{g}", group)
}

/// Copies the records into `merge_records`: `ord` 0 is the survivor. Records of one file are of one age, whichever
/// transaction landed them: a later row of a list is no newer, it is as often the misspelt one.
pub(super) async fn gather(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    script
        .run(
            tx,
            "CREATE TEMP TABLE merge_records ON COMMIT DROP AS \
             SELECT e.survivor, e.ord, to_jsonb(t) AS body, coalesce(d.created_at, t.created_at) AS made, \
                    t.data_source_id IS NULL AS by_hand, e.chosen \
               FROM (SELECT survivor, merged AS id, ord, kind = 'manual' AS chosen FROM merging \
                      UNION ALL SELECT survivor, survivor, 0, bool_or(kind = 'manual') FROM merging GROUP BY 1) e \
               JOIN {table} t ON t.id = e.id LEFT JOIN data_sources d ON d.id = t.data_source_id \
              WHERE t.team_id = {team}",
        )
        .await
}

/// Decides, into `merge_winners`: one row a survivor and field in which somebody differs from it.
pub(super) async fn decide(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    let groups: Vec<String> = script.layout.groups.iter().map(literal).collect();
    let differs: Vec<String> = script.layout.groups.iter().map(differs).collect();
    script
        .run(
            tx,
            &format!(
                "ANALYZE merge_records; \
                 CREATE TEMP TABLE merge_winners ON COMMIT DROP AS \
                 SELECT DISTINCT ON (r.survivor, g.name) r.survivor, g.name, g.columns, g.lead, g.initials, r.ord FROM ( \
                     SELECT DISTINCT s.survivor, g.name, g.columns, g.lead, g.initials FROM merge_records m \
                       JOIN merge_records s ON s.survivor = m.survivor AND s.ord = 0 \
                      CROSS JOIN (VALUES {}) g (name, columns, lead, initials) \
                      WHERE m.ord > 0 AND CASE g.name {} END) g \
                   JOIN merge_records r ON r.survivor = g.survivor \
                  ORDER BY r.survivor, g.name, (r.body->>g.lead IS NOT NULL) DESC, (g.initials AND {}) DESC, \
                        (r.chosen AND r.ord = 0) DESC, r.by_hand DESC, r.made DESC, r.ord",
                groups.join(", "),
                differs.join(" "),
                full("r", "g")
            ),
        )
        .await
}

/// Whether `m` and `s` differ in a field.
fn differs(group: &Group) -> String {
    let columns: Vec<String> = group
        .columns
        .iter()
        .map(|column| format!("m.body->'{column}' IS DISTINCT FROM s.body->'{column}'"))
        .collect();
    format!("WHEN '{}' THEN {}", group.name, columns.join(" OR "))
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
             SELECT m.survivor, m.ord, jsonb_object_agg(v.name, jsonb_build_object( \
                    'from', CASE v.ord WHEN m.ord THEN 'merged' WHEN 0 THEN 'survivor' ELSE 'another' END, \
                    'why', CASE WHEN l.body->>v.lead IS NULL THEN 'present' \
                                WHEN v.initials AND ({}) <> ({}) THEN 'fuller' \
                                WHEN w.chosen AND w.ord = 0 THEN 'chosen' \
                                WHEN w.by_hand <> l.by_hand THEN 'by_hand' \
                                WHEN w.made <> l.made THEN 'newer' ELSE 'first' END)) AS fields \
               FROM merge_winners v \
               JOIN merge_records m ON m.survivor = v.survivor AND m.ord > 0 \
               JOIN merge_records s ON s.survivor = v.survivor AND s.ord = 0 \
               JOIN merge_records w ON w.survivor = v.survivor AND w.ord = v.ord \
               JOIN merge_records l ON l.survivor = v.survivor \
                    AND l.ord = CASE WHEN v.ord = m.ord THEN 0 ELSE m.ord END \
              WHERE EXISTS (SELECT FROM unnest(v.columns) c WHERE m.body->c IS DISTINCT FROM s.body->c) \
              GROUP BY 1, 2)",
        full("w", "v"),
        full("l", "v")
    )
}

/// Per merge whose record won a field, as JSON: what the survivor had before and has after. For `WITH`.
pub(super) const CHANGES: &str = "changes AS ( \
     SELECT v.survivor, v.ord, jsonb_object_agg(c, jsonb_build_object('before', s.body->c, 'after', w.body->c)) AS fields \
       FROM merge_winners v JOIN merge_records s ON s.survivor = v.survivor AND s.ord = 0 \
       JOIN merge_records w ON w.survivor = v.survivor AND w.ord = v.ord \
      CROSS JOIN LATERAL unnest(v.columns) c \
      WHERE v.ord > 0 AND w.body->c IS DISTINCT FROM s.body->c GROUP BY 1, 2)";

/// Gives the survivors the values that stand.
pub(super) async fn apply(tx: &mut BulkTransaction, script: &Script) -> Result<()> {
    let columns = script.layout.fields();
    let values: Vec<String> = columns.iter().map(|column| format!("r.{column}")).collect();
    script
        .run(
            tx,
            &format!(
                "UPDATE {{table}} t SET ({}) = (SELECT {} FROM jsonb_populate_record(t, f.patch) r) \
                   FROM (SELECT v.survivor, jsonb_object_agg(c, w.body->c) AS patch FROM merge_winners v \
                           JOIN merge_records w ON w.survivor = v.survivor AND w.ord = v.ord \
                          CROSS JOIN LATERAL unnest(v.columns) c WHERE v.ord > 0 GROUP BY 1) f \
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
