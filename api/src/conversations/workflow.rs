//! What conversations ask of Temporal.

use domain::id::{ConversationId, UserId};
use temporalio_client::errors::{WorkflowUpdateError, WorkflowUpdateWithStartError};
use temporalio_client::{
    WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowQueryOptions, WorkflowUpdateWithStartOptions,
};
use workflows::conversation::{
    By, CloseConversation, ConversationInput, ConversationProgress, ConversationRef, ConversationWorkflow,
    DecideOutput, EditReply, OfSuggestion, Order, Pace, search_attributes, workflow_id,
};
use workflows::task_queue;

use crate::temporal::{QUERY_TIMEOUT, Temporal, TemporalError, handle_of, told, within};

/// How long a decision may take: a person waits for it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

impl Temporal {
    /// Gives an order to the workflow of a conversation, which is begun anew where it has ended, and waits until it is carried
    /// out or refused. `queue` is that of everything else.
    ///
    /// # Errors
    /// [`TemporalError::Refused`] with the reason, [`TemporalError::Unavailable`], also where no worker takes the order in time,
    /// [`TemporalError::Other`].
    pub(crate) async fn decide(
        &self,
        queue: &str,
        of: ConversationRef,
        by: UserId,
        order: Order,
        pace: Pace,
    ) -> Result<DecideOutput, TemporalError> {
        let client = self.client().await?;
        let id = workflow_id(of.conversation);
        let options = WorkflowUpdateWithStartOptions::new(
            task_queue::inbound(queue),
            id,
            WorkflowIdConflictPolicy::UseExisting,
        )
        .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
        .search_attributes(search_attributes(of, None))
        .static_summary("A conversation, until nobody has said anything for a month".to_owned())
        .build();
        let input = ConversationInput::new(of, pace);
        let run = ConversationWorkflow::run;
        let given = async {
            match order {
                Order::Approve { suggestion } => {
                    let what = OfSuggestion { by, suggestion };
                    let update = ConversationWorkflow::approve_reply;
                    client.execute_update_with_start_workflow(run, input, update, what, options).await
                }
                Order::Edit { suggestion, text_hash } => {
                    let what = EditReply { by, suggestion, text_hash };
                    let update = ConversationWorkflow::edit_reply;
                    client.execute_update_with_start_workflow(run, input, update, what, options).await
                }
                Order::Reject { suggestion } => {
                    let what = OfSuggestion { by, suggestion };
                    let update = ConversationWorkflow::reject_reply;
                    client.execute_update_with_start_workflow(run, input, update, what, options).await
                }
                Order::TakeOver => {
                    let update = ConversationWorkflow::take_over;
                    client.execute_update_with_start_workflow(run, input, update, By { by }, options).await
                }
                Order::Release => {
                    let update = ConversationWorkflow::release;
                    client.execute_update_with_start_workflow(run, input, update, By { by }, options).await
                }
                Order::Close { disposition, reason } => {
                    let what = CloseConversation { by, disposition, reason };
                    let update = ConversationWorkflow::close;
                    client.execute_update_with_start_workflow(run, input, update, what, options).await
                }
            }
        };
        within(PATIENCE, given).await?.map_err(|error| match error {
            WorkflowUpdateWithStartError::Update(WorkflowUpdateError::Failed(failure)) => {
                TemporalError::Refused(failure.message.clone())
            }
            WorkflowUpdateWithStartError::Update(WorkflowUpdateError::Rpc(status))
            | WorkflowUpdateWithStartError::Rpc(status) => TemporalError::of_status(status),
            error => TemporalError::Other(error.into()),
        })
    }

    /// How far a conversation is. `None` where no worker answers in time or its workflow has ended.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub(crate) async fn conversation_progress(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ConversationProgress>, TemporalError> {
        let handle = handle_of(self.client().await?, ConversationWorkflow::run, workflow_id(conversation));
        let query = handle.query(ConversationWorkflow::progress, (), WorkflowQueryOptions::default());
        told(tokio::time::timeout(QUERY_TIMEOUT, query).await)
    }
}
