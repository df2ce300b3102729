//! What people decide, as the API has it decided: by updates of the conversation's workflow.

use anyhow::Result;
use domain::id::{ConversationId, SuggestionId, TypedId};
use sha2::{Digest, Sha256};
use workflows::conversation::{
    By, CloseConversation, ConversationWorkflow, DecideOutput, EditReply, OfSuggestion,
};

use super::Correspondence;

impl Correspondence {
    /// Approves a suggestion; answers what the workflow says.
    ///
    /// # Errors
    /// Where the workflow's validator refuses, or it does not answer.
    pub async fn approve(&self, of: ConversationId, suggestion: SuggestionId) -> Result<DecideOutput> {
        let what = OfSuggestion { by: self.outreach.approver.user, suggestion };
        Ok(self
            .handle(of)
            .execute_update(ConversationWorkflow::approve_reply, what, Default::default())
            .await?)
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
        Ok(self.handle(of).execute_update(ConversationWorkflow::edit_reply, what, Default::default()).await?)
    }

    /// Rejects a suggestion.
    ///
    /// # Errors
    /// As [`Correspondence::approve`].
    pub async fn reject(&self, of: ConversationId, suggestion: SuggestionId) -> Result<DecideOutput> {
        let what = OfSuggestion { by: self.outreach.approver.user, suggestion };
        Ok(self
            .handle(of)
            .execute_update(ConversationWorkflow::reject_reply, what, Default::default())
            .await?)
    }

    /// Takes a conversation over.
    ///
    /// # Errors
    /// As [`Correspondence::approve`].
    pub async fn take_over(&self, of: ConversationId) -> Result<DecideOutput> {
        let by = By { by: self.outreach.approver.user };
        Ok(self.handle(of).execute_update(ConversationWorkflow::take_over, by, Default::default()).await?)
    }

    /// Releases a conversation.
    ///
    /// # Errors
    /// As [`Correspondence::approve`].
    pub async fn release(&self, of: ConversationId) -> Result<DecideOutput> {
        let by = By { by: self.outreach.approver.user };
        Ok(self.handle(of).execute_update(ConversationWorkflow::release, by, Default::default()).await?)
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
        Ok(self.handle(of).execute_update(ConversationWorkflow::close, what, Default::default()).await?)
    }
}
