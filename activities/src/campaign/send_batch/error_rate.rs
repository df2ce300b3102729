//! Whether too many of the last messages were refused or did not arrive.

use entities::outreach::error_rate;

use super::Batch;
use crate::Fault;

/// With fewer outcomes than this, chance has too large a part.
const LEAST: i64 = 20;

/// Whether the share of messages that were refused, or reported as failed, of the last hundred since the campaign was last
/// set going is above what the team accepts.
pub(super) async fn is_too_high(batch: &Batch) -> Result<bool, Fault> {
    let mut tx = batch.resources.db.team_bulk(batch.of.team).await?;
    let (failed, all) = error_rate(&mut tx, batch.of.campaign).await?;
    tx.commit().await?;
    #[expect(clippy::cast_precision_loss, reason = "a hundred at the most")]
    let share = failed as f64 / all.max(1) as f64;
    Ok(all >= LEAST && share > batch.error_rate_pause)
}
