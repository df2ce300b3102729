//! What follows from new contact points: facts, quality, status, score, class and tags.

use std::collections::BTreeMap;

use domain::id::{LeadId, TypedId};
use domain::lead::{CURRENT_WEIGHTS, LeadFacts, TagSet, contact_class, score, tags};
use domain::sector::SubsectorId;
use sea_orm::ActiveEnum;
use sqlx::types::Json;
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

/// What a lead was graded by until now.
struct Graded {
    id: Uuid,
    facts: i32,
    score: i16,
    subsector: Option<i16>,
    tags: Vec<String>,
}
from_row!(Graded { id, facts, score, subsector, tags });

/// Computes facts, quality, status, score, class and tags of the leads anew and stores them. Those that the team does not
/// have are passed over. Tags that a person has set stay.
///
/// # Errors
/// [`DbError::Unreadable`] for a status of a newer version.
pub async fn settle(tx: &mut BulkTransaction, leads: &[LeadId]) -> Result<Vec<Settled>> {
    let team = tx.team_id().uuid();
    let mut ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
    ids.sort_unstable();
    ids.dedup();
    // In the order of ids, as everybody locks leads.
    let query = sqlx::query_as(
        "SELECT id, facts, score, subsector, tags FROM leads WHERE team_id = $1 AND id = ANY($2) ORDER BY id \
            FOR NO KEY UPDATE",
    );
    let graded: Vec<Graded> = tx.all(query.bind(team).bind(&ids)).await?;
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
    let query = sqlx::query(STORE)
        .bind(team)
        .bind(settled.iter().map(|lead| lead.lead.uuid()).collect::<Vec<_>>())
        .bind(settled.iter().map(|lead| lead.score).collect::<Vec<_>>())
        .bind(CURRENT_WEIGHTS.version)
        .bind(settled.iter().map(|lead| contact_class(lead.facts).as_str()).collect::<Vec<_>>())
        .bind(Json(regraded(&graded, &settled)));
    tx.run(query).await?;
    Ok(settled)
}

/// $1 team, $2 leads, $3 scores, $4 version of the weights, $5 classes, $6 tags by lead, of those whose tags change.
const STORE: &str = "
UPDATE leads l
   SET score = s.score, score_rules = $4, contact_class = s.class,
       tags = CASE WHEN $6 ? s.id::text
                   THEN ARRAY(SELECT jsonb_array_elements_text($6 -> s.id::text)) ELSE l.tags END
  FROM unnest($2::uuid[], $3::smallint[], $5::text[]) s (id, score, class)
 WHERE l.team_id = $1 AND l.id = s.id
   AND (l.score <> s.score OR l.score_rules <> $4 OR l.contact_class <> s.class OR $6 ? s.id::text)";

/// The tags of those leads that get others than they had.
fn regraded(graded: &[Graded], settled: &[Settled]) -> BTreeMap<Uuid, Vec<String>> {
    let mut changed = BTreeMap::new();
    for lead in settled {
        let Some(before) = graded.iter().find(|graded| graded.id == lead.lead.uuid()) else { continue };
        let industry = before.subsector.and_then(SubsectorId::from_number).map(SubsectorId::slug);
        let of = |facts, score: i16| tags(facts, industry, u8::try_from(score).unwrap_or_default());
        let was = of(LeadFacts::from_db(before.facts), before.score);
        let now = retagged(&before.tags, &was, of(lead.facts, lead.score));
        if now != before.tags {
            changed.insert(lead.lead.uuid(), now);
        }
    }
    changed
}

/// The computed tags, and over them those of `stored` that were not computed: a person has set them.
fn retagged(stored: &[String], was: &TagSet, now: TagSet) -> Vec<String> {
    let computed = was.to_vec();
    let by_hand = stored.iter().filter(|tag| !computed.contains(tag)).map(String::as_str);
    match TagSet::parse(by_hand) {
        Ok(by_hand) => now.overlaid_with(by_hand).to_vec(),
        // Nothing of ours writes such tags; whoever did knows what they mean.
        Err(_) => stored.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computed_tags_follow_the_facts_and_those_of_a_person_stay() {
        let was = tags(LeadFacts::SIZE_LOW, Some("plumbing"), 40);
        let now = tags(LeadFacts::SIZE_LOW, Some("plumbing"), 95);
        let (low, high) = (was.get("priority"), now.get("priority"));
        assert_ne!(low, high);
        let mut stored = was.to_vec();
        let expected = retagged(&stored, &was, now.clone());
        assert_eq!(expected, now.to_vec());
        stored.retain(|tag| !tag.starts_with("size:"));
        stored.extend(["size:huge".to_owned(), "campaign:spring".to_owned()]);
        let kept = retagged(&stored, &was, now.clone());
        assert!(
            kept.contains(&"size:huge".to_owned()) && kept.contains(&"campaign:spring".to_owned()),
            "{kept:?}"
        );
        assert!(
            kept.iter()
                .any(|tag| Some(tag.as_str()) == high.map(|high| format!("priority:{high}")).as_deref())
        );
    }
}
