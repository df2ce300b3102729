//! What follows from new contact points: facts, quality, status and score.

use domain::id::{LeadId, TypedId};
use domain::lead::{CURRENT_WEIGHTS, LeadFacts, score};
use sea_orm::ActiveEnum;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::lead::LeadStatus;
use crate::{BulkTransaction, DbError, Result};

/// How a lead stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Which.
    pub lead: LeadId,
    /// Its status; where somebody has contacted it already, as it was.
    pub status: LeadStatus,
    /// 0 to 100.
    pub quality: i16,
    /// What is known of it.
    pub facts: LeadFacts,
    /// 0 to 100.
    pub score: i16,
}

struct Row {
    id: Uuid,
    status: String,
    quality_score: i16,
    facts: i32,
}
from_row!(Row { id, status, quality_score, facts });

/// Computes facts, quality, status and score of the leads anew and stores them. Those that the team does not have are
/// passed over.
///
/// # Errors
/// [`DbError::Unreadable`] for a status of a newer version.
pub async fn settle(tx: &mut BulkTransaction, leads: &[LeadId]) -> Result<Vec<Settled>> {
    let team = tx.team_id().uuid();
    let mut ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
    ids.sort_unstable();
    ids.dedup();
    tx.run(
        sqlx::query("SELECT update_lead_status_from_score(l.id) FROM unnest($1::uuid[]) WITH ORDINALITY l (id, place) \
                      ORDER BY l.place")
            .bind(&ids),
    )
    .await?;
    let query = sqlx::query_as(
        "SELECT id, status, quality_score, facts FROM leads WHERE team_id = $1 AND id = ANY($2) ORDER BY id",
    );
    let rows: Vec<Row> = tx.all(query.bind(team).bind(&ids)).await?;
    let settled = rows
        .into_iter()
        .map(|row| {
            let facts = LeadFacts::from_db(row.facts);
            Ok(Settled {
                lead: LeadId::from_uuid(row.id),
                status: LeadStatus::try_from_value(&row.status)
                    .map_err(|error| DbError::unreadable("leads.status", error))?,
                quality: row.quality_score,
                facts,
                score: score(facts, CURRENT_WEIGHTS).value.into(),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let query = sqlx::query(
        "UPDATE leads l SET score = s.score, score_rules = $4 FROM unnest($2::uuid[], $3::smallint[]) s (id, score) \
          WHERE l.team_id = $1 AND l.id = s.id AND (l.score <> s.score OR l.score_rules <> $4)",
    )
    .bind(team)
    .bind(settled.iter().map(|lead| lead.lead.uuid()).collect::<Vec<_>>())
    .bind(settled.iter().map(|lead| lead.score).collect::<Vec<_>>())
    .bind(CURRENT_WEIGHTS.version);
    tx.run(query).await?;
    Ok(settled)
}

/// Adds facts that enrichment learned of a lead beside its contact points: that its size is in the target, say. [`settle`]
/// computes what follows.
///
/// # Errors
/// Any [`DbError`].
pub async fn add_facts(tx: &mut BulkTransaction, lead: LeadId, facts: LeadFacts) -> Result<()> {
    let query = sqlx::query("UPDATE leads SET facts = facts | $3 WHERE team_id = $1 AND id = $2");
    tx.run(query.bind(tx.team_id().uuid()).bind(lead.uuid()).bind(facts.to_db())).await?;
    Ok(())
}
