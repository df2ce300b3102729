//! Ends calls to vendors whose worker died and that nobody came to ask again: what had not left is given back, what may have left
//! counts as paid for. An answer that comes after all corrects that.

use std::time::Duration;

use entities::provider_call::{self, Abandoned};

use crate::{Fault, Resources};

/// How long after a call's time is over it is left to whoever asks the same again. An attempt that was lost is repeated well
/// within this.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Ends them; answers how many were ended.
pub(super) async fn end_calls(resources: &Resources) -> Result<u64, Fault> {
    let mut ended = 0;
    for (team, call) in provider_call::left_behind(&resources.db, PATIENCE).await? {
        let mut tx = resources.db.team_bulk(team).await?;
        let what = provider_call::abandon(&mut tx, call).await?;
        tx.commit().await?;
        match what {
            Abandoned::Nothing => continue,
            Abandoned::GivenBack => {}
            Abandoned::Lost(most) => {
                tracing::warn!(%call, micros = most.micros(), "a call was lost with its worker and counts as paid for");
            }
        }
        ended += 1;
    }
    Ok(ended)
}
