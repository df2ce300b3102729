//! A file, from stored object to blocks: the implementations of `workflows::upload`'s contracts.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

mod archive;
mod discard;
mod inspect_file;
mod matching;
mod normalize_chunk;
mod prepare_leads;
mod resolve;
mod source;
mod stage_blocks;
mod stream_chunk;

use std::sync::Arc;

use domain::id::{DataSourceId, TeamId};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::upload::upload_activity;
use workflows::upload::{
    ArchiveOutput, DiscardInput, InspectFileOutput, NormalizeChunkInput, NormalizeChunkOutput,
    PrepareLeadsOutput, ResolveOutput, StageBlocksOutput, StreamChunkInput, StreamChunkOutput, UploadRef,
};

use crate::{Fault, Resources, heartbeat};

/// The upload's activities over one set of resources.
#[derive(Debug)]
pub struct UploadActivities {
    resources: Resources,
}

impl UploadActivities {
    /// Activities that work with `resources`.
    pub fn new(resources: Resources) -> Self {
        Self { resources }
    }
}

/// Runs one activity, and says in the log which and of what. Its work is boxed: all that a file's resolution holds would lie
/// several times on the stack of whoever polls it, in each of the futures around it.
async fn run<T>(
    ctx: &ActivityContext,
    name: &'static str,
    (team, source): (TeamId, DataSourceId),
    work: BoxFuture<'_, Result<T, Fault>>,
) -> Result<T, ActivityError> {
    let span = tracing::info_span!("activity", name, %team, %source, attempt = ctx.info().attempt);
    heartbeat::run(ctx, name, span, work).await
}

#[activities]
impl UploadActivities {
    /// See the contract.
    #[activity(definition = upload_activity::InspectFile)]
    pub async fn inspect_file(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: UploadRef,
    ) -> Result<InspectFileOutput, ActivityError> {
        let work = inspect_file::inspect_file(&self.resources, input).boxed();
        run(&ctx, "upload.inspect_file", (input.team, input.source), work).await
    }

    /// See the contract.
    #[activity(definition = upload_activity::StreamChunk)]
    pub async fn stream_chunk(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StreamChunkInput,
    ) -> Result<StreamChunkOutput, ActivityError> {
        let work = stream_chunk::stream_chunk(&self.resources, input).boxed();
        run(&ctx, "upload.stream_chunk", (input.upload.team, input.upload.source), work).await
    }

    /// See the contract.
    #[activity(definition = upload_activity::NormalizeChunk)]
    pub async fn normalize_chunk(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: NormalizeChunkInput,
    ) -> Result<NormalizeChunkOutput, ActivityError> {
        let work = normalize_chunk::normalize_chunk(&self.resources, input).boxed();
        run(&ctx, "upload.normalize_chunk", (input.upload.team, input.upload.source), work).await
    }

    /// See the contract.
    #[activity(definition = upload_activity::Resolve)]
    pub async fn resolve(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: UploadRef,
    ) -> Result<ResolveOutput, ActivityError> {
        let work = resolve::resolve(&self.resources, input).boxed();
        run(&ctx, "upload.resolve", (input.team, input.source), work).await
    }

    /// See the contract.
    #[activity(definition = upload_activity::PrepareLeads)]
    pub async fn prepare_leads(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: UploadRef,
    ) -> Result<PrepareLeadsOutput, ActivityError> {
        let work = prepare_leads::prepare_leads(&self.resources, input).boxed();
        run(&ctx, "upload.prepare_leads", (input.team, input.source), work).await
    }

    /// See the contract.
    #[activity(definition = upload_activity::StageBlocks)]
    pub async fn stage_blocks(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: UploadRef,
    ) -> Result<StageBlocksOutput, ActivityError> {
        let work = stage_blocks::stage_blocks(&self.resources, input).boxed();
        run(&ctx, "upload.stage_blocks", (input.team, input.source), work).await
    }

    /// See the contract.
    #[activity(definition = upload_activity::Archive)]
    pub async fn archive(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: UploadRef,
    ) -> Result<ArchiveOutput, ActivityError> {
        let work = archive::archive(&self.resources, input).boxed();
        run(&ctx, "upload.archive", (input.team, input.source), work).await
    }

    /// See the contract.
    #[activity(definition = upload_activity::Discard)]
    pub async fn discard(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DiscardInput,
    ) -> Result<(), ActivityError> {
        let of = (input.upload.team, input.upload.source);
        run(&ctx, "upload.discard", of, discard::discard(&self.resources, &input).boxed()).await
    }
}
