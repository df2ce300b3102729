//! What people decide, as the API has it decided: by updates of the conversation's workflow, which is begun where it does not run.

use anyhow::Result;
use domain::id::{ConversationId, SuggestionId, TypedId};
use sha2::{Digest, Sha256};
use temporalio_client::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowUpdateWithStartOptions};
use workflows::conversation::{
    By, CloseConversation, ConversationInput, ConversationRef, ConversationWorkflow, DecideOutput, EditReply,
    OfSuggestion, workflow_id,
};
use workflows::task_queue;

use super::Correspondence;

/// Gives an order to a conversation's workflow; answers what it says.
macro_rules! order {
    ($all:ident, $of:expr, $update:ident, $what:expr) => {{
        let app = &$all.outreach.app;
        let of = ConversationRef { team: $all.outreach.team.id, conversation: $of };
        let input = ConversationInput::new(of, app.worker_config.conversation_pace);
        let options = WorkflowUpdateWithStartOptions::new(
            task_queue::inbound(&app.worker_config.task_queue),
            workflow_id($of),
            WorkflowIdConflictPolicy::UseExisting,
        )
        .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
        .build();
        let (run, update) = (ConversationWorkflow::run, ConversationWorkflow::$update);
        Ok(app.temporal.execute_update_with_start_workflow(run, input, update, $what, options).await?)
    }};
}

impl Correspondence {
    /// Approves a suggestion; answers what the workflow says.
    ///
    /// # Errors
    /// Where the workflow's validator refuses, or it does not answer.
    pub async fn approve(&self, of: ConversationId, suggestion: SuggestionId) -> Result<DecideOutput> {
        let what = OfSuggestion { by: self.outreach.approver.user, suggestion };
        order!(self, of, approve_reply, what)
    }

    /// Has another text sent in a suggestion's place.
    ///
    /// # Errors
    /// As [`Correspondence::approve`].
    pub async fn edit(
        &self,
        of: ConversationId,
        suggestion: SuggestionId,
        text: &str,
    ) -> Result<DecideOutput> {
        sqlx::query("UPDATE reply_suggestions SET edited_text = $3 WHERE team_id = $1 AND id = $2")
            .bind(self.outreach.team.id.uuid())
            .bind(suggestion.uuid())
            .bind(text)
            .execute(self.outreach.app.admin.pool())
            .await?;
        let text_hash = hex::encode(Sha256::digest(text.as_bytes()));
        let what = EditReply { by: self.outreach.approver.user, suggestion, text_hash };
        order!(self, of, edit_reply, what)
    }

    /// Rejects a suggestion.
    ///
    /// # Errors
    /// As [`Correspondence::approve`].
    pub async fn reject(&self, of: ConversationId, suggestion: SuggestionId) -> Result<DecideOutput> {
        let what = OfSuggestion { by: self.outreach.approver.user, suggestion };
        order!(self, of, reject_reply, what)
    }

    /// Takes a conversation over.
    ///
    /// # Errors
    /// As [`Correspondence::approve`].
    pub async fn take_over(&self, of: ConversationId) -> Result<DecideOutput> {
        let by = By { by: self.outreach.approver.user };
        order!(self, of, take_over, by)
    }

    /// Releases a conversation.
    ///
    /// # Errors
    /// As [`Correspondence::approve`].
    pub async fn release(&self, of: ConversationId) -> Result<DecideOutput> {
        let by = By { by: self.outreach.approver.user };
        order!(self, of, release, by)
    }

    /// Closes a conversation.
    ///
    /// # Errors
    /// As [`Correspondence::approve`].
    pub async fn close(&self, of: ConversationId) -> Result<DecideOutput> {
        let what = CloseConversation {
            by: self.outreach.approver.user,
            disposition: domain::reply::Disposition::Lost,
            reason: domain::reply::CloseReason::NotInterested,
        };
        order!(self, of, close, what)
    }
}
