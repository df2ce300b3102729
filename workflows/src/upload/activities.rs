//! The contracts of the upload's activities. `activities::upload` implements them.
//!
//! All are idempotent: asked the same again, they answer the same and leave the same rows. The key of each is
//! the file, the stage and, where there is one, the chunk.
#![expect(
    clippy::unimplemented,
    reason = "the SDK wants the body of a contract to be exactly this; it is never called"
)]
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented contracts")]

use temporalio_macros::activity_definitions;

use super::messages::{
    ArchiveOutput, DiscardInput, InspectFileOutput, NormalizeChunkInput, NormalizeChunkOutput,
    PrepareLeadsOutput, ResolveOutput, StageBlocksOutput, StreamChunkInput, StreamChunkOutput, UploadRef,
};

/// What an upload asks of the world.
#[derive(Debug)]
pub struct UploadActivities;

#[activity_definitions]
impl UploadActivities {
    /// Encoding, delimiter and header of the stored object; opens the staging.
    #[activity(name = "upload.inspect_file")]
    pub fn inspect_file(input: UploadRef) -> InspectFileOutput {
        unimplemented!()
    }

    /// Rows of one byte range from object storage to `raw_prospects`.
    #[activity(name = "upload.stream_chunk")]
    pub fn stream_chunk(input: StreamChunkInput) -> StreamChunkOutput {
        unimplemented!()
    }

    /// Raw rows of one chunk to `normalized_rows` or `rejected_rows`.
    #[activity(name = "upload.normalize_chunk")]
    pub fn normalize_chunk(input: NormalizeChunkInput) -> NormalizeChunkOutput {
        unimplemented!()
    }

    /// Which business, person and lead each normalized row is.
    #[activity(name = "upload.resolve")]
    pub fn resolve(input: UploadRef) -> ResolveOutput {
        unimplemented!()
    }

    /// Leads with score, tags and class.
    #[activity(name = "upload.prepare_leads")]
    pub fn prepare_leads(input: UploadRef) -> PrepareLeadsOutput {
        unimplemented!()
    }

    /// Blocks of the new leads, and the buckets' index.
    #[activity(name = "upload.stage_blocks")]
    pub fn stage_blocks(input: UploadRef) -> StageBlocksOutput {
        unimplemented!()
    }

    /// Normalized rows to object storage; the staging goes, the source is completed.
    #[activity(name = "upload.archive")]
    pub fn archive(input: UploadRef) -> ArchiveOutput {
        unimplemented!()
    }

    /// Compensation: takes away what the upload made and records why.
    #[activity(name = "upload.discard")]
    pub fn discard(input: DiscardInput) -> () {
        unimplemented!()
    }
}

/// The markers by which an implementation names the contract it fulfils.
pub mod upload_activity {
    pub use super::upload_activities::{
        Archive, Discard, InspectFile, NormalizeChunk, PrepareLeads, Resolve, StageBlocks, StreamChunk,
    };
}
