//! Stores a harvest.

use chrono::Utc;
use domain::id::TeamId;
use domain::lead::Targets;
use entities::enrichment::{contact_points, property, socials};
use entities::waterfall::attach;
use entities::{BulkTransaction, Database, suppression, team};

use super::harvest::{Harvest, Judge};
use crate::Fault;

/// What the team's answers are judged by.
pub(super) async fn judge(db: &Database, team_id: TeamId) -> Result<Judge, Fault> {
    let tx = db.team(team_id).await?;
    let settings = team::settings(&tx).await?;
    tx.commit().await?;
    // A code that is none was refused when it was set; here it would only mean that no lead is preferred for it.
    let sic = settings.target_sics.iter().filter_map(|prefix| prefix.parse().ok()).collect();
    Ok(Judge { targets: Targets { sic, ..Targets::default() }, today: Utc::now().date_naive() })
}

/// Stores what was found, as `source` says it. Done again it changes nothing.
pub(super) async fn attach(
    tx: &mut BulkTransaction,
    source: &str,
    mut harvest: Harvest,
) -> Result<(), Fault> {
    // Leads are locked in one order by everybody.
    harvest.points.sort_by_key(|point| point.lead);
    attach::leads(tx, &harvest.leads).await?;
    contact_points::merge(tx, source, &harvest.points).await?;
    if !harvest.profiles.is_empty() {
        socials::add(tx, source, &harvest.profiles).await?;
    }
    for (lead, litigator, deceased) in &harvest.flagged {
        contact_points::flag_person(tx, *lead, *litigator, *deceased).await?;
    }
    harvest.properties.sort_by_key(|(lead, _)| *lead);
    for (lead, found) in &harvest.properties {
        property::update(tx, *lead, source, found).await?;
    }
    attach::businesses(tx, source, &harvest.businesses).await?;
    suppression::suppress(tx, source, &harvest.suppressions).await?;
    Ok(())
}
