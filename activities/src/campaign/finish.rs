//! `campaign.finish`: ends the campaign when the last report is there. Key: the change's id; a repetition finds it made.

use chrono::Utc;
use domain::FailureCode;
use domain::campaign::{CampaignAction, CampaignState};
use entities::campaign::change::{self, Applied};
use entities::{audit_log, message, send_intent};
use serde_json::json;
use uuid::Uuid;
use workflows::campaign::{FinishInput, FinishOutput};

use super::change::{settings, standing};
use super::reports;
use crate::{Fault, Resources};

pub(super) async fn finish(resources: &Resources, input: FinishInput) -> Result<FinishOutput, Fault> {
    let of = input.campaign;
    let id: Uuid = input.id.parse().map_err(|error| {
        Fault::permanent(FailureCode::SystemInternal, "the id of a change is no id").because(error)
    })?;
    let four_eyes = settings(resources, of).await?.four_eyes;
    let awaited = reports::fetch(resources, of).await?;
    let mut tx = resources.db.team_bulk(of.team).await?;
    let held = change::hold(&mut tx, of.campaign).await?;
    let open = send_intent::open(&mut tx, of.campaign).await?;
    let may = held.state.after(CampaignAction::Complete).is_ok();
    if !may || !open.is_empty() || (awaited > 0 && !input.give_up) {
        // Somebody paused it meanwhile, a step was planned, or reports are on their way.
        return Ok(FinishOutput {
            awaited: awaited.max(u32::from(may)),
            standing: standing(&held, four_eyes),
        });
    }
    message::settle_unreported(&mut tx, of.campaign).await?;
    let reason =
        if awaited > 0 { "everything was sent; some reports never came" } else { "everything was sent" };
    let ended = Applied::Ended { state: CampaignState::Completed, reason: reason.to_owned(), failure: None };
    change::apply(&mut tx, of.campaign, id, None, Utc::now(), &ended).await?;
    let details = json!({ "reports_missing": awaited });
    audit_log::record_in_bulk(&mut tx, None, "campaign.complete", &of.campaign.to_string(), &details).await?;
    let held = change::look(&mut tx, of.campaign).await?;
    tx.commit().await?;
    Ok(FinishOutput { awaited: 0, standing: standing(&held, four_eyes) })
}
