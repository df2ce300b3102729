//! Whether anything of a team points at something that is not there (`resolve.orphan_records`), or is merged into
//! itself (`resolve.circular_merge`).
//!
//! Bulk tables have no foreign keys: PostgreSQL would check each inserted row, at more than the insert costs.
//! That nothing dangles is kept by the order of the set-wise inserts, and proved here.

use domain::id::{TeamId, TypedId};

use crate::{Database, Result};

/// A kind of record that has lost what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// What is orphaned and of what, as `leads without business`.
    pub kind: &'static str,
    /// How many of them there are.
    pub count: u64,
}

/// What is checked: the name, the table, and what must exist for each of its rows.
const CHECKS: &[(&str, &str, &str)] = &[
    (
        "leads without business",
        "leads t WHERE t.business_id IS NOT NULL",
        "businesses o WHERE o.team_id = t.team_id AND o.id = t.business_id",
    ),
    (
        "leads without persona",
        "leads t WHERE t.persona_id IS NOT NULL",
        "personas o WHERE o.team_id = t.team_id AND o.id = t.persona_id",
    ),
    (
        "leads without file",
        "leads t WHERE t.data_source_id IS NOT NULL",
        "data_sources o WHERE o.team_id = t.team_id AND o.id = t.data_source_id",
    ),
    (
        "owners without business",
        "business_owners t WHERE true",
        "businesses o WHERE o.team_id = t.team_id AND o.id = t.business_id",
    ),
    (
        "owners without persona",
        "business_owners t WHERE true",
        "personas o WHERE o.team_id = t.team_id AND o.id = t.persona_id",
    ),
    (
        "phones without persona",
        "persona_phones t WHERE true",
        "personas o WHERE o.team_id = t.team_id AND o.id = t.persona_id",
    ),
    (
        "e-mail addresses without persona",
        "persona_emails t WHERE true",
        "personas o WHERE o.team_id = t.team_id AND o.id = t.persona_id",
    ),
    (
        "addresses without persona",
        "persona_addresses t WHERE true",
        "personas o WHERE o.team_id = t.team_id AND o.id = t.persona_id",
    ),
    (
        "profiles without person",
        "social_profiles t WHERE true",
        "personas o WHERE o.team_id = t.team_id AND o.id = t.persona_id",
    ),
    (
        "properties without lead",
        "properties t WHERE true",
        "leads o WHERE o.team_id = t.team_id AND o.id = t.lead_id",
    ),
    (
        "places in a block without lead",
        "block_leads t WHERE true",
        "leads o WHERE o.team_id = t.team_id AND o.id = t.lead_id",
    ),
    (
        "places in a block without block",
        "block_leads t WHERE true",
        "blocks o WHERE o.team_id = t.team_id AND o.id = t.block_id",
    ),
    (
        "blocks without file",
        "blocks t WHERE t.data_source_id IS NOT NULL",
        "data_sources o WHERE o.team_id = t.team_id AND o.id = t.data_source_id",
    ),
    (
        "businesses that nothing refers to",
        "businesses t WHERE true",
        "(SELECT team_id, business_id FROM leads UNION ALL SELECT team_id, business_id FROM business_owners) o \
         WHERE o.team_id = t.team_id AND o.business_id = t.id",
    ),
    (
        "personas that nothing refers to",
        "personas t WHERE true",
        "(SELECT team_id, persona_id FROM leads UNION ALL SELECT team_id, persona_id FROM business_owners) o \
         WHERE o.team_id = t.team_id AND o.persona_id = t.id",
    ),
    (
        "blocks whose count is wrong",
        "blocks t WHERE t.status <> 'dissolved'",
        "(SELECT count(*) AS n FROM block_leads m WHERE m.team_id = t.team_id AND m.block_id = t.id) o \
         WHERE o.n = t.lead_count",
    ),
    (
        "people of a campaign without lead",
        "campaign_leads t JOIN campaigns c ON c.team_id = t.team_id AND c.id = t.campaign_id AND c.ended_at IS NULL \
         WHERE t.state <> 'excluded'",
        "leads o WHERE o.team_id = t.team_id AND o.id = t.lead_id",
    ),
    (
        "texts to people who are in no campaign",
        "send_intents t WHERE true",
        "campaign_leads o WHERE o.team_id = t.team_id AND o.campaign_id = t.campaign_id AND o.lead_id = t.lead_id",
    ),
    (
        "texts that were accepted without message",
        "send_intents t WHERE t.state = 'accepted'",
        "messages o WHERE o.team_id = t.team_id AND o.intent_id = t.id",
    ),
    (
        "merges of people whose survivor is gone",
        "persona_merge_history t WHERE t.unmerged_at IS NULL",
        "personas o WHERE o.team_id = t.team_id AND o.id = t.root_id",
    ),
    (
        "merges of businesses whose survivor is gone",
        "business_merge_history t WHERE t.unmerged_at IS NULL",
        "businesses o WHERE o.team_id = t.team_id AND o.id = t.root_id",
    ),
    (
        "people who are merged and still there",
        "personas t WHERE EXISTS (SELECT FROM persona_merge_history h WHERE h.team_id = t.team_id \
         AND h.merged_id = t.id AND h.unmerged_at IS NULL)",
        NOTHING,
    ),
    (
        "businesses that are merged and still there",
        "businesses t WHERE EXISTS (SELECT FROM business_merge_history h WHERE h.team_id = t.team_id \
         AND h.merged_id = t.id AND h.unmerged_at IS NULL)",
        NOTHING,
    ),
    (
        "open reviews of people who are gone",
        "(SELECT team_id, unnest(ARRAY[a_id, b_id]) AS id FROM merge_reviews WHERE status = 'open' \
         AND kind = 'persona') t WHERE true",
        "(SELECT team_id, id FROM personas UNION ALL SELECT team_id, merged_id FROM persona_merge_history \
         WHERE unmerged_at IS NULL) o WHERE o.team_id = t.team_id AND o.id = t.id",
    ),
    (
        "open reviews of businesses that are gone",
        "(SELECT team_id, unnest(ARRAY[a_id, b_id]) AS id FROM merge_reviews WHERE status = 'open' \
         AND kind = 'business') t WHERE true",
        "(SELECT team_id, id FROM businesses UNION ALL SELECT team_id, merged_id FROM business_merge_history \
         WHERE unmerged_at IS NULL) o WHERE o.team_id = t.team_id AND o.id = t.id",
    ),
    (
        "match keys without file",
        "match_keys t WHERE t.data_source_id IS NOT NULL",
        "data_sources o WHERE o.team_id = t.team_id AND o.id = t.data_source_id",
    ),
];

/// Exists for no row.
const NOTHING: &str = "(SELECT) o WHERE false";

/// Merges in force that no survivor is at the end of, as they lead back to themselves (`resolve.circular_merge`). The
/// database refuses them (`refuse_circular_merge`), so any is a change by hand.
const CIRCULAR: &str = "WITH RECURSIVE h AS ( \
         SELECT id, survivor_id, merged_id FROM {history} WHERE team_id = $1 AND unmerged_at IS NULL), \
     under AS ( \
         SELECT h.id, h.merged_id FROM h WHERE NOT EXISTS (SELECT FROM h u WHERE u.merged_id = h.survivor_id) \
         UNION ALL SELECT h.id, h.merged_id FROM under u JOIN h ON h.survivor_id = u.merged_id) \
     SELECT (SELECT count(*) FROM h) - (SELECT count(*) FROM under)";

/// Counts a team's merges that lead back to themselves. None is what should be.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn circular_merges(database: &Database, team_id: TeamId) -> Result<u64> {
    let mut tx = database.team_bulk(team_id).await?;
    let mut found = 0;
    for name in ["persona_merge_history", "business_merge_history"] {
        // Both texts are literals.
        let sql = sqlx::AssertSqlSafe(CIRCULAR.replace("{history}", name));
        let count: Option<(i64,)> = tx.first(sqlx::query_as(sql).bind(team_id.uuid())).await?;
        found += count.map_or(0, |(count,)| count.cast_unsigned());
    }
    tx.commit().await?;
    Ok(found)
}

/// Counts a team's orphans. Only kinds that have any are in the answer; an empty one is what
/// should be. Work that is committed between two counts may show as an orphan once; ask again. Reads all of the team's tables: for tests and for an operator who asks, not for every request.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn orphans(database: &Database, team_id: TeamId) -> Result<Vec<Orphans>> {
    let mut tx = database.team_bulk(team_id).await?;
    let mut found = Vec::new();
    for (kind, rows, belongs_to) in CHECKS {
        // Both texts are literals above.
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT count(*) FROM {rows} AND t.team_id = $1 AND NOT EXISTS (SELECT FROM {belongs_to})"
        ));
        let count: Option<(i64,)> = tx.first(sqlx::query_as(sql).bind(team_id.uuid())).await?;
        let count = count.map_or(0, |(count,)| count.cast_unsigned());
        if count > 0 {
            found.push(Orphans { kind, count });
        }
    }
    tx.commit().await?;
    Ok(found)
}
