//! Pausing a campaign because something waits for a person: at once, and told once.

use chrono::Utc;
use domain::FailureCode;
use domain::campaign::CampaignAction;
use entities::alert::{self, NewAlert};
use entities::campaign::change::{self, Applied};
use entities::{BulkTransaction, audit_log};
use serde_json::json;
use uuid::Uuid;

use super::Batch;
use crate::Fault;

/// The reason where there is no money left.
pub(super) fn out_of_money() -> (FailureCode, String) {
    let what =
        "a budget has too little left for the next message; raise it or wait for the next day, then resume";
    (FailureCode::CampaignBudgetExhausted, what.to_owned())
}

/// The reason where a window closed over what was to be sent, and a person is to be asked.
pub(super) fn window_closed() -> (FailureCode, String) {
    let what = "the hours for sending ended before everything was sent; resume to go on when they begin again, or cancel";
    (FailureCode::SendHeld, what.to_owned())
}

/// Pauses the campaign, if it runs, and tells somebody. The batch ends.
pub(super) async fn halt(batch: &Batch, code: FailureCode, detail: &str) -> Result<(), Fault> {
    batch.signals.stop();
    let mut tx = batch.resources.db.team_bulk(batch.of.team).await?;
    let told = pause(&mut tx, batch, code, detail).await?;
    tx.commit().await?;
    if told {
        tracing::warn!(%code, detail, "the campaign is paused and waits for a person");
    }
    Ok(())
}

async fn pause(
    tx: &mut BulkTransaction,
    batch: &Batch,
    code: FailureCode,
    detail: &str,
) -> Result<bool, Fault> {
    let campaign = batch.of.campaign;
    let held = change::hold(tx, campaign).await?;
    if !held.state.sends() || held.state.after(CampaignAction::Pause).is_err() {
        return Ok(false);
    }
    let reason = format!("{code}: {detail}");
    let applied = Applied::Paused { reason };
    change::apply(tx, campaign, Uuid::from_u128(rand::random()), None, Utc::now(), &applied).await?;
    let subject = campaign.to_string();
    let detail = json!({ "code": code, "what": detail });
    // One for each time that it was running before.
    let dedup_key = format!("campaign.halted:{subject}:{}", held.version);
    let alert =
        NewAlert { kind: "campaign.halted", subject: &subject, detail: &detail, dedup_key: &dedup_key };
    alert::raise(tx, alert).await?;
    audit_log::record_in_bulk(tx, None, "campaign.halt", &subject, &json!({ "code": code })).await?;
    Ok(true)
}
