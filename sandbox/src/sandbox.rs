//! Starting and stopping the world.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::control;
use crate::deliveries::Deliveries;
use crate::error::SandboxError;
use crate::faults::{FaultBook, Script, ScriptError, ScriptState};
use crate::front::{Door, Front, Line, Storefront};
use crate::ledger::{Ledger, LedgerReport};
use crate::settings::Settings;
use crate::vendor::Vendor;
use crate::vendors;
use crate::world::World;

/// The outside world while it runs. It stops when this is dropped, and at once: requests that hang are cut.
pub struct Sandbox {
    works: Arc<Works>,
    control_url: String,
    closing: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

/// What the servers share.
pub(crate) struct Works {
    pub(crate) urls: BTreeMap<Vendor, String>,
    pub(crate) world: Arc<World>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) faults: Arc<FaultBook>,
    deliveries: Arc<Deliveries>,
    stores: BTreeMap<Vendor, Arc<dyn Storefront>>,
}

impl Sandbox {
    /// Starts a server for each vendor, and the control server, on 127.0.0.1.
    ///
    /// # Errors
    /// [`SandboxError`]: a port is taken.
    pub async fn start(settings: Settings) -> Result<Self, SandboxError> {
        let (closing, closed) = watch::channel(false);
        let world = Arc::new(World::of(&settings));
        let ledger = Arc::new(Ledger::of(&settings));
        let faults = Arc::new(FaultBook::new(settings.seed));
        let deliveries =
            Arc::new(Deliveries::new(ledger.clone(), closed.clone()).map_err(SandboxError::Client)?);

        let mut ports = Ports::of(&settings)?;
        let (control_listener, control_url) = ports.next("control").await?;
        let (mut listeners, mut urls, mut stores) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for vendor in Vendor::ALL {
            let (listener, url) = ports.next(vendor.name()).await?;
            urls.insert(vendor, url);
            stores.insert(vendor, vendors::open(vendor, &settings, world.clone()));
            listeners.push((vendor, listener));
        }

        let works = Arc::new(Works { urls, world, ledger, faults, deliveries, stores });
        let mut servers = vec![serve(control_listener, control::router(works.clone()), closed.clone())];
        for (vendor, listener) in listeners {
            let front = Front {
                store: works.stores[&vendor].clone(),
                latency: settings.vendor(vendor).latency,
                faults: works.faults.clone(),
                ledger: works.ledger.clone(),
                deliveries: works.deliveries.clone(),
                closing: closed.clone(),
            };
            servers.push(serve(listener, front.router(), closed.clone()));
        }
        Ok(Self { works, control_url, closing, servers })
    }

    /// Where each vendor is, without a slash at the end.
    pub fn urls(&self) -> &BTreeMap<Vendor, String> {
        &self.works.urls
    }

    /// Where one vendor is.
    pub fn url(&self, vendor: Vendor) -> &str {
        &self.works.urls[&vendor]
    }

    /// Where the control server is.
    pub fn control_url(&self) -> &str {
        &self.control_url
    }

    /// The world behind the vendors: who is known to whom, and what is true.
    pub fn world(&self) -> &World {
        &self.works.world
    }

    /// Puts a script in force, as `POST /faults` does.
    ///
    /// # Errors
    /// [`ScriptError`]: the script makes no sense.
    pub fn script(&self, script: Script) -> Result<(), ScriptError> {
        self.works.script(vec![script]).map(drop)
    }

    /// The scripts, and how often each happened.
    pub fn faults(&self) -> Vec<ScriptState> {
        self.works.faults.list()
    }

    /// Takes all scripts back.
    pub fn clear_faults(&self) {
        self.works.faults.clear();
    }

    /// The books as they stand.
    pub fn ledger(&self) -> LedgerReport {
        self.works.ledger.report()
    }

    /// Forgets calls, bill, limits, faults and webhooks to come, as `POST /reset` does. People stay who they are.
    pub fn reset(&self) {
        self.works.reset();
    }

    /// Puts new records on top of every property list.
    pub fn publish(&self, records: u64) {
        self.works.publish(records);
    }

    /// Stops, and waits until no server is left.
    pub async fn stop(mut self) {
        self.closing.send_replace(true);
        for server in std::mem::take(&mut self.servers) {
            if let Err(error) = server.await {
                tracing::warn!(%error, "a server of the sandbox ended badly");
            }
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.closing.send_replace(true);
    }
}

impl Works {
    pub(crate) fn script(&self, scripts: Vec<Script>) -> Result<Vec<u64>, ScriptError> {
        self.faults.add(scripts, |vendor, fault| self.stores[&vendor].suffers(fault))
    }

    pub(crate) fn reset(&self) {
        self.faults.clear();
        self.deliveries.forget();
        self.ledger.forget();
        self.stores.values().for_each(|store| store.forget());
    }

    pub(crate) fn publish(&self, records: u64) {
        self.stores.values().for_each(|store| store.publish(records));
    }
}

/// The ports still to be given out.
struct Ports {
    next: Option<u16>,
}

impl Ports {
    fn of(settings: &Settings) -> Result<Self, SandboxError> {
        let servers = Vendor::ALL.len() as u16 + 1;
        if let Some(base) = settings.port_base.filter(|base| base.checked_add(servers - 1).is_none()) {
            return Err(SandboxError::PortBase { base, servers });
        }
        Ok(Self { next: settings.port_base })
    }

    async fn next(&mut self, whom: &'static str) -> Result<(TcpListener, String), SandboxError> {
        let port = self.next.unwrap_or(0);
        self.next = self.next.map(|port| port.wrapping_add(1));
        let failed = |source| SandboxError::Bind { whom, port, source };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok((listener, format!("http://{address}")))
    }
}

fn serve(listener: TcpListener, router: Router, mut closed: watch::Receiver<bool>) -> JoinHandle<()> {
    let service = router.into_make_service_with_connect_info::<Line>();
    tokio::spawn(async move {
        let until = async move {
            let _ = closed.wait_for(|closed| *closed).await;
        };
        if let Err(error) = axum::serve(Door(listener), service).with_graceful_shutdown(until).await {
            tracing::warn!(%error, "a server of the sandbox ended");
        }
    })
}
