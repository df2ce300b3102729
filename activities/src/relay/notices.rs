//! Telling notices: to Temporal what its workflows wait for. What a team's own programs are told goes another way, so that
//! nobody's endpoint holds up a conversation.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::FailureCode;
use domain::id::{ConversationId, DeliverableId, TeamId};
use entities::alert::{self, NewAlert};
use entities::conversation::REPLY_RECEIVED;
use entities::outbox::{self, Notice, Which};
use entities::{BulkTransaction, reply};
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::json;
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{Client, WorkflowIdReusePolicy, WorkflowStartOptions};
use temporalio_common::search_attributes::SearchAttributes;
use uuid::Uuid;
use workflows::conversation::{
    ConversationInput, ConversationRef, ConversationWorkflow, Pace, ReplyReceived, Standing,
};
use workflows::deliverable::{DeliverableInput, DeliverableRef, DeliverableWorkflow};
use workflows::{search_attributes, task_queue as queues};

use super::attend::{ATTENDED, Attended};
use crate::conversation::told;
use crate::{Fault, Resources};

/// Notices of one team that are told at once.
const AT_ONCE: i64 = 50;
/// Calls to Temporal at once. Few: a conversation may begin a moment later, while what comes in, and is seen to, may not wait for
/// the machine.
const CALLS: usize = 4;
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
        let queue = queues::inbound(task_queue);
        let teller = Teller { client, queue, team, pace, standings: BTreeMap::new() };
        told += teller.tell_all(resources).await.unwrap_or_else(|fault| left(team, &fault));
    }
    Ok(told)
}

/// What is wrong with one team's notices keeps no other team's from being told: they are left for later, and none was done.
pub(super) fn left(team: TeamId, fault: &Fault) -> u64 {
    tracing::warn!(%team, code = %fault.code(), message = fault.message(), "the notices of a team are left for later");
    0
}

/// How the conversations stand of which is to be told: one question for all.
async fn standings(
    tx: &mut BulkTransaction,
    notices: &[Notice],
) -> Result<BTreeMap<ConversationId, Standing>, Fault> {
    let told_of = notices.iter().filter(|notice| notice.kind == ATTENDED);
    let conversations: Vec<ConversationId> =
        told_of.filter_map(|notice| Some(read::<Attended>(notice).ok()?.conversation)).collect();
    let standings = reply::standings(tx, &conversations).await?;
    Ok(standings.into_iter().map(|(conversation, standing)| (conversation, told(&standing))).collect())
}

/// Notes what was told, and when the rest is tried again.
pub(super) async fn write_down(
    resources: &Resources,
    team: TeamId,
    outcomes: &[(Notice, Result<(), Fault>)],
) -> Result<u64, Fault> {
    if outcomes.is_empty() {
        return Ok(0);
    }
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
    standings: BTreeMap<ConversationId, Standing>,
}

impl Teller<'_> {
    async fn tell_all(mut self, resources: &Resources) -> Result<u64, Fault> {
        let mut tx = resources.db.team_bulk(self.team).await?;
        let notices = outbox::take(&mut tx, Which::AllBut(REPLY_RECEIVED), AT_ONCE, LEASE).await?;
        self.standings = standings(&mut tx, &notices).await?;
        tx.commit().await?;
        let teller = &self;
        let outcomes: Vec<(Notice, Result<(), Fault>)> = stream::iter(notices)
            .map(|notice| async move {
                let done = teller.tell(&notice).await;
                (notice, done)
            })
            .buffer_unordered(CALLS)
            .collect()
            .await;
        write_down(resources, self.team, &outcomes).await
    }

    async fn tell(&self, notice: &Notice) -> Result<(), Fault> {
        let told = async {
            match notice.kind.as_str() {
                ATTENDED => self.attended(read(notice)?).await,
                reply::DELIVERABLE_NOTICE => self.deliverable(read(notice)?).await,
                // Told to those who asked for it when it was written.
                _ => Ok(()),
            }
        };
        tokio::time::timeout(CALL_TIMEOUT, told)
            .await
            .unwrap_or_else(|late| Err(Fault::transient(FailureCode::SystemUnavailable, late)))
    }

    /// The conversation's workflow is started where none runs, and told in either case. It begins with how the conversation
    /// stands, so that it need not ask.
    async fn attended(&self, attended: Attended) -> Result<(), Fault> {
        let Attended { conversation, messages } = attended;
        // It went with its team.
        let Some(standing) = self.standings.get(&conversation) else { return Ok(()) };
        let of = ConversationRef { team: self.team, conversation };
        let options =
            WorkflowStartOptions::new(&self.queue, workflows::conversation::workflow_id(conversation))
                .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
                .search_attributes(workflows::conversation::search_attributes(of, Some(standing.state)))
                .static_summary("A conversation, until nobody has said anything for a month".to_owned())
                .build();
        let started = self
            .client
            .signal_with_start_workflow(
                ConversationWorkflow::run,
                ConversationInput::attended(of, self.pace, standing.clone()),
                ConversationWorkflow::reply_received,
                ReplyReceived { messages, standing: standing.clone() },
                options,
            )
            .await;
        started.map(drop).map_err(unavailable)
    }

    /// The deliverable's workflow is started where none runs, and told in either case: what a person wrote while it hands over is
    /// not missed.
    async fn deliverable(&self, promised: Promised) -> Result<(), Fault> {
        let deliverable = DeliverableRef { team: self.team, deliverable: promised.deliverable };
        let id = workflows::deliverable::workflow_id(promised.deliverable);
        let options = WorkflowStartOptions::new(&self.queue, id)
            .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
            .search_attributes(SearchAttributes::new([
                search_attributes::TEAM.value_set(self.team.to_string())
            ]))
            .static_summary("What was promised to an address that somebody left".to_owned())
            .build();
        let input = DeliverableInput { deliverable, pace: workflows::deliverable::Pace::default() };
        let told = self
            .client
            .signal_with_start_workflow(
                DeliverableWorkflow::run,
                input,
                DeliverableWorkflow::written,
                (),
                options,
            )
            .await;
        told.map(drop).map_err(unavailable)
    }
}

fn unavailable(error: WorkflowStartError) -> Fault {
    Fault::transient(FailureCode::SystemUnavailable, error)
}

pub(super) fn read<'a, T: Deserialize<'a>>(notice: &'a Notice) -> Result<T, Fault> {
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
