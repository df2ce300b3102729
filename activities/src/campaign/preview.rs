//! `campaign.preview`: who would be written to, what, when and for how much. Key: the campaign; a repetition writes what it
//! finds.

use chrono::{DateTime, Utc};
use domain::campaign::CampaignState;
use entities::campaign::{self, change};
use entities::outreach::{self, PreviewHash};
use entities::{BulkTransaction, campaign_lead};
use workflows::campaign::{CampaignRef, PreviewOutput, Refusal};

use crate::{Fault, Resources};

/// The hash of what would be sent now, with the newest versions of the templates, to the leads as they are now. For a
/// campaign that is not released yet: whoever approves approves this and nothing older.
pub(super) async fn hash(
    resources: &Resources,
    of: CampaignRef,
    now: DateTime<Utc>,
) -> Result<PreviewHash, Fault> {
    let mut tx = resources.db.team_bulk(of.team).await?;
    if change::look(&mut tx, of.campaign).await?.state == CampaignState::Staged {
        refresh(&mut tx, of).await?;
    }
    let preview = outreach::preview(&mut tx, of.campaign, now).await?;
    tx.commit().await?;
    Ok(preview.hash)
}

async fn refresh(tx: &mut BulkTransaction, of: CampaignRef) -> Result<(), Fault> {
    campaign::fix_versions(tx, of.campaign).await?;
    campaign_lead::fill(tx, of.campaign).await?;
    Ok(())
}

pub(super) async fn preview(resources: &Resources, of: CampaignRef) -> Result<PreviewOutput, Fault> {
    let now = Utc::now();
    let mut tx = resources.db.team_bulk(of.team).await?;
    let state = change::look(&mut tx, of.campaign).await?.state;
    if matches!(state, CampaignState::Draft | CampaignState::Staged) {
        refresh(&mut tx, of).await?;
    }
    let preview = outreach::preview(&mut tx, of.campaign, now).await?;
    let excluded = preview.leads.saturating_sub(preview.audience);
    change::set_preview(
        &mut tx,
        of.campaign,
        &preview.stored(),
        &preview.hash.to_string(),
        (preview.leads, excluded),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(PreviewOutput {
        leads: preview.leads,
        audience: preview.audience,
        refused: preview.refusal().map(|(code, detail)| Refusal { code, detail }),
    })
}
