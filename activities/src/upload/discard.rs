//! `upload.discard`: the compensation of an upload that did not complete. Key: the file; what is gone stays gone.

use entities::pipeline::resolve::lock_team;
use entities::pipeline::take_back::take_back;
use entities::pipeline::{Staging, checkpoint, rejects, source};
use workflows::upload::{DiscardInput, Ending};

use super::{archive, normalize_chunk};
use crate::{Fault, Resources};

pub(super) async fn discard(resources: &Resources, input: &DiscardInput) -> Result<(), Fault> {
    let upload = input.upload;
    let staging = Staging::of(upload.source);
    let mut tx = resources.db.team_bulk(upload.team).await?;
    lock_team(&mut tx).await?;
    take_back(&mut tx, upload.source).await?;
    staging.drop(&mut tx).await?;
    if checkpoint::any(&mut tx, upload.source, normalize_chunk::STAGE).await? {
        // The archive may be written as soon as the last of them is; that it was begun is noted nowhere.
        archive::remove(resources, upload).await?;
    }
    checkpoint::forget(&mut tx, upload.source).await?;
    if input.ending == Ending::Cancelled {
        // After a failure the set-aside rows are the report that says what to correct.
        rejects::forget(&mut tx, &staging).await?;
    }
    let status = match input.ending {
        Ending::Failed => "failed",
        Ending::Cancelled => "cancelled",
    };
    source::end(&mut tx, upload.source, status, input.code, &input.detail).await?;
    tx.commit().await?;
    Ok(())
}
