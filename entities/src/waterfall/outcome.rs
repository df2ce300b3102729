//! How the leads of a run ended, and what is stored of leads that have not.

use domain::id::{EnrichmentId, LeadId, TypedId};
use uuid::Uuid;

use crate::{BulkTransaction, Result};

/// Stores facts and quality of leads as they are now, and leaves their status.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn rescore(tx: &mut BulkTransaction, leads: &[LeadId]) -> Result<u64> {
    let query = sqlx::query(
        "UPDATE leads l SET facts = current_facts(l), quality_score = compute_quality_score(l.id)::smallint
           FROM (SELECT id FROM leads WHERE team_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE) k
          WHERE l.team_id = $1 AND l.id = k.id",
    );
    let (team, leads) = (tx.team_id().uuid(), leads.iter().map(|lead| lead.uuid()).collect::<Vec<Uuid>>());
    tx.run(query.bind(team).bind(leads)).await
}

/// How many leads of a run there are.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn leads(tx: &mut BulkTransaction, enrichment: EnrichmentId) -> Result<i64> {
    let query = sqlx::query_as::<_, (i64,)>(
        "SELECT count(*) FROM enrichment_leads WHERE team_id = $1 AND enrichment_id = $2",
    );
    let team = tx.team_id().uuid();
    Ok(tx.first(query.bind(team).bind(enrichment.uuid())).await?.map_or(0, |(leads,)| leads))
}

/// Outcomes of a run by reason: outcome, reason, leads.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn by_reason(
    tx: &mut BulkTransaction,
    enrichment: EnrichmentId,
) -> Result<Vec<(String, Option<String>, i64)>> {
    let query = sqlx::query_as(
        "SELECT outcome, reason, count(*) FROM enrichment_leads WHERE team_id = $1 AND enrichment_id = $2
          GROUP BY outcome, reason ORDER BY outcome, reason",
    );
    let team = tx.team_id().uuid();
    tx.all(query.bind(team).bind(enrichment.uuid())).await
}
