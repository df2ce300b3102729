//! Letters: e-mails that belong to no campaign. What was promised to an address that somebody left, and what a follow-up writes.
//!
//! A row is one message: planned by a person or a rule, called by one worker at a time, and written down. What is owed and the
//! conversation are told in the transaction that writes it down, so that neither says anything else than the letter.

mod call;
mod settle;

pub use call::{Found, Letter, Stage, Stopped, Under, call, find, hold, of_deliverable, open, stopped};
pub use settle::{lose, settle, withhold};

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, DeliverableId, FollowUpId, LeadId, LetterId, SenderId, TypedId, UserId};
use std::fmt;

use crate::{BulkTransaction, Result, fresh_id};

/// What a letter is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// It was promised.
    Deliverable(DeliverableId),
    /// Silence asked for it.
    FollowUp(FollowUpId),
}

/// A letter to be planned.
#[derive(Clone, Copy)]
pub struct NewLetter<'a> {
    /// In which conversation.
    pub conversation: ConversationId,
    /// To whom.
    pub lead: Option<LeadId>,
    /// What for.
    pub what_for: For,
    /// From whom; `None`: the team's oldest active sender of e-mail.
    pub sender: Option<SenderId>,
    /// Where it goes: an address in lower case.
    pub to: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// What it says, without what stands below every e-mail.
    pub body: &'a str,
    /// Who wants it; `None`: the system.
    pub by: Option<UserId>,
}

impl fmt::Debug for NewLetter<'_> {
    /// Without address and words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewLetter").field("what_for", &self.what_for).finish_non_exhaustive()
    }
}

/// Plans a letter. `None`: what it is for has one that is under way or may have gone; a follow-up has had its own.
///
/// # Errors
/// [`crate::DbError::Conflict`] where there is no such conversation, deliverable or follow-up.
pub async fn plan(
    tx: &mut BulkTransaction,
    new: NewLetter<'_>,
    now: DateTime<Utc>,
) -> Result<Option<LetterId>> {
    let id: LetterId = fresh_id();
    let (deliverable, follow_up) = match new.what_for {
        For::Deliverable(id) => (Some(id.uuid()), None),
        For::FollowUp(id) => (None, Some(id.uuid())),
    };
    let query = sqlx::query(
        "INSERT INTO letters (team_id, id, conversation_id, lead_id, deliverable_id, follow_up_id, sender_id, to_value, subject,
                              body, due_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(new.conversation.uuid());
    let query = query.bind(new.lead.map(TypedId::uuid)).bind(deliverable).bind(follow_up);
    let query = query.bind(new.sender.map(TypedId::uuid)).bind(new.to).bind(new.subject).bind(new.body);
    let planned = tx.run(query.bind(now).bind(new.by.map(TypedId::uuid))).await?;
    Ok((planned > 0).then_some(id))
}
