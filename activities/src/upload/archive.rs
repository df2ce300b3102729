//! `upload.archive`: normalized rows to object storage, counts to the source, staging dropped. Key: the file; the
//! object has one name, so a repetition overwrites it with the same bytes. It depends on the staging alone and is written
//! while rows are resolved (`upload.resolve`), which leaves a core idle at first.

use std::io::Write;

use entities::data_source::{self, DataSource};
use entities::enrichment;
use entities::pipeline::archive::{Outcome, complete, normalized_csv, stats};
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::{Staging, source as pipeline};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::TryStreamExt;
use providers::object_store::{MultipartWriter, ObjectKey};
use workflows::enrichment::workflow_id;
use workflows::upload::{ArchiveOutput, UploadRef};

use super::resolve;
use super::source::Source;
use crate::{Fault, Resources};

const STAGE: &str = "archive";

/// Compressed bytes that are gathered before they go to the writer.
const FLUSH_BYTES: usize = 1 << 20;

pub(super) async fn archive(resources: &Resources, upload: UploadRef) -> Result<ArchiveOutput, Fault> {
    let source = Source::load(resources, upload).await?;
    let staging = Staging::of(upload.source);
    let piece = Piece { source: upload.source, stage: STAGE, chunk: 0 };
    let mut tx = resources.db.team_bulk(upload.team).await?;
    if let Some(answer) = piece.claim(&mut tx).await? {
        return Ok(answer);
    }
    let size_bytes = store(resources, upload, &source).await?;

    let sums = pipeline::sums(&mut tx, upload.source).await?;
    let stats = stats(&mut tx, &staging).await?;
    let outcome = Outcome {
        rows_read: sums.rows_read,
        rows_rejected: sums.rows_rejected,
        duplicates: sums.rows_read - sums.rows_rejected - sums.leads,
        leads: sums.leads,
        businesses: sums.businesses,
        personas: sums.personas,
        decision_makers: sums.decision_makers,
        blocks: sums.blocks,
        stats,
        archive_key: object_key(upload, &source.row).as_str().to_owned(),
    };
    complete(&mut tx, &staging, &outcome).await?;
    staging.drop(&mut tx).await?;
    // With the file's completion or not at all, so once; a sweep starts its workflow.
    if let Some(run) = enrichment::for_upload(&mut tx, upload.source, workflow_id).await? {
        tracing::info!(%run, "the file's leads will be enriched");
    }
    let answer = ArchiveOutput { size_bytes };
    piece.complete(&mut tx, outcome.rows_read.cast_unsigned(), &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Where the file's archive is.
fn object_key(upload: UploadRef, file: &DataSource) -> ObjectKey {
    ObjectKey::archive(upload.team, &file.original_name, upload.source)
}

/// Writes the object, once. Answers its size in bytes.
pub(super) async fn store(resources: &Resources, upload: UploadRef, source: &Source) -> Result<u64, Fault> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    // A piece of the stage beside which it is written.
    let piece = Piece { source: upload.source, stage: resolve::STAGE, chunk: resolve::OBJECT };
    if let Some(size_bytes) = piece.claim(&mut tx).await? {
        return Ok(size_bytes);
    }
    let key = object_key(upload, &source.row);
    let size_bytes = write_archive(resources, &mut tx, &Staging::of(upload.source), &key).await?;
    piece.complete(&mut tx, 0, &size_bytes).await?;
    tx.commit().await?;
    Ok(size_bytes)
}

/// Removes the object, where there is one. Do it when the staging is gone: whoever writes it reads that.
pub(super) async fn remove(resources: &Resources, upload: UploadRef) -> Result<(), Fault> {
    let tx = resources.db.team(upload.team).await?;
    let file = data_source::get(&tx, upload.source).await?;
    tx.commit().await?;
    resources.store.delete(&object_key(upload, &file)).await?;
    Ok(())
}

async fn write_archive(
    resources: &Resources,
    tx: &mut entities::BulkTransaction,
    staging: &Staging,
    key: &ObjectKey,
) -> Result<u64, Fault> {
    let mut writer = MultipartWriter::begin(&resources.store, key, "application/gzip");
    // Level 1: the archive is written once and read rarely; higher levels cost the import more than they save.
    let mut gzip = GzEncoder::new(Vec::with_capacity(2 * FLUSH_BYTES), Compression::fast());
    let rows = normalized_csv(tx, staging).await?;
    futures::pin_mut!(rows);
    while let Some(bytes) = rows.try_next().await? {
        gzip.write_all(&bytes).map_err(gzip_fault)?;
        if gzip.get_ref().len() >= FLUSH_BYTES {
            writer.write(gzip.get_ref()).await?;
            gzip.get_mut().clear();
        }
    }
    let last = gzip.finish().map_err(gzip_fault)?;
    writer.write(&last).await?;
    Ok(writer.finish().await?.size)
}

fn gzip_fault(error: std::io::Error) -> Fault {
    Fault::permanent(domain::FailureCode::SystemInternal, "the archive cannot be compressed").because(error)
}
