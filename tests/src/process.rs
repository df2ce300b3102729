//! A worker as a process of its own, to be killed.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::TestApp;
use crate::services::PAYLOAD_KEYS;

/// The real worker in a process of its own. It ends with this process, or when it is dropped.
#[derive(Debug)]
pub struct WorkerProcess {
    child: Child,
}

impl WorkerProcess {
    /// Starts `program`, which is `env!("CARGO_BIN_EXE_test-worker")`, on the queue of `app`.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn spawn(program: &str, app: &TestApp) -> Result<Self> {
        let config = &app.worker_config;
        let store = &config.object_store;
        let child = Command::new(program)
            .env("DATABASE_URL", app.database_url())
            .env("TEMPORAL_ADDRESS", &config.temporal_address)
            .env("S3_ENDPOINT", store.endpoint.as_deref().unwrap_or_default())
            .env("S3_REGION", &store.region)
            .env("S3_BUCKET", &store.bucket)
            .env("S3_ACCESS_KEY", &store.access_key)
            .env("S3_SECRET_KEY", store.secret_key.expose())
            .env("REFINERY_PAYLOAD_KEYS", PAYLOAD_KEYS)
            .env("REFINERY_TASK_QUEUE", &config.task_queue)
            .envs(crate::vendors::variables(config))
            .envs(crate::vendors::texts(config))
            .envs(crate::letters::variables(config))
            .env(
                "REFINERY_CONVERSATION_IDLE_S",
                config.conversation_pace.idle_ms.div_ceil(1_000).max(1).to_string(),
            )
            // It ends when this pipe does: see its source.
            .stdin(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        Ok(Self { child })
    }

    /// The most memory it has had at once so far, in KiB, as Linux counts it.
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn peak_rss_kb(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        line.trim().trim_end_matches(" kB").parse().context("VmHWM is no number")
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// Where it cannot be signalled or waited for.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // Where it has ended already there is nothing to be done.
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}
