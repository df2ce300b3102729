//! The worker itself.

use std::time::Duration;

use activities::Resources;
use activities::campaign::CampaignActivities;
use activities::conversation::ConversationActivities;
use activities::deliverable::DeliverableActivities;
use activities::enrich::EnrichmentActivities;
use activities::pull::PullActivities;
use activities::upload::UploadActivities;
use activities::upload_undo::UploadUndoActivities;
use futures::future::try_join_all;
use temporalio_client::Client;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::runtime::{PollerBehavior, RuntimeOptions};
use temporalio_sdk::{Runtime, WorkerOptions};
use tokio_util::sync::CancellationToken;
use workflows::campaign::CampaignWorkflow;
use workflows::conversation::{ConversationWorkflow, Pace};
use workflows::deliverable::DeliverableWorkflow;
use workflows::enrichment::EnrichmentWorkflow;
use workflows::pull::PullWorkflow;
use workflows::task_queue::{inbound, lookups, sends};
use workflows::upload::UploadWorkflow;
use workflows::upload_undo::UploadUndoWorkflow;

use crate::connect::{connect_temporal, resources};
use crate::search_attributes::ensure_search_attributes;
use crate::{Config, WorkerError};

/// How long activities may go on after the worker was told to stop, before they are cancelled.
const GRACE: Duration = Duration::from_secs(10);

/// The longest time between two heartbeats that are really sent. Temporal tells an activity that it is cancelled in
/// its answer to a heartbeat, so this is how soon a person's "cancel" is heard.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);

/// How many workflows and their tasks are held at once.
const WORKFLOWS: usize = 100;

/// How many pages are asked of one vendor at once. The vendor's permits hold for all of them together.
const LOOKUPS: usize = 4;

/// How many campaigns send through one vendor at once.
const SENDS: usize = 16;

/// How many steps of conversations are done at once.
const REPLIES: usize = 16;

/// Runs a worker as `config` says until `shutdown` is cancelled. Waits for services that are not there yet.
///
/// The future cannot be sent to another thread: see [`crate::Thread`].
///
/// # Errors
/// [`WorkerError`], for what waiting does not cure.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), WorkerError> {
    let start = async {
        let resources = resources(&config).await?;
        let client = connect_temporal(
            &config.temporal_address,
            &config.temporal_namespace,
            config.payload_keys.clone(),
        )
        .await?;
        ensure_search_attributes(&client).await?;
        Ok::<_, WorkerError>((resources, client))
    };
    let (resources, client) = tokio::select! {
        biased;
        () = shutdown.cancelled() => return Ok(()),
        parts = start => parts?,
    };
    let db = resources.db.clone();
    let done = run_with(
        Worker {
            resources,
            client,
            task_queue: config.task_queue,
            activities: config.activities,
            conversation_pace: config.conversation_pace,
        },
        shutdown,
    )
    .await;
    db.close().await;
    done
}

/// What a worker is made of.
#[derive(Debug)]
pub struct Worker {
    /// What its activities work with.
    pub resources: Resources,
    /// Temporal, with a data converter that encrypts ([`connect_temporal`]).
    pub client: Client,
    /// The queue to poll.
    pub task_queue: String,
    /// How many activities run at once.
    pub activities: u32,
    /// How long things take in conversations that begin here.
    pub conversation_pace: Pace,
}

/// Runs a worker made of parts until `shutdown` is cancelled.
///
/// # Errors
/// [`WorkerError::SetUp`], [`WorkerError::Broke`].
pub async fn run_with(worker: Worker, shutdown: CancellationToken) -> Result<(), WorkerError> {
    let Worker { resources, client, task_queue, activities, conversation_pace } = worker;
    let runtime = Runtime::from_current_tokio(RuntimeOptions::default())
        .map_err(|error| WorkerError::SetUp(error.into()))?;
    let options = WorkerOptions::new(&task_queue)
        .tuner(tuner(usize::try_from(activities).unwrap_or(usize::MAX)))
        .graceful_shutdown_period(GRACE)
        .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .register_activities(UploadActivities::new(resources.clone()))
        .register_activities(UploadUndoActivities::new(resources.clone()))
        .register_activities(EnrichmentActivities::new(resources.clone()))
        .register_activities(PullActivities::new(resources.clone()))
        .register_activities(CampaignActivities::new(resources.clone()))
        .register_workflow::<UploadWorkflow>()
        .map_err(|error| WorkerError::SetUp(error.into()))?
        .register_workflow::<UploadUndoWorkflow>()
        .map_err(|error| WorkerError::SetUp(error.into()))?
        .register_workflow::<EnrichmentWorkflow>()
        .map_err(|error| WorkerError::SetUp(error.into()))?
        .register_workflow::<PullWorkflow>()
        .map_err(|error| WorkerError::SetUp(error.into()))?
        .register_workflow::<CampaignWorkflow>()
        .map_err(|error| WorkerError::SetUp(error.into()))?
        .build();
    let mut polling = vec![polling(&runtime, &client, options)?];
    // A queue for each vendor: one that is slow or left alone holds up nobody but its own.
    for vendor in resources.vendors.names() {
        let options = WorkerOptions::new(lookups(&task_queue, vendor))
            .tuner(tuner(LOOKUPS))
            .graceful_shutdown_period(GRACE)
            .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
            .activity_task_poller_behavior(PollerBehavior::SimpleMaximum(1))
            .register_activities(EnrichmentActivities::new(resources.clone()))
            .register_activities(PullActivities::new(resources.clone()))
            .build();
        polling.push(self::polling(&runtime, &client, options)?);
    }
    // And one for each vendor that carries texts, for the mail server, and for people who call.
    let mail = resources.mail.has_server().then_some("smtp");
    for texter in resources.texters.names().chain(mail).chain(["person"]) {
        let options = WorkerOptions::new(sends(&task_queue, texter))
            .tuner(tuner(SENDS))
            .graceful_shutdown_period(GRACE)
            .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
            .activity_task_poller_behavior(PollerBehavior::SimpleMaximum(1))
            .register_activities(CampaignActivities::new(resources.clone()))
            .build();
        polling.push(self::polling(&runtime, &client, options)?);
    }

    // Answers do not wait behind lists.
    let options = WorkerOptions::new(inbound(&task_queue))
        .tuner(tuner(REPLIES))
        .graceful_shutdown_period(GRACE)
        .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .register_activities(ConversationActivities::new(resources.clone()))
        .register_activities(DeliverableActivities::new(resources.clone()))
        .register_workflow::<ConversationWorkflow>()
        .map_err(|error| WorkerError::SetUp(error.into()))?
        .register_workflow::<DeliverableWorkflow>()
        .map_err(|error| WorkerError::SetUp(error.into()))?
        .build();
    polling.push(self::polling(&runtime, &client, options)?);

    let stops: Vec<_> = polling.iter().map(temporalio_sdk::Worker::shutdown_handle).collect();
    let told = shutdown.clone();
    let stopper = tokio::spawn(async move {
        told.cancelled().await;
        tracing::info!(grace_s = GRACE.as_secs(), "the worker takes no more work and finishes what it has");
        stops.iter().for_each(|stop| stop());
    });
    tracing::info!(queue = %task_queue, activities, "the worker polls");
    // Sweeps and the relay end with the worker, however it ends.
    let done = tokio::select! {
        done = try_join_all(polling.iter_mut().map(temporalio_sdk::Worker::run)) => done.map(drop),
        () = activities::relay::run(resources.clone(), client.clone(), task_queue.clone(), conversation_pace) => Ok(()),
        () = activities::sweeps::run(resources.clone(), client, task_queue) => Ok(()),
        () = activities::sending::tests_to_own::run(resources.clone()) => Ok(()),
        () = activities::sending::numbers::run(resources.clone()) => Ok(()),
        // Beside them: an endpoint that does not answer holds up nobody.
        () = activities::relay::endpoint::run(resources) => Ok(()),
    };
    stopper.abort();
    done.map_err(|error| WorkerError::Broke(error.into()))
}

fn polling(
    runtime: &Runtime,
    client: &Client,
    options: WorkerOptions,
) -> Result<temporalio_sdk::Worker, WorkerError> {
    temporalio_sdk::Worker::new(runtime, client.clone(), options)
        .map_err(|error| WorkerError::SetUp(error.into()))
}

fn tuner(activities: usize) -> TunerHolder {
    let slots = |number| FixedSizeSlotSupplier::new(number);
    TunerHolder::builder()
        .workflow_task_slot_supplier(slots(WORKFLOWS))
        .activity_task_slot_supplier(slots(activities))
        .local_activity_task_slot_supplier(slots(WORKFLOWS))
        .nexus_task_slot_supplier(slots(1))
        .build()
}
