//! Planning what is to go out, and calling it off.

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, IntentId, LeadId, TypedId};
use uuid::Uuid;

use crate::{BulkTransaction, Result, fresh_id};

/// A text that is meant to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// To whom.
    pub lead: LeadId,
    /// Which step of the campaign, from 1.
    pub step: u8,
    /// Not before.
    pub due_at: DateTime<Utc>,
}

/// Plans texts, in the order in which they are to go out. One that is planned already, whatever became of it, stays as it is. Answers how many are new.
///
/// # Errors
/// [`crate::DbError::Conflict`] for a step that is none; any other [`crate::DbError`].
pub async fn plan(tx: &mut BulkTransaction, campaign: CampaignId, texts: &[Planned]) -> Result<u64> {
    if texts.is_empty() {
        return Ok(0);
    }
    // One after the other, so that of texts that are due at the same moment the first goes first.
    let first = fresh_id::<IntentId>().uuid().as_u128();
    let ids: Vec<Uuid> =
        (0..texts.len()).map(|index| Uuid::from_u128(first.wrapping_add(index as u128))).collect();
    let leads: Vec<Uuid> = texts.iter().map(|text| text.lead.uuid()).collect();
    let steps: Vec<i16> = texts.iter().map(|text| i16::from(text.step)).collect();
    let due: Vec<DateTime<Utc>> = texts.iter().map(|text| text.due_at).collect();
    let query = sqlx::query(
        "INSERT INTO send_intents (team_id, campaign_id, id, lead_id, step, due_at)
         SELECT $1, $2, t.id, t.lead, t.step, t.due
           FROM unnest($3::uuid[], $4::uuid[], $5::smallint[], $6::timestamptz[]) t (id, lead, step, due)
         ON CONFLICT ON CONSTRAINT send_intents_once DO NOTHING",
    );
    let team = tx.team_id().uuid();
    tx.run(query.bind(team).bind(campaign.uuid()).bind(ids).bind(leads).bind(steps).bind(due)).await
}

/// Calls off whatever of a campaign has not been begun: planned, held and claimed texts. `why` is a rule's word. Answers
/// those that were claimed, whose money is still put aside ([`crate::budget::release_many`]).
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn cancel_all(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<Vec<IntentId>> {
    // One statement, which waits for a claim that is being written and then sees it: looked for before, it would be called off
    // with its money still put aside.
    let query = sqlx::query_as::<_, (Uuid,)>(
        "WITH open AS (
            SELECT id, state FROM send_intents
             WHERE team_id = $1 AND campaign_id = $2 AND state IN ('planned', 'held', 'claimed') ORDER BY id FOR UPDATE),
         ended AS (
            UPDATE send_intents i SET state = 'cancelled', refusal = $3, ended_at = $4 FROM open
             WHERE i.team_id = $1 AND i.campaign_id = $2 AND i.id = open.id)
         SELECT id FROM open WHERE state = 'claimed'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(why).bind(now);
    let claimed: Vec<(Uuid,)> = tx.all(query).await?;
    Ok(claimed.into_iter().map(|(id,)| IntentId::from_uuid(id)).collect())
}
