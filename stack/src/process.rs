//! One running service.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::command::tail;
use crate::watchdog::Watchdog;
use crate::{Service, StackError};

/// How much of the end of a log is looked at for its last lines, in bytes.
const LOG_END: u64 = 16 * 1024;
/// A log above this size, in bytes, is started anew (the old one is kept beside it once).
const LOG_LIMIT: u64 = 32 * 1024 * 1024;

/// A service's process, our direct child.
#[derive(Debug)]
pub(crate) struct Process {
    service: Service,
    child: Child,
    ended: Option<ExitStatus>,
    log: PathBuf,
    /// Where in the log this run begins.
    log_start: u64,
}

impl Process {
    /// Starts `command`, made by the watchdog, with its output appended to `log`.
    pub(crate) fn spawn(service: Service, mut command: Command, log: &Path) -> Result<Self, StackError> {
        if fs::metadata(log).is_ok_and(|metadata| metadata.len() > LOG_LIMIT) {
            fs::rename(log, log.with_extension("old.log")).map_err(StackError::file("rename", log))?;
        }
        let file =
            OpenOptions::new().create(true).append(true).open(log).map_err(StackError::file("open", log))?;
        let log_start = file.metadata().map_err(StackError::file("read", log))?.len();
        let stderr = file.try_clone().map_err(StackError::file("open", log))?;
        let child = command
            .stdout(Stdio::from(file))
            .stderr(stderr)
            .spawn()
            .map_err(StackError::run(service.slug()))?;
        Ok(Self { service, child, ended: None, log: log.to_owned(), log_start })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self, watchdog: &Watchdog) -> Result<Option<ExitStatus>, StackError> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().map_err(StackError::run(self.service.slug()))?;
            if self.ended.is_some() {
                watchdog.forget(self.child.id());
            }
        }
        Ok(self.ended)
    }

    /// Sends a signal, unless it has ended (then its id may belong to another process).
    pub(crate) fn signal(&mut self, signal: Signal, watchdog: &Watchdog) -> Result<(), StackError> {
        if self.ended(watchdog)?.is_some() {
            return Ok(());
        }
        let failed = |error: nix::Error| StackError::run(self.service.slug())(error.into());
        let pid = i32::try_from(self.child.id()).map_err(|_| failed(nix::Error::EINVAL))?;
        kill(Pid::from_raw(pid), signal).map_err(failed)
    }

    /// Waits until it has ended, for at most `patience`; `false` when it has not.
    pub(crate) async fn wait(&mut self, patience: Duration, watchdog: &Watchdog) -> Result<bool, StackError> {
        let start = Instant::now();
        while self.ended(watchdog)?.is_none() {
            if start.elapsed() > patience {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(true)
    }

    /// The same without a runtime, for when the stack is dropped.
    pub(crate) fn wait_blocking(
        &mut self,
        patience: Duration,
        watchdog: &Watchdog,
    ) -> Result<bool, StackError> {
        let start = Instant::now();
        while self.ended(watchdog)?.is_none() {
            if start.elapsed() > patience {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(true)
    }

    /// Its log file.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The last lines that this run logged.
    pub(crate) fn log_tail(&self) -> String {
        let read = || {
            let mut file = File::open(&self.log)?;
            let end = file.metadata()?.len();
            file.seek(SeekFrom::Start(end.saturating_sub(LOG_END).max(self.log_start)))?;
            let mut text = Vec::new();
            file.read_to_end(&mut text)?;
            Ok(tail(&String::from_utf8_lossy(&text)))
        };
        read().unwrap_or_else(|error: std::io::Error| format!("(the log cannot be read: {error})"))
    }
}

impl Drop for Process {
    /// Only reached with a running process when a start is given up: ends it, and collects it.
    fn drop(&mut self) {
        if self.ended.is_some() {
            return;
        }
        if self.service == Service::Postgres
            && let Ok(pid) = i32::try_from(self.child.id())
            && kill(Pid::from_raw(pid), Signal::SIGQUIT).is_ok()
        {
            let start = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < Duration::from_secs(3) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            tracing::warn!(%error, service = %self.service, "cannot end a service; the watchdog will");
        }
    }
}
