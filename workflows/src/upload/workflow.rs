//! The story of one file: inspect, stream and normalize in chunks, resolve, prepare, stage, archive.
//!
//! Chunks are pipelined: while one is read, up to two before it are normalized. Whatever fails or is cancelled
//! is compensated by `upload.discard`, so that a file that did not complete leaves no lead behind.

#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

use std::collections::VecDeque;

use domain::FailureCode;
use futures::future::LocalBoxFuture;
use temporalio_common::error::IncomingError;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityExecutionError, ActivityOptions, SyncWorkflowContext, WorkflowCancellationToken, WorkflowContext,
    WorkflowContextView, WorkflowResult, WorkflowTermination,
};

use super::activities::UploadActivities;
use super::messages::{
    DiscardInput, Ending, NormalizeChunkInput, NormalizeChunkOutput, Pace, Stage, StreamChunkInput,
    UploadInput, UploadProgress, UploadRef,
};
use crate::calling::{self, Patience, failure, is_cancelled, told};
use crate::search_attributes;

/// How many chunks may be normalized at once: one per core of the smallest machine that is supported.
const NORMALIZING_AT_ONCE: usize = 2;

/// One file, from stored object to campaign blocks.
#[workflow]
#[derive(Debug)]
pub struct UploadWorkflow {
    progress: UploadProgress,
    input: UploadInput,
    /// Cancels what is running; the compensation does not hang on it.
    work: Option<WorkflowCancellationToken>,
}

/// A chunk that is being normalized.
type Normalizing<'a> = LocalBoxFuture<'a, Result<NormalizeChunkOutput, ActivityExecutionError>>;

/// Why the story did not reach its end.
struct Stop {
    ending: Ending,
    code: FailureCode,
    detail: String,
    /// The same for the person who uploaded the file, where that may quote its header: for the database only.
    for_uploader: Option<String>,
}

#[workflow_methods]
impl UploadWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: UploadInput) -> Self {
        Self { progress: UploadProgress::default(), input, work: None }
    }

    /// Refines the file and answers with the final counts.
    #[run(name = "UploadWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<UploadProgress> {
        let UploadInput { upload, pace } = ctx.state(|s| s.input);
        let work = ctx.cancellation_token().child_token();
        ctx.state_mut(|s| s.work = Some(work.clone()));
        ctx.upsert_search_attributes([
            search_attributes::TEAM.value_set(upload.team.to_string()),
            search_attributes::SOURCE.value_set(upload.source.to_string()),
            search_attributes::STATUS.value_set("running".to_owned()),
        ]);
        if ctx.state(|s| s.progress.cancel_requested) {
            work.cancel();
        }

        match Self::refine(ctx, upload, pace, &work).await {
            Ok(()) => {
                Self::enter(ctx, Stage::Done);
                ctx.upsert_search_attributes([search_attributes::STATUS.value_set("completed".to_owned())]);
                Ok(ctx.state(|s| s.progress.clone()))
            }
            Err(stop) => {
                let status = match stop.ending {
                    Ending::Failed => "failed",
                    Ending::Cancelled => "cancelled",
                };
                ctx.set_current_details(format!("{status}: {} ({})", stop.detail, stop.code));
                let discard = DiscardInput {
                    upload,
                    ending: stop.ending,
                    code: stop.code,
                    detail: stop.for_uploader.clone().unwrap_or_else(|| stop.detail.clone()),
                };
                // Detached: the compensation runs although everything else is cancelled.
                let detached = WorkflowCancellationToken::new();
                ctx.execute_activity(
                    UploadActivities::discard,
                    discard,
                    options(pace, &detached, "take away what was staged"),
                )
                .await?;
                ctx.upsert_search_attributes([search_attributes::STATUS.value_set(status.to_owned())]);
                Err(WorkflowTermination::failed_application(failure(stop.code, stop.detail)))
            }
        }
    }

    /// How far the file is.
    #[query(name = "progress")]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> UploadProgress {
        self.progress.clone()
    }

    #[update_validator(cancel)]
    fn validate_cancel(
        &self,
        _ctx: &WorkflowContextView,
        _input: &(),
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if self.progress.stage >= Stage::Archive {
            return Err("the upload is complete; undo takes it back".into());
        }
        Ok(())
    }

    /// Stops the upload and takes away what it staged.
    #[update(name = "cancel")]
    pub fn cancel(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _input: ()) {
        self.progress.cancel_requested = true;
        if let Some(work) = &self.work {
            work.cancel_with_reason("cancelled by a person");
        }
    }

    async fn refine(
        ctx: &WorkflowContext<Self>,
        upload: UploadRef,
        pace: Pace,
        work: &WorkflowCancellationToken,
    ) -> Result<(), Stop> {
        Self::enter(ctx, Stage::InspectFile);
        let found = ctx
            .execute_activity(
                UploadActivities::inspect_file,
                upload,
                options(pace, work, "look at encoding, delimiter and header"),
            )
            .await
            .map_err(stop)?;
        ctx.state_mut(|s| s.progress.bytes_total = found.size_bytes);

        Self::enter(ctx, Stage::StreamAndNormalize);
        Self::stream_and_normalize(ctx, upload, pace, work).await?;
        refuse_too_many_rejects(&ctx.state(|s| s.progress.clone()), found.reject_share)?;

        Self::enter(ctx, Stage::Resolve);
        let resolved = ctx
            .execute_activity(
                UploadActivities::resolve,
                upload,
                options(pace, work, "which business, person and lead each row is"),
            )
            .await
            .map_err(stop)?;
        ctx.state_mut(|s| {
            s.progress.businesses = resolved.businesses;
            s.progress.personas = resolved.personas;
        });

        Self::enter(ctx, Stage::PrepareLeads);
        let prepared = ctx
            .execute_activity(
                UploadActivities::prepare_leads,
                upload,
                options(pace, work, "score, tag and classify the leads"),
            )
            .await
            .map_err(stop)?;
        ctx.state_mut(|s| {
            s.progress.duplicates = prepared.duplicates;
            s.progress.leads = prepared.leads;
            s.progress.decision_makers = prepared.decision_makers;
        });

        Self::enter(ctx, Stage::StageBlocks);
        let staged = ctx
            .execute_activity(
                UploadActivities::stage_blocks,
                upload,
                options(pace, work, "cut the leads into blocks"),
            )
            .await
            .map_err(stop)?;
        ctx.state_mut(|s| s.progress.blocks = staged.blocks);

        Self::enter(ctx, Stage::Archive);
        ctx.execute_activity(
            UploadActivities::archive,
            upload,
            options(pace, work, "archive the normalized rows and drop the staging"),
        )
        .await
        .map_err(stop)?;
        Ok(())
    }

    async fn stream_and_normalize(
        ctx: &WorkflowContext<Self>,
        upload: UploadRef,
        pace: Pace,
        work: &WorkflowCancellationToken,
    ) -> Result<(), Stop> {
        let mut normalizing: VecDeque<Normalizing<'_>> = VecDeque::new();
        let mut chunk = 0;
        loop {
            let streaming = ctx.execute_activity(
                UploadActivities::stream_chunk,
                StreamChunkInput { upload, chunk, max_rows: pace.chunk_rows },
                options(pace, work, &format!("chunk {chunk}")),
            );
            while normalizing.len() >= NORMALIZING_AT_ONCE {
                Self::await_normalized(ctx, &mut normalizing).await?;
            }
            let streamed = streaming.await.map_err(stop)?;
            ctx.state_mut(|s| {
                s.progress.bytes_read = streamed.end_byte;
                s.progress.rows_read += streamed.rows_read;
                s.progress.rows_rejected += streamed.rows_rejected;
            });
            let input = NormalizeChunkInput {
                upload,
                chunk,
                first_row: streamed.first_row,
                end_row: streamed.end_row,
            };
            let summary = format!("chunk {chunk}, rows {} to before {}", input.first_row, input.end_row);
            let normalized =
                ctx.execute_activity(UploadActivities::normalize_chunk, input, options(pace, work, &summary));
            normalizing.push_back(Box::pin(normalized));
            Self::tell(ctx);
            if streamed.end_of_file {
                break;
            }
            chunk += 1;
        }
        while !normalizing.is_empty() {
            Self::await_normalized(ctx, &mut normalizing).await?;
        }
        Ok(())
    }

    async fn await_normalized(
        ctx: &WorkflowContext<Self>,
        normalizing: &mut VecDeque<Normalizing<'_>>,
    ) -> Result<(), Stop> {
        if let Some(oldest) = normalizing.pop_front() {
            let normalized = oldest.await.map_err(stop)?;
            ctx.state_mut(|s| {
                s.progress.rows_normalized += normalized.rows_normalized;
                s.progress.rows_rejected += normalized.rows_rejected;
            });
            Self::tell(ctx);
        }
        Ok(())
    }

    fn enter(ctx: &WorkflowContext<Self>, stage: Stage) {
        ctx.state_mut(|s| s.progress.stage = stage);
        ctx.upsert_search_attributes([search_attributes::STAGE.value_set(stage.as_str().to_owned())]);
        Self::tell(ctx);
    }

    /// Says in the Temporal UI what a person wants to know, without anything of a person of the list.
    fn tell(ctx: &WorkflowContext<Self>) {
        let p = ctx.state(|s| s.progress.clone());
        ctx.set_current_details(format!(
            "{}: {} of {} bytes read, {} rows read, {} rejected, {} normalized, {} leads, {} blocks",
            p.stage.as_str(),
            p.bytes_read,
            p.bytes_total,
            p.rows_read,
            p.rows_rejected,
            p.rows_normalized,
            p.leads,
            p.blocks,
        ));
    }
}

fn refuse_too_many_rejects(progress: &UploadProgress, share: f64) -> Result<(), Stop> {
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 52 bits of rows")]
    let (read, rejected) = (progress.rows_read as f64, progress.rows_rejected as f64);
    if rejected <= read * share {
        return Ok(());
    }
    Err(Stop {
        ending: Ending::Failed,
        code: FailureCode::UploadTooManyRejects,
        detail: format!(
            "{} of {} rows were rejected, more than the team accepts ({:.0} %); rejects.csv says why for \
             each: correct the file or its mapping profile and retry",
            progress.rows_rejected,
            progress.rows_read,
            share * 100.0
        ),
        for_uploader: None,
    })
}

fn options(pace: Pace, token: &WorkflowCancellationToken, summary: &str) -> ActivityOptions {
    let patience = Patience {
        heartbeat: pace.heartbeat_timeout(),
        attempt: pace.attempt_timeout(),
        all: pace.activity_timeout(),
    };
    calling::options(patience, None, token, summary)
}

fn stop(error: ActivityExecutionError) -> Stop {
    if is_cancelled(&error) {
        return Stop {
            ending: Ending::Cancelled,
            code: FailureCode::UploadCancelled,
            detail: "cancelled by a person".to_owned(),
            for_uploader: None,
        };
    }
    let late = "a stage took longer than it may; see its last failure in the Temporal UI, then retry";
    let (code, detail) = told(&error, (FailureCode::UploadTimeout, late));
    let for_uploader = match error.reason() {
        // Words that cannot be read are words that are not there: the detail says enough.
        Some(IncomingError::Application(reason)) => reason.details::<String>().ok().flatten(),
        _ => None,
    };
    Stop { ending: Ending::Failed, code, detail, for_uploader }
}
