//! `pull.finish`: ends the pull. Key: the pull; what its last page or an earlier attempt wrote stays.

use entities::pull::{self, EndedBy};
use workflows::pull::{Ended, FinishInput, PageOutput};

use super::{leave, told};
use crate::{Fault, Resources};

pub(super) async fn finish(resources: &Resources, input: FinishInput) -> Result<PageOutput, Fault> {
    let by = match input.ended {
        Ended::Known => EndedBy::Known,
        Ended::End => EndedBy::End,
        Ended::Limit => EndedBy::Limit,
        Ended::Person => EndedBy::Person,
        Ended::Budget => EndedBy::Budget,
        Ended::Failure => EndedBy::Failure,
    };
    let failure = input.code.map(|code| {
        let detail = input.detail.as_deref().unwrap_or_default();
        format!("{code}: {detail}")
    });
    let mut tx = resources.db.team_bulk(input.pull.team).await?;
    let held = pull::hold(&mut tx, input.pull.pull).await?;
    if held.ended_by.is_none() {
        leave::settle_open(&mut tx, input.pull, &held).await?;
    }
    let ended = pull::end(&mut tx, input.pull.pull, by, failure.as_deref()).await?;
    let held = pull::hold(&mut tx, input.pull.pull).await?;
    tx.commit().await?;
    tracing::info!(
        ended,
        by = by.as_str(),
        pages = held.pages,
        leads_new = held.leads_new,
        "the pull has ended"
    );
    Ok(told(&held))
}
