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
use crate::mail::{self, AcceptedMail, MailSettings, PostOffice};
use crate::model::{Desk, ModelAsked, ModelSays};
use crate::settings::Settings;
use crate::texts::{
    AcceptedText, InboundText, Network, News, Replier, Sender, TextSettings, Violation, What, ten_digits,
};
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
    pub(crate) network: Arc<Network>,
    pub(crate) post: Arc<PostOffice>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) smtp_url: String,
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

        let network = Arc::new(Network::new(settings.seed, world.clone(), settings.texts.clone()));
        let post = Arc::new(PostOffice::new(settings.seed, settings.mail.clone()));

        let desk = Arc::new(Desk::default());

        let mut ports = Ports::of(&settings)?;
        let (control_listener, control_url) = ports.next("control").await?;
        let (mut listeners, mut urls, mut stores) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for vendor in Vendor::ALL {
            let (listener, url) = ports.next(vendor.name()).await?;
            urls.insert(vendor, url);
            let store = vendors::open(vendor, &settings, world.clone(), network.clone(), desk.clone());
            stores.insert(vendor, store);
            listeners.push((vendor, listener));
        }

        let (mail_listener, mail_url) = ports.next("mail").await?;
        let smtp_url = mail_url.replacen("http", "smtp", 1);

        let works = Works { urls, world, ledger, faults, network, post, desk, smtp_url, deliveries, stores };
        let works = Arc::new(works);
        let mut servers = vec![
            serve(control_listener, control::router(works.clone()), closed.clone()),
            mail::serve(mail_listener, works.post.clone(), closed.clone()),
        ];
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

    /// Where the mail server is: `smtp://127.0.0.1:…`. Any login is good.
    pub fn smtp_url(&self) -> &str {
        &self.works.smtp_url
    }

    /// The texts that were taken, as they stand, in the order in which they were; of one recipient, or all.
    pub fn texts(&self, to: Option<&str>) -> Vec<AcceptedText> {
        self.works.texts(to)
    }

    /// The texts that were written to the caller's numbers up to now.
    pub fn inbound_texts(&self) -> Vec<InboundText> {
        self.works.network.inbound_texts()
    }

    /// The windows that were exceeded. A test that means well asserts that there are none.
    pub fn violations(&self) -> Vec<Violation> {
        self.works.network.violations()
    }

    /// Changes what the telephone network is like, from now on. Windows are counted anew.
    pub fn set_texts(&self, settings: TextSettings) {
        self.works.network.set(settings);
    }

    /// Puts somebody who answers in force, as `POST /texts/repliers` does.
    pub fn answer_texts(&self, replier: Replier) {
        self.works.network.add_repliers(vec![replier]);
    }

    /// Adds a number to send from, as `POST /texts/senders` does. `false` for a number that is none.
    pub fn add_sender(&self, sender: Sender) -> bool {
        self.works.network.add_sender(sender)
    }

    /// Somebody writes to one of the caller's numbers, of their own accord, as `POST /texts/inbound` does: written down, and
    /// posted at once. `None` for numbers that are none.
    pub fn text_in(&self, vendor: Vendor, from: &str, to: &str, body: &str) -> Option<InboundText> {
        self.works.text_in(vendor, from, to, body, false)
    }

    /// The messages the mail server took.
    pub fn mail(&self) -> Vec<AcceptedMail> {
        self.works.post.mail()
    }

    /// What is owed for them, in micro-dollars.
    pub fn mail_owed(&self) -> u64 {
        self.works.post.owed()
    }

    /// Changes what the mail server is like, from now on.
    pub fn set_mail(&self, settings: MailSettings) {
        self.works.post.set(settings);
    }

    /// What the model says from now on, the first that fits, as `PUT /model/answers` does.
    pub fn answer_as_model(&self, answers: Vec<ModelSays>) {
        self.works.desk.set(answers);
    }

    /// What the model was asked, in order.
    pub fn model_asked(&self) -> Vec<ModelAsked> {
        self.works.desk.asked()
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
        self.network.forget();
        self.post.forget();
        self.stores.values().for_each(|store| store.forget());
    }

    pub(crate) fn texts(&self, to: Option<&str>) -> Vec<AcceptedText> {
        match to {
            None => self.network.texts(None),
            Some(to) => ten_digits(to).map_or_else(Vec::new, |to| self.network.texts(Some(&to))),
        }
    }

    pub(crate) fn text_in(
        &self,
        vendor: Vendor,
        from: &str,
        to: &str,
        body: &str,
        twice: bool,
    ) -> Option<InboundText> {
        let (from, to) = (ten_digits(from)?, ten_digits(to)?);
        let text = self.network.inbound(vendor, &from, &to, body);
        let what = What::Inbound(text.clone());
        let news = News { after: chrono::TimeDelta::zero(), twice, overtaken: false, lost: false, what };
        for delivery in self.stores[&vendor].tell(&[news], None) {
            self.deliveries.plan(vendor, delivery);
        }
        Some(text)
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
        // The control server before them and the mail server behind.
        let servers = Vendor::ALL.len() as u16 + 2;
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
