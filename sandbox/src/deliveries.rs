//! Webhooks: what a vendor posts to the caller some time after it answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use crate::ledger::Ledger;
use crate::vendor::Vendor;

/// How often a webhook is tried that nobody takes.
const TRIES: u32 = 3;
/// The pause after the first failed try; the next is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a receiver may think.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one that is to be overtaken waits for another.
const OVERTAKEN_BY: Duration = Duration::from_secs(5);

/// Something to be posted later.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) url: String,
    pub(crate) body: Value,
    pub(crate) after: Duration,
    /// Whether it is posted a second time.
    pub(crate) twice: bool,
    /// Whether it waits for another to overtake it.
    pub(crate) overtaken: bool,
}

/// The post office.
pub(crate) struct Deliveries {
    client: reqwest::Client,
    ledger: Arc<Ledger>,
    closing: watch::Receiver<bool>,
    posted: watch::Sender<u64>,
    /// What was planned under an earlier one is not posted any more.
    era: AtomicU64,
}

impl Deliveries {
    pub(crate) fn new(ledger: Arc<Ledger>, closing: watch::Receiver<bool>) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        Ok(Self { client, ledger, closing, posted: watch::Sender::new(0), era: AtomicU64::new(0) })
    }

    /// Posts it when its time has come, unless everything is forgotten before.
    pub(crate) fn plan(self: &Arc<Self>, vendor: Vendor, delivery: Delivery) {
        let office = self.clone();
        let era = office.era.load(Ordering::Acquire);
        let mut closing = office.closing.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = office.post(vendor, delivery, era) => {}
                _ = closing.wait_for(|closing| *closing) => {}
            }
        });
    }

    /// Forgets what was planned.
    pub(crate) fn forget(&self) {
        self.era.fetch_add(1, Ordering::AcqRel);
    }

    async fn post(&self, vendor: Vendor, delivery: Delivery, era: u64) {
        tokio::time::sleep(delivery.after).await;
        if delivery.overtaken {
            let mut posted = self.posted.subscribe();
            posted.borrow_and_update();
            // Nobody overtook it: it goes anyway.
            let _ = tokio::time::timeout(OVERTAKEN_BY, posted.changed()).await;
        }
        for _ in 0..=u8::from(delivery.twice) {
            if self.era.load(Ordering::Acquire) != era {
                return;
            }
            let received = self.hand_over(&delivery).await;
            self.ledger.deliver(vendor, received);
            self.posted.send_modify(|posted| *posted += 1);
        }
    }

    /// Whether somebody took it, at the last try at the latest.
    async fn hand_over(&self, delivery: &Delivery) -> bool {
        for attempt in 0..TRIES {
            match self.client.post(&delivery.url).json(&delivery.body).send().await {
                Ok(answer) if answer.status().is_success() => return true,
                Ok(answer) => {
                    tracing::debug!(status = answer.status().as_u16(), attempt, "a webhook was refused")
                }
                // The address may be a secret of the receiver's.
                Err(error) => {
                    tracing::debug!(error = %error.without_url(), attempt, "a webhook reached nobody")
                }
            }
            if attempt + 1 < TRIES {
                tokio::time::sleep(PAUSE * 2_u32.pow(attempt)).await;
            }
        }
        false
    }
}
