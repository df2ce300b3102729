//! Whether a campaign's steps and sender are of its way.

use domain::id::{CampaignId, TypedId};

use crate::{BulkTransaction, Result};

/// What of a draft is of another way than the campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Which of its fields, as a JSON pointer.
    pub pointer: &'static str,
    /// What is wrong with it.
    pub detail: String,
}

/// What of a draft is of another way than the campaign; `None` where all fits. A campaign by several ways takes templates of each,
/// and is sent from a pool.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn mismatch(tx: &mut BulkTransaction, id: CampaignId) -> Result<Option<Mismatch>> {
    let (team, id) = (tx.team_id().uuid(), id.uuid());
    let query = sqlx::query_as::<_, (i16, String, String)>(
        "SELECT s.step, t.channel, c.channel FROM campaigns c
           JOIN campaign_steps s ON s.team_id = $1 AND s.campaign_id = c.id
           JOIN templates t ON t.team_id = $1 AND t.id = s.template_id
          WHERE c.team_id = $1 AND c.id = $2 AND c.channel <> 'multi' AND t.channel <> c.channel ORDER BY s.step LIMIT 1",
    );
    if let Some((step, template, campaign)) = tx.first(query.bind(team).bind(id)).await? {
        let detail =
            format!("the template of step {step} is for {template}, and the campaign is by {campaign}");
        return Ok(Some(Mismatch { pointer: "/steps", detail }));
    }
    let query = sqlx::query_as::<_, (String, String)>(
        "SELECT s.channel, c.channel FROM campaigns c JOIN senders s ON s.team_id = $1 AND s.id = c.sender_id
          WHERE c.team_id = $1 AND c.id = $2 AND s.channel <> c.channel",
    );
    Ok(tx.first(query.bind(team).bind(id)).await?.map(|(sender, campaign)| Mismatch {
        pointer: "/sender",
        detail: match campaign.as_str() {
            "multi" => "a campaign by several ways is sent from a pool; give it sender_pool".to_owned(),
            _ => format!("the sender is for {sender}, and the campaign is by {campaign}"),
        },
    }))
}
