//! Tells teams of stages that take longer than they may.

use entities::{service_level, team};

use crate::{Fault, Resources};

/// Raises the alerts of all teams; answers how many are new. One team whose rows cannot be read leaves the others theirs.
pub(super) async fn raise_breaches(resources: &Resources) -> Result<u64, Fault> {
    let mut raised = 0;
    let mut failed = None;
    for team in team::all(&resources.db).await? {
        let mut tx = resources.db.team_bulk(team).await?;
        match service_level::raise_breaches(&mut tx).await {
            Ok(new) => {
                tx.commit().await?;
                raised += new;
            }
            Err(error) => {
                tracing::warn!(%team, %error, "the stages of a team are not timed");
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(raised), |error| Err(error.into()))
}
