//! What a campaign would send to whom and when: the gate's inputs put together from the tables.
//!
//! [`Scene`] is what a campaign says and within which limits, [`Moment`] how things stand, [`crate::audience`] who it is for;
//! [`Scene::judge`] puts them before the gate. Sending, previewing, rehearsing and explaining go through it alike, so that
//! what is rehearsed is what is sent.

mod explain;
mod hash;
mod judge;
mod ledger;
mod moment;
mod preview;
mod rehearse;
mod reply;
mod rules;
mod scene;

pub use explain::{Asked, Explanation, RuleSaid, explain};
pub use hash::PreviewHash;
pub use judge::{Judged, Lacking, Text};
pub use ledger::{Unreported, accounted, awaited, error_rate, step_of, unreported};
pub use moment::Moment;
pub use preview::{Exclusion, Preview, Sample, everybody, preview};
pub use rehearse::{LeftOut, Rehearsal, RehearsedSend, rehearse};
pub use reply::{Released, ReplyScene};
pub use rules::Rules;
pub(crate) use scene::windows;
pub use scene::{Scene, SceneSender, SceneStep};

/// The zone in which the team's days begin.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn team_zone(tx: &mut crate::BulkTransaction) -> crate::Result<domain::geo::TimeZone> {
    let row: Option<(String,)> = tx.first(sqlx::query_as("SELECT team_time_zone()")).await?;
    // Campaigns are for North America; a team elsewhere counts its days in New York.
    Ok(row.and_then(|(zone,)| zone.parse().ok()).unwrap_or(domain::geo::TimeZone::Eastern))
}

/// Rehearses a campaign as it is, beginning at `from`, with the rules of that version or those that hold then. Answers the
/// version too.
///
/// # Errors
/// [`crate::DbError::NotFound`] where there is no such campaign or rule set; any other [`crate::DbError`].
pub async fn rehearse_campaign(
    tx: &mut crate::BulkTransaction,
    campaign: domain::id::CampaignId,
    rule_set: Option<&str>,
    from: chrono::DateTime<chrono::Utc>,
) -> crate::Result<(Rehearsal, String)> {
    let scene = Scene::read(tx, campaign, rule_set, from).await?;
    let people = everybody(tx, campaign, from).await?;
    let provider = scene.senders.first().map(|sender| sender.provider.clone());
    let moment = Moment::read(tx, campaign, provider.as_deref(), from).await?;
    let team = team_zone(tx).await?;
    let version = scene.rules.version().to_owned();
    Ok((rehearse(&scene, people, from, moment.budget_left, team), version))
}
