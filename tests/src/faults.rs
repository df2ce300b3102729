//! Workers whose activities fail the way the world makes them fail.

use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ::workflows::conversation::ConversationWorkflow;
use ::workflows::deliverable::DeliverableWorkflow;
use ::workflows::pull::PullWorkflow;
use ::workflows::task_queue::{inbound, lookups};
use ::workflows::upload::UploadWorkflow;
use ::workflows::upload_undo::UploadUndoWorkflow;
use activities::conversation::ConversationActivities;
use activities::deliverable::DeliverableActivities;
use activities::pull::PullActivities;
use activities::upload::UploadActivities;
use activities::upload_undo::UploadUndoActivities;
use anyhow::Result;
use futures::FutureExt as _;
use futures::future::try_join_all;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use temporalio_sdk::activities::ActivityError;
use temporalio_sdk::interceptors::{
    ActivityInboundInterceptor, ExecuteActivityInput, ExecuteActivityOutput, Next,
};
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::{Runtime, WorkerOptions};
use tokio_util::sync::CancellationToken;

/// What happens to every activity of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// Its first attempt does the work, and the answer is lost: it runs again from the beginning.
    AnswersLost,
    /// Its first attempts are dropped wherever they are, as by a power cut: between two statements, within a
    /// transaction, while it waits for an object. The moments come from the seed.
    DroppedMidway {
        /// Where chance starts.
        seed: u64,
        /// How many attempts are dropped.
        attempts: u32,
        /// The latest moment, in microseconds from the start of the attempt.
        within_us: u64,
    },
}

struct Interceptor {
    mischief: Mischief,
    chance: Mutex<StdRng>,
}

impl Interceptor {
    fn new(mischief: Mischief) -> Self {
        let seed = match mischief {
            Mischief::AnswersLost => 0,
            Mischief::DroppedMidway { seed, .. } => seed,
        };
        Self { mischief, chance: Mutex::new(StdRng::seed_from_u64(seed)) }
    }
}

fn failure(message: &str) -> ActivityError {
    anyhow::Error::msg(message.to_owned()).into()
}

impl ActivityInboundInterceptor for Interceptor {
    fn execute_activity<'a>(
        &'a self,
        input: ExecuteActivityInput,
        next: Next<'a, ExecuteActivityInput, ExecuteActivityOutput<'a>>,
    ) -> ExecuteActivityOutput<'a> {
        let attempt = input.activity_info().attempt;
        match self.mischief {
            Mischief::AnswersLost if attempt == 1 => async move {
                next.run(input).await?;
                Err(failure("the answer is lost on its way"))
            }
            .boxed(),
            Mischief::DroppedMidway { attempts, within_us, .. } if attempt <= attempts => {
                let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
                let moment = Duration::from_micros(chance.random_range(0..within_us));
                async move {
                    tokio::time::timeout(moment, next.run(input))
                        .await
                        .unwrap_or_else(|_| Err(failure("dropped midway")))
                }
                .boxed()
            }
            Mischief::AnswersLost | Mischief::DroppedMidway { .. } => next.run(input),
        }
    }
}

/// A worker with [`Mischief`], on a thread of its own.
#[derive(Debug)]
pub struct FaultyWorker {
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl FaultyWorker {
    /// Starts it. It says so in the log where it breaks off; the test then waits in vain, and fails.
    ///
    /// # Errors
    /// Where it has no thread.
    pub fn start(config: worker::Config, mischief: Mischief) -> Result<Self> {
        let stop = CancellationToken::new();
        let told = stop.clone();
        let thread = std::thread::Builder::new().name("faulty-worker".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let ended = match runtime {
                Ok(runtime) => runtime.block_on(run(config, mischief, told)),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = ended {
                tracing::error!(%error, "the faulty worker broke off");
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for FaultyWorker {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

async fn run(config: worker::Config, mischief: Mischief, told: CancellationToken) -> Result<()> {
    let resources = worker::resources(&config).await?;
    let client = worker::connect_temporal(
        &config.temporal_address,
        &config.temporal_namespace,
        config.payload_keys.clone(),
    )
    .await?;
    let options = WorkerOptions::new(&config.task_queue)
        .register_activities(UploadActivities::new(resources.clone()))
        .register_activities(UploadUndoActivities::new(resources.clone()))
        .register_activities(PullActivities::new(resources.clone()))
        .activity_inbound_interceptor(Interceptor::new(mischief))
        .register_workflow::<UploadWorkflow>()?
        .register_workflow::<UploadUndoWorkflow>()?
        .register_workflow::<PullWorkflow>()?
        .build();
    let replies = WorkerOptions::new(inbound(&config.task_queue))
        .register_activities(ConversationActivities::new(resources.clone()))
        .register_activities(DeliverableActivities::new(resources.clone()))
        .activity_inbound_interceptor(Interceptor::new(mischief))
        .register_workflow::<ConversationWorkflow>()?
        .register_workflow::<DeliverableWorkflow>()?
        .build();
    let mut all = vec![options, replies];
    for vendor in resources.vendors.names() {
        let queue = lookups(&config.task_queue, vendor);
        let options = WorkerOptions::new(queue)
            .register_activities(PullActivities::new(resources.clone()))
            .activity_inbound_interceptor(Interceptor::new(mischief));
        all.push(options.build());
    }
    let runtime = Runtime::from_current_tokio(RuntimeOptions::default())?;
    let polling: Result<Vec<_>> = all
        .into_iter()
        .map(|options| {
            temporalio_sdk::Worker::new(&runtime, client.clone(), options)
                .map_err(|error| anyhow::anyhow!("{error}"))
        })
        .collect();
    let mut polling = polling?;
    let stops: Vec<_> = polling.iter().map(temporalio_sdk::Worker::shutdown_handle).collect();
    let stopper = tokio::spawn(async move {
        told.cancelled().await;
        stops.iter().for_each(|stop| stop());
    });
    let queue = config.task_queue.clone();
    let pace = config.conversation_pace;
    let done = tokio::select! {
        done = try_join_all(polling.iter_mut().map(temporalio_sdk::Worker::run)) => done.map(drop),
        () = activities::relay::run(resources.clone(), client.clone(), queue, pace) => Ok(()),
    };
    stopper.abort();
    resources.db.close().await;
    done?;
    Ok(())
}
