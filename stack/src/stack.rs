//! The running stack.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex as BlockingMutex;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::home::{Instance, check_room};
use crate::install::Packages;
use crate::managed::{Managed, Plan};
use crate::ports::Ports;
use crate::postgres::Postgres;
use crate::s3::S3;
use crate::secrets::Secrets;
use crate::temporal::Temporal;
use crate::watchdog::Watchdog;
use crate::{Event, S3Settings, Service, StackConfig, StackError};

/// PostgreSQL, Temporal and S3, running and answering.
///
/// [`Stack::stop`] ends them in order. Dropping the stack ends them at once, which is as safe for their data as a crash
/// is. If this process ends without doing either, its watchdog does it. So a stack may be kept in a `static`.
#[derive(Debug)]
pub struct Stack {
    database_url: String,
    temporal_address: String,
    temporal_ui_url: Option<String>,
    s3: S3Settings,
    services: BTreeMap<Service, Mutex<Managed>>,
    // Dropped in this order: the watchdog shares the lock, and is the last to hold it.
    instance: Instance,
    watchdog: Watchdog,
}

impl Stack {
    /// Installs what is missing, starts the services that the configuration does not replace, side by side, and returns
    /// when each of them answers. Data of an earlier start is used again.
    ///
    /// `tell` is called with each step, from this task. Dropping the future ends what it started.
    ///
    /// # Errors
    ///
    /// Any [`StackError`]; each says what to do. Nothing is left running.
    pub async fn start(config: StackConfig, tell: impl FnMut(Event) + Send) -> Result<Self, StackError> {
        let mut tell = tell;
        let external = |service| match service {
            Service::Postgres => config.database_url.is_some(),
            Service::Temporal => config.temporal_address.is_some(),
            Service::S3 => config.s3.is_some(),
        };
        let (theirs, ours): (Vec<_>, Vec<_>) =
            Service::ALL.into_iter().partition(|service| external(*service));
        let instance = Instance::open(&config).await?;
        if !ours.is_empty() {
            check_room(&instance.folder)?;
        }
        let watchdog = Watchdog::start(&instance.lock)?;
        let packages = Packages::install(&instance.home, &ours, &watchdog, &mut tell).await?;
        let secrets = Secrets::load_or_make(&instance.path("secrets.json"))?;
        let ports = Mutex::new(Ports::load(&instance.path("ports.json"), config.profile));

        let tell = BlockingMutex::new(tell);
        // A panic inside `tell` is the caller's, and ends this future too.
        let tell = |event| (tell.lock().unwrap_or_else(std::sync::PoisonError::into_inner))(event);
        for service in theirs {
            tell(Event::External { service });
        }
        let bring_up = |service: Service| {
            let (instance, config, packages, secrets, ports) =
                (&instance, &config, &packages, &secrets, &ports);
            let (watchdog, tell, ours) = (&watchdog, &tell, &ours);
            async move {
                if !ours.contains(&service) {
                    return Ok(None);
                }
                tell(Event::Starting { service });
                let start = Instant::now();
                let plan = prepare(service, instance, config, packages, secrets, ports, watchdog).await?;
                let mut managed = Managed::new(plan, instance.log(service));
                managed.start(ports, watchdog).await?;
                tell(Event::Ready { service, took: start.elapsed() });
                Ok::<_, StackError>(Some((service, Mutex::new(managed))))
            }
        };
        let (postgres, temporal, s3) = tokio::try_join!(
            bring_up(Service::Postgres),
            bring_up(Service::Temporal),
            bring_up(Service::S3)
        )?;
        ports.lock().await.save()?;

        let mut stack = Self {
            database_url: config.database_url.unwrap_or_default(),
            temporal_address: config.temporal_address.unwrap_or_default(),
            temporal_ui_url: None,
            s3: config.s3.unwrap_or_else(|| S3Settings {
                endpoint: String::new(),
                access_key: String::new(),
                secret_key: String::new(),
                region: config.region,
                bucket: config.bucket,
            }),
            services: [postgres, temporal, s3].into_iter().flatten().collect(),
            instance,
            watchdog,
        };
        for managed in stack.services.values_mut() {
            match &managed.get_mut().plan {
                Plan::Postgres(plan) => plan.url().clone_into(&mut stack.database_url),
                Plan::Temporal(plan) => {
                    stack.temporal_address = plan.address();
                    stack.temporal_ui_url = Some(plan.ui_url());
                }
                Plan::S3(plan) => stack.s3 = plan.settings().clone(),
            }
        }
        Ok(stack)
    }

    /// Removes the data, logs and passwords of the instance that `config` names (of all test instances for
    /// [`crate::Profile::Test`] without a name). The packages stay.
    ///
    /// # Errors
    ///
    /// [`StackError::AlreadyRunning`] while it runs; [`StackError::File`] when something cannot be removed.
    pub async fn reset(config: &StackConfig) -> Result<(), StackError> {
        Instance::open_existing(config).await?.into_iter().try_for_each(Instance::remove)
    }

    /// Address of the database, as its owner (a superuser when it is ours). It holds the password.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// `host:port` of Temporal's frontend.
    #[must_use]
    pub fn temporal_address(&self) -> &str {
        &self.temporal_address
    }

    /// Address of Temporal's UI; `None` when Temporal runs elsewhere.
    #[must_use]
    pub fn temporal_ui_url(&self) -> Option<&str> {
        self.temporal_ui_url.as_deref()
    }

    /// How to reach the object store. The bucket exists when the store is ours.
    #[must_use]
    pub const fn s3(&self) -> &S3Settings {
        &self.s3
    }

    /// The folder of this instance's data and logs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.instance.folder
    }

    /// The log of a service.
    #[must_use]
    pub fn log(&self, service: Service) -> PathBuf {
        self.instance.log(service)
    }

    /// Waits until a service ends by itself, and tells which and why. Never returns while all of them run.
    pub async fn died(&self) -> StackError {
        loop {
            for managed in self.services.values() {
                // One that is being restarted is not looked at.
                if let Ok(mut managed) = managed.try_lock()
                    && let Err(error) = managed.check(&self.watchdog)
                {
                    return error;
                }
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Stops everything that was started, side by side, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// [`StackError::Run`] when a process cannot be signalled or waited for; dropping the stack then ends the rest.
    pub async fn stop(self) -> Result<(), StackError> {
        let stack = &self;
        let stop = |service| async move {
            match stack.services.get(&service) {
                Some(managed) => managed.lock().await.stop(&stack.watchdog).await,
                None => Ok(()),
            }
        };
        let _: ((), (), ()) =
            tokio::try_join!(stop(Service::Temporal), stop(Service::S3), stop(Service::Postgres))?;
        Ok(())
    }

    /// For tests of durability: kills a service with `kill -9`, and leaves it down until [`Stack::restart`].
    ///
    /// # Errors
    ///
    /// [`StackError::NotOurs`] for a service that runs elsewhere; [`StackError::Run`] when it cannot be killed.
    pub async fn kill9(&self, service: Service) -> Result<(), StackError> {
        self.managed(service)?.lock().await.kill(&self.watchdog).await
    }

    /// For tests of durability: starts a killed service again, on the same ports and data, and waits until it answers.
    /// A running one is stopped first.
    ///
    /// # Errors
    ///
    /// [`StackError::NotOurs`] for a service that runs elsewhere; those of [`Stack::start`].
    pub async fn restart(&self, service: Service) -> Result<(), StackError> {
        let mut managed = self.managed(service)?.lock().await;
        managed.stop(&self.watchdog).await?;
        managed.resume(&self.watchdog).await
    }

    /// For tests: the process id of a running service.
    ///
    /// # Errors
    ///
    /// [`StackError::NotOurs`] for a service that runs elsewhere.
    pub async fn pid(&self, service: Service) -> Result<Option<u32>, StackError> {
        Ok(self.managed(service)?.lock().await.pid())
    }

    fn managed(&self, service: Service) -> Result<&Mutex<Managed>, StackError> {
        self.services.get(&service).ok_or(StackError::NotOurs { service })
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let log = |result: Result<(), StackError>| {
            if let Err(error) = result {
                tracing::warn!(%error, "cannot end a service of the local stack; its watchdog will");
            }
        };
        for managed in self.services.values_mut() {
            log(managed.get_mut().abort(&self.watchdog));
        }
        for managed in self.services.values_mut() {
            log(managed.get_mut().finish(&self.watchdog));
        }
    }
}

/// Everything a service needs before it can be run.
async fn prepare(
    service: Service,
    instance: &Instance,
    config: &StackConfig,
    packages: &Packages,
    secrets: &Secrets,
    ports: &Mutex<Ports>,
    watchdog: &Watchdog,
) -> Result<Plan, StackError> {
    Ok(match service {
        Service::Postgres => Plan::Postgres(
            Postgres::prepare(instance, config.profile, packages, secrets, ports, watchdog).await?,
        ),
        Service::Temporal => {
            let codec = config.temporal_ui_codec_endpoint.clone();
            let ports = &mut *ports.lock().await;
            Plan::Temporal(Temporal::prepare(instance, config.profile, codec, packages, ports)?)
        }
        Service::S3 => Plan::S3(S3::prepare(instance, config, packages, secrets, &mut *ports.lock().await)?),
    })
}
