//! What leads do moves their scores.

use std::collections::BTreeMap;

use domain::campaign::Engagement;
use domain::id::{LeadId, TypedId};
use domain::lead::{CURRENT_WEIGHTS, LeadFacts, score};
use uuid::Uuid;

use crate::{BulkTransaction, Result};

/// Notes what leads have done, in this order, and scores each anew by all that is known of it. Those that are not there, because
/// they went with their upload, are left out. Answers how many scores are others now.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn engage(tx: &mut BulkTransaction, what: &[(LeadId, Engagement)]) -> Result<usize> {
    if what.is_empty() {
        return Ok(0);
    }
    let team = tx.team_id().uuid();
    let leads: Vec<Uuid> = what.iter().map(|(lead, _)| lead.uuid()).collect();
    let query = sqlx::query_as::<_, (Uuid, i32, i16)>(
        "SELECT id, facts, score FROM leads WHERE team_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE",
    );
    let rows = tx.all(query.bind(team).bind(leads)).await?;
    let known: BTreeMap<Uuid, (LeadFacts, i16)> =
        rows.into_iter().map(|(id, facts, score)| (id, (LeadFacts::from_db(facts), score))).collect();
    let mut after: BTreeMap<Uuid, LeadFacts> = known.iter().map(|(id, (facts, _))| (*id, *facts)).collect();
    for (lead, done) in what {
        if let Some(facts) = after.get_mut(&lead.uuid()) {
            *facts = done.after(*facts);
        }
    }
    let (mut ids, mut all_facts, mut scores, mut moved) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (id, facts) in after {
        let Some((before, score_before)) = known.get(&id) else { continue };
        if facts == *before {
            continue;
        }
        let now = i16::from(score(facts, CURRENT_WEIGHTS).value);
        moved += usize::from(now != *score_before);
        ids.push(id);
        all_facts.push(facts.to_db());
        scores.push(now);
    }
    if ids.is_empty() {
        return Ok(0);
    }
    let query = sqlx::query(
        "UPDATE leads l SET facts = n.facts, score = n.score, score_rules = $5
           FROM unnest($2::uuid[], $3::integer[], $4::smallint[]) n (id, facts, score)
          WHERE l.team_id = $1 AND l.id = n.id",
    );
    let query = query.bind(team).bind(ids).bind(all_facts).bind(scores);
    tx.run(query.bind(CURRENT_WEIGHTS.version)).await?;
    Ok(moved)
}
