//! One service of the stack: how it is run, its process, and how it is started, killed and stopped.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::sync::Mutex;

use crate::ports::Ports;
use crate::postgres::Postgres;
use crate::process::Process;
use crate::s3::S3;
use crate::temporal::Temporal;
use crate::watchdog::Watchdog;
use crate::{Service, StackError};

/// How long a running service may take to answer. PostgreSQL and SeaweedFS read what a crash left first, which takes as
/// long as it takes; this only ends a wait that would never end.
const START_PATIENCE: Duration = Duration::from_secs(180);
/// How long the processes of a killed PostgreSQL may take to notice.
const LEAVING: Duration = Duration::from_secs(20);
/// How long a service may take to stop before it is killed.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// How many times other ports are tried.
const PORT_ATTEMPTS: u32 = 3;
/// Pause between two looks at a starting service.
const POLL: Duration = Duration::from_millis(25);

/// How a service is run.
#[derive(Debug, Clone)]
pub(crate) enum Plan {
    Postgres(Postgres),
    Temporal(Temporal),
    S3(S3),
}

impl Plan {
    /// Which service it is.
    pub(crate) const fn service(&self) -> Service {
        match self {
            Self::Postgres(_) => Service::Postgres,
            Self::Temporal(_) => Service::Temporal,
            Self::S3(_) => Service::S3,
        }
    }

    fn command(&self, watchdog: &Watchdog) -> Result<Command, StackError> {
        match self {
            Self::Postgres(plan) => plan.command(watchdog),
            Self::Temporal(plan) => plan.command(watchdog),
            Self::S3(plan) => plan.command(watchdog),
        }
    }

    async fn is_ready(&self) -> bool {
        match self {
            Self::Postgres(plan) => plan.is_ready().await,
            Self::Temporal(plan) => plan.is_ready().await,
            Self::S3(plan) => plan.is_ready().await,
        }
    }

    fn move_to(&mut self, ports: &mut Ports) -> Result<(), StackError> {
        match self {
            Self::Postgres(plan) => plan.move_to(ports),
            Self::Temporal(plan) => plan.move_to(ports),
            Self::S3(plan) => plan.move_to(ports),
        }
    }

    /// PostgreSQL's fast shutdown ends its connections, Temporal stops on the usual request. SeaweedFS waits fifteen
    /// seconds for its own parts to hang up and writes nothing more meanwhile: what it answered is in its files already.
    const fn stop_signal(&self) -> Signal {
        match self {
            Self::Postgres(_) => Signal::SIGINT,
            Self::Temporal(_) => Signal::SIGTERM,
            Self::S3(_) => Signal::SIGKILL,
        }
    }

    fn tidy(&self) {
        if let Self::S3(plan) = self {
            plan.tidy();
        }
    }
}

/// A service that this stack runs.
#[derive(Debug)]
pub(crate) struct Managed {
    pub(crate) plan: Plan,
    log: PathBuf,
    process: Option<Process>,
}

impl Managed {
    /// Not started yet; logs go to `log`.
    pub(crate) const fn new(plan: Plan, log: PathBuf) -> Self {
        Self { plan, log, process: None }
    }

    /// Starts it and waits until it answers, on other ports if somebody took one of the first.
    pub(crate) async fn start(
        &mut self,
        ports: &Mutex<Ports>,
        watchdog: &Watchdog,
    ) -> Result<(), StackError> {
        let mut attempt = 1;
        loop {
            match self.resume(watchdog).await {
                Err(error) if error.is_port_taken() && attempt < PORT_ATTEMPTS => {
                    attempt += 1;
                    self.plan.move_to(&mut *ports.lock().await)?;
                }
                other => return other,
            }
        }
    }

    /// Starts it on the ports it had and waits until it answers.
    pub(crate) async fn resume(&mut self, watchdog: &Watchdog) -> Result<(), StackError> {
        let start = Instant::now();
        loop {
            match self.try_start(watchdog).await {
                Err(error) if error.is_predecessor_leaving() && start.elapsed() < LEAVING => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                other => return other,
            }
        }
    }

    async fn try_start(&mut self, watchdog: &Watchdog) -> Result<(), StackError> {
        let service = self.plan.service();
        let start = Instant::now();
        let process = Process::spawn(service, self.plan.command(watchdog)?, &self.log)?;
        let process = self.process.insert(process);
        loop {
            // Asked first: a process that has just ended must not be taken for ready because another one answers.
            let ready = self.plan.is_ready().await;
            if let Some(status) = process.ended(watchdog)? {
                let (log, tail) = (process.log().to_owned(), process.log_tail());
                self.process = None;
                return Err(StackError::DiedAtStart { service, status: status.to_string(), log, tail });
            }
            if ready {
                return Ok(());
            }
            if start.elapsed() > START_PATIENCE {
                let (log, tail) = (process.log().to_owned(), process.log_tail());
                return Err(StackError::NotReady { service, waited: START_PATIENCE, log, tail });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Its process id while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// An error once it has ended by itself.
    pub(crate) fn check(&mut self, watchdog: &Watchdog) -> Result<(), StackError> {
        let Some(process) = &mut self.process else { return Ok(()) };
        let Some(status) = process.ended(watchdog)? else { return Ok(()) };
        Err(StackError::Died {
            service: self.plan.service(),
            status: status.to_string(),
            log: process.log().to_owned(),
            tail: process.log_tail(),
        })
    }

    /// Kills it on the spot.
    pub(crate) async fn kill(&mut self, watchdog: &Watchdog) -> Result<(), StackError> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        process.signal(Signal::SIGKILL, watchdog)?;
        process.wait(STOP_PATIENCE, watchdog).await?;
        self.plan.tidy();
        Ok(())
    }

    /// Asks it to stop, and kills it when it does not.
    pub(crate) async fn stop(&mut self, watchdog: &Watchdog) -> Result<(), StackError> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        process.signal(self.plan.stop_signal(), watchdog)?;
        if !process.wait(STOP_PATIENCE, watchdog).await? {
            process.signal(Signal::SIGKILL, watchdog)?;
            process.wait(STOP_PATIENCE, watchdog).await?;
        }
        self.plan.tidy();
        Ok(())
    }

    /// The first half of ending it in a hurry, without a runtime: PostgreSQL's immediate shutdown ends its own
    /// children, the others are killed. Both are as safe for their data as a crash.
    pub(crate) fn abort(&mut self, watchdog: &Watchdog) -> Result<(), StackError> {
        let signal = match self.plan {
            Plan::Postgres(_) => Signal::SIGQUIT,
            Plan::Temporal(_) | Plan::S3(_) => Signal::SIGKILL,
        };
        self.process.as_mut().map_or(Ok(()), |process| process.signal(signal, watchdog))
    }

    /// The second half: waits for its end.
    pub(crate) fn finish(&mut self, watchdog: &Watchdog) -> Result<(), StackError> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        if !process.wait_blocking(STOP_PATIENCE, watchdog)? {
            process.signal(Signal::SIGKILL, watchdog)?;
            process.wait_blocking(STOP_PATIENCE, watchdog)?;
        }
        self.plan.tidy();
        Ok(())
    }
}
