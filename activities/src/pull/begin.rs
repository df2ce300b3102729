//! `pull.begin`: where in the list to begin. Key: the pull; a repetition finds it begun, and the bookmark where it was put.

use entities::pull::{self, EndedBy};
use workflows::pull::{BeginOutput, Next, PullRef, workflow_id};

use super::{told, what_is_asked};
use crate::{Fault, Resources};

pub(super) async fn begin(resources: &Resources, input: PullRef) -> Result<BeginOutput, Fault> {
    let mut tx = resources.db.team_bulk(input.team).await?;
    let mut held = pull::hold(&mut tx, input.pull).await?;
    if held.ended_by.is_none() && held.stop_requested {
        pull::end(&mut tx, input.pull, EndedBy::Person, None).await?;
        held.ended_by = Some(EndedBy::Person);
    }
    let mut next = Next { source: held.source.clone(), page: 1 };
    if held.ended_by.is_some() {
        tx.commit().await?;
        return Ok(BeginOutput { next, ended: told(&held).ended });
    }
    let (_, question) = what_is_asked(resources, &held)?;
    let sig = question.signature();
    let begins = pull::start(&mut tx, input.pull, &workflow_id(input.pull)).await?;
    let way = pull::pass(&mut tx, &held.source, &sig).await?;
    if begins && way.pages == 0 {
        pull::rewind(&mut tx, &held.source, &sig).await?;
    }
    let bookmark = pull::bookmark(&mut tx, &held.source, &sig).await?;
    tx.commit().await?;
    next.page = u32::try_from(bookmark.last_page_fetched).unwrap_or_default() + 1;
    tracing::info!(page = next.page, skipped = way.records, "the pull begins");
    Ok(BeginOutput { next, ended: None })
}
