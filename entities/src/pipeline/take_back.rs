//! Takes back what a file made: after a failure or a cancellation all of it, after an undo what no campaign has
//! touched. What another file has since listed too stays and belongs to that file from then on.

use domain::id::{DataSourceId, TypedId};
use sqlx::{AssertSqlSafe, Postgres};

use super::blocks::id_range;
use super::match_keys;
use crate::merge::unmerge_upload;
use crate::{BulkTransaction, Result};

/// What was removed, and what stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// Leads removed.
    pub leads: u64,
    /// Leads that stay, because a campaign has them or another file lists them too.
    pub leads_kept: u64,
    /// Businesses removed.
    pub businesses: u64,
    /// People removed.
    pub personas: u64,
    /// Blocks removed.
    pub blocks: u64,
}

/// The lead is in a campaign, or has been worked on.
const TOUCHED: &str = "(l.added_to_campaign_at IS NOT NULL OR l.status NOT IN ('new', 'enriched', 'contactable', \
                       'do_not_contact'))";

/// Removes what `source` made. Keep other files of the team from resolving meanwhile
/// ([`super::resolve::lock_team`]).
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn take_back(tx: &mut BulkTransaction, source: DataSourceId) -> Result<TakenBack> {
    let mut taken = TakenBack::default();
    let id = format!("'{}'::uuid", source.uuid());

    // First everything is again who it was, so that nobody of another file goes with those of this one.
    unmerge_upload(tx, source).await?;
    // Leads that another file lists too go over to it.
    execute(
        tx,
        source,
        &format!(
            "UPDATE leads l SET data_source_id = l.last_source_id, last_source_id = NULL, source_row = NULL, \
             source_line = NULL WHERE {{mine}} AND l.last_source_id IS NOT NULL AND l.last_source_id <> {id}"
        ),
    )
    .await?;
    execute(
        tx,
        source,
        &format!("UPDATE leads l SET last_source_id = NULL WHERE l.last_source_id = {id} AND l.team_id = $1"),
    )
    .await?;
    // Blocks without a campaign are taken apart; the others keep their leads.
    execute(
        tx,
        source,
        &format!(
            "DELETE FROM block_leads m USING blocks b WHERE b.data_source_id = {id} AND b.status <> 'assigned' \
             AND m.team_id = $1 AND m.block_id = b.id"
        ),
    )
    .await?;
    taken.blocks = execute(
        tx,
        source,
        &format!("DELETE FROM blocks WHERE data_source_id = {id} AND status <> 'assigned'"),
    )
    .await?;
    // Blocks made by hand lose the leads that go.
    execute(
        tx,
        source,
        &format!(
            "DELETE FROM block_leads m USING leads l, blocks b WHERE {{mine}} AND l.data_source_id = {id} \
             AND NOT {TOUCHED} AND m.team_id = $1 AND m.lead_id = l.id AND b.id = m.block_id \
             AND b.status <> 'assigned'"
        ),
    )
    .await?;
    execute(
        tx,
        source,
        "UPDATE blocks b SET lead_count = m.leads FROM (SELECT block_id, count(*) AS leads FROM block_leads \
         WHERE team_id = $1 GROUP BY 1) m WHERE m.block_id = b.id AND b.lead_count <> m.leads",
    )
    .await?;
    taken.leads = execute(
        tx,
        source,
        &format!(
            "DELETE FROM leads l WHERE {{mine}} AND l.data_source_id = {id} AND NOT {TOUCHED} \
             AND NOT EXISTS (SELECT FROM block_leads m WHERE m.team_id = $1 AND m.lead_id = l.id)"
        ),
    )
    .await?;
    taken.leads_kept = count(tx, source, "SELECT count(*) FROM leads l WHERE {mine}").await?;

    // Links and contact points the file added to people of other files.
    for table in ["business_owners", "persona_phones", "persona_emails", "persona_addresses"] {
        execute(
            tx,
            source,
            &format!(
                "DELETE FROM {table} t WHERE t.team_id = $1 AND t.data_source_id = {id} AND NOT EXISTS \
                 (SELECT FROM leads l WHERE l.team_id = $1 AND l.persona_id = t.persona_id)"
            ),
        )
        .await?;
    }
    // People and businesses that nothing refers to any more, in no file that is on its way either.
    for (table, column, removed) in [
        ("personas", "persona_id", &mut taken.personas),
        ("businesses", "business_id", &mut taken.businesses),
    ] {
        *removed = execute(
            tx,
            source,
            &format!(
                "DELETE FROM {table} l WHERE {{mine}} \
                 AND NOT EXISTS (SELECT FROM leads r WHERE r.team_id = $1 AND r.{column} = l.id) \
                 AND NOT EXISTS (SELECT FROM business_owners r WHERE r.team_id = $1 AND r.{column} = l.id) \
                 AND NOT EXISTS (SELECT FROM resolved_rows r WHERE r.data_source_id <> {id} \
                                 AND r.{column} = l.id)"
            ),
        )
        .await?;
    }
    // What vendors told of people who are gone goes with them; that they were asked, and paid, stays in the ledger.
    for table in
        ["persona_phones", "persona_emails", "persona_addresses", "social_profiles", "skiptrace_results"]
    {
        execute(
            tx,
            source,
            &format!(
                "DELETE FROM {table} t WHERE t.team_id = $1 AND t.persona_id BETWEEN $2 AND $3 \
                 AND NOT EXISTS (SELECT FROM personas l WHERE {{mine}} AND l.id = t.persona_id)"
            ),
        )
        .await?;
    }
    match_keys::forget(tx, source).await?;
    Ok(taken)
}

/// `{mine}`: the row `l` has an id that the file gave.
fn filled(template: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(template.replace("{mine}", "l.team_id = $1 AND l.id BETWEEN $2 AND $3"))
}

/// Binds as many of team, first and last id as the statement asks for.
fn bound<'q>(
    tx: &BulkTransaction,
    source: DataSourceId,
    template: &str,
) -> sqlx::query::Query<'q, Postgres, sqlx::postgres::PgArguments> {
    let (first, last) = id_range(source);
    let mut query = sqlx::query(filled(template));
    if template.contains("$1") || template.contains("{mine}") {
        query = query.bind(tx.team_id().uuid());
    }
    if template.contains("{mine}") {
        query = query.bind(first).bind(last);
    }
    query
}

async fn execute(tx: &mut BulkTransaction, source: DataSourceId, template: &str) -> Result<u64> {
    let query = bound(tx, source, template);
    tx.run(query).await
}

async fn count(tx: &mut BulkTransaction, source: DataSourceId, template: &str) -> Result<u64> {
    let (first, last) = id_range(source);
    let team = tx.team_id().uuid();
    let found: Option<(i64,)> =
        tx.first(sqlx::query_as(filled(template)).bind(team).bind(first).bind(last)).await?;
    Ok(found.map_or(0, |(count,)| count.cast_unsigned()))
}
