//! A worker on a thread of its own.

use std::thread::JoinHandle;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::{Config, WorkerError, run};

/// The stack of a thread that runs activities, in bytes, of which only what is used takes memory. Where nothing is optimised, futures
/// are copied from frame to frame, and a large list overflowed the two megabytes that threads have by default.
pub const STACK_BYTES: usize = 16 << 20;

/// A worker that runs beside other things. The SDK's worker cannot move between threads, so it gets a thread and a
/// runtime of its own; its connections live there too.
///
/// Dropped, it tells the worker to stop and does not wait.
#[derive(Debug)]
pub struct Thread {
    shutdown: CancellationToken,
    ended: oneshot::Receiver<Result<(), WorkerError>>,
    handle: Option<JoinHandle<()>>,
}

impl Thread {
    /// Starts a worker as `config` says.
    ///
    /// # Errors
    /// [`WorkerError::Thread`] where no thread or runtime can be made.
    pub fn start(config: Config) -> Result<Self, WorkerError> {
        let shutdown = CancellationToken::new();
        let told = shutdown.clone();
        let (tell_ended, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("worker-activity")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map_err(|error| WorkerError::Thread(format!("has no runtime: {error}")))?;
        let handle = std::thread::Builder::new()
            .name("refinery-worker".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                // Nobody hears this where the program has ended meanwhile.
                let _ = tell_ended.send(runtime.block_on(run(config, told)));
            })
            .map_err(|error| WorkerError::Thread(format!("cannot be started: {error}")))?;
        Ok(Self { shutdown, ended, handle: Some(handle) })
    }

    /// Waits until the worker ends by itself, which it does only when it breaks off.
    ///
    /// # Errors
    /// What it broke off with.
    pub async fn ended(&mut self) -> Result<(), WorkerError> {
        (&mut self.ended).await.unwrap_or_else(|_| Err(WorkerError::Thread("panicked".to_owned())))
    }

    /// Tells the worker to stop, and waits until it has.
    ///
    /// # Errors
    /// What it broke off with.
    pub async fn stop(mut self) -> Result<(), WorkerError> {
        self.shutdown.cancel();
        let ended = self.ended().await;
        if let Some(handle) = self.handle.take() {
            // What it said of its end is known already; this only frees the thread.
            let _ = tokio::task::spawn_blocking(move || handle.join()).await;
        }
        ended
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
