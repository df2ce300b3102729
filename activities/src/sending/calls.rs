//! Calls: what a campaign wants said by word of mouth is put into the queue of those who call, once.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{IntentId, LeadId, TeamId};
use entities::call_queue::{self, NewCall, Queued};
use providers::sms::{RefusalAction, SendOutcome};

use crate::Resources;

/// How urgent it is: what people asked for goes first.
const PRIORITY: u8 = 40;

/// A call that a person is to make.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CallToMake {
    /// The row of the ledger, which has one call at the most.
    pub(crate) intent: IntentId,
    /// Whom.
    pub(crate) lead: LeadId,
    /// At which number, E.164.
    pub(crate) phone: String,
    /// What is to be said.
    pub(crate) script: String,
    /// Until when the law and the house let somebody call.
    pub(crate) until: DateTime<Utc>,
}

impl fmt::Debug for CallToMake {
    /// Without number and words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallToMake").field("intent", &self.intent).finish_non_exhaustive()
    }
}

/// Puts a call into the queue. What is not committed never was; of a commit that fails nobody knows, and the queue is asked.
pub(super) async fn put(resources: &Resources, team: TeamId, call: &CallToMake) -> SendOutcome {
    let new = NewCall {
        conversation: None,
        item: None,
        lead: Some(call.lead),
        phone: &call.phone,
        reason: "campaign",
        skill: None,
        priority: PRIORITY,
        due_at: call.until,
    };
    let putting = async {
        let mut tx = resources.db.team_bulk(team).await?;
        let queued = call_queue::enqueue_once(&mut tx, call.intent, &new, &call.script).await?;
        Ok::<_, entities::DbError>((tx, queued))
    };
    let (tx, queued) = match putting.await {
        Ok(put) => put,
        Err(error) => return SendOutcome::NotSent { detail: error.to_string() },
    };
    if let Err(error) = tx.commit().await {
        return SendOutcome::Unknown { why: error.to_string() };
    }
    match queued {
        Queued::Put(_) => accepted(call.intent),
        // Somebody is to call there already, and says what there is to say.
        Queued::CalledAlready => {
            SendOutcome::Refused { code: "already_queued".to_owned(), action: RefusalAction::GiveUp }
        }
    }
}

/// The call is in the queue.
pub(crate) fn accepted(intent: IntentId) -> SendOutcome {
    SendOutcome::Accepted { external_id: intent.to_string(), segments: Some(1), price: None }
}
