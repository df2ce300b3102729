//! What the clock asks for: pulls of schedules, and leads on hold that are asked about again. Makes the rows; the sweep that
//! starts runs starts their workflows.

use chrono::Utc;
use entities::enrichment;
use entities::pull::schedule;
use workflows::enrichment::workflow_id;

use crate::{Fault, Resources};

/// Makes the pulls that are due; answers how many were made.
pub(super) async fn make_pulls(resources: &Resources) -> Result<u64, Fault> {
    let mut made = 0;
    for (team, id) in schedule::due(&resources.db).await? {
        let tx = resources.db.team(team).await?;
        let pull = schedule::make_due(&tx, id, Utc::now()).await?;
        tx.commit().await?;
        made += u64::from(pull.is_some());
    }
    Ok(made)
}

/// Makes runs of the leads on hold of teams where some have been for so long as the team says; answers how many were made.
pub(super) async fn ask_again(resources: &Resources) -> Result<u64, Fault> {
    if resources.vendors.names().next().is_none() {
        return Ok(0);
    }
    let mut made = 0;
    for team in enrichment::teams_on_hold(&resources.db).await? {
        let mut tx = resources.db.team_bulk(team).await?;
        let run = enrichment::on_hold(&mut tx, workflow_id).await?;
        tx.commit().await?;
        made += u64::from(run.is_some());
    }
    Ok(made)
}
