//! What a lead does moves its score.

use domain::campaign::Engagement;
use domain::id::{LeadId, TypedId};
use domain::lead::{CURRENT_WEIGHTS, LeadFacts, score};

use crate::{BulkTransaction, DbError, Result};

/// Notes what a lead has done, and scores it anew by all that is known of it. Answers whether its score is another now.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such lead.
pub async fn engage(tx: &mut BulkTransaction, lead: LeadId, what: Engagement) -> Result<bool> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, (i32, i16)>(
        "SELECT facts, score FROM leads WHERE team_id = $1 AND id = $2 FOR NO KEY UPDATE",
    );
    let found = tx.first(query.bind(team).bind(lead.uuid())).await?;
    let (facts, before) = found.ok_or_else(|| DbError::not_found("lead", lead))?;
    let known = LeadFacts::from_db(facts);
    let facts = what.after(known);
    if facts == known {
        return Ok(false);
    }
    let now = i16::from(score(facts, CURRENT_WEIGHTS).value);
    let query = sqlx::query(
        "UPDATE leads SET facts = $3, score = $4, score_rules = $5 WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(team).bind(lead.uuid()).bind(facts.to_db()).bind(now);
    tx.run(query.bind(CURRENT_WEIGHTS.version)).await?;
    Ok(now != before)
}
