//! What runs ask of Temporal.

use domain::id::{EnrichmentId, ProviderCallId};
use temporalio_client::{
    WorkflowCancelOptions, WorkflowExecuteUpdateOptions, WorkflowIdReusePolicy, WorkflowQueryOptions,
    WorkflowStartOptions,
};
use temporalio_common::search_attributes::SearchAttributes;
use workflows::enrichment::{
    EnrichmentInput, EnrichmentProgress, EnrichmentRef, EnrichmentWorkflow, Pace, VendorResultArrived,
    workflow_id,
};
use workflows::search_attributes;

use crate::temporal::{
    CALL_TIMEOUT, QUERY_TIMEOUT, Started, Temporal, TemporalError, cancelled, handle_of, started, taken,
    told, within,
};

fn options(queue: &str, run: EnrichmentRef) -> WorkflowStartOptions {
    WorkflowStartOptions::new(queue, workflow_id(run.enrichment))
        .search_attributes(SearchAttributes::new([search_attributes::TEAM.value_set(run.team.to_string())]))
        .static_summary("Leads through the waterfall of vendors")
        .static_details(format!("team {}, run {}", run.team, run.enrichment))
        .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
        .build()
}

impl Temporal {
    /// Starts a run.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub(crate) async fn start_enrichment(
        &self,
        queue: &str,
        run: EnrichmentRef,
    ) -> Result<Started, TemporalError> {
        let input = EnrichmentInput::new(run, Pace::default());
        let client = self.client().await?;
        let start = client.start_workflow(EnrichmentWorkflow::run, input, options(queue, run));
        started(within(CALL_TIMEOUT, start).await?)
    }

    /// How far a run is. `None` where no worker answers in time or it is not running.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub(crate) async fn enrichment_progress(
        &self,
        run: EnrichmentId,
    ) -> Result<Option<EnrichmentProgress>, TemporalError> {
        let handle = handle_of(self.client().await?, EnrichmentWorkflow::run, workflow_id(run));
        let query = handle.query(EnrichmentWorkflow::progress, (), WorkflowQueryOptions::default());
        told(tokio::time::timeout(QUERY_TIMEOUT, query).await)
    }

    /// Asks a run to stop. Where no worker takes the request in time, it is left with Temporal as a cancellation.
    ///
    /// # Errors
    /// [`TemporalError::NotRunning`], [`TemporalError::Refused`], [`TemporalError::Unavailable`].
    pub(crate) async fn cancel_enrichment(&self, run: EnrichmentId) -> Result<(), TemporalError> {
        let handle = handle_of(self.client().await?, EnrichmentWorkflow::run, workflow_id(run));
        let update =
            handle.execute_update(EnrichmentWorkflow::cancel, (), WorkflowExecuteUpdateOptions::default());
        match tokio::time::timeout(CALL_TIMEOUT, update).await {
            Ok(answer) => taken(answer),
            Err(_no_worker) => cancelled(
                within(CALL_TIMEOUT, handle.cancel(WorkflowCancelOptions::builder().build())).await?,
            ),
        }
    }

    /// Tells a run that what a vendor was to send later is here. One that has ended is begun again, to apply it.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub(crate) async fn vendor_result_arrived(
        &self,
        queue: &str,
        run: EnrichmentRef,
        call: ProviderCallId,
    ) -> Result<(), TemporalError> {
        let client = self.client().await?;
        let signal = client.signal_with_start_workflow(
            EnrichmentWorkflow::run,
            EnrichmentInput::only_late(run),
            EnrichmentWorkflow::vendor_result_arrived,
            VendorResultArrived { call },
            options(queue, run),
        );
        started(within(CALL_TIMEOUT, signal).await?).map(drop)
    }
}
