//! `upload.inspect_file`: is this a list, and how is it to be read? Key: the file and the attempt.

use std::time::Instant;

use domain::FailureCode;
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::{Staging, checkpoint, rejects, source as pipeline};
use workflows::upload::{InspectFileOutput, UploadRef};

use super::source::Source;
use crate::{Fault, Resources};

/// How much of the object is looked at, in bytes.
const HEAD_BYTES: u64 = 1 << 20;

pub(super) async fn inspect_file(
    resources: &Resources,
    upload: UploadRef,
) -> Result<InspectFileOutput, Fault> {
    let began = Instant::now();
    let source = Source::load(resources, upload).await?;
    let key = source.object_key()?;
    let size_bytes = u64::try_from(source.row.size_bytes).unwrap_or_default();
    let head = resources.store.get_range(&key, 0..HEAD_BYTES.min(size_bytes)).await?;
    let shape = intake::inspect(&head, size_bytes, &source.read_options()?)?;
    let stored = serde_json::to_value(&shape).map_err(|error| {
        Fault::permanent(FailureCode::SystemInternal, "the shape of the file cannot be stored").because(error)
    })?;

    // Whatever an earlier attempt left is gone before this one begins; a repetition of this activity within one
    // attempt does the same again, since nothing is staged before it answers.
    let before = began.elapsed();
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let staging = Staging::of(upload.source);
    staging.drop(&mut tx).await?;
    staging.open(&mut tx).await?;
    checkpoint::forget(&mut tx, upload.source).await?;
    rejects::forget(&mut tx, &staging).await?;
    pipeline::begin(&mut tx, upload.source, &stored).await?;
    let output = InspectFileOutput { size_bytes, reject_share: source.settings.reject_share };
    let piece = Piece { source: upload.source, stage: "inspect_file", chunk: 0 };
    piece.complete_begun(&mut tx, 0, &output, before).await?;
    tx.commit().await?;
    Ok(output)
}
