//! Telling notices: to Temporal what its workflows wait for. What a team's own programs are told goes another way
//!, so that nobody's endpoint holds up a conversation.

use std::time::Duration;

use domain::FailureCode;
use domain::id::{ConversationId, DeliverableId, InboxItemId, TeamId};
use entities::alert::{self, NewAlert};
use entities::outbox::{self, Notice};
use entities::{conversation, reply};
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::json;
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{Client, WorkflowIdReusePolicy, WorkflowStartOptions};
use temporalio_common::search_attributes::SearchAttributes;
use uuid::Uuid;
use workflows::conversation::{
    ConversationInput, ConversationRef, ConversationWorkflow, Pace, ReplyReceived,
};
use workflows::deliverable::{DeliverableInput, DeliverableRef, DeliverableWorkflow};
use workflows::{search_attributes, task_queue as queues};

use crate::{Fault, Resources};

/// Notices of one team that are told at once.
const AT_ONCE: i64 = 200;
/// Calls to Temporal at once.
const CALLS: usize = 16;
/// Teams that are served in one look.
const TEAMS: i32 = 50;
/// How long a notice is left to whoever took it.
const LEASE: Duration = Duration::from_secs(30);
/// How long Temporal may take for one.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait after a failure.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Notices that could not be told for so long are somebody's matter.
const STUCK_AFTER: Duration = Duration::from_secs(5 * 60);

#[derive(Deserialize)]
struct Received {
    conversation: ConversationId,
    item: InboxItemId,
}

#[derive(Deserialize)]
struct Promised {
    deliverable: DeliverableId,
}

/// Tells what is to be told now; answers how many were told.
pub(super) async fn tell(
    resources: &Resources,
    client: &Client,
    task_queue: &str,
    pace: Pace,
) -> Result<u64, Fault> {
    let mut told = 0;
    for team in outbox::teams(&resources.db, TEAMS).await? {
        let mut tx = resources.db.team_bulk(team).await?;
        let notices = outbox::take(&mut tx, AT_ONCE, LEASE).await?;
        tx.commit().await?;
        let teller = Teller { client, queue: queues::inbound(task_queue), team, pace };
        let teller = &teller;
        let outcomes: Vec<(Notice, Result<(), Fault>)> = stream::iter(notices)
            .map(|notice| async move {
                let done = teller.tell(&notice).await;
                (notice, done)
            })
            .buffer_unordered(CALLS)
            .collect()
            .await;
        told += write_down(resources, team, &outcomes).await?;
    }
    Ok(told)
}

/// Notes what was told, and when the rest is tried again.
async fn write_down(
    resources: &Resources,
    team: TeamId,
    outcomes: &[(Notice, Result<(), Fault>)],
) -> Result<u64, Fault> {
    let done: Vec<Uuid> = outcomes.iter().filter(|(_, done)| done.is_ok()).map(|(one, _)| one.id).collect();
    let mut tx = resources.db.team_bulk(team).await?;
    outbox::done(&mut tx, &done).await?;
    for (notice, fault) in outcomes.iter().filter_map(|(one, done)| Some((one, done.as_ref().err()?))) {
        tracing::warn!(
            kind = notice.kind,
            attempts = notice.attempts,
            message = fault.message(),
            "a notice was not told"
        );
        outbox::failed(&mut tx, notice.id, fault.message(), wait(notice.attempts)).await?;
    }
    tx.commit().await?;
    Ok(u64::try_from(done.len()).unwrap_or(u64::MAX))
}

/// Longer after each failure, and never long: Temporal is back sooner or later, and somebody waits for an answer.
fn wait(attempts: i32) -> Duration {
    let doubled = Duration::from_millis(500) * 2u32.saturating_pow(attempts.clamp(0, 10).unsigned_abs());
    doubled.min(LONGEST_WAIT)
}

struct Teller<'a> {
    client: &'a Client,
    queue: String,
    team: TeamId,
    pace: Pace,
}

impl Teller<'_> {
    async fn tell(&self, notice: &Notice) -> Result<(), Fault> {
        let told = async {
            match notice.kind.as_str() {
                conversation::REPLY_RECEIVED => self.reply_received(read(notice)?).await,
                reply::DELIVERABLE_NOTICE => self.deliverable(read(notice)?).await,
                // Told to those who asked for it when it was written.
                _ => Ok(()),
            }
        };
        tokio::time::timeout(CALL_TIMEOUT, told)
            .await
            .unwrap_or_else(|late| Err(Fault::transient(FailureCode::SystemUnavailable, late)))
    }

    /// The conversation's workflow is started where none runs, and told in either case.
    async fn reply_received(&self, received: Received) -> Result<(), Fault> {
        let conversation = ConversationRef { team: self.team, conversation: received.conversation };
        let id = workflows::conversation::workflow_id(received.conversation);
        let options = WorkflowStartOptions::new(&self.queue, id)
            .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
            .search_attributes(self.attributes())
            .static_summary("A conversation, until nobody has said anything for a month".to_owned())
            .build();
        let started = self
            .client
            .signal_with_start_workflow(
                ConversationWorkflow::run,
                ConversationInput::new(conversation, self.pace),
                ConversationWorkflow::reply_received,
                ReplyReceived { item: received.item },
                options,
            )
            .await;
        started.map(drop).map_err(unavailable)
    }

    async fn deliverable(&self, promised: Promised) -> Result<(), Fault> {
        let deliverable = DeliverableRef { team: self.team, deliverable: promised.deliverable };
        let id = workflows::deliverable::workflow_id(promised.deliverable);
        let options = WorkflowStartOptions::new(&self.queue, id)
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .search_attributes(self.attributes())
            .static_summary("What was promised to an address that somebody left".to_owned())
            .build();
        let input = DeliverableInput { deliverable, pace: workflows::deliverable::Pace::default() };
        match self.client.start_workflow(DeliverableWorkflow::run, input, options).await {
            Ok(_) | Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    fn attributes(&self) -> SearchAttributes {
        SearchAttributes::new([search_attributes::TEAM.value_set(self.team.to_string())])
    }
}

fn unavailable(error: WorkflowStartError) -> Fault {
    Fault::transient(FailureCode::SystemUnavailable, error)
}

fn read<'a, T: Deserialize<'a>>(notice: &'a Notice) -> Result<T, Fault> {
    T::deserialize(&notice.payload).map_err(|error| {
        Fault::permanent(FailureCode::SystemInternal, "a notice of the outbox cannot be read").because(error)
    })
}

/// Says, once an hour, whose notices could not be told for minutes; answers how many alerts are new.
pub(super) async fn raise_stuck(resources: &Resources) -> Result<u64, Fault> {
    let mut raised = 0;
    for (team, notices) in outbox::stuck(&resources.db, STUCK_AFTER, TEAMS).await? {
        let hour = chrono::Utc::now().format("%Y-%m-%dT%H");
        let dedup_key = format!("relay.stuck:{hour}");
        let detail = json!({ "notices": notices });
        let alert =
            NewAlert { kind: "relay.stuck", subject: "outbox", detail: &detail, dedup_key: &dedup_key };
        let mut tx = resources.db.team_bulk(team).await?;
        raised += u64::from(alert::raise(&mut tx, alert).await?);
        tx.commit().await?;
    }
    Ok(raised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_again_soon_at_first_and_never_late() {
        assert_eq!(wait(0), Duration::from_millis(500));
        assert_eq!(wait(3), Duration::from_secs(4));
        assert_eq!(wait(i32::MAX), LONGEST_WAIT);
        assert!((0..20).all(|attempts| wait(attempts) <= wait(attempts + 1)));
    }
}
