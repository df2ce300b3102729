//! `enrich.finish`: makes up the account of a run. Key: the run; a repetition finds it ended.

use entities::enrichment::{self, EnrichmentState};
use workflows::enrichment::{Ending, FinishInput};

use super::late;
use crate::{Fault, Resources};

pub(super) async fn finish(resources: &Resources, input: FinishInput) -> Result<(), Fault> {
    // A run that was broken off waits for nothing either: what is still to come counts as paid for.
    if input.ending != Ending::Completed {
        late::settle_awaited(resources, input.enrichment).await?;
    }
    let state = match input.ending {
        Ending::Completed => EnrichmentState::Completed,
        Ending::Failed => EnrichmentState::Failed,
        Ending::Cancelled => EnrichmentState::Cancelled,
    };
    let failure = input.code.map(|code| {
        let detail = input.detail.as_deref().unwrap_or_default();
        format!("{code}: {detail}")
    });
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let ended = enrichment::end(&mut tx, input.enrichment.enrichment, state, failure.as_deref()).await?;
    tx.commit().await?;
    tracing::info!(ended, state = state.as_str(), "the run has ended");
    Ok(())
}
