//! What pulls ask of Temporal.

use domain::id::PullId;
use temporalio_client::{WorkflowExecuteUpdateOptions, WorkflowIdReusePolicy, WorkflowStartOptions};
use temporalio_common::search_attributes::SearchAttributes;
use workflows::pull::{Pace, PullInput, PullRef, PullWorkflow, workflow_id};
use workflows::search_attributes;

use crate::temporal::{CALL_TIMEOUT, Started, Temporal, TemporalError, handle_of, started, taken, within};

impl Temporal {
    /// Starts a pull. It runs once.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub(crate) async fn start_pull(&self, queue: &str, pull: PullRef) -> Result<Started, TemporalError> {
        let options = WorkflowStartOptions::new(queue, workflow_id(pull.pull))
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .search_attributes(SearchAttributes::new([
                search_attributes::TEAM.value_set(pull.team.to_string())
            ]))
            .static_summary("A vendor's list, page by page until something known comes")
            .static_details(format!("team {}, pull {}", pull.team, pull.pull))
            .build();
        let input = PullInput::new(pull, Pace::default());
        let client = self.client().await?;
        started(within(CALL_TIMEOUT, client.start_workflow(PullWorkflow::run, input, options)).await?)
    }

    /// Asks a pull to stop.
    ///
    /// # Errors
    /// [`TemporalError::NotRunning`], [`TemporalError::Refused`], [`TemporalError::Unavailable`], also where no worker takes
    /// the request in time.
    pub(crate) async fn stop_pull(&self, pull: PullId) -> Result<(), TemporalError> {
        let handle = handle_of(self.client().await?, PullWorkflow::run, workflow_id(pull));
        let update = handle.execute_update(PullWorkflow::stop, (), WorkflowExecuteUpdateOptions::default());
        taken(within(CALL_TIMEOUT, update).await?)
    }
}
